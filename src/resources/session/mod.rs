//! What resources and data sources need of a configured provider.
//!
//! A [`Connection`] is a client and what its users share in this process, per
//! workspace: one poller for all waits ([`PoolWatch`]), the lists that serve
//! many reads ([`Connection::read_pool`]), and the names that are taken
//! ([`Connection::pool_names`]).

mod names;
mod reads;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::modelarts::pool::PoolName;
use crate::modelarts::{Call, Client, Error, Pool, PoolId};
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::Tf;
use crate::wait::Poller;

use names::Names;
use reads::Reads;
use watch::PoolSource;

pub use watch::{LookError, PoolWatch};

/// The provider as configured, for whoever needs the service.
#[async_trait]
pub trait Session: Send + Sync {
    /// A connection with the present configuration.
    ///
    /// # Errors
    /// What is missing or still unknown in the configuration.
    async fn connect(&self, cx: &Context) -> Result<Arc<Connection>, Diagnostics>;

    /// The workspace of objects that name none.
    fn default_workspace(&self) -> Tf<String>;
}

/// A client and what its users share in this process.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    workspaces: Mutex<HashMap<String, Arc<Workspace>>>,
    locks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// When this process last changed something, or began.
    changed: Mutex<Instant>,
}

/// What is shared by those who look at pools of one workspace.
#[derive(Debug)]
struct Workspace {
    poller: Poller<PoolSource>,
    reads: Reads,
    names: Names,
}

impl Connection {
    /// Shares a client.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            workspaces: Mutex::new(HashMap::new()),
            locks: Mutex::new(HashMap::new()),
            changed: Mutex::new(Instant::now()),
        }
    }

    /// The client, for calls that nobody shares.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Notes that a change has been asked for: earlier answers are out of date.
    /// To be called when the answer to a change is there, or lost.
    pub fn note_change(&self) {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Watches a pool from now on, for a wait. All waits of a workspace live on
    /// the looks of one poller, and none disturbs another.
    pub fn watch_pool(&self, workspace: &str, id: &PoolId) -> PoolWatch {
        PoolWatch::new(self.workspace(workspace).poller.watch(id.clone()))
    }

    /// Looks for a pool, for a refresh; `None` when the service says that it
    /// does not exist. The answer is newer than this configuration and than the
    /// last change made in this process, and 10 s old at most. Few reads ask
    /// singly, many share a list of the workspace; a pool that the list does not
    /// show is asked for singly.
    ///
    /// # Errors
    /// Any failure other than "not found".
    pub async fn read_pool(
        &self,
        call: &Call,
        workspace: &str,
        id: &PoolId,
    ) -> Result<Option<Arc<Pool>>, Error> {
        let changed = *self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        let workspace = self.workspace(workspace);
        match workspace.reads.listed(call, changed, id).await? {
            Some(pool) => Ok(Some(pool)),
            None => Ok(self.get_pool(call, id).await?.map(Arc::new)),
        }
    }

    /// The names of the pools of a workspace, in a list that begins after this is
    /// called. Who asks about the same time shares it.
    ///
    /// # Errors
    /// As any read.
    pub async fn pool_names(
        &self,
        call: &Call,
        workspace: &str,
    ) -> Result<Arc<Vec<PoolName>>, Error> {
        self.workspace(workspace).names.list(call).await
    }

    /// Asks for a pool by itself; `None` when the service says that it does not
    /// exist.
    ///
    /// # Errors
    /// Any failure other than "not found".
    pub async fn get_pool(&self, call: &Call, id: &PoolId) -> Result<Option<Pool>, Error> {
        found(self.client.get_pool(call, id).await)
    }

    /// Waits for the turn to change a pool: changes of one pool follow each
    /// other in this process.
    pub async fn turn(&self, id: &PoolId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(id.to_string()).or_default())
        };
        lock.lock_owned().await
    }

    fn workspace(&self, id: &str) -> Arc<Workspace> {
        let mut all = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let client = || self.client.clone();
            Arc::new(Workspace {
                poller: Poller::new(PoolSource::new(client(), id)),
                reads: Reads::new(client(), id),
                names: Names::new(client(), id),
            })
        };
        Arc::clone(all.entry(id.to_owned()).or_insert_with(new))
    }
}

/// Only the service's own "not found" means that there is none.
fn found(answer: Result<Pool, Error>) -> Result<Option<Pool>, Error> {
    match answer {
        Ok(pool) => Ok(Some(pool)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
