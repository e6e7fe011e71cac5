//! How pools are looked at for waits.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::found;
use crate::modelarts::{Call, Client, Error, ErrorKind, Pool, PoolFilter, PoolId};
use crate::wait::{Failure, Looks, PollError, Source, Unseen, Watcher};

/// The pools of a workspace, for a poller.
#[derive(Debug)]
pub(super) struct PoolSource {
    client: Client,
    filter: PoolFilter,
}

impl PoolSource {
    pub(super) fn new(client: Client, workspace: &str) -> Self {
        Self { client, filter: PoolFilter::in_workspace(workspace) }
    }
}

/// A call whose time its maker sets.
fn once() -> Call {
    Call::default().single_attempt()
}

impl Source for PoolSource {
    type Key = PoolId;
    type Item = Pool;
    type Error = Error;

    async fn get(&self, id: &PoolId) -> Result<Option<Pool>, Error> {
        found(self.client.get_pool(&once(), id).await)
    }

    async fn list(&self, wanted: &HashSet<PoolId>) -> Result<HashMap<PoolId, Pool>, Error> {
        let wanted: HashSet<&str> = wanted.iter().map(PoolId::as_str).collect();
        let is_wanted = |id: &str| wanted.contains(id);
        let listed = self.client.list_pools_where(&once(), &self.filter, &is_wanted).await?;
        // One that cannot be understood is asked for singly, and says so itself.
        let pools = listed.pools.into_iter();
        Ok(pools.filter_map(|(id, pool)| Some((PoolId::new(id), pool.ok()?))).collect())
    }

    fn throttled(error: &Error) -> Option<Duration> {
        match error.kind() {
            ErrorKind::Throttled { retry_after } => Some(retry_after.unwrap_or_default()),
            _ => None,
        }
    }
}

/// Why a wait does not see its pool.
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

/// Somebody who waits for a pool.
#[derive(Debug)]
pub struct PoolWatch(Watcher<PoolSource>);

impl PoolWatch {
    pub(super) fn new(watcher: Watcher<PoolSource>) -> Self {
        Self(watcher)
    }
}

impl Looks for PoolWatch {
    type Seen = Option<Arc<Pool>>;
    type Error = LookError;

    /// The pool in the next look; `None` when the service does not know it.
    async fn next(&mut self) -> Result<Option<Arc<Pool>>, PollError<LookError>> {
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
