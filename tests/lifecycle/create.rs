//! A pool is made once, waited for, and described truthfully.

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, GPU, POOL, entry, entry_with, pool, pool_with};

#[test]
fn a_pool_is_made_and_the_next_plan_is_empty() {
    let cloud = Cloud::start();
    let work = Workspace::new("create", &cloud);
    work.write("main.tf", &pool(2));
    assert_eq!(work.plan().actions(POOL), ["create"]);
    work.apply();
    let state = work.state();
    assert_eq!(state.value(POOL, "/ready"), true);
    assert_eq!(state.value(POOL, "/status/phase"), "Running");
    assert_eq!(state.text(POOL, "/id"), cloud.only_pool()["metadata"]["name"]);
    work.plan_is_empty();
    work.destroy();
    assert!(cloud.pools().is_empty());
}

#[test]
fn a_pool_is_asked_for_exactly_once() {
    let cloud = Cloud::start();
    let work = Workspace::new("once", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    work.apply();
    assert_eq!(cloud.count("POST", "/pools"), 1);
    assert_eq!(cloud.count("PATCH", "/pools/"), 0);
}

#[test]
fn everything_that_can_be_written_is_kept_as_written() {
    let cloud = Cloud::start();
    let work = Workspace::new("full", &cloud);
    let rich = entry_with(
        CPU,
        3,
        r#"
      node_pool = "first-group"
      azs = [{ az = "cn-north-4b", count = 1 }, { az = "cn-north-4a", count = 2 }]
    "#,
    );
    let further = r#"
  description = "Everything at once"
  labels      = { team = "vision" }
  annotations = { "example.com/owner" = "platform" }
  timeouts {
    create = "30m"
  }
"#;
    work.write("main.tf", &pool_with(&[rich, entry(GPU, 1)], further));
    work.apply();
    work.plan_is_empty();
    let state = work.state();
    assert_eq!(state.value(POOL, "/resources/0/flavor"), CPU);
    assert_eq!(state.value(POOL, "/resources/0/node_pool"), "first-group");
    assert_eq!(state.value(POOL, "/labels"), json!({ "team": "vision" }));
    assert_eq!(state.value(POOL, "/resources/1/flavor"), GPU);
}

#[test]
fn a_failed_creation_is_an_error_and_the_pool_stays_in_the_state() {
    let cloud = Cloud::playing(&json!({
        "outcomes": { "creation_failed": { "message": "no capacity in this zone" } },
    }));
    let work = Workspace::new("failed", &cloud);
    work.write("main.tf", &pool(1));
    work.apply_fails().says("no capacity in this zone");
    assert!(work.state().is_tainted(POOL));
}

#[test]
fn a_failure_without_a_word_is_explained_by_its_order() {
    let cloud = Cloud::playing(&json!({
        "outcomes": { "creation_failed": { "message": "no capacity in this zone" } },
        "answers": { "terse": true },
    }));
    let work = Workspace::new("silent", &cloud);
    work.write("main.tf", &pool(1));
    work.apply_fails().says("its order").says("no capacity in this zone");
}

#[test]
fn nobody_waits_for_a_pool_that_only_has_to_be_accepted() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h" } }));
    let work = Workspace::new("accepted", &cloud);
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], "wait_for = \"accepted\""));
    work.apply();
    assert_eq!(work.state().value(POOL, "/ready"), false);
    work.plan_is_empty();
}

#[test]
fn a_protected_pool_is_not_destroyed() {
    let cloud = Cloud::start();
    let work = Workspace::new("protected", &cloud);
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], "deletion_protection = true"));
    work.apply();
    work.run(&["destroy", "-auto-approve"]).failure().says("deletion_protection");
    let renamed = pool_with(&[entry(CPU, 1)], "deletion_protection = true");
    work.write("main.tf", &renamed.replace("story-pool", "other-pool"));
    work.plan_fails().says("deletion_protection");
    assert_eq!(cloud.pools().len(), 1);
    work.write("main.tf", &pool(1));
    work.apply();
    work.destroy();
}
