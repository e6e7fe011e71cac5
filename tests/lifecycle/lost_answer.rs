//! When an answer is lost, the pool is not: it is found and adopted, and never
//! made twice.

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{NAME, POOL, pool};

#[test]
fn a_create_whose_answer_was_lost_is_adopted() {
    let cloud = Cloud::playing(&json!({ "faults": [{
        "match": { "method": "POST", "path": "/v2/*/pools", "nth": 1 }, "do": "lost",
    }]}));
    let work = Workspace::new("lost", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    assert_eq!(work.state().text(POOL, "/id"), cloud.only_pool()["metadata"]["name"]);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/pools"), 1);
}

#[test]
fn a_pool_of_the_same_name_is_not_adopted_but_can_be_imported() {
    let cloud = Cloud::start();
    let first = Workspace::new("theirs", &cloud);
    first.write("main.tf", &pool(1));
    first.apply();
    let second = Workspace::new("ours", &cloud);
    second.write("main.tf", &pool(1));
    second.apply_fails().says("import {").says(NAME);
    assert_eq!(cloud.pools().len(), 1);
    assert!(second.state().addresses().is_empty());
}

#[test]
fn failed_polls_do_not_end_the_wait() {
    let cloud = Cloud::playing(&json!({ "faults": [
        { "match": { "method": "GET", "path": "/v2/*/pools**", "nth": 3, "times": 2 },
          "do": { "answer": { "status": 503 } } },
        { "match": { "method": "GET", "path": "/v2/*/pools**", "nth": 6 }, "do": "html" },
        { "match": { "method": "GET", "path": "/v2/*/pools**", "nth": 8 }, "do": "reset" },
    ]}));
    let work = Workspace::new("polls", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    assert_eq!(work.state().value(POOL, "/ready"), true);
}
