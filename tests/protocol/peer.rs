//! A provider that does what a test tells it to, good or bad, and the words to
//! tell it.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value as Json;
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::plugin::{Options, init_logging, serve};
use terraform_provider_modelarts::tf::codec;
use terraform_provider_modelarts::tf::context::Context;
use terraform_provider_modelarts::tf::data_source::AnyDataSource;
use terraform_provider_modelarts::tf::diagnostics::{Diagnostic, Diagnostics};
use terraform_provider_modelarts::tf::found::Found;
use terraform_provider_modelarts::tf::function::{Function, FunctionError, Parameter, Signature};
use terraform_provider_modelarts::tf::keeper::Keeper;
use terraform_provider_modelarts::tf::model::Mismatch;
use terraform_provider_modelarts::tf::path::Path;
use terraform_provider_modelarts::tf::plan::outline;
use terraform_provider_modelarts::tf::private::Private;
use terraform_provider_modelarts::tf::provider::Provider;
use terraform_provider_modelarts::tf::resource::{
    AnyResource, ChangeRequest, Import, MoveRequest, Outcome, PlanRequest, Planned,
};
use terraform_provider_modelarts::tf::schema::{Attribute, Mode, Nesting, Schema};
use terraform_provider_modelarts::tf::ty::Type;
use terraform_provider_modelarts::tf::value::Value;
use tracing::{error_span, info};

use super::host::PEER_JOURNAL as JOURNAL;
pub(super) use super::host::PEER_MARK as MARK;

pub(super) const ADDRESS: &str = "registry.terraform.io/test/test";
pub(super) const THING: &str = "test_thing";
pub(super) const SETTING: &str = "test_setting";

/// What the provider's own secret looks like, wherever it should not be.
pub(super) const SECRET: &str = "do-not-tell";

#[test]
fn serves_when_asked() {
    let Ok(way) = std::env::var(MARK) else { return };
    init_logging("test", env!("CARGO_CRATE_NAME"));
    let debug = way == "debug";
    let options = Options { address: ADDRESS, name: "test", version: "1.2.3", debug };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let provider = || {
        assert_ne!(way, "panic", "told to");
        Arc::new(Peer::default()) as Arc<dyn Provider>
    };
    let served = runtime.block_on(serve(provider, options));
    runtime.shutdown_background();
    std::process::exit(i32::from(served.is_err()));
}

fn note(what: &str) {
    if let Ok(journal) = std::env::var(JOURNAL) {
        let mut file = OpenOptions::new().append(true).open(journal).unwrap();
        file.write_all(format!("{what}\n").as_bytes()).unwrap();
    }
}

// === Words for tests ===

static THING_SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let optional = |name, ty| Attribute::new(name, ty, Mode::Optional, "As the test wants.");
    let secret = || optional("secret", Type::String).write_only();
    let members = || vec![optional("a", Type::String), optional("b", Type::Number), secret()];
    let timeout = optional("create", Type::String);
    let nested = |name, nesting, members, description| {
        Attribute::nested(name, nesting, members, Mode::Optional, description)
    };
    let attributes = vec![
        Attribute::string("id", Mode::Computed, "Given by the provider."),
        optional("behaviour", Type::String),
        optional("name", Type::String),
        optional("number", Type::Number),
        optional("flag", Type::Bool),
        optional("list", Type::list(Type::String)),
        optional("set", Type::set(Type::Number)),
        optional("map", Type::map(Type::list(Type::String))),
        optional("object", Type::object([("x", Type::Bool)])),
        optional("tuple", Type::Tuple(vec![Type::Bool, Type::Number])),
        optional("any", Type::Dynamic),
        nested("single", Nesting::Single, members(), "One."),
        nested("items", Nesting::List, members(), "Many."),
        secret(),
        nested("timeouts", Nesting::Single, vec![timeout], "").as_block(),
    ];
    Schema::new(attributes, "").version(1)
});

static SETTING_SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let setting = Attribute::string("setting", Mode::Computed, "As configured.");
    Schema::new(vec![setting], "")
});

/// An object of the type [`THING`]: these members, and null for the others.
pub(super) fn thing<const N: usize>(members: [(&str, Value); N]) -> Value {
    let Value::Object(mut object) = THING_SCHEMA.empty() else { unreachable!() };
    for (name, value) in members {
        assert!(object.insert(name.to_owned(), value).is_some(), "no member {name}");
    }
    Value::Object(object)
}

