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

/// A provider block for a cloud.
pub(super) fn settings(cloud: &Running) -> Json {
    let url = cloud.url();
    serde_json::json!({
        "region": access::REGION,
        "project_id": access::PROJECT_ID,
        "access_key": access::ACCESS_KEY,
        "secret_key": access::SECRET_KEY,
        "endpoints": { "modelarts": url, "iam": url, "bss": url, "sts": url },
    })
}

/// Configures a provider.
pub(super) async fn configure(provider: &mut Provider, settings: &Json) -> Vec<Message> {
    let product = ModelArtsProvider::new();
    configure_with(provider, &read(settings, product.schema())).await
}

/// Configures a provider, also with what is not known yet.
pub(super) async fn configure_with(provider: &mut Provider, config: &Value) -> Vec<Message> {
    let request = pb::configure_provider::Request {
        terraform_version: "1.14.9".to_owned(),
        config: Some(dynamic(config, ModelArtsProvider::new().schema())),
        ..Default::default()
    };
    let answer = provider.configure_provider(request).await.unwrap().into_inner();
    messages(answer.diagnostics)
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
    /// What names the object for good; nothing when there is none.
    pub(super) identity: Option<pb::ResourceIdentityData>,
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
        let mut core = Self {
            type_name,
            provider,
            schema: resource.schema().clone(),
            state: Value::Null,
            private: Vec::new(),
            identity: None,
            write_only: true,
            cloud: cloud.cloud(),
            settings: settings(cloud),
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
        assert_eq!(configure(&mut self.provider, &self.settings).await, []);
    }

    /// Forgets the object, as `terraform state rm` does.
    pub(super) fn forget(&mut self) {
        self.state = Value::Null;
        self.private.clear();
        self.identity = None;
    }

    /// The provider, for what is no step of Terraform with a resource.
    pub(super) fn provider(&self) -> Provider {
        self.provider.clone()
    }

    /// Keeps the identity of an answer, which must be that of the object.
    fn keeps(&mut self, identity: Option<pb::ResourceIdentityData>) {
        if self.state.is_null() {
            assert_eq!(identity, None);
            self.identity = None;
            return;
        }
        let found = identity.as_ref().map(named);
        let id = self.state.get("id");
        // An object that nobody has seen yet has no name.
        let wanted = id.as_str().map(|id| format!("{id} in {}", access::PROJECT_ID));
        let before = self.identity.as_ref().map(named);
        assert!(found.is_none() || found == wanted || found == before, "{found:?} {wanted:?}");
        // An identity that is known stays.
        let is_whole = before.as_ref().is_some_and(|text| !text.contains('?'));
        assert!(!is_whole || found == before, "{found:?} {before:?}");
        self.identity = identity;
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
            prior_identity: self.identity.clone().filter(|_| !prior.is_null()),
            ..Default::default()
        };
        let identity = request.prior_identity.clone();
        let answer = self.provider.plan_resource_change(request).await.unwrap().into_inner();
        let messages = messages(answer.diagnostics);
        let state = value(answer.planned_state.as_ref(), &self.schema);
        if !messages.iter().any(|message| message.is_error) {
            if !config.is_null() && answer.requires_replace.is_empty() {
                assert_eq!(answer.planned_identity, identity);
            }
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
            planned_identity: self.identity.clone(),
            ..Default::default()
        };
        let answer = self.provider.apply_resource_change(request).await.unwrap().into_inner();
        let messages = messages(answer.diagnostics);
        self.state = value(answer.new_state.as_ref(), &self.schema);
        self.private = answer.private;
        self.keeps(answer.new_identity);
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
            current_identity: self.identity.clone(),
            ..Default::default()
        };
        let answer = self.provider.read_resource(request).await.unwrap().into_inner();
        self.state = value(answer.new_state.as_ref(), &self.schema);
        self.private = answer.private;
        self.keeps(answer.new_identity);
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
        assert_eq!(self.try_import(id, None).await, []);
    }

    /// Imports what an ID or an identity names, and refreshes as Terraform does then.
    pub(super) async fn try_import(
        &mut self,
        id: &str,
        identity: Option<pb::ResourceIdentityData>,
    ) -> Vec<Message> {
        let is_by_identity = identity.is_some();
        let request = pb::import_resource_state::Request {
            type_name: self.type_name.to_owned(),
            id: id.to_owned(),
            identity,
            ..Default::default()
        };
        let answer = self.provider.import_resource_state(request).await.unwrap().into_inner();
        let [found] = answer.imported_resources.as_slice() else {
            assert_ne!(answer.diagnostics, []);
            return messages(answer.diagnostics);
        };
        assert_eq!(answer.diagnostics, []);
        self.state = value(found.state.as_ref(), &self.schema);
        self.private.clone_from(&found.private);
        self.identity.clone_from(&found.identity);
        assert!(self.identity.is_some() || !is_by_identity);
        self.try_refresh().await
    }

    /// Takes the object over anew, as if this Terraform had not made it. Its identity
    /// serves as well as its ID, and the configuration that is generated for it plans
    /// empty.
    pub(super) async fn import_again(&mut self) {
        let (id, identity) =
            (self.state.get("id").as_str().unwrap().to_owned(), self.identity.clone());
        self.forget();
        assert_eq!(self.try_import("", identity.clone()).await, []);
        assert_eq!(self.state.get("id").as_str(), Some(id.as_str()));
        self.forget();
        self.import(&id).await;
        assert_eq!(self.identity, identity);
        let generated = self.generated().await;
        assert_eq!(self.validate(&generated).await, [], "{}", shown(&generated));
        self.is_settled(&generated).await;
    }

    /// The configuration that would make what is in the state.
    pub(super) async fn generated(&mut self) -> Value {
        let request = pb::generate_resource_config::Request {
            type_name: self.type_name.to_owned(),
            state: Some(dynamic(&self.state, &self.schema)),
        };
        let answer = self.provider.generate_resource_config(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        value(answer.config.as_ref(), &self.schema)
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

/// All resources have one form of identity.
fn identity_schema() -> Schema {
    let product = ModelArtsProvider::new();
    product.resources().iter().find_map(|resource| resource.identity_schema().cloned()).unwrap()
}

/// An identity in words.
pub(super) fn named(identity: &pb::ResourceIdentityData) -> String {
    let schema = identity_schema();
    let value = value(identity.identity_data.as_ref(), &schema);
    let [id, project] = ["id", "project_id"].map(|name| value.get(name).as_str().unwrap_or("?"));
    format!("{id} in {project}")
}

/// An identity as Terraform sends it.
pub(super) fn identity(json: &Json) -> pb::ResourceIdentityData {
    let schema = identity_schema();
    pb::ResourceIdentityData { identity_data: Some(dynamic(&read(json, &schema), &schema)) }
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
