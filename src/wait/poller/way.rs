//! How one way of looking fares: the list, or the single calls for one thing.

use std::time::Duration;

use tokio::time::Instant;

use crate::wait::schedule;

/// A call that takes longer is not waited for alone any more.
pub(super) const SLOW: Duration = Duration::from_secs(3);
/// So many refusals for calling too often in a row count as a failure: before
/// that, calling less often is the remedy.
const MOST_THROTTLES: u32 = 3;

/// How one way of looking fares.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// When the call under way began.
    pub(super) under_way: Option<Instant>,
    /// When the newest call began.
    pub(super) began: Option<Instant>,
    ended: Option<Instant>,
    has_worked: bool,
    failures: u32,
    throttles: u32,
    /// Calls in a row that found nothing.
    absences: u32,
    rest_until: Option<Instant>,
}

impl Way {
    pub(super) fn start(&mut self, now: Instant) {
        self.under_way = Some(now);
        self.began = Some(now);
    }

    pub(super) fn succeeded(&mut self, now: Instant) {
        let began = self.began;
        *self = Self { began, ended: Some(now), has_worked: true, ..Self::default() };
    }

    /// An answer that there is nothing: the next one may take longer and longer.
    pub(super) fn found_nothing(&mut self, now: Instant) {
        let absences = self.absences.saturating_add(1);
        self.succeeded(now);
        self.absences = absences;
        self.rest_until = Some(now + schedule::back_off(absences));
    }

    pub(super) fn failed(&mut self, now: Instant, throttled: bool) {
        self.under_way = None;
        self.ended = Some(now);
        if throttled {
            self.throttles = self.throttles.saturating_add(1);
            if self.throttles < MOST_THROTTLES {
                return;
            }
        }
        self.failures = self.failures.saturating_add(1);
        // The first failure may be a chance; then it is tried again in time.
        if self.failures > 1 {
            self.rest_until = Some(now + schedule::back_off(self.failures - 1));
        }
    }

    /// Whether the other way should help out.
    pub(super) fn is_in_trouble(&self, now: Instant) -> bool {
        self.failures > 0 || self.under_way.is_some_and(|began| now - began >= SLOW)
    }

    /// Whether it can be relied on.
    pub(super) fn works(&self, now: Instant) -> bool {
        self.has_worked && !self.is_in_trouble(now)
    }

    /// When the next call may begin, `interval` after the start of the last one;
    /// a pause remains after a very slow one. `rests` says whether there is
    /// somebody to rely on while it rests from its failures.
    pub(super) fn due(&self, interval: Duration, rests: bool) -> Option<Instant> {
        let paced = self.began.map(|began| began + interval);
        let paused = self.ended.map(|ended| ended + interval / 4);
        paced.max(paused).max(self.rest_until.filter(|_| rests))
    }

    /// Whether it has failed more than once.
    pub(super) fn keeps_failing(&self) -> bool {
        self.failures > 1
    }
}