pub(super) fn schema() -> &'static Schema {
    &THING_SCHEMA
}

/// A value of the type [`THING`] on the wire.
pub(super) fn dynamic(value: &Value) -> pb::DynamicValue {
    let msgpack = codec::msgpack::encode(value, THING_SCHEMA.ty()).unwrap();
    pb::DynamicValue { msgpack: msgpack.into(), ..Default::default() }
}

/// A value of the type [`THING`] from the wire, which must be in msgpack.
pub(super) fn value(dynamic: Option<&pb::DynamicValue>) -> Value {
    let dynamic = dynamic.expect("there is a value");
    assert!(!dynamic.msgpack.is_empty() && dynamic.json.is_empty());
    codec::msgpack::decode(&dynamic.msgpack, THING_SCHEMA.ty()).unwrap()
}

/// A value of an object type with one string member, on the wire.
pub(super) fn setting(name: &str, text: impl Into<Value>) -> pb::DynamicValue {
    let ty = Type::object([(name, Type::String)]);
    let value = Value::object([(name, text.into())]);
    let msgpack = codec::msgpack::encode(&value, &ty).unwrap();
    pb::DynamicValue { msgpack: msgpack.into(), ..Default::default() }
}

/// The request to create a thing that behaves so.
pub(super) fn create(behaviour: &str) -> pb::apply_resource_change::Request {
    let config = thing([("behaviour", behaviour.into())]);
    let planned = thing([("behaviour", behaviour.into()), ("id", Value::UNKNOWN)]);
    change(&Value::Null, &planned, &config)
}

/// The request to update a thing that behaves so.
pub(super) fn update(behaviour: &str) -> pb::apply_resource_change::Request {
    let config = thing([("behaviour", behaviour.into())]);
    let planned = thing([("behaviour", behaviour.into()), ("id", "1".into())]);
    change(&thing([("id", "1".into())]), &planned, &config)
}

/// The request to delete a thing that behaves so.
pub(super) fn delete(behaviour: &str) -> pb::apply_resource_change::Request {
    let prior = thing([("behaviour", behaviour.into()), ("id", "1".into())]);
    change(&prior, &Value::Null, &Value::Null)
}

fn change(prior: &Value, planned: &Value, config: &Value) -> pb::apply_resource_change::Request {
    pb::apply_resource_change::Request {
        type_name: THING.to_owned(),
        prior_state: Some(dynamic(prior)),
        planned_state: Some(dynamic(planned)),
        config: Some(dynamic(config)),
        planned_private: br#"{"planned":true}"#.to_vec(),
        ..Default::default()
    }
}

// === Peer ===

#[derive(Default)]
struct Peer {
    configured: Arc<Mutex<Value0>>,
    parts: std::sync::OnceLock<Parts>,
}

/// The configured setting; null before.
type Value0 = Option<String>;

struct Parts {
    schema: Schema,
    resources: Vec<Arc<dyn AnyResource>>,
    data_sources: Vec<Arc<dyn AnyDataSource>>,
    functions: Vec<Arc<dyn Function>>,
}

impl Peer {
    fn parts(&self) -> &Parts {
        self.parts.get_or_init(|| {
            let setting = Attribute::string("setting", Mode::Optional, "Anything.").sensitive();
            let text = Parameter {
                name: "text".to_owned(),
                ty: Type::String,
                description: "What to shout.".to_owned(),
                allow_null: false,
                allow_unknown: false,
            };
            let shout = Signature {
                parameters: vec![text],
                variadic: None,
                returns: Type::String,
                summary: "Shouts".to_owned(),
                description: "Shouts a text.".to_owned(),
            };
            Parts {
                schema: Schema::new(vec![setting], ""),
                resources: vec![Arc::new(Thing)],
                data_sources: vec![Arc::new(Setting(Arc::clone(&self.configured)))],
                functions: vec![Arc::new(Shout(shout))],
            }
        })
    }
}

#[async_trait]
impl Provider for Peer {
    fn schema(&self) -> &Schema {
        &self.parts().schema
    }

    async fn validate(&self, _: &Context, config: &Value) -> Diagnostics {
        if config.get("setting").as_str() == Some("wrong") {
            return Diagnostic::error("Wrong", "Told to.").at(Path::of("setting")).into();
        }
        Diagnostics::new()
    }

