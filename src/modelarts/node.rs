//! Nodes of a pool (API reference, nodes).

use std::collections::BTreeMap;

use serde_json::json;

use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::job::JobId;
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

    /// Tells whether the node is locked against deletion.
    pub fn is_locked(&self) -> bool {
        self.metadata.annotation(labels::NODE_LOCK).is_some_and(|lock| !lock.is_empty())
    }

    /// Tells whether the node can take work.
    pub fn is_available(&self) -> bool {
        self.status.phase.as_deref() == Some("Available")
    }

    /// Tells how far the draining of the node is. The reference names the
    /// annotation but not its words, so they are read for what they say.
    pub fn drain(&self) -> Drain {
        let word = self.metadata.annotation(labels::NODE_DRAIN).unwrap_or_default();
        let word = word.to_lowercase();
        let says = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
        if says(&["fail", "error"]) {
            Drain::Failed
        } else if says(&["drained", "succe", "complet", "finish", "done"]) {
            Drain::Done
        } else {
            Drain::Pending
        }
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

/// How far the draining of a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// Not asked for, or going on.
    Pending,
    /// Nothing runs on the node any more.
    Done,
    /// It could not be drained.
    Failed,
}

/// The most nodes that one request drains (API reference, nodes).
pub const MOST_DRAINED: usize = 10;

wire! {
    "camelCase";

    struct Accepted {
        #[serde(alias = "job_id")]
        job_id: Option<String>,
        nodes: Vec<NodeResult>,
    }

    struct NodeResult {
        name: Option<String>,
        status: Option<String>,
    }
}

impl Accepted {
    fn job(self) -> Option<JobId> {
        self.job_id.filter(|id| !id.is_empty()).map(JobId::new)
    }
}

impl Client {
    /// Restarts nodes. Gives the job that does it, where the service names one.
    /// The request is not repeated when its answer is lost.
    ///
    /// # Errors
    /// `NotFound` when the pool or a node does not exist.
    pub async fn reboot_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
    ) -> Result<Option<JobId>, Error> {
        Ok(self.batch(call, pool, "reboot", &json!({ "nodeNames": names })).await?.job())
    }

    /// Sets nodes up anew, so many of them at a time. Gives the job that does it.
    /// The request is not repeated when its answer is lost.
    ///
    /// # Errors
    /// As [`reboot_nodes`](Self::reboot_nodes).
    pub async fn reset_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
        max_unavailable: usize,
    ) -> Result<Option<JobId>, Error> {
        let rolling = json!({ "strategy": "RollingByNumber", "maxUnavailable": max_unavailable });
        let body = json!({ "nodeNames": names, "rollingConfig": rolling });
        Ok(self.batch(call, pool, "reset", &body).await?.job())
    }

    /// Locks nodes against deletion, or unlocks them. Gives the names of those for
    /// which that failed.
    ///
    /// # Errors
    /// As [`reboot_nodes`](Self::reboot_nodes).
    pub async fn lock_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
        is_locked: bool,
    ) -> Result<Vec<String>, Error> {
        let body = json!({ "nodeNames": names, "actions": ["delete"] });
        let what = if is_locked { "lock" } else { "unlock" };
        let results = self.batch(call, pool, what, &body).await?.nodes.into_iter();
        let failed = results.filter(|node| node.status.as_deref() == Some("failed"));
        Ok(failed.filter_map(|node| node.name).collect())
    }

    /// Moves what runs on nodes elsewhere; [`MOST_DRAINED`] nodes at the most.
    ///
    /// # Errors
    /// As [`reboot_nodes`](Self::reboot_nodes).
    pub async fn drain_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
    ) -> Result<(), Error> {
        self.batch(call, pool, "drain", &json!({ "nodeNames": names })).await.map(drop)
    }

    /// Any success means that the work was accepted; what its answer says is of use
    /// where it can be read.
    async fn batch(
        &self,
        call: &Call,
        pool: &PoolId,
        what: &str,
        body: &serde_json::Value,
    ) -> Result<Accepted, Error> {
        let target =
            format!("{}/nodes/batch-{what}", path("/v2/{project_id}/pools", pool.as_str())?);
        let post = Request::new(Effect::Act, target, |answer| {
            Ok(answer.object::<Accepted>().unwrap_or_default())
        });
        self.send(call, &post.about(Subject::Pool).json(body)).await
    }

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
