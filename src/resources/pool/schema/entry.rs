//! An entry of `resources`: nodes of one flavor in one node pool.

use crate::tf::model::{List, Map, Model, Set, Tf};

use super::super::{params, volumes};

/// Nodes of one flavor in one node pool.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Entry {
    /// Flavor of the nodes, such as `modelarts.vm.cpu.8ud`.
    #[tf(required)]
    pub flavor: Tf<String>,
    /// Number of nodes, at least 1; a multiple of `creating_step.step` where
    /// that is set.
    #[tf(required)]
    pub count: Tf<i64>,
    /// Number of nodes that the entry may grow to. Equal to `count` in a
    /// `Dedicate` pool, at least `count` in a `Logical` one.
    #[tf(optional, computed, changes_with = "count")]
    pub max_count: Tf<i64>,
    /// Nodes in each availability zone; the counts add up to `count`. The
    /// service spreads the nodes when this is left out.
    #[tf(optional, computed, changes_with = "count", keyed_by = "az")]
    pub azs: Tf<Set<Az>>,
    /// Name of the node pool that the nodes belong to: 1 to 50 lower-case
    /// letters, digits and hyphens, starting with a letter and not ending with a
    /// hyphen. Entries of one flavor differ by it. Changing it makes new nodes
    /// and removes the old ones.
    #[tf(optional, computed)]
    pub node_pool: Tf<String>,
    /// Further settings, such as `dockerBaseSize` (GiB as text, `0` is
    /// unlimited), `runtime` (`docker`, `containerd`), `postInstall` (Base64
    /// script), and `labelPolicyOnExistingNodes`, `taintPolicyOnExistingNodes`,
    /// `tagPolicyOnExistingNodes` (`refresh`, `ignore`). Only the keys written
    /// here are managed; the service adds others.
    #[tf(optional, found_stays, only_written, same_when = params::mean_the_same)]
    pub extend_params: Tf<Map<String>>,
    /// Image of the nodes. The service chooses one when this is left out.
    #[tf(optional, computed)]
    pub os: Tf<Os>,
    /// Kubernetes labels of the nodes. Labels that others put on stay.
    #[tf(optional, found_stays, only_written)]
    pub labels: Tf<Map<String>>,
    /// Kubernetes taints of the nodes, for privileged pools on most clouds.
    /// Taints that others put on stay.
    #[tf(optional, found_stays, only_written, keyed_by = ("key", "effect"))]
    pub taints: Tf<Set<Taint>>,
    /// Resource tags of the nodes; keys that start with `CCE-` or
    /// `__type_baremetal` are reserved. Tags that others put on stay.
    #[tf(optional, found_stays, only_written)]
    pub tags: Tf<Map<String>>,
    /// Network of the nodes of a privileged pool.
    #[tf(optional, found_stays)]
    pub network: Tf<EntryNetwork>,
    /// System disk of the nodes.
    #[tf(optional, found_stays)]
    pub root_volume: Tf<RootVolume>,
    /// Data disks of the nodes. Every group that they name needs an item in
    /// `volume_group_configs`.
    #[tf(optional, found_stays, only_written, keyed_by = volumes::keys)]
    pub data_volumes: Tf<List<DataVolume>>,
    /// Volume groups on the data disks.
    #[tf(optional, found_stays, only_written, keyed_by = "volume_group")]
    pub volume_group_configs: Tf<Set<VolumeGroupConfig>>,
    /// For flavors whose nodes are made several at a time: part of what tells
    /// entries apart. Changing it makes new nodes and removes the old ones.
    #[tf(optional, found_stays)]
    pub creating_step: Tf<CreatingStep>,
    /// Driver of the nodes of this entry.
    #[tf(optional, found_stays)]
    pub driver: Tf<EntryDriver>,
}

