//! What `modelarts_network` accepts and stores.

use std::time::Duration;

use crate::resources::rules;
use crate::tf::model::{List, Model, Set, Tf};
use crate::tf::value::Value;

/// Time for each operation where `timeouts` says nothing.
pub const DEFAULT_TIMEOUT: &str = "20m";

/// A ModelArts network, which `Dedicate` pools stand on: an address block of its
/// own, with connections to VPCs and to SFS Turbo file systems.
///
/// Creating, connecting and deleting take a while; the provider waits for them,
/// and a run that is interrupted or runs out of time is taken up again by the
/// next apply.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct NetworkModel {
    /// ID of the network, given by the service. Use it for `terraform import`,
    /// and as `network.name` of a pool.
    #[tf(computed, not_null)]
    pub id: Tf<String>,
    /// Display name of the network, unique in the project: 4 to 32 lower-case
    /// letters, digits and hyphens, starting with a letter and not ending with
    /// a hyphen. Changing it creates a new network.
    #[tf(required, replaces)]
    pub name: Tf<String>,
    /// ID of the workspace that the network belongs to. Defaults to the
    /// provider's `workspace_id`, otherwise to the default workspace `0`.
    /// Changing it moves the network in place.
    #[tf(optional, computed, not_null)]
    pub workspace_id: Tf<String>,
    /// Description of the network, without any of `! < > = & " '`. Changed in
    /// place.
    #[tf(optional, found_stays, empty_is_null)]
    pub description: Tf<String>,
    /// IPv4 block of the network: in `10.0.0.0/8`, `172.16.0.0/12` or
    /// `192.168.0.0/16`, and no smaller than a `/24`. It must not overlap with
    /// the VPCs that it is connected to, nor with the blocks that the service
    /// uses for containers (`172.16.0.0/16`) and services (`10.247.0.0/16`).
    /// Changing it creates a new network.
    #[tf(required, replaces)]
    pub cidr: Tf<String>,
    /// Whether the network has IPv6. It is turned on in place; turning it off
    /// creates a new network.
    #[tf(optional, computed, replaces_when = turned_off)]
    pub ipv6_enable: Tf<bool>,
    /// VPCs that the network is connected to. Changed in place.
    #[tf(optional, found_stays, sets_to_work, keyed_by = ("vpc_id", "subnet_id"))]
    pub peer_connections: Tf<Set<PeerConnection>>,
    /// SFS Turbo file systems that the network is connected to. Changed in
    /// place.
    #[tf(optional, found_stays, sets_to_work, keyed_by = "sfs_id")]
    pub sfs_turbo_connections: Tf<Set<SfsTurboConnection>>,
    /// Phase of the network: `Creating`, `Active` or `Abnormal`.
    #[tf(computed)]
    pub phase: Tf<String>,
    /// When the network was created, RFC 3339.
    #[tf(computed)]
    pub creation_timestamp: Tf<String>,
    /// IDs of the subnets of the network.
    #[tf(computed)]
    pub subnet_ids: Tf<List<String>>,
    /// How far the connections to VPCs are.
    #[tf(computed, changes_with = "peer_connections")]
    pub peer_connection_status: Tf<List<PeerConnectionStatus>>,
    /// How far the connections to file systems are.
    #[tf(computed, changes_with = "sfs_turbo_connections")]
    pub sfs_turbo_connection_status: Tf<List<SfsTurboConnectionStatus>>,
    /// How long operations may take. Changing this calls nobody.
    #[tf(block, local)]
    pub timeouts: Tf<Timeouts>,
}

/// A VPC that the network is connected to.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct PeerConnection {
    /// ID of the VPC.
    #[tf(required)]
    pub vpc_id: Tf<String>,
    /// ID of the subnet (network ID) in the VPC.
    #[tf(required)]
    pub subnet_id: Tf<String>,
    /// Whether traffic without another route goes to this VPC. Default `false`.
    #[tf(optional, computed, default = false)]
    pub default_gateway: Tf<bool>,
}

/// An SFS Turbo file system that the network is connected to.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct SfsTurboConnection {
    /// Name of the file system.
    #[tf(required)]
    pub name: Tf<String>,
    /// ID of the file system.
    #[tf(required)]
    pub sfs_id: Tf<String>,
}

/// How far a connection to a VPC is.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct PeerConnectionStatus {
    /// ID of the VPC.
    #[tf(computed)]
    pub vpc_id: Tf<String>,
    /// ID of the subnet in the VPC.
    #[tf(computed)]
    pub subnet_id: Tf<String>,
    /// `Connecting`, `Active` or `Abnormal`.
    #[tf(computed)]
    pub phase: Tf<String>,
}

/// How far a connection to a file system is.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct SfsTurboConnectionStatus {
    /// Name of the file system.
    #[tf(computed)]
    pub name: Tf<String>,
    /// ID of the file system.
    #[tf(computed)]
    pub sfs_id: Tf<String>,
    /// `VpcPort` or `Peering`.
    #[tf(computed)]
    pub connection_type: Tf<String>,
    /// Address under which the file system is mounted.
    #[tf(computed)]
    pub ip_address: Tf<String>,
    /// `Creating`, `Active`, `Abnormal` or `Deleting`.
    #[tf(computed)]
    pub status: Tf<String>,
}

/// How long operations may take.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Timeouts {
    /// How long creating the network may take, such as `45m` or `1h30m`.
    /// Default `20m`.
    #[tf(optional, local)]
    pub create: Tf<String>,
    /// How long changing the network may take, such as `45m` or `1h30m`.
    /// Default `20m`.
    #[tf(optional, local)]
    pub update: Tf<String>,
    /// How long deleting the network may take, such as `45m` or `1h30m`; the
    /// time in which pools that use it go counts. Default `20m`.
    #[tf(optional, local)]
    pub delete: Tf<String>,
}

/// How long operations may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// A create.
    pub create: Duration,
    /// An update.
    pub update: Duration,
    /// A delete.
    pub delete: Duration,
}

impl Times {
    /// Reads a plan or a state; what is absent has its default.
    pub fn of(model: &NetworkModel) -> Self {
        let none = Timeouts::default();
        let timeouts = model.timeouts.known().unwrap_or(&none);
        let time = |field| rules::time(field, DEFAULT_TIMEOUT);
        Self {
            create: time(&timeouts.create),
            update: time(&timeouts.update),
            delete: time(&timeouts.delete),
        }
    }
}

/// The service turns IPv6 on, but never off.
fn turned_off(prior: &Value, planned: &Value) -> bool {
    matches!((prior, planned), (Value::Bool(true), Value::Bool(false)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::schema::check::check;

    #[test]
    fn terraform_accepts_the_schema() {
        assert_eq!(check(&NetworkModel::schema()), Vec::<String>::new());
    }
}
