//! Waits of one run that end differently do not touch each other, and an end
//! says what the service says.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, POOL, entry, network_argument, pool_with};

/// Pools of one kind: more than are asked for singly, together with another.
const EACH: usize = 3;

/// Pools named `<kind>-<n>` with further arguments.
fn pools(kind: &str, further: &str) -> String {
    format!(
        r#"
resource "modelarts_pool" "{kind}" {{
  count     = {EACH}
  name      = "{kind}-${{count.index}}"
  scope     = ["Train"]
  {}
  resources = [{{ flavor = "{CPU}", count = 1 }}]
{further}
}}
"#,
        network_argument()
    )
}

fn in_time(operation: &str, time: &str) -> String {
    format!("  timeouts {{\n    {operation} = \"{time}\"\n  }}")
}

fn address(kind: &str, number: usize) -> String {
    format!("modelarts_pool.{kind}[{number}]")
}

/// A failing create whose pool has an order and warnings, with faults.
fn failing(durations: &Json, faults: &[Json]) -> Cloud {
    Cloud::playing(&json!({
        "durations": durations,
        "outcomes": { "creation_failed": { "message": "no capacity in this zone" } },
        "faults": faults,
    }))
}

fn answers(path: &str, action: Json) -> Json {
    json!({ "match": { "method": "GET", "path": path, "nth": "every" }, "do": action })
}

fn warnings() -> Json {
    let warning = |at: &str, message: &str| json!({ "type": "Warning", "lastTimestamp": at, "count": 1, "message": message });
    let body = json!({ "items": [
        warning("2026-01-02T03:04:05Z", "the subnet has no free address"),
        warning("2026-01-02T03:04:06Z", "a node did not start"),
        { "type": "Normal", "lastTimestamp": "2026-01-02T03:04:07Z", "message": "all is well" },
    ]});
    answers("/v1/*/events", json!({ "answer": { "status": 200, "body": body } }))
}

#[test]
fn pools_with_different_deadlines_end_each_by_its_own() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "7s" } }));
    let work = Workspace::new("deadlines", &cloud);
    let some = pools("short", &in_time("create", "2s")) + &pools("long", "");
    work.write("main.tf", &some);
    work.apply().says("Warning").says("Time ran out");
    let state = work.state();
    for number in 0..EACH {
        for (kind, ready) in [("short", false), ("long", true)] {
            assert!(!state.is_tainted(&address(kind, number)));
            assert_eq!(state.value(&address(kind, number), "/ready"), ready, "{kind} {number}");
        }
    }
    work.apply();
    work.plan_is_empty();
}

#[test]
fn a_create_is_not_touched_by_deletes_that_run_out_of_time() {
    let cloud = Cloud::start();
    let work = Workspace::new("deletes", &cloud);
    work.write("main.tf", &pools("old", &in_time("delete", "2s")));
    work.apply();
    cloud.play(&json!({ "durations": { "create": "5s", "delete": "1h" } }));
    work.write("main.tf", &pools("new", ""));
    work.apply_fails().says("Pool is not deleted yet");
    let state = work.state();
    for number in 0..EACH {
        assert!(state.addresses().contains(&address("old", number)));
        assert!(!state.is_tainted(&address("new", number)));
        assert_eq!(state.value(&address("new", number), "/ready"), true);
    }
    cloud.advance(Duration::from_secs(2 * 3600));
    work.apply();
    work.plan_is_empty();
    assert_eq!(cloud.pools().len(), EACH);
}

#[test]
fn who_waits_for_acceptance_alone_does_not_look_at_the_pool() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h", "scale_out": "1h" } }));
    let work = Workspace::new("accepted", &cloud);
    let pool = |count| pool_with(&[entry(CPU, count)], "wait_for = \"accepted\"");
    work.write("main.tf", &pool(1));
    work.apply();
    assert_eq!(cloud.count("GET", "/pools/"), 0);
    assert_eq!(work.state().value(POOL, "/ready"), false);
    work.plan_is_empty();

    cloud.advance(Duration::from_secs(2 * 3600));
    work.write("main.tf", &pool(2));
    work.plan();
    cloud.forget_requests();
    work.apply();
    // The refresh and the look before the change.
    assert_eq!(cloud.count("PATCH", "/pools/"), 1);
    assert!(cloud.count("GET", "/pools/") <= 2, "{}", cloud.count("GET", "/pools/"));
    work.plan_is_empty();
}

#[test]
fn a_failure_says_what_the_service_its_order_and_its_warnings_say() {
    let cloud = failing(&json!({}), &[warnings()]);
    let work = Workspace::new("reasons", &cloud);
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], ""));
    work.apply_fails()
        .says("no capacity in this zone")
        .says("a warning of 2026-01-02T03:04:06Z says: a node did not start")
        .says("the subnet has no free address");
}

#[test]
fn a_timeout_says_what_the_service_and_its_warnings_say() {
    let cloud = failing(&json!({ "create": "1h" }), &[warnings()]);
    let work = Workspace::new("late-reasons", &cloud);
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], &in_time("create", "2s")));
    let write_message = |cloud: &Cloud| {
        cloud.wait_for("POST", "/pools");
        cloud.change_pool(crate::pools::NAME, |pool| {
            pool["status"]["phase"] = "Abnormal".into();
            pool["status"]["message"] = "the control plane is not reachable".into();
        });
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write_message(&cloud));
        work.apply()
            .says("is in phase Abnormal")
            .says("the control plane is not reachable")
            .says("a node did not start");
    });
}

#[test]
fn looking_reasons_up_delays_an_error_by_ten_seconds_at_most() {
    for action in [
        json!({ "hang": { "for": "never" } }),
        json!({ "answer": { "status": 503, "body": { "error_msg": "no" } } }),
    ] {
        let cloud = failing(
            &json!({}),
            &[answers("/v1/*/events", action.clone()), answers("/v1/*/orders", action)],
        );
        let work = Workspace::new("no-reasons", &cloud);
        work.write("main.tf", &pool_with(&[entry(CPU, 1)], ""));
        let began = Instant::now();
        work.apply_fails().says("no capacity in this zone");
        // With time for Terraform itself and for the pool to fail.
        assert!(began.elapsed() < Duration::from_secs(18), "{:?}", began.elapsed());
    }
}
