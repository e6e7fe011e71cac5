//! What a pool stands on: networks, zones, clusters and log-in. None of it can
//! be changed once the pool exists.

use crate::tf::model::{Model, Secret, Tf};

/// The network of the nodes.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Network {
    /// ID of the ModelArts network, which is its name, a hyphen and the project
    /// ID. Not together with `vpc_id`. Changing it creates a new pool.
    #[tf(optional, replaces)]
    pub name: Tf<String>,
    /// ID of the VPC of a privileged pool, together with `subnet_id`, `clusters`
    /// and `user_login`. Changing it creates a new pool.
    #[tf(optional, replaces)]
    pub vpc_id: Tf<String>,
    /// ID of the subnet (network ID) of a privileged pool. Changing it creates a
    /// new pool.
    #[tf(optional, replaces)]
    pub subnet_id: Tf<String>,
}

/// The network of the containers.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ContainerNetwork {
    /// IPv4 block of the containers, such as `172.16.0.0/16`; recommended are
    /// blocks in `10.0.0.0/12`, `172.16.0.0/16` and `192.168.0.0/16` of at least
    /// `/19`. Changing it creates a new pool.
    #[tf(optional, computed, replaces_unless_prior_null)]
    pub cidr: Tf<String>,
    /// Kind of network: `overlay_l2`, `vpc-router` or `eni`.
    #[tf(computed)]
    pub mode: Tf<String>,
}

/// A zone of the control plane.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Master {
    /// Name of the availability zone.
    #[tf(required)]
    pub az: Tf<String>,
}

/// A CCE cluster of a privileged pool.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Cluster {
    /// ID of the CCE cluster.
    #[tf(required)]
    pub provider_id: Tf<String>,
    /// Name of the cluster.
    #[tf(computed)]
    pub name: Tf<String>,
}

/// How to log in to the nodes.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct UserLogin {
    /// Name of a key pair.
    #[tf(optional)]
    pub key_pair_name: Tf<String>,
    /// Password of root: salted, encrypted and Base64-encoded. It is stored in
    /// the state; `password_wo` is not.
    #[tf(optional, sensitive)]
    pub password: Tf<Secret>,
    /// The same, but never stored. Needs Terraform 1.11 or later. Raise
    /// `password_wo_version` to use a new one.
    #[tf(optional, sensitive, write_only)]
    pub password_wo: Tf<Secret>,
    /// Any number; changing it is how a new `password_wo` is noticed.
    #[tf(optional)]
    pub password_wo_version: Tf<i64>,
}
