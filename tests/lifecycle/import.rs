//! An object that exists is taken over, and the plan after that is empty.

use crate::harness::{Cloud, Workspace};
use crate::kinds::{KINDS, Kind};
use crate::pools::NAME;

/// Makes an object and forgets it, then imports it by `id`.
fn imported_by(kind: Kind, id: impl Fn(&str) -> String) {
    let cloud = Cloud::start();
    let work = Workspace::new("import", &cloud);
    work.write("main.tf", &kind.with(""));
    work.apply();
    let address = kind.address();
    let own_id = work.state().text(&address, "/id");
    work.run(&["state", "rm", &address]).success();
    work.run(&["import", &address, &id(&own_id)]).success();
    assert_eq!(work.state().text(&address, "/id"), own_id);
    work.plan_is_empty();
    assert_eq!(cloud.count("PATCH", kind.one()), 0);
}

#[test]
fn an_object_is_imported_by_its_id() {
    KINDS.into_iter().for_each(|kind| imported_by(kind, str::to_owned));
}

#[test]
fn an_object_is_imported_by_its_name() {
    KINDS.into_iter().for_each(|kind| imported_by(kind, |_| format!("name:{NAME}")));
}

#[test]
fn an_object_is_imported_by_its_workspace_and_name() {
    KINDS.into_iter().for_each(|kind| imported_by(kind, |_| format!("0/name:{NAME}")));
}

#[test]
fn an_object_that_does_not_exist_is_not_imported() {
    for kind in KINDS {
        let cloud = Cloud::start();
        let work = Workspace::new("nothing", &cloud);
        work.write("main.tf", &kind.with(""));
        let import = |id: &str| work.run(&["import", &kind.address(), id]).failure();
        import("name:no-such-object").says("no-such-object");
        import("no-such-id").says("no-such-id");
        assert!(work.state().addresses().is_empty());
    }
}

#[test]
fn a_generated_configuration_plans_empty() {
    let connections = r#"
  description           = "Connected"
  ipv6_enable           = true
  peer_connections      = [{ vpc_id = "vpc-1", subnet_id = "subnet-1", default_gateway = true }]
  sfs_turbo_connections = [{ name = "files", sfs_id = "sfs-1" }]
"#;
    for (kind, further) in [(Kind::Pool, ""), (Kind::Network, ""), (Kind::Network, connections)] {
        let cloud = Cloud::start();
        let work = Workspace::new("generate", &cloud);
        work.write("main.tf", &kind.with(further));
        work.apply();
        let address = kind.address();
        work.run(&["state", "rm", &address]).success();
        let block = format!("import {{\n  to = {address}\n  id = \"name:{NAME}\"\n}}\n");
        work.write("main.tf", &block);
        work.run(&["plan", "-generate-config-out=generated.tf"]).success();
        let plan = work.plan();
        assert_eq!(plan.actions(&address), ["no-op"]);
        work.apply();
        work.plan_is_empty();
    }
}
