//! Deleting a pool: done when the service no longer knows it.
//!
//! What is paid for in advance is unsubscribed instead: first the nodes, with
//! the last of which the pool goes by itself, otherwise the pool (API
//! reference, billing calls for prepaid pools).

use std::time::Duration;

use tokio::time::sleep;

use crate::modelarts::pool::Phase;
use crate::modelarts::{Error, ErrorKind, Pool, PoolId};
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::resource::{Outcome, Saved};
use crate::wait::{Deadline, PollError};

use super::control_mode;
use super::prepaid::{Progress, Subscriptions, UnsubscribeError};
use super::schema::{DEFAULT_WORKSPACE, PoolModel};
use super::spec::WaitOptions;
use super::state::picture;
use super::wait::{Tolerance, Unfinished, Watch, watch};

/// Pause before a request that the service refused as too early is repeated.
const BUSY_PAUSE: Duration = Duration::from_secs(5);

/// Carries out a planned delete.
pub async fn delete(
    connection: &Connection,
    cx: &Context,
    prior: &PoolModel,
    saved: &Saved<'_, PoolModel>,
) -> Outcome {
    let deadline = Deadline::after(WaitOptions::of(prior).delete);
    let watch = Watch {
        connection,
        cx,
        deadline,
        workspace: prior.workspace_id.text().unwrap_or(DEFAULT_WORKSPACE).to_owned(),
        id: PoolId::new(prior.id.text().unwrap_or_default()),
        new: false,
        patience: watch::PATIENCE,
    };
    let turn = tokio::select! {
        turn = connection.turn(&watch.id) => turn,
        () = cx.stop.cancelled() => {
            return Err(not_begun("The run was interrupted before the pool was deleted."));
        }
        () = deadline.passed() => {
            return Err(not_begun("Time ran out waiting for another change of the pool."));
        }
    };
    let deletion = Deletion { watch, saved };
    let ended = match deletion.begin().await {
        Ok(()) => deletion.until_gone().await,
        Err(errors) => Err(errors),
    };
    drop(turn);
    ended
}

struct Deletion<'a> {
    watch: Watch<'a>,
    saved: &'a Saved<'a, PoolModel>,
}

