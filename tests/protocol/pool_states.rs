//! States that this release did not write, and cores that cannot do all.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::access;

use super::core::{Core, cloud};

/// As the first builds wrote it, for a pool that exists.
fn of_version_0(id: &str) -> Json {
    json!({
        "id": id,
        "name": "pool-old",
        "workspace_id": "0",
        "node_prefix": null,
        "sharing": "unshared",
        "labels": null,
        "description": "from before",
        "scheduler_extension": null,
        "annotations": null,
        "type": "Dedicate",
        "scope": ["Train"],
        "parent": null,
        "network": { "name": access::network_id() },
        "driver": null,
        "resources": [{
            "flavor": "modelarts.vm.cpu.8ud",
            "count": 2,
            "max_count": 2,
            "azs": [
                { "az": "cn-north-4a", "count": 1 },
                { "az": "cn-north-4b", "count": 1 },
            ],
            "node_pool": "modelarts.vm.cpu.8ud-default",
        }],
        "wait_for": "ready",
        "on_timeout": "keep",
        "deletion_protection": false,
        "ready": true,
        "effective_annotations": { "os.modelarts/billing.mode": "0" },
        "timeouts": null,
    })
}

#[tokio::test]
async fn a_state_of_a_newer_release_is_refused() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let found = core.upgrade(99, &of_version_0("any")).await;
    assert!(found.iter().any(|m| m.is_error && m.detail.contains("version 99")), "{found:#?}");
}

#[tokio::test]
async fn a_core_without_write_only_attributes_is_told_so() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    core.write_only = false;
    let login = |member: &str| {
        json!({
            "name": "pool-old",
            "network": { "vpc_id": "vpc", "subnet_id": "subnet" },
            "clusters": [{ "provider_id": "cluster" }],
            "user_login": { member: "c2VjcmV0", "password_wo_version": null },
            "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 2 }],
        })
    };
    let found = core.validate(&core.config(&login("password"))).await;
    assert_eq!(found, []);
    let found = core.validate(&core.config(&login("password_wo"))).await;
    let [message] = found.as_slice() else { panic!("{found:#?}") };
    assert!(message.is_error && message.detail.contains("1.11"), "{message:#?}");
    assert_eq!(message.path, "user_login");
    assert!(!message.detail.contains("c2VjcmV0"));
}

/// The service fills in volumes and drivers; a configuration may mention them
/// or not.
#[tokio::test]
async fn what_an_import_finds_is_cleared_only_after_it_was_written() {
    let scenario = json!({ "answers": { "fill_volumes": true } });
    let cloud = cloud(&scenario).await;
    let mut core = Core::start(&cloud).await;
    let pool = |further: Json| {
        let mut entry = json!({ "flavor": "modelarts.vm.gpu.tnt004", "count": 1 });
        entry.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        json!({
            "name": "pool-found",
            "scope": ["Train"],
            "network": { "name": access::network_id() },
            "resources": [entry],
        })
    };
    let plain = core.config(&pool(json!({})));
    core.run(&plain).await;
    core.is_settled(&plain).await;
    let root =
        |core: &Core| core.state.get("resources").elements().unwrap()[0].get("root_volume").clone();
    assert!(root(&core).is_null(), "what the service adds is not shown");

    let id = core.state.get("id").as_str().unwrap().to_owned();
    core.forget();
    core.changes();
    core.import(&id).await;
    assert!(!root(&core).is_null(), "an import shows all there is");
    core.is_settled(&plain).await;
    let same = pool(json!({ "root_volume": { "volume_type": "SSD", "size": 50 } }));
    core.is_settled(&core.config(&same)).await;

    // Another change does not touch what nobody wrote.
    let mut labelled = pool(json!({ "labels": { "a": "1" } }));
    labelled["description"] = json!("changed");
    let labelled = core.config(&labelled);
    core.run(&labelled).await;
    core.is_settled(&labelled).await;
    assert!(!root(&core).is_null());
    core.run(&plain).await;
    core.is_settled(&plain).await;

    // Once written, leaving it out clears it.
    let own = pool(json!({ "root_volume": { "volume_type": "SSD", "size": 80 } }));
    let own = core.config(&own);
    core.run(&own).await;
    core.is_settled(&own).await;
    core.run(&plain).await;
    assert!(root(&core).is_null());
    core.is_settled(&plain).await;
}

/// One edition of the API prints no more of an entry than its flavor and count.
/// What such a service has is known from what it was told.
#[tokio::test]
async fn answers_that_say_little_about_entries_change_nothing() {
    let cloud = cloud(&json!({ "answers": { "short_entries": true } })).await;
    let mut core = Core::start(&cloud).await;
    let mut json: Json =
        serde_json::from_str(include_str!("../data/pool/dedicate.config.json")).unwrap();
    let config = core.config(&json);
    core.run(&config).await;
    core.is_settled(&config).await;
    core.changes();

    // A change of one entry sends all that the other one has.
    json["resources"][1]["count"] = json!(3);
    let config = core.config(&json);
    core.run(&config).await;
    let sent = core.changes();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    let wanted: Json =
        serde_json::from_str(include_str!("../data/pool/dedicate.body.json")).unwrap();
    let entries = sent[0].body["spec"]["resources"].as_array().unwrap();
    let gpu = entries.iter().find(|entry| entry["nodePool"] == "gpu-nodes").unwrap();
    for (key, value) in wanted["spec"]["resources"][0].as_object().unwrap() {
        if key != "volumeGroupConfigs" {
            assert_eq!(&gpu[key], value, "{key}");
        }
    }
    core.is_settled(&config).await;
}
