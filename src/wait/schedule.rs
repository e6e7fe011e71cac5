//! How long to rest between two polls.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Until this much has been waited, a change is noticed within [`EARLY`].
const FIRST_MINUTE: Duration = Duration::from_secs(60);
/// How late a change may be noticed during the first minute.
const EARLY: Duration = Duration::from_secs(2);
/// How late a change may be noticed at all.
const LATEST: Duration = Duration::from_secs(30);
/// The shortest rest: what takes a moment is seen after a moment.
const SHORTEST: Duration = Duration::from_millis(500);
/// The part of the allowed lateness that is spent resting. The rest of it is
/// left for the call and for waiting on a call that others share.
const RESTING: f64 = 0.7;
/// The further part that jitter spreads the waits over.
const SPREAD: f64 = 0.15;

/// Where the spread between waits comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Jitter {
    /// From the operating system.
    #[default]
    Random,
    /// Always the same, 0 to 1, for tests.
    Fixed(f64),
}

impl Jitter {
    /// Draws a number from 0 to 1.
    fn draw(self) -> f64 {
        match self {
            // A fresh hasher is the standard library's only source of
            // randomness; this needs to differ, not to be unguessable.
            Self::Random => {
                f64::from(RandomState::new().build_hasher().finish() as u32 >> 1)
                    / f64::from(u32::MAX >> 1)
            }
            Self::Fixed(part) => part.clamp(0.0, 1.0),
        }
    }
}

/// How long to rest between two polls: half a second at first, so that what
/// takes a moment is seen after a moment; a change is noticed within 2 s during
/// the first minute and afterwards within a tenth of the time already waited,
/// 30 s at most.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Schedule {
    /// Where the spread between waits comes from.
    pub jitter: Jitter,
}

impl Schedule {
    /// The rest after a poll that started when this much had been waited, drawn
    /// with this schedule's jitter.
    pub fn next(&self, waited: Duration) -> Duration {
        Self::interval(waited, self.jitter.draw())
    }

    /// The rest after a poll that started when this much had been waited.
    /// `jitter` runs from 0 (shortest) to 1 (longest).
    pub fn interval(waited: Duration, jitter: f64) -> Duration {
        let part = RESTING + SPREAD * jitter.clamp(0.0, 1.0);
        Self::lateness(waited).mul_f64(part).max(SHORTEST)
    }

    /// How late a change may be noticed that happens when this much has been
    /// waited.
    pub fn lateness(waited: Duration) -> Duration {
        if waited < FIRST_MINUTE {
            (waited / 4).clamp(SHORTEST, EARLY)
        } else {
            (waited / 10).min(LATEST)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_leaves_room_for_the_call_within_what_is_promised() {
        for seconds in [5, 8, 30, 59, 60, 100, 299, 300, 5000, 100_000] {
            let waited = Duration::from_secs(seconds);
            let promised = if seconds < 60 { 2.0 } else { (seconds as f64 / 10.0).min(30.0) };
            for jitter in [-1.0, 0.0, 0.5, 1.0, 7.0] {
                let rest = Schedule::interval(waited, jitter).as_secs_f64();
                assert!(rest <= 0.86 * promised, "{rest} after {seconds}");
                assert!(rest >= 0.5 * promised.min(1.0), "{rest} after {seconds}");
            }
        }
    }

    #[test]
    fn an_hour_of_waiting_costs_fewer_than_250_polls() {
        let (mut waited, mut polls) = (Duration::ZERO, 0);
        while waited < Duration::from_secs(3600) {
            waited += Schedule::interval(waited, 0.0);
            polls += 1;
        }
        assert!((150..250).contains(&polls), "{polls}");
    }

    #[test]
    fn random_jitter_differs_and_stays_between_0_and_1() {
        let draws: Vec<f64> = (0..64).map(|_| Jitter::Random.draw()).collect();
        assert!(draws.iter().all(|draw| (0.0..=1.0).contains(draw)));
        assert!(draws.iter().any(|draw| *draw != draws[0]));
    }
}
