//! Deleting a pool: done when the service no longer knows it.
//!
//! What is paid for in advance is unsubscribed instead: first the nodes, with
//! the last of which the pool goes by itself, otherwise the pool (API
//! reference, billing calls for prepaid pools).

use std::time::Duration;

use tokio::time::sleep;

use crate::modelarts::pool::Phase;
use crate::modelarts::{ErrorKind, Pool, PoolId};
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::private::Private;
use crate::tf::resource::{Applied, ApplyRequest};
use crate::tf::value::Value;
use crate::wait::{Deadline, PollError};

use super::control_mode;
use super::defaults;
use super::outcome;
use super::spec::Manner;
use super::state;
use super::subscription::{Progress, Subscriptions, Trouble};
use super::wait::{Tolerance, Unfinished, Watch, watch};

/// Pause before a request that the service refused as too early is repeated.
const BUSY_PAUSE: Duration = Duration::from_secs(5);

/// Carries out a planned delete.
pub async fn delete(connection: &Connection, cx: &Context, apply: &ApplyRequest) -> Applied {
    let deadline = Deadline::after(Manner::from_value(&apply.prior).delete);
    let workspace = apply.prior.get("workspace_id").as_str().unwrap_or(defaults::WORKSPACE);
    let watch = Watch {
        connection,
        cx,
        deadline,
        workspace: workspace.to_owned(),
        id: PoolId::new(apply.prior.get("id").as_str().unwrap_or_default()),
        new: false,
        patience: watch::PATIENCE,
    };
    let turn = tokio::select! {
        turn = connection.turn(&watch.id) => turn,
        () = cx.stop.cancelled() => return kept(apply, None, "The run was interrupted before the pool was deleted."),
        () = deadline.passed() => return kept(apply, None, "Time ran out waiting for another change of the pool."),
    };
    let applied = match request(&watch, apply).await {
        Ok(()) => gone(&watch, apply).await,
        Err(applied) => *applied,
    };
    drop(turn);
    applied
}

/// Has the service begun to delete the pool.
async fn request(watch: &Watch<'_>, apply: &ApplyRequest) -> Result<(), Box<Applied>> {
    let mut subscriptions = Subscriptions::new(watch);
    let mut last: Option<Pool> = None;
    let tolerance = Tolerance::default();
    loop {
        let seen = watch.connection.get_pool(&watch.call(), &watch.id).await;
        let live = match tolerance.judge(seen) {
            Ok(None) => return Ok(()),
            Ok(Some(pool)) if pool.phase() == Phase::Deleting => return Ok(()),
            Ok(Some(pool)) => pool,
            // Something has been asked for already: a failed look is no end.
            Err(PollError::Transient(error)) if last.is_some() => {
                pause(watch, apply, last.as_ref(), &error).await?;
                continue;
            }
            Err(PollError::Transient(error) | PollError::Permanent(error)) => {
                return Err(Box::new(refused(apply, None, &error)));
            }
        };
        last = Some(live.clone());
        refuse_frozen(&live, apply)?;
        let begun = match subscriptions.end(&live).await {
            Ok(Progress::Ended) => return Ok(()),
            Ok(Progress::Ending) => continue,
            Ok(Progress::Nothing) => {
                let answer = watch.connection.client().delete_pool(&watch.call(), &watch.id).await;
                watch.connection.note_change();
                answer.map(|_| ()).map_err(Trouble::Call)
            }
            Err(trouble) => Err(trouble),
        };
        match begun {
            Ok(()) => return Ok(()),
            Err(Trouble::Call(error)) if error.is_not_found() => return Ok(()),
            Err(Trouble::Call(error)) if again(error.kind()) => {
                pause(watch, apply, Some(&live), &error).await?;
            }
            Err(Trouble::Call(error)) => {
                return Err(Box::new(refused(apply, Some(&live), &error)));
            }
            Err(Trouble::Unfinished(ended)) => return Err(Box::new(not_gone(watch, apply, ended))),
            Err(Trouble::Billing(reasons)) => {
                return Err(Box::new(keep(apply, Some(&live), not_unsubscribed(&live, &reasons))));
            }
        }
    }
}

