//! A pool that exists is taken over, and the plan after that is empty.

use crate::harness::{Cloud, Workspace};
use crate::pools::{NAME, POOL, pool};

/// Makes a pool and forgets it, then imports it by `id`.
fn imported_by(id: impl Fn(&str) -> String) {
    let cloud = Cloud::start();
    let work = Workspace::new("import", &cloud);
    work.write("main.tf", &pool(2));
    work.apply();
    let pool_id = work.state().text(POOL, "/id");
    work.run(&["state", "rm", POOL]).success();
    work.run(&["import", POOL, &id(&pool_id)]).success();
    assert_eq!(work.state().text(POOL, "/id"), pool_id);
    work.plan_is_empty();
    assert_eq!(cloud.count("PATCH", "/pools/"), 0);
}

#[test]
fn a_pool_is_imported_by_its_id() {
    imported_by(str::to_owned);
}

#[test]
fn a_pool_is_imported_by_its_name() {
    imported_by(|_| format!("name:{NAME}"));
}

#[test]
fn a_pool_is_imported_by_its_workspace_and_name() {
    imported_by(|_| format!("0/name:{NAME}"));
}

#[test]
fn a_pool_that_does_not_exist_is_not_imported() {
    let cloud = Cloud::start();
    let work = Workspace::new("nothing", &cloud);
    work.write("main.tf", &pool(1));
    work.run(&["import", POOL, "name:no-such-pool"]).failure().says("no-such-pool");
    assert!(work.state().addresses().is_empty());
}

#[test]
fn a_generated_configuration_plans_empty() {
    let cloud = Cloud::start();
    let work = Workspace::new("generate", &cloud);
    work.write("main.tf", &pool(2));
    work.apply();
    work.run(&["state", "rm", POOL]).success();
    let block = format!("import {{\n  to = {POOL}\n  id = \"name:{NAME}\"\n}}\n");
    work.write("main.tf", &block);
    work.run(&["plan", "-generate-config-out=generated.tf"]).success();
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["no-op"]);
    work.apply();
    work.plan_is_empty();
}
