//! Changing an object in place.

use std::time::Duration;

use tokio::time::sleep;

use crate::modelarts::{Error, ErrorKind, Object};
use crate::resources::errors;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::resource::{Outcome, Saved};

use super::ending::{Ending, OnTimeout, Operation};
use super::kind::{Goal, Kind, PatchOf, Readiness};
use super::run::{NotBegun, Run};
use super::waiting;
use super::watch::{Unfinished, Watch};

/// Requests that the service may take for one update. Of a pool, workspace,
/// growth and shrinkage are three; more means that it never shows what it has
/// taken.
const MAX_REQUESTS: usize = 8;
/// Pause before a request that the service refused as too early is repeated.
const BUSY_PAUSE: Duration = Duration::from_secs(5);

/// One request of an update.
#[derive(Debug)]
pub struct Step<K: Kind> {
    /// What it does, for messages.
    pub what: &'static str,
    /// The request.
    pub patch: PatchOf<K>,
    /// What is waited for once the service has taken it; `None` when it is in
    /// effect at once.
    pub goal: Option<K::Goal>,
    /// Whether the service takes it only while nothing else is under way.
    pub needs_rest: bool,
}

/// What is left to ask for of an object, one request after the other. They are
/// computed from the live object: what the user did not touch is sent as it is,
/// so that a request never undoes what the plan did not show.
pub trait Changes<K: Kind>: Send + Sync {
    /// The steps that are left.
    ///
    /// # Errors
    /// Why the change cannot be asked for.
    fn steps(&self, live: &K::Object) -> Result<Vec<Step<K>>, Diagnostic>;
}

/// Nothing is left to ask for.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl<K: Kind> Changes<K> for Nothing {
    fn steps(&self, _: &K::Object) -> Result<Vec<Step<K>>, Diagnostic> {
        Ok(Vec::new())
    }
}

/// An update to carry out.
pub struct Change<'a, K: Kind, C> {
    /// What is left to ask for.
    pub changes: C,
    /// The object as it was.
    pub prior: &'a K::Model,
    /// What an open wait is for.
    pub goal: K::Goal,
    /// How long the object may wait for a person before the wait is ended.
    pub patience: Duration,
    /// What running out of time means.
    pub on_timeout: OnTimeout,
}

/// Carries out a planned update.
pub async fn update<K: Kind, C: Changes<K>>(
    run: Run<'_>,
    change: Change<'_, K, C>,
    saved: &Saved<'_, K::Model>,
) -> Outcome {
    let Change { changes, prior, goal, patience, on_timeout } = change;
    let (id, workspace) = (K::id(prior), K::workspace(prior).to_owned());
    let allowed = run.deadline.remaining();
    let turn = run.turn(run.connection.turns().of(&id)).await;
    let turn = turn.map_err(|why| not_begun::<K>(why))?;
    let mut update = Update {
        watch: Watch { run, workspace, id, new: false, patience },
        ending: Ending { saved, operation: Operation::Update, allowed, on_timeout },
        has_to_wait: waiting::is_open(&saved.private()),
        taken: Vec::new(),
        goal,
        changes,
    };
    let ended = match update.look().await {
        Ok(live) => update.carry_out(live).await,
        Err(error) => Err(error.into()),
    };
    drop(turn);
    ended
}

/// Asks for what an object that has just been made still lacks.
pub(super) async fn complete<K: Kind, C: Changes<K>>(
    watch: Watch<'_, K>,
    ending: Ending<'_, K>,
    (changes, goal): (C, K::Goal),
    live: K::Object,
) -> Outcome {
    let mut update = Update { watch, ending, changes, goal, has_to_wait: false, taken: Vec::new() };
    update.carry_out(live).await
}

struct Update<'a, K: Kind, C> {
    watch: Watch<'a, K>,
    ending: Ending<'a, K>,
    changes: C,
    /// What the last request that takes time is waited for.
    goal: K::Goal,
    /// Whether there is something to wait for.
    has_to_wait: bool,
    /// The requests that the service has taken. What an answer does not show
    /// yet is waited for, not sent again.
    taken: Vec<PatchOf<K>>,
}

