//! The stories that every core hears.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::cores::{Core, Product, Version};
use crate::go_provider;
use crate::harness::{Cloud, Workspace, network_id};
use crate::kinds::{KINDS, Kind};
use crate::pools::{CPU, NAME, POOL, entry, network_argument, pool, pool_with};
use crate::table::Cell;

/// A promise, kept on one core after the other.
#[derive(Debug)]
pub(crate) struct Story {
    /// In a word or two.
    pub(crate) name: &'static str,
    /// The minor versions of Terraform and of OpenTofu that brought what it is about.
    since: [Option<u32>; 2],
    /// Returns what the table shows.
    tell: fn(&Core) -> &'static str,
}

/// Told to every Terraform and every OpenTofu.
const ALWAYS: [Option<u32>; 2] = [Some(0), Some(0)];

/// Older ones cannot write the configuration of a resource that has attributes with
/// attributes of which some are read-only: Terraform 1.6 crashes, 1.8 leaves them out
/// and then misses them.
const GENERATED: [Option<u32>; 2] = [Some(9), Some(9)];

pub(crate) const STORIES: &[Story] = &[
    Story { name: "life", since: ALWAYS, tell: life },
    Story { name: "import", since: ALWAYS, tell: import },
    Story { name: "generated configuration", since: GENERATED, tell: generate },
    Story { name: "interrupt", since: ALWAYS, tell: interrupt },
    Story { name: "timeout", since: ALWAYS, tell: timeout },
    Story { name: "write-only password", since: ALWAYS, tell: write_only },
    Story { name: "function", since: [Some(8), Some(7)], tell: function },
    Story { name: "moved", since: [Some(8), None], tell: moved },
    Story { name: "identity", since: [Some(12), None], tell: identity },
    Story { name: "query", since: [Some(14), None], tell: query },
    Story { name: "actions", since: [Some(14), None], tell: actions },
];

/// Since when write-only arguments are known, in both products.
const WRITE_ONLY: u32 = 11;

/// Since when Terraform keeps identities.
const IDENTITY: u32 = 12;

impl Story {
    /// Tells it to a core.
    pub(crate) fn tell(&self, core: &Core) -> Cell {
        let [terraform, opentofu] = self.since;
        let since = match core.product {
            Product::Terraform => terraform,
            Product::OpenTofu => opentofu,
        };
        if since.is_none_or(|minor| core.version < Version(1, minor, 0)) {
            return Cell::Lacks;
        }
        let told = catch_unwind(AssertUnwindSafe(|| (self.tell)(core)));
        told.map_or_else(|panic| Cell::Broken(words(&*panic)), Cell::Told)
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied()).unwrap_or("it panicked").to_owned()
}

fn in_story(core: &Core, cloud: &Cloud, configuration: &str) -> Workspace {
    let work = core.workspace("core").talking_to(cloud);
    work.write("main.tf", configuration);
    work
}

/// A pool with its network, and its nodes as an output.
fn both(nodes: u32) -> String {
    let network = "network = { name = modelarts_network.main.id }";
    let pool = pool(nodes).replace(&network_argument(), network);
    let look = r#"
data "modelarts_pool_nodes" "main" {
  pool_id = modelarts_pool.main.id
}

output "nodes" {
  value = length(data.modelarts_pool_nodes.main.nodes)
}
"#;
    format!("{}{pool}{look}", Kind::Network.with(""))
}

/// A pool and a network live and die, and plans in between are empty.
fn life(core: &Core) -> &'static str {
    let cloud = Cloud::start();
    let work = in_story(core, &cloud, &both(2));
    work.apply();
    work.plan_is_empty();
    let file = work.root().join("terraform.tfstate");
    let state: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    for resource in state["resources"].as_array().unwrap() {
        let wanted = core.product == Product::Terraform
            && core.version >= Version(1, IDENTITY, 0)
            && resource["mode"] == "managed";
        let id = &resource["instances"][0]["attributes"]["id"];
        let identity = &resource["instances"][0]["identity"]["id"];
        assert_eq!(identity, if wanted { id } else { &Json::Null }, "{resource:#}");
    }
    work.write("main.tf", &both(3));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    assert_eq!(work.state().0["values"]["outputs"]["nodes"]["value"], 3);
    work.plan_is_empty();
    work.destroy();
    assert_eq!(cloud.pools(), [] as [Json; 0]);
    assert_eq!(cloud.network(NAME), None);
    "yes"
}

fn made_by_hand(cloud: &Cloud, kind: Kind) -> String {
    let made = match kind {
        Kind::Pool => cloud.add_pool(&body_of_pool(NAME)),
        Kind::Network => cloud.add_network(&json!({
            "apiVersion": "v1",
            "kind": "Network",
            "metadata": { "labels": {
                "os.modelarts/name": NAME, "os.modelarts/workspace.id": "0",
            } },
            "spec": { "cidr": "192.168.0.0/20" },
        })),
    };
    made["metadata"]["name"].as_str().unwrap().to_owned()
}

