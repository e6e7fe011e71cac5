//! Deleting an object: done when the service no longer knows it.

use std::time::Duration;

use tokio::time::sleep;

use crate::modelarts::{Error, ErrorKind, Object};
use crate::resources::errors;
use crate::resources::session::Turn;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::resource::{Outcome, Saved};
use crate::wait::PollError;

use super::kind::Kind;
use super::run::{NotBegun, Run};
use super::watch::{PATIENCE, Tolerance, Unfinished, Watch};

/// Pause before a request that the service refused as too early is repeated.
const BUSY_PAUSE: Duration = Duration::from_secs(5);

/// Why the service has not begun to delete.
#[derive(Debug)]
pub enum Refusal<T> {
    /// A call failed.
    Call(Error),
    /// Something that has to go first did not go in time.
    Unfinished(Unfinished<T>),
    /// Something else, said in full.
    Said(Diagnostics),
}

/// How an object is asked to go.
pub trait Removal<K: Kind>: Send {
    /// Asks once; says whether the service has begun. If not, the object is
    /// looked at again and asked again.
    ///
    /// # Errors
    /// See [`Refusal`].
    fn ask(
        &mut self,
        watch: &Watch<'_, K>,
        live: &K::Object,
    ) -> impl Future<Output = Result<bool, Refusal<K::Object>>> + Send;
}

/// One delete call, while nothing else changes the network that the object
/// stands on.
///
/// # Errors
/// The call failed, or its turn never came.
pub async fn ask_to_delete<K: Kind>(
    watch: &Watch<'_, K>,
    live: &K::Object,
) -> Result<(), Refusal<K::Object>> {
    let run = watch.run;
    let network = K::stands_on(live.spec());
    let turn = run.turn(run.connection.turns().on(network.as_ref())).await;
    let turn = turn.map_err(|why| {
        let why = match why {
            NotBegun::Interrupted => "The run was interrupted",
            NotBegun::TimedOut => "Time ran out while the network was being changed",
        };
        let detail = format!("{why} before the {} was deleted.", K::NOUN);
        Refusal::Said(not_begun::<K>(&detail))
    })?;
    let answer = run.connection.client().delete(&run.call(), &watch.id).await;
    drop(turn);
    run.connection.note_change();
    answer.map(drop).map_err(Refusal::Call)
}

/// Carries out a planned delete.
pub async fn delete<K: Kind>(
    run: Run<'_>,
    prior: &K::Model,
    removal: impl Removal<K>,
    saved: &Saved<'_, K::Model>,
) -> Outcome {
    let (id, workspace) = (K::id(prior), K::workspace(prior).to_owned());
    let watch = Watch { run, workspace, id, new: false, patience: PATIENCE };
    let mut deletion = Deletion { watch, removal, saved };
    deletion.begin().await?;
    deletion.until_gone().await
}

/// How a try to have the service begin has ended.
enum Tried {
    /// It has begun.
    Begun,
    /// It has not, and can be asked again at once.
    Again,
    /// It has not, and needs a moment.
    TooEarly(Error),
}

struct Deletion<'a, K: Kind, R> {
    watch: Watch<'a, K>,
    removal: R,
    saved: &'a Saved<'a, K::Model>,
}

