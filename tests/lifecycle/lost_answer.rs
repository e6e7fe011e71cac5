//! When an answer is lost, the object is not: it is found and adopted, and never
//! made twice.

use serde_json::json;
use terraform_provider_modelarts::simulator::access::WORKSPACE_ID;

use crate::harness::{Cloud, Workspace};
use crate::kinds::KINDS;
use crate::pools::{NAME, POOL, pool};

#[test]
fn a_create_whose_answer_was_lost_is_adopted() {
    for kind in KINDS {
        let cloud = Cloud::playing(&json!({ "faults": [{
            "match": { "method": "POST", "path": format!("/*/*{}", kind.all()), "nth": 1 },
            "do": "lost",
        }]}));
        let work = Workspace::new("lost", &cloud);
        work.write("main.tf", &kind.with("description = \"ours\""));
        work.apply();
        let [object] = &*kind.objects(&cloud) else { panic!("not one {kind:?}") };
        assert_eq!(work.state().text(&kind.address(), "/id"), object["metadata"]["name"]);
        work.plan_is_empty();
        assert_eq!(cloud.count("POST", kind.all()), 1);
    }
}

#[test]
fn an_object_of_the_same_name_is_not_adopted_but_can_be_imported() {
    for kind in KINDS {
        let cloud = Cloud::start();
        let first = Workspace::new("theirs", &cloud);
        first.write("main.tf", &kind.with(""));
        first.apply();
        let second = Workspace::new("ours", &cloud);
        second.write("main.tf", &kind.with(""));
        let to = format!("to = {}.<NAME>", kind.resource());
        second.apply_fails().says("import {").says(&to).says(NAME);
        assert_eq!(kind.objects(&cloud).len(), 1);
        assert!(second.state().addresses().is_empty());
        assert_eq!(cloud.count("POST", kind.all()), 1);
    }
}

#[test]
fn an_object_of_the_same_name_in_another_workspace_is_named_with_its_id() {
    for kind in KINDS {
        let cloud = Cloud::start();
        let first = Workspace::new("theirs", &cloud);
        first.write("main.tf", &kind.with(&format!("workspace_id = \"{WORKSPACE_ID}\"")));
        first.apply();
        let id = first.state().text(&kind.address(), "/id");
        let second = Workspace::new("ours", &cloud);
        second.write("main.tf", &kind.with(""));
        let title = format!("{} already exists", kind.title());
        second.apply_fails().says(&title).says(&format!("id = \"{id}\""));
        assert!(second.state().addresses().is_empty());
    }
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

#[test]
fn a_change_whose_answer_was_lost_is_looked_for_and_not_sent_again() {
    let cloud = Cloud::start();
    let work = Workspace::new("lost-change", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    // Longer than the pause before the pool is looked at again.
    cloud.play(&json!({ "durations": { "scale_out": "8s" }, "faults": [{
        "match": { "method": "PATCH", "path": "/v2/*/pools/*", "nth": 1 }, "do": "lost",
    }]}));
    work.write("main.tf", &pool(3));
    work.apply();
    assert_eq!(cloud.count("PATCH", "/pools/"), 1);
    assert_eq!(work.state().value(POOL, "/ready"), true);
    assert_eq!(cloud.only_pool()["spec"]["resources"][0]["count"], 3);
    work.plan_is_empty();
}

#[test]
fn a_pool_that_is_busy_with_another_change_is_asked_again() {
    let busy = json!({ "error_code": "ModelArts.5044", "error_msg": "operations conflict" });
    let cloud = Cloud::start();
    let work = Workspace::new("busy", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    cloud.play(&json!({ "faults": [{
        "match": { "method": "PATCH", "path": "/v2/*/pools/*", "nth": 1 },
        "do": { "answer": { "status": 409, "body": busy } },
    }]}));
    work.write("main.tf", &pool(2));
    work.apply();
    assert_eq!(cloud.count("PATCH", "/pools/"), 2);
    work.plan_is_empty();
}
