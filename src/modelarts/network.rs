//! Networks: the wire types and the calls (API reference, networks).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::client::{Client, path};
use super::error::{Error, Subject};
use super::pool::Metadata;
use super::transport::{Effect, Request};
use super::{body, labels, lenient};

const COLLECTION: &str = "/v1/{project_id}/networks";

/// A network as the service answers it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Identity, labels and annotations.
    #[serde(deserialize_with = "lenient::object")]
    pub metadata: Metadata,
    /// What is wanted.
    #[serde(deserialize_with = "lenient::object")]
    pub spec: NetworkSpec,
    /// What is.
    #[serde(deserialize_with = "lenient::object")]
    pub status: NetworkStatus,
}

impl Network {
    /// Gives the identity, `metadata.name`.
    pub fn id(&self) -> &str {
        &self.metadata.name
    }

    /// Gives the name the user chose.
    pub fn display_name(&self) -> Option<&str> {
        self.metadata.labels.get(labels::NAME).map(String::as_str)
    }

    /// Gives the workspace; `0` is the default one.
    pub fn workspace_id(&self) -> Option<&str> {
        self.metadata.labels.get(labels::WORKSPACE_ID).map(String::as_str)
    }

    /// Gives the phase; `None` while the service has not picked it up.
    pub fn phase(&self) -> Option<&str> {
        self.status.phase.as_deref().filter(|phase| !phase.is_empty())
    }
}

/// What is wanted of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NetworkSpec {
    /// One block; fixed after creation.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub cidr: Option<String>,
    /// IPv6; can be switched on, not off. The key is `ipv6enable` on the wire.
    #[serde(rename = "ipv6enable", skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "lenient::opt_bool")]
    pub ipv6_enable: Option<bool>,
    /// Connections to other networks and file systems.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub connection: Option<Connections>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Connections of a network; each list is replaced whole by a patch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Connections {
    /// Peered VPCs.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub peer_connection_list: Option<Vec<PeerConnection>>,
    /// SFS Turbo file systems.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub sfs_turbo_connection_list: Option<Vec<SfsTurboConnection>>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A peered VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PeerConnection {
    /// VPC ID.
    #[serde(deserialize_with = "lenient::string")]
    pub peer_vpc_id: String,
    /// Subnet ID.
    #[serde(deserialize_with = "lenient::string")]
    pub peer_subnet_id: String,
    /// Makes the peer the default gateway; the key is `defaultGateWay` on the wire.
    #[serde(rename = "defaultGateWay", skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "lenient::opt_bool")]
    pub default_gateway: Option<bool>,
}

/// A connected SFS Turbo file system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SfsTurboConnection {
    /// Name.
    #[serde(deserialize_with = "lenient::string")]
    pub name: String,
    /// ID of the file system.
    #[serde(deserialize_with = "lenient::string")]
    pub sfs_id: String,
    /// Fields this client does not know, such as a subnet.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Status of a network.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NetworkStatus {
    /// `Creating`, `Active`, `Abnormal`; empty at first.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub phase: Option<String>,
    /// Reason in the service's words.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub message: Option<String>,
    /// Subnets.
    #[serde(deserialize_with = "lenient::list")]
    pub subnets: Vec<Subnet>,
    /// States of the connections.
    #[serde(deserialize_with = "lenient::object")]
    pub connection_status: ConnectionStatus,
}

/// A subnet of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Subnet {
    /// Subnet ID.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub network_id: Option<String>,
}

/// States of the connections of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConnectionStatus {
    /// Per peered VPC.
    #[serde(deserialize_with = "lenient::list")]
    pub peer_connection_status: Vec<PeerStatus>,
    /// Per file system.
    #[serde(deserialize_with = "lenient::list")]
    pub sfs_turbo_status: Vec<SfsTurboStatus>,
}

/// State of a peered VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PeerStatus {
    /// VPC ID.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub peer_vpc_id: Option<String>,
    /// Subnet ID.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub peer_subnet_id: Option<String>,
    /// Whether the peer is the default gateway.
    #[serde(rename = "defaultGateWay", deserialize_with = "lenient::opt_bool")]
    pub default_gateway: Option<bool>,
    /// `Connecting`, `Active`, `Abnormal`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub phase: Option<String>,
}

