//! Data sources about what is on offer, in configurations as people write them.

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{POOL, network_argument};

/// A pool of the smallest GPU flavor on sale in a zone, with the newest driver.
fn configuration(zone: &str) -> String {
    let network = network_argument();
    format!(
        r#"
data "modelarts_flavors" "gpu" {{
  accelerator   = "gpu"
  az            = {zone}
  available     = true
  charging_mode = "postPaid"
}}

data "modelarts_flavors" "cpu" {{
  accelerator = "none"
}}

data "modelarts_drivers" "gpu" {{
  kind = "gpu"
}}

resource "modelarts_pool" "main" {{
  name      = "story-pool"
  scope     = ["Train"]
  {network}
  driver    = {{ gpu_version = data.modelarts_drivers.gpu.versions[0] }}
  resources = [{{ flavor = data.modelarts_flavors.gpu.names[0], count = 2 }}]
}}

data "modelarts_pool_nodes" "main" {{
  pool_id = modelarts_pool.main.id
}}

output "zones" {{
  value = toset(data.modelarts_pool_nodes.main.nodes[*].az)
}}
"#
    )
}

#[test]
fn a_pool_is_made_of_what_is_on_sale_and_its_nodes_are_shown() {
    let cloud = Cloud::start();
    let work = Workspace::new("offer", &cloud);
    work.write("main.tf", &configuration("\"cn-north-4a\""));
    let plan = work.plan();
    assert_eq!(plan.after(POOL, "/resources/0/flavor"), "modelarts.vm.gpu.tnt004");
    assert_eq!(plan.after(POOL, "/driver/gpu_version"), "535.54.03");
    // Data sources and the plan of the pool share their lists.
    assert_eq!(cloud.count("GET", "/resourceflavors"), 1);
    assert_eq!(cloud.count("GET", "/plugintemplates/gpu-driver"), 1);
    assert_eq!(cloud.count("GET", "/nodes"), 0, "the pool is not there yet");
    work.apply();
    assert_eq!(cloud.count("GET", "/nodes"), 1);
    let output = work.run(&["output", "-json", "zones"]).success();
    let zones: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(zones, json!(["cn-north-4a", "cn-north-4b"]));
    work.plan_is_empty();
}

#[test]
fn what_depends_on_something_to_come_is_read_during_the_apply() {
    let cloud = Cloud::start();
    let work = Workspace::new("later", &cloud);
    let data = "resource \"terraform_data\" \"zone\" {\n  input = \"cn-north-4b\"\n}\n";
    let configuration = configuration("terraform_data.zone.output");
    work.write("main.tf", &format!("{data}{configuration}"));
    let plan = work.plan();
    assert!(plan.is_unknown(POOL, "/resources/0/flavor"), "the zone is not known yet");
    work.apply();
    let flavor = work.state().text(POOL, "/resources/0/flavor");
    assert_eq!(flavor, "modelarts.vm.gpu.8v100", "it comes first in this zone");
    work.plan_is_empty();
}
