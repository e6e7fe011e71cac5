//! What is done to a node, and what it shows of that at a moment.

use serde::{Deserialize, Serialize};

use super::moment::{Moment, reached};

/// Is a reboot or reset of a node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Work {
    /// What the node shows meanwhile.
    pub(super) phase: Meanwhile,
    pub(super) from: Moment,
    pub(super) until: Moment,
    pub(super) fails: bool,
}

/// Says what a node shows while it is worked on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Meanwhile {
    /// During a reboot.
    Checking,
    /// During a reset.
    Creating,
}

impl Work {
    /// Returns the phase that the node has by it; `None` before it begins.
    pub(super) fn phase(&self, now: i64) -> Option<&'static str> {
        match self {
            Self { from, .. } if !reached(*from, now) => None,
            Self { until, phase, .. } if !reached(*until, now) => Some(match phase {
                Meanwhile::Checking => "Checking",
                Meanwhile::Creating => "Creating",
            }),
            Self { fails: true, .. } => Some("Abnormal"),
            Self { fails: false, .. } => Some("Available"),
        }
    }
}

/// Is the draining of a node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Drain {
    /// What the node said of an earlier one, which it goes on to say until this begins: no
    /// reference tells that it is taken back before.
    #[serde(default)]
    pub(super) before: Option<String>,
    pub(super) from: Moment,
    pub(super) until: Moment,
    pub(super) fails: bool,
}

impl Drain {
    /// Returns what the node says of it.
    pub(super) fn state(&self, now: i64) -> Option<&str> {
        match self {
            Self { from, before, .. } if !reached(*from, now) => before.as_deref(),
            Self { until, .. } if !reached(*until, now) => Some("draining"),
            Self { fails: true, .. } => Some("failed"),
            Self { fails: false, .. } => Some("drained"),
        }
    }
}
