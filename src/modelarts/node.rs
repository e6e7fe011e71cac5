//! Nodes of a pool (API reference, nodes).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::call::Call;
use super::client::{Client, path};
use super::error::{Error, Subject};
use super::pool::{EntryNetwork, Metadata, Os, PoolId, Taint};
use super::transport::{Effect, Request};
use super::{labels, lenient, shape};

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Name, labels and annotations.
    #[serde(deserialize_with = "lenient::object")]
    pub metadata: Metadata,
    /// How it was set up.
    #[serde(deserialize_with = "lenient::object")]
    pub spec: NodeSpec,
    /// How it is.
    #[serde(deserialize_with = "lenient::object")]
    pub status: NodeStatus,
}

impl Node {
    /// Tells whether the node is prepaid.
    pub fn is_prepaid(&self) -> bool {
        self.metadata.annotations.get(labels::BILLING_MODE).is_some_and(|mode| mode == "1")
    }

    /// Gives the billing resource, needed to unsubscribe a prepaid node.
    pub fn resource_id(&self) -> Option<&str> {
        self.metadata.labels.get(labels::RESOURCE_ID).map(String::as_str)
    }

    /// Gives the node pool.
    pub fn node_pool(&self) -> Option<&str> {
        self.metadata.labels.get(labels::NODE_POOL).map(String::as_str)
    }
}

/// How a node was set up.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeSpec {
    /// Flavour name.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub flavor: Option<String>,
    /// Network of the host.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub host_network: Option<EntryNetwork>,
    /// Image.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub os: Option<Os>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How a node is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeStatus {
    /// `Available`, `Creating`, `Deleting`, `Abnormal`, `Checking`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub phase: Option<String>,
    /// Availability zone.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub az: Option<String>,
    /// Private address.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub private_ip: Option<String>,
    /// All it has, as Kubernetes quantities.
    #[serde(deserialize_with = "lenient::string_map")]
    pub resources: BTreeMap<String, String>,
    /// What is free of it.
    #[serde(deserialize_with = "lenient::string_map")]
    pub available_resources: BTreeMap<String, String>,
    /// Driver.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub driver: Option<NodeDriver>,
    /// Image in use.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub os: Option<Os>,
    /// Kubernetes taints.
    #[serde(deserialize_with = "lenient::list")]
    pub taints: Vec<Taint>,
}

/// Driver of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NodeDriver {
    /// `Running`, `Abnormal`, `Pending`, `Updating`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub phase: Option<String>,
    /// Version.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub version: Option<String>,
}

impl Client {
    /// Lists all nodes of a pool.
    ///
    /// # Errors
    /// `NotFound` when the pool does not exist.
    pub async fn list_nodes(&self, call: &Call, pool: &PoolId) -> Result<Vec<Node>, Error> {
        let nodes = format!("{}/nodes", path("/v2/{project_id}/pools", pool.as_str())?);
        let get = Request::new(Effect::Read, nodes, Subject::Pool).expecting(shape::items);
        self.all_pages(call, get, "NodeList").await
    }
}
