//! The loop of a wait.

use std::fmt;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::deadline::Deadline;
use super::schedule;

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

/// Why a look showed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollError<E> {
    /// The next look may succeed: tolerated until the deadline.
    Transient(E),
    /// No further look will succeed: ends the wait.
    Permanent(E),
}

impl<E> PollError<E> {
    /// The same with another error.
    pub fn map<F>(self, change: impl FnOnce(E) -> F) -> PollError<F> {
        match self {
            Self::Transient(error) => PollError::Transient(change(error)),
            Self::Permanent(error) => PollError::Permanent(change(error)),
        }
    }
}

/// How a wait ended without success. `last` is what was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended<T, E> {
    /// The condition said that it will never hold.
    Failed {
        /// What it said this about.
        last: T,
        /// Why.
        reason: String,
    },
    /// The deadline passed.
    TimedOut {
        /// What was seen last, if anything was.
        last: Option<T>,
        /// What was still awaited according to it.
        pending: Option<String>,
        /// The error of the newest look, if it failed.
        last_error: Option<E>,
    },
    /// The user interrupted.
    Interrupted {
        /// What was seen last, if anything was.
        last: Option<T>,
        /// What was still awaited according to it.
        pending: Option<String>,
    },
    /// A look failed for good.
    Poll(E),
}

/// The circumstances of a wait.
#[derive(Debug, Clone)]
pub struct WaitOptions {
    /// When to give up.
    pub deadline: Deadline,
    /// Cancelled when the user interrupts.
    pub stop: CancellationToken,
}

/// Somebody who looks at what is waited for, one look after the other.
pub trait Looks {
    /// What a look shows.
    type Seen: Send;
    /// Why it shows nothing.
    type Error: fmt::Display + Send;

    /// The next look, when it is time for it. May be dropped before it is done;
    /// the next one then takes its place.
    fn next(&mut self) -> impl Future<Output = Result<Self::Seen, PollError<Self::Error>>> + Send;
}

/// Looks until `check` says that the wait is over, and returns what it said this
/// about.
///
/// # Errors
/// [`Ended`] says how else it ended. A look under way is dropped when the
/// deadline passes or the user interrupts.
pub async fn until<L: Looks>(
    looks: &mut L,
    mut check: impl FnMut(&L::Seen) -> Progress,
    options: &WaitOptions,
) -> Result<L::Seen, Ended<L::Seen, L::Error>> {
    let mut wait = Wait::new();
    loop {
        let look = tokio::select! {
            biased;
            () = options.stop.cancelled() => return Err(wait.interrupted()),
            look = looks.next() => look,
            () = options.deadline.passed() => return Err(wait.timed_out()),
        };
        if let Some(end) = wait.take(look, &mut check) {
            return end;
        }
    }
}

/// What a wait has seen so far.
struct Wait<T, E> {
    began: Instant,
    last: Option<T>,
    pending: Option<String>,
    last_error: Option<E>,
}

impl<T, E: fmt::Display> Wait<T, E> {
    fn new() -> Self {
        Self { began: Instant::now(), last: None, pending: None, last_error: None }
    }

    fn take(
        &mut self,
        look: Result<T, PollError<E>>,
        check: &mut impl FnMut(&T) -> Progress,
    ) -> Option<Result<T, Ended<T, E>>> {
        match look {
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
                    tracing::warn!(%error, waited_s = self.waited_s(), "look failed, waiting on");
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

    fn timed_out(self) -> Ended<T, E> {
        Ended::TimedOut { last: self.last, pending: self.pending, last_error: self.last_error }
    }

    fn interrupted(self) -> Ended<T, E> {
        Ended::Interrupted { last: self.last, pending: self.pending }
    }
}

/// Looks that a function makes, the first at once, the others at the pace of
/// the time already waited.
#[derive(Debug)]
pub struct Paced<F> {
    look: F,
    began: Instant,
    next: Instant,
}

impl<F> Paced<F> {
    /// Begins to wait now.
    pub fn new(look: F) -> Self {
        let now = Instant::now();
        Self { look, began: now, next: now }
    }
}

impl<F, A, T, E> Looks for Paced<F>
where
    F: FnMut() -> A + Send,
    A: Future<Output = Result<T, PollError<E>>> + Send,
    T: Send,
    E: fmt::Display + Send,
{
    type Seen = T;
    type Error = E;

    async fn next(&mut self) -> Result<T, PollError<E>> {
        sleep_until(self.next).await;
        let started = Instant::now();
        let seen = (self.look)().await;
        // From start to start, so that a slow call does not make changes go
        // unnoticed for longer; a pause remains after a very slow one.
        let rest = schedule::step(started.duration_since(self.began));
        self.next = (started + rest).max(Instant::now() + rest / 4);
        seen
    }
}

#[cfg(test)]
#[path = "until_tests.rs"]
mod tests;
