//! Waiting for a pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::modelarts::pool::Phase;
use crate::modelarts::{Call, Error, ErrorKind, Pool, PoolId};
use crate::resources::pool::spec::{Billing, WaitFor};
use crate::resources::session::{Connection, LookError};
use crate::tf::context::Context;
use crate::wait::{self, Deadline, Ended, PollError, Progress, WaitOptions};

use super::ready::{Goal, Readiness, nodes, total};
use super::reasons::with_reasons;

/// How long a pool that was just accepted may be invisible.
const INVISIBLE: Duration = Duration::from_secs(5 * 60);
/// How long a pool may wait for a person before the wait is ended: a normal
/// create passes through that phase.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// The same where it is known that a person has to pay first.
const PATIENCE_UNPAID: Duration = Duration::from_secs(10);

/// How a wait ended without reaching its goal.
#[derive(Debug)]
pub enum Unfinished {
    /// The service said that it will not get there.
    Failed(Box<Pool>, String),
    /// Time ran out; with the newest look and what was missing.
    TimedOut(Option<Box<Pool>>, String),
    /// The user interrupted.
    Interrupted(Option<Box<Pool>>, String),
    /// A person has to do something first.
    NeedsPerson(Box<Pool>, String),
    /// The pool does not exist any more.
    Gone,
    /// The pool cannot be looked at.
    Blind(Error),
}

/// One operation on one pool: all of its waits and calls share these.
pub struct Watch<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The circumstances of the call from Terraform.
    pub cx: &'a Context,
    /// When the operation must have ended.
    pub deadline: Deadline,
    /// The workspace in whose list the pool is.
    pub workspace: String,
    /// The pool.
    pub id: PoolId,
    /// The pool has only just been accepted: the service may need a while to
    /// show it. Otherwise "not found" means that it is gone.
    pub new: bool,
    /// How long the pool may wait for a person before the wait is ended.
    pub patience: Duration,
}

impl Watch<'_> {
    /// For calls within this operation.
    pub fn call(&self) -> Call {
        call(self.cx, self.deadline)
    }

    /// The circumstances of a wait within this operation.
    pub fn options(&self) -> WaitOptions {
        WaitOptions { deadline: self.deadline, stop: self.cx.stop.clone() }
    }

    /// Waits until the pool meets a goal. `known` is the pool as it was when it
    /// was accepted: who waits for no more than that gets it without a look.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until(&self, goal: &Goal, known: &Pool) -> Result<Pool, Unfinished> {
        if goal.level == WaitFor::Accepted {
            return Ok(known.clone());
        }
        let mut verdict = Verdict::new(self.new, self.patience);
        match self.wait(|seen| verdict.on(seen.as_deref(), goal)).await? {
            Some(pool) => match verdict.person {
                Some((_, text)) => Err(Unfinished::NeedsPerson(Box::new(pool), text)),
                None => Ok(pool),
            },
            None => Err(Unfinished::Gone),
        }
    }

    /// Waits until the service takes changes: while the pool is being created
    /// it does not.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until_changeable(&self) -> Result<Pool, Unfinished> {
        let check = |seen: &Seen| match seen.as_deref() {
            None => Progress::Done,
            Some(pool) if is_changeable(pool) => Progress::Done,
            Some(pool) => match pool.phase() {
                phase @ (Phase::Error | Phase::CreationFailed | Phase::Deleting) => {
                    let reason = format!("phase is {phase}, in which the service takes no change");
                    Progress::Failed(reason)
                }
                phase => Progress::Pending(format!("phase is {phase}; changes have to wait")),
            },
        };
        self.wait(check).await?.ok_or(Unfinished::Gone)
    }

    /// Waits until the pool is gone.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until_gone(&self) -> Result<(), Unfinished> {
        let check = |seen: &Seen| match seen.as_deref() {
            None => Progress::Done,
            Some(pool) => {
                let count = total(&pool.status.resources.deleting);
                let nodes =
                    if count > 0 { format!(", {count} nodes are going") } else { String::new() };
                Progress::Pending(format!("phase is {}{nodes}", pool.phase()))
            }
        };
        self.wait(check).await.map(drop)
    }

    async fn wait(&self, check: impl FnMut(&Seen) -> Progress) -> Result<Option<Pool>, Unfinished> {
        let mut looks = self.connection.watch_pool(&self.workspace, &self.id);
        let end = wait::until(&mut looks, check, &self.options()).await;
        // Others may go on watching, but not for this.
        drop(looks);
        match end {
            Ok(seen) => Ok(seen.map(Arc::unwrap_or_clone)),
            Err(ended) => Err(self.explained(unfinished(ended)).await),
        }
    }

    /// With what the service says about a failure, or about what takes so long.
    async fn explained(&self, ended: Unfinished) -> Unfinished {
        let (about, whose) = ((self.connection, self.cx), (&*self.workspace, &self.id));
        match ended {
            Unfinished::Failed(pool, reason) => {
                let reason = with_reasons(reason, about, whose, Some(&pool)).await;
                Unfinished::Failed(pool, reason)
            }
            Unfinished::TimedOut(pool, text) => {
                let text = with_reasons(text, about, whose, pool.as_deref()).await;
                Unfinished::TimedOut(pool, text)
            }
            other => other,
        }
    }
}

