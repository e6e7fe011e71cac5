//! Moments at which things happen.

use serde::{Deserialize, Serialize};

/// Is a moment in Unix milliseconds; `None` stands for never.
pub(super) type Moment = Option<i64>;

/// Tells whether a moment has come.
pub(super) fn reached(moment: Moment, now: i64) -> bool {
    moment.is_some_and(|moment| moment <= now)
}

/// Says when something begins to go and when it is gone.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Leaving {
    pub(super) from: Moment,
    pub(super) gone: Moment,
}

impl Leaving {
    /// Tells whether it is gone later than another.
    pub(super) fn ends_after(self, other: Self) -> bool {
        match (other.gone, self.gone) {
            (Some(other), Some(own)) => other < own,
            (other, _) => other.is_some(),
        }
    }
}
