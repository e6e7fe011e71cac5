//! A pool is forgotten only when the service says that this very pool is gone.

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{NAME, POOL, pool};

#[test]
fn a_pool_deleted_behind_the_back_is_planned_anew() {
    let cloud = Cloud::start();
    let work = Workspace::new("gone", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    cloud.remove_pool(NAME);
    assert_eq!(work.plan().actions(POOL), ["create"]);
    work.apply();
    work.plan_is_empty();
}

#[test]
fn destroying_a_pool_that_is_gone_succeeds() {
    let cloud = Cloud::start();
    let work = Workspace::new("already", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    cloud.remove_pool(NAME);
    work.run(&["destroy", "-auto-approve", "-refresh=false"]).success();
    assert!(work.state().addresses().is_empty());
}

#[test]
fn answers_that_are_not_about_the_pool_keep_the_state() {
    let strange = [
        (404, json!({ "error_code": "APIGW.0101", "error_msg": "The API does not exist" })),
        (404, json!("not found")),
        (403, json!({ "error_code": "ModelArts.0108", "error_msg": "not authorised" })),
    ];
    for (status, body) in strange {
        let cloud = Cloud::start();
        let work = Workspace::new("strange", &cloud);
        work.write("main.tf", &pool(1));
        work.apply();
        cloud.play(&json!({ "faults": [{
            "match": { "method": "GET", "path": "/v2/*/pools**" },
            "do": { "answer": { "status": status, "body": body } },
        }]}));
        work.plan_fails();
        assert_eq!(work.state().addresses(), [POOL]);
        cloud.play(&json!({}));
        work.plan_is_empty();
    }
}
