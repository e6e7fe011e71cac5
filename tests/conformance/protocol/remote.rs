//! A resource at the other end of the protocol.

use async_trait::async_trait;
use serde_json::Value as Json;
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::tf::codec;
use terraform_provider_modelarts::tf::conform::null_write_only;
use terraform_provider_modelarts::tf::keeper::Keeper;
use terraform_provider_modelarts::tf::model::Mismatch;
use terraform_provider_modelarts::tf::path::Path;
use terraform_provider_modelarts::tf::prelude::*;
use terraform_provider_modelarts::tf::private::Private;
use terraform_provider_modelarts::tf::resource::{
    AnyResource, ChangeRequest, MoveRequest, PlanRequest, Planned,
};
use terraform_provider_modelarts::tf::schema::Schema;
use terraform_provider_modelarts::tf::value::Value;

use super::host::Provider;

pub(super) struct Remote {
    provider: Provider,
    name: &'static str,
    schema: Schema,
}

impl Remote {
    pub(super) fn new<M: Model>(provider: &Provider, name: &'static str) -> Self {
        Self { provider: provider.clone(), name, schema: M::schema() }
    }

    fn dynamic(&self, value: &Value) -> Option<pb::DynamicValue> {
        let msgpack = codec::msgpack::encode(value, self.schema.ty()).unwrap();
        Some(pb::DynamicValue { msgpack: msgpack.into(), ..Default::default() })
    }

    fn value(&self, dynamic: Option<&pb::DynamicValue>) -> Value {
        let Some(dynamic) = dynamic else { return Value::Null };
        codec::msgpack::decode(&dynamic.msgpack, self.schema.ty()).unwrap()
    }

    /// Applies what is planned, null for a destroy.
    async fn apply(&self, request: &ChangeRequest, keeper: &Keeper) -> Outcome {
        let asked = pb::apply_resource_change::Request {
            type_name: self.name.to_owned(),
            prior_state: self.dynamic(&request.prior),
            planned_state: self.dynamic(&request.planned),
            config: self.dynamic(&request.config),
            planned_private: keeper.private().to_bytes(),
            ..Default::default()
        };
        let answer = self.provider.clone().apply_resource_change(asked).await.unwrap().into_inner();
        self.keep(keeper, answer.new_state.as_ref(), &answer.private);
        ended(answer.diagnostics)
    }

    fn keep(&self, keeper: &Keeper, state: Option<&pb::DynamicValue>, private: &[u8]) {
        keeper.set_state(self.value(state));
        keeper.change_private(|old| *old = Private::from_bytes(private));
    }
}

fn told(diagnostics: Vec<pb::Diagnostic>) -> Diagnostics {
    diagnostics.into_iter().map(|d| Diagnostic::error(d.summary, d.detail)).collect()
}

fn ended(diagnostics: Vec<pb::Diagnostic>) -> Outcome {
    let found = told(diagnostics);
    if found.is_empty() { Ok(()) } else { Err(found) }
}

fn path(path: &pb::AttributePath) -> Path {
    use pb::attribute_path::step::Selector;
    let steps = path.steps.iter().filter_map(|step| step.selector.clone());
    steps.fold(Path::root(), |path, step| match step {
        Selector::AttributeName(name) => path.attribute(&name),
        Selector::ElementKeyString(key) => path.key(&key),
        Selector::ElementKeyInt(index) => path.index(usize::try_from(index).unwrap()),
    })
}

#[async_trait]
impl AnyResource for Remote {
    fn type_name(&self) -> &str {
        self.name
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Part of planning, as asking takes time.
    fn validate(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    async fn plan(&self, _: &Context, request: &PlanRequest) -> Planned {
        let mut provider = self.provider.clone();
        let config = self.dynamic(&request.config);
        let capabilities =
            pb::ClientCapabilities { write_only_attributes_allowed: true, ..Default::default() };
        let asked = pb::validate_resource_config::Request {
            type_name: self.name.to_owned(),
            config: config.clone(),
            client_capabilities: Some(capabilities),
        };
        let found = provider.validate_resource_config(asked).await.unwrap().into_inner();
        let mut proposed = request.config.clone();
        null_write_only(&self.schema, &mut proposed);
        let asked = pb::plan_resource_change::Request {
            type_name: self.name.to_owned(),
            prior_state: self.dynamic(&request.prior),
            proposed_new_state: self.dynamic(&proposed),
            config,
            prior_private: request.private.to_bytes(),
            ..Default::default()
        };
        let answer = provider.plan_resource_change(asked).await.unwrap().into_inner();
        let mut diagnostics = told(found.diagnostics);
        diagnostics.extend(told(answer.diagnostics));
        Planned {
            state: self.value(answer.planned_state.as_ref()),
            requires_replace: answer.requires_replace.iter().map(path).collect(),
            private: Private::from_bytes(&answer.planned_private),
            diagnostics,
        }
    }

    async fn plan_destroy(&self, _: &Context, _: &Value, _: &Private) -> Diagnostics {
        Diagnostics::new()
    }

    async fn create(&self, _: &Context, new: &ChangeRequest, keeper: &Keeper) -> Outcome {
        self.apply(new, keeper).await
    }

    async fn update(&self, _: &Context, change: &ChangeRequest, keeper: &Keeper) -> Outcome {
        self.apply(change, keeper).await
    }

    async fn delete(&self, _: &Context, prior: &Value, keeper: &Keeper) -> Outcome {
        let (planned, config) = (Value::Null, Value::Null);
        self.apply(&ChangeRequest { prior: prior.clone(), planned, config }, keeper).await
    }

    async fn read(&self, _: &Context, prior: &Value, keeper: &Keeper) -> Outcome {
        let asked = pb::read_resource::Request {
            type_name: self.name.to_owned(),
            current_state: self.dynamic(prior),
            private: keeper.private().to_bytes(),
            ..Default::default()
        };
        let answer = self.provider.clone().read_resource(asked).await.unwrap().into_inner();
        self.keep(keeper, answer.new_state.as_ref(), &answer.private);
        ended(answer.diagnostics)
    }

    async fn import(&self, _: &Context, what: Import<'_>, keeper: &Keeper) -> Outcome {
        let Import::Id(id) = what else { return Ok(()) };
        let asked = pb::import_resource_state::Request {
            type_name: self.name.to_owned(),
            id: id.to_owned(),
            ..Default::default()
        };
        let answer = self.provider.clone().import_resource_state(asked).await.unwrap().into_inner();
        if let Some(found) = answer.imported_resources.first() {
            self.keep(keeper, found.state.as_ref(), &found.private);
        }
        ended(answer.diagnostics)
    }

    /// The lives at this end of the protocol do without.
    fn identity_schema(&self) -> Option<&Schema> {
        None
    }

    fn identity(&self, _: &Value) -> Value {
        Value::Null
    }

    async fn reaches(&self, _: &Context, _: &Value) -> Outcome {
        Ok(())
    }

    fn generate(&self, object: &Value) -> Result<Value, Mismatch> {
        Ok(object.clone())
    }

    fn upgrade(&self, _: i64, state: Json) -> Result<Json, Diagnostic> {
        Ok(state)
    }

    fn move_state(&self, _: &MoveRequest, _: &Keeper) -> Option<Outcome> {
        None
    }
}
