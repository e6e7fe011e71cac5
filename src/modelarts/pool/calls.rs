//! The five calls on pools, and the retry of a job type.

use serde_json::json;

use super::{CreatePool, PatchPool, Pool, PoolFilter, PoolId};
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::collection::Object;
use crate::modelarts::error::{Error, Subject};
use crate::modelarts::request::{Effect, Request, path};

impl Client {
    /// Creates a pool; one accepted request at most is ever sent.
    ///
    /// # Errors
    /// [`ErrorKind::Ambiguous`](crate::modelarts::ErrorKind::Ambiguous) when
    /// the pool may exist although no usable answer came, or a conflict after
    /// another failure;
    /// [`AlreadyExists`](crate::modelarts::ErrorKind::AlreadyExists) when the
    /// display name is taken.
    pub async fn create_pool(&self, call: &Call, request: &CreatePool) -> Result<Pool, Error> {
        self.create(call, request).await
    }

    /// Lists the pools of one workspace. Pools that cannot be understood are
    /// left out.
    ///
    /// # Errors
    /// Besides the service's refusals, `Undecodable` when the answer is no list.
    pub async fn list_pools(&self, call: &Call, filter: &PoolFilter) -> Result<Vec<Pool>, Error> {
        self.list(call, &filter.query()).await
    }

    /// Reads one pool.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::modelarts::ErrorKind::NotFound) only
    /// when the service itself says that the pool does not exist.
    pub async fn get_pool(&self, call: &Call, id: &PoolId) -> Result<Pool, Error> {
        self.get(call, id).await
    }

    /// Changes a pool in place and gives it as it is afterwards.
    ///
    /// # Errors
    /// `Busy` while another change runs; `Ambiguous` when the change may have
    /// been taken: read the pool, compare, and send it again if need be.
    pub async fn patch_pool(
        &self,
        call: &Call,
        id: &PoolId,
        patch: &PatchPool,
    ) -> Result<Pool, Error> {
        self.patch(call, id, patch).await
    }

    /// Starts the deletion of a pool; it is complete when the pool is not found.
    ///
    /// # Errors
    /// `NotFound` when the pool is already gone.
    pub async fn delete_pool(&self, call: &Call, id: &PoolId) -> Result<Option<Pool>, Error> {
        self.delete(call, id).await
    }

    /// Asks the service to enable a job type again that failed to be enabled.
    /// One accepted request at most is ever sent.
    ///
    /// # Errors
    /// `Invalid` when the service cannot enable it, as when it has not failed;
    /// `Ambiguous` when the request may have been taken: look at its state.
    pub async fn retry_scope(&self, call: &Call, id: &PoolId, scope: &str) -> Result<(), Error> {
        let target = format!("{}/retry-scope", path(Pool::COLLECTION, id.as_str())?);
        let post = Request::new(Effect::Work, target, |_| Ok(()));
        self.send(call, &post.about(Subject::Pool).json(&json!({ "scope": scope }))).await
    }
}
