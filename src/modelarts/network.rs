//! Networks: the wire types and the calls (API reference, networks).

use serde::Deserialize;
use serde_json::Value;

use super::call::Call;
use super::client::Client;
use super::collection::{Create, Object, Patch, Wanted};
use super::error::{Error, Subject};
use super::id::Id;
use super::pool::Metadata;
use super::shape;

/// A network as the service answers it.
///
/// A picture of a network whose connections cannot be understood is refused as a
/// whole: those that were dropped in reading would seem to be gone.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Network {
    /// Identity, labels and annotations.
    pub metadata: Metadata,
    /// What is wanted.
    pub spec: NetworkSpec,
    /// What is.
    pub status: NetworkStatus,
}

wire! {
    "camelCase";

    struct Parts {
        metadata: Metadata,
        spec: NetworkSpec,
        status: NetworkStatus,
    }
}

impl TryFrom<Value> for Network {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        shape::network(&value)?;
        let parts = Parts::deserialize(value).map_err(|error| error.to_string())?;
        Ok(Self { metadata: parts.metadata, spec: parts.spec, status: parts.status })
    }
}

impl Network {
    /// Gives the phase; `None` while the service has not picked it up.
    pub fn phase(&self) -> Option<&str> {
        self.status.phase.as_deref().filter(|phase| !phase.is_empty())
    }
}

wire! {
    "camelCase";

    /// What is wanted of a network.
    pub struct NetworkSpec {
        /// One block; fixed after creation.
        pub cidr: Option<String>,
        /// IPv6; can be switched on, not off. The key is `ipv6enable` on the wire.
        #[serde(rename = "ipv6enable")]
        pub ipv6_enable: Option<bool>,
        /// Connections to other networks and file systems.
        pub connection: Option<Connections>,
        ..extra
    }

    /// Connections of a network; each list is replaced whole by a patch.
    pub struct Connections {
        /// Peered VPCs.
        pub peer_connection_list: Option<Vec<PeerConnection>>,
        /// SFS Turbo file systems.
        pub sfs_turbo_connection_list: Option<Vec<SfsTurboConnection>>,
        ..extra
    }

    /// A peered VPC.
    pub struct PeerConnection {
        /// VPC ID.
        pub peer_vpc_id: String,
        /// Subnet ID.
        pub peer_subnet_id: String,
        /// Makes the peer the default gateway; the key is `defaultGateWay` on the wire.
        #[serde(rename = "defaultGateWay")]
        pub default_gateway: Option<bool>,
    }

    /// A connected SFS Turbo file system.
    pub struct SfsTurboConnection {
        /// Name.
        pub name: String,
        /// ID of the file system.
        pub sfs_id: String,
        /// Subnet of the network through which it is connected.
        pub subnet_id: Option<String>,
        ..extra
    }

    /// Status of a network.
    pub struct NetworkStatus {
        /// `Creating`, `Active`, `Abnormal`; empty at first.
        pub phase: Option<String>,
        /// Reason in the service's words.
        pub message: Option<String>,
        /// Subnets.
        pub subnets: Option<Vec<Subnet>>,
        /// States of the connections.
        pub connection_status: Option<ConnectionStatus>,
    }

    /// A subnet of a network.
    pub struct Subnet {
        /// Subnet ID.
        pub network_id: Option<String>,
    }

    /// States of the connections of a network.
    pub struct ConnectionStatus {
        /// Per peered VPC.
        pub peer_connection_status: Vec<PeerStatus>,
        /// Per file system.
        pub sfs_turbo_status: Vec<SfsTurboStatus>,
    }

    /// State of a peered VPC.
    pub struct PeerStatus {
        /// VPC ID.
        pub peer_vpc_id: Option<String>,
        /// Subnet ID.
        pub peer_subnet_id: Option<String>,
        /// Whether the peer is the default gateway.
        #[serde(rename = "defaultGateWay")]
        pub default_gateway: Option<bool>,
        /// `Connecting`, `Active`, `Abnormal`.
        pub phase: Option<String>,
    }

    /// State of a connected file system.
    pub struct SfsTurboStatus {
        /// Name.
        pub name: Option<String>,
        /// ID of the file system.
        pub sfs_id: Option<String>,
        /// `VpcPort` or `Peering`.
        pub connection_type: Option<String>,
        /// Address under which it is mounted.
        pub ip_addr: Option<String>,
        /// `Active`, `Abnormal`, `Creating`, `Deleting`.
        pub status: Option<String>,
    }
}

impl Connections {
    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.peer_connection_list.iter().flatten().next().is_none()
            && self.sfs_turbo_connection_list.iter().flatten().next().is_none()
    }
}

impl PeerConnection {
    /// Says whether both are the same connection with the same settings.
    pub fn is_same(&self, other: &Self) -> bool {
        self.peer_vpc_id == other.peer_vpc_id
            && self.peer_subnet_id == other.peer_subnet_id
            && self.default_gateway.unwrap_or(false) == other.default_gateway.unwrap_or(false)
    }
}

impl SfsTurboConnection {
    /// Says whether both are the same connection; the subnet is the network's own.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.sfs_id == other.sfs_id
    }
}

impl Object for Network {
    const COLLECTION: &'static str = "/v1/{project_id}/networks";
    const LIST: &'static str = "NetworkList";
    const SUBJECT: Subject = Subject::Network;
    const PAGE: Option<&'static str> = Some("500");
    type Spec = NetworkSpec;
    type Change = NetworkSpec;

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn spec(&self) -> &NetworkSpec {
        &self.spec
    }
}

impl Wanted for NetworkSpec {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Network";
}

/// The identity of a network.
pub type NetworkId = Id<Network>;

/// Body of a request that creates a network.
pub type CreateNetwork = Create<NetworkSpec>;
/// Body of a request that changes a network: `ipv6_enable` and `connection`.
pub type PatchNetwork = Patch<NetworkSpec>;

impl Client {
    /// Creates a network; one accepted request at most is ever sent.
    ///
    /// # Errors
    /// `Ambiguous` when the network may exist although no usable answer came.
    pub async fn create_network(
        &self,
        call: &Call,
        request: &CreateNetwork,
    ) -> Result<Network, Error> {
        self.create(call, request).await
    }

    /// Lists the networks of a workspace, the default one when none is given.
    ///
    /// # Errors
    /// As any read.
    pub async fn list_networks(
        &self,
        call: &Call,
        workspace_id: Option<&str>,
        label_selector: Option<&str>,
    ) -> Result<Vec<Network>, Error> {
        let query = [
            ("workspaceId", workspace_id),
            ("labelSelector", label_selector),
            ("limit", Network::PAGE),
        ];
        self.list(call, &query).await
    }

    /// Reads one network.
    ///
    /// # Errors
    /// `NotFound` only when the service itself says that it does not exist.
    pub async fn get_network(&self, call: &Call, id: &NetworkId) -> Result<Network, Error> {
        self.get(call, id).await
    }

    /// Changes a network in place and gives it as it is afterwards.
    ///
    /// # Errors
    /// `Ambiguous` when the change may have been taken: read, compare, repeat.
    pub async fn patch_network(
        &self,
        call: &Call,
        id: &NetworkId,
        patch: &PatchNetwork,
    ) -> Result<Network, Error> {
        self.patch(call, id, patch).await
    }

    /// Starts the deletion of a network; it is complete when it is not found.
    ///
    /// # Errors
    /// `NotFound` when it is already gone, `Busy` while a pool uses it.
    pub async fn delete_network(
        &self,
        call: &Call,
        id: &NetworkId,
    ) -> Result<Option<Network>, Error> {
        self.delete(call, id).await
    }
}