/// State of a connected file system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SfsTurboStatus {
    /// Name.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub name: Option<String>,
    /// ID of the file system.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub sfs_id: Option<String>,
    /// `VpcPort` or `Peering`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub connection_type: Option<String>,
    /// Address under which it is mounted.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub ip_addr: Option<String>,
    /// `Active`, `Abnormal`, `Creating`, `Deleting`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub status: Option<String>,
}

/// Body of a create request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateNetwork {
    /// Labels; `os.modelarts/name` is mandatory.
    pub labels: BTreeMap<String, String>,
    /// Annotations; left out of the body when empty.
    pub annotations: BTreeMap<String, String>,
    /// What is wanted.
    pub spec: NetworkSpec,
}

impl CreateNetwork {
    fn body(&self) -> Result<Value, serde_json::Error> {
        let metadata = body::metadata(&self.labels, &self.annotations)?;
        let spec = serde_json::to_value(&self.spec)?;
        Ok(json!({ "apiVersion": "v1", "kind": "Network", "metadata": metadata, "spec": spec }))
    }
}

/// Body of a patch request, with the semantics of RFC 7396.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PatchNetwork {
    /// Labels to set, or to remove when `None`.
    pub labels: BTreeMap<String, Option<String>>,
    /// Annotations to set, or to remove when `None`.
    pub annotations: BTreeMap<String, Option<String>>,
    /// Parts of the spec to replace: `ipv6_enable` and `connection`.
    pub spec: NetworkSpec,
}

impl PatchNetwork {
    fn body(&self) -> Result<Value, serde_json::Error> {
        let spec = (self.spec != NetworkSpec::default()).then_some(&self.spec);
        body::patch(&self.labels, &self.annotations, spec)
    }
}

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
        let post = Request::new(Effect::Create, COLLECTION, Subject::Network).json(request.body());
        let answer = self.send(call, post).await?;
        let network: Network = answer.object()?;
        named(&network).then_some(network).ok_or_else(|| answer.unusable("it names no network"))
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
        let query = [("workspaceId", workspace_id), ("labelSelector", label_selector)];
        let query = query.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned())));
        let get = Request::new(Effect::Read, COLLECTION, Subject::Other).query(query.collect());
        self.all_pages(call, get, "NetworkList").await
    }

    /// Reads one network.
    ///
    /// # Errors
    /// `NotFound` only when the service itself says that it does not exist.
    pub async fn get_network(&self, call: &Call, id: &str) -> Result<Network, Error> {
        let get = Request::new(Effect::Read, path(COLLECTION, id)?, Subject::Network);
        let answer = self.send(call, get).await?;
        let network: Network = answer.object()?;
        named(&network).then_some(network).ok_or_else(|| answer.unusable("it names no network"))
    }

    /// Changes a network in place and gives it as it is afterwards.
    ///
    /// # Errors
    /// `Ambiguous` when the change may have been taken: read, compare, repeat.
    pub async fn patch_network(
        &self,
        call: &Call,
        id: &str,
        patch: &PatchNetwork,
    ) -> Result<Network, Error> {
        let request = Request::new(Effect::Patch, path(COLLECTION, id)?, Subject::Network)
            .merge_patch(patch.body());
        let answer = self.send(call, request).await?;
        match answer.object::<Network>() {
            Ok(network) if named(&network) => Ok(network),
            // The change was taken; only its picture is missing.
            _ => self.get_network(call, id).await,
        }
    }

    /// Starts the deletion of a network; it is complete when it is not found.
    ///
    /// # Errors
    /// `NotFound` when it is already gone, `Busy` while a pool uses it.
    pub async fn delete_network(&self, call: &Call, id: &str) -> Result<Option<Network>, Error> {
        let request = Request::new(Effect::Delete, path(COLLECTION, id)?, Subject::Network);
        let answer = self.send(call, request).await?;
        Ok(answer.object::<Network>().ok().filter(named))
    }
}

fn named(network: &Network) -> bool {
    !network.metadata.name.is_empty()
}
