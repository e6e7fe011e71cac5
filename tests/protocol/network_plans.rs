//! Plans of networks: they show what their apply does and open no more than that,
//! what others did shows, and what answers leave out is not gone.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Running, access};
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, cloud, repeated};
use super::pool_plans::{is_error, opened};
use super::pool_plans_absent::{leaving_out, names};

const TYPE: &str = "modelarts_network";
const NAME: &str = "net-plans";

fn peer(vpc: &str) -> Json {
    json!({ "vpc_id": vpc, "subnet_id": "subnet" })
}

fn files(name: &str) -> Json {
    json!({ "name": name, "sfs_id": format!("id-of-{name}") })
}

/// A network with all that one can have.
fn network() -> Json {
    json!({
        "name": NAME,
        "cidr": "192.168.0.0/20",
        "workspace_id": access::WORKSPACE_ID,
        "description": "one",
        "ipv6_enable": true,
        "peer_connections": [peer("v"), peer("w")],
        "sfs_turbo_connections": [files("f")],
    })
}

fn with(changes: &[(&str, Json)]) -> Json {
    let mut network = network();
    for (name, value) in changes {
        network[*name] = value.clone();
    }
    network
}

async fn applied(network: &Json) -> (Running, Core) {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::of(TYPE, &cloud).await;
    let config = core.config(network);
    core.run(&config).await;
    core.is_settled(&config).await;
    core.changes();
    (cloud, core)
}

fn live(cloud: &Running) -> Json {
    cloud.cloud().network(NAME).unwrap().unwrap()
}

/// Bodies of the changes since the last time.
fn patches(core: &Core) -> Vec<Json> {
    let changes = core.changes();
    assert!(changes.iter().all(|request| request.method == "PATCH"), "{changes:#?}");
    changes.into_iter().map(|request| request.body).collect()
}

/// Names of the attributes that a plan changes.
fn changed(core: &Core, planned: &Value) -> Vec<String> {
    let members = planned.entries().into_iter().flatten();
    let differs = members.filter(|(name, value)| core.state.get(name) != *value);
    differs.map(|(name, _)| name.to_string()).collect()
}

fn sent_peers(vpcs: &[&str]) -> Json {
    let peer =
        |vpc: &&str| json!({ "peerVpcId": vpc, "peerSubnetId": "subnet", "defaultGateWay": false });
    vpcs.iter().map(peer).collect()
}

#[tokio::test]
async fn a_change_opens_and_sends_what_it_changes_and_nothing_else() {
    let mut first = with(&[("workspace_id", json!("0")), ("ipv6_enable", json!(false))]);
    let (_cloud, mut core) = applied(&first).await;
    let described =
        |text: &str| json!({ "metadata": { "annotations": { "os.modelarts/description": text } } });
    let moved = json!({ "os.modelarts/workspace.id": access::WORKSPACE_ID });
    let gateway = json!({ "vpc_id": "v", "subnet_id": "subnet", "default_gateway": true });
    let turned = json!({ "peerVpcId": "v", "peerSubnetId": "subnet", "defaultGateWay": true });
    let connected = |list: &str, to: Json| json!({ "spec": { "connection": { list: to } } });
    let peers = "peerConnectionList";
    let cases = [
        ("description", json!("two"), vec![], described("two")),
        ("description", Json::Null, vec![], described("")),
        ("description", json!("three"), vec![], described("three")),
        ("description", json!(""), vec![], described("")),
        (
            "workspace_id",
            json!(access::WORKSPACE_ID),
            vec![],
            json!({ "metadata": { "labels": moved } }),
        ),
        ("ipv6_enable", json!(true), vec![], json!({ "spec": { "ipv6enable": true } })),
        (
            "peer_connections",
            json!([peer("w")]),
            vec!["peer_connection_status"],
            connected(peers, sent_peers(&["w"])),
        ),
        (
            "peer_connections",
            json!([gateway]),
            vec!["peer_connection_status"],
            connected(peers, json!([turned])),
        ),
        (
            "peer_connections",
            json!([]),
            vec!["peer_connection_status"],
            connected(peers, json!([])),
        ),
        (
            "peer_connections",
            json!([peer("x")]),
            vec!["peer_connection_status"],
            connected(peers, sent_peers(&["x"])),
        ),
        (
            "peer_connections",
            Json::Null,
            vec!["peer_connection_status"],
            connected(peers, json!([])),
        ),
        (
            "sfs_turbo_connections",
            Json::Null,
            vec!["sfs_turbo_connection_status"],
            connected("sfsTurboConnectionList", json!([])),
        ),
    ];
    for (name, value, wanted, body) in cases {
        let what = format!("{name} = {value}");
        first[name] = value;
        let config = core.config(&first);
        core.refresh().await;
        let plan = core.plan(&config).await;
        assert!(!is_error(&plan), "{what}: {:?}", plan.messages);
        assert_eq!(opened(&plan), wanted, "{what}");
        assert_eq!(plan.replaces, [""; 0], "{what}");
        assert_eq!(core.apply(&plan).await, [], "{what}");
        assert_eq!(patches(&core), [body], "{what}");
        core.is_settled(&config).await;
    }
}

