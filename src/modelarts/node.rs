//! Nodes of a pool (API reference, nodes).

use std::collections::BTreeMap;

use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::labels;
use super::paging::page;
use super::pool::{EntryNetwork, Metadata, Os, PoolId, Taint};
use super::request::{Effect, Request, path};

wire! {
    "camelCase";

    /// A node.
    pub struct Node {
        /// Name, labels and annotations.
        pub metadata: Metadata,
        /// How it was set up.
        pub spec: NodeSpec,
        /// How it is.
        pub status: NodeStatus,
    }
}

impl Node {
    /// Tells whether the node is prepaid.
    pub fn is_prepaid(&self) -> bool {
        self.metadata.annotation(labels::BILLING_MODE) == Some("1")
    }

    /// Gives the billing resource, needed to unsubscribe a prepaid node.
    pub fn resource_id(&self) -> Option<&str> {
        self.metadata.label(labels::RESOURCE_ID)
    }

    /// Gives the node pool.
    pub fn node_pool(&self) -> Option<&str> {
        self.metadata.label(labels::NODE_POOL)
    }
}

wire! {
    "camelCase";

    /// How a node was set up.
    pub struct NodeSpec {
        /// Flavour name.
        pub flavor: Option<String>,
        /// Network of the host.
        pub host_network: Option<EntryNetwork>,
        /// Image.
        pub os: Option<Os>,
        ..extra
    }

    /// How a node is.
    pub struct NodeStatus {
        /// `Available`, `Creating`, `Deleting`, `Abnormal`, `Checking`.
        pub phase: Option<String>,
        /// Availability zone.
        pub az: Option<String>,
        /// Private address.
        pub private_ip: Option<String>,
        /// All it has, as Kubernetes quantities.
        pub resources: BTreeMap<String, String>,
        /// What is free of it.
        pub available_resources: BTreeMap<String, String>,
        /// Driver.
        pub driver: Option<NodeDriver>,
        /// Image in use.
        pub os: Option<Os>,
        /// Kubernetes taints.
        pub taints: Vec<Taint>,
    }

    /// Driver of a node.
    pub struct NodeDriver {
        /// `Running`, `Abnormal`, `Pending`, `Updating`.
        pub phase: Option<String>,
        /// Version.
        pub version: Option<String>,
    }
}

impl Client {
    /// Lists all nodes of a pool.
    ///
    /// # Errors
    /// `NotFound` when the pool does not exist.
    pub async fn list_nodes(&self, call: &Call, pool: &PoolId) -> Result<Vec<Node>, Error> {
        let nodes = format!("{}/nodes", path("/v2/{project_id}/pools", pool.as_str())?);
        let get = Request::new(Effect::Read, nodes, |answer| page(answer, "NodeList", "items"));
        self.all_pages(call, get.about(Subject::Pool).query([("limit", Some("500"))])).await
    }
}