impl Deletion<'_> {
    /// Has the service begin to delete the pool.
    async fn begin(&self) -> Outcome {
        let mut subscriptions = Subscriptions::new(&self.watch);
        let mut has_seen = false;
        let tolerance = Tolerance::default();
        loop {
            let seen = self.watch.connection.get_pool(&self.watch.call(), &self.watch.id).await;
            let live = match tolerance.judge(seen) {
                Ok(None) => return Ok(()),
                Ok(Some(pool)) if pool.phase() == Phase::Deleting => return Ok(()),
                Ok(Some(pool)) => pool,
                // Something has been asked for already: a failed look is no end.
                Err(PollError::Transient(error)) if has_seen => {
                    self.pause(&error).await?;
                    continue;
                }
                Err(PollError::Transient(error) | PollError::Permanent(error)) => {
                    return Err(refused(&error));
                }
            };
            has_seen = true;
            self.saved.show(&picture(&live));
            refuse_frozen(&live)?;
            if self.ask(&mut subscriptions, &live).await? {
                return Ok(());
            }
        }
    }

    /// Asks once; says whether the service has begun.
    async fn ask(
        &self,
        subscriptions: &mut Subscriptions<'_>,
        live: &Pool,
    ) -> Result<bool, Diagnostics> {
        let begun = match subscriptions.end(live).await {
            Ok(Progress::Ended) => return Ok(true),
            Ok(Progress::Ending) => return Ok(false),
            Ok(Progress::Nothing) => {
                let client = self.watch.connection.client();
                let answer = client.delete_pool(&self.watch.call(), &self.watch.id).await;
                self.watch.connection.note_change();
                answer.map(|_| ()).map_err(UnsubscribeError::Call)
            }
            Err(error) => Err(error),
        };
        match begun {
            Ok(()) => Ok(true),
            Err(UnsubscribeError::Call(error)) if error.is_not_found() => Ok(true),
            Err(UnsubscribeError::Call(error)) if again(error.kind()) => {
                self.pause(&error).await?;
                Ok(false)
            }
            Err(UnsubscribeError::Call(error)) => Err(refused(&error)),
            Err(UnsubscribeError::Unfinished(ended)) => Err(self.not_gone(ended)),
            Err(UnsubscribeError::Billing(reasons)) => Err(not_unsubscribed(live, &reasons)),
        }
    }

    /// Lets a moment pass before the next look, unless it is time to end.
    async fn pause(&self, error: &Error) -> Outcome {
        tracing::warn!(pool = %self.watch.id, %error, "pool not deleted yet, looking again");
        tokio::select! {
            () = sleep(BUSY_PAUSE) => Ok(()),
            () = self.watch.cx.stop.cancelled() => Err(refused(error)),
            () = self.watch.deadline.passed() => Err(refused(error)),
        }
    }

    async fn until_gone(&self) -> Outcome {
        match self.watch.until_gone().await {
            Ok(()) | Err(Unfinished::Gone) => Ok(()),
            Err(ended) => Err(self.not_gone(ended)),
        }
    }

    fn not_gone(&self, ended: Unfinished) -> Diagnostics {
        let id = &self.watch.id;
        let (pool, detail) = match ended {
            Unfinished::TimedOut(pool, text) => {
                let detail = format!(
                    "Time ran out while the service deletes pool {id}: {text}. The pool stays in \
                     the state; run again to wait on. A longer time can be set with timeouts {{ \
                     delete = \"…\" }}."
                );
                (pool, detail)
            }
            Unfinished::Interrupted(pool, text) => {
                let detail = format!(
                    "The run was interrupted while the service deletes pool {id}: {text}. The \
                     service goes on deleting it; run again to see the end of it."
                );
                (pool, detail)
            }
            Unfinished::Blind(error) => return refused(&error),
            Unfinished::Failed(pool, text) | Unfinished::NeedsPerson(pool, text) => {
                (Some(pool), text)
            }
            Unfinished::Gone => (None, "The pool is gone; run plan again.".to_owned()),
        };
        if let Some(pool) = pool {
            self.saved.show(&picture(&pool));
        }
        Diagnostic::error("Pool is not deleted yet", detail).into()
    }
}

fn not_unsubscribed(live: &Pool, reasons: &str) -> Diagnostics {
    let detail = format!(
        "The billing service did not end the subscription of pool {}: {reasons}.\n\nThe pool stays \
         in the state and is still paid for. Unsubscribe it in the billing console of the cloud, \
         or remove the cause, then run again.",
        live.metadata.name
    );
    Diagnostic::error("Pool could not be unsubscribed", detail).into()
}

fn again(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Busy
            | ErrorKind::Ambiguous
            | ErrorKind::Throttled { .. }
            | ErrorKind::Unavailable
            | ErrorKind::Unreachable
            | ErrorKind::Undecodable
    )
}

fn refuse_frozen(live: &Pool) -> Outcome {
    let reason = control_mode::refuses_delete(live.spec.control_mode.unwrap_or(0));
    reason.map_or(Ok(()), |reason| {
        let detail = format!(
            "The service does not let this pool go: {reason}. The pool stays in the state. Have \
             the restriction lifted by the support of the cloud, then run again."
        );
        Err(Diagnostic::error("Pool cannot be deleted", detail).into())
    })
}

fn refused(error: &Error) -> Diagnostics {
    let consequence = "The pool may still exist and stays in the state.";
    errors::failed_call("Pool could not be deleted", consequence, error).into()
}

fn not_begun(detail: &str) -> Diagnostics {
    Diagnostic::error("Pool was not deleted", detail).into()
}
