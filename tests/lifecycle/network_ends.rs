//! How applies and destroys of networks end when things take long or go wrong.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, Output, Workspace};
use crate::kinds::Kind::Network;
use crate::pools::NAME;

const NETWORK: &str = "modelarts_network.main";
const HOURS: Duration = Duration::from_secs(2 * 3600);

fn peers(names: &[&str]) -> String {
    let peer = |name: &&str| format!("{{ vpc_id = \"{name}\", subnet_id = \"subnet\" }}");
    let peers: Vec<String> = names.iter().map(peer).collect();
    format!("peer_connections = [{}]", peers.join(", "))
}

fn in_time(operation: &str, time: &str) -> String {
    format!("timeouts {{\n    {operation} = \"{time}\"\n  }}")
}

fn phases(work: &Workspace) -> Vec<Json> {
    let list = work.state().value(NETWORK, "/peer_connection_status");
    list.as_array().unwrap().iter().map(|peer| peer["phase"].clone()).collect()
}

/// A network in a directory of its own.
fn made(name: &str, further: &str) -> (Cloud, Workspace) {
    let cloud = Cloud::start();
    let work = Workspace::new(name, &cloud);
    work.write("main.tf", &Network.with(further));
    work.apply();
    (cloud, work)
}

#[test]
fn a_network_whose_time_is_up_is_kept_and_finished_later() {
    let cloud = Cloud::playing(&json!({ "durations": { "network": "1h" } }));
    let work = Workspace::new("slow", &cloud);
    let further = format!("{}\n  {}", peers(&["vpc-1"]), in_time("create", "1s"));
    work.write("main.tf", &Network.with(&further));
    work.apply().says("Network is not ready yet").says("phase Creating");
    assert!(!work.state().is_tainted(NETWORK));
    assert_eq!(work.state().value(NETWORK, "/phase"), "Creating");
    assert_eq!(work.plan().actions(NETWORK), ["update"]);
    cloud.advance(HOURS);
    work.apply();
    assert_eq!(phases(&work), ["Active"]);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/networks"), 1);
}

#[test]
fn connections_whose_time_is_up_are_kept_and_waited_for_later() {
    let cloud = Cloud::playing(&json!({ "durations": { "connection": "1h" } }));
    let work = Workspace::new("connecting", &cloud);
    let further = |names: &[&str]| {
        let times = "timeouts {\n    create = \"2s\"\n    update = \"2s\"\n  }";
        Network.with(&format!("{}\n  {times}", peers(names)))
    };
    work.write("main.tf", &further(&["vpc-1"]));
    work.apply().says("Network is not ready yet").says("vpc-1 is Connecting");
    assert!(!work.state().is_tainted(NETWORK));
    assert_eq!(phases(&work), ["Connecting"]);
    assert_eq!(work.plan().actions(NETWORK), ["update"]);
    // A change while the wait is open is sent and waited for.
    work.write("main.tf", &further(&["vpc-1", "vpc-2"]));
    work.apply().says("Network is not ready yet");
    assert_eq!(cloud.count("PATCH", "/networks/"), 2);
    cloud.advance(HOURS);
    // Nothing is left to wait for.
    work.plan_is_empty();
    work.apply();
    assert_eq!(phases(&work), ["Active", "Active"]);
    assert_eq!(cloud.count("PATCH", "/networks/"), 2);
}

#[test]
fn an_interrupt_while_a_new_network_is_connected_is_taken_up_by_the_next_apply() {
    let cloud = Cloud::playing(&json!({ "durations": { "connection": "1h" } }));
    let work = Workspace::new("interrupt", &cloud);
    work.write("main.tf", &Network.with(&peers(&["vpc-1"])));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for_poll_after("PATCH", "/networks/");
    run.interrupt();
    let output = run.finish();
    assert!(!work.state().is_tainted(NETWORK), "{output}");
    assert_eq!(work.state().value(NETWORK, "/peer_connections/0/vpc_id"), "vpc-1");
    assert_eq!(work.plan().actions(NETWORK), ["update"]);
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.advance(HOURS);
    run.finish().success();
    assert_eq!(phases(&work), ["Active"]);
    work.plan_is_empty();
    assert_eq!((cloud.count("POST", "/networks"), cloud.count("PATCH", "/networks/")), (1, 1));
}