#[tokio::test]
async fn none_and_an_empty_list_of_connections_are_the_same_to_the_service() {
    let (_cloud, mut core) = applied(&with(&[("peer_connections", json!([]))])).await;
    for value in [Json::Null, json!([])] {
        let config = core.config(&with(&[("peer_connections", value)]));
        core.run(&config).await;
        core.is_settled(&config).await;
        assert_eq!(core.changes().len(), 0);
    }
}

#[tokio::test]
async fn what_cannot_be_changed_makes_a_new_network() {
    let (_cloud, mut core) = applied(&network()).await;
    for (name, value) in [
        ("name", json!("net-other")),
        ("cidr", json!("10.0.0.0/16")),
        ("ipv6_enable", json!(false)),
    ] {
        let config = core.config(&with(&[(name, value)]));
        let plan = core.plan(&config).await;
        assert_eq!(plan.replaces, [name]);
    }
}

#[tokio::test]
async fn what_somebody_else_has_changed_shows_and_is_put_right() {
    let (cloud, mut core) = applied(&network()).await;
    let config = core.config(&network());
    let connection = "/spec/connection";
    let list = |network: &mut Json, name: &str, value: Json| {
        network.pointer_mut(connection).unwrap()[name] = value;
    };
    type Change = Box<dyn FnOnce(&mut Json)>;
    let changes: Vec<(&str, Change)> = vec![
        (
            "description",
            Box::new(|n| {
                n["metadata"]["annotations"]["os.modelarts/description"] = json!("theirs")
            }),
        ),
        ("description", Box::new(|n| n["metadata"]["annotations"] = json!({}))),
        (
            "workspace_id",
            Box::new(|n| n["metadata"]["labels"]["os.modelarts/workspace.id"] = json!("0")),
        ),
        ("ipv6_enable", Box::new(|n| n["spec"]["ipv6enable"] = json!(false))),
        (
            "peer_connections",
            Box::new(move |n| list(n, "peerConnectionList", sent_peers(&["v", "w", "x"]))),
        ),
        ("peer_connections", Box::new(move |n| list(n, "peerConnectionList", sent_peers(&["v"])))),
        (
            "peer_connections",
            Box::new(move |n| {
                list(
                    n,
                    "peerConnectionList",
                    json!([
                        { "peerVpcId": "v", "peerSubnetId": "subnet", "defaultGateWay": true },
                        { "peerVpcId": "w", "peerSubnetId": "subnet", "defaultGateWay": false },
                    ]),
                )
            }),
        ),
        ("peer_connections", Box::new(|n| n["spec"]["connection"] = json!({}))),
        ("sfs_turbo_connections", Box::new(move |n| list(n, "sfsTurboConnectionList", json!([])))),
        (
            "sfs_turbo_connections",
            Box::new(move |n| {
                list(n, "sfsTurboConnectionList", json!([{ "name": "g", "sfsId": "id-of-f" }]))
            }),
        ),
    ];
    for (index, (name, change)) in changes.into_iter().enumerate() {
        cloud.cloud().change_network(NAME, change).unwrap();
        core.configure().await;
        core.refresh().await;
        let plan = core.plan(&config).await;
        let shown = changed(&core, &plan.state);
        assert!(shown.contains(&name.to_owned()), "{index}: {shown:?}");
        assert_eq!(plan.replaces, [""; 0], "{index}");
        assert_eq!(core.apply(&plan).await, [], "{index}");
        core.configure().await;
        core.is_settled(&config).await;
        let wanted = &live(&cloud)["spec"]["connection"];
        assert_eq!(wanted["peerConnectionList"], sent_peers(&["v", "w"]), "{index}");
        assert_eq!(wanted["sfsTurboConnectionList"][0]["name"], "f", "{index}");
        assert!(core.changes().iter().all(|request| request.method == "PATCH"), "{index}");
    }
}

