//! How long after the start of one look the next one starts.

use std::time::Duration;

/// Until this much has been waited, a change is noticed within [`EARLY`].
const FIRST_MINUTE: Duration = Duration::from_secs(60);
/// How late a change may be noticed during the first minute.
const EARLY: Duration = Duration::from_secs(2);
/// How late a change may be noticed at all.
const LATEST: Duration = Duration::from_secs(30);
/// The shortest time between two looks: what takes a moment is seen after a
/// moment.
const SHORTEST: Duration = Duration::from_millis(500);
/// The part of the allowed lateness between two starts. The rest of it is left
/// for the answer to come in.
const PART: f64 = 0.9;

/// How late a change may be noticed that happens when this much has been
/// waited: 2 s during the first minute, afterwards a tenth of the time already
/// waited, 30 s at most.
pub fn lateness(waited: Duration) -> Duration {
    if waited < FIRST_MINUTE { EARLY } else { (waited / 10).min(LATEST) }
}

/// The time from the start of a look that many share, made when this much had
/// been waited, to the start of the next.
pub fn tick(waited: Duration) -> Duration {
    lateness(waited).mul_f64(PART)
}

/// The same for a look that few share: it may begin with half a second, so that
/// what takes a moment is seen after a moment.
pub fn step(waited: Duration) -> Duration {
    (waited / 4).max(SHORTEST).min(tick(waited))
}

/// The rest after so many failures in a row: doubling from the first tick.
pub fn back_off(failures: u32) -> Duration {
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    EARLY.saturating_mul(doubled).min(LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_leaves_room_for_the_call_within_what_is_promised() {
        for seconds in [0, 5, 8, 30, 59, 60, 100, 299, 300, 5000, 100_000] {
            let waited = Duration::from_secs(seconds);
            let promised = if seconds < 60 { 2.0 } else { (seconds as f64 / 10.0).min(30.0) };
            for rest in [tick(waited), step(waited)] {
                let rest = rest.as_secs_f64();
                assert!(rest <= 0.9 * promised + 1e-6, "{rest} after {seconds}");
                assert!(rest >= 0.25 * promised.min(1.0), "{rest} after {seconds}");
            }
        }
    }

    #[test]
    fn an_hour_of_waiting_costs_fewer_than_250_looks() {
        let (mut waited, mut looks) = (Duration::ZERO, 0);
        while waited < Duration::from_secs(3600) {
            waited += step(waited);
            looks += 1;
        }
        assert!((130..250).contains(&looks), "{looks}");
    }

    #[test]
    fn failures_in_a_row_are_followed_by_longer_and_longer_rests() {
        let rests: Vec<u64> = (1..8).map(|n| back_off(n).as_secs()).collect();
        assert_eq!(rests, [2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(back_off(u32::MAX), LATEST);
    }
}