fn body_of_pool(name: &str) -> Json {
    json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": {
            "os.modelarts/name": name, "os.modelarts/workspace.id": "0",
        } },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train"],
            "network": { "name": network_id() },
            "resources": [{ "flavor": CPU, "count": 2 }],
        },
    })
}

/// What somebody else has made is taken over by its ID and by a block.
fn import(core: &Core) -> &'static str {
    for kind in KINDS {
        let cloud = Cloud::start();
        let id = made_by_hand(&cloud, kind);
        let address = kind.address();
        let work = in_story(core, &cloud, &kind.with(""));
        work.run(&["import", &address, &id]).success();
        work.plan_is_empty();
        work.run(&["state", "rm", &address]).success();
        let block = format!("import {{\n  to = {address}\n  id = \"name:{NAME}\"\n}}\n");
        work.write("import.tf", &block);
        assert_eq!(work.plan().actions(&address), ["no-op"]);
        work.apply();
        work.plan_is_empty();
        assert_eq!(cloud.count("PATCH", kind.one()), 0);
    }
    "yes"
}

/// The core writes the configuration of what it imports, and it plans empty.
fn generate(core: &Core) -> &'static str {
    for kind in KINDS {
        let cloud = Cloud::start();
        let id = made_by_hand(&cloud, kind);
        let address = kind.address();
        let block = format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}\n");
        let work = in_story(core, &cloud, &block);
        work.run(&["plan", "-generate-config-out=generated.tf"]).success();
        if core.version >= Version(1, 14, 0) {
            let text = std::fs::read_to_string(work.root().join("generated.tf")).unwrap();
            assert!(!text.contains("null"), "{text}");
        }
        assert_eq!(work.plan().actions(&address), ["no-op"]);
        work.apply();
        work.plan_is_empty();
        assert_eq!(cloud.count("PATCH", kind.one()), 0);
    }
    "yes"
}

const LONG: Duration = Duration::from_secs(2 * 3600);

fn slow() -> Cloud {
    Cloud::playing(&json!({ "durations": { "create": "1h" } }))
}

/// An interrupted apply loses nothing, and the next one goes on.
fn interrupt(core: &Core) -> &'static str {
    let cloud = slow();
    let work = in_story(core, &cloud, &pool(2));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for("POST", "/pools");
    run.interrupt();
    run.finish();
    let state = work.state();
    assert!(!state.is_tainted(POOL));
    assert_eq!(state.value(POOL, "/ready"), false);
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.advance(LONG);
    run.finish().success();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/pools"), 1);
    "yes"
}

/// A create whose time is up keeps the pool, and the next apply finishes it.
fn timeout(core: &Core) -> &'static str {
    let cloud = slow();
    let short = "  timeouts {\n    create = \"1s\"\n  }";
    let work = in_story(core, &cloud, &pool_with(&[entry(CPU, 1)], short));
    work.apply().says("Warning");
    let state = work.state();
    assert!(!state.is_tainted(POOL));
    assert_eq!(state.value(POOL, "/ready"), false);
    cloud.advance(LONG);
    work.apply();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/pools"), 1);
    "yes"
}

/// A password that is not to be stored is used and not stored, or refused by a core
/// that would store it.
fn write_only(core: &Core) -> &'static str {
    let cloud = Cloud::start();
    // In a file of its own: cores print the lines that errors point at.
    let password =
        "\nvariable \"password\" {\n  default   = \"Hd6RootNotStored\"\n  sensitive = true\n}\n";
    let privileged = format!(
        r#"
resource "modelarts_pool" "main" {{
  name       = "{NAME}"
  network    = {{ vpc_id = "vpc-1", subnet_id = "subnet-1" }}
  clusters   = [{{ provider_id = "cluster-1" }}]
  user_login = {{ password_wo = var.password, password_wo_version = 1 }}
  resources  = [{{ flavor = "{CPU}", count = 1 }}]
}}
"#
    );
    let work = in_story(core, &cloud, &privileged);
    work.write("variables.tf", password);
    if core.version < Version(1, WRITE_ONLY, 0) {
        work.apply_fails().says("write-only").says("Terraform 1.11 or later");
        assert_eq!(cloud.pools(), [] as [Json; 0]);
        return "refused";
    }
    work.apply();
    assert_eq!(work.state().value(POOL, "/user_login/password_wo"), Json::Null);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/pools"), 1);
    "used"
}

/// `spread` is there.
fn function(core: &Core) -> &'static str {
    let cloud = Cloud::start();
    let spread =
        "output \"zones\" {\n  value = provider::modelarts::spread(3, [\"a\", \"b\"])\n}\n";
    let work = in_story(core, &cloud, spread);
    work.apply();
    let zones = &work.state().0["values"]["outputs"]["zones"]["value"];
    assert_eq!(*zones, json!([{ "az": "a", "count": 2 }, { "az": "b", "count": 1 }]));
    "yes"
}