/// Nodes in one zone.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Az {
    /// Name of the availability zone.
    #[tf(required)]
    pub az: Tf<String>,
    /// Number of nodes in the zone, 1 to 2000.
    #[tf(required)]
    pub count: Tf<i64>,
}

/// Image of the nodes.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Os {
    /// Name of the operating system.
    #[tf(optional, computed, changes_with = "image_id", empty_is_null)]
    pub name: Tf<String>,
    /// ID of the image.
    #[tf(optional, computed, changes_with = "name", empty_is_null)]
    pub image_id: Tf<String>,
    /// `private` for an image of your own, empty for a preset one.
    #[tf(optional, computed, changes_with = ("name", "image_id"), empty_is_null)]
    pub image_type: Tf<String>,
}

/// Kubernetes taint.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Taint {
    /// Key.
    #[tf(required)]
    pub key: Tf<String>,
    /// Value.
    #[tf(optional, empty_is_null)]
    pub value: Tf<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    #[tf(required)]
    pub effect: Tf<String>,
}

/// Network of the nodes of a privileged pool.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct EntryNetwork {
    /// ID of the VPC.
    #[tf(optional)]
    pub vpc: Tf<String>,
    /// ID of the subnet.
    #[tf(optional)]
    pub subnet: Tf<String>,
    /// IDs of the security groups.
    #[tf(optional)]
    pub security_groups: Tf<Set<String>>,
}

/// System disk.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct RootVolume {
    /// Kind of disk: `SSD`, `GPSSD` or `SAS`.
    #[tf(required)]
    pub volume_type: Tf<String>,
    /// Size in GiB.
    #[tf(required)]
    pub size: Tf<i64>,
}

/// Data disk.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct DataVolume {
    /// Kind of disk: `SSD`, `GPSSD` or `SAS`.
    #[tf(required)]
    pub volume_type: Tf<String>,
    /// Size in GiB.
    #[tf(required)]
    pub size: Tf<i64>,
    /// Number of such disks on each node. The service assumes 1.
    #[tf(optional, computed)]
    pub count: Tf<i64>,
    /// Further settings; `volumeGroup` names the group in
    /// `volume_group_configs` and is mandatory. Only the keys written here are
    /// managed.
    #[tf(optional, found_stays, only_written)]
    pub extend_params: Tf<Map<String>>,
}

/// Volume group on the data disks.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct VolumeGroupConfig {
    /// Name of the group: `vgpaas` (containers), `default`, `vguser1` and so on,
    /// `vg-everest-localvolume-persistent` or
    /// `vg-everest-localvolume-ephemeral`.
    #[tf(required)]
    pub volume_group: Tf<String>,
    /// Per cent of the disk for containers, 0 to 100. Only for `vgpaas`.
    #[tf(optional)]
    pub docker_thin_pool: Tf<i64>,
    /// LVM settings.
    #[tf(optional)]
    pub lvm_config: Tf<LvmConfig>,
    /// `volume` for data disks, `local` for local disks. The service assumes
    /// `volume` where there are data disks.
    #[tf(optional)]
    pub types: Tf<Set<String>>,
}

/// LVM settings.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct LvmConfig {
    /// `linear` or `striped`.
    #[tf(required)]
    pub lv_type: Tf<String>,
    /// Absolute mount path.
    #[tf(optional)]
    pub path: Tf<String>,
}

/// How many nodes are made together.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct CreatingStep {
    /// Number of nodes that are made together.
    #[tf(required)]
    pub step: Tf<i64>,
    /// `hyperinstance` (supernode) or `rack`.
    #[tf(optional)]
    pub r#type: Tf<String>,
}

/// Driver of the nodes of an entry.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct EntryDriver {
    /// Version of the driver.
    #[tf(optional, computed)]
    pub version: Tf<String>,
    /// When a node gets a new driver: `force` at once, which may break running
    /// jobs, or `idle` when no job runs on it.
    #[tf(optional, never_answered)]
    pub update_strategy: Tf<String>,
}
