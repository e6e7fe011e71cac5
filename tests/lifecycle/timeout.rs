//! A wait whose time is up keeps the pool, unless the user wants it otherwise.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, POOL, entry, pool_with};

fn slow_pool(further: &str) -> String {
    let further = format!("{further}\n  timeouts {{\n    create = \"1s\"\n  }}");
    pool_with(&[entry(CPU, 1)], &further)
}

#[test]
fn a_create_whose_time_is_up_is_kept_and_finished_later() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h" } }));
    let work = Workspace::new("keep", &cloud);
    work.write("main.tf", &slow_pool(""));
    work.apply().says("Warning");
    let state = work.state();
    assert!(!state.is_tainted(POOL));
    assert_eq!(state.value(POOL, "/ready"), false);
    assert_eq!(work.plan().actions(POOL), ["update"]);
    cloud.advance(Duration::from_secs(2 * 3600));
    work.apply();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
}

#[test]
fn a_create_whose_time_is_up_fails_if_asked_to() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h" } }));
    let work = Workspace::new("fail", &cloud);
    work.write("main.tf", &slow_pool("on_timeout = \"fail\""));
    work.apply_fails();
    assert!(work.state().is_tainted(POOL));
}

#[test]
fn a_pipeline_goes_red_without_losing_the_pool() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h" } }));
    let work = Workspace::new("red", &cloud);
    let condition = r#"
  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The pool is not ready."
    }
  }
"#;
    work.write("main.tf", &slow_pool(condition));
    work.apply_fails().says("The pool is not ready.");
    assert!(!work.state().is_tainted(POOL));
    cloud.advance(Duration::from_secs(2 * 3600));
    work.apply();
    work.plan_is_empty();
}
