//! Answers that are put off while the provider's configuration is not known.

use serde_json::json;
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::plugin::proto::tfplugin6::deferred::Reason;
use terraform_provider_modelarts::provider::ModelArtsProvider;
use terraform_provider_modelarts::simulator::access;
use terraform_provider_modelarts::tf::provider::Provider as _;
use terraform_provider_modelarts::tf::schema::Schema;
use terraform_provider_modelarts::tf::value::Value;

use super::core::{configure_with, dynamic, messages, read, value};
use super::host::{Process, Provider, Setup};

const POOL: &str = "modelarts_pool";
const NODES: &str = "modelarts_pool_nodes";
const LOCK: &str = "modelarts_lock_nodes";

/// A provider of which Terraform does not know the access key yet.
async fn undecided() -> (Process, Provider) {
    let process = Setup::product().start().await;
    let mut provider = process.provider().await;
    let product = ModelArtsProvider::new();
    let mut config = read(&json!({ "region": access::REGION }), product.schema());
    config.set_entry("access_key", Value::UNKNOWN);
    config.set_entry("secret_key", Value::UNKNOWN);
    assert_eq!(configure_with(&mut provider, &config).await, []);
    (process, provider)
}

fn capable(is_allowed: bool) -> Option<pb::ClientCapabilities> {
    Some(pb::ClientCapabilities { deferral_allowed: is_allowed, ..Default::default() })
}

fn pool() -> Schema {
    let product = ModelArtsProvider::new();
    product.resources().iter().find(|one| one.type_name() == POOL).unwrap().schema().clone()
}

fn nodes() -> Schema {
    let product = ModelArtsProvider::new();
    product.data_sources().iter().find(|one| one.type_name() == NODES).unwrap().schema().clone()
}

fn lock() -> Schema {
    let product = ModelArtsProvider::new();
    product.actions().iter().find(|one| one.type_name() == LOCK).unwrap().schema().clone()
}

fn put_off(deferred: Option<pb::Deferred>) -> bool {
    deferred.is_some_and(|deferred| deferred.reason() == Reason::ProviderConfigUnknown)
}

fn wanted() -> Value {
    let config = json!({
        "name": "later",
        "scope": ["Train"],
        "network": { "name": "some-network" },
        "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 1 }],
    });
    read(&config, &pool())
}

#[tokio::test]
async fn a_plan_is_made_and_put_off() {
    let (_process, mut provider) = undecided().await;
    for is_allowed in [true, false] {
        let request = pb::plan_resource_change::Request {
            type_name: POOL.to_owned(),
            prior_state: Some(dynamic(&Value::Null, &pool())),
            proposed_new_state: Some(dynamic(&wanted(), &pool())),
            config: Some(dynamic(&wanted(), &pool())),
            client_capabilities: capable(is_allowed),
            ..Default::default()
        };
        let answer = provider.plan_resource_change(request).await.unwrap().into_inner();
        // A plan of something new needs no call.
        assert_eq!(messages(answer.diagnostics), []);
        assert_eq!(put_off(answer.deferred), is_allowed);
        let planned = value(answer.planned_state.as_ref(), &pool());
        assert_eq!(planned.get("name").as_str(), Some("later"));
    }
}

#[tokio::test]
async fn a_wrong_configuration_is_told_and_not_put_off() {
    let (_process, mut provider) = undecided().await;
    let mut wrong = wanted();
    wrong.set_entry("type", "Dedicated".into());
    let request = pb::plan_resource_change::Request {
        type_name: POOL.to_owned(),
        prior_state: Some(dynamic(&Value::Null, &pool())),
        proposed_new_state: Some(dynamic(&wrong, &pool())),
        config: Some(dynamic(&wrong, &pool())),
        client_capabilities: capable(true),
        ..Default::default()
    };
    let answer = provider.plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(answer.deferred, None);
    assert!(messages(answer.diagnostics).iter().any(|message| message.is_error));
}

#[tokio::test]
async fn a_read_keeps_the_state_and_is_put_off() {
    let (_process, mut provider) = undecided().await;
    let mut state = wanted();
    state.set_entry("id", "pool-1".into());
    for is_allowed in [true, false] {
        let request = pb::read_resource::Request {
            type_name: POOL.to_owned(),
            current_state: Some(dynamic(&state, &pool())),
            client_capabilities: capable(is_allowed),
            ..Default::default()
        };
        let answer = provider.read_resource(request).await.unwrap().into_inner();
        assert_eq!(put_off(answer.deferred), is_allowed);
        assert_eq!(value(answer.new_state.as_ref(), &pool()), state);
        assert_eq!(messages(answer.diagnostics).is_empty(), is_allowed);
    }
}

#[tokio::test]
async fn an_import_is_put_off_with_an_object_of_which_nothing_is_known() {
    let (_process, mut provider) = undecided().await;
    for is_allowed in [true, false] {
        let request = pb::import_resource_state::Request {
            type_name: POOL.to_owned(),
            id: "name:later".to_owned(),
            client_capabilities: capable(is_allowed),
            ..Default::default()
        };
        let answer = provider.import_resource_state(request).await.unwrap().into_inner();
        assert_eq!(put_off(answer.deferred), is_allowed);
        assert_eq!(messages(answer.diagnostics).is_empty(), is_allowed);
        assert_eq!(answer.imported_resources.len(), usize::from(is_allowed));
    }
}

#[tokio::test]
async fn data_is_put_off() {
    let (_process, mut provider) = undecided().await;
    let config = read(&json!({ "pool_id": "pool-1" }), &nodes());
    for is_allowed in [true, false] {
        let request = pb::read_data_source::Request {
            type_name: NODES.to_owned(),
            config: Some(dynamic(&config, &nodes())),
            client_capabilities: capable(is_allowed),
            ..Default::default()
        };
        let answer = provider.read_data_source(request).await.unwrap().into_inner();
        assert_eq!(put_off(answer.deferred), is_allowed);
        let found = messages(answer.diagnostics);
        assert_eq!(found.is_empty(), is_allowed, "{found:#?}");
        // Whoever may not wait is told what is missing.
        assert!(found.iter().all(|message| message.detail.contains("access_key")), "{found:#?}");
    }
}

#[tokio::test]
async fn an_action_is_put_off() {
    let (_process, mut provider) = undecided().await;
    let config = read(&json!({ "pool_id": "pool-1", "node_names": ["one"] }), &lock());
    for is_allowed in [true, false] {
        let request = pb::plan_action::Request {
            action_type: LOCK.to_owned(),
            config: Some(dynamic(&config, &lock())),
            client_capabilities: capable(is_allowed),
        };
        let answer = provider.plan_action(request).await.unwrap().into_inner();
        assert_eq!(put_off(answer.deferred), is_allowed);
        assert_eq!(messages(answer.diagnostics), []);
    }
}
