//! Networks, clusters and log-in: what a pool stands on. None of it can be
//! changed once the pool exists.

use crate::tf::schema::{
    Attribute,
    Mode::{Computed, Optional, OptionalComputed, Required},
};
use crate::tf::ty::Type;

use super::super::identity;

/// The attributes, in the order in which they are documented.
pub fn attributes() -> Vec<Attribute> {
    vec![
        network(),
        container_network(),
        Attribute::string(
            "kubernetes_svc_ip_range",
            OptionalComputed,
            "IPv4 block of the Kubernetes services, such as `10.247.0.0/16`. The service chooses \
             one when this is left out. Changing it creates a new pool.",
        )
        .replaces_unless_prior_null(),
        Attribute::string(
            "cluster_flavor",
            OptionalComputed,
            "Size of the management cluster, such as `cce.s2.small`. Changing it creates a new \
             pool.",
        )
        .replaces_unless_prior_null(),
        Attribute::list(
            "masters",
            vec![Attribute::string("az", Required, "Name of the availability zone.")],
            Optional,
            "Availability zones of the control plane. Not for a `Logical` pool. Changing them \
             creates a new pool; their order means nothing.",
        )
        .replaces(),
        Attribute::list(
            "clusters",
            vec![
                Attribute::string("provider_id", Required, "ID of the CCE cluster."),
                Attribute::string("name", Computed, "Name of the cluster."),
            ],
            Optional,
            "CCE clusters of a privileged pool (one with `network.vpc_id`). Changing them creates \
             a new pool; their order means nothing.",
        )
        .keyed_by(&[identity::cluster_key])
        .replaces(),
        Attribute::bool(
            "ipv6_enable",
            OptionalComputed,
            "Whether the pool has IPv6. It cannot be turned off again: changing it creates a new \
             pool.",
        )
        .replaces_unless_prior_null(),
        user_login(),
    ]
}

fn network() -> Attribute {
    let member = |name: &str, description: &str| {
        Attribute::string(name, Optional, &format!("{description} Changing it creates a new pool."))
            .replaces()
    };
    Attribute::single(
        "network",
        vec![
            member(
                "name",
                "ID of the ModelArts network, which is its name, a hyphen and the project ID. Not \
                 together with `vpc_id`.",
            ),
            member(
                "vpc_id",
                "ID of the VPC of a privileged pool, together with `subnet_id`, `clusters` and \
                 `user_login`.",
            ),
            member("subnet_id", "ID of the subnet (network ID) of a privileged pool."),
        ],
        Optional,
        "The network of the nodes: a ModelArts network by `name`, or `vpc_id` and `subnet_id` for \
         a privileged pool. Mandatory for a `Dedicate` pool, not allowed for a `Logical` one. \
         Changing it creates a new pool.",
    )
    .replaces()
}

fn container_network() -> Attribute {
    Attribute::single(
        "container_network",
        vec![
            Attribute::string(
                "cidr",
                OptionalComputed,
                "IPv4 block of the containers, such as `172.16.0.0/16`; recommended are blocks in \
                 `10.0.0.0/12`, `172.16.0.0/16` and `192.168.0.0/16` of at least `/19`. Changing \
                 it creates a new pool.",
            )
            .replaces_unless_prior_null(),
            Attribute::string(
                "mode",
                Computed,
                "Kind of network: `overlay_l2`, `vpc-router` or `eni`.",
            ),
        ],
        OptionalComputed,
        "The network of the containers. The service chooses one when this is left out.",
    )
}

fn user_login() -> Attribute {
    Attribute::single(
        "user_login",
        vec![
            Attribute::string("key_pair_name", Optional, "Name of a key pair."),
            Attribute::string(
                "password",
                Optional,
                "Password of root: salted, encrypted and Base64-encoded. It is stored in the \
                 state; `password_wo` is not.",
            )
            .sensitive(),
            Attribute::string(
                "password_wo",
                Optional,
                "The same, but never stored. Needs Terraform 1.11 or later. Raise \
                 `password_wo_version` to use a new one.",
            )
            .sensitive()
            .write_only(),
            Attribute::new(
                "password_wo_version",
                Type::Number,
                Optional,
                "Any number; changing it is how a new `password_wo` is noticed.",
            ),
        ],
        Optional,
        "How to log in to the nodes of a privileged pool: exactly one of `key_pair_name`, \
         `password` and `password_wo`. The service never returns it. Changing it creates a new \
         pool.",
    )
    .replaces_unless_prior_null()
}