#[tokio::test]
async fn what_others_put_on_a_network_is_no_difference() {
    let (cloud, mut core) = applied(&network()).await;
    let config = core.config(&network());
    let meddle = |network: &mut Json| {
        network["metadata"]["labels"]["example.com/added"] = json!("by-somebody");
        network["metadata"]["annotations"]["example.com/added"] = json!("by-somebody");
        network["spec"]["added"] = json!("by-somebody");
    };
    cloud.cloud().change_network(NAME, meddle).unwrap();
    core.configure().await;
    core.is_settled(&config).await;
}

#[tokio::test]
async fn an_apply_undoes_nothing_that_its_plan_did_not_show() {
    let (cloud, mut core) = applied(&network()).await;
    let wanted = with(&[("peer_connections", json!([peer("v"), peer("y")]))]);
    let config = core.config(&wanted);
    let plan = core.plan(&config).await;
    // Meanwhile somebody connects one more and changes the one that stays.
    let turned = json!({ "peerVpcId": "v", "peerSubnetId": "subnet", "defaultGateWay": true });
    let more = json!({ "peerVpcId": "x", "peerSubnetId": "subnet", "defaultGateWay": false });
    let theirs = json!([turned, more, sent_peers(&["w"])[0]]);
    let change = |network: &mut Json| network["spec"]["connection"]["peerConnectionList"] = theirs;
    cloud.cloud().change_network(NAME, change).unwrap();
    core.configure().await;
    assert_eq!(core.apply(&plan).await, []);
    let mut there =
        live(&cloud)["spec"]["connection"]["peerConnectionList"].as_array().unwrap().clone();
    there.sort_by_key(|peer| peer["peerVpcId"].to_string());
    assert_eq!(there, [turned, more, sent_peers(&["y"])[0].clone()]);
    // The next plan shows it, and its apply puts it right.
    core.configure().await;
    core.refresh().await;
    let plan = core.plan(&config).await;
    assert_eq!(changed(&core, &plan.state), ["peer_connection_status", "peer_connections"]);
    core.run(&config).await;
    core.is_settled(&config).await;
    assert_eq!(live(&cloud)["spec"]["connection"]["peerConnectionList"], sent_peers(&["v", "y"]));
}

