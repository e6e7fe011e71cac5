//! Values on the wire, against the types of this provider and against any type.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value as Json;
use terraform_provider_modelarts::provider::config::resolve;
use terraform_provider_modelarts::provider::{Environment, ModelArtsProvider, Offer};
use terraform_provider_modelarts::resources::pool::PoolResource;
use terraform_provider_modelarts::resources::session::{Connection, Session};
use terraform_provider_modelarts::tf::codec::{decode_dynamic, json, msgpack};
use terraform_provider_modelarts::tf::context::Context;
use terraform_provider_modelarts::tf::diagnostics::Diagnostics;
use terraform_provider_modelarts::tf::keeper::Keeper;
use terraform_provider_modelarts::tf::model::Tf;
use terraform_provider_modelarts::tf::private::Private;
use terraform_provider_modelarts::tf::provider::Provider;
use terraform_provider_modelarts::tf::resource::{AnyResource, MoveRequest, PlanRequest, typed};
use terraform_provider_modelarts::tf::ty::Type;
use terraform_provider_modelarts::tf::value::Value;
use tokio::runtime::Runtime;

use super::harness::{data, fuzz};

/// Nobody is called.
struct Offline;

#[async_trait]
impl Session for Offline {
    async fn connect(&self, _cx: &Context) -> Result<Arc<Connection>, Diagnostics> {
        Err(Diagnostics::new())
    }

    fn default_workspace(&self) -> Tf<String> {
        Tf::Null
    }
}

struct Types {
    resource: Arc<dyn AnyResource>,
    pool: Type,
    provider: Type,
    /// Types that no schema here has.
    others: Vec<Type>,
}

impl Types {
    fn new() -> Self {
        let resource = typed(PoolResource::new(Arc::new(Offline)));
        let pool = resource.schema().ty().clone();
        let none: [(&str, &str); 0] = [];
        let provider = ModelArtsProvider::with(Environment::fixed(none), |_| Offer::default());
        let provider = provider.schema().ty().clone();
        let others = vec![
            Type::Dynamic,
            Type::list(Type::Dynamic),
            Type::set(Type::Dynamic),
            Type::map(Type::Dynamic),
            Type::set(Type::set(Type::Number)),
            Type::Tuple(vec![Type::String, Type::Number, Type::Bool, Type::list(Type::Number)]),
        ];
        Self { resource, pool, provider, others }
    }
}

/// Says that a value survives both encodings, and that the second time nothing
/// is left to change.
fn survives(value: &Value, ty: &Type) {
    let bytes = msgpack::encode(value, ty).expect("what was decoded can be encoded");
    let again = msgpack::decode(&bytes, ty).expect("what was encoded can be decoded");
    assert_eq!(&again, value);
    assert_eq!(msgpack::encode(&again, ty).as_ref(), Ok(&bytes));
    assert_eq!(decode_dynamic(&bytes, b"", ty).as_ref(), Ok(value));
    match json::encode(value, ty) {
        Ok(json) => {
            assert_eq!(json::from_json(&json, ty, json::Mode::Strict).as_ref(), Ok(value));
            let text = json.to_string();
            assert_eq!(json::decode(text.as_bytes(), ty, json::Mode::Strict).as_ref(), Ok(value));
        }
        Err(_) => assert!(!value.is_wholly_known(), "JSON can say what is known"),
    }
}

fn decoded(bytes: &[u8], ty: &Type) -> Vec<Value> {
    let strict = json::decode(bytes, ty, json::Mode::Strict);
    let tolerant = json::decode(bytes, ty, json::Mode::Tolerant);
    if let (Ok(strict), Ok(tolerant)) = (&strict, &tolerant) {
        assert_eq!(strict, tolerant);
    }
    let values: Vec<_> =
        [msgpack::decode(bytes, ty), strict, tolerant].into_iter().filter_map(Result::ok).collect();
    values.iter().for_each(|value| survives(value, ty));
    values
}

/// What Terraform does with a configuration before anything exists.
fn planned(runtime: &Runtime, resource: &dyn AnyResource, config: &Value) {
    let cx = Context::default();
    let diagnostics = resource.validate(config);
    if config.is_null() || config.is_unknown() {
        return;
    }
    let request =
        PlanRequest { prior: Value::Null, config: config.clone(), private: Private::default() };
    let planned = runtime.block_on(resource.plan(&cx, &request));
    if !diagnostics.has_errors() && !planned.diagnostics.has_errors() {
        survives(&planned.state, resource.schema().ty());
    }
}

/// States that older versions and other providers have written.
fn taken_over(resource: &dyn AnyResource, state: Json) {
    let ty = resource.schema().ty();
    for version in [0, 1] {
        let Ok(upgraded) = resource.upgrade(version, state.clone()) else { continue };
        if let Ok(value) = json::from_json(&upgraded, ty, json::Mode::Tolerant) {
            survives(&value, ty);
        }
    }
    let request = MoveRequest {
        source_provider: "registry.terraform.io/huaweicloud/huaweicloud".to_owned(),
        source_type: "huaweicloud_modelarts_resource_pool".to_owned(),
        source_version: 0,
        source_state: state,
        source_private: Vec::new(),
    };
    let keeper = Keeper::default();
    if let Some(Ok(())) = resource.move_state(&request, &keeper) {
        // Terraform reads text in normal form C, whatever the other state held.
        let bytes = msgpack::encode(&keeper.state(), ty).expect("the state has the type");
        survives(&msgpack::decode(&bytes, ty).expect("what was encoded can be decoded"), ty);
    }
}

