//! What the Go provider leaves behind: objects in the cloud, and a state of its own.

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, Workspace, network_id, provider, with_go_provider};
use crate::kinds::Kind;

/// What the Go provider calls a kind of object.
pub(crate) fn old_type(kind: Kind) -> &'static str {
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

pub(crate) fn moved_block(kind: Kind) -> String {
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

/// Leaves a directory as if the Go provider had made the object of this
/// configuration there, which is ours already. `maker` makes the object.
pub(crate) fn leaves(
    kind: Kind,
    cloud: &Cloud,
    [maker, work]: [Workspace; 2],
    configuration: &str,
    version: u32,
) -> Workspace {
    let maker = maker.talking_to(cloud);
    maker.write("main.tf", configuration);
    maker.apply();
    with_go_provider();
    work.write("provider.tf", &format!("{BOTH}{}", provider(cloud, "")));
    work.write("main.tf", &format!("{configuration}{}", moved_block(kind)));
    let old = old_object(kind, &kind.objects(cloud)[0]);
    work.write("terraform.tfstate", &old_state(kind, &old, version));
    work.init();
    work
}
