//! Networks: their rules, phases and connections.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::access::{PROJECT_ID, WORKSPACE_ID, network_id};

use super::client::{World, physical, v1};

/// The smallest network.
pub fn network(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Network",
        "metadata": { "labels": { "os.modelarts/name": name } },
        "spec": { "cidr": "192.168.0.0/17" },
    })
}

/// The path of a network.
pub fn path(id: &str) -> String {
    v1(&format!("networks/{id}"))
}

#[tokio::test]
async fn one_network_is_there_from_the_beginning() {
    let world = World::new().await;
    let there = world.cloud.networks().unwrap();
    assert_eq!(there.len(), 1);
    assert_eq!(there[0]["metadata"]["name"], network_id());
    let shown = world.get(&path(&network_id())).await.expect(200);
    assert_eq!(shown["status"]["phase"], "Active");
    assert!(shown["status"]["subnets"][0]["networkId"].is_string());
    let list = world.get(&v1("networks")).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_network_becomes_active_and_goes() {
    let world = World::new().await;
    let created = world.call("POST", &v1("networks"), &network("net-a")).await.expect(200);
    let id = format!("net-a-{PROJECT_ID}");
    assert_eq!(created["metadata"]["name"], id);
    assert_eq!(created["status"]["phase"], "");
    let mut pool = physical("pool-a", 1);
    pool["spec"]["network"]["name"] = json!(id);
    let early = world.create(&pool).await;
    assert!(early.message().contains("not Active"), "{}", early.text);
    world.pass(50);
    assert_eq!(world.get(&path(&id)).await.expect(200)["status"]["phase"], "Creating");
    world.pass(200);
    assert_eq!(world.get(&path(&id)).await.expect(200)["status"]["phase"], "Active");
    world.call("POST", &v1("networks"), &network("net-a")).await.refused(409, "ModelArts.50025000");
    world.call("DELETE", &path(&id), &Value::Null).await.expect(200);
    let gone = world.create(&pool).await;
    assert!(gone.message().contains("not Active"), "{}", gone.text);
    world.pass(100);
    world.get(&path(&id)).await.refused(404, "ModelArts.50025001");
    world.call("DELETE", &path(&id), &Value::Null).await.refused(404, "ModelArts.50025001");
}

#[tokio::test]
async fn a_network_in_use_stays_until_the_pool_is_gone() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let network = path(&network_id());
    world.call("DELETE", &network, &Value::Null).await.refused(409, "ModelArts.50025002");
    world.delete(&id).await.expect(200);
    world.pass(50);
    world.call("DELETE", &network, &Value::Null).await.refused(409, "ModelArts.50025002");
    world.pass(300);
    world.call("DELETE", &network, &Value::Null).await.expect(200);
}