fn seeds(types: &Types) -> Vec<Vec<u8>> {
    let mut seeds = data("pool", "config");
    seeds.push(
        br#"{"region":"cn-north-4","access_key":"a","secret_key":"s","project_id":"p",
            "insecure":true,"max_retries":3,"endpoints":{"modelarts":"https://a.example/"},
            "assume_role":[{"agency_name":"x","domain_name":"y"}],
            "assume_role_with_oidc":{"idp_id":"i","id_token":"t"},"simulator":{"state_file":"s"}}"#
            .to_vec(),
    );
    let written: Vec<_> = seeds.clone();
    for (text, ty) in written.iter().zip([&types.pool, &types.provider]) {
        let whole = json::decode(text, ty, json::Mode::Tolerant).unwrap();
        seeds.push(msgpack::encode(&whole, ty).unwrap());
        seeds.push(json::encode(&whole, ty).unwrap().to_string().into_bytes());
        let mut unknown = whole.clone();
        for (index, value) in unknown.entries_mut().unwrap().values_mut().enumerate() {
            match index % 3 {
                0 => *value = Value::UNKNOWN,
                1 => *value = Value::UNKNOWN_NOT_NULL,
                _ => {}
            }
        }
        seeds.push(msgpack::encode(&unknown, ty).unwrap());
    }
    seeds.push(
        br#"{"name":"p","scope":["Train"],"metadata":[{"annotations":"{}"}],"network":[{"name":"n"}],
            "resources":[{"flavor_id":"f","count":2,"max_count":2,"azs":[{"az":"a","count":2}]}],
            "timeouts":{"create":"1h"},"id":"x","charging_mode":"prePaid","period":1}"#
            .to_vec(),
    );
    for text in [
        r#"{"type":["object",{"a":"string","b":["set","number"]}],"value":{"a":"x","b":[1,2]}}"#,
        r#"[{"type":"number","value":"1e100"},{"type":["tuple",["bool"]],"value":[true]}]"#,
        r#"{"value":null,"type":["set","string"]}"#,
        r#"[{"value":12345678901234567890123,"type":"number"},{"value":[1e400],"type":["list","number"]}]"#,
        r#"[[1,2.5,"0.1"],[2.50,1e0,0.10]]"#,
    ] {
        for ty in &types.others {
            if let Ok(value) = json::decode(text.as_bytes(), ty, json::Mode::Strict) {
                seeds.push(msgpack::encode(&value, ty).unwrap());
                seeds.push(text.as_bytes().to_vec());
            }
        }
    }
    seeds.push(br#"["object",{"a":["map",["set","dynamic"]]}]"#.to_vec());
    seeds.push(b"\x92\x93\x01\x02\x03\x91\xa30.1".to_vec());
    seeds
}

#[test]
fn any_value_on_the_wire_is_refused_or_means_the_same_when_it_goes_back() {
    let types = Types::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    fuzz("values", seeds(&types), |bytes| {
        types.others.iter().for_each(|ty| drop(decoded(bytes, ty)));
        for config in decoded(bytes, &types.pool) {
            planned(&runtime, types.resource.as_ref(), &config);
        }
        for config in decoded(bytes, &types.provider) {
            let none: [(&str, &str); 0] = [];
            let _ = resolve(&config, &Environment::fixed(none), "1.9.0");
        }
        if let Ok(ty) = Type::parse(bytes) {
            assert_eq!(Type::parse(ty.to_json().to_string().as_bytes()), Ok(ty));
        }
        if let Ok(state) = serde_json::from_slice::<Json>(bytes) {
            taken_over(types.resource.as_ref(), state);
        }
    });
}

#[test]
fn values_show_their_shape_and_no_contents() {
    let secret = || Value::from("hunter2");
    let value = Value::object([
        ("text", secret()),
        ("number", Value::from(4711)),
        ("list", Value::List(vec![secret()])),
        ("set", Value::set([secret()])),
        ("map", Value::map([("hunter2", secret())])),
        ("any", Value::Dynamic(Box::new((Type::String, secret())))),
        ("unknown", Value::UNKNOWN),
        ("none", Value::Null),
    ]);
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains("hunter2") && !shown.contains("4711"), "{shown}");
        for name in ["text", "number", "list", "set", "map", "any", "unknown", "none", "null"] {
            assert!(shown.contains(name), "{shown}");
        }
    }
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    let types = Types::new();
    let levels = 100_000;
    let inner: Vec<Vec<u8>> = vec![
        b"\x91".repeat(levels),
        b"\x92\xc4\x09\"dynamic\"".repeat(levels),
        b"\x92\xc4\x12[\"list\",\"dynamic\"]\x91".repeat(levels),
        b"[".repeat(levels),
        br#"{"type":"dynamic","value":"#.repeat(levels),
        br#"{"value":"#.repeat(levels),
        br#"["list","#.repeat(levels),
    ];
    for bytes in inner {
        for ty in types.others.iter().chain([&types.pool, &types.provider]) {
            assert!(decoded(&bytes, ty).is_empty());
        }
        assert!(Type::parse(&bytes).is_err());
    }
}

#[test]
fn time_grows_with_the_input_and_not_with_its_square() {
    let count = 20_000u16;
    let begin = [b"\xdc".as_slice(), &count.to_be_bytes()].concat();
    let numbers = (0..count).flat_map(|n| [[0xcd].as_slice(), &n.to_be_bytes()].concat());
    let texts = (0..count).flat_map(|n| format!("\u{a4}{n:04x}").into_bytes().split_off(1));
    let numbers = begin.iter().copied().chain(numbers).collect::<Vec<_>>();
    let texts = begin.iter().copied().chain(texts).collect::<Vec<_>>();
    for (bytes, ty) in [(numbers, Type::Number), (texts, Type::String)] {
        let began = Instant::now();
        let ty = Type::set(ty);
        let value = msgpack::decode(&bytes, &ty).unwrap();
        survives(&value, &ty);
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}
