//! What the Go provider has made moves here with a block, not by hand.

use serde_json::{Value as Json, json};

use crate::go_provider::{self, moved_block, old_type};
use crate::harness::{Cloud, REQUIRED, Workspace, provider};
use crate::kinds::Kind;
use crate::pools::{CPU, NAME, POOL, entry_with, pool, pool_with};

fn left_by_the_go_provider(
    kind: Kind,
    cloud: &Cloud,
    configuration: &str,
    version: u32,
) -> Workspace {
    let both = [Workspace::empty("maker"), Workspace::empty("moved")];
    go_provider::leaves(kind, cloud, both, configuration, version)
}

#[track_caller]
fn moves_unchanged(kind: Kind, configuration: &str) {
    let cloud = Cloud::start();
    let work = left_by_the_go_provider(kind, &cloud, configuration, 0);
    let before = kind.objects(&cloud);
    let [made, changed] = [cloud.count("POST", kind.all()), cloud.count("PATCH", kind.one())];
    let (old, new) = (old_type(kind), kind.address());
    work.run(&["plan"]).success().says(&format!("{old}.main has moved to {new}"));
    let plan = work.plan();
    assert_eq!(plan.actions(&new), ["no-op"]);
    assert!(plan.changed().is_empty());
    work.apply();
    let state = work.state();
    assert_eq!(state.addresses(), std::slice::from_ref(&new));
    assert_eq!(state.value(&new, "/id"), before[0]["metadata"]["name"]);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", kind.all()), made);
    assert_eq!(cloud.count("PATCH", kind.one()), changed);
    assert_eq!(cloud.count("DELETE", kind.one()), 0);
    assert_eq!(kind.objects(&cloud), before);
    // Without the old provider and the block, all stays as it is.
    work.write("main.tf", configuration);
    work.write("provider.tf", &format!("{}{}", REQUIRED, provider(&cloud, "")));
    work.init();
    work.plan_is_empty();
}

#[test]
fn a_pool_of_the_go_provider_moves_without_a_change() {
    moves_unchanged(Kind::Pool, &pool(2));
}

#[test]
fn a_pool_with_settings_moves_without_a_change() {
    let settings = r#"
      node_pool     = "first-group"
      extend_params = { dockerBaseSize = "80" }
      labels        = { team = "vision" }
    "#;
    let entries = [entry_with(CPU, 2, settings)];
    moves_unchanged(Kind::Pool, &pool_with(&entries, "description = \"Made elsewhere\""));
}

#[test]
fn a_network_of_the_go_provider_moves_without_a_change() {
    let connections = r#"
  peer_connections = [
    { vpc_id = "vpc-1", subnet_id = "subnet-1" },
    { vpc_id = "vpc-2", subnet_id = "subnet-2" },
  ]
  sfs_turbo_connections = [{ name = "files", sfs_id = "sfs-1" }]
"#;
    for further in ["", connections] {
        moves_unchanged(Kind::Network, &Kind::Network.with(further));
    }
}

#[test]
fn what_the_go_provider_did_not_know_of_a_network_stays() {
    let cloud = Cloud::start();
    let further = "description = \"By hand\"\n  ipv6_enable = true";
    let work = left_by_the_go_provider(Kind::Network, &cloud, &Kind::Network.with(further), 0);
    let bare = Kind::Network.with("");
    work.write("main.tf", &format!("{bare}{}", moved_block(Kind::Network)));
    assert_eq!(work.plan().actions(&Kind::Network.address()), ["no-op"]);
    work.apply();
    work.write("main.tf", &bare);
    work.plan_is_empty();
    // A description is left alone until somebody writes one.
    let noted =
        |network: &Json| network["metadata"]["annotations"]["os.modelarts/description"].clone();
    assert_eq!(noted(&Kind::Network.objects(&cloud)[0]), "By hand");
    work.write("main.tf", &Kind::Network.with(further));
    work.apply();
    work.plan_is_empty();
    let state = work.state();
    assert_eq!(state.value(&Kind::Network.address(), "/description"), "By hand");
    assert_eq!(state.value(&Kind::Network.address(), "/ipv6_enable"), true);
    assert_eq!(cloud.count("PATCH", "/networks/"), 0);
}

#[test]
fn a_network_that_has_moved_is_changed_in_place() {
    let cloud = Cloud::start();
    let work = left_by_the_go_provider(Kind::Network, &cloud, &Kind::Network.with(""), 0);
    let wanted = Kind::Network.with("description = \"Moved\"");
    work.write("main.tf", &format!("{wanted}{}", moved_block(Kind::Network)));
    assert_eq!(work.plan().actions(&Kind::Network.address()), ["update"]);
    work.apply();
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/networks"), 1);
}

#[test]
fn what_the_service_filled_in_is_no_difference() {
    let cloud = Cloud::playing(&json!({ "answers": { "fill_volumes": true } }));
    let work = left_by_the_go_provider(Kind::Pool, &cloud, &pool(2), 0);
    assert_eq!(work.plan().actions(POOL), ["no-op"]);
    let before = cloud.only_pool();
    work.apply();
    work.plan_is_empty();
    assert_eq!(cloud.count("PATCH", "/pools/"), 0);
    assert_eq!(cloud.only_pool()["spec"], before["spec"]);
}

#[test]
fn a_pool_that_has_moved_is_scaled_in_place() {
    let cloud = Cloud::start();
    let work = left_by_the_go_provider(Kind::Pool, &cloud, &pool(2), 0);
    work.write("main.tf", &format!("{}{}", pool(3), moved_block(Kind::Pool)));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    assert_eq!(cloud.only_pool()["spec"]["resources"][0]["count"], 3);
    work.plan_is_empty();
}

#[test]
fn a_state_of_an_unknown_version_is_refused_with_a_way_out() {
    let cloud = Cloud::start();
    let work = left_by_the_go_provider(Kind::Pool, &cloud, &pool(1), 1);
    let id = cloud.only_pool()["metadata"]["name"].as_str().unwrap().to_owned();
    assert!(id.contains(NAME), "{id}");
    work.plan_fails().says("schema version 1").says(&format!("id = \"{id}\""));
    assert_eq!(cloud.pools().len(), 1);
}