#[tokio::test]
async fn requests_for_networks_have_rules() {
    let world = World::new().await;
    let change = |pointer: &str, value: Value| {
        let mut body = network("net-a");
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[key.replace("~1", "/")] = value;
        body
    };
    let peer = |id: &str| json!({ "peerVpcId": id, "peerSubnetId": "s" });
    for body in [
        change("/apiVersion", json!("v2")),
        change("/kind", json!("Pool")),
        change("/status", json!({})),
        change("/metadata/labels/os.modelarts~1name", json!("Net")),
        change("/metadata/labels/os.modelarts~1name", json!("n".repeat(33))),
        change("/spec/cidr", json!("192.168.0.0/25")),
        change("/spec/cidr", json!("192.168.0.1/24")),
        change("/spec/cidr", json!("11.0.0.0/8")),
        change("/spec/ipv6enable", json!("no")),
        change("/spec/subnets", json!([])),
        change("/spec/connection", json!({ "peerConnectionList": [peer("v"), peer("v")] })),
        change("/spec/connection", json!({ "peerConnectionList": [{ "peerVpcId": "v" }] })),
        change("/spec/connection", json!({ "sfsTurboConnectionList": [{ "name": "n" }] })),
    ] {
        let reply = world.call("POST", &v1("networks"), &body).await;
        assert_eq!(
            (reply.status, reply.code()),
            (400, "ModelArts.50004000"),
            "{body}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn networks_are_changed_in_place() {
    let world = World::new().await;
    let network = path(&network_id());
    let patch = async |body: Value| world.call("PATCH", &network, &body).await;
    let described =
        patch(json!({ "metadata": { "annotations": { "os.modelarts/description": "x" } } }));
    let described = described.await.expect(200);
    assert_eq!(described["metadata"]["annotations"]["os.modelarts/description"], "x");
    let peers = json!([{ "peerVpcId": "vpc", "peerSubnetId": "subnet" }]);
    let turbos = json!([{ "name": "sfs", "sfsId": "id" }]);
    let connection = json!({ "peerConnectionList": peers, "sfsTurboConnectionList": turbos });
    let pending = patch(json!({ "spec": { "connection": connection } })).await.expect(200);
    let status = |network: &Value| {
        let status = &network["status"]["connectionStatus"];
        let peer = status["peerConnectionStatus"][0]["phase"].clone();
        (peer, status["sfsTurboStatus"][0]["status"].clone())
    };
    assert_eq!(status(&pending), (json!("Connecting"), json!("Creating")));
    world.pass(100);
    let done = world.get(&network).await.expect(200);
    assert_eq!(status(&done), (json!("Active"), json!("Active")));
    patch(json!({ "spec": { "ipv6enable": true } })).await.expect(200);
    patch(json!({ "spec": { "ipv6enable": false } })).await.refused(400, "ModelArts.50004000");
    patch(json!({ "spec": { "cidr": "10.0.0.0/8" } })).await.refused(400, "ModelArts.50004000");
    let label = |key: &str, value: &str| json!({ "metadata": { "labels": { key: value } } });
    patch(label("os.modelarts/name", "other")).await.refused(400, "ModelArts.50004000");
    patch(label("os.modelarts/workspace.id", WORKSPACE_ID)).await.expect(200);
    let list = world.get(&v1(&format!("networks?workspaceId={WORKSPACE_ID}"))).await.expect(200);
    assert_eq!(list["items"][0]["metadata"]["name"], network_id());
}

#[tokio::test]
async fn a_network_may_turn_out_abnormal() {
    let world = World::with(r#"{ "outcomes": { "network_failed": { "message": "m" } } }"#).await;
    world.call("POST", &v1("networks"), &network("net-a")).await.expect(200);
    world.pass(1000);
    let shown = world.get(&path(&format!("net-a-{PROJECT_ID}"))).await.expect(200);
    assert_eq!(shown["status"]["phase"], "Abnormal");
}

#[tokio::test]
async fn a_null_list_of_connections_is_absent_or_removed() {
    let world = World::new().await;
    let peers = json!([{ "peerVpcId": "v", "peerSubnetId": "s" }]);
    let mut body = network("net-a");
    body["spec"]["connection"] =
        json!({ "peerConnectionList": peers, "sfsTurboConnectionList": null });
    body["metadata"]["annotations"] = Value::Null;
    world.call("POST", &v1("networks"), &body).await.expect(200);
    world.pass(1000);
    let target = path(&format!("net-a-{PROJECT_ID}"));
    let change = async |change: Value| {
        let reply =
            world.call("PATCH", &target, &json!({ "spec": { "connection": change } })).await;
        reply.expect(200)["spec"]["connection"].clone()
    };
    let turbos = json!([{ "name": "n", "sfsId": "i" }]);
    let changed = json!({ "peerConnectionList": null, "sfsTurboConnectionList": turbos });
    assert_eq!(change(changed).await, json!({ "sfsTurboConnectionList": turbos }));
    assert_eq!(change(Value::Null).await, json!({}));
    let off = json!({ "spec": { "ipv6enable": null } });
    world.call("PATCH", &target, &off).await.expect(200);
    let on = json!({ "spec": { "ipv6enable": true } });
    world.call("PATCH", &target, &on).await.expect(200);
    world.call("PATCH", &target, &off).await.refused(400, "ModelArts.50004000");
    let noted = json!({ "metadata": { "annotations": { "os.modelarts/description": "d" } } });
    world.call("PATCH", &target, &noted).await.expect(200);
    let bare = json!({ "metadata": { "annotations": null } });
    let shown = world.call("PATCH", &target, &bare).await.expect(200);
    assert_eq!(shown["metadata"]["annotations"], json!({}));
}

#[tokio::test]
async fn a_network_stays_in_use_for_a_while_after_its_pool() {
    let world = World::with(r#"{ "durations": { "network_held": "100ms" } }"#).await;
    let network = path(&network_id());
    let delete = async || world.call("DELETE", &network, &Value::Null).await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    world.delete(&id).await.expect(200);
    world.pass(250);
    world.get(&super::client::pool(&id)).await.refused(404, "ModelArts.50015001");
    delete().await.refused(409, "ModelArts.50025002");
    world.ready_pool(&physical("pool-b", 1)).await;
    world.cloud.remove_pool("pool-b").unwrap();
    delete().await.refused(409, "ModelArts.50025002");
    world.pass(110);
    delete().await.expect(200);
}

#[tokio::test]
async fn a_network_that_is_going_takes_no_changes_and_keeps_its_name() {
    let world = World::new().await;
    let target = path(&network_id());
    let gone = world.call("DELETE", &target, &Value::Null).await.expect(200);
    assert!(gone["metadata"]["deletionTimestamp"].is_string());
    let noted = json!({ "metadata": { "annotations": { "os.modelarts/description": "d" } } });
    world.call("PATCH", &target, &noted).await.refused(409, "ModelArts.5044");
    let name =
        world.get(&target).await.expect(200)["metadata"]["labels"]["os.modelarts/name"].clone();
    let same = network(name.as_str().unwrap());
    world.call("POST", &v1("networks"), &same).await.refused(409, "ModelArts.50025000");
    // Asked again, it goes no later.
    world.call("DELETE", &target, &Value::Null).await.expect(200);
    world.pass(70);
    world.call("POST", &v1("networks"), &same).await.expect(200);
}

#[tokio::test]
async fn networks_are_listed_by_workspace_and_label_in_pages() {
    let world = World::with(r#"{ "rules": { "network_quota": 4 } }"#).await;
    for (name, workspace) in [("net-a", "0"), ("net-b", "0"), ("net-c", WORKSPACE_ID)] {
        let mut body = network(name);
        body["metadata"]["labels"]["os.modelarts/workspace.id"] = json!(workspace);
        world.call("POST", &v1("networks"), &body).await.expect(200);
    }
    world.call("POST", &v1("networks"), &network("net-d")).await.refused(400, "ModelArts.0118");
    let names = async |query: &str| {
        let list = world.get(&v1(&format!("networks?{query}"))).await.expect(200);
        let name = |item: &Value| item["metadata"]["labels"]["os.modelarts/name"].clone();
        let names: Vec<Value> = list["items"].as_array().unwrap().iter().map(name).collect();
        (names, list["metadata"]["continue"].clone())
    };
    let other = format!("workspaceId={WORKSPACE_ID}");
    assert_eq!(names(&other).await, (vec![json!("net-c")], Value::Null));
    let selector = "labelSelector=os.modelarts%2Fname%3Dnet-b";
    assert_eq!(names(selector).await, (vec![json!("net-b")], Value::Null));
    let (mut found, token) = names("limit=2").await;
    let token = token.as_str().unwrap();
    let (rest, end) = names(&format!("continue={token}&limit=2")).await;
    assert_eq!((found.len(), end), (2, Value::Null));
    found.extend(rest);
    assert_eq!(found[1..], [json!("net-a"), json!("net-b")]);
    for wrong in ["limit=501", "continue=x", "status=created"] {
        let reply = world.get(&v1(&format!("networks?{wrong}"))).await;
        reply.refused(400, "ModelArts.50004000");
    }
}

#[tokio::test]
async fn each_call_about_networks_can_go_wrong_by_itself() {
    let target = path(&network_id());
    let noted = json!({ "metadata": { "annotations": { "os.modelarts/description": "d" } } });
    let calls = [
        ("create_network", "POST", v1("networks"), network("net-a")),
        ("list_networks", "GET", v1("networks"), Value::Null),
        ("show_network", "GET", target.clone(), Value::Null),
        ("patch_network", "PATCH", target.clone(), noted),
        ("delete_network", "DELETE", target, Value::Null),
    ];
    for (operation, ..) in &calls {
        let canned = json!({ "status": 503, "body": { "error_code": "APIG.0308" } });
        let fault = json!({ "match": { "operation": operation }, "do": { "answer": canned } });
        let world = World::with(&json!({ "faults": [fault] }).to_string()).await;
        for (other, method, target, body) in &calls {
            let expected = if other == operation { 503 } else { 200 };
            let reply = world.call(method, target, body).await;
            assert_eq!(reply.status, expected, "{operation} hits {other}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn networks_are_changed_behind_the_back() {
    let world = World::new().await;
    let mut body = network("net-a");
    body["spec"]["connection"] =
        json!({ "peerConnectionList": [{ "peerVpcId": "v", "peerSubnetId": "s" }] });
    let added = world.cloud.add_network(&body).unwrap().unwrap();
    assert_eq!(added["status"]["phase"], "Active");
    let first = "/status/connectionStatus/peerConnectionStatus/0/phase";
    assert_eq!(added.pointer(first), Some(&json!("Active")));
    let refusal = world.cloud.add_network(&body).unwrap().unwrap_err();
    assert_eq!(refusal["error_code"], "ModelArts.50025000");
    let target = path(added["metadata"]["name"].as_str().unwrap());
    let change =
        |change: fn(&mut Value)| assert!(world.cloud.change_network("net-a", change).unwrap());
    change(|network| {
        *network.pointer_mut("/status/connectionStatus/peerConnectionStatus/0/phase").unwrap() =
            json!("Abnormal")
    });
    change(|network| {
        network["metadata"]["annotations"]["os.modelarts/description"] = json!("drifted")
    });
    let shown = world.get(&target).await.expect(200);
    assert_eq!(shown["metadata"]["annotations"]["os.modelarts/description"], "drifted");
    assert_eq!(shown.pointer(first), Some(&json!("Abnormal")), "a status that was put stays");
    change(|network| {
        network["spec"]["connection"]["peerConnectionList"][0]["peerVpcId"] = json!("w")
    });
    let shown = world.get(&target).await.expect(200);
    let status = shown["status"]["connectionStatus"]["peerConnectionStatus"].as_array().unwrap();
    assert_eq!((status.len(), &status[0]["peerVpcId"]), (1, &json!("w")));
    assert_eq!(status[0]["phase"], "Active");
    change(|network| network["status"]["phase"] = json!("Abnormal"));
    let connect = json!({ "spec": { "connection": null } });
    world.call("PATCH", &target, &connect).await.refused(400, "ModelArts.50004000");
    assert!(!world.cloud.change_network("nobody", |_| ()).unwrap());
    assert!(world.cloud.delete_network("net-a").unwrap());
    assert!(world.get(&target).await.expect(200)["metadata"]["deletionTimestamp"].is_string());
    assert!(world.cloud.remove_network("net-a").unwrap());
    assert!(!world.cloud.remove_network("net-a").unwrap());
    assert!(world.cloud.network("net-a").unwrap().is_none());
    world.get(&target).await.refused(404, "ModelArts.50025001");
    assert_eq!(world.cloud.destructive_calls(), 0);
}

#[tokio::test]
async fn why_a_network_failed_is_said() {
    let world =
        World::with(r#"{ "outcomes": { "network_failed": { "message": "m", "times": 1 } } }"#)
            .await;
    for name in ["net-a", "net-b"] {
        world.call("POST", &v1("networks"), &network(name)).await.expect(200);
    }
    world.pass(1000);
    let status = |name: &str| world.cloud.network(name).unwrap().unwrap()["status"].clone();
    assert_eq!(status("net-a")["message"], "m");
    assert_eq!(status("net-b")["phase"], "Active");
}
