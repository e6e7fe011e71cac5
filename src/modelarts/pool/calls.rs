//! The five calls on pools, the cheaper ways of listing them, and the retry of
//! a job type.

use serde_json::json;

use super::{CreatePool, ListedPools, PatchPool, Pool, PoolFilter, PoolId, PoolName};
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::collection::Object;
use crate::modelarts::error::{Error, Subject};
use crate::modelarts::paging::page_of;
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
        let password = request.spec.user_login.iter().filter_map(|login| login.password.as_ref());
        password.for_each(|password| self.never_quote(password));
        self.create(call, request).await
    }

    /// Lists the pools of one workspace. Pools that cannot be understood are
    /// left out.
    ///
    /// # Errors
    /// Besides the service's refusals, `Undecodable` when the answer is no list.
    pub async fn list_pools(&self, call: &Call, filter: &PoolFilter) -> Result<Vec<Pool>, Error> {
        self.list(call, filter.query()).await
    }

    /// Lists the pools of one workspace, but reads only those whose ID is
    /// wanted; of the others it gives the names. A wanted pool that cannot be
    /// understood is an error of its own.
    ///
    /// # Errors
    /// As [`list_pools`](Self::list_pools).
    pub async fn list_pools_where(
        &self,
        call: &Call,
        filter: &PoolFilter,
        wanted: &(dyn Fn(&str) -> bool + Send + Sync),
    ) -> Result<ListedPools, Error> {
        let request = Request::new(Effect::Read, Pool::COLLECTION, |answer| {
            page_of(answer, Pool::LIST, "items", |item| {
                let name = PoolName::read(item)?;
                let read = || {
                    let pool = serde_json::from_str::<Pool>(item);
                    pool.map_err(|error| answer.unusable(&format!("pool {}: {error}", name.id)))
                };
                let pool = wanted(&name.id).then(read);
                Some((name, pool))
            })
        });
        let mut listed = ListedPools::default();
        for (name, pool) in self.all_pages(call, request.query(filter.query())).await? {
            listed.pools.extend(pool.map(|pool| (name.id.clone(), pool)));
            listed.names.push(name);
        }
        Ok(listed)
    }

    /// Lists the pools of one workspace by their names alone.
    ///
    /// # Errors
    /// As [`list_pools`](Self::list_pools).
    pub async fn list_pool_names(
        &self,
        call: &Call,
        filter: &PoolFilter,
    ) -> Result<Vec<PoolName>, Error> {
        Ok(self.list_pools_where(call, filter, &|_| false).await?.names)
    }

    /// Reads one pool.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::modelarts::ErrorKind::NotFound) only
    /// when the service itself says that the pool does not exist.
    pub async fn get_pool(&self, call: &Call, id: &PoolId) -> Result<Pool, Error> {
        self.get(call, id.as_str()).await
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
        self.patch(call, id.as_str(), patch).await
    }

    /// Starts the deletion of a pool; it is complete when the pool is not found.
    ///
    /// # Errors
    /// `NotFound` when the pool is already gone.
    pub async fn delete_pool(&self, call: &Call, id: &PoolId) -> Result<Option<Pool>, Error> {
        self.delete(call, id.as_str()).await
    }

    /// Asks the service to enable a job type again that failed to be enabled.
    ///
    /// # Errors
    /// `Invalid` when the service cannot enable it.
    pub async fn retry_scope(&self, call: &Call, id: &PoolId, scope: &str) -> Result<(), Error> {
        let target = format!("{}/retry-scope", path(Pool::COLLECTION, id.as_str())?);
        let post = Request::new(Effect::Act, target, |_| Ok(()));
        self.send(call, &post.about(Subject::Pool).json(&json!({ "scope": scope }))).await
    }
}
