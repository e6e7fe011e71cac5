//! Checklist 14, 17, 18, 20 to 22, 25, 31, 41 to 44: calls that change nothing.

use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::plugin::proto::tfplugin6::attribute_path::step::Selector;
use terraform_provider_modelarts::tf::oracle;
use terraform_provider_modelarts::tf::ty::Type;
use terraform_provider_modelarts::tf::value::Value;

use super::host::{Process, Provider, Setup};
use super::peer::{self, SETTING, THING, dynamic, thing, value};

async fn started() -> (Process, Provider) {
    let process = Setup::peer().start().await;
    let provider = process.provider().await;
    (process, provider)
}

fn behaving(behaviour: &str) -> Value {
    thing([("behaviour", behaviour.into()), ("id", "1".into())])
}

/// The one message, which is an error with a remedy.
fn only(diagnostics: &[pb::Diagnostic]) -> &pb::Diagnostic {
    let [one] = diagnostics else { panic!("{diagnostics:?}") };
    assert_eq!(one.severity(), pb::diagnostic::Severity::Error);
    assert!(!one.summary.is_empty() && !one.detail.is_empty());
    one
}

/// A path in words.
fn place(diagnostic: &pb::Diagnostic) -> String {
    let steps = diagnostic.attribute.as_ref().map(|path| path.steps.as_slice());
    let words =
        steps.unwrap_or_default().iter().map(|step| match step.selector.as_ref().unwrap() {
            Selector::AttributeName(name) => name.clone(),
            Selector::ElementKeyString(key) => format!("{key:?}"),
            Selector::ElementKeyInt(index) => index.to_string(),
        });
    words.collect::<Vec<_>>().join(".")
}

// === Schema ===

