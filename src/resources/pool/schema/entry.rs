//! `resources`: the nodes of a pool.

use crate::tf::schema::{
    Attribute, ElementKey,
    Mode::{Optional, OptionalComputed, Required},
};
use crate::tf::ty::Type;

use super::super::identity;

/// Keys by which entries are told apart, tried in this order.
pub const KEYS: &[ElementKey] =
    &[identity::full_key, identity::step_key, identity::place_key, identity::flavor_key];

/// The attribute.
pub fn attribute() -> Attribute {
    let mut members = counts();
    members.extend(settings());
    members.extend(volumes());
    members.extend([creating_step(), driver()]);
    Attribute::list(
        "resources",
        members,
        Required,
        "The nodes of the pool, at least one entry. Entries are told apart by `flavor`, \
         `node_pool` and `creating_step`, never by their position. Changed in place: adding an \
         entry adds nodes, taking one out destroys its nodes. Settings other than the counts act \
         on nodes that are made later; `labels`, `taints` and `tags` also on those that exist.",
    )
    .keyed_by(KEYS)
}

fn counts() -> Vec<Attribute> {
    vec![
        Attribute::string(
            "flavor",
            Required,
            "Flavor of the nodes, such as `modelarts.vm.cpu.8ud`.",
        ),
        Attribute::number(
            "count",
            Required,
            "Number of nodes, at least 1; a multiple of `creating_step.step` where that is set.",
        ),
        Attribute::number(
            "max_count",
            OptionalComputed,
            "Number of nodes that the entry may grow to. Equal to `count` in a `Dedicate` pool, \
             at least `count` in a `Logical` one.",
        )
        .changes_with(&["count"]),
        Attribute::set(
            "azs",
            vec![
                Attribute::string("az", Required, "Name of the availability zone."),
                Attribute::number("count", Required, "Number of nodes in the zone, 1 to 2000."),
            ],
            OptionalComputed,
            "Nodes in each availability zone; the counts add up to `count`. The service spreads \
             the nodes when this is left out.",
        )
        .changes_with(&["count"]),
        Attribute::string(
            "node_pool",
            OptionalComputed,
            "Name of the node pool that the nodes belong to: 1 to 50 lower-case letters, digits \
             and hyphens, starting with a letter and not ending with a hyphen. Entries of one \
             flavor differ by it. Changing it makes new nodes and removes the old ones.",
        ),
    ]
}

fn settings() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "extend_params",
            Type::map(Type::String),
            Optional,
            "Further settings, such as `dockerBaseSize` (GiB as text, `0` is unlimited), `runtime` \
             (`docker`, `containerd`), `postInstall` (Base64 script), and \
             `labelPolicyOnExistingNodes`, `taintPolicyOnExistingNodes`, \
             `tagPolicyOnExistingNodes` (`refresh`, `ignore`). Only the keys written here are \
             managed; the service adds others.",
        ),
        Attribute::single(
            "os",
            vec![
                Attribute::string("name", OptionalComputed, "Name of the operating system.")
                    .changes_with(&["image_id"]),
                Attribute::string("image_id", OptionalComputed, "ID of the image.")
                    .changes_with(&["name"]),
                Attribute::string(
                    "image_type",
                    OptionalComputed,
                    "`private` for an image of your own, empty for a preset one.",
                )
                .changes_with(&["name", "image_id"]),
            ],
            OptionalComputed,
            "Image of the nodes. The service chooses one when this is left out.",
        ),
        Attribute::new(
            "labels",
            Type::map(Type::String),
            Optional,
            "Kubernetes labels of the nodes. Labels that others put on stay.",
        ),
        Attribute::set(
            "taints",
            vec![
                Attribute::string("key", Required, "Key."),
                Attribute::string("value", Optional, "Value."),
                Attribute::string(
                    "effect",
                    Required,
                    "`NoSchedule`, `PreferNoSchedule` or `NoExecute`.",
                ),
            ],
            Optional,
            "Kubernetes taints of the nodes, for privileged pools on most clouds. Taints that \
             others put on stay.",
        ),
        Attribute::new(
            "tags",
            Type::map(Type::String),
            Optional,
            "Resource tags of the nodes; keys that start with `CCE-` or `__type_baremetal` are \
             reserved. Tags that others put on stay.",
        ),
        Attribute::single(
            "network",
            vec![
                Attribute::string("vpc", Optional, "ID of the VPC."),
                Attribute::string("subnet", Optional, "ID of the subnet."),
                Attribute::new(
                    "security_groups",
                    Type::set(Type::String),
                    Optional,
                    "IDs of the security groups.",
                ),
            ],
            OptionalComputed,
            "Network of the nodes of a privileged pool.",
        )
        .null_when_unset(),
    ]
}

fn volumes() -> Vec<Attribute> {
    let volume_type =
        || Attribute::string("volume_type", Required, "Kind of disk: `SSD`, `GPSSD` or `SAS`.");
    let size = || Attribute::number("size", Required, "Size in GiB.");
    vec![
        Attribute::single(
            "root_volume",
            vec![volume_type(), size()],
            OptionalComputed,
            "System disk of the nodes.",
        )
        .null_when_unset(),
        Attribute::list(
            "data_volumes",
            vec![
                volume_type(),
                size(),
                Attribute::number(
                    "count",
                    OptionalComputed,
                    "Number of such disks on each node. The service assumes 1.",
                ),
                Attribute::new(
                    "extend_params",
                    Type::map(Type::String),
                    Optional,
                    "Further settings; `volumeGroup` names the group in `volume_group_configs` \
                     and is mandatory. Only the keys written here are managed.",
                ),
            ],
            OptionalComputed,
            "Data disks of the nodes. Every group that they name needs an item in \
             `volume_group_configs`.",
        )
        .null_when_unset(),
        Attribute::set(
            "volume_group_configs",
            vec![
                Attribute::string(
                    "volume_group",
                    Required,
                    "Name of the group: `vgpaas` (containers), `default`, `vguser1` and so on, \
                     `vg-everest-localvolume-persistent` or `vg-everest-localvolume-ephemeral`.",
                ),
                Attribute::number(
                    "docker_thin_pool",
                    Optional,
                    "Per cent of the disk for containers, 0 to 100. Only for `vgpaas`.",
                ),
                Attribute::single(
                    "lvm_config",
                    vec![
                        Attribute::string("lv_type", Required, "`linear` or `striped`."),
                        Attribute::string("path", Optional, "Absolute mount path."),
                    ],
                    Optional,
                    "LVM settings.",
                ),
                Attribute::new(
                    "types",
                    Type::set(Type::String),
                    Optional,
                    "`volume` for data disks, `local` for local disks. The service assumes \
                     `volume` where there are data disks.",
                ),
            ],
            OptionalComputed,
            "Volume groups on the data disks.",
        )
        .null_when_unset(),
    ]
}

fn creating_step() -> Attribute {
    Attribute::single(
        "creating_step",
        vec![
            Attribute::number("step", Required, "Number of nodes that are made together."),
            Attribute::string("type", Optional, "`hyperinstance` (supernode) or `rack`."),
        ],
        Optional,
        "For flavors whose nodes are made several at a time: part of what tells entries apart. \
         Changing it makes new nodes and removes the old ones.",
    )
}

fn driver() -> Attribute {
    Attribute::single(
        "driver",
        vec![
            Attribute::string("version", OptionalComputed, "Version of the driver."),
            super::update_strategy(),
        ],
        OptionalComputed,
        "Driver of the nodes of this entry.",
    )
    .null_when_unset()
}
