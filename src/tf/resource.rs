//! Managed resources, as the plugin runtime sees them.

use async_trait::async_trait;
use serde_json::Value as Json;

use super::checkpoint::Checkpoint;
use super::context::Context;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::path::Path;
use super::plan;
use super::private::Private;
use super::schema::Schema;
use super::value::Value;

/// A plan to make: create (prior is null) or update.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The object as it is, or null.
    pub prior: Value,
    /// What the user wrote, with unknowns; write-only values are present.
    pub config: Value,
    /// Terraform's own merge of the two.
    pub proposed: Value,
    /// Private data of the prior object. On the second call of a replace it is
    /// what the first call planned.
    pub private: Private,
}

/// A plan.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The object as it will be. Equal to the prior one if nothing changes.
    pub state: Value,
    /// Attributes whose change means a new object.
    pub requires_replace: Vec<Path>,
    /// Private data for the apply.
    pub private: Private,
    /// Messages; an error means that there is no plan.
    pub diagnostics: Diagnostics,
}

/// A planned create, update or delete to carry out.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// The object as it was; null on create.
    pub prior: Value,
    /// The object as planned; null on delete.
    pub planned: Value,
    /// What the user wrote, write-only values included; null on delete.
    pub config: Value,
    /// Private data of the plan.
    pub private: Private,
}

/// The end of an apply.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The object as it is now, also after an error; null when there is none.
    pub state: Value,
    /// Private data to keep.
    pub private: Private,
    /// Messages. An error on create with a non-null state taints the object.
    pub diagnostics: Diagnostics,
}

/// An object to refresh.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// The object as last known; sparse right after an import.
    pub state: Value,
    /// Its private data.
    pub private: Private,
}

/// A refreshed object.
#[derive(Debug, Clone)]
pub struct ReadResult {
    /// The object; null only when the service said that it does not exist.
    pub state: Value,
    /// Private data to keep.
    pub private: Private,
    /// Messages; an error keeps the old state.
    pub diagnostics: Diagnostics,
}

/// An object to move here from another provider's type.
#[derive(Debug, Clone)]
pub struct MoveRequest {
    /// Such as `registry.terraform.io/huaweicloud/huaweicloud`.
    pub source_provider: String,
    /// Such as `huaweicloud_modelarts_resource_pool`.
    pub source_type: String,
    /// Schema version of the source.
    pub source_version: i64,
    /// The attributes of the source as JSON.
    pub source_state: Json,
    /// The private data of the source, as it is.
    pub source_private: Vec<u8>,
}

/// A kind of managed object.
///
/// The runtime catches panics, checks every answer against the protocol's
/// rules, nulls write-only values and adds what is missing, so an
/// implementation states only what is its own.
#[async_trait]
pub trait Resource: Send + Sync {
    /// Its name, such as `modelarts_pool`.
    fn type_name(&self) -> &str;

    /// What it accepts.
    fn schema(&self) -> &Schema;

    /// Checks a configuration, which may hold unknowns. Must not use the
    /// network.
    async fn validate(&self, _cx: &Context, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Plans a create or an update. The default follows the schema.
    async fn plan(&self, _cx: &Context, request: PlanRequest) -> Planned {
        plan::plan(self.schema(), &request)
    }

    /// Checks a planned destroy, and the destroying half of a replace is
    /// checked in [`Resource::plan`].
    async fn plan_destroy(&self, _cx: &Context, _prior: &Value, _private: &Private) -> Diagnostics {
        Diagnostics::new()
    }

    /// Makes the object.
    async fn create(&self, cx: &Context, request: ApplyRequest, checkpoint: &Checkpoint)
    -> Applied;

    /// Changes the object in place.
    async fn update(&self, cx: &Context, request: ApplyRequest, checkpoint: &Checkpoint)
    -> Applied;

    /// Destroys the object.
    async fn delete(&self, cx: &Context, request: ApplyRequest, checkpoint: &Checkpoint)
    -> Applied;

    /// Looks at the object.
    async fn read(&self, cx: &Context, request: ReadRequest) -> ReadResult;

    /// Finds an existing object by what the user gave as its id. The state may
    /// be sparse: Terraform calls [`Resource::read`] next.
    async fn import(&self, _cx: &Context, id: &str) -> ReadResult {
        ReadResult {
            state: Value::Null,
            private: Private::default(),
            diagnostics: Diagnostic::error(
                "Import is not supported",
                format!("{} cannot be imported (asked for {id:?}).", self.type_name()),
            )
            .into(),
        }
    }

    /// Brings the state of an older schema version to the present one. Only
    /// called when the version differs.
    fn upgrade(&self, version: i64, _state: Json) -> Result<Json, Diagnostic> {
        Err(Diagnostic::error(
            "Unknown state version",
            format!(
                "The state of this {} has schema version {version}, which no release of this \
                 provider has written. Use the provider version that wrote it.",
                self.type_name()
            ),
        ))
    }

    /// Takes over the state of another provider's type, or says `None` when it
    /// does not know the source. Must not use the network.
    fn move_state(&self, _request: &MoveRequest) -> Option<Result<ReadResult, Diagnostic>> {
        None
    }
}
