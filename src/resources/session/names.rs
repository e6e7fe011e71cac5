//! Names that are taken: one list for many creates.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::modelarts::pool::PoolName;
use crate::modelarts::{Call, Client, Error, PoolFilter};
use crate::wait::SharedCall;

/// Creates that begin within this time share a list: those of one run begin
/// together, and again when the pools before them are seen to be ready.
const GATHER: Duration = Duration::from_millis(50);
/// Time for the list, all repetitions included.
const LIST_TIMEOUT: Duration = Duration::from_secs(90);

/// The names of the pools of one workspace.
#[derive(Debug)]
pub(super) struct Names {
    client: Client,
    filter: PoolFilter,
    /// Nothing is kept: a name that is free now may be taken in a moment.
    lists: SharedCall<Arc<Vec<PoolName>>, Error>,
}

impl Names {
    pub(super) fn new(client: Client, workspace: &str) -> Self {
        let filter = PoolFilter::in_workspace(workspace);
        Self { client, filter, lists: SharedCall::new(GATHER, Duration::ZERO) }
    }

    pub(super) async fn list(&self, call: &Call) -> Result<Arc<Vec<PoolName>>, Error> {
        let (client, filter) = (self.client.clone(), self.filter.clone());
        let list = async move {
            let call = Call::new(CancellationToken::new(), Some(Instant::now() + LIST_TIMEOUT));
            client.list_pool_names(&call, &filter).await.map(Arc::new)
        };
        let answer = self.lists.ask(Instant::now(), list);
        call.until(answer, "waiting for the list of pools").await?
    }
}
