//! What resources and data sources need of a configured provider.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::modelarts::{Call, Client, Error, ErrorKind, Pool, PoolFilter, PoolId};
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::field::Field;
use crate::wait::{Nudge, SharedPoll, Subscription};

/// Lists of one workspace are at least this far apart, so that waits and
/// refreshes that begin one after the other share a call.
const LIST_GAP: Duration = Duration::from_millis(100);

/// A refresh is content with a list of this age, unless this process has
/// changed something since: Terraform refreshes a thousand pools ten at a time,
/// and each ten would otherwise cost a list of all.
const REFRESH_AGE: Duration = Duration::from_secs(10);

/// The provider as configured, for whoever needs the service.
#[async_trait]
pub trait Session: Send + Sync {
    /// A connection with the present configuration.
    ///
    /// # Errors
    /// What is missing or still unknown in the configuration.
    async fn connect(&self, cx: &Context) -> Result<Arc<Connection>, Diagnostics>;

    /// The workspace of objects that name none.
    fn default_workspace(&self) -> Field<String>;
}

type PoolLists = SharedPoll<String, String, Pool, Error>;

/// A client and what its users share in this process.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    pools: PoolLists,
    locks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// When this process last changed something, or began.
    changed: Mutex<Instant>,
}

impl Connection {
    /// Shares a client.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            pools: SharedPoll::new(LIST_GAP),
            locks: Mutex::new(HashMap::new()),
            changed: Mutex::new(Instant::now()),
        }
    }

    /// The client, for calls that nobody shares.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// How old an answer may be that a refresh is content with.
    pub fn fresh_enough(&self) -> Instant {
        let changed = *self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        Instant::now().checked_sub(REFRESH_AGE).map_or(changed, |oldest| oldest.max(changed))
    }

    /// Notes that a change has been asked for: earlier answers are out of date.
    pub fn note_change(&self) {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Follows a pool: every look is newer than the one before.
    pub fn follow(&self, workspace: &str, id: &PoolId) -> Follower<'_> {
        let subscription = self.pools.subscribe(&workspace.to_owned(), id.to_string());
        Follower { connection: self, workspace: workspace.to_owned(), id: id.clone(), subscription }
    }

    /// Looks for a pool, as of `not_older_than` or later. All who look at pools
    /// of one workspace at one time share a list call; a pool that the list
    /// does not show is asked for by itself, because only the service's own
    /// "not found" means that it is gone.
    ///
    /// # Errors
    /// Any failure other than "not found".
    pub async fn find_pool(
        &self,
        call: &Call,
        workspace: &str,
        id: &PoolId,
        not_older_than: Instant,
    ) -> Result<Option<Pool>, Error> {
        let key = id.to_string();
        let list = self.list(call, workspace);
        let seen = self.pools.observe(&workspace.to_owned(), &key, not_older_than, list).await;
        self.seen(call, id, seen).await
    }

    async fn list(&self, call: &Call, workspace: &str) -> Result<HashMap<String, Pool>, Error> {
        let pools = self.client.list_pools(call, &PoolFilter::in_workspace(workspace)).await?;
        Ok(pools.into_iter().map(|pool| (pool.metadata.name.clone(), pool)).collect())
    }

    async fn seen(
        &self,
        call: &Call,
        id: &PoolId,
        seen: Result<Option<Pool>, Arc<Error>>,
    ) -> Result<Option<Pool>, Error> {
        match seen {
            Ok(Some(pool)) => Ok(Some(pool)),
            Ok(None) => self.get_pool(call, id).await,
            // Reading one pool may be allowed where listing is not.
            Err(error) if error.kind() == ErrorKind::Forbidden => self.get_pool(call, id).await,
            Err(error) => Err(Error::clone(&error)),
        }
    }

    /// Asks for a pool by itself.
    ///
    /// # Errors
    /// Any failure other than "not found".
    pub async fn get_pool(&self, call: &Call, id: &PoolId) -> Result<Option<Pool>, Error> {
        match self.client.get_pool(call, id).await {
            Ok(pool) => Ok(Some(pool)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
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
}

/// Somebody who waits for a pool.
#[derive(Debug)]
pub struct Follower<'a> {
    connection: &'a Connection,
    workspace: String,
    id: PoolId,
    subscription: Subscription<String, Pool, Error>,
}

impl Follower<'_> {
    /// Looks at the pool, in a list that this follower has not seen yet.
    ///
    /// # Errors
    /// Any failure other than "not found".
    pub async fn look(&self, call: &Call) -> Result<Option<Pool>, Error> {
        let list = self.connection.list(call, &self.workspace);
        let seen = self.subscription.next(list).await;
        self.connection.seen(call, &self.id, seen).await
    }

    /// Tells when somebody else's list has come in.
    pub fn nudge(&self) -> Nudge {
        self.subscription.nudge()
    }
}
