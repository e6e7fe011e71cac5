//! Names that are taken: one list for many creates.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::modelarts::{Call, Client, Error, Object, ObjectName};
use crate::wait::SharedCall;

/// Creates that begin within this time share a list: those of one run begin
/// together, and again when the pools before them are seen to be ready.
const GATHER: Duration = Duration::from_millis(50);
/// Time for the list, all repetitions included.
const LIST_TIMEOUT: Duration = Duration::from_secs(90);

/// The names of the objects of one kind and workspace.
#[derive(Debug)]
pub(super) struct Names<T> {
    client: Client,
    workspace: String,
    /// Nothing is kept: a name that is free now may be taken in a moment.
    lists: SharedCall<Arc<Vec<ObjectName>>, Error>,
    of: PhantomData<fn() -> T>,
}

impl<T: Object> Names<T> {
    pub(super) fn new(client: Client, workspace: &str) -> Self {
        let lists = SharedCall::new(GATHER, Duration::ZERO);
        Self { client, workspace: workspace.to_owned(), lists, of: PhantomData }
    }

    pub(super) async fn list(&self, call: &Call) -> Result<Arc<Vec<ObjectName>>, Error> {
        let (client, workspace) = (self.client.clone(), self.workspace.clone());
        let list = async move {
            let call = Call::new(CancellationToken::new(), Some(Instant::now() + LIST_TIMEOUT));
            client.list_names::<T>(&call, &workspace).await.map(Arc::new)
        };
        let answer = self.lists.ask(Instant::now(), list);
        call.until(answer, "waiting for the list").await?
    }
}
