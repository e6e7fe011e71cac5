//! What a plan may say, and when.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::access;
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, Plan, cloud};

pub(super) const CPU: &str = "modelarts.vm.cpu.8ud";
pub(super) const GPU: &str = "modelarts.vm.gpu.tnt004";

fn pool() -> Json {
    json!({
        "name": "pool-plans",
        "description": "one",
        "annotations": { "team": "one" },
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "driver": { "gpu_version": "440.33" },
        "resources": [
            { "flavor": CPU, "count": 2, "labels": { "tier": "one" } },
            { "flavor": GPU, "count": 1, "node_pool": "second" },
        ],
    })
}

pub(super) fn with(changes: &[(&str, Json)]) -> Json {
    let mut pool = pool();
    for (pointer, value) in changes {
        match pool.pointer_mut(pointer) {
            Some(slot) => *slot = value.clone(),
            None => pool[pointer.trim_start_matches('/')] = value.clone(),
        }
    }
    pool
}

/// Where a plan leaves something to the apply.
fn unknown(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Unknown(_) => found.push(at.trim_start_matches('.').to_owned()),
        Value::Object(members) | Value::Map(members) => {
            members.iter().for_each(|(name, value)| unknown(value, &format!("{at}.{name}"), found));
        }
        Value::List(items) | Value::Set(items) => {
            let each = items.iter().enumerate();
            each.for_each(|(index, item)| unknown(item, &format!("{at}.{index}"), found));
        }
        _ => {}
    }
}

pub(super) fn opened(plan: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    unknown(&plan.state, "", &mut found);
    found
}

pub(super) fn is_error(plan: &Plan) -> bool {
    plan.messages.iter().any(|message| message.is_error)
}

pub(super) fn says(plan: &Plan, words: &str) -> bool {
    plan.messages.iter().any(|m| m.summary.contains(words) || m.detail.contains(words))
}

pub(super) const WORK: [&str; 3] = ["ready", "status.message", "status.phase"];
pub(super) const NODES: [&str; 4] = [
    "status.nodes.abnormal",
    "status.nodes.available",
    "status.nodes.creating",
    "status.nodes.deleting",
];

#[tokio::test]
async fn a_change_opens_what_it_can_change_and_nothing_else() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let first = core.config(&pool());
    core.run(&first).await;
    let nodes = || [&["order_name"][..], &WORK, &NODES].concat();
    let cases = [
        ("/resources/0/count", json!(3), [&["resources.0.azs"][..], &nodes()].concat()),
        ("/resources/0/labels/tier", json!("two"), vec![]),
        ("/description", json!("two"), vec![]),
        ("/annotations/team", json!("two"), vec![]),
        ("/sharing", json!("shared"), vec![]),
        ("/scope", json!(["Train", "Infer"]), WORK.to_vec()),
        ("/driver/gpu_version", json!("470.1"), WORK.to_vec()),
        ("/workspace_id", json!(access::WORKSPACE_ID), WORK.to_vec()),
    ];
    let mut changes = Vec::new();
    for (pointer, value, wanted) in cases {
        changes.push((pointer, value));
        let config = core.config(&with(&changes));
        core.refresh().await;
        let plan = core.plan(&config).await;
        assert!(!is_error(&plan), "{pointer}: {:?}", plan.messages);
        let mut opened = opened(&plan);
        let mut wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        opened.sort();
        wanted.sort();
        assert_eq!(opened, wanted, "{pointer}");
        assert_eq!(plan.replaces, [""; 0], "{pointer}");
        // What was planned is what comes, and the next plan is empty.
        core.run(&config).await;
        core.is_settled(&config).await;
    }
}

#[tokio::test]
async fn the_default_workspace_and_what_entries_may_grow_to_are_known_in_a_plan() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&pool());
    let plan = core.plan(&config).await;
    assert_eq!(plan.state.get("workspace_id"), &Value::from("0"));
    let entries = plan.state.get("resources").elements().unwrap();
    assert_eq!(entries[0].get("max_count").as_i64(), Some(2));
}

#[tokio::test]
async fn nodes_that_go_are_named_and_a_mere_reordering_says_that_it_is_one() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&pool());
    core.run(&config).await;
    let mut gone = pool();
    gone["resources"].as_array_mut().unwrap().remove(1);
    let gone = core.config(&gone);
    let plan = core.plan(&gone).await;
    let words = format!("1 node of flavor {GPU} in node pool second will be destroyed");
    assert!(says(&plan, &words), "{:?}", plan.messages);
    let fewer = core.config(&with(&[("/resources/0/count", json!(1))]));
    let plan = core.plan(&fewer).await;
    assert!(says(&plan, &format!("1 node of flavor {CPU}")), "{:?}", plan.messages);
    let mut swapped = pool();
    swapped["resources"].as_array_mut().unwrap().reverse();
    let swapped = core.config(&swapped);
    let plan = core.plan(&swapped).await;
    assert!(says(&plan, "Only the order changes") && opened(&plan).is_empty());
    core.changes();
    core.run(&swapped).await;
    core.is_settled(&swapped).await;
    assert!(core.changes().is_empty());
}

#[tokio::test]
async fn empty_and_nothing_are_one_where_the_service_says_empty_for_nothing() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let without = core.config(&pool());
    core.run(&without).await;
    let empty = [
        ("/node_prefix", json!("")),
        ("/promotion_info", json!("")),
        ("/console_url", json!("")),
        ("/scheduler_extension", json!("")),
    ];
    let empty = core.config(&with(&empty));
    core.changes();
    for config in [&empty, &without] {
        let plan = core.run(config).await;
        assert_eq!(plan.replaces, [""; 0]);
        core.is_settled(config).await;
    }
    assert!(core.changes().is_empty());
}

#[tokio::test]
async fn a_configuration_that_protects_refuses_to_replace_what_an_import_found() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&pool());
    core.run(&config).await;
    core.import_again().await;
    let other = [("/deletion_protection", json!(true)), ("/name", json!("pool-other"))];
    let other = core.config(&with(&other));
    let plan = core.plan(&other).await;
    assert!(is_error(&plan) && says(&plan, "protected"), "{:?}", plan.messages);
}

#[tokio::test]
async fn advice_is_given_when_it_is_news_and_not_again() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let long = json!("pool-with-a-name-that-some-regions-refuse");
    let config = core.config(&with(&[("/name", long.clone())]));
    let plan = core.run(&config).await;
    assert!(says(&plan, "Long pool name"), "{:?}", plan.messages);
    let plan = core.plan(&config).await;
    assert_eq!(plan.messages, []);
    let config = core.config(&with(&[("/name", long), ("/description", json!("two"))]));
    let plan = core.plan(&config).await;
    assert_eq!(plan.messages, []);
    assert_eq!(core.validate(&config).await, []);
}
