//! How objects are looked at for waits.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::found;
use crate::modelarts::{Call, Client, Error, ErrorKind, Id, Object};
use crate::wait::{Failure, Looks, PollError, Source, Unseen, Watcher};

/// The objects of one kind and workspace, for a poller.
#[derive(Debug)]
pub(super) struct Looked<T> {
    client: Client,
    workspace: String,
    of: PhantomData<fn() -> T>,
}

impl<T> Looked<T> {
    pub(super) fn new(client: Client, workspace: &str) -> Self {
        Self { client, workspace: workspace.to_owned(), of: PhantomData }
    }
}

/// A call whose time its maker sets.
fn once() -> Call {
    Call::default().single_attempt()
}

impl<T: Object> Source for Looked<T> {
    type Key = Id<T>;
    type Item = T;
    type Error = Error;

    async fn get(&self, id: &Id<T>) -> Result<Option<T>, Error> {
        found(self.client.get(&once(), id).await)
    }

    async fn list(&self, wanted: &HashSet<Id<T>>) -> Result<HashMap<Id<T>, T>, Error> {
        let wanted: HashSet<&str> = wanted.iter().map(Id::as_str).collect();
        let is_wanted = |id: &str| wanted.contains(id);
        let listed = self.client.list_where::<T>(&once(), &self.workspace, &is_wanted).await?;
        // One that cannot be understood is asked for singly, and says so itself.
        let objects = listed.objects.into_iter();
        Ok(objects.filter_map(|(id, object)| Some((Id::new(id), object.ok()?))).collect())
    }

    fn throttled(error: &Error) -> Option<Duration> {
        match error.kind() {
            ErrorKind::Throttled { retry_after } => Some(retry_after.unwrap_or_default()),
            _ => None,
        }
    }
}

/// Why a wait does not see its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookError {
    /// A call failed.
    Call(Error),
    /// There was no usable answer; the text says why.
    NoAnswer(String),
}

impl fmt::Display for LookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::NoAnswer(text) => f.write_str(text),
        }
    }
}

/// Somebody who waits for an object.
#[derive(Debug)]
pub struct Watching<T: Object>(Watcher<Looked<T>>);

impl<T: Object> Watching<T> {
    pub(super) fn new(watcher: Watcher<Looked<T>>) -> Self {
        Self(watcher)
    }
}

impl<T: Object> Looks for Watching<T> {
    type Seen = Option<Arc<T>>;
    type Error = LookError;

    /// The object in the next look; `None` when the service does not know it.
    async fn next(&mut self) -> Result<Option<Arc<T>>, PollError<LookError>> {
        self.0.next().await.map_err(judge)
    }
}

/// A wait is blind for good when both ways of looking are closed: what one
/// refuses the other may allow, and credentials that were good when the wait
/// began may be refused once by mistake.
fn judge(unseen: Unseen<Error>) -> PollError<LookError> {
    let is_final = |failure: &Option<Failure<Error>>| matches!(failure, Some(Failure::Call(error)) if !error.is_transient());
    if is_final(&unseen.single) && is_final(&unseen.list) {
        PollError::Permanent(reason(unseen))
    } else {
        PollError::Transient(reason(unseen))
    }
}

fn reason(unseen: Unseen<Error>) -> LookError {
    match unseen {
        Unseen { single: Some(Failure::Call(error)), .. }
        | Unseen { single: None, list: Some(Failure::Call(error)) } => LookError::Call(error),
        other => LookError::NoAnswer(other.to_string()),
    }
}
