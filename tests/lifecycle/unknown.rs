//! Values that another object of the same plan decides.

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, GPU, POOL, network_argument};

/// Nearly everything comes from an object that does not exist yet.
fn configuration(version: &str) -> String {
    let network = network_argument();
    format!(
        r#"
resource "terraform_data" "source" {{
  input = {{
    text   = "text-{version}"
    number = 2
    zone   = "cn-north-4a"
    labels = {{ team = "{version}" }}
  }}
}}

locals {{
  source = terraform_data.source.output
}}

resource "modelarts_pool" "main" {{
  name        = "story-pool"
  scope       = ["Train"]
  {network}
  description = local.source.text
  annotations = local.source.labels
  job_flavors = [local.source.text]
  driver      = {{ gpu_version = local.source.text }}
  resources = [
    {{
      flavor        = "{CPU}"
      count         = local.source.number
      azs           = [{{ az = local.source.zone, count = local.source.number }}]
      extend_params = {{ custom = local.source.text }}
      labels        = local.source.labels
      tags          = {{ owner = local.source.text }}
      taints        = [{{ key = "a", value = local.source.text, effect = "NoSchedule" }}]
      root_volume   = {{ volume_type = "SSD", size = 50 * local.source.number }}
    }},
    {{
      flavor    = "{GPU}"
      count     = 1
      node_pool = local.source.text
    }},
  ]
}}
"#
    )
}

#[test]
fn what_is_decided_during_the_apply_is_planned_and_kept() {
    let cloud = Cloud::start();
    let work = Workspace::new("unknown", &cloud);
    work.write("main.tf", &configuration("one"));
    work.apply();
    work.plan_is_empty();
    let state = work.state();
    assert_eq!(state.text(POOL, "/resources/0/labels/team"), "one");
    assert_eq!(state.text(POOL, "/resources/1/node_pool"), "text-one");

    // All of it is decided anew; the pool is changed in place.
    work.write("main.tf", &configuration("two"));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    work.plan_is_empty();
    let state = work.state();
    assert_eq!(state.text(POOL, "/description"), "text-two");
    assert_eq!(state.text(POOL, "/resources/0/extend_params/custom"), "text-two");
    assert_eq!(state.text(POOL, "/resources/1/node_pool"), "text-two");
    assert_eq!(cloud.count("DELETE", "/pools/"), 0);
}