#[test]
fn a_network_that_turns_out_abnormal_is_an_error_and_replaced_by_the_next_apply() {
    let failed = json!({ "message": "no address block is free", "times": 1 });
    let cloud = Cloud::playing(&json!({ "outcomes": { "network_failed": failed } }));
    let work = Workspace::new("abnormal", &cloud);
    work.write("main.tf", &Network.with(""));
    work.apply_fails().says("Network could not be created").says("no address block is free");
    assert!(work.state().is_tainted(NETWORK));
    assert_eq!(work.state().value(NETWORK, "/phase"), "Abnormal");
    work.apply();
    work.plan_is_empty();
    assert_eq!(work.state().value(NETWORK, "/phase"), "Active");
}

#[test]
fn a_connection_that_fails_is_an_error_and_the_state_says_so() {
    let (cloud, work) = made("refused", &peers(&["vpc-1"]));
    let failed = json!({ "message": "the VPCs overlap", "times": 1 });
    cloud.play(&json!({ "outcomes": { "connection_failed": failed } }));
    work.write("main.tf", &Network.with(&peers(&["vpc-1", "vpc-2"])));
    work.apply_fails()
        .says("Network could not be changed")
        .says("VPC vpc-2 is Abnormal: the VPCs overlap");
    assert!(!work.state().is_tainted(NETWORK));
    assert_eq!(phases(&work), ["Active", "Abnormal"]);
    // The next apply asks for it again.
    assert_eq!(work.plan().actions(NETWORK), ["update"]);
    work.apply();
    assert_eq!(phases(&work), ["Active", "Active"]);
    work.plan_is_empty();
}

#[test]
fn a_connection_that_has_recovered_needs_nothing_more() {
    let (cloud, work) = made("recovered", "");
    cloud.play(&json!({ "outcomes": { "connection_failed": { "message": "no route" } } }));
    work.write("main.tf", &Network.with(&peers(&["vpc-1"])));
    work.apply_fails().says("VPC vpc-1 is Abnormal: no route");
    Network.change(&cloud, |network| {
        let states = &mut network["status"]["connectionStatus"]["peerConnectionStatus"];
        states[0]["phase"] = json!("Active");
    });
    work.plan_is_empty();
    assert_eq!(cloud.count("PATCH", "/networks/"), 1);
}

#[test]
fn a_connection_that_failed_is_removed_or_tried_again() {
    let (cloud, work) = made("retry", "");
    let failed = json!({ "message": "the VPCs overlap", "times": 1 });
    cloud.play(&json!({ "outcomes": { "connection_failed": failed } }));
    let all = Network.with(&peers(&["vpc-1", "vpc-2"]));
    work.write("main.tf", &all);
    work.apply_fails().says("VPC vpc-1 is Abnormal");
    work.write("main.tf", &Network.with(&peers(&["vpc-2"])));
    work.apply();
    assert_eq!(phases(&work), ["Active"]);
    work.write("main.tf", &all);
    work.apply();
    assert_eq!(phases(&work), ["Active", "Active"]);
    work.plan_is_empty();
}

/// The body of a pool of somebody else on the network of the story.
fn their_pool(work: &Workspace) -> Json {
    json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": { "os.modelarts/name": "their-pool" } },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train"],
            "network": { "name": work.state().text(NETWORK, "/id") },
            "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 1 }],
        },
    })
}