impl<K: Kind, C: Changes<K>> Update<'_, K, C> {
    /// Sends one request after the other, each computed from the object as it is
    /// then, until nothing is left to ask for.
    async fn carry_out(&mut self, mut live: K::Object) -> Outcome {
        while self.taken.len() < MAX_REQUESTS {
            // An answer need not show what the service has taken.
            let steps = self.steps(&live)?.into_iter();
            let mut left = steps.filter(|step| !self.has_taken(step));
            let Some(step) = left.next() else {
                return self.finish(live).await;
            };
            let is_last = left.next().is_none();
            live = self.take(step, live, is_last).await?;
        }
        let detail = format!(
            "The service took every request, but the {} never showed the change. Run plan again \
             to see what it has now.",
            K::NOUN
        );
        Err(self.failed(&live, Diagnostic::error(not_changed::<K>(), detail)))
    }

    /// Has the service take a request, as far as it goes at once; the object as
    /// it is then.
    async fn take(
        &mut self,
        step: Step<K>,
        live: K::Object,
        is_last: bool,
    ) -> Result<K::Object, Diagnostics> {
        if step.needs_rest && K::takes_changes(&live) != Readiness::Ready {
            // It may change while it is busy: what to ask for may then differ.
            return self.changeable(&live).await;
        }
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
        self.taken.push(step.patch);
        if let Some(goal) = step.goal {
            self.has_to_wait = true;
            self.goal = goal;
            self.ending.save_waiting(&answer);
            if !is_last || K::shows_failure(&live) {
                return self.settle(&live, &answer).await;
            }
        }
        Ok(answer)
    }

    fn has_taken(&self, step: &Step<K>) -> bool {
        self.taken.iter().any(|taken| K::is_same(taken, &step.patch))
    }

    fn steps(&self, live: &K::Object) -> Result<Vec<Step<K>>, Diagnostics> {
        self.changes.steps(live).map_err(|error| self.failed(live, error))
    }

    fn is_still_wanted(&self, step: &Step<K>, live: &K::Object) -> Result<bool, Diagnostics> {
        let next = self.steps(live)?.into_iter().next();
        Ok(next.is_some_and(|next| K::is_same(&next.patch, &step.patch)))
    }

    /// The object once it takes changes.
    async fn changeable(&self, live: &K::Object) -> Result<K::Object, Diagnostics> {
        let changeable = self.watch.until_changeable().await;
        changeable.map_err(|ended| self.failed(live, self.too_early(ended)))
    }

    async fn look(&self) -> Result<K::Object, Diagnostic> {
        let (run, id) = (self.watch.run, &self.watch.id);
        let seen = run.connection.get(&run.call(), id).await.map_err(|error| {
            let summary = format!("{} could not be read", K::TITLE);
            errors::failed_call(&summary, "Nothing was changed.", &error)
        })?;
        seen.ok_or_else(|| {
            let detail = format!(
                "{} {id} no longer exists, so it cannot be changed. Run plan again: it will \
                 propose to create it.",
                K::TITLE
            );
            Diagnostic::error(format!("{} is gone", K::TITLE), detail)
        })
    }

    /// Sends a request. `None` means that the object has to be looked at again
    /// before anybody can tell whether to repeat it.
    async fn send(
        &self,
        step: &Step<K>,
        live: &K::Object,
    ) -> Result<Option<K::Object>, Diagnostics> {
        let (run, id) = (self.watch.run, &self.watch.id);
        let network = K::stands_on(live.spec());
        let turn = run.turn(run.connection.turns().on(network.as_ref())).await;
        let turn = turn.map_err(|why| self.failed(live, not_begun_on_network::<K>(why)))?;
        tracing::info!(%id, what = step.what, "changing {}", K::NOUN);
        let answer = run.connection.client().patch(&run.call(), id, &step.patch).await;
        drop(turn);
        run.connection.note_change();
        let error = match answer {
            Ok(object) => return Ok(Some(object)),
            Err(error) => error,
        };
        if repeatable(&error) && !run.deadline.has_passed() {
            tracing::warn!(%id, %error, "change not taken yet, looking again");
            tokio::select! {
                () = sleep(BUSY_PAUSE) => return Ok(None),
                () = run.cx.stop.cancelled() => {}
                () = run.deadline.passed() => {}
            }
        }
        Err(self.failed(live, refused::<K>(step, &error)))
    }

    /// The state says what is true: as it was before, or with what the service
    /// has taken.
    fn failed(&self, live: &K::Object, error: Diagnostic) -> Diagnostics {
        if self.taken.is_empty() {
            self.ending.saved.show(&K::picture(live));
        } else {
            self.ending.saved.show_planned(&K::picture(live));
        }
        error.into()
    }

    /// Waits for an intermediate step in full, whatever the user waits for.
    async fn settle(&self, before: &K::Object, live: &K::Object) -> Result<K::Object, Diagnostics> {
        match self.watch.until(&self.goal.in_between(before), live).await {
            Ok(object) => Ok(object),
            // Part of the change was not asked for: this is no success, also
            // where a wait may end early.
            Err(ended) => Err(self.half_way(ended, live)),
        }
    }

    fn half_way(&self, ended: Unfinished<K::Object>, live: &K::Object) -> Diagnostics {
        let (object, why) = match ended {
            Unfinished::TimedOut(object, text) => (object, format!("time ran out: {text}")),
            Unfinished::Interrupted(object, text) => {
                (object, format!("the run was interrupted: {text}"))
            }
            Unfinished::NeedsPerson(object, text) => (Some(object), text),
            other => return self.ending.unfinished(other, live).err().unwrap_or_default(),
        };
        self.ending.saved.show_planned(&K::picture(object.as_deref().unwrap_or(live)));
        let detail = format!(
            "{} {} took the first part of the change, and the rest was not sent: {why}. Run plan \
             again; it shows what is left.",
            K::TITLE,
            self.watch.id
        );
        Diagnostic::error(format!("{} was changed in part", K::TITLE), detail).into()
    }

    async fn finish(&self, live: K::Object) -> Outcome {
        if !self.has_to_wait {
            return self.ending.done(&live);
        }
        match self.watch.until(&self.goal, &live).await {
            Ok(object) => self.ending.done(&object),
            Err(ended) => self.ending.unfinished(ended, &live),
        }
    }

    /// The object never became changeable, so the change was not sent.
    fn too_early(&self, ended: Unfinished<K::Object>) -> Diagnostic {
        let why = match ended {
            Unfinished::Failed(_, reason) => reason,
            Unfinished::TimedOut(_, text) => format!("time ran out: {text}"),
            Unfinished::Interrupted(_, text) => format!("the run was interrupted: {text}"),
            Unfinished::NeedsPerson(_, text) => text,
            Unfinished::Gone => format!("the {} no longer exists", K::NOUN),
            Unfinished::Blind(error) => error.to_string(),
        };
        let detail = format!(
            "{} {} does not take changes: {why}.\n\nThe change was not sent. Run again when the \
             {} is in phase {}.",
            K::TITLE,
            self.watch.id,
            K::NOUN,
            K::STABLE_PHASE,
        );
        Diagnostic::error(not_changed::<K>(), detail)
    }
}

