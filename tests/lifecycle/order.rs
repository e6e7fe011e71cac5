//! However the service answers, an apply is followed by an empty plan.

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, GPU, POOL, entry, entry_with, pool_with};

/// Applies a pool of three entries, changes it and checks the plans between.
fn apply_under(answers: &Json) {
    let cloud = Cloud::playing(&json!({ "answers": answers }));
    let work = Workspace::new("order", &cloud);
    let zones = "azs = [{ az = \"cn-north-4a\", count = 1 }, { az = \"cn-north-4b\", count = 1 }]";
    let entries = |count| {
        [
            entry_with(CPU, 2, zones),
            entry_with(CPU, count, "node_pool = \"second-group\""),
            entry(GPU, 1),
        ]
    };
    work.write("main.tf", &pool_with(&entries(1), "description = \"three entries\""));
    work.apply();
    work.plan_is_empty();
    work.write("main.tf", &pool_with(&entries(2), "description = \"three entries\""));
    assert_eq!(work.plan().actions(POOL), ["update"], "under {answers}");
    work.apply();
    work.plan_is_empty();
    let state = work.state();
    assert_eq!(state.value(POOL, "/resources/1/node_pool"), "second-group");
    assert_eq!(state.value(POOL, "/resources/2/flavor"), GPU);
}

#[test]
fn answers_back_to_front_change_nothing() {
    apply_under(&json!({ "order": "reversed" }));
}

#[test]
fn answers_in_random_order_change_nothing() {
    apply_under(&json!({ "order": { "random": 7 } }));
}

#[test]
fn answers_with_strange_fields_and_types_change_nothing() {
    apply_under(&json!({
        "unknown_fields": true, "numbers_as_strings": true, "resources_as_objects": true,
        "empty_bodies": true,
    }));
}

#[test]
fn answers_that_leave_things_out_or_add_them_change_nothing() {
    apply_under(&json!({ "terse": true, "order_names": false, "fill_volumes": true }));
}
