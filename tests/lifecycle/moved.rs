//! A pool that the Go provider has made moves here with a block, not by hand.

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, REQUIRED, Workspace, network_id, provider, with_go_provider};
use crate::pools::{CPU, NAME, POOL, entry_with, pool, pool_with};

/// Where the pool is in the state of the Go provider.
const OLD: &str = "huaweicloud_modelarts_resource_pool.main";

/// The Go provider stays known until the move has been applied.
const BOTH: &str = r#"
terraform {
  required_providers {
    modelarts   = { source = "modelarts/modelarts" }
    huaweicloud = { source = "huaweicloud/huaweicloud" }
  }
}
"#;

fn moved_block() -> String {
    format!("\nmoved {{\n  from = {OLD}\n  to   = {POOL}\n}}\n")
}

/// What the Go provider remembers of a pool in the cloud, by its refresh.
fn old_object(live: &Json) -> Json {
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

fn old_state(attributes: &Json, version: u32) -> String {
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "5c2b8f9e-0d1e-4a7b-9c3f-2a6d8e1b4f70",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": "huaweicloud_modelarts_resource_pool",
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

/// A cloud with a pool of this configuration, and a directory in which the Go
/// provider has made it and the configuration is ours already.
fn left_by_the_go_provider(cloud: &Cloud, configuration: &str, version: u32) -> Workspace {
    let maker = Workspace::new("maker", cloud);
    maker.write("main.tf", configuration);
    maker.apply();
    with_go_provider();
    let work = Workspace::empty("moved");
    work.write("provider.tf", &format!("{BOTH}{}", provider(cloud, "")));
    work.write("main.tf", &format!("{configuration}{}", moved_block()));
    work.write("terraform.tfstate", &old_state(&old_object(&cloud.only_pool()), version));
    work.init();
    work
}

#[track_caller]
fn moves_unchanged(configuration: &str) {
    let cloud = Cloud::start();
    let work = left_by_the_go_provider(&cloud, configuration, 0);
    let before = cloud.only_pool();
    work.run(&["plan"]).success().says(&format!("{OLD} has moved to {POOL}"));
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["no-op"]);
    assert!(plan.changed().is_empty());
    work.apply();
    let state = work.state();
    assert_eq!(state.addresses(), [POOL]);
    assert_eq!(state.value(POOL, "/id"), before["metadata"]["name"]);
    assert_eq!(state.value(POOL, "/ready"), true);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/pools"), 1); // the one that made it
    assert_eq!(cloud.count("PATCH", "/pools/"), 0);
    assert_eq!(cloud.count("DELETE", "/pools/"), 0);
    // Without the old provider and the block, all stays as it is.
    work.write("main.tf", configuration);
    work.write("provider.tf", &format!("{}{}", REQUIRED, provider(&cloud, "")));
    work.init();
    work.plan_is_empty();
}

#[test]
fn a_pool_of_the_go_provider_moves_without_a_change() {
    moves_unchanged(&pool(2));
}

#[test]
fn a_pool_with_settings_moves_without_a_change() {
    let settings = r#"
      node_pool     = "first-group"
      extend_params = { dockerBaseSize = "80" }
      labels        = { team = "vision" }
    "#;
    let entries = [entry_with(CPU, 2, settings)];
    moves_unchanged(&pool_with(&entries, "description = \"Made elsewhere\""));
}

#[test]
fn what_the_service_filled_in_is_no_difference() {
    let cloud = Cloud::playing(&json!({ "answers": { "fill_volumes": true } }));
    let work = left_by_the_go_provider(&cloud, &pool(2), 0);
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
    let work = left_by_the_go_provider(&cloud, &pool(2), 0);
    work.write("main.tf", &format!("{}{}", pool(3), moved_block()));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    assert_eq!(cloud.only_pool()["spec"]["resources"][0]["count"], 3);
    work.plan_is_empty();
}

#[test]
fn a_state_of_an_unknown_version_is_refused_with_a_way_out() {
    let cloud = Cloud::start();
    let work = left_by_the_go_provider(&cloud, &pool(1), 1);
    let id = cloud.only_pool()["metadata"]["name"].as_str().unwrap().to_owned();
    assert!(id.contains(NAME), "{id}");
    work.plan_fails().says("schema version 1").says(&format!("id = \"{id}\""));
    assert_eq!(cloud.pools().len(), 1);
}