/// What a look shows.
type Seen = Option<Arc<Pool>>;

/// Judges one look after the other.
struct Verdict {
    began: Instant,
    /// The service may not show the pool yet.
    is_invisible: bool,
    patience: Duration,
    /// Since when the pool waits for a person, and what for.
    person: Option<(Instant, String)>,
}

impl Verdict {
    fn new(is_invisible: bool, patience: Duration) -> Self {
        Self { began: Instant::now(), is_invisible, patience, person: None }
    }

    fn on(&mut self, seen: Option<&Pool>, goal: &Goal) -> Progress {
        let Some(pool) = seen else {
            return if self.is_invisible && self.began.elapsed() < INVISIBLE {
                Progress::Pending("the service does not show the pool yet".to_owned())
            } else {
                Progress::Done
            };
        };
        self.is_invisible = false;
        let readiness = goal.check(pool);
        if let Readiness::NeedsPerson(text) = readiness {
            let since = self.person.get_or_insert_with(|| (Instant::now(), text.clone())).0;
            return match since.elapsed() >= self.patience {
                true => Progress::Done,
                false => Progress::Pending(text),
            };
        }
        self.person = None;
        match readiness {
            Readiness::Failed(reason) => Progress::Failed(reason),
            Readiness::Pending(text) => Progress::Pending(text),
            Readiness::Ready | Readiness::NeedsPerson(_) => Progress::Done,
        }
    }
}

/// How long to wait for a person, as far as it is known who pays.
pub fn patience(billing: &Billing, order_id: Option<&str>) -> Duration {
    if billing.pays_itself(order_id) { PATIENCE } else { PATIENCE_UNPAID }
}

/// Which failed looks a wait goes on after.
#[derive(Debug, Default)]
pub struct Tolerance {
    refused: AtomicBool,
}

impl Tolerance {
    /// Credentials were good when the wait began: one refusal may be a mistake
    /// of the service, the next one in a row is not.
    pub fn judge<T>(&self, seen: Result<T, Error>) -> Result<T, PollError<Error>> {
        let is_refused = seen.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unauthorized);
        let again = self.refused.swap(is_refused, Ordering::Relaxed);
        seen.map_err(|error| {
            if error.is_transient() || (is_refused && !again) {
                PollError::Transient(error)
            } else {
                PollError::Permanent(error)
            }
        })
    }
}

/// Says whether a pool is in a phase in which the service takes changes.
pub fn is_changeable(pool: &Pool) -> bool {
    matches!(pool.phase(), Phase::Running | Phase::ScalingFailed | Phase::Abnormal)
}

/// Circumstances of calls: they end with the operation or when the user
/// interrupts.
pub fn call(cx: &Context, deadline: Deadline) -> Call {
    Call::new(cx.stop.clone(), Some(deadline.instant()))
}

/// Circumstances of a call that goes on when the user interrupts.
pub fn unstoppable_call(time: Duration) -> Call {
    Call::new(CancellationToken::new(), Some(Instant::now() + time))
}

/// How a wait ended, with the newest look at the pool.
pub fn unfinished(ended: Ended<Seen, LookError>) -> Unfinished {
    let missing = |pending: Option<String>, last: Option<&Pool>| {
        pending
            .unwrap_or_else(|| last.map(nodes).unwrap_or_else(|| "nothing is known yet".to_owned()))
    };
    let own = |pool: Seen| pool.map(|pool| Box::new(Arc::unwrap_or_clone(pool)));
    match ended {
        Ended::Failed { last, reason } => {
            own(last).map_or(Unfinished::Gone, |pool| Unfinished::Failed(pool, reason))
        }
        Ended::TimedOut { last, pending, last_error } => {
            let last = own(last.flatten());
            let mut text = missing(pending, last.as_deref());
            if let Some(error) = last_error {
                text.push_str(&format!("; the last look failed: {error}"));
            }
            Unfinished::TimedOut(last, text)
        }
        Ended::Interrupted { last, pending } => {
            let last = own(last.flatten());
            let text = missing(pending, last.as_deref());
            Unfinished::Interrupted(last, text)
        }
        Ended::Poll(LookError::Call(error)) => Unfinished::Blind(error),
        // Silence is never the last word of a look.
        Ended::Poll(LookError::NoAnswer(text)) => Unfinished::TimedOut(None, text),
    }
}
