//! Connections of networks: how they come, fail and go, and what answers make of them.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::access::PROJECT_ID;

use super::client::{World, v1};
use super::networks::{network, path};

fn peer(vpc: &str) -> Value {
    json!({ "peerVpcId": vpc, "peerSubnetId": "subnet" })
}

fn files(name: &str) -> Value {
    json!({ "name": name, "sfsId": format!("id-of-{name}") })
}

fn connected(peers: &[Value], systems: &[Value]) -> Value {
    json!({ "peerConnectionList": peers, "sfsTurboConnectionList": systems })
}

/// Makes a network with these connections and lets it become Active.
async fn made(world: &World, connection: Value) -> String {
    let mut body = network("net-a");
    body["spec"]["connection"] = connection;
    world.call("POST", &v1("networks"), &body).await.expect(200);
    path(&format!("net-a-{PROJECT_ID}"))
}

async fn change(world: &World, target: &str, connection: Value) -> Value {
    let patch = json!({ "spec": { "connection": connection } });
    world.call("PATCH", target, &patch).await.expect(200)
}

/// Lists what connections lead to, with their states, in the order of their names.
fn states(network: &Value) -> Vec<(String, String)> {
    let status = &network["status"]["connectionStatus"];
    let list = |list: &str, name: &str, state: &str| {
        let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
        let items = status[list].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| (text(item, name), text(item, state))).collect::<Vec<_>>()
    };
    let mut states = list("peerConnectionStatus", "peerVpcId", "phase");
    states.extend(list("sfsTurboStatus", "name", "status"));
    states.sort();
    states
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

#[tokio::test]
async fn connections_of_a_new_network_follow_it() {
    let world = World::new().await;
    let target = made(&world, connected(&[peer("v")], &[files("f")])).await;
    world.pass(150);
    let active = world.get(&target).await.expect(200);
    assert_eq!(active["status"]["phase"], "Active");
    assert_eq!(states(&active), pairs(&[("f", "Creating"), ("v", "Connecting")]));
    world.pass(60);
    let there = world.get(&target).await.expect(200);
    assert_eq!(states(&there), pairs(&[("f", "Active"), ("v", "Active")]));
    let turbo = &there["status"]["connectionStatus"]["sfsTurboStatus"][0];
    assert_eq!(turbo["connectionType"], "VpcPort");
    assert!(turbo["ipAddr"].is_string());
}

#[tokio::test]
async fn what_a_patch_keeps_goes_on_and_what_it_leaves_out_goes() {
    let world = World::new().await;
    let target = made(&world, connected(&[peer("v"), peer("w")], &[files("f")])).await;
    world.pass(1000);
    let list = connected(&[peer("v"), peer("x")], &[]);
    let changed = change(&world, &target, list).await;
    let expected = [("f", "Deleting"), ("v", "Active"), ("w", "Active"), ("x", "Connecting")];
    assert_eq!(states(&changed), pairs(&expected));
    world.pass(50);
    let shown = world.get(&target).await.expect(200);
    assert_eq!(states(&shown), pairs(&[("v", "Active"), ("x", "Connecting")]));
    // What was sent away and is wanted again begins anew; other settings do, too.
    let mut gateway = peer("v");
    gateway["defaultGateWay"] = json!(true);
    let changed = change(&world, &target, json!({ "peerConnectionList": [gateway] })).await;
    assert_eq!(states(&changed), pairs(&[("v", "Connecting"), ("x", "Connecting")]));
    let status = &changed["status"]["connectionStatus"]["peerConnectionStatus"];
    assert_eq!(status[0]["defaultGateWay"], true);
    let changed = change(&world, &target, json!({ "peerConnectionList": [peer("x")] })).await;
    assert_eq!(states(&changed), pairs(&[("v", "Connecting"), ("x", "Connecting")]).to_vec());
    world.pass(1000);
    let shown = world.get(&target).await.expect(200);
    assert_eq!(states(&shown), pairs(&[("x", "Active")]));
}