/// Lets a moment pass before the next look, unless it is time to end.
async fn pause(
    watch: &Watch<'_>,
    apply: &ApplyRequest,
    live: Option<&Pool>,
    error: &crate::modelarts::Error,
) -> Result<(), Box<Applied>> {
    tracing::warn!(pool = %watch.id, %error, "pool not deleted yet, looking again");
    tokio::select! {
        () = sleep(BUSY_PAUSE) => Ok(()),
        () = watch.cx.stop.cancelled() => Err(Box::new(refused(apply, live, error))),
        () = watch.deadline.passed() => Err(Box::new(refused(apply, live, error))),
    }
}

fn not_unsubscribed(live: &Pool, reasons: &str) -> Diagnostic {
    let detail = format!(
        "The billing service did not end the subscription of pool {}: {reasons}.\n\nThe pool stays \
         in the state and is still paid for. Unsubscribe it in the billing console of the cloud, \
         or remove the cause, then run again.",
        live.metadata.name
    );
    Diagnostic::error("Pool could not be unsubscribed", detail)
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

fn refuse_frozen(live: &Pool, apply: &ApplyRequest) -> Result<(), Box<Applied>> {
    let reason = control_mode::refuses_delete(live.spec.control_mode.unwrap_or(0));
    reason.map_or(Ok(()), |reason| {
        let detail = format!(
            "The service does not let this pool go: {reason}. The pool stays in the state. Have \
             the restriction lifted by the support of the cloud, then run again."
        );
        Err(Box::new(keep(apply, Some(live), Diagnostic::error("Pool cannot be deleted", detail))))
    })
}

async fn gone(watch: &Watch<'_>, apply: &ApplyRequest) -> Applied {
    match watch.until_gone().await {
        Ok(()) | Err(Unfinished::Gone) => Applied {
            state: Value::Null,
            private: Private::default(),
            diagnostics: Diagnostics::new(),
        },
        Err(ended) => not_gone(watch, apply, ended),
    }
}

fn not_gone(watch: &Watch<'_>, apply: &ApplyRequest, ended: Unfinished) -> Applied {
    let not_yet = |pool: Option<&Pool>, detail: String| {
        keep(apply, pool, Diagnostic::error("Pool is not deleted yet", detail))
    };
    match ended {
        Unfinished::TimedOut(pool, text) => {
            let detail = format!(
                "Time ran out while the service deletes pool {}: {text}. The pool stays in the \
                 state; run again to wait on. A longer time can be set with timeouts {{ delete = \
                 \"…\" }}.",
                watch.id
            );
            not_yet(pool.as_deref(), detail)
        }
        Unfinished::Interrupted(pool, text) => {
            let detail = format!(
                "The run was interrupted while the service deletes pool {}: {text}. The service \
                 goes on deleting it; run again to see the end of it.",
                watch.id
            );
            not_yet(pool.as_deref(), detail)
        }
        Unfinished::Blind(error) => refused(apply, None, &error),
        Unfinished::Failed(pool, text) | Unfinished::NeedsPerson(pool, text) => {
            not_yet(Some(&pool), text)
        }
        Unfinished::Gone => not_yet(None, "The pool is gone; run plan again.".to_owned()),
    }
}

fn refused(apply: &ApplyRequest, live: Option<&Pool>, error: &crate::modelarts::Error) -> Applied {
    let consequence = "The pool may still exist and stays in the state.";
    keep(apply, live, errors::failed_call("Pool could not be deleted", consequence, error))
}

fn kept(apply: &ApplyRequest, live: Option<&Pool>, detail: &str) -> Applied {
    keep(apply, live, Diagnostic::error("Pool was not deleted", detail))
}

fn keep(apply: &ApplyRequest, live: Option<&Pool>, error: Diagnostic) -> Applied {
    let known =
        live.map_or_else(|| apply.prior.clone(), |pool| state::from_api(pool, &apply.prior));
    outcome::unchanged(&known, &apply.private, error.into())
}
