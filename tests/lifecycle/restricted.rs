//! Pools that the service holds fast (`controlMode`).

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{NAME, POOL, pool};

#[test]
fn a_restriction_is_explained_in_the_plan_and_refused_in_words() {
    let cloud = Cloud::start();
    let work = Workspace::new("restricted", &cloud);
    work.write("main.tf", &pool(2));
    work.apply();
    cloud.change_pool(NAME, |pool| pool["spec"]["controlMode"] = json!(9));
    work.plan_is_empty();
    work.run(&["apply", "-refresh-only", "-auto-approve"]).success();
    assert_eq!(work.state().text(POOL, "/restrictions/1"), "the pool is frozen");
    work.write("main.tf", &pool(3));
    work.run(&["plan"]).success().says("Pool may refuse changes").says("the pool is frozen");
    work.apply_fails().says("controlMode is 9");
    assert_eq!(work.state().value(POOL, "/resources/0/count"), 2);
}

#[test]
fn a_pool_frozen_by_public_security_is_not_destroyed() {
    let cloud = Cloud::start();
    let work = Workspace::new("frozen", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    cloud.change_pool(NAME, |pool| pool["spec"]["controlMode"] = json!(16));
    work.run(&["plan", "-destroy"]).success().says("frozen by public security");
    work.run(&["destroy", "-auto-approve"]).failure().says("does not let this pool go");
    assert_eq!(cloud.count("DELETE", "/pools/"), 0);
    assert_eq!(work.state().addresses(), [POOL]);
    cloud.change_pool(NAME, |pool| pool["spec"]["controlMode"] = json!(0));
    work.destroy();
}
