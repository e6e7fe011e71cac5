//! When a failed attempt is repeated, and after which pause.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::error::ErrorKind;
use super::request::Effect;
use super::settings::Backoff;

/// Longest pause a service can ask for; beyond it the call fails instead.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Tells whether an attempt that failed this way may be repeated at all, and
/// what the repetition costs from the shared budget.
///
/// A create, and work, is repeated only when it was certainly not carried out;
/// the kind says so already, because a doubtful failure of it is `Ambiguous`.
pub(crate) fn cost(effect: Effect, kind: ErrorKind) -> Option<u32> {
    match kind {
        ErrorKind::Throttled { .. } => Some(1),
        ErrorKind::Unavailable | ErrorKind::Unreachable => Some(5),
        ErrorKind::Undecodable if effect == Effect::Read => Some(5),
        _ => None,
    }
}

/// How often a call that failed this way is repeated at the most. A host that
/// cannot be reached is more often a wrong name than a passing trouble, and the
/// user should hear of it while still looking at the screen.
pub(crate) fn most(kind: ErrorKind, max_retries: u32) -> u32 {
    if kind == ErrorKind::Unreachable { max_retries.min(2) } else { max_retries }
}

/// Gives the pauses of one call: doubling from the first to the cap, each
/// stretched by chance so that many callers do not come back together.
pub(crate) fn pauses(backoff: Backoff) -> impl Iterator<Item = Duration> + Send {
    let doubling = std::iter::successors(Some(backoff.first), |last| last.checked_mul(2));
    let doubling = doubling.chain(std::iter::repeat(backoff.cap));
    doubling.map(move |pause| {
        let pause = pause.min(backoff.cap);
        (pause + pause.mul_f64(fastrand::f64())).min(backoff.cap)
    })
}

/// Combines our pause with the one the service asks for, which is stretched by
/// chance too; `None` when the service asks for more than a call should wait.
pub(crate) fn pause(ours: Duration, retry_after: Option<Duration>) -> Option<Duration> {
    let theirs = retry_after.unwrap_or_default();
    let stretched = theirs + (theirs / 10).mul_f64(fastrand::f64());
    (theirs <= LONGEST_WAIT).then(|| ours.max(stretched))
}

/// Gives the time for which a throttled request holds all others.
pub(crate) fn hold(ours: Option<Duration>, retry_after: Option<Duration>) -> Duration {
    retry_after.or(ours).unwrap_or_default().min(LONGEST_WAIT)
}

/// Reads a Retry-After header: seconds, or a date of HTTP.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = http_date(value)?;
    let wait = at.duration_since(now);
    Some(wait.try_into().unwrap_or(Duration::ZERO))
}

/// Reads a date of HTTP, such as `Tue, 02 Jan 2024 03:04:05 GMT`.
pub(crate) fn http_date(value: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(value.trim()).ok()
}

/// Tokens shared by all calls of a client: repetitions take some, successes
/// give some back, so that an outage is not made worse by our repeating.
#[derive(Debug)]
pub(crate) struct Budget {
    left: Mutex<u32>,
}

impl Budget {
    const FULL: u32 = 500;

    pub(crate) fn new() -> Self {
        Self { left: Mutex::new(Self::FULL) }
    }

    /// Takes tokens, or nothing when there are not enough.
    pub(crate) fn take(&self, tokens: u32) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = left.checked_sub(tokens);
        if let Some(rest) = rest {
            *left = rest;
        }
        rest.is_some()
    }

    /// Gives a token back after a success.
    pub(crate) fn refill(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = (*left + 1).min(Self::FULL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_in_doubt_is_never_repeated() {
        for effect in [Effect::Create, Effect::Patch, Effect::Act, Effect::Work, Effect::Delete] {
            assert_eq!(cost(effect, ErrorKind::Ambiguous), None);
            assert_eq!(cost(effect, ErrorKind::Undecodable), None);
        }
    }

    #[test]
    fn what_was_certainly_not_carried_out_is_repeated() {
        for effect in [Effect::Create, Effect::Patch, Effect::Act, Effect::Delete, Effect::Read] {
            assert!(cost(effect, ErrorKind::Throttled { retry_after: None }).is_some());
            assert!(cost(effect, ErrorKind::Unreachable).is_some());
            assert!(cost(effect, ErrorKind::Unavailable).is_some());
        }
    }

    #[test]
    fn refusals_are_never_repeated() {
        for kind in [
            ErrorKind::Unauthorized,
            ErrorKind::Forbidden,
            ErrorKind::Invalid,
            ErrorKind::NotFound,
            ErrorKind::AlreadyExists,
            ErrorKind::Busy,
            ErrorKind::Unexpected,
        ] {
            assert_eq!(cost(Effect::Read, kind), None);
        }
    }

    #[test]
    fn pauses_grow_stay_under_the_cap_and_differ() {
        let backoff = Backoff::default();
        let pauses: Vec<_> = pauses(backoff).take(9).collect();
        let floor = |n: u32| (backoff.first * 2_u32.pow(n)).min(backoff.cap);
        for (n, pause) in (0..).zip(&pauses) {
            assert!(*pause >= floor(n) && *pause <= backoff.cap, "pause {n} is {pause:?}");
        }
        let again: Vec<_> = super::pauses(backoff).take(9).collect();
        assert_ne!(pauses, again);
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_date() {
        let now: Timestamp = "2024-01-02T03:04:05Z".parse().unwrap();
        let read = |text| retry_after(text, now);
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("Tue, 02 Jan 2024 03:04:35 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Tue, 02 Jan 2024 03:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn the_service_can_stretch_a_pause_but_not_without_end() {
        let second = Duration::from_secs(1);
        assert_eq!(pause(second, None), Some(second));
        let stretched = pause(second, Some(30 * second)).unwrap();
        assert!(stretched >= 30 * second && stretched <= 33 * second, "{stretched:?}");
        assert_eq!(pause(40 * second, Some(second)), Some(40 * second));
        assert_eq!(pause(second, Some(3600 * second)), None);
    }

    #[test]
    fn the_budget_runs_dry_and_recovers() {
        let budget = Budget::new();
        assert_eq!((0..1000).filter(|_| budget.take(5)).count(), 100);
        (0..5).for_each(|_| budget.refill());
        assert!(budget.take(5) && !budget.take(5));
    }
}
