//! What the service can change in place is changed in place, with one request
//! for what differs.

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, GPU, POOL, entry, pool, pool_with};

#[test]
fn a_pool_grows_and_shrinks_in_place() {
    let cloud = Cloud::start();
    let work = Workspace::new("scale", &cloud);
    work.write("main.tf", &pool(2));
    work.apply();
    let id = work.state().text(POOL, "/id");
    for (nodes, patches) in [(4, 1), (1, 2)] {
        work.write("main.tf", &pool(nodes));
        let plan = work.plan();
        assert_eq!(plan.actions(POOL), ["update"]);
        assert!(plan.is_unknown(POOL, "/status/phase") && !plan.is_unknown(POOL, "/id"));
        work.apply();
        assert_eq!(cloud.count("PATCH", "/pools/"), patches);
        assert_eq!(cloud.only_pool()["spec"]["resources"][0]["count"], nodes);
        assert_eq!(work.state().text(POOL, "/id"), id);
        work.plan_is_empty();
    }
}

#[test]
fn growing_one_flavor_and_shrinking_another_are_separate_requests() {
    let cloud = Cloud::start();
    let work = Workspace::new("both", &cloud);
    work.write("main.tf", &pool_with(&[entry(CPU, 3), entry(GPU, 1)], ""));
    work.apply();
    work.write("main.tf", &pool_with(&[entry(CPU, 1), entry(GPU, 2)], ""));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    assert_eq!(cloud.count("PATCH", "/pools/"), 2);
    work.plan_is_empty();
}

#[test]
fn a_flavor_is_added_and_taken_away_in_place() {
    let cloud = Cloud::start();
    let work = Workspace::new("flavors", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    work.write("main.tf", &pool_with(&[entry(GPU, 1), entry(CPU, 1)], ""));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    work.plan_is_empty();
    assert_eq!(work.state().value(POOL, "/resources/0/flavor"), GPU);
    work.write("main.tf", &pool(1));
    work.apply();
    work.plan_is_empty();
    assert_eq!(cloud.only_pool()["spec"]["resources"].as_array().unwrap().len(), 1);
}

#[test]
fn another_order_of_the_same_entries_sends_nothing() {
    let cloud = Cloud::start();
    let work = Workspace::new("reorder", &cloud);
    work.write("main.tf", &pool_with(&[entry(CPU, 2), entry(GPU, 1)], ""));
    work.apply();
    work.write("main.tf", &pool_with(&[entry(GPU, 1), entry(CPU, 2)], ""));
    assert_ne!(work.plan().actions(POOL), ["delete", "create"]);
    work.apply();
    assert_eq!(cloud.count("PATCH", "/pools/"), 0);
    work.plan_is_empty();
}

#[test]
fn a_description_is_changed_and_cleared_in_place() {
    let cloud = Cloud::start();
    let work = Workspace::new("describe", &cloud);
    for text in ["description = \"first\"", "description = \"second\"", ""] {
        work.write("main.tf", &pool_with(&[entry(CPU, 1)], text));
        work.apply();
        work.plan_is_empty();
    }
    let annotations = &cloud.only_pool()["metadata"]["annotations"];
    let left = annotations.get("os.modelarts/description").cloned().unwrap_or_default();
    assert!(left.is_null() || left == "", "{left}");
}

#[test]
fn job_types_are_switched_in_place() {
    let cloud = Cloud::start();
    let work = Workspace::new("scope", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    work.write("main.tf", &pool(1).replace("[\"Train\"]", "[\"Infer\", \"Train\"]"));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    work.plan_is_empty();
}

#[test]
fn a_failed_growth_is_an_error_that_taints_nothing() {
    let cloud = Cloud::playing(&json!({
        "outcomes": { "scaling_failed": { "message": "flavor sold out", "times": 1 } },
    }));
    let work = Workspace::new("soldout", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    work.write("main.tf", &pool(3));
    work.apply_fails().says("flavor sold out");
    assert!(!work.state().is_tainted(POOL));
    assert_eq!(work.plan().actions(POOL), ["update"]);
}

#[test]
fn what_cannot_be_changed_in_place_names_the_argument_that_replaces() {
    let cloud = Cloud::start();
    let work = Workspace::new("replace", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    work.write("main.tf", &pool(1).replace("story-pool", "other-pool"));
    let plan = work.plan();
    assert_eq!(plan.changed(), [POOL]);
    assert_eq!(plan.actions(POOL), ["delete", "create"]);
    assert_eq!(plan.replace_paths(POOL), json!([["name"]]));
}
