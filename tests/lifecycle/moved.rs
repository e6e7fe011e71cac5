//! What the Go provider has made moves here with a block, not by hand.

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, REQUIRED, Workspace, network_id, provider, with_go_provider};
use crate::kinds::Kind;
use crate::pools::{CPU, NAME, POOL, entry_with, pool, pool_with};

/// What the Go provider calls a kind of object.
fn old_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Pool => "huaweicloud_modelarts_resource_pool",
        Kind::Network => "huaweicloud_modelarts_network",
    }
}

/// The Go provider stays known until the move has been applied.
const BOTH: &str = r#"
terraform {
  required_providers {
    modelarts   = { source = "modelarts/modelarts" }
    huaweicloud = { source = "huaweicloud/huaweicloud" }
  }
}
"#;

fn moved_block(kind: Kind) -> String {
    format!("\nmoved {{\n  from = {}.main\n  to   = {}\n}}\n", old_type(kind), kind.address())
}

/// What the Go provider remembers of an object in the cloud, by its refresh.
fn old_object(kind: Kind, live: &Json) -> Json {
    match kind {
        Kind::Pool => old_pool(live),
        Kind::Network => old_network(live),
    }
}

fn old_network(live: &Json) -> Json {
    let labels = &live["metadata"]["labels"];
    let connection = &live["spec"]["connection"];
    let all = |list: &str, old: fn(&Json) -> Json| {
        connection[list].as_array().into_iter().flatten().map(old).collect::<Json>()
    };
    json!({
        "id": live["metadata"]["name"],
        "region": "cn-north-4",
        "name": labels["os.modelarts/name"],
        "cidr": live["spec"]["cidr"],
        "workspace_id": labels["os.modelarts/workspace.id"],
        "peer_connections": all("peerConnectionList", |peer| json!({
            "vpc_id": peer["peerVpcId"], "subnet_id": peer["peerSubnetId"],
        })),
        "sfs_turbos": all("sfsTurboConnectionList", |turbo| json!({
            "id": turbo["sfsId"], "name": turbo["name"], "uri": "", "status": "Active",
            "connection_type": "VpcPort", "ip_address": "192.168.128.10",
        })),
        "status": live["status"]["phase"],
        "timeouts": null,
    })
}

fn old_pool(live: &Json) -> Json {
    let labels = &live["metadata"]["labels"];
    let resources: Vec<Json> =
        live["spec"]["resources"].as_array().unwrap().iter().map(old_entry).collect();
    json!({
        "id": live["metadata"]["name"],
        "region": "cn-north-4",
        "name": labels["os.modelarts/name"],
        "scope": live["spec"]["scope"],
        "metadata": [],
        "resources": resources,
        "network_id": network_id(),
        "prefix": "",
        "vpc_id": "",
        "subnet_id": "",
        "clusters": [],
        "user_login": [],
        "workspace_id": labels["os.modelarts/workspace.id"],
        "description": live["metadata"]["annotations"]["os.modelarts/description"],
        "charging_mode": null,
        "period_unit": null,
        "period": null,
        "auto_renew": null,
        "status": live["status"]["phase"],
        "resource_pool_id": labels["os.modelarts/resource.id"],
        "server_ids": [],
        "resources_order_origin": [],
        "timeouts": null,
    })
}

fn old_entry(live: &Json) -> Json {
    json!({
        "flavor_id": live["flavor"],
        "count": live["count"],
        "max_count": live["maxCount"],
        "node_pool": live["nodePool"],
        "vpc_id": "",
        "subnet_id": "",
        "security_group_ids": [],
        "azs": live["azs"],
        "taints": live.get("taints").cloned().unwrap_or(json!([])),
        "labels": live.get("labels").cloned().unwrap_or(json!({})),
        "tags": {},
        "extend_params": live.get("extendParams").map_or(String::new(), Json::to_string),
        "root_volume": block(live, "rootVolume", |volume| json!({
            "volume_type": volume["volumeType"], "size": volume["size"], "extend_params": "",
        })),
        "data_volumes": [],
        "volume_group_configs": [],
        "os": block(live, "os", |os| json!({
            "name": os["name"], "image_id": os["imageId"], "image_type": "",
        })),
        "driver": [],
        "creating_step": [],
        "post_install": "",
    })
}

/// A block of the old provider: a list of one, or an empty one.
fn block(live: &Json, name: &str, old: impl Fn(&Json) -> Json) -> Json {
    live.get(name).map_or(json!([]), |live| json!([old(live)]))
}

fn old_state(kind: Kind, attributes: &Json, version: u32) -> String {
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "5c2b8f9e-0d1e-4a7b-9c3f-2a6d8e1b4f70",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": old_type(kind),
            "name": "main",
            "provider": "provider[\"registry.terraform.io/huaweicloud/huaweicloud\"]",
            "instances": [{
                "schema_version": version,
                "attributes": attributes,
                "sensitive_attributes": [],
                "private": "bnVsbA==",
            }],
        }],
        "check_results": null,
    })
    .to_string()
}

/// A directory in which the Go provider has made the object of this configuration,
/// which is ours already.
fn left_by_the_go_provider(
    kind: Kind,
    cloud: &Cloud,
    configuration: &str,
    version: u32,
) -> Workspace {
    let maker = Workspace::new("maker", cloud);
    maker.write("main.tf", configuration);
    maker.apply();
    with_go_provider();
    let work = Workspace::empty("moved");
    work.write("provider.tf", &format!("{BOTH}{}", provider(cloud, "")));
    work.write("main.tf", &format!("{configuration}{}", moved_block(kind)));
    let old = old_object(kind, &kind.objects(cloud)[0]);
    work.write("terraform.tfstate", &old_state(kind, &old, version));
    work.init();
    work
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
