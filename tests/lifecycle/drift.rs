//! What somebody changed on the service shows, and nothing else does.

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, NAME, POOL, entry, pool, pool_with};

#[test]
fn a_count_changed_behind_the_back_shows_and_is_put_right() {
    let cloud = Cloud::start();
    let work = Workspace::new("drift", &cloud);
    work.write("main.tf", &pool(2));
    work.apply();
    cloud.patch_pool(NAME, &json!({ "spec": { "resources": [
        { "flavor": CPU, "count": 3, "maxCount": 3, "nodePool": format!("{CPU}-default") },
    ]}}));
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["update"]);
    assert_eq!(plan.after(POOL, "/resources/0/count"), 2);
    work.apply();
    assert_eq!(cloud.only_pool()["spec"]["resources"][0]["count"], 2);
    work.plan_is_empty();
}

#[test]
fn a_description_changed_behind_the_back_shows() {
    let cloud = Cloud::start();
    let work = Workspace::new("words", &cloud);
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], "description = \"mine\""));
    work.apply();
    let changed = json!({ "metadata": { "annotations": { "os.modelarts/description": "theirs" }}});
    cloud.patch_pool(NAME, &changed);
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    work.plan_is_empty();
}

#[test]
fn labels_and_annotations_of_others_are_no_difference() {
    let cloud = Cloud::start();
    let work = Workspace::new("foreign", &cloud);
    let further = "annotations = { \"example.com/owner\" = \"platform\" }";
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], further));
    work.apply();
    cloud.patch_pool(NAME, &json!({ "metadata": {
        "labels": { "example.com/added": "by-somebody" },
        "annotations": { "example.com/also": "by-somebody" },
    }}));
    work.plan_is_empty();
}
