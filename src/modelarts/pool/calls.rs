//! The five calls on pools, and the retry of a job type.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{CreatePool, PatchPool, Pool, PoolFilter, PoolId};
use crate::modelarts::call::Call;
use crate::modelarts::client::{Client, path};
use crate::modelarts::error::{Error, Subject};
use crate::modelarts::transport::{Effect, Request};
use crate::modelarts::{labels, paging, shape};

/// The wanted pools of a list.
#[derive(Clone, Debug, Default)]
pub struct ListedPools {
    /// By ID.
    pub pools: HashMap<String, Pool>,
}

/// A pool by its names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolName {
    /// Identity.
    pub id: PoolId,
    /// The name the user chose.
    pub name: String,
    /// Workspace, if the service says it.
    pub workspace: Option<String>,
}

impl Client {
    /// Creates a pool; one accepted request at most is ever sent.
    ///
    /// # Errors
    /// [`ErrorKind::Ambiguous`](crate::modelarts::ErrorKind::Ambiguous) when
    /// the pool may exist although no usable answer came;
    /// [`AlreadyExists`](crate::modelarts::ErrorKind::AlreadyExists) when the
    /// display name is taken.
    pub async fn create_pool(&self, call: &Call, request: &CreatePool) -> Result<Pool, Error> {
        let password = request.spec.user_login.iter().filter_map(|login| login.password.as_ref());
        password.for_each(|password| self.never_quote(password));
        let post = Request::new(Effect::Create, "/v2/{project_id}/pools", Subject::Pool)
            .json(request.body());
        let answer = self.send(call, post).await?;
        let pool: Pool = answer.object()?;
        named(&pool).then_some(pool).ok_or_else(|| answer.unusable("it names no pool"))
    }

    /// Lists the pools of one workspace; the service does not page.
    ///
    /// # Errors
    /// Besides the service's refusals, `Undecodable` when the answer is no list.
    pub async fn list_pools(&self, call: &Call, filter: &PoolFilter) -> Result<Vec<Pool>, Error> {
        let get = Request::new(Effect::Read, "/v2/{project_id}/pools", Subject::Other)
            .query(filter.query())
            .expecting(shape::items);
        let answer = self.send(call, get).await?;
        paging::items(&answer, "PoolList", "items").map(|page| page.items)
    }

    /// Lists the pools of one workspace and decodes those whose ID is wanted.
    ///
    /// # Errors
    /// As [`Client::list_pools`].
    pub async fn list_pools_where(
        &self,
        call: &Call,
        filter: &PoolFilter,
        wanted: &(dyn Fn(&str) -> bool + Send + Sync),
    ) -> Result<ListedPools, Error> {
        let items = self.list_raw(call, filter).await?;
        let wanted = items.iter().filter(|item| id_of(item).is_some_and(wanted));
        let pools = wanted.filter_map(|item| Pool::deserialize(item).ok());
        Ok(ListedPools { pools: pools.map(|pool| (pool.metadata.name.clone(), pool)).collect() })
    }

    /// Lists the names of the pools of one workspace.
    ///
    /// # Errors
    /// As [`Client::list_pools`].
    pub async fn list_pool_names(
        &self,
        call: &Call,
        filter: &PoolFilter,
    ) -> Result<Vec<PoolName>, Error> {
        let items = self.list_raw(call, filter).await?;
        let label = |item: &Value, key: &str| {
            let labels = item.pointer("/metadata/labels")?;
            labels.get(key)?.as_str().map(str::to_owned)
        };
        let name = |item: &Value| {
            Some(PoolName {
                id: PoolId::new(id_of(item)?),
                name: label(item, labels::NAME).unwrap_or_default(),
                workspace: label(item, labels::WORKSPACE_ID),
            })
        };
        Ok(items.iter().filter_map(name).collect())
    }

    async fn list_raw(&self, call: &Call, filter: &PoolFilter) -> Result<Vec<Value>, Error> {
        let get = Request::new(Effect::Read, "/v2/{project_id}/pools", Subject::Other)
            .query(filter.query())
            .expecting(shape::items);
        let answer = self.send(call, get).await?;
        paging::items(&answer, "PoolList", "items").map(|page| page.items)
    }

    /// Reads one pool.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::modelarts::ErrorKind::NotFound) only
    /// when the service itself says that the pool does not exist.
    pub async fn get_pool(&self, call: &Call, id: &PoolId) -> Result<Pool, Error> {
        let get = Request::new(Effect::Read, pool_path(id)?, Subject::Pool).expecting(shape::pool);
        let answer = self.send(call, get).await?;
        let pool: Pool = answer.object()?;
        named(&pool).then_some(pool).ok_or_else(|| answer.unusable("it names no pool"))
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
        let request =
            Request::new(Effect::Patch, pool_path(id)?, Subject::Pool).merge_patch(patch.body());
        let answer = self.send(call, request).await?;
        match answer.object::<Pool>() {
            Ok(pool) if named(&pool) => Ok(pool),
            // The change was taken; only its picture is missing.
            _ => self.get_pool(call, id).await,
        }
    }

    /// Starts the deletion of a pool; it is complete when the pool is not found.
    ///
    /// # Errors
    /// `NotFound` when the pool is already gone.
    pub async fn delete_pool(&self, call: &Call, id: &PoolId) -> Result<Option<Pool>, Error> {
        let request = Request::new(Effect::Delete, pool_path(id)?, Subject::Pool);
        let answer = self.send(call, request).await?;
        Ok(answer.object::<Pool>().ok().filter(named))
    }

    /// Asks the service to enable a job type again that failed to be enabled.
    ///
    /// # Errors
    /// `Invalid` when the service cannot enable it.
    pub async fn retry_scope(&self, call: &Call, id: &PoolId, scope: &str) -> Result<(), Error> {
        let target = format!("{}/retry-scope", pool_path(id)?);
        let body: Result<Value, serde_json::Error> = Ok(json!({ "scope": scope }));
        let post = Request::new(Effect::Act, target, Subject::Pool).json(body);
        self.send(call, post).await.map(|_| ())
    }
}

fn id_of(item: &Value) -> Option<&str> {
    item.pointer("/metadata/name")?.as_str()
}

fn named(pool: &Pool) -> bool {
    !pool.metadata.name.is_empty()
}

fn pool_path(id: &PoolId) -> Result<String, Error> {
    path("/v2/{project_id}/pools", id.as_str())
}
