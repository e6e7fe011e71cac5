//! What an import finds, and what answers leave out.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Running, access};

use super::core::{Core, cloud, repeated};

const FLAVOR: &str = "modelarts.vm.gpu.tnt004";

/// A pool with something in everything that an import can find.
fn full() -> Json {
    json!({
        "name": "pool-found",
        "node_prefix": "node",
        "sharing": "shared",
        "labels": { "team": "vision" },
        "description": "made elsewhere",
        "scheduler_extension": "high",
        "annotations": { "cost-centre": "4711", "owner": "ops" },
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "masters": [{ "az": "cn-north-4a" }, { "az": "cn-north-4b" }],
        "driver": { "gpu_version": "440.33" },
        "job_flavors": ["one"],
        "resources": [
            {
                "flavor": FLAVOR,
                "count": 2,
                "node_pool": "first",
                "extend_params": { "dockerBaseSize": "80" },
                "labels": { "tier": "gold", "team": "vision" },
                "taints": [
                    { "key": "dedicated", "effect": "NoSchedule" },
                    { "key": "dedicated", "value": "v", "effect": "NoExecute" },
                ],
                "tags": { "cost": "one" },
                "root_volume": { "volume_type": "SSD", "size": 100 },
                "data_volumes": [{ "volume_type": "SSD", "size": 200, "count": 1,
                    "extend_params": { "volumeGroup": "vgpaas" } }],
                "volume_group_configs": [{ "volume_group": "vgpaas", "docker_thin_pool": 60 }],
            },
            { "flavor": "modelarts.vm.cpu.8ud", "count": 1 },
        ],
    })
}

/// The same pool with no more than what is mandatory.
fn bare() -> Json {
    json!({
        "name": "pool-found",
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [
            { "flavor": FLAVOR, "count": 2, "node_pool": "first" },
            { "flavor": "modelarts.vm.cpu.8ud", "count": 1 },
        ],
    })
}

/// A pool that exists, as an import has just found it.
async fn found(scenario: &Json) -> (Running, Core) {
    let cloud = cloud(scenario).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&full());
    core.run(&config).await;
    core.import_again().await;
    core.changes();
    (cloud, core)
}

#[tokio::test]
async fn an_import_plans_empty_for_who_says_nothing_and_for_who_repeats_everything() {
    let (_cloud, mut core) = found(&json!({})).await;
    let nothing = core.config(&bare());
    core.is_settled(&nothing).await;
    let all = repeated(&core.schema().attributes, &core.state);
    core.is_settled(&all).await;
    // Both may be planned again and again: nothing is written by that.
    core.is_settled(&nothing).await;
    assert!(core.changes().is_empty());
}

#[tokio::test]
async fn what_was_found_and_then_written_goes_when_it_is_left_out() {
    let (cloud, mut core) = found(&json!({})).await;
    let mut written = full();
    written["description"] = json!("now ours");
    let config = core.config(&written);
    core.run(&config).await;
    core.is_settled(&config).await;
    // The labels and what a new pool is needed for stay in the configuration.
    let mut left = bare();
    for name in ["node_prefix", "labels", "masters"] {
        left[name] = written[name].clone();
    }
    let left = core.config(&left);
    let plan = core.run(&left).await;
    assert_eq!(plan.replaces, [""; 0]);
    core.is_settled(&left).await;
    let pool = cloud.cloud().pools().unwrap().remove(0);
    let annotations = &pool["metadata"]["annotations"];
    let text = |key: &str| annotations[key].as_str().unwrap_or_default().to_owned();
    for key in ["os.modelarts/description", "os.modelarts/scheduler.extension", "owner"] {
        assert_eq!(text(key), "", "{key}");
    }
    assert_eq!(pool["spec"]["driver"]["gpuVersion"], Json::Null);
    assert_eq!(pool["spec"]["jobFlavors"].as_array().map_or(0, Vec::len), 0);
    let entries = pool["spec"]["resources"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["nodePool"] == "first").unwrap();
    for list in ["taints", "tags"] {
        assert_eq!(entry[list].as_array().map_or(0, Vec::len), 0, "{list}: {entry}");
    }
    assert_eq!(entry["labels"]["tier"], Json::Null, "{entry}");
}

#[tokio::test]
async fn who_writes_a_part_of_what_was_found_sees_the_rest_go() {
    let (cloud, mut core) = found(&json!({})).await;
    let mut part = bare();
    part["annotations"] = json!({ "owner": "ops" });
    part["resources"][0]["taints"] = json!([
        { "key": "dedicated", "value": "v", "effect": "NoExecute" },
    ]);
    let part = core.config(&part);
    let plan = core.plan(&part).await;
    assert_ne!(plan.state.get("annotations"), core.state.get("annotations"));
    core.run(&part).await;
    core.is_settled(&part).await;
    let pool = cloud.cloud().pools().unwrap().remove(0);
    assert_eq!(pool["metadata"]["annotations"]["cost-centre"], Json::Null);
    let entries = pool["spec"]["resources"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["nodePool"] == "first").unwrap();
    assert_eq!(entry["taints"].as_array().unwrap().len(), 1, "{entry}");
    // What nobody mentioned is still there.
    assert_eq!(pool["metadata"]["annotations"]["os.modelarts/description"], "made elsewhere");
    assert_eq!(entry["labels"]["tier"], "gold");
}

#[tokio::test]
async fn found_labels_that_are_left_out_replace_nothing_and_a_warning_says_that_they_stay() {
    let (_cloud, mut core) = found(&json!({})).await;
    let mut config = bare();
    config["labels"] = json!({});
    let config = core.config(&config);
    let plan = core.plan(&config).await;
    assert_eq!(plan.replaces, [""; 0]);
    assert!(plan.messages.iter().any(|m| m.detail.contains("team")), "{:?}", plan.messages);
    core.run(&config).await;
    core.is_settled(&config).await;
    assert!(core.changes().is_empty());
}

#[tokio::test]
async fn what_an_answer_leaves_out_stays_as_it_was() {
    let left_out = json!([
        "label:node.prefix",
        "label:sharing",
        "label:workspace.id",
        "spec.network",
        "spec.masters",
        "spec.scope",
        "spec.driver",
        "spec.jobFlavors",
        "spec.resources.azs",
        "spec.resources.taints",
    ]);
    let scenario = json!({ "answers": { "leave_out": {
        "list": left_out, "show": left_out, "change": left_out,
    } } });
    let cloud = cloud(&scenario).await;
    let mut core = Core::start(&cloud).await;
    let mut config = full();
    config["wait_for"] = json!("running");
    let config = core.config(&config);
    core.run(&config).await;
    // Singly and in lists: the fourth read within ten seconds asks for a list.
    for _ in 0..6 {
        core.is_settled(&config).await;
    }
    for name in ["node_prefix", "sharing", "workspace_id", "network", "masters", "driver"] {
        assert!(!core.state.get(name).is_null(), "{name} is forgotten");
    }
}

#[tokio::test]
async fn a_key_that_is_missing_in_a_map_that_is_there_is_drift() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&full());
    core.run(&config).await;
    cloud
        .cloud()
        .change_pool("pool-found", |pool| {
            let annotations = pool["metadata"]["annotations"].as_object_mut().unwrap();
            annotations.remove("owner");
            annotations.remove("os.modelarts/description");
        })
        .unwrap();
    core.configure().await;
    core.refresh().await;
    let plan = core.plan(&config).await;
    for name in ["annotations", "description"] {
        assert_ne!(plan.state.get(name), core.state.get(name), "{name}");
    }
    assert_eq!(plan.replaces, [""; 0]);
}
