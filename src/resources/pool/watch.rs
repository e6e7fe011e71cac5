//! Waiting for a pool.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::modelarts::pool::Phase;
use crate::modelarts::{Call, Error, ErrorKind, Pool, PoolId};
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::wait::{self, Deadline, Ended, PollError, Progress};

use super::billing::Billing;
use super::ready::{Goal, Readiness, nodes};

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

    /// Waits until the pool meets a goal.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until(&self, goal: &Goal) -> Result<Pool, Unfinished> {
        let began = Instant::now();
        let mut person: Option<(Instant, String)> = None;
        let mut invisible = self.new;
        let check = |seen: &Option<Pool>| {
            let Some(pool) = seen else {
                return if invisible && began.elapsed() < INVISIBLE {
                    Progress::Pending("the service does not show the pool yet".to_owned())
                } else {
                    Progress::Done
                };
            };
            invisible = false;
            match goal.check(pool) {
                Readiness::Ready => {
                    person = None;
                    Progress::Done
                }
                Readiness::Failed(reason) => Progress::Failed(reason),
                Readiness::Pending(text) => {
                    person = None;
                    Progress::Pending(text)
                }
                Readiness::NeedsPerson(text) => {
                    let since = person.get_or_insert_with(|| (Instant::now(), text.clone())).0;
                    if since.elapsed() >= self.patience {
                        Progress::Done
                    } else {
                        Progress::Pending(text)
                    }
                }
            }
        };
        match self.poll(check).await {
            Ok(Some(pool)) => match person {
                Some((_, text)) => Err(Unfinished::NeedsPerson(Box::new(pool), text)),
                None => Ok(pool),
            },
            Ok(None) => Err(Unfinished::Gone),
            Err(ended) => match unfinished(ended) {
                Unfinished::Failed(pool, reason) => {
                    let reason = self.with_order(&pool, reason).await;
                    Err(Unfinished::Failed(pool, reason))
                }
                other => Err(other),
            },
        }
    }

    /// The reason of a failure, with what the pool's last order says about it.
    async fn with_order(&self, pool: &Pool, reason: String) -> String {
        let Some(name) = pool.order_name() else { return reason };
        let client = self.connection.client();
        let orders = client.list_orders(&self.call(), &self.id, Some(&self.workspace), None).await;
        let orders = orders.unwrap_or_else(|error| {
            tracing::warn!(pool = %self.id, %error, "the order of the pool could not be read");
            Vec::new()
        });
        let order = orders.into_iter().find(|order| order.order_name == name);
        match order.and_then(|order| order.fail_reason) {
            Some(why) if !why.is_empty() && !reason.contains(&why) => {
                format!("{reason}; its order {name} says: {why}")
            }
            _ => reason,
        }
    }

    /// Waits until the service takes changes: while the pool is being created
    /// it does not.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until_changeable(&self) -> Result<Pool, Unfinished> {
        let check = |seen: &Option<Pool>| match seen.as_ref().map(Pool::phase) {
            None => Progress::Done,
            Some(_) if seen.as_ref().is_some_and(is_changeable) => Progress::Done,
            Some(phase @ (Phase::Error | Phase::CreationFailed | Phase::Deleting)) => {
                Progress::Failed(format!("phase is {phase}, in which the service takes no change"))
            }
            Some(phase) => Progress::Pending(format!("phase is {phase}; changes have to wait")),
        };
        match self.poll(check).await {
            Ok(Some(pool)) => Ok(pool),
            Ok(None) => Err(Unfinished::Gone),
            Err(ended) => Err(unfinished(ended)),
        }
    }

    /// Waits until the pool is gone.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until_gone(&self) -> Result<(), Unfinished> {
        let check = |seen: &Option<Pool>| match seen {
            None => Progress::Done,
            Some(pool) => {
                let count: i64 = super::ready::total(&pool.status.resources.deleting);
                let nodes =
                    if count > 0 { format!(", {count} nodes are going") } else { String::new() };
                Progress::Pending(format!("phase is {}{nodes}", pool.phase()))
            }
        };
        self.poll(check).await.map(|_| ()).map_err(unfinished)
    }

    async fn poll(
        &self,
        check: impl FnMut(&Option<Pool>) -> Progress,
    ) -> Result<Option<Pool>, Ended<Option<Pool>, Error>> {
        let call = self.call();
        let follower = self.connection.follow(&self.workspace, &self.id);
        let tolerance = Tolerance::default();
        let (call, following, tolerance) = (&call, &follower, &tolerance);
        let look = || async move { tolerance.judge(following.look(call).await) };
        let options = wait::Options::new(self.deadline, self.cx.stop.clone());
        let options = options.nudged_by(follower.nudge());
        wait::until(look, check, &options).await
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
pub fn unfinished(ended: Ended<Option<Pool>, Error>) -> Unfinished {
    let missing = |pending: Option<String>, last: Option<&Pool>| {
        pending
            .unwrap_or_else(|| last.map(nodes).unwrap_or_else(|| "nothing is known yet".to_owned()))
    };
    match ended {
        Ended::Failed { last: Some(pool), reason } => Unfinished::Failed(Box::new(pool), reason),
        Ended::Failed { last: None, .. } => Unfinished::Gone,
        Ended::TimedOut { last, pending, last_error, .. } => {
            let last = last.flatten();
            let mut text = missing(pending, last.as_ref());
            if let Some(error) = last_error {
                text.push_str(&format!("; the last look failed: {error}"));
            }
            Unfinished::TimedOut(last.map(Box::new), text)
        }
        Ended::Interrupted { last, pending } => {
            let last = last.flatten();
            let text = missing(pending, last.as_ref());
            Unfinished::Interrupted(last.map(Box::new), text)
        }
        Ended::Poll(error) => Unfinished::Blind(error),
    }
}
