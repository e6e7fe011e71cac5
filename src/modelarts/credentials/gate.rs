//! Keeps wrong credentials from being tried again and again.
//!
//! Five wrong signatures in a row lock an access key for everybody who uses
//! it. Until an answer has shown that the credentials are good, requests go
//! one at a time. After two refusals none goes at all and the refusal is repeated
//! from memory; after the first one already, where the credentials have never
//! been good and nothing can be set right about them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::modelarts::call::Call;
use crate::modelarts::error::{Error, ErrorKind};

/// Refused requests after which no more are sent.
const MOST_REFUSALS: u32 = 2;

/// Counts refusals; shared by all calls of a client.
#[derive(Debug)]
pub(crate) struct Gate {
    turn: Semaphore,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    proven: bool,
    /// They were good once.
    ever_proven: bool,
    /// They never were, and nothing can be set right about them.
    hopeless: bool,
    refusals: u32,
    /// What the last refusals had in common with others.
    lease: u64,
    clock: Option<i64>,
    refusal: Option<Error>,
}

/// What refused requests have in common when one remedy answers them all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// The renewable credentials of this generation.
    Lease(u64),
    /// This correction of the clock, in seconds.
    Clock(i64),
}

/// Leave to send one request; while the credentials are unproven, it keeps
/// the others waiting.
pub(crate) struct Pass<'a> {
    _turn: Option<SemaphorePermit<'a>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), seen: Mutex::default() }
    }
}

impl Gate {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for leave to send.
    pub(crate) async fn enter(&self, call: &Call) -> Result<Pass<'_>, Error> {
        if self.is_open()? {
            return Ok(Pass { _turn: None });
        }
        let turn = call.until(self.turn.acquire(), "waiting for the first answer").await?;
        // Things may have changed while this call was waiting.
        let turn = if self.is_open()? { None } else { turn.ok() };
        Ok(Pass { _turn: turn })
    }

    fn is_open(&self) -> Result<bool, Error> {
        let seen = self.seen();
        match &seen.refusal {
            Some(refusal) if seen.hopeless || seen.refusals >= MOST_REFUSALS => {
                Err(from_memory(refusal, seen.refusals))
            }
            _ => Ok(seen.proven),
        }
    }

    /// Notes a refusal. Those with the same mark count once.
    pub(crate) fn refused(&self, refusal: &Error, mark: Option<Mark>) {
        let mut seen = self.seen();
        let again = match mark {
            None => false,
            Some(Mark::Lease(generation)) => {
                let known = generation <= seen.lease;
                seen.lease = generation.max(seen.lease);
                known
            }
            Some(Mark::Clock(skew)) => seen.clock.replace(skew) == Some(skew),
        };
        if !again {
            seen.refusals += 1;
        }
        seen.hopeless |= mark.is_none() && !seen.ever_proven;
        seen.proven = false;
        seen.refusal = Some(refusal.clone());
    }

    /// Notes that the credentials are good; `here` for the service that the
    /// refusals were counted for, whose word alone clears them.
    pub(crate) fn accepted(&self, here: bool) {
        let mut seen = self.seen();
        (seen.proven, seen.ever_proven) = (true, true);
        if here && seen.refusals < MOST_REFUSALS {
            seen.refusals = 0;
        }
    }
}

fn from_memory(refusal: &Error, times: u32) -> Error {
    let mut error = refusal.clone();
    let facts = error.facts_mut();
    facts.kind = ErrorKind::Unauthorized;
    facts.attempts = 0;
    facts.what = format!(
        "the request was not sent, because the credentials were refused {} and further tries could \
         lock them",
        if times > 1 { "twice" } else { "before" }
    );
    error
}