#[test]
fn a_network_that_a_pool_stands_on_is_not_deleted_and_the_pool_is_named() {
    let (cloud, work) = made("used", &in_time("delete", "2s"));
    let pool = cloud.add_pool(&their_pool(&work));
    let id = pool["metadata"]["name"].as_str().unwrap();
    work.run(&["destroy", "-auto-approve"])
        .failure()
        .says("Network could not be deleted")
        .says(&format!("their-pool ({id})"))
        .says("50025002");
    assert_eq!(work.state().addresses(), [NETWORK]);
    assert!(cloud.network(NAME).is_some());
    assert_eq!(cloud.destructive_calls(), 0);
    work.plan_is_empty();
    cloud.remove_pool("their-pool");
    work.destroy();
    assert!(cloud.network(NAME).is_none());
}

#[test]
fn a_network_that_is_still_held_after_its_pool_is_asked_again() {
    let (cloud, work) = made("held", "");
    cloud.add_pool(&their_pool(&work));
    cloud.play(&json!({ "durations": { "network_held": "3s" } }));
    cloud.remove_pool("their-pool");
    work.destroy();
    assert!(cloud.count("DELETE", "/networks/") > 1);
    assert!(cloud.network(NAME).is_none());
}

#[test]
fn a_network_and_a_pool_that_nothing_ties_together_go_together() {
    let (cloud, work) = made("untied", "");
    let id = work.state().text(NETWORK, "/id");
    // Terraform sees two objects that have nothing to do with each other.
    let tied = format!("network = {{ name = \"{id}\" }}");
    let pool = crate::pools::pool(1).replace(&crate::pools::network_argument(), &tied);
    work.write("pool.tf", &pool);
    work.apply();
    cloud.play(&json!({ "durations": { "delete": "2s" } }));
    work.destroy();
    assert!(cloud.pools().is_empty() && cloud.network(NAME).is_none());
    let destroyed = cloud.destructive_calls();
    assert_eq!(destroyed, 2, "each goes once");
}

#[test]
fn a_delete_whose_time_is_up_keeps_the_network_in_the_state() {
    let (cloud, work) = made("going", &in_time("delete", "1s"));
    cloud.play(&json!({ "durations": { "network_delete": "1h" } }));
    work.run(&["destroy", "-auto-approve"]).failure().says("Network is not deleted yet");
    assert_eq!(work.state().addresses(), [NETWORK]);
    cloud.advance(HOURS);
    work.destroy();
    assert!(work.state().addresses().is_empty());
    assert_eq!(cloud.count("DELETE", "/networks/"), 1);
}

/// The lines that a plan shows of the network, from its heading to its end.
#[track_caller]
fn block(output: &Output) -> usize {
    let lines = output.stdout.lines().skip_while(|line| !line.contains(&format!("# {NETWORK} ")));
    let count = lines.take_while(|line| *line != "    }").count() + 1;
    assert!(count > 1, "the network is not shown: {output}");
    count
}

#[test]
fn a_plan_is_as_short_as_what_changes() {
    let further = |description: &str, vpcs: &[&str]| {
        let files = "sfs_turbo_connections = [{ name = \"files\", sfs_id = \"sfs-1\" }]";
        Network.with(&format!("description = \"{description}\"\n  {}\n  {files}", peers(vpcs)))
    };
    let cloud = Cloud::start();
    let work = Workspace::new("short", &cloud);
    work.write("main.tf", &further("one", &["vpc-1", "vpc-2"]));
    work.apply();
    for (what, configuration, most) in [
        ("description", further("two", &["vpc-1", "vpc-2"]), 10),
        ("one peer more", further("one", &["vpc-1", "vpc-2", "vpc-3"]), 30),
        ("one peer less", further("one", &["vpc-2"]), 30),
    ] {
        work.write("main.tf", &configuration);
        let output = work.run(&["plan", "-no-color"]).success();
        let lines = block(&output);
        assert!(lines <= most, "{what}: {lines} lines\n{output}");
    }
}