    async fn configure(&self, _: &Context, config: &Value, _: &str) -> Diagnostics {
        let setting = config.get("setting").as_str().map(str::to_owned);
        *self.configured.lock().unwrap() = setting;
        Diagnostics::new()
    }

    fn resources(&self) -> &[Arc<dyn AnyResource>] {
        &self.parts().resources
    }

    fn data_sources(&self) -> &[Arc<dyn AnyDataSource>] {
        &self.parts().data_sources
    }

    fn functions(&self) -> &[Arc<dyn Function>] {
        &self.parts().functions
    }
}

// === Thing ===

struct Thing;

fn failure() -> Diagnostics {
    Diagnostic::error("Failed", "Told to.").into()
}

fn behaviour(value: &Value) -> String {
    value.get("behaviour").as_str().unwrap_or_default().to_owned()
}

impl Thing {
    /// Does to a created or updated object what its behaviour says.
    async fn act(&self, cx: &Context, request: &ChangeRequest, keeper: &Keeper) -> Outcome {
        note("started");
        let mut state = request.planned.clone();
        state.set_entry("id", "1".into());
        keeper.change_private(|private| private.set("applied", true));
        let failed = || Err(failure());
        let ended = match behaviour(&request.planned).as_str() {
            "panic" => panic!("told to"),
            "panic late" => {
                let mut known = request.planned.clone();
                known.set_entry("name", "recorded".into());
                keeper.set_state(known);
                tokio::task::yield_now().await;
                panic!("told to")
            }
            "fail early" => failed(),
            "fail late" => {
                keeper.set_state(state);
                failed()
            }
            "fail if stopped" if cx.stop.is_cancelled() => {
                keeper.set_state(state);
                failed()
            }
            "chatter" => {
                std::io::stdout().write_all(b"chatter\n").unwrap();
                done(keeper, state)
            }
            "log" => {
                log();
                done(keeper, state)
            }
            "lose" => done(keeper, Value::Null),
            "leave unknown" => done(keeper, request.planned.clone()),
            "leak" => {
                state.set_entry("secret", SECRET.into());
                done(keeper, state)
            }
            "leave out" => done(keeper, Value::object([("id", "1")].map(own))),
            "wrong type" => {
                state.set_entry("id", true.into());
                done(keeper, state)
            }
            "wait for stop" => {
                cx.stop.cancelled().await;
                keeper.warn(Diagnostic::warning("Interrupted", "It goes on by itself."));
                done(keeper, state)
            }
            "hang" => std::future::pending().await,
            "take long" => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                done(keeper, state)
            }
            _ => done(keeper, state),
        };
        note("ended");
        ended
    }
}

fn done(keeper: &Keeper, state: Value) -> Outcome {
    keeper.set_state(state);
    Ok(())
}

/// Logs within two spans that have a field in common, with each other and with
/// the call's own.
fn log() {
    let outer = error_span!("outer", tf_rpc = "outer", who = "outer", kept = "outer");
    let inner = outer.in_scope(|| error_span!("inner", who = "inner"));
    inner.in_scope(|| {
        info!("of the spans");
        info!(who = "event", "of the event");
    });
}

fn own((name, value): (&str, &str)) -> (String, Value) {
    (name.to_owned(), value.into())
}

#[async_trait]
impl AnyResource for Thing {
    fn type_name(&self) -> &str {
        THING
    }

    fn schema(&self) -> &Schema {
        &THING_SCHEMA
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        match behaviour(config).as_str() {
            "panic" => panic!("told to"),
            "be wrong" => {
                let place = Path::of("items").index(1).attribute("a");
                Diagnostic::error("Wrong", "Told to.").at(place).into()
            }
            _ => Diagnostics::new(),
        }
    }

    async fn plan(&self, _: &Context, request: &PlanRequest) -> Planned {
        let none = Found::default();
        let mut planned = Planned {
            state: outline(&THING_SCHEMA, &request.config, &request.prior, &none).state,
            requires_replace: Vec::new(),
            private: request.private.clone(),
            diagnostics: Diagnostics::new(),
        };
        planned.private.set("planned", true);
        if request.prior.is_null() {
            planned.state.set_entry("id", Value::UNKNOWN_NOT_NULL);
        }
        match behaviour(&request.config).as_str() {
            "panic in plan" => panic!("told to"),
            "fail in plan" => planned.diagnostics = failure(),
            "plan nonsense" => planned.state.set_entry("name", "nobody asked for this".into()),
            "replace" => planned.requires_replace.push(Path::of("name")),
            "replace nowhere" => planned.requires_replace.push(Path::of("list").index(7)),
            _ => {}
        }
        planned
    }

