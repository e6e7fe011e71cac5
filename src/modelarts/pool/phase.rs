//! The phases of a pool (API reference, state machine).

use std::fmt;

/// Phase of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Accepted, not yet picked up: the field is missing or empty.
    Absent,
    /// An unpaid order or an unapproved request; needs a person.
    Waiting,
    /// Being made.
    Creating,
    /// Usable; also while scaling.
    Running,
    /// Malfunction; may pass by itself.
    Abnormal,
    /// Failed for good.
    Error,
    /// Creation failed for good.
    CreationFailed,
    /// Growing failed; the pool works with what it has.
    ScalingFailed,
    /// Going away.
    Deleting,
    /// A word this client does not know; to be treated as passing.
    Unknown(String),
}

impl Phase {
    /// Reads the word of an answer.
    pub fn read(word: Option<&str>) -> Self {
        match word.map_or("", str::trim) {
            "" => Self::Absent,
            "Waiting" => Self::Waiting,
            "Creating" => Self::Creating,
            "Running" => Self::Running,
            "Abnormal" => Self::Abnormal,
            "Error" => Self::Error,
            "CreationFailed" => Self::CreationFailed,
            "ScalingFailed" => Self::ScalingFailed,
            "Deleting" => Self::Deleting,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Gives the service's word; empty for [`Phase::Absent`].
    pub fn as_str(&self) -> &str {
        match self {
            Self::Absent => "",
            Self::Waiting => "Waiting",
            Self::Creating => "Creating",
            Self::Running => "Running",
            Self::Abnormal => "Abnormal",
            Self::Error => "Error",
            Self::CreationFailed => "CreationFailed",
            Self::ScalingFailed => "ScalingFailed",
            Self::Deleting => "Deleting",
            Self::Unknown(word) => word,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Absent { "no phase yet" } else { self.as_str() })
    }
}
