//! Ending what is paid for in advance, when a pool is destroyed.
//!
//! Nodes that are paid for in advance have subscriptions of their own; when
//! the last node is gone the pool goes too. A prepaid pool without such nodes
//! has its own subscription (API reference, billing calls for prepaid pools).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::modelarts::node::Node;
use crate::modelarts::pool::Phase;
use crate::modelarts::{Error, ErrorKind, Pool};
use crate::resources::lifecycle::{self, Tolerance, Unfinished};
use crate::resources::session::LookError;
use crate::wait::{self, Deadline};

use super::PoolResource;
use super::spec::is_prepaid;

/// The waits for the pool.
type Watch<'a> = lifecycle::Watch<'a, PoolResource>;

/// Subscriptions that one request ends.
const BATCH: usize = 10;
/// Time to find prepaid nodes in a pool that is paid for by use: it can be
/// deleted without knowing.
const GLANCE: Duration = Duration::from_secs(60);

/// How far the end of the subscriptions is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There are none: the pool can be deleted.
    Nothing,
    /// The nodes are gone; the pool has to be looked at again.
    Ending,
    /// The pool goes with its subscription.
    Ended,
}

/// Why a subscription did not end.
#[derive(Debug)]
pub enum UnsubscribeError {
    /// A call failed.
    Call(Error),
    /// The billing service refused, in its words.
    Billing(String),
    /// The nodes did not go in time.
    Unfinished(Unfinished<Pool>),
}

impl From<Error> for UnsubscribeError {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// The subscriptions of one pool.
#[derive(Debug, Default)]
pub struct Subscriptions {
    /// Resources whose end the billing service has taken.
    ended: BTreeSet<String>,
}

impl Subscriptions {
    /// Ends what is left. May be called again after a failed call: what has
    /// ended already is not asked for twice.
    ///
    /// # Errors
    /// See [`UnsubscribeError`].
    pub async fn end(
        &mut self,
        watch: &Watch<'_>,
        live: &Pool,
    ) -> Result<Progress, UnsubscribeError> {
        let nodes = nodes(watch, live).await?;
        if !nodes.is_empty() {
            self.unsubscribe(watch, &nodes).await?;
            until_nodes_are_gone(watch).await?;
            return Ok(Progress::Ending);
        }
        let own = live.resource_id().filter(|_| is_prepaid(live)).map(str::to_owned);
        let Some(own) = own else { return Ok(Progress::Nothing) };
        if self.ended.contains(&own) {
            return Ok(Progress::Ended);
        }
        // An order that nobody paid has no subscription: it is just deleted.
        if subscribed(watch, std::slice::from_ref(&own)).await?.is_empty() {
            return Ok(Progress::Nothing);
        }
        self.unsubscribe(watch, &[own]).await?;
        Ok(Progress::Ended)
    }

    async fn unsubscribe(
        &mut self,
        watch: &Watch<'_>,
        resources: &[String],
    ) -> Result<(), UnsubscribeError> {
        let open: Vec<String> =
            resources.iter().filter(|id| !self.ended.contains(*id)).cloned().collect();
        for batch in open.chunks(BATCH) {
            // After a lost answer only billing knows what it has taken.
            let still = subscribed(watch, batch).await?;
            self.ended.extend(batch.iter().filter(|id| !still.contains(id)).cloned());
            if still.is_empty() {
                continue;
            }
            tracing::info!(pool = %watch.id, resources = ?still, "unsubscribing");
            let answer = watch.run.connection.client().unsubscribe(&watch.run.call(), &still).await;
            watch.run.connection.note_change();
            let failed = answer?;
            let is_failed = |id: &&String| failed.iter().any(|f| f.resource_id == **id);
            self.ended.extend(still.iter().filter(|id| !is_failed(id)).cloned());
            if !failed.is_empty() {
                let reason = |failed: &crate::modelarts::billing::FailedResource| {
                    let words = failed.error_msg.as_deref().unwrap_or("no reason given");
                    let code = failed.error_code.as_deref().map(|code| format!(" ({code})"));
                    format!("{}: {words}{}", failed.resource_id, code.unwrap_or_default())
                };
                return Err(UnsubscribeError::Billing(
                    failed.iter().map(reason).collect::<Vec<_>>().join("; "),
                ));
            }
        }
        Ok(())
    }
}

/// Subscriptions of nodes.
async fn nodes(watch: &Watch<'_>, live: &Pool) -> Result<Vec<String>, UnsubscribeError> {
    let mut call = watch.run.call();
    if !is_prepaid(live) {
        let time = GLANCE.min(watch.run.deadline.remaining());
        call.deadline = Some(Deadline::after(time).instant());
    }
    let nodes = watch.run.connection.client().list_nodes(&call, &watch.id);
    match nodes.await {
        Ok(nodes) => Ok(nodes
            .iter()
            .filter(|node| node.is_prepaid())
            .filter_map(|node| node.resource_id().map(str::to_owned))
            .collect()),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        // Who pays by use may not be allowed to see nodes, or have a cloud
        // without them: the service itself refuses to delete what is paid
        // for in advance.
        Err(error) if !is_prepaid(live) && error.kind() != ErrorKind::Interrupted => {
            tracing::warn!(pool = %watch.id, %error, "nodes not listed before the delete");
            Ok(Vec::new())
        }
        Err(error) => Err(error.into()),
    }
}

async fn subscribed(watch: &Watch<'_>, resources: &[String]) -> Result<Vec<String>, Error> {
    watch.run.connection.client().subscribed(&watch.run.call(), resources).await
}

async fn until_nodes_are_gone(watch: &Watch<'_>) -> Result<(), UnsubscribeError> {
    let (connection, id) = (watch.run.connection, &watch.id);
    let call = watch.run.call();
    let call = &call;
    let tolerance = Tolerance::default();
    let tolerance = &tolerance;
    let look = || async move {
        let seen = async {
            let pool = connection.get(call, id).await?;
            let Some(pool) = pool.filter(|pool| pool.phase() != Phase::Deleting) else {
                return Ok(None);
            };
            match connection.client().list_nodes(call, id).await {
                Ok(nodes) => Ok(nodes.iter().any(Node::is_prepaid).then(|| Arc::new(pool))),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        };
        tolerance.judge(seen.await).map_err(|error| error.map(LookError::Call))
    };
    // Nothing to see any more is what is waited for.
    let check = |left: &Option<Arc<Pool>>| match left {
        None => wait::Progress::Done,
        Some(_) => wait::Progress::Pending("prepaid nodes are still there".to_owned()),
    };
    match wait::until(&mut wait::Paced::new(look), check, &watch.run.options()).await {
        Ok(_) => Ok(()),
        Err(ended) => {
            Err(UnsubscribeError::Unfinished(lifecycle::unfinished::<PoolResource>(ended)))
        }
    }
}
