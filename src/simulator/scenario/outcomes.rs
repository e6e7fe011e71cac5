//! Which operations end badly.

use serde::Deserialize;

use super::super::span::Span;

/// Says which operations end badly.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    /// Creations of pools end in phase CreationFailed.
    pub creation_failed: Option<Failure>,
    /// Growing ends in phase ScalingFailed, with the nodes there were before.
    pub scaling_failed: Option<Failure>,
    /// Enabling of job types ends in state EnableFailed.
    pub enable_failed: Option<Failure>,
    /// New nodes turn out abnormal.
    pub abnormal_nodes: Option<AbnormalNodes>,
    /// Creations of networks end in phase Abnormal.
    pub network_failed: Option<Failure>,
    /// New connections of networks end in state Abnormal; each of them counts.
    pub connection_failed: Option<Failure>,
    /// Reboots and resets end in phase Failed of their job, and with these nodes in phase Abnormal.
    pub node_job_failed: Option<FailingNodes>,
    /// Drains of these nodes end with `failed` in their annotation, or never.
    pub drain_failed: Option<FailingNodes>,
    /// Locks and unlocks leave these nodes as they are and answer `failed` for them.
    pub lock_failed: Option<FailingNodes>,
}

/// Describes an operation that ends badly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The text that the service gives as the reason.
    pub message: String,
    /// How many operations fail before the others succeed; absent means all.
    #[serde(default)]
    pub times: Option<u32>,
    /// How many of the new nodes come up all the same (scaling only).
    #[serde(default)]
    pub nodes: u32,
}

/// Describes nodes that turn out abnormal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbnormalNodes {
    /// How many of an operation's new nodes.
    pub count: u32,
    /// How long they stay abnormal; absent means for ever.
    #[serde(default = "never")]
    pub recover: Span,
    /// How many operations are hit; absent means all.
    #[serde(default)]
    pub times: Option<u32>,
}

fn never() -> Span {
    Span::Never
}

/// Describes nodes on which work fails.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FailingNodes {
    /// Their names, or how many of the first nodes of a request; absent means all.
    pub nodes: Option<Nodes>,
    /// The reason that a job gives.
    pub message: String,
    /// How many requests are hit before the others succeed; absent means all. One without any of
    /// these nodes does not count.
    pub times: Option<u32>,
    /// They never come to an end instead (drains only).
    pub stuck: bool,
}

/// Picks nodes of a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Nodes {
    /// The first so many.
    First(usize),
    /// Those with these names.
    Named(Vec<String>),
}

impl FailingNodes {
    /// Returns those among the nodes of a request that are hit.
    pub(in super::super) fn among<'a>(&self, names: &[&'a str]) -> Vec<&'a str> {
        let names = names.iter().copied();
        match &self.nodes {
            None => names.collect(),
            Some(Nodes::First(count)) => names.take(*count).collect(),
            Some(Nodes::Named(hit)) => {
                names.filter(|name| hit.iter().any(|other| other == name)).collect()
            }
        }
    }

    /// Says why the work on these nodes failed.
    pub(in super::super) fn told(&self, hit: &[&str]) -> String {
        match self.message.as_str() {
            "" => format!("the work failed on {}", hit.join(", ")),
            message => message.to_owned(),
        }
    }
}
