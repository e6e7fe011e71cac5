//! What resources and data sources need of a configured provider.
//!
//! A [`Connection`] is a client and what its users share in this process. For
//! the objects of each kind and workspace: one poller for all waits
//! ([`Watching`]), the lists that serve many reads ([`Connection::read`]), and
//! the names that are taken ([`Connection::names`]). For all: whose turn it is to
//! change something ([`Turns`]).

mod catalog;
mod names;
mod reads;
mod turns;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::modelarts::driver::Card;
use crate::modelarts::flavor::Flavor;
use crate::modelarts::{Call, Client, Error, Id, Network, Object, ObjectName, Pool};
use crate::resources::offer::Check;
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::Tf;
use crate::wait::Poller;

use catalog::Catalog;
use names::Names;
use reads::Reads;
use watch::Looked;

pub use turns::{Turn, Turns};
pub use watch::{LookError, Watching};

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

    /// The ID of the project that all calls work in, once it is known: at once
    /// where it is configured, otherwise after the first call.
    fn project_id(&self) -> Option<String> {
        None
    }

    /// What a plan does about what is not on sale.
    fn availability_check(&self) -> Check {
        Check::default()
    }
}

/// A client and what its users share in this process.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    pools: Shelf<Pool>,
    networks: Shelf<Network>,
    turns: Turns,
    catalog: Catalog,
    /// When this process last changed something, or began.
    changed: Mutex<Instant>,
}

/// Objects that a [`Connection`] keeps in sight.
pub trait Shelved: Object {
    /// Where a connection keeps what is shared about them.
    #[doc(hidden)]
    fn shelf(connection: &Connection) -> &Shelf<Self>;
}

impl Shelved for Pool {
    fn shelf(connection: &Connection) -> &Shelf<Self> {
        &connection.pools
    }
}

impl Shelved for Network {
    fn shelf(connection: &Connection) -> &Shelf<Self> {
        &connection.networks
    }
}

/// What is shared about the objects of one kind, by their workspace.
#[derive(Debug)]
pub struct Shelf<T: Object>(Mutex<HashMap<String, Arc<Workspace<T>>>>);

/// What is shared by those who look at objects of one workspace.
#[derive(Debug)]
struct Workspace<T: Object> {
    poller: Poller<Looked<T>>,
    reads: Reads<T>,
    names: Names<T>,
}

impl<T: Object> Shelf<T> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn workspace(&self, client: &Client, id: &str) -> Arc<Workspace<T>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            Arc::new(Workspace {
                poller: Poller::new(Looked::new(client.clone(), id)),
                reads: Reads::new(client.clone(), id),
                names: Names::new(client.clone(), id),
            })
        };
        Arc::clone(all.entry(id.to_owned()).or_insert_with(new))
    }
}

impl Connection {
    /// Shares a client.
    pub fn new(client: Client) -> Self {
        Self {
            catalog: Catalog::new(client.clone()),
            client,
            pools: Shelf::new(),
            networks: Shelf::new(),
            turns: Turns::default(),
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

    /// Watches an object from now on, for a wait. All waits of a kind and
    /// workspace live on the looks of one poller, and none disturbs another.
    pub fn watch<T: Shelved>(&self, workspace: &str, id: &Id<T>) -> Watching<T> {
        Watching::new(self.workspace::<T>(workspace).poller.watch(id.clone()))
    }

    /// Looks for an object, for a refresh; `None` when the service says that it
    /// does not exist. The answer is newer than this configuration and than the
    /// last change made in this process, and 10 s old at most. Few reads ask
    /// singly, many share a list of the workspace; an object that the list does
    /// not show is asked for singly.
    ///
    /// # Errors
    /// Any failure other than "not found".
    pub async fn read<T: Shelved>(
        &self,
        call: &Call,
        workspace: &str,
        id: &Id<T>,
    ) -> Result<Option<Arc<T>>, Error> {
        let changed = *self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        let workspace = self.workspace::<T>(workspace);
        match workspace.reads.listed(call, changed, id).await? {
            Some(object) => Ok(Some(object)),
            None => Ok(self.get(call, id).await?.map(Arc::new)),
        }
    }

    /// The names of the objects of a kind and workspace, in a list that begins
    /// after this is called. Who asks about the same time shares it.
    ///
    /// # Errors
    /// As any read.
    pub async fn names<T: Shelved>(
        &self,
        call: &Call,
        workspace: &str,
    ) -> Result<Arc<Vec<ObjectName>>, Error> {
        self.workspace::<T>(workspace).names.list(call).await
    }

    /// Asks for an object by itself; `None` when the service says that it does
    /// not exist.
    ///
    /// # Errors
    /// Any failure other than "not found".
    pub async fn get<T: Object>(&self, call: &Call, id: &Id<T>) -> Result<Option<T>, Error> {
        found(self.client.get(call, id).await)
    }

    /// The flavors on offer, all or those that a label selector chooses; asked for
    /// once in a run for each selector.
    ///
    /// # Errors
    /// As any read.
    pub async fn flavors(
        &self,
        call: &Call,
        label_selector: Option<&str>,
    ) -> Result<Arc<Vec<Flavor>>, Error> {
        self.catalog.flavors(call, label_selector).await
    }

    /// The same list of all flavors, if it can be had within 2 s, or within 5 s of
    /// a service that answers at all: for a plan, to which it is a hint. A list
    /// that failed is not asked for again by the plans of the next minute.
    ///
    /// # Errors
    /// Any failure of one attempt, and no answer in time.
    pub async fn flavors_soon(&self, cx: &Context) -> Result<Arc<Vec<Flavor>>, Error> {
        self.catalog.flavors_soon(&cx.stop).await
    }

    /// The driver versions on offer, newest first; asked for once in a run.
    ///
    /// # Errors
    /// As any read.
    pub async fn driver_versions(
        &self,
        call: &Call,
        card: Card,
    ) -> Result<Arc<Vec<String>>, Error> {
        self.catalog.driver_versions(call, card).await
    }

    /// The same versions, if they can be had as soon as
    /// [`flavors_soon`](Self::flavors_soon) says.
    ///
    /// # Errors
    /// As there.
    pub async fn driver_versions_soon(
        &self,
        cx: &Context,
        card: Card,
    ) -> Result<Arc<Vec<String>>, Error> {
        self.catalog.driver_versions_soon(&cx.stop, card).await
    }

    /// Who is next to change what.
    pub fn turns(&self) -> &Turns {
        &self.turns
    }

    fn workspace<T: Shelved>(&self, id: &str) -> Arc<Workspace<T>> {
        T::shelf(self).workspace(&self.client, id)
    }
}

/// Only the service's own "not found" means that there is none.
fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
