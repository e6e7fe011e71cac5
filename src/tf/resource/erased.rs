//! Resources as the runtime sees them: values instead of models.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use super::{Change, Import, Outcome, Plan, Resource, Saved};
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::found::Found;
use crate::tf::generate::generate;
use crate::tf::keeper::Keeper;
use crate::tf::model::{Mismatch, Model};
use crate::tf::path::Path;
use crate::tf::plan::outline;
use crate::tf::private::Private;
use crate::tf::schema::Schema;
use crate::tf::validate::check;
use crate::tf::value::Value;

/// A plan to make: create (prior is null) or update.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The object as it is, or null.
    pub prior: Value,
    /// What the user wrote, with unknowns; write-only values are present.
    pub config: Value,
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

/// A planned create or update to carry out.
#[derive(Debug, Clone)]
pub struct ChangeRequest {
    /// The object as it was; null on create.
    pub prior: Value,
    /// The object as planned.
    pub planned: Value,
    /// What the user wrote, write-only values included.
    pub config: Value,
}

/// An object to move here from another provider's type. No `Debug`: the source
/// may hold secrets.
#[derive(Clone)]
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

/// A [`Resource`] of any model.
#[async_trait]
pub trait AnyResource: Send + Sync {
    /// [`Resource::TYPE_NAME`]
    fn type_name(&self) -> &str;
    /// The schema of the model.
    fn schema(&self) -> &Schema;
    /// [`Resource::validate`]
    fn validate(&self, config: &Value) -> Diagnostics;
    /// [`Resource::plan`], after the plan that follows from the schema.
    async fn plan(&self, cx: &Context, request: &PlanRequest) -> Planned;
    /// [`Resource::plan_destroy`]
    async fn plan_destroy(&self, cx: &Context, prior: &Value, private: &Private) -> Diagnostics;
    /// [`Resource::create`]
    async fn create(&self, cx: &Context, new: &ChangeRequest, keeper: &Keeper) -> Outcome;
    /// [`Resource::update`]
    async fn update(&self, cx: &Context, change: &ChangeRequest, keeper: &Keeper) -> Outcome;
    /// [`Resource::delete`]
    async fn delete(&self, cx: &Context, prior: &Value, keeper: &Keeper) -> Outcome;
    /// [`Resource::read`]
    async fn read(&self, cx: &Context, prior: &Value, keeper: &Keeper) -> Outcome;
    /// [`Resource::import`]
    async fn import(&self, cx: &Context, what: Import<'_>, keeper: &Keeper) -> Outcome;
    /// [`Resource::identity_schema`]
    fn identity_schema(&self) -> Option<&Schema>;
    /// [`Resource::identity`] of an object; null where it is not known.
    fn identity(&self, object: &Value) -> Value;
    /// [`Resource::reaches`]
    async fn reaches(&self, cx: &Context, identity: &Value) -> Outcome;
    /// What a user has to write to get this object.
    fn generate(&self, object: &Value) -> Result<Value, Mismatch>;
    /// [`Resource::upgrade`]
    fn upgrade(&self, version: i64, state: Json) -> Result<Json, Diagnostic>;
    /// [`Resource::move_state`]
    fn move_state(&self, from: &MoveRequest, keeper: &Keeper) -> Option<Outcome>;
}

/// Makes a resource fit for the runtime.
pub fn typed<R: Resource>(resource: R) -> Arc<dyn AnyResource> {
    let schema = R::Model::schema().version(R::VERSION);
    Arc::new(Typed { resource, schema, identity: R::identity_schema() })
}

struct Typed<R> {
    resource: R,
    schema: Schema,
    identity: Option<Schema>,
}

#[async_trait]
impl<R: Resource> AnyResource for Typed<R> {
    fn type_name(&self) -> &str {
        R::TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        check(&self.schema, config, |config| self.resource.validate(config))
    }

