//! What Terraform does with a resource, step by step: an object that is validated,
//! planned, applied and refreshed by the product over the real protocol, with
//! the rules that Terraform enforces checked on every answer.

use serde_json::Value as Json;
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::provider::ModelArtsProvider;
use terraform_provider_modelarts::simulator::{self, Config, Recorded, Running, Scenario, access};
use terraform_provider_modelarts::tf::codec::{self, json::Mode};
use terraform_provider_modelarts::tf::conform;
use terraform_provider_modelarts::tf::oracle;
use terraform_provider_modelarts::tf::path::Path;
use terraform_provider_modelarts::tf::provider::Provider as _;
use terraform_provider_modelarts::tf::schema::{Attribute, Schema};
use terraform_provider_modelarts::tf::value::Value;

use super::host::{Process, Provider, Setup};

/// The resource of most tests.
const POOL: &str = "modelarts_pool";

/// What the state says, as a configuration that repeats all of it.
pub(super) fn repeated(attributes: &[Attribute], state: &Value) -> Value {
    let Value::Object(members) = state else { return state.clone() };
    Value::object(members.iter().map(|(name, value)| {
        let attribute = attributes.iter().find(|attribute| attribute.name == *name).unwrap();
        let value = match (attribute.mode.is_configurable(), attribute.members(), value) {
            (false, ..) => Value::Null,
            (_, Some(inner), Value::Object(_)) => repeated(inner, value),
            (_, Some(inner), Value::List(items)) => {
                Value::List(items.iter().map(|item| repeated(inner, item)).collect())
            }
            (_, Some(inner), Value::Set(items)) => {
                Value::set(items.iter().map(|item| repeated(inner, item)))
            }
            _ => value.clone(),
        };
        (name.clone(), value)
    }))
}

/// A cloud that answers at once.
pub(super) async fn cloud(scenario: &Json) -> Running {
    let scenario = Scenario::from_json(&scenario.to_string()).unwrap();
    // Whatever takes time is over before anybody looks.
    let config = Config { scenario: Some(scenario), speed: 1e6, ..Config::default() };
    simulator::start(config).await.unwrap()
}

/// A message, with its path in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) is_error: bool,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) detail: String,
}

/// A plan.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) config: Value,
    pub(super) state: Value,
    pub(super) private: Vec<u8>,
    /// Attributes that need a new object, in words.
    pub(super) replaces: Vec<String>,
    pub(super) messages: Vec<Message>,
}

/// One resource in the hands of Terraform.
pub(super) struct Core {
    /// The type of the resource.
    type_name: &'static str,
    provider: Provider,
    schema: Schema,
    /// The object as in the state; null when there is none.
    pub(super) state: Value,
    pub(super) private: Vec<u8>,
    /// Whether this Terraform knows write-only attributes.
    pub(super) write_only: bool,
    cloud: simulator::Cloud,
    /// The provider block.
    settings: Json,
    _process: Process,
}

impl Core {
    /// A pool, in a product of its own that talks to this cloud.
    pub(super) async fn start(cloud: &Running) -> Self {
        Self::of(POOL, cloud).await
    }

    /// A resource of some type, in a product of its own that talks to this cloud.
    pub(super) async fn of(type_name: &'static str, cloud: &Running) -> Self {
        let process = Setup::product().start().await;
        let provider = process.provider().await;
        let product = ModelArtsProvider::new();
        let resource = product.resources().iter().find(|r| r.type_name() == type_name).unwrap();
        let url = cloud.url();
        let settings = serde_json::json!({
            "region": access::REGION,
            "project_id": access::PROJECT_ID,
            "access_key": access::ACCESS_KEY,
            "secret_key": access::SECRET_KEY,
            "endpoints": { "modelarts": url, "iam": url, "bss": url, "sts": url },
        });
        let mut core = Self {
            type_name,
            provider,
            schema: resource.schema().clone(),
            state: Value::Null,
            private: Vec::new(),
            write_only: true,
            cloud: cloud.cloud(),
            settings,
            _process: process,
        };
        core.configure().await;
        core
    }

    /// Sets an argument of the provider block, for the runs to come.
    #[allow(dead_code)] // the fault matrix uses it
    pub(super) fn set(&mut self, argument: &str, value: Json) {
        self.settings[argument] = value;
    }