    async fn plan_destroy(&self, _: &Context, prior: &Value, _: &Private) -> Diagnostics {
        if behaviour(prior) == "stay" { failure() } else { Diagnostics::new() }
    }

    async fn create(&self, cx: &Context, request: &ChangeRequest, keeper: &Keeper) -> Outcome {
        self.act(cx, request, keeper).await
    }

    async fn update(&self, cx: &Context, request: &ChangeRequest, keeper: &Keeper) -> Outcome {
        self.act(cx, request, keeper).await
    }

    async fn delete(&self, cx: &Context, prior: &Value, keeper: &Keeper) -> Outcome {
        match behaviour(prior).as_str() {
            "panic" => panic!("told to"),
            "fail early" => {
                keeper.set_state(Value::Null);
                Err(failure())
            }
            "fail late" => Err(failure()),
            "stay" => Ok(()),
            "wait for stop" => {
                note("started");
                cx.stop.cancelled().await;
                Err(failure())
            }
            _ => done(keeper, Value::Null),
        }
    }

    async fn read(&self, _: &Context, prior: &Value, keeper: &Keeper) -> Outcome {
        let mut state = prior.clone();
        match behaviour(&state).as_str() {
            "panic" => panic!("told to"),
            "be gone" => keeper.set_state(Value::Null),
            "fail early" => {
                keeper.set_state(Value::Null);
                return Err(failure());
            }
            "leak" => {
                state.set_entry("secret", SECRET.into());
                keeper.set_state(state);
            }
            "leave unknown" => {
                state.set_entry("name", Value::UNKNOWN);
                keeper.set_state(state);
            }
            _ => {}
        }
        Ok(())
    }

    async fn import(&self, _: &Context, what: Import<'_>, keeper: &Keeper) -> Outcome {
        let Import::Id(id) = what else { return Err(failure()) };
        match id {
            "panic" => panic!("told to"),
            "nothing" => Ok(()),
            "bad" => Err(failure()),
            _ => done(keeper, Value::object([("id", id)].map(own))),
        }
    }

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

    fn upgrade(&self, version: i64, mut state: Json) -> Result<Json, Diagnostic> {
        assert_eq!(version, 0, "told to");
        let name = state.as_object_mut().and_then(|members| members.remove("old_name"));
        state["name"] = name.unwrap_or_default();
        Ok(state)
    }

    fn move_state(&self, request: &MoveRequest, keeper: &Keeper) -> Option<Outcome> {
        if request.source_type != "other_thing" {
            return None;
        }
        let name = request.source_state["title"].as_str().map(str::to_owned);
        keeper.change_private(|private| private.set("from", request.source_provider.as_str()));
        let state = thing([("name", name.into()), ("secret", SECRET.into())]);
        Some(done(keeper, state))
    }
}

// === The others ===

struct Setting(Arc<Mutex<Value0>>);

#[async_trait]
impl AnyDataSource for Setting {
    fn type_name(&self) -> &str {
        SETTING
    }

    fn schema(&self) -> &Schema {
        &SETTING_SCHEMA
    }

    fn validate(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    async fn read(&self, _: &Context, _: &Value) -> Result<Value, Diagnostics> {
        let setting = self.0.lock().unwrap().clone();
        match setting.as_deref() {
            None => Err(Diagnostic::error("Not configured", "Configure it.").into()),
            Some("null") => Ok(Value::Null),
            Some(text) => Ok(Value::object([("setting", text.into())])),
        }
    }
}

struct Shout(Signature);

impl Function for Shout {
    fn name(&self) -> &str {
        "shout"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        match arguments.first().and_then(Value::as_str) {
            Some("panic") => panic!("told to"),
            Some("") => Err(FunctionError { text: "Nothing to shout.".into(), argument: Some(0) }),
            text => Ok(text.map(str::to_uppercase).into()),
        }
    }
}
