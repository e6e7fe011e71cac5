//! Changing a pool in place.

use std::time::Duration;

use tokio::time::sleep;

use crate::modelarts::pool::{PatchPool, Phase};
use crate::modelarts::{Error, ErrorKind, Pool, PoolId};
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::Mismatch;
use crate::tf::path::Path;
use crate::tf::resource::{Change, Outcome, Saved};
use crate::wait::Deadline;

use super::outcome::{Ending, Operation};
use super::private_data;
use super::request::{self, Conflict, PatchStep};
use super::schema::{DEFAULT_WORKSPACE, PoolModel};
use super::spec::{PatchableSpec, PoolSpec, WaitFor, WaitOptions};
use super::state::picture;
use super::wait::{Goal, Unfinished, Watch, watch};

/// Requests that the service may take for one update. Workspace, growth and
/// shrinkage are three; more means that it never shows what it has taken.
const MAX_REQUESTS: usize = 8;
/// Pause before a request that the service refused as too early is repeated.
const BUSY_PAUSE: Duration = Duration::from_secs(5);
/// How long a `ScalingFailed` from before a change may still show after it.
const OLD_VERDICT: Duration = Duration::from_secs(60);

/// Carries out a planned update.
pub async fn update(
    connection: &Connection,
    cx: &Context,
    change: &Change<PoolModel>,
    saved: &Saved<'_, PoolModel>,
) -> Outcome {
    let options = WaitOptions::of(&change.planned);
    let workspace = change.prior.workspace_id.text().unwrap_or(DEFAULT_WORKSPACE);
    let deadline = Deadline::after(options.update);
    let planned = PoolSpec::of(&change.planned, &change.config)?;
    let watch = Watch {
        connection,
        cx,
        deadline,
        workspace: workspace.to_owned(),
        id: PoolId::new(change.prior.id.text().unwrap_or_default()),
        new: false,
        patience: watch::patience(&planned.billing, planned.patchable.order_id.as_deref()),
    };
    let turn = tokio::select! {
        turn = connection.turn(&watch.id) => turn,
        () = cx.stop.cancelled() => return Err(not_begun("The run was interrupted")),
        () = deadline.passed() => {
            return Err(not_begun("Time ran out waiting for another change of the pool"));
        }
    };
    let mut update = Update {
        ending: Ending { saved, operation: Operation::Update, options: &options },
        goal: Goal::of_level(options.wait_for),
        has_to_wait: private_data::is_waiting(&saved.private()),
        taken: Vec::new(),
        before: PatchableSpec::of(&change.prior)?,
        planned,
        watch,
    };
    let ended = update.carry_out().await;
    drop(turn);
    ended
}

/// Says whether nothing is to be asked of the service and no wait is open: such
/// an update calls nobody.
///
/// # Errors
/// The prior object is not one.
pub fn is_local(
    change: &Change<PoolModel>,
    saved: &Saved<'_, PoolModel>,
) -> Result<bool, Mismatch> {
    let (before, after) = (PatchableSpec::of(&change.prior)?, PatchableSpec::of(&change.planned)?);
    let open = private_data::is_waiting(&saved.private()) || !saved.is_wholly_planned();
    Ok(!open && request::asks_the_same(&before, &after))
}

struct Update<'a> {
    watch: Watch<'a>,
    ending: Ending<'a>,
    before: PatchableSpec,
    planned: PoolSpec,
    /// What the last request that takes time is waited for.
    goal: Goal,
    /// Whether there is something to wait for.
    has_to_wait: bool,
    /// The requests that the service has taken. What an answer does not show
    /// yet is waited for, not sent again.
    taken: Vec<PatchPool>,
}

