//! Changing a pool in place.

use std::time::Duration;

use tokio::time::{Instant, sleep};

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
use super::ready::Goal;
use super::request::{self, Conflict, Step};
use super::spec::{Manner, PoolSpec, WaitFor};
use super::watch::{Unfinished, Watch};

/// Requests that one update may need: workspace, growth, shrinkage, and some
/// repetitions after lost answers.
const MAX_REQUESTS: usize = 12;
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
    let watch = Watch { connection, cx, deadline, workspace: workspace.to_owned(), id, new: false };
    let turn = tokio::select! {
        turn = connection.turn(&watch.id) => turn,
        () = cx.stop.cancelled() => return not_begun(apply, "The run was interrupted"),
        () = deadline.passed() => return not_begun(apply, "Time ran out waiting for another change of the pool"),
    };
    let update = Update {
        watch,
        manner,
        prior: PoolSpec::from_value(&apply.prior),
        planned: PoolSpec::from_value(&apply.planned),
        apply,
    };
    let applied = update.run().await;
    drop(turn);
    applied
}

/// Says whether nothing but local attributes changes and no wait is open: such
/// an update calls nobody.
pub fn is_local(apply: &ApplyRequest) -> bool {
    apply.planned.is_wholly_known() && !marker::is_waiting(&apply.private) && {
        let (prior, planned) =
            (PoolSpec::from_value(&apply.prior), PoolSpec::from_value(&apply.planned));
        PoolSpec { labels: planned.labels.clone(), ..prior } == planned
    }
}

struct Update<'a> {
    watch: Watch<'a>,
    manner: Manner,
    prior: PoolSpec,
    planned: PoolSpec,
    apply: &'a ApplyRequest,
}

/// How a request of an update failed.
enum Refused {
    /// The pool has to be looked at again, then the request may be repeated.
    Again,
    /// It is over.
    Final(Box<Applied>),
}

impl Update<'_> {
    async fn run(&self) -> Applied {
        let mut live = match self.look().await {
            Ok(pool) => pool,
            Err(applied) => return *applied,
        };
        let mut goal = Goal::of_level(self.manner.wait_for);
        let mut lasting = marker::is_waiting(&self.apply.private);
        // What an answer does not show yet is waited for, not sent again.
        let mut taken: Vec<PatchPool> = Vec::new();
        for _ in 0..MAX_REQUESTS {
            let steps = match request::update(&self.prior, &self.planned, &live) {
                Ok(steps) => steps,
                Err(conflict) => return self.conflict(&live, &conflict),
            };
            let more = steps.len() > 1;
            let next = steps.into_iter().next().filter(|step| !taken.contains(&step.patch));
            let Some(step) = next else {
                return self.finish(live, lasting, &goal).await;
            };
            if step.needs_running {
                live = match self.watch.until_changeable().await {
                    Ok(pool) => pool,
                    Err(ended) => return self.too_early(ended, &live),
                };
                // The pool may have changed while it was busy.
                if request::update(&self.prior, &self.planned, &live).as_ref().map(|s| s.first())
                    != Ok(Some(&step))
                {
                    continue;
                }
            }
            let failing = (live.phase() == Phase::ScalingFailed).then(Instant::now);
            match self.send(&step, &live).await {
                Ok(pool) => live = pool,
                Err(Refused::Final(applied)) => return *applied,
                Err(Refused::Again) => {
                    live = match self.look().await {
                        Ok(pool) => pool,
                        Err(applied) => return *applied,
                    };
                    continue;
                }
            }
            taken.push(step.patch.clone());
            lasting |= step.lasting;
            if step.lasting {
                goal = self.goal(&step);
            }
            if more && step.lasting {
                live = match self.settle(&goal, failing).await {
                    Ok(pool) => pool,
                    Err(ended) => return self.unfinished(ended, &live),
                };
            } else if failing.is_some() && step.lasting {
                return match self.settle(&goal, failing).await {
                    Ok(pool) => outcome::done(&pool, &self.apply.planned, self.private()),
                    Err(ended) => self.unfinished(ended, &live),
                };
            }
        }
        let detail = "The service took every request, but the pool never showed the change. Run \
                      plan again to see what it has now.";
        let error = Diagnostic::error("Pool could not be changed", detail);
        outcome::failed(&live, &self.apply.planned, self.private(), error)
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
            old_scaling_failure: false,
        }
    }

    async fn send(&self, step: &Step, live: &Pool) -> Result<Pool, Refused> {
        tracing::info!(pool = %self.watch.id, what = step.what, "changing pool");
        let client = self.watch.connection.client();
        let answer = client.patch_pool(&self.watch.call(), &self.watch.id, &step.patch).await;
        self.watch.connection.note_change();
        match answer {
            Ok(pool) => Ok(pool),
            Err(error) if repeatable(&error) && !self.watch.deadline.has_passed() => {
                tracing::warn!(pool = %self.watch.id, %error, "change not taken yet, looking again");
                tokio::select! {
                    () = sleep(BUSY_PAUSE) => Err(Refused::Again),
                    () = self.watch.cx.stop.cancelled() => Err(self.refused(step, &error, live)),
                    () = self.watch.deadline.passed() => Err(self.refused(step, &error, live)),
                }
            }
            Err(error) => Err(self.refused(step, &error, live)),
        }
    }

    fn refused(&self, step: &Step, error: &Error, live: &Pool) -> Refused {
        let consequence = match error.kind() {
            ErrorKind::Ambiguous => "It is not known whether the change was taken.".to_owned(),
            _ => {
                format!("The service did not {}; the state shows what the pool has now.", step.what)
            }
        };
        let diagnostic = errors::failed_call("Pool could not be changed", &consequence, error);
        let planned = &self.apply.planned;
        Refused::Final(Box::new(outcome::failed(live, planned, self.private(), diagnostic)))
    }

    /// Waits for an intermediate step in full, whatever the user waits for.
    async fn settle(&self, goal: &Goal, failing: Option<Instant>) -> Result<Pool, Unfinished> {
        let mut goal = Goal { level: WaitFor::Ready, ..goal.clone() };
        if failing.is_some() {
            // The verdict on an earlier change may show for a while.
            let watch = Watch {
                deadline: Deadline::after(OLD_VERDICT.min(self.watch.deadline.remaining())),
                workspace: self.watch.workspace.clone(),
                id: self.watch.id.clone(),
                ..self.watch
            };
            goal.old_scaling_failure = true;
            match watch.until(&goal).await {
                Err(Unfinished::TimedOut(..)) => goal.old_scaling_failure = false,
                other => return other,
            }
        }
        self.watch.until(&goal).await
    }

    async fn finish(&self, live: Pool, lasting: bool, goal: &Goal) -> Applied {
        if !lasting {
            return outcome::done(&live, &self.apply.planned, self.private());
        }
        match self.watch.until(goal).await {
            Ok(pool) => outcome::done(&pool, &self.apply.planned, self.private()),
            Err(ended) => self.unfinished(ended, &live),
        }
    }

    fn unfinished(&self, ended: Unfinished, live: &Pool) -> Applied {
        outcome::unfinished(
            ended,
            Operation::Update,
            self.manner.on_timeout,
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