fn not_changed<K: Kind>() -> String {
    format!("{} could not be changed", K::TITLE)
}

fn refused<K: Kind>(step: &Step<K>, error: &Error) -> Diagnostic {
    let consequence = match error.kind() {
        ErrorKind::Ambiguous => "It is not known whether the change was taken.".to_owned(),
        _ => format!(
            "The service did not {}; the state shows what the {} has now.",
            step.what,
            K::NOUN
        ),
    };
    errors::failed_call(&not_changed::<K>(), &consequence, error)
}

/// Failures after which looking again and repeating the same change is safe: a
/// change states the desired whole.
fn repeatable(error: &Error) -> bool {
    error.is_transient() || error.kind() == ErrorKind::Ambiguous
}

fn not_begun<K: Kind>(why: NotBegun) -> Diagnostics {
    let why = match why {
        NotBegun::Interrupted => "The run was interrupted".to_owned(),
        NotBegun::TimedOut => format!("Time ran out waiting for another change of the {}", K::NOUN),
    };
    let detail = format!("{why} before the change was sent. Nothing was changed; apply again.");
    Diagnostic::error(format!("{} was not changed", K::TITLE), detail).into()
}

fn not_begun_on_network<K: Kind>(why: NotBegun) -> Diagnostic {
    let why = match why {
        NotBegun::Interrupted => "The run was interrupted",
        NotBegun::TimedOut => "Time ran out while the network was being changed",
    };
    let detail = format!("{why} before the change was sent. Run plan again.");
    Diagnostic::error(format!("{} was not changed", K::TITLE), detail)
}
