//! Waiting for an object.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::modelarts::{Error, ErrorKind, Id};
use crate::resources::session::LookError;
use crate::wait::{self, Ended, PollError, Progress};

use super::kind::{Goal, Kind, Readiness};
use super::run::Run;

/// How long an object that was just accepted may be invisible.
const INVISIBLE: Duration = Duration::from_secs(5 * 60);
/// How long an object may wait for a person before the wait is ended: a normal
/// create passes through that phase.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long a failure from before a change may still show after it.
pub const OLD_VERDICT: Duration = Duration::from_secs(60);

/// How a wait ended without reaching its goal.
#[derive(Debug)]
pub enum Unfinished<T> {
    /// The service said that it will not get there.
    Failed(Box<T>, String),
    /// Time ran out; with the newest look and what was missing.
    TimedOut(Option<Box<T>>, String),
    /// The user interrupted.
    Interrupted(Option<Box<T>>, String),
    /// A person has to do something first.
    NeedsPerson(Box<T>, String),
    /// The object does not exist any more.
    Gone,
    /// The object cannot be looked at.
    Blind(Error),
}

/// The waits for one object within one operation.
pub struct Watch<'a, K: Kind> {
    /// The operation.
    pub run: Run<'a>,
    /// The workspace in whose list the object is.
    pub workspace: String,
    /// The object.
    pub id: Id<K::Object>,
    /// The object has only just been accepted: the service may need a while to
    /// show it. Otherwise "not found" means that it is gone.
    pub new: bool,
    /// How long the object may wait for a person before the wait is ended.
    pub patience: Duration,
}

impl<K: Kind> Watch<'_, K> {
    /// Waits until the object meets a goal. `known` is the object as it was when
    /// it was accepted: who waits for no more than that gets it without a look.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until(
        &self,
        goal: &K::Goal,
        known: &K::Object,
    ) -> Result<K::Object, Unfinished<K::Object>> {
        if goal.is_acceptance() {
            return Ok(known.clone());
        }
        let mut verdict = Verdict::new(self.new, self.patience);
        match self.wait(|seen| verdict.on(seen.as_deref(), goal)).await? {
            Some(object) => match verdict.person {
                Some((_, text)) => Err(Unfinished::NeedsPerson(Box::new(object), text)),
                None => Ok(object),
            },
            None => Err(Unfinished::Gone),
        }
    }

    /// Waits until the service takes changes: while the object is being created
    /// it does not.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until_changeable(&self) -> Result<K::Object, Unfinished<K::Object>> {
        let check = |seen: &Seen<K::Object>| match seen.as_deref().map(K::takes_changes) {
            None | Some(Readiness::Ready) => Progress::Done,
            Some(Readiness::Failed(reason)) => Progress::Failed(reason),
            Some(Readiness::Pending(text) | Readiness::NeedsPerson(text)) => {
                Progress::Pending(text)
            }
        };
        self.wait(check).await?.ok_or(Unfinished::Gone)
    }

    /// Waits until the object is gone.
    ///
    /// # Errors
    /// How else it ended.
    pub async fn until_gone(&self) -> Result<(), Unfinished<K::Object>> {
        let check = |seen: &Seen<K::Object>| match seen.as_deref() {
            None => Progress::Done,
            Some(object) => Progress::Pending(K::going(object)),
        };
        self.wait(check).await.map(drop)
    }

    async fn wait(
        &self,
        check: impl FnMut(&Seen<K::Object>) -> Progress,
    ) -> Result<Option<K::Object>, Unfinished<K::Object>> {
        let mut looks = self.run.connection.watch(&self.workspace, &self.id);
        let end = wait::until(&mut looks, check, &self.run.options()).await;
        // Others may go on watching, but not for this.
        drop(looks);
        match end {
            Ok(seen) => Ok(seen.map(Arc::unwrap_or_clone)),
            Err(ended) => Err(self.explained(unfinished::<K>(ended)).await),
        }
    }

    /// With what the service says about a failure, or about what takes so long.
    async fn explained(&self, ended: Unfinished<K::Object>) -> Unfinished<K::Object> {
        let whose = (&*self.workspace, &self.id);
        match ended {
            Unfinished::Failed(object, reason) => {
                let reason = K::explained(reason, self.run, whose, Some(&object)).await;
                Unfinished::Failed(object, reason)
            }
            Unfinished::TimedOut(object, text) => {
                let text = K::explained(text, self.run, whose, object.as_deref()).await;
                Unfinished::TimedOut(object, text)
            }
            other => other,
        }
    }
}

/// What a look shows.
type Seen<T> = Option<Arc<T>>;

/// Judges one look after the other.
struct Verdict {
    began: Instant,
    /// The service may not show the object yet.
    is_invisible: bool,
    patience: Duration,
    /// Since when the object waits for a person, and what for.
    person: Option<(Instant, String)>,
}

impl Verdict {
    fn new(is_invisible: bool, patience: Duration) -> Self {
        Self { began: Instant::now(), is_invisible, patience, person: None }
    }

    fn on<T>(&mut self, seen: Option<&T>, goal: &impl Goal<T>) -> Progress {
        let Some(object) = seen else {
            return if self.is_invisible && self.began.elapsed() < INVISIBLE {
                Progress::Pending("the service does not show it yet".to_owned())
            } else {
                Progress::Done
            };
        };
        self.is_invisible = false;
        let readiness = goal.check(object);
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

/// How a wait ended, with the newest look at the object.
pub fn unfinished<K: Kind>(ended: Ended<Seen<K::Object>, LookError>) -> Unfinished<K::Object> {
    let missing = |pending: Option<String>, last: Option<&K::Object>| {
        pending.unwrap_or_else(|| {
            last.map(K::counts).unwrap_or_else(|| "nothing is known yet".to_owned())
        })
    };
    let own = |seen: Seen<K::Object>| seen.map(|object| Box::new(Arc::unwrap_or_clone(object)));
    match ended {
        Ended::Failed { last, reason } => {
            own(last).map_or(Unfinished::Gone, |object| Unfinished::Failed(object, reason))
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