/// What the Go provider has made moves here unchanged.
fn moved(core: &Core) -> &'static str {
    for (kind, configuration) in [(Kind::Pool, pool(2)), (Kind::Network, Kind::Network.with(""))] {
        let cloud = Cloud::start();
        let both = [core.workspace("maker"), core.workspace("moved")];
        let work = go_provider::leaves(kind, &cloud, both, &configuration, 0);
        assert_eq!(work.plan().actions(&kind.address()), ["no-op"]);
        work.apply();
        assert_eq!(work.state().addresses(), [kind.address()]);
        work.plan_is_empty();
        assert_eq!(cloud.count("PATCH", kind.one()), 0);
    }
    "yes"
}

/// An object is imported by its identity.
fn identity(core: &Core) -> &'static str {
    for kind in KINDS {
        let cloud = Cloud::start();
        let id = made_by_hand(&cloud, kind);
        let address = kind.address();
        let block = format!("import {{\n  to = {address}\n  identity = {{ id = \"{id}\" }}\n}}\n");
        let work = in_story(core, &cloud, &format!("{}{block}", kind.with("")));
        assert_eq!(work.plan().actions(&address), ["no-op"]);
        work.apply();
        work.plan_is_empty();
        // An object of another project is not mistaken for one that is gone.
        let elsewhere = block.replace("{ id", "{ project_id = \"another\", id");
        work.run(&["state", "rm", &address]).success();
        work.write("main.tf", &format!("{}{elsewhere}", kind.with("")));
        work.plan_fails().says("another");
    }
    "yes"
}

/// What exists is found and taken over with the configuration that comes of it.
fn query(core: &Core) -> &'static str {
    let cloud = Cloud::start();
    for name in ["train-a", "train-b", "infer"] {
        cloud.add_pool(&body_of_pool(name));
    }
    made_by_hand(&cloud, Kind::Network);
    let work = in_story(core, &cloud, "");
    let lists = r#"
list "modelarts_pool" "all" {
  provider = modelarts

  config {
    name_regex = "^train-"
  }
}

list "modelarts_network" "all" {
  provider = modelarts
  limit    = 1

  config {
    name = "story-pool"
  }
}
"#;
    work.write("find.tfquery.hcl", lists);
    let found = work.run(&["query"]).success();
    let found = found.says("train-a").says("train-b").says(NAME);
    assert!(!found.stdout.contains("infer"), "{found}");
    work.run(&["query", "-generate-config-out=generated.tf"]).success();
    work.apply().says("3 imported, 0 added, 0 changed, 0 destroyed");
    work.plan_is_empty();
    assert_eq!(cloud.count("PATCH", "/pools/"), 0);
    "yes"
}

/// Actions of a pool: restarted after an update, locked when asked for.
fn with_actions(description: &str) -> String {
    let further = format!(
        r#"  description = "{description}"

  lifecycle {{
    action_trigger {{
      events  = [after_update]
      actions = [action.modelarts_reboot_nodes.all]
    }}
  }}
"#
    );
    let others = r#"
data "modelarts_pool_nodes" "all" {
  pool_id = modelarts_pool.main.id
}

action "modelarts_reboot_nodes" "all" {
  config {
    pool_id    = modelarts_pool.main.id
    node_names = data.modelarts_pool_nodes.all.nodes[*].name
  }
}

action "modelarts_lock_nodes" "all" {
  config {
    pool_id    = modelarts_pool.main.id
    node_names = data.modelarts_pool_nodes.all.nodes[*].name
  }
}
"#;
    format!("{}{others}", pool_with(&[entry(CPU, 2)], &further))
}

fn invoke(action: &str) -> [String; 3] {
    ["apply", "-auto-approve", &format!("-invoke=action.{action}.all")].map(str::to_owned)
}

/// Actions run after an update and when asked for, tell how far they are and which
/// node failed, and end with Ctrl-C.
fn actions(core: &Core) -> &'static str {
    let cloud = Cloud::start();
    let work = in_story(core, &cloud, &with_actions("one"));
    let run = |action: &str| {
        let arguments = invoke(action);
        work.start(&arguments.each_ref().map(String::as_str))
    };
    work.apply();
    assert_eq!(cloud.count("POST", "/nodes/batch-reboot"), 0);
    work.write("main.tf", &with_actions("two"));
    work.apply().says("2 of 2 nodes");
    assert_eq!(cloud.count("POST", "/nodes/batch-reboot"), 1);
    run("modelarts_lock_nodes").finish().success();
    assert_eq!(cloud.count("POST", "/batch-lock"), 1);
    work.plan_is_empty();

    let outcomes = json!({ "node_job_failed": { "nodes": 1, "message": "a fan is gone" } });
    cloud.play(&json!({ "outcomes": outcomes }));
    let failed = run("modelarts_reboot_nodes").finish().failure();
    failed.says("a fan is gone").says("These nodes are not available: os-node-created-");

    cloud.play(&json!({ "durations": { "node_job": "1h" } }));
    cloud.forget_requests();
    let running = run("modelarts_reboot_nodes");
    running.wait_until_it_says("0 of 2 nodes");
    running.interrupt();
    running.finish().failure().says("The service goes on with the reboot");
    assert_eq!(cloud.count("POST", "/nodes/batch-reboot"), 1);
    "yes"
}
