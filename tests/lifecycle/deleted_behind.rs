//! An object is forgotten only when the service says that this very one is gone.

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::kinds::{KINDS, Kind};

/// An object that exists.
fn made(kind: Kind, name: &str) -> (Cloud, Workspace) {
    let cloud = Cloud::start();
    let work = Workspace::new(name, &cloud);
    work.write("main.tf", &kind.with(""));
    work.apply();
    (cloud, work)
}

#[test]
fn an_object_deleted_behind_the_back_is_planned_anew() {
    for kind in KINDS {
        let (cloud, work) = made(kind, "gone");
        kind.remove(&cloud);
        assert_eq!(work.plan().actions(&kind.address()), ["create"]);
        work.apply();
        work.plan_is_empty();
    }
}

#[test]
fn destroying_an_object_that_is_gone_succeeds() {
    for kind in KINDS {
        let (cloud, work) = made(kind, "already");
        kind.remove(&cloud);
        work.run(&["destroy", "-auto-approve", "-refresh=false"]).success();
        assert!(work.state().addresses().is_empty());
    }
}

#[test]
fn answers_that_are_not_about_the_object_keep_the_state() {
    let strange = [
        (404, json!({ "error_code": "APIGW.0101", "error_msg": "The API does not exist" })),
        (404, json!("not found")),
        (403, json!({ "error_code": "ModelArts.0108", "error_msg": "not authorised" })),
    ];
    for kind in KINDS {
        let (cloud, work) = made(kind, "strange");
        for (status, body) in &strange {
            cloud.play(&json!({ "faults": [{
                "match": { "method": "GET", "path": format!("/*/*{}**", kind.all()) },
                "do": { "answer": { "status": status, "body": body } },
            }]}));
            work.plan_fails();
            assert_eq!(work.state().addresses(), [kind.address()]);
            cloud.play(&json!({}));
            work.plan_is_empty();
        }
    }
}
