//! What names an object for good.
//!
//! That every answer about an object carries its identity, and that importing by it
//! finds the same, is checked by `core.rs` in all tests of resources.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::simulator::{Running, access};

use super::core::{Core, cloud, identity, named};

const KINDS: [&str; 2] = ["modelarts_pool", "modelarts_network"];

fn config(kind: &str, description: &str) -> Json {
    match kind {
        "modelarts_pool" => json!({
            "name": "identified",
            "description": description,
            "scope": ["Train"],
            "network": { "name": access::network_id() },
            "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 1 }],
        }),
        _ => json!({ "name": "identified", "description": description, "cidr": "10.8.0.0/16" }),
    }
}

async fn made(kind: &'static str) -> (Running, Core) {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::of(kind, &cloud).await;
    let config = core.config(&config(kind, "one"));
    core.run(&config).await;
    (cloud, core)
}

fn id(core: &Core) -> String {
    core.state.get("id").as_str().unwrap().to_owned()
}

#[tokio::test]
async fn both_resources_have_an_identity_that_an_import_needs_the_id_of() {
    let cloud = cloud(&json!({})).await;
    let core = Core::start(&cloud).await;
    let request = pb::get_resource_identity_schemas::Request {};
    let answer = core.provider().get_resource_identity_schemas(request).await.unwrap();
    let schemas = answer.into_inner().identity_schemas;
    assert_eq!(schemas.len(), KINDS.len());
    for kind in KINDS {
        let schema = &schemas[kind];
        assert_eq!(schema.version, 0);
        let told = schema.identity_attributes.iter().map(|member| {
            let needs = (member.required_for_import, member.optional_for_import);
            (member.name.as_str(), needs, member.r#type.as_slice())
        });
        let string = br#""string""#.as_slice();
        let wanted = [("id", (true, false), string), ("project_id", (false, true), string)];
        assert_eq!(told.collect::<Vec<_>>(), wanted);
    }
}

#[tokio::test]
async fn an_identity_stays_from_the_create_to_the_end() {
    for kind in KINDS {
        let (_cloud, mut core) = made(kind).await;
        let first = core.identity.clone().expect("an identity");
        assert_eq!(named(&first), format!("{} in {}", id(&core), access::PROJECT_ID));
        core.refresh().await;
        let changed = core.config(&config(kind, "two"));
        core.run(&changed).await;
        assert_eq!(core.identity, Some(first));
        core.destroy().await;
        assert_eq!(core.identity, None);
    }
}

#[tokio::test]
async fn a_state_of_an_older_core_gets_an_identity_when_it_is_read() {
    for kind in KINDS {
        let (_cloud, mut core) = made(kind).await;
        let known = core.identity.take();
        core.refresh().await;
        assert_eq!(core.identity, known);
    }
}

#[tokio::test]
async fn an_import_finds_what_its_identity_names() {
    for kind in KINDS {
        let (_cloud, mut core) = made(kind).await;
        let id = id(&core);
        for by in [json!({ "id": id }), json!({ "id": id, "project_id": access::PROJECT_ID })] {
            core.forget();
            assert_eq!(core.try_import("", Some(identity(&by))).await, []);
            assert_eq!(core.state.get("id").as_str(), Some(id.as_str()));
            // What was left out is filled in.
            let named = core.identity.as_ref().map(named);
            assert_eq!(named, Some(format!("{id} in {}", access::PROJECT_ID)));
        }
    }
}

#[tokio::test]
async fn an_import_of_what_is_not_there_says_so() {
    for kind in KINDS {
        let (_cloud, mut core) = made(kind).await;
        core.forget();
        let found = core.try_import("", Some(identity(&json!({ "id": "nobody" })))).await;
        let [message] = found.as_slice() else { panic!("{found:#?}") };
        assert!(message.is_error && message.detail.contains("nobody"), "{message:#?}");
    }
}

/// The service would say that there is no such object: Terraform would make another.
#[tokio::test]
async fn an_object_of_another_project_is_neither_gone_nor_touched() {
    for kind in KINDS {
        let (_cloud, mut core) = made(kind).await;
        let id = id(&core);
        let elsewhere = identity(&json!({ "id": id, "project_id": "another-project" }));
        let told = |found: &[super::core::Message]| {
            let [message] = found else { panic!("{found:#?}") };
            let text = &message.detail;
            assert!(message.is_error, "{message:#?}");
            assert!(
                text.contains("another-project") && text.contains(access::PROJECT_ID),
                "{text}"
            );
        };
        let state = core.state.clone();
        core.identity = Some(elsewhere.clone());
        core.changes();
        told(&core.try_refresh().await);
        assert_eq!((&core.state, &core.identity), (&state, &Some(elsewhere.clone())));
        let changed = core.config(&config(kind, "two"));
        let plan = core.plan(&changed).await;
        told(&core.apply(&plan).await);
        told(&core.destroy().await);
        assert!(!core.state.is_null());
        assert!(core.changes().is_empty());
        core.forget();
        told(&core.try_import("", Some(elsewhere)).await);
        assert!(core.state.is_null());
    }
}

async fn upgraded(core: &Core, kind: &str, json: &str) -> pb::upgrade_resource_identity::Response {
    let raw = pb::RawState { json: json.into(), ..Default::default() };
    let request = pb::upgrade_resource_identity::Request {
        type_name: kind.to_owned(),
        version: 0,
        raw_identity: Some(raw),
    };
    core.provider().upgrade_resource_identity(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_stored_identity_is_read_with_members_too_many_or_too_few() {
    let cloud = cloud(&json!({})).await;
    let core = Core::start(&cloud).await;
    for kind in KINDS {
        let stored = r#"{ "id": "a", "project_id": "b", "region": "c" }"#;
        let answer = upgraded(&core, kind, stored).await;
        assert_eq!(answer.diagnostics, []);
        assert_eq!(answer.upgraded_identity.as_ref().map(named).as_deref(), Some("a in b"));
        let answer = upgraded(&core, kind, r#"{ "id": "a" }"#).await;
        assert_eq!(answer.upgraded_identity.as_ref().map(named).as_deref(), Some("a in ?"));
        for odd in ["{", r#"{ "id": [] }"#] {
            let answer = upgraded(&core, kind, odd).await;
            assert_eq!(answer.diagnostics.len(), 1, "{odd}");
            assert!(answer.diagnostics[0].detail.contains("import it again"));
        }
    }
}

/// A move is asked of a process without configuration, where no project is known.
#[tokio::test]
async fn a_moved_object_gets_its_identity_when_it_is_read() {
    let (_cloud, mut core) = made("modelarts_network").await;
    let id = id(&core);
    let old = json!({
        "id": id, "region": "cn-north-4", "name": "identified", "cidr": "10.8.0.0/16",
        "workspace_id": "0", "peer_connections": [], "sfs_turbos": [], "status": "Active",
        "timeouts": null,
    });
    let request = pb::move_resource_state::Request {
        source_provider_address: "registry.terraform.io/huaweicloud/huaweicloud".to_owned(),
        source_type_name: "huaweicloud_modelarts_network".to_owned(),
        source_state: Some(pb::RawState { json: old.to_string().into(), ..Default::default() }),
        target_type_name: "modelarts_network".to_owned(),
        ..Default::default()
    };
    let fresh = super::host::Setup::product().start().await;
    let answer = fresh.provider().await.move_resource_state(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    core.forget();
    core.state = super::core::value(answer.target_state.as_ref(), core.schema());
    core.identity = answer.target_identity;
    core.private = answer.target_private;
    core.refresh().await;
    let named = core.identity.as_ref().map(named);
    assert_eq!(named, Some(format!("{id} in {}", access::PROJECT_ID)));
}
