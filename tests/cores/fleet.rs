//! A team's forty pools and six networks, made by hand, are taken over at once.

use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::cores::Core;
use crate::harness::{Cloud, network_id};
use crate::pools::{CPU, GPU};

const POOLS: usize = 40;
const NETWORKS: usize = 6;

/// The service lists the default workspace, unless it is told another one.
const LISTS: &str = r#"
list "modelarts_network" "all" {
  provider = modelarts
}

list "modelarts_pool" "all" {
  provider = modelarts
}

list "modelarts_pool" "team" {
  provider = modelarts

  config {
    workspace_id = "0123456789abcdef0123456789abcdef"
  }
}
"#;

/// Takes everything over by query, generated configuration and apply, and returns
/// how long that took.
pub(crate) fn is_taken_over(core: &Core) -> String {
    let cloud = Cloud::start();
    // One network is always there.
    for number in 1..NETWORKS {
        cloud.add_network(&network(number));
    }
    for number in 0..POOLS {
        cloud.add_pool(&pool(number));
    }
    let before = cloud.pools();
    assert_eq!(before.len(), POOLS);
    let work = core.workspace("fleet").talking_to(&cloud);
    work.write("find.tfquery.hcl", LISTS);
    cloud.forget_requests();
    let start = Instant::now();
    work.run(&["query", "-generate-config-out=generated.tf"]).success();
    let found = start.elapsed();
    let asked = cloud.requests();
    let generated = std::fs::read_to_string(work.root().join("generated.tf")).unwrap();
    assert_eq!(generated.matches("\nresource \"modelarts_pool\"").count(), POOLS, "{generated}");
    // Of a write-only attribute the core writes that there is none.
    let noise = |line: &&str| line.contains("= null") && !line.contains("password_wo ");
    assert_eq!(generated.lines().find(noise), None, "{generated}");
    let start = Instant::now();
    let all = POOLS + NETWORKS;
    work.apply().says(&format!("{all} imported, 0 added, 0 changed, 0 destroyed"));
    let taken = start.elapsed();
    let start = Instant::now();
    work.plan_is_empty();
    let planned = start.elapsed();
    for (method, part) in [("PATCH", "/pools/"), ("PATCH", "/networks/"), ("POST", "/pools")] {
        assert_eq!(cloud.count(method, part), 0, "{method} {part}");
    }
    assert_eq!(cloud.destructive_calls(), 0);
    assert_eq!(cloud.pools(), before);
    format!(
        "{POOLS} pools and {NETWORKS} networks taken over by {core}: query with configuration \
         {found:.1?} ({asked} requests), apply of the imports {taken:.1?}, empty plan {planned:.1?}, \
         {} lines of configuration",
        generated.lines().count()
    )
}

/// Networks: plain, connected, and with what else there is.
fn network(number: usize) -> Json {
    let mut body = json!({
        "apiVersion": "v1",
        "kind": "Network",
        "metadata": { "labels": {
            "os.modelarts/name": format!("net-{number}"), "os.modelarts/workspace.id": "0",
        } },
        "spec": { "cidr": format!("10.{number}.0.0/16") },
    });
    if number.is_multiple_of(2) {
        body["metadata"]["annotations"] =
            json!({ "os.modelarts/description": "Of the team, ${all}" });
        body["spec"]["connection"] = json!({
            "peerConnectionList": [
                { "peerVpcId": "vpc-1", "peerSubnetId": "subnet-1", "defaultGateWay": true },
            ],
            "sfsTurboConnectionList": [{ "name": "files", "sfsId": "sfs-1" }],
        });
    }
    body
}

/// A pool of the kind whose turn it is.
fn pool(number: usize) -> Json {
    let mut body = json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": {
            "os.modelarts/name": format!("pool-{number}"), "os.modelarts/workspace.id": "0",
        } },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train"],
            "network": { "name": network_id() },
            "resources": [{ "flavor": CPU, "count": 2 }],
        },
    });
    let [metadata, spec] = ["metadata", "spec"];
    match number % 8 {
        0 => {}
        1 => {
            body[spec]["type"] = json!("Logical");
            body[spec]["resources"][0]["maxCount"] = json!(5);
            let spec = body[spec].as_object_mut().unwrap();
            spec.remove("scope");
            spec.remove("network");
        }
        2 => {
            body[metadata]["annotations"] = json!({
                "os.modelarts/billing.mode": "1",
                "os.modelarts/period.num": "2",
                "os.modelarts/period.type": "2",
                "os.modelarts/auto.renew": "1",
                "os.modelarts/auto.pay": "true",
            });
        }
        3 => {
            body[spec].as_object_mut().unwrap().remove("scope");
            body[spec]["network"] = json!({ "vpcId": "vpc-1", "subnetId": "subnet-1" });
            body[spec]["clusters"] = json!([{ "providerId": "cluster-1", "name": "one" }]);
            body[spec]["userLogin"] = json!({ "keyPairName": "operations" });
        }
        4 => {
            body[spec]["scope"] = json!(["Train", "Infer", "Notebook"]);
            body[spec]["driver"] = json!({ "gpuVersion": "440.33" });
            body[spec]["resources"] = json!([
                {
                    "flavor": GPU, "count": 2, "maxCount": 2, "nodePool": "first",
                    "azs": [{ "az": "cn-north-4a", "count": 1 }, { "az": "cn-north-4b", "count": 1 }],
                    "labels": { "tier": "gold", "quoted": "a \"b\" ${c}" },
                    "taints": [{ "key": "dedicated", "value": "v", "effect": "NoExecute" }],
                    "tags": [{ "key": "cost", "value": "one" }],
                    "rootVolume": { "volumeType": "SSD", "size": "100Gi" },
                    "dataVolumes": [{ "volumeType": "SSD", "size": "200Gi", "count": 1,
                        "extendParams": { "volumeGroup": "vgpaas" } }],
                    "volumeGroupConfigs": [{ "volumeGroup": "vgpaas", "dockerThinPool": 60 }],
                    "extendParams": { "dockerBaseSize": "80" },
                },
                { "flavor": CPU, "count": 1, "maxCount": 1 },
            ]);
        }
        5 => {
            body[metadata]["labels"]["team"] = json!("vision");
            body[metadata]["labels"]["os.modelarts/workspace.id"] =
                json!("0123456789abcdef0123456789abcdef");
            body[metadata]["labels"]["os.modelarts/node.prefix"] = json!("node");
            body[metadata]["annotations"] = json!({
                "os.modelarts/description": "Of two teams, 50%{ish}",
                "cost-centre": "4711",
            });
        }
        6 => {
            body[spec]["masters"] = json!([{ "az": "cn-north-4a" }, { "az": "cn-north-4b" }]);
            body[spec]["jobFlavors"] = json!(["one", "two"]);
        }
        _ => body[spec]["scope"] = json!(["Notebook"]),
    }
    body
}
