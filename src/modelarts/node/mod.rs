//! Nodes of a pool, and the work that is done on them (API reference, nodes).

mod calls;

use std::collections::BTreeMap;

pub use calls::{MOST_DRAINED, NodeResult};

use super::labels;
use super::pool::{EntryNetwork, Metadata, Os, Taint};

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

    /// Tells whether the node is locked against deletion.
    pub fn is_locked(&self) -> bool {
        self.metadata.annotation(labels::NODE_LOCK).is_some_and(|lock| !lock.is_empty())
    }

    /// Tells whether the node can be worked with: its phase is `Available`.
    pub fn is_available(&self) -> bool {
        self.status.phase.as_deref() == Some("Available")
    }

    /// Tells how far the draining of the node is; `None` when the service says
    /// nothing of one.
    pub fn drain_state(&self) -> Option<DrainState> {
        let said = self.metadata.annotation(labels::NODE_DRAIN)?;
        (!said.trim().is_empty()).then(|| DrainState::read(said))
    }
}

/// How far the draining of a node is.
///
/// The service documents the annotation as "node drainage information" and no
/// values of it; the words that are known here are those that such states have
/// elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrainState {
    /// Under way, or a word that this client does not know, as it was said.
    Draining(String),
    /// Done.
    Drained,
    /// Failed, with what was said.
    Failed(String),
}

impl DrainState {
    fn read(said: &str) -> Self {
        let lower = said.trim().to_ascii_lowercase();
        // Only a whole word is good news: "undrained" and "incomplete" are none.
        const DONE: [&str; 6] =
            ["drained", "success", "succeeded", "completed", "finished", "done"];
        if ["fail", "error"].iter().any(|word| lower.contains(word)) {
            Self::Failed(said.to_owned())
        } else if DONE.contains(&lower.as_str()) {
            Self::Drained
        } else {
            Self::Draining(said.to_owned())
        }
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
