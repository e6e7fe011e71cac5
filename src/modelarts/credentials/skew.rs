//! By how much the clock of this machine is off.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// A clock that is off by less is not what the gateway complains about.
const WORTH_CORRECTING: i64 = 60;

/// Seconds by which the gateway's clock is ahead of ours.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    pub(crate) fn seconds(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes what the gateway's clock shows; tells whether the correction used
    /// so far was wrong enough to be the reason of a refusal.
    pub(crate) fn learn(&self, theirs: Timestamp, ours: Timestamp, used: i64) -> bool {
        let offset = theirs.as_second() - ours.as_second();
        self.0.store(offset, Ordering::Relaxed);
        (offset - used).abs() > WORTH_CORRECTING
    }

    /// Gives the time as the gateway sees it.
    pub(crate) fn correct(&self, now: Timestamp, seconds: i64) -> Timestamp {
        now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
    }
}
