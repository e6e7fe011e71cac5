//! Networks: made, connected, changed, found again, and gone in the right order.

use crate::harness::{Cloud, Workspace};

const NETWORK: &str = "modelarts_network.this";

/// A network with further attributes.
fn network(further: &str) -> String {
    format!(
        r#"
resource "modelarts_network" "this" {{
  name = "net-1"
  cidr = "192.168.0.0/16"
  {further}
}}
"#
    )
}

const PEER: &str = r#"peer_connections = [{ vpc_id = "vpc-1", subnet_id = "subnet-1" }]"#;
const FILES: &str = r#"sfs_turbo_connections = [{ name = "files", sfs_id = "sfs-1" }]"#;

#[test]
fn a_network_is_made_and_the_next_plan_is_empty() {
    let cloud = Cloud::start();
    let work = Workspace::new("network", &cloud);
    work.write("main.tf", &network(""));
    assert_eq!(work.plan().actions(NETWORK), ["create"]);
    work.apply();
    let state = work.state();
    assert_eq!(state.value(NETWORK, "/phase"), "Active");
    assert_eq!(state.value(NETWORK, "/workspace_id"), "0");
    assert!(state.value(NETWORK, "/subnet_ids/0").is_string());
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/networks"), 1);
    assert_eq!(cloud.count("PATCH", "/networks/"), 0);
    work.destroy();
}

#[test]
fn connections_are_made_changed_and_removed_in_place() {
    let cloud = Cloud::start();
    let work = Workspace::new("connections", &cloud);
    work.write("main.tf", &network(&format!("description = \"one\"\n{PEER}\n{FILES}")));
    work.apply();
    work.plan_is_empty();
    let state = work.state();
    assert_eq!(state.value(NETWORK, "/peer_connection_status/0/phase"), "Active");
    assert_eq!(state.value(NETWORK, "/sfs_turbo_connection_status/0/status"), "Active");
    work.write("main.tf", &network(FILES));
    assert_eq!(work.plan().actions(NETWORK), ["update"]);
    work.apply();
    work.plan_is_empty();
    let state = work.state();
    assert!(state.value(NETWORK, "/description").is_null());
    assert!(state.value(NETWORK, "/peer_connections").is_null());
    assert_eq!(state.value(NETWORK, "/sfs_turbo_connections/0/name"), "files");
    work.write("main.tf", &network(""));
    work.apply();
    work.plan_is_empty();
    assert!(work.state().value(NETWORK, "/sfs_turbo_connections").is_null());
    work.destroy();
}

#[test]
fn ipv6_is_turned_on_in_place_and_off_with_a_new_network() {
    let cloud = Cloud::start();
    let work = Workspace::new("ipv6", &cloud);
    work.write("main.tf", &network(""));
    work.apply();
    work.write("main.tf", &network("ipv6_enable = true"));
    assert_eq!(work.plan().actions(NETWORK), ["update"]);
    work.apply();
    work.plan_is_empty();
    // Left out, it stays.
    work.write("main.tf", &network(""));
    work.plan_is_empty();
    work.write("main.tf", &network("ipv6_enable = false"));
    assert_eq!(work.plan().actions(NETWORK), ["delete", "create"]);
    work.apply();
    work.plan_is_empty();
    work.destroy();
}

#[test]
fn a_network_and_its_pool_come_and_go_in_the_right_order() {
    let cloud = Cloud::start();
    let work = Workspace::new("network-pool", &cloud);
    let pool = r#"
resource "modelarts_pool" "this" {
  name      = "pool-1"
  scope     = ["Train"]
  network   = { name = modelarts_network.this.id }
  resources = [{ flavor = "modelarts.vm.cpu.8ud", count = 1 }]
}
"#;
    work.write("main.tf", &format!("{}{pool}", network("")));
    work.apply();
    work.plan_is_empty();
    work.destroy();
    assert!(cloud.pools().is_empty());
    assert_eq!(cloud.count("DELETE", "/networks/"), 1);
}