#[tokio::test]
async fn no_field_that_is_left_out_or_null_differs_or_replaces() {
    let (cloud, mut core) = applied(&network()).await;
    let config = core.config(&network());
    let before = core.state.clone();
    let names = names(&live(&cloud));
    // In connections that are there a list that is missing is none, and one that
    // is missing a part makes no sense.
    let more = [
        "metadata.creationTimestamp",
        "status",
        "status.phase",
        "status.subnets",
        "status.connectionStatus",
    ];
    let names: Vec<String> = names
        .into_iter()
        .filter(|name| !name.starts_with("spec.connection."))
        .chain(more.map(str::to_owned))
        .collect();
    assert!(names.len() >= 12, "{names:?}");
    let mut wrong = Vec::new();
    for name in &names {
        for as_null in [false, true] {
            cloud.cloud().set_scenario(leaving_out(&[name], as_null));
            core.configure().await;
            core.state.clone_from(&before);
            core.refresh().await;
            let plan = core.plan(&config).await;
            if core.state != before || plan.state != core.state || !plan.replaces.is_empty() {
                let forgotten = changed(&core, &before);
                wrong.push((name.clone(), as_null, forgotten, plan.replaces));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn all_that_may_be_missing_is_missing_at_once_also_while_something_is_changed() {
    let (cloud, mut core) = applied(&network()).await;
    let left_out = [
        "label:workspace.id",
        "metadata.annotations",
        "spec.cidr",
        "spec.ipv6enable",
        "status.subnets",
    ];
    cloud.cloud().set_scenario(leaving_out(&left_out, false));
    core.configure().await;
    let wanted = with(&[
        ("description", json!("two")),
        ("workspace_id", json!("0")),
        ("peer_connections", json!([peer("x")])),
        ("timeouts", json!({ "update": "10s" })),
    ]);
    let config = core.config(&wanted);
    let plan = core.run(&config).await;
    assert_eq!(plan.replaces, [""; 0]);
    for _ in 0..5 {
        core.is_settled(&config).await;
    }
    assert!(!core.state.get("cidr").is_null());
}

#[tokio::test]
async fn what_an_import_found_stays_until_it_is_written() {
    for by in ["id", "name", "workspace and name"] {
        let (cloud, mut core) = applied(&network()).await;
        let id = core.state.get("id").as_str().unwrap().to_owned();
        // A display name is looked for where the provider looks, or where it says.
        if by == "name" {
            core.set("workspace_id", json!(access::WORKSPACE_ID));
        }
        core.configure().await;
        core.forget();
        core.import(&match by {
            "id" => id,
            "name" => format!("name:{NAME}"),
            _ => format!("{}/name:{NAME}", access::WORKSPACE_ID),
        })
        .await;
        let found = core.state.clone();
        let bare = json!({ "name": NAME, "cidr": "192.168.0.0/20" });
        let all = core.config(&network());
        let repeated = repeated(&core.schema().attributes, &core.state);
        for config in [core.config(&bare), all, repeated] {
            let plan = core.plan(&config).await;
            assert_eq!(changed(&core, &plan.state), [""; 0], "{by}");
        }
        // From the first apply that writes it, leaving it out clears it.
        let written = json!({ "name": NAME, "cidr": "192.168.0.0/20", "description": "two" });
        let config = core.config(&written);
        let plan = core.plan(&config).await;
        assert_eq!(changed(&core, &plan.state), ["description"], "{by}");
        core.run(&config).await;
        core.is_settled(&config).await;
        assert_eq!(core.state.get("peer_connections"), found.get("peer_connections"), "{by}");
        let config = core.config(&bare);
        core.run(&config).await;
        assert_eq!(live(&cloud)["metadata"]["annotations"]["os.modelarts/description"], "");
        core.is_settled(&config).await;
    }
}

#[tokio::test]
async fn a_part_of_what_was_found_shows_that_the_rest_goes() {
    let (cloud, mut core) = applied(&network()).await;
    core.import_again().await;
    let mut part = with(&[("peer_connections", json!([peer("w")]))]);
    part.as_object_mut().unwrap().remove("sfs_turbo_connections");
    let config = core.config(&part);
    let plan = core.plan(&config).await;
    assert_eq!(changed(&core, &plan.state), ["peer_connection_status", "peer_connections"]);
    core.run(&config).await;
    let connection = &live(&cloud)["spec"]["connection"];
    assert_eq!(connection["peerConnectionList"], sent_peers(&["w"]));
    assert_eq!(connection["sfsTurboConnectionList"].as_array().unwrap().len(), 1);
    core.is_settled(&config).await;
}

#[tokio::test]
async fn the_default_workspace_is_known_in_a_plan_and_sent_where_the_provider_has_one() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::of(TYPE, &cloud).await;
    let bare = json!({ "name": NAME, "cidr": "192.168.0.0/20" });
    let config = core.config(&bare);
    let plan = core.plan(&config).await;
    assert_eq!(plan.state.get("workspace_id"), &Value::from("0"));
    core.set("workspace_id", json!(access::WORKSPACE_ID));
    core.configure().await;
    let plan = core.plan(&config).await;
    assert_eq!(plan.state.get("workspace_id"), &Value::from(access::WORKSPACE_ID));
    core.run(&config).await;
    assert_eq!(
        live(&cloud)["metadata"]["labels"]["os.modelarts/workspace.id"],
        access::WORKSPACE_ID
    );
    // Another default moves nothing that exists.
    core.set("workspace_id", json!("0"));
    core.configure().await;
    core.is_settled(&config).await;
}