#[tokio::test]
async fn a_connection_may_fail_and_is_tried_again_when_it_is_sent_again() {
    let scenario =
        r#"{ "outcomes": { "connection_failed": { "message": "no route", "times": 1 } } }"#;
    let world = World::with(scenario).await;
    let all = || connected(&[peer("v"), peer("w")], &[files("f")]);
    let target = made(&world, all()).await;
    world.pass(150);
    let before = world.get(&target).await.expect(200);
    assert!(before["status"].get("message").is_none());
    world.pass(1000);
    let shown = world.get(&target).await.expect(200);
    assert_eq!(states(&shown), pairs(&[("f", "Active"), ("v", "Abnormal"), ("w", "Active")]));
    assert_eq!(shown["status"]["phase"], "Active");
    assert_eq!(shown["status"]["message"], "no route");
    let again = change(&world, &target, all()).await;
    assert_eq!(states(&again), pairs(&[("f", "Active"), ("v", "Connecting"), ("w", "Active")]));
    world.pass(1000);
    let shown = world.get(&target).await.expect(200);
    assert_eq!(states(&shown), pairs(&[("f", "Active"), ("v", "Active"), ("w", "Active")]));
    assert!(shown["status"].get("message").is_none());
}

#[tokio::test]
async fn one_subnet_or_file_system_is_connected_once() {
    let world = World::new().await;
    let mut other = peer("v");
    other["peerSubnetId"] = json!("other");
    let target = made(&world, connected(&[peer("v"), other], &[])).await;
    world.pass(1000);
    assert_eq!(states(&world.get(&target).await.expect(200)).len(), 2);
    for twice in
        [connected(&[peer("v"), peer("v")], &[]), connected(&[], &[files("f"), files("f")])]
    {
        let patch = json!({ "spec": { "connection": twice } });
        world.call("PATCH", &target, &patch).await.refused(400, "ModelArts.50004000");
    }
}

#[tokio::test]
async fn a_refused_patch_changes_nothing() {
    let world = World::new().await;
    let target = made(&world, connected(&[peer("v")], &[])).await;
    let noted = json!({ "os.modelarts/description": "d" });
    let patch = |connection: Value| json!({ "metadata": { "annotations": noted }, "spec": { "connection": connection } });
    // The network is not Active yet.
    world.call("PATCH", &target, &patch(json!({}))).await.refused(400, "ModelArts.50004000");
    let shown = world.get(&target).await.expect(200);
    assert_eq!(shown["metadata"]["annotations"], json!({}));
}

#[tokio::test]
async fn settings_that_nobody_asked_for_can_be_filled_in() {
    let world = World::with(r#"{ "answers": { "fill_connections": true } }"#).await;
    let target = made(&world, connected(&[peer("v")], &[files("f")])).await;
    world.pass(1000);
    let shown = world.get(&target).await.expect(200);
    let wanted = &shown["spec"]["connection"];
    assert_eq!(wanted["peerConnectionList"][0]["defaultGateWay"], false);
    let subnet = &shown["status"]["subnets"][0]["networkId"];
    assert_eq!(&wanted["sfsTurboConnectionList"][0]["subnetId"], subnet);
    let same = change(&world, &target, wanted.clone()).await;
    assert_eq!(states(&same), pairs(&[("f", "Active"), ("v", "Active")]));
}

#[tokio::test]
async fn answers_about_networks_take_other_shapes() {
    let world = World::with(
        r#"{ "answers": { "order": "reversed", "unknown_fields": true, "terse": true,
            "leave_out": { "list": ["spec.connection"], "change": ["status.phase"] } } }"#,
    )
    .await;
    let target = made(&world, connected(&[peer("v"), peer("w")], &[])).await;
    let early = world.get(&target).await.expect(200);
    assert!(early["status"].get("phase").is_none(), "an empty phase is left out");
    assert!(early["spec"].get("ipv6enable").is_none());
    assert!(early["metadata"].get("annotations").is_none());
    world.pass(1000);
    let shown = world.get(&target).await.expect(200);
    let first = &shown["spec"]["connection"]["peerConnectionList"][0];
    assert_eq!(first["peerVpcId"], "w");
    assert!(first.get("xFutureField").is_some() && shown["status"].get("xFutureField").is_some());
    let status = &shown["status"]["connectionStatus"]["peerConnectionStatus"];
    assert_eq!(status[0]["peerVpcId"], "w");
    let list = world.get(&v1("networks")).await.expect(200);
    assert!(
        list["items"].as_array().unwrap().iter().all(|n| n["spec"].get("connection").is_none())
    );
    // Entries may come back as they were answered.
    let changed = change(&world, &target, shown["spec"]["connection"].clone()).await;
    assert!(changed["status"].get("phase").is_none(), "left out of answers to changes");
    let shown = world.get(&target).await.expect(200);
    assert_eq!(states(&shown), pairs(&[("v", "Active"), ("w", "Active")]));
    let bare = change(&world, &target, Value::Null).await;
    assert!(bare["spec"].get("connection").is_none());
}
