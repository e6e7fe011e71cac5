//! Changing a pool in place.

use std::time::Duration;

use tokio::time::sleep;

use crate::modelarts::pool::{PatchPool, Phase};
use crate::modelarts::{Error, ErrorKind, Pool, PoolId};
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::path::Path;
use crate::tf::resource::{Applied, ApplyRequest};
use crate::tf::value::Value;
use crate::wait::Deadline;

use super::defaults;
use super::marker;
use super::outcome::{self, Operation};
use super::request::{self, Change, Conflict, Step};
use super::spec::{Changeable, Manner, PoolSpec, WaitFor};
use super::wait::{Goal, Unfinished, Watch, watch};

/// Requests that the service may take for one update. Workspace, growth and
/// shrinkage are three; more means that it never shows what it has taken.
const MAX_REQUESTS: usize = 8;
/// Pause before a request that the service refused as too early is repeated.
const BUSY_PAUSE: Duration = Duration::from_secs(5);
/// How long a `ScalingFailed` from before a change may still show after it.
const OLD_VERDICT: Duration = Duration::from_secs(60);

/// Carries out a planned update.
pub async fn update(connection: &Connection, cx: &Context, apply: &ApplyRequest) -> Applied {
    let manner = Manner::from_value(&apply.planned);
    let id = PoolId::new(apply.prior.get("id").as_str().unwrap_or_default());
    let workspace = apply.prior.get("workspace_id").as_str().unwrap_or(defaults::WORKSPACE);
    let deadline = Deadline::after(manner.update);
    let planned = PoolSpec::from_value(&apply.planned);
    let watch = Watch {
        connection,
        cx,
        deadline,
        workspace: workspace.to_owned(),
        id,
        new: false,
        patience: watch::patience(&planned.billing, planned.changeable.order_id.as_deref()),
    };
    let turn = tokio::select! {
        turn = connection.turn(&watch.id) => turn,
        () = cx.stop.cancelled() => return not_begun(apply, "The run was interrupted"),
        () = deadline.passed() => return not_begun(apply, "Time ran out waiting for another change of the pool"),
    };
    let before = before(apply, &planned.changeable);
    let update = Update { watch, manner, before, planned, apply };
    let applied = update.run().await;
    drop(turn);
    applied
}

/// Says whether nothing but local attributes changes and no wait is open: such
/// an update calls nobody.
pub fn is_local(apply: &ApplyRequest) -> bool {
    apply.planned.is_wholly_known() && !marker::is_waiting(&apply.private) && {
        let planned = Changeable::from_value(&apply.planned);
        before(apply, &planned) == planned
    }
}

/// What was, as far as the user has written it.
fn before(apply: &ApplyRequest, planned: &Changeable) -> Changeable {
    let mut before = Changeable::from_value(&apply.prior);
    if marker::is_imported(&apply.private) {
        before.forget(planned);
    }
    before
}

struct Update<'a> {
    watch: Watch<'a>,
    manner: Manner,
    before: Changeable,
    planned: PoolSpec,
    apply: &'a ApplyRequest,
}

/// How far an update is.
struct Progress {
    /// What the last lasting request is waited for.
    goal: Goal,
    /// Whether there is something to wait for.
    lasting: bool,
    /// The requests that the service has taken. What an answer does not show
    /// yet is waited for, not sent again.
    taken: Vec<PatchPool>,
}

impl Progress {
    fn has_taken(&self, step: &Step) -> bool {
        self.taken.iter().any(|taken| request::is_same(taken, &step.patch))
    }

    fn note(&mut self, step: &Step, goal: Goal) {
        self.taken.push(step.patch.clone());
        if step.lasting {
            self.lasting = true;
            self.goal = goal;
        }
    }
}

