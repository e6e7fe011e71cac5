//! The moment by which an operation must have ended.

use std::time::Duration;

use tokio::time::Instant;

/// Stands in for "never" where a duration is too long for the clock.
const FAR_AWAY: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 10);

/// The moment by which an operation must have ended. An operation makes one
/// and passes it to all of its waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// Sets a deadline this far from now. What is too long for the clock to
    /// count becomes ten years.
    pub fn after(timeout: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(timeout).unwrap_or_else(|| now + FAR_AWAY))
    }

    /// The moment itself.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// The time left; zero once it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Says whether no time is left.
    pub fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }

    /// Waits until it has passed.
    pub async fn passed(self) {
        tokio::time::sleep_until(self.0).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_deadline_counts_down_to_zero_and_stays_there() {
        let deadline = Deadline::after(Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(deadline.remaining(), Duration::from_secs(6));
        assert!(!deadline.has_passed());
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(deadline.remaining(), Duration::ZERO);
        assert!(deadline.has_passed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_beyond_the_clock_is_a_deadline_far_away() {
        assert!(Deadline::after(Duration::MAX).remaining() >= FAR_AWAY);
    }
}