impl Update<'_> {
    /// Sends one request after the other, each computed from the pool as it is
    /// then, until nothing is left to ask for.
    async fn carry_out(&mut self) -> Outcome {
        let mut live = self.look().await?;
        while self.taken.len() < MAX_REQUESTS {
            let steps = self.steps(&live)?;
            let is_last = steps.len() == 1;
            let next = steps.into_iter().next();
            let Some(step) = next.filter(|step| !self.has_taken(step)) else {
                return self.finish(live).await;
            };
            live = self.take(step, live, is_last).await?;
        }
        let detail = "The service took every request, but the pool never showed the change. Run \
                      plan again to see what it has now.";
        Err(self.failed(&live, Diagnostic::error("Pool could not be changed", detail)))
    }

    /// Has the service take a request, as far as it goes at once; the pool as it
    /// is then.
    async fn take(
        &mut self,
        step: PatchStep,
        live: Pool,
        is_last: bool,
    ) -> Result<Pool, Diagnostics> {
        if step.needs_running && !watch::is_changeable(&live) {
            // It may change while it is busy: what to ask for may then differ.
            return self.changeable(&live).await;
        }
        let failing = live.phase() == Phase::ScalingFailed;
        let answer = match self.send(&step, &live).await? {
            Some(answer) => answer,
            None => {
                let now = self.changeable(&live).await?;
                if self.is_still_wanted(&step, &now)? {
                    return Ok(now);
                }
                // The answer was lost, but the request was carried out.
                now
            }
        };
        self.taken.push(step.patch.clone());
        if step.lasting {
            self.has_to_wait = true;
            self.goal = self.goal_of(&step);
            self.ending.save_waiting(&answer);
            if !is_last || failing {
                return self.settle(failing, &answer).await;
            }
        }
        Ok(answer)
    }

    fn has_taken(&self, step: &PatchStep) -> bool {
        self.taken.iter().any(|taken| request::is_same(taken, &step.patch))
    }

    /// What is left to ask for.
    fn steps(&self, live: &Pool) -> Result<Vec<PatchStep>, Diagnostics> {
        let change = request::Change {
            before: &self.before,
            after: &self.planned.patchable,
            kind: self.planned.kind,
            billing: &self.planned.billing,
        };
        request::patches(change, live).map_err(|conflict| self.failed(live, changed(&conflict)))
    }

    fn is_still_wanted(&self, step: &PatchStep, live: &Pool) -> Result<bool, Diagnostics> {
        let next = self.steps(live)?.into_iter().next();
        Ok(next.is_some_and(|next| request::is_same(&next.patch, &step.patch)))
    }

    /// The pool once it takes changes.
    async fn changeable(&self, live: &Pool) -> Result<Pool, Diagnostics> {
        let changeable = self.watch.until_changeable().await;
        changeable.map_err(|ended| self.failed(live, self.too_early(ended)))
    }

    async fn look(&self) -> Result<Pool, Diagnostic> {
        let id = &self.watch.id;
        let seen = self.watch.connection.get_pool(&self.watch.call(), id).await;
        let pool = seen.map_err(|error| {
            errors::failed_call("Pool could not be read", "Nothing was changed.", &error)
        })?;
        pool.ok_or_else(|| {
            let detail = format!(
                "Pool {id} no longer exists, so it cannot be changed. Run plan again: it will \
                 propose to create it."
            );
            Diagnostic::error("Pool is gone", detail)
        })
    }

    fn goal_of(&self, step: &PatchStep) -> Goal {
        Goal {
            level: self.ending.options.wait_for,
            counts: step.counts.clone(),
            removed: step.removed.clone(),
            workspace_id: step.workspace_id.clone(),
            old_verdict_until: None,
        }
    }

    /// Sends a request. `None` means that the pool has to be looked at again
    /// before anybody can tell whether to repeat it.
    async fn send(&self, step: &PatchStep, live: &Pool) -> Result<Option<Pool>, Diagnostics> {
        tracing::info!(pool = %self.watch.id, what = step.what, "changing pool");
        let client = self.watch.connection.client();
        let answer = client.patch_pool(&self.watch.call(), &self.watch.id, &step.patch).await;
        self.watch.connection.note_change();
        let error = match answer {
            Ok(pool) => return Ok(Some(pool)),
            Err(error) => error,
        };
        if repeatable(&error) && !self.watch.deadline.has_passed() {
            tracing::warn!(pool = %self.watch.id, %error, "change not taken yet, looking again");
            tokio::select! {
                () = sleep(BUSY_PAUSE) => return Ok(None),
                () = self.watch.cx.stop.cancelled() => {}
                () = self.watch.deadline.passed() => {}
            }
        }
        Err(self.failed(live, refused(step, &error)))
    }

    /// The state says what is true: as it was before, or with what the service
    /// has taken.
    fn failed(&self, live: &Pool, error: Diagnostic) -> Diagnostics {
        if self.taken.is_empty() {
            self.ending.saved.show(&picture(live));
        } else {
            self.ending.saved.show_planned(&picture(live));
        }
        error.into()
    }

    /// Waits for an intermediate step in full, whatever the user waits for.
    async fn settle(&self, failing: bool, live: &Pool) -> Result<Pool, Diagnostics> {
        // The verdict on an earlier change may show for a while.
        let old_verdict_until = failing.then(|| Deadline::after(OLD_VERDICT));
        let goal = Goal { level: WaitFor::Ready, old_verdict_until, ..self.goal.clone() };
        match self.watch.until(&goal, live).await {
            Ok(pool) => Ok(pool),
            // Part of the change was not asked for: this is no success, also
            // where a wait may end early.
            Err(ended) => Err(self.half_way(ended, live)),
        }
    }

    fn half_way(&self, ended: Unfinished, live: &Pool) -> Diagnostics {
        let (pool, why) = match ended {
            Unfinished::TimedOut(pool, text) => (pool, format!("time ran out: {text}")),
            Unfinished::Interrupted(pool, text) => {
                (pool, format!("the run was interrupted: {text}"))
            }
            Unfinished::NeedsPerson(pool, text) => (Some(pool), text),
            other => return self.ending.unfinished(other, live).err().unwrap_or_default(),
        };
        self.ending.saved.show_planned(&picture(pool.as_deref().unwrap_or(live)));
        let detail = format!(
            "Pool {} took the first part of the change, and the rest was not sent: {why}. Run plan \
             again; it shows what is left.",
            self.watch.id
        );
        Diagnostic::error("Pool was changed in part", detail).into()
    }

    async fn finish(&self, live: Pool) -> Outcome {
        if !self.has_to_wait {
            return self.ending.done(&live);
        }
        match self.watch.until(&self.goal, &live).await {
            Ok(pool) => self.ending.done(&pool),
            Err(ended) => self.ending.unfinished(ended, &live),
        }
    }

    /// The pool never became changeable, so the change was not sent.
    fn too_early(&self, ended: Unfinished) -> Diagnostic {
        let why = match ended {
            Unfinished::Failed(_, reason) => reason,
            Unfinished::TimedOut(_, text) => format!("time ran out: {text}"),
            Unfinished::Interrupted(_, text) => format!("the run was interrupted: {text}"),
            Unfinished::NeedsPerson(_, text) => text,
            Unfinished::Gone => "the pool no longer exists".to_owned(),
            Unfinished::Blind(error) => error.to_string(),
        };
        let detail = format!(
            "Pool {} does not take changes: {why}.\n\nThe change was not sent. Run again when the \
             pool is in phase Running.",
            self.watch.id
        );
        Diagnostic::error("Pool could not be changed", detail)
    }
}

fn refused(step: &PatchStep, error: &Error) -> Diagnostic {
    let consequence = match error.kind() {
        ErrorKind::Ambiguous => "It is not known whether the change was taken.".to_owned(),
        _ => format!("The service did not {}; the state shows what the pool has now.", step.what),
    };
    errors::failed_call("Pool could not be changed", &consequence, error)
}

fn changed(conflict: &Conflict) -> Diagnostic {
    let detail = format!(
        "The plan changes the nodes of {}, but the pool no longer has them: somebody removed them \
         after the plan was made. Nothing was changed. Run plan again.",
        conflict.0
    );
    Diagnostic::error("Pool changed since the plan", detail).at(Path::of(PoolModel::RESOURCES))
}

/// Failures after which looking again and repeating the same change is safe: a
/// change states the desired whole.
fn repeatable(error: &Error) -> bool {
    error.is_transient() || error.kind() == ErrorKind::Ambiguous
}

fn not_begun(why: &str) -> Diagnostics {
    let detail = format!("{why} before the change was sent. Nothing was changed; apply again.");
    Diagnostic::error("Pool was not changed", detail).into()
}
