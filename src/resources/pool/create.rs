//! Creating a pool: one request, never blindly repeated.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::modelarts::pool::CreatePool;
use crate::modelarts::{Call, Error, ErrorKind, Pool, PoolFilter, PoolId};
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::model::Tf;
use crate::tf::path::Path;
use crate::tf::resource::{Change, Outcome, Saved};
use crate::wait::Deadline;

use super::outcome::{Ending, Operation};
use super::request;
use super::schema::{DEFAULT_WORKSPACE, PoolModel};
use super::spec::{PoolSpec, WaitOptions};
use super::wait::watch;
use super::wait::{Goal, Watch};

/// How long a pool is looked for after an answer was lost. The service may
/// need a moment to show it.
const SEARCH: Duration = Duration::from_secs(20);
const SEARCH_PAUSE: Duration = Duration::from_secs(2);
/// Time to find whose name it is that is taken.
const LOOK_AROUND: Duration = Duration::from_secs(10);
/// Time for the last look at the pools after the user has interrupted.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Carries out a planned create.
pub async fn create(
    connection: &Connection,
    cx: &Context,
    new: &Change<PoolModel>,
    default_workspace: &Tf<String>,
    saved: &Saved<'_, PoolModel>,
) -> Outcome {
    let options = WaitOptions::of(&new.planned);
    let deadline = Deadline::after(options.create);
    let spec = PoolSpec::of(&new.planned, &new.config)?;
    // The service has a default of its own: only what somebody said is sent.
    let workspace = new.config.workspace_id.cloned().or_else(|| default_workspace.cloned());
    let creation = Creation {
        connection,
        cx,
        deadline,
        request: request::create(&spec, &workspace),
        workspace: workspace.unwrap_or_else(|| DEFAULT_WORKSPACE.to_owned()),
        name: spec.name.clone(),
    };
    let pool = creation.accepted().await?;
    // From here on, every way out carries the pool.
    let ending = Ending { saved, operation: Operation::Create, options: &options };
    ending.save_waiting(&pool);
    tracing::info!(pool = %pool.id(), name = %spec.name, phase = %pool.phase(), "pool accepted");
    let watch = Watch {
        connection,
        cx,
        deadline,
        workspace: pool.workspace_id().unwrap_or(&creation.workspace).to_owned(),
        id: pool.id(),
        new: true,
        patience: watch::patience(&spec.billing, spec.patchable.order_id.as_deref()),
    };
    match watch.until(&Goal::of_level(options.wait_for), &pool).await {
        Ok(pool) => ending.done(&pool),
        Err(ended) => ending.unfinished(ended, &pool),
    }
}

struct Creation<'a> {
    connection: &'a Connection,
    cx: &'a Context,
    deadline: Deadline,
    request: CreatePool,
    workspace: String,
    name: String,
}