impl<K: Kind, R: Removal<K>> Deletion<'_, K, R> {
    /// Has the service begin to delete the object. Between the tries it is nobody's
    /// turn: what stands on a network has to go before the network can.
    async fn begin(&mut self) -> Outcome {
        let mut has_seen = false;
        let tolerance = Tolerance::default();
        loop {
            let turn = self.turn().await?;
            let tried = self.once(&mut has_seen, &tolerance).await;
            drop(turn);
            match tried? {
                Tried::Begun => return Ok(()),
                Tried::Again => {}
                Tried::TooEarly(error) => self.pause(&error).await?,
            }
        }
    }

    async fn turn(&self) -> Result<Turn, Diagnostics> {
        let Watch { run, id, .. } = &self.watch;
        let turn = run.turn(run.connection.turns().of(id)).await;
        turn.map_err(|why| {
            not_begun::<K>(&match why {
                NotBegun::Interrupted => {
                    format!("The run was interrupted before the {} was deleted.", K::NOUN)
                }
                NotBegun::TimedOut => {
                    format!("Time ran out waiting for another change of the {}.", K::NOUN)
                }
            })
        })
    }

    /// Looks at the object and asks for its end.
    async fn once(
        &mut self,
        has_seen: &mut bool,
        tolerance: &Tolerance,
    ) -> Result<Tried, Diagnostics> {
        let run = self.watch.run;
        let seen = run.connection.get(&run.call(), &self.watch.id).await;
        let live = match tolerance.judge(seen) {
            Ok(None) => return Ok(Tried::Begun),
            Ok(Some(object)) if K::is_going(&object) => return Ok(Tried::Begun),
            Ok(Some(object)) => object,
            // Something has been asked for already: a failed look is no end.
            Err(PollError::Transient(error)) if *has_seen => return Ok(Tried::TooEarly(error)),
            Err(PollError::Transient(error) | PollError::Permanent(error)) => {
                return Err(refused::<K>(&error, None));
            }
        };
        *has_seen = true;
        self.saved.show(&K::picture(&live));
        K::may_go(&live)?;
        match self.removal.ask(&self.watch, &live).await {
            Ok(true) => Ok(Tried::Begun),
            Ok(false) => Ok(Tried::Again),
            Err(Refusal::Call(error)) if error.is_not_found() => Ok(Tried::Begun),
            Err(Refusal::Call(error)) if again(error.kind()) => Ok(Tried::TooEarly(error)),
            Err(Refusal::Call(error)) => Err(refused::<K>(&error, None)),
            Err(Refusal::Unfinished(ended)) => Err(self.not_gone(ended)),
            Err(Refusal::Said(errors)) => Err(errors),
        }
    }

    /// Lets a moment pass before the next look, unless it is time to end.
    async fn pause(&self, error: &Error) -> Outcome {
        let Watch { run, id, .. } = &self.watch;
        tracing::warn!(%id, %error, "{} not deleted yet, looking again", K::NOUN);
        tokio::select! {
            () = sleep(BUSY_PAUSE) => Ok(()),
            () = run.cx.stop.cancelled() => Err(refused::<K>(error, None)),
            () = run.deadline.passed() => {
                Err(refused::<K>(error, K::held_by(*run, id).await))
            }
        }
    }

    async fn until_gone(&self) -> Outcome {
        match self.watch.until_gone().await {
            Ok(()) | Err(Unfinished::Gone) => Ok(()),
            Err(ended) => Err(self.not_gone(ended)),
        }
    }

    fn not_gone(&self, ended: Unfinished<K::Object>) -> Diagnostics {
        let (id, noun) = (&self.watch.id, K::NOUN);
        let (object, detail) = match ended {
            Unfinished::TimedOut(object, text) => {
                let detail = format!(
                    "Time ran out while the service deletes {noun} {id}: {text}. The {noun} stays \
                     in the state; run again to wait on. A longer time can be set with timeouts \
                     {{ delete = \"…\" }}."
                );
                (object, detail)
            }
            Unfinished::Interrupted(object, text) => {
                let detail = format!(
                    "The run was interrupted while the service deletes {noun} {id}: {text}. The \
                     service goes on deleting it; run again to see the end of it."
                );
                (object, detail)
            }
            Unfinished::Blind(error) => return refused::<K>(&error, None),
            Unfinished::Failed(object, text) | Unfinished::NeedsPerson(object, text) => {
                (Some(object), text)
            }
            Unfinished::Gone => (None, format!("The {noun} is gone; run plan again.")),
        };
        if let Some(object) = object {
            self.saved.show(&K::picture(&object));
        }
        Diagnostic::error(format!("{} is not deleted yet", K::TITLE), detail).into()
    }
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

fn refused<K: Kind>(error: &Error, held_by: Option<String>) -> Diagnostics {
    let mut consequence = format!("The {} may still exist and stays in the state.", K::NOUN);
    if let Some(held_by) = held_by {
        consequence = format!("{held_by} {consequence}");
    }
    let summary = format!("{} could not be deleted", K::TITLE);
    errors::failed_call(&summary, &consequence, error).into()
}

fn not_begun<K: Kind>(detail: &str) -> Diagnostics {
    Diagnostic::error(format!("{} was not deleted", K::TITLE), detail).into()
}