    async fn plan(&self, cx: &Context, request: &PlanRequest) -> Planned {
        let PlanRequest { prior, config, private } = request;
        // What was found belongs to an object that is replaced, not to the new
        // one. It is remembered all the same: the old one may refuse to go.
        let found = if prior.is_null() { Found::default() } else { Found::of(private) };
        let outline = outline(&self.schema, config, prior, &found);
        let mut private = private.clone();
        if outline.state != *prior && !found.is_empty() {
            let mut left = found.clone();
            left.forget_written(&self.schema.attributes, config, prior, &outline.state);
            left.remember(&mut private);
        }
        let (state, replace) = (outline.state, outline.requires_replace);
        let mut plan = Plan::new(&self.schema, prior, config, state, replace, private, &found);
        let ended = self.resource.plan(cx, &mut plan).await;
        let (state, requires_replace, private, mut diagnostics) = plan.into_parts();
        if let Err(errors) = ended {
            diagnostics.extend(errors);
        }
        Planned { state, requires_replace, private, diagnostics }
    }

    async fn plan_destroy(&self, cx: &Context, prior: &Value, private: &Private) -> Diagnostics {
        match R::Model::from_value(prior) {
            Ok(prior) => self.resource.plan_destroy(cx, &prior, private).await,
            Err(error) => error.into(),
        }
    }

    async fn create(&self, cx: &Context, new: &ChangeRequest, keeper: &Keeper) -> Outcome {
        let change = Change::read(new)?;
        keeper.change_private(|private| Found::default().remember(private));
        let saved = Saved::new(keeper, &self.schema, &Value::Null, &new.planned);
        self.resource.create(cx, &change, &saved).await
    }

    async fn update(&self, cx: &Context, request: &ChangeRequest, keeper: &Keeper) -> Outcome {
        let change = Change::read(request)?;
        let saved = Saved::new(keeper, &self.schema, &request.prior, &request.planned);
        self.resource.update(cx, &change, &saved).await
    }

    async fn delete(&self, cx: &Context, prior: &Value, keeper: &Keeper) -> Outcome {
        let model = R::Model::from_value(prior)?;
        let saved = Saved::new(keeper, &self.schema, prior, &Value::Null);
        self.resource.delete(cx, &model, &saved).await?;
        saved.remove();
        Ok(())
    }

    async fn read(&self, cx: &Context, prior: &Value, keeper: &Keeper) -> Outcome {
        let model = R::Model::from_value(prior)?;
        let saved = Saved::new(keeper, &self.schema, prior, &Value::Null);
        self.resource.read(cx, &model, &saved).await
    }

    async fn import(&self, cx: &Context, what: Import<'_>, keeper: &Keeper) -> Outcome {
        let saved = Saved::new(keeper, &self.schema, &Value::Null, &Value::Null);
        self.resource.import(cx, what, &saved).await
    }

    fn identity_schema(&self) -> Option<&Schema> {
        self.identity.as_ref()
    }

    fn identity(&self, object: &Value) -> Value {
        match R::Model::from_value(object) {
            Ok(model) if self.identity.is_some() => self.resource.identity(&model),
            _ => Value::Null,
        }
    }

    async fn reaches(&self, cx: &Context, identity: &Value) -> Outcome {
        self.resource.reaches(cx, identity).await
    }

    fn generate(&self, object: &Value) -> Result<Value, Mismatch> {
        let config = generate(&self.schema, object);
        Ok(self.resource.generated(R::Model::from_value(&config)?).to_value())
    }

    fn upgrade(&self, version: i64, state: Json) -> Result<Json, Diagnostic> {
        self.resource.upgrade(version, state)
    }

    fn move_state(&self, from: &MoveRequest, keeper: &Keeper) -> Option<Outcome> {
        let saved = Saved::new(keeper, &self.schema, &Value::Null, &Value::Null);
        self.resource.move_state(from, &saved)
    }
}

impl From<Mismatch> for Diagnostics {
    /// A mistake in the provider, as the user is told of it.
    fn from(error: Mismatch) -> Self {
        let detail = format!(
            "A value does not fit the provider's own model: {error}. This is a bug in the \
             provider; please report it."
        );
        Diagnostic::error("The provider made a mistake", detail).at(error.path()).into()
    }
}