impl Update<'_> {
    async fn run(&self) -> Applied {
        self.carry_out().await.unwrap_or_else(|end| *end)
    }

    /// Sends one request after the other, each computed from the pool as it is
    /// then, until nothing is left to ask for. `Err` is an early end.
    async fn carry_out(&self) -> Result<Applied, Box<Applied>> {
        let mut live = self.look().await?;
        let mut progress = Progress {
            goal: Goal::of_level(self.manner.wait_for),
            lasting: marker::is_waiting(&self.apply.private),
            taken: Vec::new(),
        };
        while progress.taken.len() < MAX_REQUESTS {
            let steps = self.steps(&live)?;
            let more = steps.len() > 1;
            let next = steps.into_iter().next();
            let Some(step) = next.filter(|step| !progress.has_taken(step)) else {
                return Ok(self.finish(live, &progress).await);
            };
            if step.needs_running && !watch::is_changeable(&live) {
                // It may change while it is busy: what to ask for may then differ.
                live = self.changeable(&live).await?;
                continue;
            }
            let failing = live.phase() == Phase::ScalingFailed;
            live = match self.send(&step, &live).await? {
                Some(answer) => answer,
                None => {
                    let now = self.changeable(&live).await?;
                    if self.is_still_wanted(&step, &now)? {
                        live = now;
                        continue;
                    }
                    // The answer was lost, but the request was carried out.
                    now
                }
            };
            progress.note(&step, self.goal(&step));
            if step.lasting && (more || failing) {
                live = match self.settle(&progress.goal, failing, &live).await {
                    Ok(pool) => pool,
                    Err(ended) => return Err(Box::new(self.unfinished(ended, &live))),
                };
            }
        }
        let detail = "The service took every request, but the pool never showed the change. Run \
                      plan again to see what it has now.";
        let error = Diagnostic::error("Pool could not be changed", detail);
        Ok(outcome::failed(&live, &self.apply.planned, self.private(), error))
    }

    /// What is left to ask for.
    fn steps(&self, live: &Pool) -> Result<Vec<Step>, Box<Applied>> {
        let change = Change {
            before: &self.before,
            after: &self.planned.changeable,
            kind: self.planned.kind,
            billing: &self.planned.billing,
        };
        request::update(change, live).map_err(|conflict| Box::new(self.conflict(live, &conflict)))
    }

    fn is_still_wanted(&self, step: &Step, live: &Pool) -> Result<bool, Box<Applied>> {
        let next = self.steps(live)?.into_iter().next();
        Ok(next.is_some_and(|next| request::is_same(&next.patch, &step.patch)))
    }

    /// The pool once it takes changes.
    async fn changeable(&self, live: &Pool) -> Result<Pool, Box<Applied>> {
        let changeable = self.watch.until_changeable().await;
        changeable.map_err(|ended| Box::new(self.too_early(ended, live)))
    }

    fn private(&self) -> crate::tf::private::Private {
        self.apply.private.clone()
    }

    async fn look(&self) -> Result<Pool, Box<Applied>> {
        let connection = self.watch.connection;
        match connection.get_pool(&self.watch.call(), &self.watch.id).await {
            Ok(Some(pool)) => Ok(pool),
            Ok(None) => {
                let detail = format!(
                    "Pool {} no longer exists, so it cannot be changed. Run plan again: it will \
                     propose to create it.",
                    self.watch.id
                );
                Err(Box::new(self.unsent(Diagnostic::error("Pool is gone", detail))))
            }
            Err(error) => {
                let consequence = "Nothing was changed.";
                let error = errors::failed_call("Pool could not be read", consequence, &error);
                Err(Box::new(self.unsent(error)))
            }
        }
    }

    /// Nothing was sent, so what was known before still holds.
    fn unsent(&self, error: Diagnostic) -> Applied {
        outcome::unchanged(&self.apply.prior, &self.apply.private, error.into())
    }

    fn goal(&self, step: &Step) -> Goal {
        Goal {
            level: self.manner.wait_for,
            counts: step.counts.clone(),
            removed: step.removed.clone(),
            workspace_id: step.workspace_id.clone(),
            old_verdict_until: None,
        }
    }

    /// Sends a request. `None` means that the pool has to be looked at again
    /// before anybody can tell whether to repeat it.
    async fn send(&self, step: &Step, live: &Pool) -> Result<Option<Pool>, Box<Applied>> {
        tracing::info!(pool = %self.watch.id, what = step.what, "changing pool");
        let client = self.watch.connection.client();
        let answer = client.patch_pool(&self.watch.call(), &self.watch.id, &step.patch).await;
        self.watch.connection.note_change();
        match answer {
            Ok(pool) => Ok(Some(pool)),
            Err(error) if repeatable(&error) && !self.watch.deadline.has_passed() => {
                tracing::warn!(pool = %self.watch.id, %error, "change not taken yet, looking again");
                tokio::select! {
                    () = sleep(BUSY_PAUSE) => Ok(None),
                    () = self.watch.cx.stop.cancelled() => Err(self.refused(step, &error, live)),
                    () = self.watch.deadline.passed() => Err(self.refused(step, &error, live)),
                }
            }
            Err(error) => Err(self.refused(step, &error, live)),
        }
    }

    fn refused(&self, step: &Step, error: &Error, live: &Pool) -> Box<Applied> {
        let consequence = match error.kind() {
            ErrorKind::Ambiguous => "It is not known whether the change was taken.".to_owned(),
            _ => {
                format!("The service did not {}; the state shows what the pool has now.", step.what)
            }
        };
        let diagnostic = errors::failed_call("Pool could not be changed", &consequence, error);
        let planned = &self.apply.planned;
        Box::new(outcome::failed(live, planned, self.private(), diagnostic))
    }

    /// Waits for an intermediate step in full, whatever the user waits for.
    async fn settle(&self, goal: &Goal, failing: bool, live: &Pool) -> Result<Pool, Unfinished> {
        // The verdict on an earlier change may show for a while.
        let old_verdict_until = failing.then(|| Deadline::after(OLD_VERDICT));
        let goal = Goal { level: WaitFor::Ready, old_verdict_until, ..goal.clone() };
        self.watch.until(&goal, live).await
    }

    async fn finish(&self, live: Pool, progress: &Progress) -> Applied {
        if !progress.lasting {
            return outcome::done(&live, &self.apply.planned, self.private());
        }
        match self.watch.until(&progress.goal, &live).await {
            Ok(pool) => outcome::done(&pool, &self.apply.planned, self.private()),
            Err(ended) => self.unfinished(ended, &live),
        }
    }

    fn unfinished(&self, ended: Unfinished, live: &Pool) -> Applied {
        outcome::unfinished(
            ended,
            Operation::Update,
            &self.manner,
            live,
            &self.apply.planned,
            self.private(),
        )
    }

    /// The pool never became changeable, so the change was not sent.
    fn too_early(&self, ended: Unfinished, live: &Pool) -> Applied {
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
        let error = Diagnostic::error("Pool could not be changed", detail);
        outcome::failed(live, &self.apply.planned, self.private(), error)
    }

    fn conflict(&self, live: &Pool, conflict: &Conflict) -> Applied {
        let detail = format!(
            "The plan changes the nodes of {}, but the pool no longer has them: somebody removed \
             them after the plan was made. Nothing was changed. Run plan again.",
            conflict.0
        );
        let error =
            Diagnostic::error("Pool changed since the plan", detail).at(Path::of("resources"));
        outcome::failed(live, &self.apply.planned, self.private(), error)
    }
}

/// Failures after which looking again and repeating the same change is safe: a
/// change states the desired whole.
fn repeatable(error: &Error) -> bool {
    error.is_transient() || error.kind() == ErrorKind::Ambiguous
}

fn not_begun(apply: &ApplyRequest, why: &str) -> Applied {
    let detail = format!("{why} before the change was sent. Nothing was changed; apply again.");
    let diagnostics: Diagnostics = Diagnostic::error("Pool was not changed", detail).into();
    outcome::unchanged(&apply.prior, &apply.private, diagnostics)
}

/// The end of an update that calls nobody.
pub fn local(apply: &ApplyRequest) -> Applied {
    let mut private = apply.private.clone();
    marker::clear_imported(&mut private);
    let state: Value = apply.planned.clone();
    Applied { state, private, diagnostics: Diagnostics::new() }
}