    /// Begins another run: what the last one has seen counts no more.
    pub(super) async fn configure(&mut self) {
        let product = ModelArtsProvider::new();
        let config = dynamic(&read(&self.settings, product.schema()), product.schema());
        let request = pb::configure_provider::Request {
            terraform_version: "1.11.4".to_owned(),
            config: Some(config),
            ..Default::default()
        };
        let answer = self.provider.configure_provider(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
    }

    /// Forgets the object, as `terraform state rm` does.
    pub(super) fn forget(&mut self) {
        self.state = Value::Null;
        self.private.clear();
    }

    /// A configuration as Terraform hands it over.
    pub(super) fn config(&self, json: &Json) -> Value {
        read(json, &self.schema)
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The requests since the last time that change something.
    pub(super) fn changes(&self) -> Vec<Recorded> {
        let all = self.cloud.requests();
        self.cloud.forget_requests();
        let reads = |request: &Recorded| {
            request.method == "GET" || request.path.ends_with("/suscriptions/resources/query")
        };
        all.into_iter().filter(|request| !reads(request)).collect()
    }

    pub(super) async fn validate(&mut self, config: &Value) -> Vec<Message> {
        let request = pb::validate_resource_config::Request {
            type_name: self.type_name.to_owned(),
            config: Some(dynamic(config, &self.schema)),
            client_capabilities: Some(pb::ClientCapabilities {
                write_only_attributes_allowed: self.write_only,
                ..Default::default()
            }),
        };
        let answer = self.provider.validate_resource_config(request).await.unwrap();
        messages(answer.into_inner().diagnostics)
    }

    /// Plans, with Terraform's own checks of the answer.
    pub(super) async fn plan(&mut self, config: &Value) -> Plan {
        self.plan_from(config, &self.state.clone(), self.private.clone()).await
    }

    async fn plan_from(&mut self, config: &Value, prior: &Value, private: Vec<u8>) -> Plan {
        let request = pb::plan_resource_change::Request {
            type_name: self.type_name.to_owned(),
            prior_state: Some(dynamic(prior, &self.schema)),
            proposed_new_state: Some(dynamic(&without_secrets(config, &self.schema), &self.schema)),
            config: Some(dynamic(config, &self.schema)),
            prior_private: private,
            ..Default::default()
        };
        let answer = self.provider.plan_resource_change(request).await.unwrap().into_inner();
        let messages = messages(answer.diagnostics);
        let state = value(answer.planned_state.as_ref(), &self.schema);
        if !messages.iter().any(|message| message.is_error) {
            let broken = oracle::check_plan(&self.schema, prior, config, &state);
            assert!(broken.is_empty(), "{broken:?}");
        }
        let replaces = answer.requires_replace.iter().map(words).collect();
        Plan { config: config.clone(), state, private: answer.planned_private, replaces, messages }
    }

    /// Applies a plan: a new object, a change in place, or a new object in the
    /// place of the old one.
    pub(super) async fn apply(&mut self, plan: &Plan) -> Vec<Message> {
        if plan.state == self.state {
            return Vec::new();
        }
        if plan.replaces.is_empty() || self.state.is_null() {
            return self.change(plan).await;
        }
        let mut found = self.destroy().await;
        let again = self.plan_from(&plan.config, &Value::Null, plan.private.clone()).await;
        found.extend(self.change(&again).await);
        found
    }

    /// Destroys the object.
    pub(super) async fn destroy(&mut self) -> Vec<Message> {
        let plan = Plan {
            config: Value::Null,
            state: Value::Null,
            private: self.private.clone(),
            replaces: Vec::new(),
            messages: Vec::new(),
        };
        self.change(&plan).await
    }

    async fn change(&mut self, plan: &Plan) -> Vec<Message> {
        let request = pb::apply_resource_change::Request {
            type_name: self.type_name.to_owned(),
            prior_state: Some(dynamic(&self.state, &self.schema)),
            planned_state: Some(dynamic(&plan.state, &self.schema)),
            config: Some(dynamic(&plan.config, &self.schema)),
            planned_private: plan.private.clone(),
            ..Default::default()
        };
        let answer = self.provider.apply_resource_change(request).await.unwrap().into_inner();
        let messages = messages(answer.diagnostics);
        self.state = value(answer.new_state.as_ref(), &self.schema);
        self.private = answer.private;
        if !messages.iter().any(|message| message.is_error) {
            let broken = oracle::check_applied(&self.schema, &plan.state, &self.state);
            assert!(broken.is_empty(), "{broken:?}\nplanned {:#?}", plan.state);
        }
        messages
    }

    /// Refreshes. Fails on any message.
    pub(super) async fn refresh(&mut self) {
        assert_eq!(self.try_refresh().await, []);
    }

    /// Refreshes, whatever comes of it.
    pub(super) async fn try_refresh(&mut self) -> Vec<Message> {
        let request = pb::read_resource::Request {
            type_name: self.type_name.to_owned(),
            current_state: Some(dynamic(&self.state, &self.schema)),
            private: self.private.clone(),
            ..Default::default()
        };
        let answer = self.provider.read_resource(request).await.unwrap().into_inner();
        self.state = value(answer.new_state.as_ref(), &self.schema);
        self.private = answer.private;
        assert!(self.state.is_wholly_known());
        messages(answer.diagnostics)
    }

    /// Takes over a state as an older or newer release has written it.
    pub(super) async fn upgrade(&mut self, version: i64, state: &Json) -> Vec<Message> {
        let json = state.to_string().into_bytes();
        let request = pb::upgrade_resource_state::Request {
            type_name: self.type_name.to_owned(),
            version,
            raw_state: Some(pb::RawState { json, flatmap: Default::default() }),
        };
        let answer = self.provider.upgrade_resource_state(request).await.unwrap().into_inner();
        self.state = value(answer.upgraded_state.as_ref(), &self.schema);
        messages(answer.diagnostics)
    }

    /// Imports what `id` names, and refreshes as Terraform does then.
    pub(super) async fn import(&mut self, id: &str) {
        let request = pb::import_resource_state::Request {
            type_name: self.type_name.to_owned(),
            id: id.to_owned(),
            ..Default::default()
        };
        let answer = self.provider.import_resource_state(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        let found = answer.imported_resources.first().unwrap();
        self.state = value(found.state.as_ref(), &self.schema);
        self.private.clone_from(&found.private);
        self.refresh().await;
    }

    /// Takes the object over anew, as if this Terraform had not made it.
    pub(super) async fn import_again(&mut self) {
        let id = self.state.get("id").as_str().unwrap().to_owned();
        self.forget();
        self.import(&id).await;
    }

    /// A whole `terraform apply`: refresh, plan, apply. Fails on any error.
    pub(super) async fn run(&mut self, config: &Value) -> Plan {
        let errors = |messages: &[Message]| messages.iter().any(|message| message.is_error);
        let found = self.validate(config).await;
        assert!(!errors(&found), "{found:#?}");
        if !self.state.is_null() {
            self.refresh().await;
        }
        let plan = self.plan(config).await;
        assert!(!errors(&plan.messages), "{:#?}", plan.messages);
        let found = self.apply(&plan).await;
        assert!(!errors(&found), "{found:#?}");
        plan
    }

    /// Fails unless a refresh and a plan show no difference.
    pub(super) async fn is_settled(&mut self, config: &Value) {
        self.refresh().await;
        let plan = self.plan(config).await;
        let differing: Vec<_> = plan
            .state
            .entries()
            .into_iter()
            .flatten()
            .filter(|(name, value)| self.state.get(name) != *value)
            .map(|(name, value)| {
                format!("{name}: {} -> {}", shown(self.state.get(name)), shown(value))
            })
            .collect();
        assert!(differing.is_empty(), "the next plan is not empty: {differing:#?}");
        assert_eq!(plan.replaces, Vec::<String>::new());
    }
}

/// A value with its contents, which `Debug` keeps to itself.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(entries) | Value::Map(entries) => {
            let each = entries.iter().filter(|(_, value)| !value.is_null());
            let each: Vec<_> =
                each.map(|(name, value)| format!("{name}: {}", shown(value))).collect();
            format!("{{{}}}", each.join(", "))
        }
        Value::List(items) | Value::Set(items) => {
            format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => format!("{text:?}"),
        Value::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

pub(super) fn read(json: &Json, schema: &Schema) -> Value {
    let mut value = codec::json::from_json(json, schema.ty(), Mode::Tolerant).unwrap();
    conform::complete(schema, &mut value);
    value
}

/// Terraform's proposal never holds what must not be stored.
fn without_secrets(config: &Value, schema: &Schema) -> Value {
    let mut proposed = config.clone();
    conform::null_write_only(schema, &mut proposed);
    proposed
}

pub(super) fn dynamic(value: &Value, schema: &Schema) -> pb::DynamicValue {
    let msgpack = codec::msgpack::encode(value, schema.ty()).unwrap();
    pb::DynamicValue { msgpack: msgpack.into(), ..Default::default() }
}

pub(super) fn value(dynamic: Option<&pb::DynamicValue>, schema: &Schema) -> Value {
    let Some(dynamic) = dynamic else { return Value::Null };
    codec::decode_dynamic(&dynamic.msgpack, &dynamic.json, schema.ty()).unwrap()
}

pub(super) fn messages(diagnostics: Vec<pb::Diagnostic>) -> Vec<Message> {
    let message = |d: pb::Diagnostic| Message {
        is_error: d.severity() == pb::diagnostic::Severity::Error,
        path: d.attribute.as_ref().map(words).unwrap_or_default(),
        summary: d.summary,
        detail: d.detail,
    };
    diagnostics.into_iter().map(message).collect()
}

fn words(path: &pb::AttributePath) -> String {
    use pb::attribute_path::step::Selector;
    let steps = path.steps.iter().filter_map(|step| step.selector.clone());
    let path = steps.fold(Path::root(), |path, step| match step {
        Selector::AttributeName(name) => path.attribute(&name),
        Selector::ElementKeyString(key) => path.key(&key),
        Selector::ElementKeyInt(index) => path.index(usize::try_from(index).unwrap()),
    });
    path.to_string()
}
