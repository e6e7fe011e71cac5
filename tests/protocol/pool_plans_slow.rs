//! Plans whose applies take long: what was planned comes all the same, and what
//! is left is finished by the next one.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Running, Scenario, access};
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, cloud};
use super::pool_plans::{CPU, GPU, NODES, WORK, is_error, opened, says, with};

/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(1_000_000);

/// A cloud whose changes do not end before it is told that time has passed.
fn slow() -> Scenario {
    // Hours, also for a cloud that is a million times as fast.
    let long = "10000000h";
    let long = json!({ "durations": { "scale_out": long, "scale_in": long, "scope": long,
        "driver": long, "workspace_move": long } });
    Scenario::from_json(&long.to_string()).unwrap()
}

fn short() -> (&'static str, Json) {
    ("/timeouts", json!({ "create": "30s", "update": "1s" }))
}

async fn applied(changes: &[(&str, Json)]) -> (Running, Core) {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&with(changes));
    core.run(&config).await;
    (cloud, core)
}

fn sorted(paths: &[&[&str]]) -> Vec<String> {
    let mut paths: Vec<String> = paths.concat().into_iter().map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// What each kind of change opens, and whether the service works on it.
fn changes() -> Vec<(&'static str, Json, Vec<String>, bool)> {
    let nodes: &[&[&str]] = &[&["order_name"], &WORK, &NODES];
    let zones = json!([{ "az": "cn-north-4a", "count": 2 }]);
    let count = [nodes, &[&["resources.0.azs"]]].concat();
    vec![
        ("/resources/0/count", json!(3), sorted(&count), true),
        ("/resources/0/azs", zones, sorted(nodes), true),
        ("/resources/0/labels/tier", json!("two"), vec![], false),
        ("/description", json!("two"), vec![], false),
        ("/annotations/team", json!("two"), vec![], false),
        ("/sharing", json!("shared"), vec![], false),
        ("/scope", json!(["Train", "Infer"]), sorted(&[&WORK]), true),
        ("/driver/gpu_version", json!("470.1"), sorted(&[&WORK]), true),
    ]
}

/// The change in the pool of all plans.
fn changed(pointer: &'static str, value: Json) -> Json {
    let (place, name) = pointer.rsplit_once('/').unwrap();
    let mut pool = with(&[short()]);
    match place {
        "" => pool[name] = value,
        place => pool.pointer_mut(place).unwrap()[name] = value,
    }
    pool
}

#[tokio::test]
async fn what_a_change_opens_is_the_same_when_it_takes_long_and_the_next_apply_ends_it() {
    for (pointer, value, wanted, works) in changes() {
        let (cloud, mut core) = applied(&[short()]).await;
        let settled = core.config(&with(&[short()]));
        core.is_settled(&settled).await;
        cloud.cloud().set_scenario(slow());
        let config = core.config(&changed(pointer, value));
        let plan = core.plan(&config).await;
        let mut open = opened(&plan);
        open.sort();
        assert_eq!(open, wanted, "{pointer}");
        let found = core.apply(&plan).await;
        assert!(!found.iter().any(|message| message.is_error), "{pointer}: {found:#?}");
        if !works {
            core.is_settled(&config).await;
            continue;
        }
        assert!(found.iter().any(|m| m.summary.contains("not ready yet")), "{pointer}");
        // Until it is over the plan finishes the wait and changes nothing else.
        core.refresh().await;
        let plan = core.plan(&config).await;
        assert!(says(&plan, "goes on") && !is_error(&plan), "{pointer}: {:?}", plan.messages);
        let user_sets =
            |name: &str| core.schema().attribute(name).is_some_and(|a| a.mode.is_configurable());
        for (name, value) in plan.state.entries().unwrap() {
            assert!(!user_sets(name) || value == core.state.get(name), "{pointer}: {name}");
        }
        core.changes();
        cloud.cloud().clear_scenario();
        cloud.cloud().advance(LONG).unwrap();
        let found = core.apply(&plan).await;
        assert_eq!(found, [], "{pointer}");
        assert_eq!(core.state.get("ready"), &Value::Bool(true), "{pointer}");
        assert!(core.changes().is_empty(), "{pointer} is sent twice");
        core.is_settled(&config).await;
    }
}

#[tokio::test]
async fn a_move_that_takes_long_is_taken_up_again_and_ends_where_it_was_to() {
    let (cloud, mut core) = applied(&[short()]).await;
    cloud.cloud().set_scenario(slow());
    let moved = ("/workspace_id", json!(access::WORKSPACE_ID));
    let config = core.config(&with(&[short(), moved]));
    let plan = core.plan(&config).await;
    let mut open = opened(&plan);
    open.sort();
    assert_eq!(open, sorted(&[&WORK]));
    let found = core.apply(&plan).await;
    assert!(found.iter().any(|m| m.summary.contains("not ready yet")), "{found:#?}");
    core.refresh().await;
    let plan = core.plan(&config).await;
    assert!(plan.state != core.state && !is_error(&plan) && plan.replaces.is_empty());
    cloud.cloud().clear_scenario();
    cloud.cloud().advance(LONG).unwrap();
    assert_eq!(core.apply(&plan).await, []);
    core.is_settled(&config).await;
    assert_eq!(core.state.get("workspace_id").as_str(), Some(access::WORKSPACE_ID));
}

#[tokio::test]
async fn a_change_of_two_halves_whose_time_is_up_between_them_shows_the_other_half() {
    let (cloud, mut core) = applied(&[short()]).await;
    cloud.cloud().set_scenario(slow());
    let changes = [short(), ("/resources/0/count", json!(1)), ("/resources/1/count", json!(3))];
    let config = core.config(&with(&changes));
    let plan = core.plan(&config).await;
    let found = core.apply(&plan).await;
    assert!(found.iter().any(|m| m.is_error && m.summary.contains("in part")), "{found:#?}");
    core.refresh().await;
    let plan = core.plan(&config).await;
    assert!(plan.replaces.is_empty() && !is_error(&plan), "{:?}", plan.messages);
    // What has grown is there; what is to go is not gone yet, and the plan says so.
    let entries = core.state.get("resources").elements().unwrap();
    let counts: Vec<_> = entries.iter().map(|entry| entry.get("count").as_i64()).collect();
    assert_eq!(counts, [Some(2), Some(3)]);
    assert!(says(&plan, &format!("1 node of flavor {CPU}")), "{:?}", plan.messages);
    core.changes();
    cloud.cloud().clear_scenario();
    cloud.cloud().advance(LONG).unwrap();
    assert_eq!(core.apply(&plan).await, []);
    assert_eq!(core.changes().len(), 1);
    core.is_settled(&config).await;
}

#[tokio::test]
async fn a_wait_that_ended_by_itself_leaves_an_empty_plan() {
    let (cloud, mut core) = applied(&[short()]).await;
    cloud.cloud().set_scenario(slow());
    let config = core.config(&with(&[short(), ("/resources/0/count", json!(3))]));
    core.run(&config).await;
    cloud.cloud().clear_scenario();
    cloud.cloud().advance(LONG).unwrap();
    core.configure().await;
    core.is_settled(&config).await;
}

#[tokio::test]
async fn an_order_of_entries_and_a_count_open_the_entry_that_changes_wherever_it_stands() {
    let (_cloud, mut core) = applied(&[]).await;
    let mut swapped = with(&[("/resources/0/count", json!(3))]);
    swapped["resources"].as_array_mut().unwrap().reverse();
    let config = core.config(&swapped);
    let plan = core.plan(&config).await;
    let mut open = opened(&plan);
    open.sort();
    assert_eq!(open, sorted(&[&["order_name", "resources.1.azs"], &WORK, &NODES]));
    let entries = plan.state.get("resources").elements().unwrap();
    assert_eq!(entries[0].get("node_pool").as_str(), Some("second"));
    assert_eq!(entries[1].get("max_count").as_i64(), Some(3));
    assert!(!says(&plan, "Only the order changes"));
    core.run(&config).await;
    core.is_settled(&config).await;
}

#[tokio::test]
async fn an_open_wait_is_finished_by_a_change_that_asks_for_little_or_for_nothing() {
    let cases = [
        ("/description", json!("two")),
        ("/annotations/team", json!("two")),
        ("/sharing", json!("shared")),
        ("/scheduler_extension", json!("high")),
        ("/order_id", json!("CS1")),
        ("/resources/0/labels/tier", json!("two")),
        ("/deletion_protection", json!(true)),
        ("/wait_for", json!("running")),
    ];
    for (pointer, value) in cases {
        let (cloud, mut core) = applied(&[short()]).await;
        cloud.cloud().set_scenario(slow());
        let grown = ("/resources/0/count", json!(3));
        let config = core.config(&with(&[short(), grown.clone()]));
        core.run(&config).await;
        assert_eq!(core.state.get("ready"), &Value::Bool(false));
        cloud.cloud().clear_scenario();
        let config = core.config(&with(&[short(), grown, (pointer, value)]));
        let plan = core.plan(&config).await;
        let open = opened(&plan);
        for path in ["ready", "status.phase"] {
            assert!(open.iter().any(|open| open == path), "{pointer}: {open:?}");
        }
        assert!(says(&plan, "Waiting for the pool goes on"), "{pointer}: {:?}", plan.messages);
        cloud.cloud().advance(LONG).unwrap();
        let found = core.apply(&plan).await;
        assert!(!found.iter().any(|m| m.is_error), "{pointer}: {found:#?}");
        assert_eq!(core.state.get("ready"), &Value::Bool(true), "{pointer}");
        core.is_settled(&config).await;
    }
}

#[tokio::test]
async fn entries_that_come_and_go_are_told_by_flavor_and_node_pool() {
    let (_cloud, mut core) = applied(&[]).await;
    // The first one goes, so that the second one moves up: by position it
    // looks as if another flavor lost a node.
    let mut fewer = with(&[]);
    fewer["resources"].as_array_mut().unwrap().remove(0);
    let config = core.config(&fewer);
    let plan = core.plan(&config).await;
    assert!(says(&plan, &format!("2 nodes of flavor {CPU} in the default node pool")));
    assert!(!says(&plan, GPU), "{:?}", plan.messages);
    let mut renamed = with(&[]);
    renamed["resources"][1]["node_pool"] = json!("third");
    let config = core.config(&renamed);
    let plan = core.plan(&config).await;
    assert!(says(&plan, &format!("1 node of flavor {GPU} in node pool second")));
    // Half of them move: what stays is not told.
    let config = core.config(&with(&[("/resources/0/count", json!(1))]));
    let plan = core.plan(&config).await;
    assert!(says(&plan, &format!("1 node of flavor {CPU}")) && !says(&plan, GPU));
}

#[tokio::test]
async fn nodes_that_are_made_anew_for_another_step_are_told_to_go() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let stepping = |step: u32| {
        json!({
            "name": "pool-steps",
            "scope": ["Train"],
            "network": { "name": access::network_id() },
            "resources": [{ "flavor": "modelarts.bm.npu.8a910", "count": 4,
                "creating_step": { "step": step, "type": "hyperinstance" } }],
        })
    };
    let config = core.config(&stepping(2));
    core.run(&config).await;
    let config = core.config(&stepping(4));
    let plan = core.plan(&config).await;
    assert!(says(&plan, "4 nodes of flavor modelarts.bm.npu.8a910"), "{:?}", plan.messages);
}
