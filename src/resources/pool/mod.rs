//! `modelarts_pool`: one file per step between configuration and service.
//!
//! configuration ([`config`], [`validate`]) → what is wanted ([`spec`]) → API
//! request ([`request`]) → [`wait`] for a goal → state
//! ([`state`]). The operations string these together: [`create`], [`update`],
//! [`delete`], [`read`]; [`plan`] decides what an apply will do and
//! [`outcome`] how it ends.

mod billing;
mod config;
mod control_mode;
mod create;
mod defaults;
mod delete;
mod entry;
mod found;
mod identity;
mod marker;
mod merge;
mod moved;
mod outcome;
mod plan;
mod read;
mod request;
mod schema;
mod spec;
mod state;
mod subscription;
mod update;
mod upgrade;
mod validate;
mod wait;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::resources::session::Session;
use crate::tf::checkpoint::Checkpoint;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::private::Private;
use crate::tf::resource::{
    Applied, ApplyRequest, MoveRequest, PlanRequest, Planned, ReadRequest, ReadResult, Resource,
};
use crate::tf::schema::Schema;
use crate::tf::value::Value;

/// The resource `modelarts_pool`.
pub struct PoolResource {
    session: Arc<dyn Session>,
}

impl PoolResource {
    /// Makes the resource for a provider.
    pub fn new(session: Arc<dyn Session>) -> Self {
        Self { session }
    }
}

#[async_trait]
impl Resource for PoolResource {
    fn type_name(&self) -> &str {
        "modelarts_pool"
    }

    fn schema(&self) -> &Schema {
        schema::shared()
    }

    async fn validate(&self, _cx: &Context, config: &Value) -> Diagnostics {
        validate::validate(config)
    }

    async fn plan(&self, _cx: &Context, request: PlanRequest) -> Planned {
        plan::plan(request, &self.session.default_workspace())
    }

    async fn plan_destroy(&self, _cx: &Context, prior: &Value, private: &Private) -> Diagnostics {
        plan::destroy(prior, private)
    }

    async fn create(&self, cx: &Context, apply: ApplyRequest, checkpoint: &Checkpoint) -> Applied {
        match self.session.connect(cx).await {
            Ok(connection) => create::create(&connection, cx, &apply, checkpoint).await,
            Err(diagnostics) => {
                Applied { state: Value::Null, private: Private::default(), diagnostics }
            }
        }
    }

    async fn update(&self, cx: &Context, apply: ApplyRequest, _saved: &Checkpoint) -> Applied {
        if update::is_local(&apply) {
            return update::local(&apply);
        }
        match self.session.connect(cx).await {
            Ok(connection) => update::update(&connection, cx, &apply).await,
            Err(diagnostics) => outcome::unchanged(&apply.prior, &apply.private, diagnostics),
        }
    }

    async fn delete(&self, cx: &Context, apply: ApplyRequest, _saved: &Checkpoint) -> Applied {
        match self.session.connect(cx).await {
            Ok(connection) => delete::delete(&connection, cx, &apply).await,
            Err(diagnostics) => outcome::unchanged(&apply.prior, &apply.private, diagnostics),
        }
    }

    async fn read(&self, cx: &Context, request: ReadRequest) -> ReadResult {
        match self.session.connect(cx).await {
            Ok(connection) => read::read(&connection, cx, request).await,
            Err(diagnostics) => {
                ReadResult { state: request.state, private: request.private, diagnostics }
            }
        }
    }

    async fn import(&self, cx: &Context, id: &str) -> ReadResult {
        match self.session.connect(cx).await {
            Ok(connection) => {
                let workspace = self.session.default_workspace().into_known();
                read::import(&connection, cx, id, workspace.as_deref()).await
            }
            Err(diagnostics) => {
                ReadResult { state: Value::Null, private: Private::default(), diagnostics }
            }
        }
    }

    fn upgrade(&self, version: i64, state: Json) -> Result<Json, Diagnostic> {
        upgrade::upgrade(version, state)
    }

    fn move_state(&self, request: &MoveRequest) -> Option<Result<ReadResult, Diagnostic>> {
        moved::move_state(request)
    }
}
