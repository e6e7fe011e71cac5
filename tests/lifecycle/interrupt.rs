//! An interrupted run loses nothing, and the next one goes on.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{NAME, POOL, pool};

fn slow() -> Cloud {
    Cloud::playing(&json!({ "durations": { "create": "1h", "scale_out": "1h" } }))
}

#[test]
fn interrupted_create_is_resumed_by_the_next_apply() {
    let cloud = slow();
    let work = Workspace::new("interrupt", &cloud);
    work.write("main.tf", &pool(2));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for("POST", "/pools");
    let start = Instant::now();
    run.interrupt();
    let output = run.finish();
    assert!(start.elapsed() < Duration::from_secs(10), "{output}");

    let state = work.state();
    assert!(!state.is_tainted(POOL), "{output}");
    assert_eq!(state.value(POOL, "/ready"), false);
    assert_eq!(work.plan().actions(POOL), ["update"]);

    let run = work.start(&["apply", "-auto-approve"]);
    cloud.advance(Duration::from_secs(2 * 3600));
    run.finish().success();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/pools"), 1);
}

#[test]
fn a_pool_that_became_ready_meanwhile_needs_nothing_more() {
    let cloud = slow();
    let work = Workspace::new("meanwhile", &cloud);
    work.write("main.tf", &pool(1));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for("POST", "/pools");
    run.interrupt();
    run.finish();
    cloud.advance(Duration::from_secs(2 * 3600));
    work.plan_is_empty();
}

#[test]
fn interrupted_growth_is_resumed_by_the_next_apply() {
    let cloud = slow();
    let work = Workspace::new("growth", &cloud);
    work.write("main.tf", &pool(1));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for("POST", "/pools");
    cloud.advance(Duration::from_secs(2 * 3600));
    run.finish().success();

    work.write("main.tf", &pool(3));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for("PATCH", "/pools/");
    run.interrupt();
    run.finish();
    assert!(!work.state().is_tainted(POOL));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.advance(Duration::from_secs(2 * 3600));
    run.finish().success();
    work.plan_is_empty();
    assert_eq!(cloud.count("PATCH", "/pools/"), 1);
}

#[test]
fn an_interrupt_while_a_lost_pool_is_looked_for_still_finds_it() {
    // The answer to the create is lost, and the look-up gets no answer either.
    let cloud = Cloud::playing(&json!({
        "durations": { "create": "1h" },
        "faults": [
            { "match": { "method": "POST", "path": "**/pools", "nth": 1 }, "do": "lost" },
            { "match": { "method": "GET", "path": "**/pools", "nth": 2 },
              "do": { "hang": { "for": "1h" } } },
        ],
    }));
    let work = Workspace::new("looking", &cloud);
    work.write("main.tf", &pool(1));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for_asked("GET", "/pools", 2);
    let start = Instant::now();
    run.interrupt();
    let output = run.finish();
    assert!(start.elapsed() < Duration::from_secs(10), "{output}");
    let state = work.state();
    assert_eq!(state.addresses(), [POOL], "{output}");
    assert!(!state.is_tainted(POOL), "{output}");
    assert_eq!(work.plan().actions(POOL), ["update"]);
    assert_eq!(cloud.count("POST", "/pools"), 1);
}

#[test]
fn a_pool_outlives_a_terraform_that_was_killed() {
    let cloud = slow();
    let work = Workspace::new("killed", &cloud);
    work.write("main.tf", &pool(1));
    let mut run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for("POST", "/pools");
    run.kill();
    // Terraform could write nothing, so the pool is unknown to it. It is not
    // made a second time, and the message says how to take it over.
    cloud.advance(Duration::from_secs(2 * 3600));
    work.apply_fails().says("import {").says(NAME);
    assert_eq!(cloud.pools().len(), 1);
}
