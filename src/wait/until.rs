//! The one polling loop.

use std::fmt;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::deadline::Deadline;
use super::schedule::Schedule;
use super::shared::Nudge;

/// What a look at the thing waited for tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The wait is over.
    Done,
    /// Not yet; the text says what is still awaited.
    Pending(String),
    /// It will never be; the text says why.
    Failed(String),
}

/// Why a poll gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollError<E> {
    /// The next poll may succeed: tolerated until the deadline.
    Transient(E),
    /// No further poll will succeed: ends the wait.
    Permanent(E),
}

/// How a wait ended without success. `last` is the newest answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended<T, E> {
    /// The condition said that it will never hold.
    Failed {
        /// The answer that it said this about.
        last: T,
        /// Why.
        reason: String,
    },
    /// The deadline passed.
    TimedOut {
        /// The newest answer, if there was one.
        last: Option<T>,
        /// What was still awaited according to it.
        pending: Option<String>,
        /// The error of the newest poll, if it failed.
        last_error: Option<E>,
        /// How many polls were made.
        polls: u32,
    },
    /// The user interrupted.
    Interrupted {
        /// The newest answer, if there was one.
        last: Option<T>,
        /// What was still awaited according to it.
        pending: Option<String>,
    },
    /// A poll failed for good.
    Poll(E),
}

/// The circumstances of a wait.
#[derive(Debug, Clone)]
pub struct Options {
    /// When to give up.
    pub deadline: Deadline,
    /// Cancelled when the user interrupts.
    pub stop: CancellationToken,
    /// How long to rest between polls.
    pub schedule: Schedule,
    /// Ends a rest early, when somebody else's poll has brought news.
    pub nudge: Nudge,
}

impl Options {
    /// Waits until `deadline` or `stop` on the usual schedule.
    pub fn new(deadline: Deadline, stop: CancellationToken) -> Self {
        Self { deadline, stop, schedule: Schedule::default(), nudge: Nudge::never() }
    }

    /// These circumstances, with rests that news from others end.
    #[must_use]
    pub fn nudged_by(mut self, nudge: Nudge) -> Self {
        self.nudge = nudge;
        self
    }
}

/// Polls until `check` says that the wait is over, and returns the answer that
/// it said this about. The first poll is made at once.
///
/// # Errors
/// [`Ended`] says how else it ended. A poll under way is dropped when the
/// deadline passes or the user interrupts.
pub async fn until<T, E, F>(
    mut poll: impl FnMut() -> F,
    mut check: impl FnMut(&T) -> Progress,
    options: &Options,
) -> Result<T, Ended<T, E>>
where
    E: fmt::Display,
    F: Future<Output = Result<T, PollError<E>>>,
{
    let mut wait = Wait::new();
    let mut nudge = options.nudge.clone();
    loop {
        let started = Instant::now();
        let answer = tokio::select! {
            biased;
            () = options.stop.cancelled() => return Err(wait.interrupted()),
            answer = poll() => answer,
            () = options.deadline.passed() => return Err(wait.timed_out()),
        };
        if let Some(end) = wait.take(answer, &mut check) {
            return end;
        }
        tokio::select! {
            biased;
            () = options.stop.cancelled() => return Err(wait.interrupted()),
            () = options.deadline.passed() => return Err(wait.timed_out()),
            () = sleep_until(wait.next_poll(started, &options.schedule)) => {}
            () = nudge.given() => {}
        }
    }
}

/// What a wait has seen so far.
struct Wait<T, E> {
    began: Instant,
    last: Option<T>,
    pending: Option<String>,
    last_error: Option<E>,
    polls: u32,
}

impl<T, E: fmt::Display> Wait<T, E> {
    fn new() -> Self {
        Self { began: Instant::now(), last: None, pending: None, last_error: None, polls: 0 }
    }

    fn take(
        &mut self,
        answer: Result<T, PollError<E>>,
        check: &mut impl FnMut(&T) -> Progress,
    ) -> Option<Result<T, Ended<T, E>>> {
        self.polls = self.polls.saturating_add(1);
        match answer {
            Ok(seen) => {
                self.last_error = None;
                match check(&seen) {
                    Progress::Done => return Some(Ok(seen)),
                    Progress::Failed(reason) => {
                        return Some(Err(Ended::Failed { last: seen, reason }));
                    }
                    Progress::Pending(text) => self.still_pending(text),
                }
                self.last = Some(seen);
                None
            }
            Err(PollError::Permanent(error)) => Some(Err(Ended::Poll(error))),
            Err(PollError::Transient(error)) => {
                // Once per run of failures: an hour of them is one thing to say.
                if self.last_error.is_none() {
                    tracing::warn!(%error, waited_s = self.waited_s(), "poll failed, polling on");
                }
                self.last_error = Some(error);
                None
            }
        }
    }

    fn still_pending(&mut self, text: String) {
        if self.pending.as_deref() != Some(text.as_str()) {
            tracing::info!(pending = %text, waited_s = self.waited_s(), "waiting");
            self.pending = Some(text);
        }
    }

    fn waited_s(&self) -> u64 {
        self.began.elapsed().as_secs()
    }

    /// Counts from the start of the poll, so that a slow call does not make
    /// changes go unnoticed for longer; a pause remains after a very slow one.
    fn next_poll(&self, started: Instant, schedule: &Schedule) -> Instant {
        let rest = schedule.next(started.saturating_duration_since(self.began));
        (started + rest).max(Instant::now() + rest / 4)
    }

    fn timed_out(self) -> Ended<T, E> {
        Ended::TimedOut {
            last: self.last,
            pending: self.pending,
            last_error: self.last_error,
            polls: self.polls,
        }
    }

    fn interrupted(self) -> Ended<T, E> {
        Ended::Interrupted { last: self.last, pending: self.pending }
    }
}

#[cfg(test)]
#[path = "until_tests.rs"]
mod tests;