// 17
#[tokio::test]
async fn the_schema_tells_everything_and_what_the_server_can_do() {
    let (_process, mut provider) = started().await;
    let request = pb::get_provider_schema::Request {};
    let schema = provider.get_provider_schema(request).await.unwrap().into_inner();
    let can = schema.server_capabilities.unwrap();
    assert!(can.plan_destroy && can.get_provider_schema_optional && can.move_resource_state);
    assert!(schema.provider.is_some() && schema.provider_meta.is_none());
    assert_eq!(schema.data_source_schemas.len(), 1);
    assert_eq!(schema.functions["shout"].parameters[0].name, "text");
    let block = schema.resource_schemas[THING].block.clone().unwrap();
    assert_eq!(block.block_types[0].type_name, "timeouts");
    let secret = block.attributes.iter().find(|a| a.name == "secret").unwrap();
    assert!(secret.write_only && !secret.computed);
    let items = block.attributes.iter().find(|a| a.name == "items").unwrap();
    assert!(items.r#type.is_empty() && items.nested_type.is_some());

    let metadata = provider.get_metadata(pb::get_metadata::Request {}).await.unwrap().into_inner();
    assert_eq!(metadata.server_capabilities, Some(can));
    assert_eq!(metadata.resources[0].type_name, THING);
    assert_eq!(metadata.data_sources[0].type_name, SETTING);
    let functions = provider.get_functions(pb::get_functions::Request {}).await.unwrap();
    assert_eq!(functions.into_inner().functions, schema.functions);
    let identities = pb::get_resource_identity_schemas::Request {};
    let identities = provider.get_resource_identity_schemas(identities).await.unwrap();
    assert!(identities.into_inner().identity_schemas.is_empty());
}

// === Values ===

async fn read(provider: &mut Provider, state: pb::DynamicValue) -> pb::read_resource::Response {
    let request = pb::read_resource::Request {
        type_name: THING.to_owned(),
        current_state: Some(state),
        private: b"foreign".to_vec(),
        ..Default::default()
    };
    provider.read_resource(request).await.unwrap().into_inner()
}

// 18, 19
#[tokio::test]
async fn values_of_each_type_come_back_as_they_were() {
    // Nobody asked for the schema in this process.
    let (_process, mut provider) = started().await;
    let text = |text: &str| Value::from(text);
    let member = Value::object([("a", text("ä")), ("b", Value::Null), ("secret", Value::Null)]);
    let states = [
        thing([]),
        thing([
            ("number", Value::number(i64::MAX)),
            ("flag", false.into()),
            ("list", Value::List(vec![text(""), Value::Null, text("z")])),
            ("set", Value::set([1, 2, 3].map(|n: i64| Value::from(n)))),
            ("map", Value::map([("k", Value::List(vec![]))])),
            ("object", Value::object([("x", true.into())])),
            ("tuple", Value::List(vec![true.into(), Value::Null])),
            ("any", Value::Dynamic(Box::new((Type::list(Type::Bool), Value::List(vec![]))))),
            ("single", member.clone()),
            ("items", Value::List(vec![member.clone(), member])),
            ("timeouts", Value::object([("create", text("30m"))])),
        ]),
        thing([("list", Value::List(vec![])), ("map", Value::map::<String>([]))]),
    ];
    for state in states {
        let answer = read(&mut provider, dynamic(&state)).await;
        assert_eq!(answer.diagnostics, []);
        assert_eq!(value(answer.new_state.as_ref()), state);
        assert_eq!(answer.private, b"foreign");
    }
}

// 22
#[tokio::test]
async fn json_is_understood_and_answered_in_msgpack() {
    let (_process, mut provider) = started().await;
    let state = thing([("name", "n".into())]);
    let mut json: serde_json::Map<_, _> = state
        .entries()
        .unwrap()
        .keys()
        .map(|name| (name.clone(), serde_json::Value::Null))
        .collect();
    json.insert("name".to_owned(), "n".into());
    let json = serde_json::to_vec(&json).unwrap();
    let request = pb::DynamicValue { json: json.into(), ..Default::default() };
    let answer = read(&mut provider, request).await;
    assert_eq!(answer.diagnostics, []);
    assert_eq!(value(answer.new_state.as_ref()), state);
}

/// A thing whose member `name` is these bytes of msgpack, and the others null.
fn with_member(name: &str, msgpack: &[u8]) -> pb::DynamicValue {
    let thing = thing([]);
    let members = thing.entries().unwrap();
    let mut bytes = vec![0xde, 0, u8::try_from(members.len()).unwrap()];
    for member in members.keys() {
        bytes.push(0xa0 | u8::try_from(member.len()).unwrap());
        bytes.extend(member.bytes());
        bytes.extend(if member == name { msgpack } else { b"\xc0" });
    }
    pb::DynamicValue { msgpack: bytes.into(), ..Default::default() }
}

// 20
#[tokio::test]
async fn every_extension_is_an_unknown_value() {
    let (_process, mut provider) = started().await;
    let forms: [&[u8]; 4] = [
        b"\xd4\x00\x00",
        // Not null, with a prefix, and something of a later release.
        b"\xc7\x08\x0c\x83\x01\xc2\x02\xa1p\x63\xc0",
        b"\xc7\x00\x05",
        b"\xd4\x07\x00",
    ];
    for form in forms {
        let request = pb::validate_resource_config::Request {
            type_name: THING.to_owned(),
            config: Some(with_member("name", form)),
            ..Default::default()
        };
        let answer = provider.validate_resource_config(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
    }
}

// 21
#[tokio::test]
async fn what_cannot_be_read_is_an_error_where_it_stands_and_keeps_the_state() {
    let (_process, mut provider) = started().await;
    let good = dynamic(&thing([("name", "n".into())]));
    let truncated = pb::DynamicValue {
        msgpack: good.msgpack.slice(..good.msgpack.len() / 2),
        ..Default::default()
    };
    let missing = peer::setting("name", "n");
    let deep = vec![0x91; 10_000];
    let deep = pb::DynamicValue { msgpack: deep.into(), ..Default::default() };
    let wrong = with_member("list", b"\xc3");
    for (sent, at) in [(truncated, None), (missing, None), (deep, None), (wrong, Some("list"))] {
        let answer = read(&mut provider, sent.clone()).await;
        let error = only(&answer.diagnostics);
        assert_eq!(answer.new_state, Some(sent));
        if let Some(at) = at {
            assert_eq!(place(error), at);
        }
    }
}

// === Validate ===

async fn validate(provider: &mut Provider, config: &Value, aware: bool) -> Vec<pb::Diagnostic> {
    let request = pb::validate_resource_config::Request {
        type_name: THING.to_owned(),
        config: Some(dynamic(config)),
        client_capabilities: aware.then_some(pb::ClientCapabilities {
            write_only_attributes_allowed: true,
            ..Default::default()
        }),
    };
    provider.validate_resource_config(request).await.unwrap().into_inner().diagnostics
}

// 23
#[tokio::test]
async fn validation_accepts_unknowns_and_says_where_something_is_wrong() {
    let (_process, mut provider) = started().await;
    let config = thing([("name", Value::UNKNOWN), ("items", Value::UNKNOWN)]);
    assert_eq!(validate(&mut provider, &config, true).await, []);
    let found = validate(&mut provider, &behaving("be wrong"), true).await;
    assert_eq!(place(only(&found)), "items");
}

// 25
#[tokio::test]
async fn write_only_values_need_a_terraform_that_knows_them() {
    let (_process, mut provider) = started().await;
    let item = Value::object([("a", Value::Null), ("b", Value::Null), ("secret", "s".into())]);
    let config = thing([("secret", "s".into()), ("items", Value::List(vec![item]))]);
    assert_eq!(validate(&mut provider, &config, true).await, []);
    let found = validate(&mut provider, &config, false).await;
    let mut places: Vec<_> = found.iter().map(place).collect();
    places.sort();
    assert_eq!(places, ["items", "secret"]);
    assert_eq!(validate(&mut provider, &thing([]), false).await, []);
}

// === Plan ===

async fn plan(
    provider: &mut Provider,
    prior: &Value,
    config: &Value,
) -> pb::plan_resource_change::Response {
    let mut proposed = config.clone();
    proposed.set_entry("id", prior.get("id").clone());
    let request = pb::plan_resource_change::Request {
        type_name: THING.to_owned(),
        prior_state: Some(dynamic(prior)),
        proposed_new_state: Some(dynamic(&proposed)),
        config: Some(dynamic(config)),
        prior_private: br#"{"old":1}"#.to_vec(),
        ..Default::default()
    };
    let answer = provider.plan_resource_change(request).await.unwrap().into_inner();
    assert!(!answer.legacy_type_system && answer.deferred.is_none());
    if answer.diagnostics.is_empty() && !config.is_null() {
        let planned = value(answer.planned_state.as_ref());
        let violations = oracle::check_plan(peer::schema(), prior, config, &planned);
        assert!(violations.is_empty(), "{violations:?}");
    }
    answer
}

// 26, 31
#[tokio::test]
async fn a_plan_is_valid_without_write_only_values_and_carries_private_data() {
    let (_process, mut provider) = started().await;
    let config = thing([("name", "n".into()), ("secret", "s".into())]);
    let created = plan(&mut provider, &Value::Null, &config).await;
    assert_eq!(created.diagnostics, []);
    let planned = value(created.planned_state.as_ref());
    assert!(planned.get("id").is_unknown() && planned.get("secret").is_null());
    assert_eq!(created.planned_private, br#"{"old":1,"planned":true}"#);
    let prior = thing([("id", "1".into()), ("name", "o".into())]);
    let replaced = thing([("name", "n".into()), ("behaviour", "replace".into())]);
    let replaced = plan(&mut provider, &prior, &replaced).await;
    assert_eq!(replaced.diagnostics, []);
    assert_eq!(replaced.requires_replace.len(), 1);
}

// 31
#[tokio::test]
async fn a_planned_destroy_is_null_with_private_data_and_the_resources_objections() {
    let (_process, mut provider) = started().await;
    let fine = plan(&mut provider, &behaving("ok"), &Value::Null).await;
    assert_eq!(fine.diagnostics, []);
    let objected = plan(&mut provider, &behaving("stay"), &Value::Null).await;
    only(&objected.diagnostics);
    for answer in [fine, objected] {
        assert_eq!(value(answer.planned_state.as_ref()), Value::Null);
        assert_eq!(answer.planned_private, br#"{"old":1}"#);
    }
}

// 14, 26
#[tokio::test]
async fn a_plan_that_terraform_would_refuse_is_not_sent() {
    let (_process, mut provider) = started().await;
    let prior = thing([("id", "1".into())]);
    for behaviour in ["panic in plan", "fail in plan", "plan nonsense", "replace nowhere"] {
        let config = thing([("behaviour", behaviour.into())]);
        let answer = plan(&mut provider, &prior, &config).await;
        let error = only(&answer.diagnostics);
        assert_eq!(answer.planned_state, None);
        if behaviour == "plan nonsense" {
            assert_eq!(place(error), "name");
        }
        if behaviour != "fail in plan" {
            assert!(error.detail.contains("This is a bug in the provider"), "{}", error.detail);
        }
    }
}

// === Read ===

// 41
#[tokio::test]
async fn only_a_plain_null_means_that_the_object_is_gone() {
    let (_process, mut provider) = started().await;
    let gone = read(&mut provider, dynamic(&behaving("be gone"))).await;
    assert_eq!((gone.diagnostics.len(), value(gone.new_state.as_ref())), (0, Value::Null));
    for behaviour in ["fail early", "panic"] {
        let state = dynamic(&behaving(behaviour));
        let answer = read(&mut provider, state.clone()).await;
        only(&answer.diagnostics);
        assert_eq!(answer.new_state, Some(state));
        assert_eq!(answer.private, b"foreign");
    }
}

// 41
#[tokio::test]
async fn what_is_read_is_wholly_known_and_without_write_only_values() {
    let (_process, mut provider) = started().await;
    let leaked = read(&mut provider, dynamic(&behaving("leak"))).await;
    assert_eq!(leaked.diagnostics, []);
    assert!(value(leaked.new_state.as_ref()).get("secret").is_null());
    let unknown = read(&mut provider, dynamic(&behaving("leave unknown"))).await;
    only(&unknown.diagnostics);
    assert!(value(unknown.new_state.as_ref()).is_wholly_known());
}

// === Upgrade, import, move ===

async fn upgrade(
    provider: &mut Provider,
    version: i64,
    raw: pb::RawState,
) -> pb::upgrade_resource_state::Response {
    let request = pb::upgrade_resource_state::Request {
        type_name: THING.to_owned(),
        version,
        raw_state: Some(raw),
    };
    provider.upgrade_resource_state(request).await.unwrap().into_inner()
}

fn json(text: &str) -> pb::RawState {
    pb::RawState { json: text.as_bytes().to_vec(), ..Default::default() }
}

// 43
#[tokio::test]
async fn stored_state_is_read_with_members_too_many_or_too_few_and_upgraded() {
    let (_process, mut provider) = started().await;
    let stored = r#"{"name":"n","surplus":[1],"secret":"s"}"#;
    let same = upgrade(&mut provider, 1, json(stored)).await;
    let older = upgrade(&mut provider, 0, json(r#"{"old_name":"n"}"#)).await;
    for answer in [same, older] {
        assert_eq!(answer.diagnostics, []);
        let state = value(answer.upgraded_state.as_ref());
        assert_eq!(state.get("name").as_str(), Some("n"));
        assert!(state.get("secret").is_null());
    }
    let flatmap = [("name".to_owned(), "n".to_owned())].into();
    let flatmap = pb::RawState { flatmap, ..Default::default() };
    let wrong_type = json(r#"{"flag":"perhaps"}"#);
    let unknown = json("{}");
    for (version, raw) in [(1, flatmap), (1, json("{")), (1, wrong_type), (-7, unknown)] {
        only(&upgrade(&mut provider, version, raw).await.diagnostics);
    }
}

// 42
#[tokio::test]
async fn an_import_finds_one_object_or_says_why_not() {
    let (_process, mut provider) = started().await;
    let import = |id: &str| {
        let mut provider = provider.clone();
        let (type_name, id) = (THING.to_owned(), id.to_owned());
        let request = pb::import_resource_state::Request { type_name, id, ..Default::default() };
        async move { provider.import_resource_state(request).await.unwrap().into_inner() }
    };
    let good = import("7").await;
    assert_eq!(good.diagnostics, []);
    let [one] = good.imported_resources.as_slice() else { panic!("not one") };
    assert_eq!(one.type_name, THING);
    assert_eq!(value(one.state.as_ref()), thing([("id", "7".into())]));
    for id in ["bad", "nothing", "panic"] {
        let answer = import(id).await;
        only(&answer.diagnostics);
        assert_eq!(answer.imported_resources, []);
    }
    let by_identity = pb::import_resource_state::Request {
        type_name: THING.to_owned(),
        identity: Some(pb::ResourceIdentityData::default()),
        ..Default::default()
    };
    let answer = provider.import_resource_state(by_identity).await.unwrap().into_inner();
    only(&answer.diagnostics);
}

// 44
#[tokio::test]
async fn a_known_source_is_moved_and_an_unknown_one_named() {
    let (_process, mut provider) = started().await;
    let request = pb::move_resource_state::Request {
        source_provider_address: "registry.terraform.io/o/other".to_owned(),
        source_type_name: "other_thing".to_owned(),
        source_state: Some(json(r#"{"title":"t"}"#)),
        target_type_name: THING.to_owned(),
        ..Default::default()
    };
    let moved = provider.move_resource_state(request.clone()).await.unwrap().into_inner();
    assert_eq!(moved.diagnostics, []);
    assert_eq!(value(moved.target_state.as_ref()), thing([("name", "t".into())]));
    assert_eq!(moved.target_private, br#"{"from":"registry.terraform.io/o/other"}"#);
    let unknown = pb::move_resource_state::Request {
        source_type_name: "strange_thing".to_owned(),
        ..request
    };
    let refused = provider.move_resource_state(unknown).await.unwrap().into_inner();
    assert!(only(&refused.diagnostics).detail.contains("strange_thing"));
}

// === Data sources and functions ===

async fn configure(provider: &mut Provider, setting: &str) {
    let request = pb::configure_provider::Request {
        terraform_version: "1.11.4".to_owned(),
        config: Some(peer::setting("setting", setting)),
        ..Default::default()
    };
    let answer = provider.configure_provider(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
}

async fn setting(provider: &mut Provider) -> pb::read_data_source::Response {
    let request = pb::read_data_source::Request {
        type_name: SETTING.to_owned(),
        config: Some(peer::setting("setting", Value::Null)),
        ..Default::default()
    };
    provider.read_data_source(request).await.unwrap().into_inner()
}

// 15
#[tokio::test]
async fn a_second_configuration_takes_the_place_of_the_first() {
    let (_process, mut provider) = started().await;
    only(&setting(&mut provider).await.diagnostics);
    for text in ["one", "two"] {
        configure(&mut provider, text).await;
        let answer = setting(&mut provider).await;
        assert_eq!(answer.diagnostics, []);
        assert_eq!(answer.state, Some(peer::setting("setting", text)));
    }
    configure(&mut provider, "null").await;
    only(&setting(&mut provider).await.diagnostics);
}

#[tokio::test]
async fn a_wrong_provider_configuration_is_refused_where_it_is_wrong() {
    let (_process, mut provider) = started().await;
    let config = Some(peer::setting("setting", "wrong"));
    let request = pb::validate_provider_config::Request { config };
    let answer = provider.validate_provider_config(request).await.unwrap().into_inner();
    assert_eq!(place(only(&answer.diagnostics)), "setting");
}

#[tokio::test]
async fn functions_are_computed_and_their_errors_point_at_the_argument() {
    let (_process, mut provider) = started().await;
    let text =
        |msgpack: &'static [u8]| pb::DynamicValue { msgpack: msgpack.into(), ..Default::default() };
    let call = |name: &str, arguments: Vec<pb::DynamicValue>| {
        let mut provider = provider.clone();
        let request = pb::call_function::Request { name: name.to_owned(), arguments };
        async move { provider.call_function(request).await.unwrap().into_inner() }
    };
    assert_eq!(call("shout", vec![text(b"\xa1a")]).await.result, Some(text(b"\xa1A")));
    let unknown = call("shout", vec![text(b"\xd4\0\0")]).await;
    assert_eq!(unknown.result, Some(text(b"\xd4\0\0")));
    for (argument, at) in [(text(b"\xa0"), Some(0)), (text(b"\xc0"), Some(0))] {
        let error = call("shout", vec![argument]).await.error.unwrap();
        assert_eq!(error.function_argument, at);
    }
    assert!(call("shout", vec![text(b"\xa5panic")]).await.error.is_some());
    assert!(call("shout", vec![]).await.error.is_some());
    assert!(call("whisper", vec![]).await.error.is_some());
    // Still there.
    provider.get_metadata(pb::get_metadata::Request {}).await.unwrap();
}

// === What is not offered ===

#[tokio::test]
async fn what_is_not_offered_is_refused_by_name() {
    let (_process, mut provider) = started().await;
    let name = || "test_absent".to_owned();
    let named = |diagnostics: &[pb::Diagnostic]| {
        assert!(only(diagnostics).detail.contains("test_absent"));
    };
    macro_rules! refused {
        ($($call:ident($message:ident.$field:ident)),+ $(,)?) => {$({
            #[allow(clippy::needless_update)] // some messages have more fields
            let request = pb::$message::Request { $field: name(), ..Default::default() };
            named(&provider.$call(request).await.unwrap().into_inner().diagnostics);
        })+};
    }
    refused!(
        validate_resource_config(validate_resource_config.type_name),
        upgrade_resource_state(upgrade_resource_state.type_name),
        upgrade_resource_identity(upgrade_resource_identity.type_name),
        read_resource(read_resource.type_name),
        plan_resource_change(plan_resource_change.type_name),
        apply_resource_change(apply_resource_change.type_name),
        import_resource_state(import_resource_state.type_name),
        move_resource_state(move_resource_state.target_type_name),
        generate_resource_config(generate_resource_config.type_name),
        validate_data_resource_config(validate_data_resource_config.type_name),
        read_data_source(read_data_source.type_name),
        validate_ephemeral_resource_config(validate_ephemeral_resource_config.type_name),
        open_ephemeral_resource(open_ephemeral_resource.type_name),
        renew_ephemeral_resource(renew_ephemeral_resource.type_name),
        close_ephemeral_resource(close_ephemeral_resource.type_name),
        validate_list_resource_config(validate_list_resource_config.type_name),
        validate_state_store_config(validate_state_store.type_name),
        configure_state_store(configure_state_store.type_name),
        lock_state(lock_state.type_name),
        unlock_state(unlock_state.type_name),
        get_states(get_states.type_name),
        delete_state(delete_state.type_name),
        plan_action(plan_action.action_type),
        validate_action_config(validate_action_config.type_name),
    );
    let list = pb::list_resource::Request { type_name: name(), ..Default::default() };
    let mut list = provider.list_resource(list).await.unwrap().into_inner();
    named(&list.message().await.unwrap().unwrap().diagnostic);
    assert!(list.message().await.unwrap().is_none());
    let bytes = pb::read_state_bytes::Request { type_name: name(), ..Default::default() };
    let mut bytes = provider.read_state_bytes(bytes).await.unwrap().into_inner();
    named(&bytes.message().await.unwrap().unwrap().diagnostics);
    let meta = pb::RequestChunkMeta { type_name: name(), ..Default::default() };
    let chunk = pb::write_state_bytes::RequestChunk { meta: Some(meta), ..Default::default() };
    let written = provider.write_state_bytes(futures_util::stream::iter([chunk])).await.unwrap();
    named(&written.into_inner().diagnostics);
    let action = pb::invoke_action::Request { action_type: name(), ..Default::default() };
    let mut events = provider.invoke_action(action).await.unwrap().into_inner();
    let Some(pb::invoke_action::event::Type::Completed(completed)) =
        events.message().await.unwrap().unwrap().r#type
    else {
        panic!("not completed")
    };
    named(&completed.diagnostics);
}