impl Creation<'_> {
    /// Sends the request, once. An error means that there is no pool of ours.
    async fn accepted(&self) -> Result<Pool, Diagnostic> {
        let before = self.pools_before().await?;
        let answer = self.connection.client().create_pool(&self.call(), &self.request).await;
        self.connection.note_change();
        match answer {
            Ok(pool) => Ok(pool),
            Err(error) => match error.kind() {
                ErrorKind::AlreadyExists => {
                    let found = self.find_anywhere().await;
                    Err(self.taken(found.as_ref()))
                }
                ErrorKind::Ambiguous | ErrorKind::Undecodable => self.adopt(&before, &error).await,
                _ => Err(errors::failed_call(
                    "Pool could not be created",
                    &format!("Pool {} was not created.", self.name),
                    &error,
                )),
            },
        }
    }

    /// The pools that exist before the request: only another one can be ours.
    /// A name that is taken is found out here, without a request.
    async fn pools_before(&self) -> Result<Option<BTreeSet<String>>, Diagnostic> {
        let names = self.connection.pool_names(&self.call(), &self.workspace).await;
        let pools = match names {
            Ok(pools) => pools,
            // Creating may be allowed where listing is not.
            Err(error) if error.kind() == ErrorKind::Forbidden => return Ok(None),
            Err(error) => {
                return Err(errors::failed_call(
                    "Pool could not be created",
                    &format!("Pool {} was not created: nothing was sent yet.", self.name),
                    &error,
                ));
            }
        };
        if let Some(pool) = pools.iter().find(|pool| pool.name.as_ref() == Some(&self.name)) {
            return Err(self.taken(Some(&PoolId::new(&*pool.id))));
        }
        Ok(Some(pools.iter().map(|pool| pool.id.to_string()).collect()))
    }

    fn call(&self) -> Call {
        watch::call(self.cx, self.deadline)
    }

    async fn list(&self, call: &Call) -> Result<Vec<Pool>, Error> {
        let filter = PoolFilter::in_workspace(&*self.workspace);
        self.connection.client().list_pools(call, &filter).await
    }

    fn named<'p>(&self, pools: &'p [Pool]) -> Option<&'p Pool> {
        pools.iter().find(|pool| pool.display_name() == Some(&self.name))
    }

    async fn find(&self, call: &Call) -> Result<Option<Pool>, Error> {
        let pools = self.list(call).await?;
        Ok(self.named(&pools).cloned())
    }

    /// The ID of the pool of this name, in whatever workspace it is: names are
    /// unique in a project, and a list shows one workspace. For a message alone,
    /// so that not finding it is no failure.
    async fn find_anywhere(&self) -> Option<PoolId> {
        let time = Duration::min(LOOK_AROUND, self.deadline.remaining());
        let call = watch::call(self.cx, Deadline::after(time));
        if let Ok(Some(pool)) = self.find(&call).await {
            return Some(pool.id());
        }
        let client = self.connection.client();
        for workspace in client.list_workspaces(&call, None, None).await.ok()? {
            let filter = PoolFilter::in_workspace(workspace.id);
            // One that may not be listed hides no other.
            let Ok(names) = client.list_pool_names(&call, &filter).await else { continue };
            let named = names.into_iter().find(|pool| pool.name.as_ref() == Some(&self.name));
            if let Some(pool) = named {
                return Some(PoolId::new(pool.id));
            }
        }
        None
    }

    /// After a lost answer: takes over the pool that has appeared since, if it
    /// can only be ours.
    async fn adopt(
        &self,
        before: &Option<BTreeSet<String>>,
        lost: &Error,
    ) -> Result<Pool, Diagnostic> {
        tracing::warn!(name = %self.name, error = %lost, "answer lost, looking for the pool");
        let until = Instant::now() + SEARCH.min(self.deadline.remaining());
        let mut looked = false;
        while !self.cx.stop.is_cancelled() {
            match self.find(&self.call()).await {
                Ok(Some(pool)) => return self.judge(before, pool),
                Ok(None) => looked = true,
                Err(error) => tracing::warn!(%error, "the look-up failed too"),
            }
            if Instant::now() + SEARCH_PAUSE >= until {
                return Err(self.lost(lost, looked));
            }
            tokio::select! {
                () = sleep(SEARCH_PAUSE) => {}
                () = self.cx.stop.cancelled() => {}
            }
        }
        // A pool that nobody remembers is worse than an interrupt that takes a
        // moment: one last look, which only its own time ends.
        match self.find(&watch::unstoppable_call(LAST_LOOK)).await {
            Ok(Some(pool)) => self.judge(before, pool),
            Ok(None) => Err(self.lost(lost, true)),
            Err(error) => {
                tracing::warn!(%error, "the last look-up failed too");
                Err(self.lost(lost, looked))
            }
        }
    }

    fn judge(&self, before: &Option<BTreeSet<String>>, pool: Pool) -> Result<Pool, Diagnostic> {
        let new = before.as_ref().is_some_and(|ids| !ids.contains(&pool.metadata.name));
        if new && request::carries(&pool, &self.request) {
            tracing::info!(pool = %pool.id(), "pool found and taken over");
            return Ok(pool);
        }
        Err(Diagnostic::error(
            "Pool may be somebody else's",
            format!(
                "The answer to the create request was lost. A pool named {} exists now, but it \
                 cannot be told whether this run made it. Look at it; if it is yours, import it:\n\n{}",
                self.name,
                import_block(&pool.metadata.name),
            ),
        ))
    }

    fn lost(&self, lost: &Error, looked: bool) -> Diagnostic {
        let seen = if looked {
            "No pool of this name has appeared since."
        } else {
            "The pools could not be listed since."
        };
        Diagnostic::error(
            "Nobody knows whether the pool was created",
            format!(
                "{lost}.\n\n{seen} The request was not repeated, because that could make two \
                 pools. Wait a few minutes and look whether pool {name} exists. If it does, \
                 import it:\n\n{}\n\nIf it does not, apply again.",
                import_block(&format!("name:{}", self.name)),
                name = self.name,
            ),
        )
    }

    fn taken(&self, id: Option<&PoolId>) -> Diagnostic {
        let id = id.map_or_else(|| format!("name:{}", self.name), PoolId::to_string);
        Diagnostic::error(
            "Pool already exists",
            format!(
                "A pool named {} exists in this project already ({id}); nothing was created. \
                 Choose another name, or import the pool:\n\n{}",
                self.name,
                import_block(&id),
            ),
        )
        .at(Path::of(PoolModel::NAME))
    }
}

/// A block to paste. A provider does not know the address of its resource.
pub fn import_block(id: &str) -> String {
    format!("import {{\n  to = modelarts_pool.<NAME>\n  id = \"{id}\"\n}}")
}
