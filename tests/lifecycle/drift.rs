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
    cloud.change_pool(NAME, |pool| {
        pool["spec"]["resources"][0]["count"] = json!(3);
        pool["spec"]["resources"][0]["maxCount"] = json!(3);
    });
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
    cloud.change_pool(NAME, |pool| {
        pool["metadata"]["annotations"]["os.modelarts/description"] = json!("theirs");
    });
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
    cloud.change_pool(NAME, |pool| {
        pool["metadata"]["labels"]["example.com/added"] = json!("by-somebody");
        pool["metadata"]["annotations"]["example.com/also"] = json!("by-somebody");
    });
    work.plan_is_empty();
}
