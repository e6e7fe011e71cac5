//! What can be looked up, against what the simulated cloud is known to hold.

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, PROJECT, State, Workspace, network_id};
use crate::pools::{CPU, GPU};

/// The workspace beside the default one.
const TEAM: &str = "0123456789abcdef0123456789abcdef";

/// A data source with a name and a body.
fn data(kind: &str, name: &str, body: &str) -> String {
    format!("data \"modelarts_{kind}\" \"{name}\" {{\n{body}\n}}\n")
}

/// The names in a result.
#[track_caller]
fn names(state: &State, address: &str, list: &str) -> Vec<String> {
    let items = state.value(address, list);
    let items = items.as_array().unwrap_or_else(|| panic!("{address}{list} is {items}"));
    let name = |item: &Json| item.get("name").unwrap_or(item).as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

fn pool(name: &str, workspace: &str, labels: Json, entries: Json) -> Json {
    let mut all = json!({ "os.modelarts/name": name, "os.modelarts/workspace.id": workspace });
    for (key, value) in labels.as_object().unwrap() {
        all[key] = value.clone();
    }
    json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": all, "annotations": { "os.modelarts/description": "Of a test" } },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train"],
            "network": { "name": network_id() },
            "resources": entries,
        },
    })
}

#[test]
fn flavors_pass_the_filters_that_they_meet() {
    // Four pages.
    let cloud = Cloud::playing(&json!({ "answers": { "page_size": 3 } }));
    let work = Workspace::new("flavors", &cloud);
    let all = [
        "modelarts.bm.npu.8a910",
        "modelarts.vm.cpu.16u64g.d",
        "modelarts.vm.cpu.32ud",
        "modelarts.vm.cpu.4ud",
        "modelarts.vm.cpu.64ud",
        "modelarts.vm.cpu.8u.logical",
        "modelarts.vm.cpu.8ud",
        "modelarts.vm.gpu.8v100",
        "modelarts.vm.gpu.a100",
        "modelarts.vm.gpu.tnt004",
        "modelarts.vm.npu.a910",
    ];
    let without =
        |left: &[&str]| all.into_iter().filter(|name| !left.contains(name)).collect::<Vec<_>>();
    let cases: [(&str, &str, Vec<&str>); 16] = [
        ("all", "", all.to_vec()),
        ("name", "name = \"modelarts.vm.cpu.8ud\"", vec!["modelarts.vm.cpu.8ud"]),
        ("pattern", "name_regex = \"cpu\\\\.[0-9]ud$\"", vec![all[3], all[6]]),
        ("type", "type = \"Logical\"", vec!["modelarts.vm.cpu.8u.logical"]),
        ("arch", "cpu_arch = \"arm64\"", vec![all[0], all[10]]),
        ("gpu", "accelerator = \"gpu\"", vec![all[7], all[8], all[9]]),
        ("npu", "accelerator = \"npu\"", vec![all[0], all[10]]),
        ("none", "accelerator = \"none\"", all[1..7].to_vec()),
        ("az", "az = \"cn-north-4c\"", vec![all[1], all[4], all[5], all[6]]),
        ("available", "available = true", without(&["modelarts.vm.cpu.32ud"])),
        ("sold_out", "available = false", vec!["modelarts.vm.cpu.32ud"]),
        (
            "sold_out_there",
            "available = false\naz = \"cn-north-4a\"",
            vec!["modelarts.vm.cpu.32ud", "modelarts.vm.gpu.8v100"],
        ),
        ("postpaid", "charging_mode = \"postPaid\"", without(&["modelarts.vm.gpu.a100"])),
        ("scope", "scope = \"Infer\"", all.to_vec()),
        ("label", "label_selector = \"os.modelarts.flavor/baremetal=true\"", vec![all[0]]),
        (
            "together",
            "name_regex = \"gpu\"\ntype = \"Dedicate\"\ncpu_arch = \"x86\"\naccelerator = \
             \"gpu\"\naz = \"cn-north-4b\"\navailable = true\ncharging_mode = \
             \"postPaid\"\nscope = \"Train\"",
            vec![all[7], all[9]],
        ),
    ];
    let nothing = data("flavors", "nothing", "name = \"modelarts.vm.none\"");
    let text: String = cases.iter().map(|(name, body, _)| data("flavors", name, body)).collect();
    work.write("main.tf", &(text + &nothing));
    work.apply();
    let state = work.state();
    for (name, _, wanted) in cases {
        assert_eq!(names(&state, &format!("data.modelarts_flavors.{name}"), "/names"), wanted);
        assert_eq!(names(&state, &format!("data.modelarts_flavors.{name}"), "/flavors"), wanted);
    }
    assert_eq!(state.value("data.modelarts_flavors.nothing", "/flavors"), json!([]));
    // One list without a selector, one with: the other fifteen share the first.
    assert_eq!(cloud.count("GET", "/resourceflavors"), 4 + 1);
}

#[test]
fn a_flavor_is_shown_with_what_its_nodes_have() {
    let cloud = Cloud::start();
    let work = Workspace::new("flavor", &cloud);
    let text = data("flavors", "v100", "name = \"modelarts.vm.gpu.8v100\"")
        + &data("flavors", "ascend", "name = \"modelarts.bm.npu.8a910\"")
        + &data("flavors", "silent", "name = \"modelarts.vm.cpu.64ud\"");
    work.write("main.tf", &text);
    work.apply();
    let state = work.state();
    let volume = |size: i64| json!({ "volume_type": "SSD", "size": size });
    let expected = json!({
        "name": "modelarts.vm.gpu.8v100",
        "type": "Dedicate",
        "cpu_arch": "x86",
        "cpu": 72,
        "memory_gib": 512,
        "gpu": { "type": "V100", "count": 8, "memory_gib": 32 },
        "npu": null,
        "scopes": ["Infer", "Notebook", "Train"],
        "charging_modes": ["postPaid", "prePaid"],
        "azs": { "cn-north-4a": "soldout", "cn-north-4b": "normal" },
        "available_azs": ["cn-north-4b"],
        "job_flavors": [],
        "creating_steps": [],
        "bare_metal": false,
        "root_volume": volume(150),
        "data_volumes": [volume(500)],
    });
    assert_eq!(state.value("data.modelarts_flavors.v100", "/flavors"), json!([expected]));
    let ascend = "data.modelarts_flavors.ascend";
    assert_eq!(state.value(ascend, "/flavors/0/bare_metal"), true);
    let steps =
        json!([{ "step": 2, "type": "hyperinstance" }, { "step": 4, "type": "hyperinstance" }]);
    assert_eq!(state.value(ascend, "/flavors/0/creating_steps"), steps);
    assert_eq!(state.value(ascend, "/flavors/0/npu/memory_gib"), 64);
    let silent = "data.modelarts_flavors.silent";
    assert_eq!(state.value(silent, "/flavors/0/azs"), json!({}));
    assert_eq!(state.value(silent, "/flavors/0/memory_gib"), 256);
}

#[test]
fn drivers_and_workspaces_are_listed() {
    let cloud = Cloud::start();
    let work = Workspace::new("catalog", &cloud);
    let text = data("drivers", "gpu", "kind = \"gpu\"")
        + &data("drivers", "npu", "kind = \"npu\"")
        + &data("workspaces", "all", "")
        + &data("workspaces", "named", "name = \"simulator-workspace\"")
        + &data("workspaces", "part", "name = \"simulator\"")
        + &data("workspaces", "pattern", "name_regex = \"^def\"")
        + &data("workspaces", "project", "enterprise_project_id = \"another\"");
    work.write("main.tf", &text);
    work.apply();
    let state = work.state();
    let versions = |kind: &str| state.value(&format!("data.modelarts_drivers.{kind}"), "/versions");
    assert_eq!(versions("gpu"), json!(["535.54.03", "470.57.02", "440.33"]));
    assert_eq!(versions("npu"), json!(["C83", "C78"]));
    let of =
        |name: &str| names(&state, &format!("data.modelarts_workspaces.{name}"), "/workspaces");
    assert_eq!(of("all"), ["default", "simulator-workspace"]);
    assert_eq!(of("named"), ["simulator-workspace"]);
    assert_eq!(of("pattern"), ["default"]);
    // The service finds parts of names; the filter means the whole.
    assert!(of("part").is_empty() && of("project").is_empty());
    let expected = json!({
        "id": TEAM,
        "name": "simulator-workspace",
        "description": "For teams that share a project",
        "status": "NORMAL",
        "auth_type": "PUBLIC",
        "owner": "simulator-user",
        "enterprise_project_id": "0",
        "create_time": "2024-01-02T03:04:05Z",
        "update_time": "2024-01-02T03:04:05Z",
    });
    assert_eq!(state.value("data.modelarts_workspaces.named", "/workspaces/0"), expected);
}

#[test]
fn nodes_pass_the_filters_that_they_meet() {
    let cloud = Cloud::start();
    let entries = json!([
        { "flavor": CPU, "count": 3, "azs": [
            { "az": "cn-north-4a", "count": 2 }, { "az": "cn-north-4b", "count": 1 }],
          "taints": [{ "key": "only", "value": "batch", "effect": "NoSchedule" }] },
        { "flavor": GPU, "count": 1, "nodePool": "cards", "azs": [{ "az": "cn-north-4a", "count": 1 }] },
    ]);
    cloud.add_pool(&pool("nodes-pool", "0", json!({}), entries));
    let work = Workspace::new("nodes", &cloud);
    let id = cloud.only_pool()["metadata"]["name"].as_str().unwrap().to_owned();
    let nodes = |name: &str, filter: &str| {
        data("pool_nodes", name, &format!("pool_id = \"{id}\"\n{filter}"))
    };
    let text = nodes("all", "")
        + &nodes("flavor", &format!("flavor = \"{GPU}\""))
        + &nodes("node_pool", "node_pool = \"cards\"")
        + &nodes("phase", "phase = \"Available\"")
        + &nodes("abnormal", "phase = \"Abnormal\"")
        + &nodes("az", "az = \"cn-north-4a\"")
        + &nodes(
            "together",
            &format!("flavor = \"{CPU}\"\nphase = \"Available\"\naz = \"cn-north-4b\""),
        );
    work.write("main.tf", &text);
    work.apply();
    let state = work.state();
    let count =
        |name: &str| names(&state, &format!("data.modelarts_pool_nodes.{name}"), "/nodes").len();
    assert_eq!(count("all"), 4);
    assert_eq!((count("flavor"), count("node_pool")), (1, 1));
    assert_eq!((count("phase"), count("abnormal")), (4, 0));
    assert_eq!((count("az"), count("together")), (3, 1));
    let one = "data.modelarts_pool_nodes.together";
    let expected = [
        ("flavor", json!(CPU)),
        ("phase", json!("Available")),
        ("az", json!("cn-north-4b")),
        ("taints", json!([{ "key": "only", "value": "batch", "effect": "NoSchedule" }])),
        ("locked", json!(false)),
        ("charging_mode", json!("postPaid")),
        ("driver", Json::Null),
        ("resources", json!({ "cpu": "8", "memory": "32Gi" })),
        ("available_resources", json!({ "cpu": "8", "memory": "32Gi" })),
    ];
    for (name, value) in expected {
        assert_eq!(state.value(one, &format!("/nodes/0/{name}")), value, "{name}");
    }
    let labels = state.value(one, "/nodes/0/labels");
    assert_eq!(labels["os.modelarts/billing.status"], "0");
    assert!(labels.get("os.modelarts.node/nodepool").is_none(), "{labels}");
    work.write("main.tf", &data("pool_nodes", "gone", "pool_id = \"no-such-pool\""));
    work.plan_fails().says("There is no pool no-such-pool in this project").says("50015001");
}

#[test]
fn pools_are_found_and_shown_whole() {
    let cloud = Cloud::start();
    let cpu = json!([{ "flavor": CPU, "count": 2 }]);
    cloud.add_pool(&pool("train-a", "0", json!({ "team": "vision" }), cpu.clone()));
    cloud.add_pool(&pool("train-b", "0", json!({ "team": "speech" }), cpu.clone()));
    cloud.add_pool(&pool("other", "0", json!({}), cpu.clone()));
    cloud.add_pool(&pool("elsewhere", TEAM, json!({}), cpu));
    let work = Workspace::new("pools", &cloud);
    let text = data("pool", "by_id", &format!("id = \"train-a-{PROJECT}\""))
        + &data("pool", "by_name", "name = \"train-b\"")
        + &data("pool", "there", &format!("name = \"elsewhere\"\nworkspace_id = \"{TEAM}\""))
        + &data("pools", "all", "")
        + &data("pools", "name", "name = \"other\"")
        + &data("pools", "pattern", "name_regex = \"^train-\"")
        + &data("pools", "type", "type = \"Logical\"")
        + &data("pools", "created", "status = \"created\"")
        + &data("pools", "failed", "status = \"failed\"")
        + &data("pools", "label", "label_selector = \"team=vision\"")
        + &data("pools", "team", &format!("workspace_id = \"{TEAM}\""))
        + &data(
            "pools",
            "together",
            "name_regex = \"a$\"\ntype = \"Dedicate\"\nstatus = \"created\"\nlabel_selector = \
             \"team=vision\"\nworkspace_id = \"0\"",
        );
    work.write("main.tf", &text);
    work.apply();
    let state = work.state();
    let of = |name: &str| names(&state, &format!("data.modelarts_pools.{name}"), "/pools");
    assert_eq!(of("all"), ["other", "train-a", "train-b"]);
    assert_eq!(of("name"), ["other"]);
    assert_eq!(of("pattern"), ["train-a", "train-b"]);
    assert_eq!((of("type").len(), of("failed").len()), (0, 0));
    assert_eq!(of("created").len(), 3);
    assert_eq!(of("label"), ["train-a"]);
    assert_eq!(of("team"), ["elsewhere"]);
    assert_eq!(of("together"), ["train-a"]);
    assert_eq!(state.value("data.modelarts_pool.there", "/workspace_id"), TEAM);
    assert_eq!(state.value("data.modelarts_pool.by_name", "/name"), "train-b");
    let one = "data.modelarts_pool.by_id";
    let expected = [
        ("/name", json!("train-a")),
        ("/description", json!("Of a test")),
        ("/type", json!("Dedicate")),
        ("/scope", json!(["Train"])),
        ("/ready", json!(true)),
        ("/labels", json!({ "team": "vision" })),
        // Of the service, and nobody else's.
        ("/annotations/os.modelarts.pool~1subpools.count", json!("0")),
        ("/annotations/os.modelarts~1description", Json::Null),
        ("/effective_labels/team", json!("vision")),
        ("/effective_annotations/os.modelarts~1description", json!("Of a test")),
        ("/tenant_project_id", json!(PROJECT)),
        ("/resources/0/flavor", json!(CPU)),
        ("/resources/0/count", json!(2)),
        ("/status/phase", json!("Running")),
        ("/status/nodes/available", json!(2)),
        ("/status/root", json!(format!("train-a-{PROJECT}"))),
        ("/status/resources/available/0/flavor", json!(CPU)),
        ("/status/resources/available/0/count", json!(2)),
        ("/status/resources/creating", json!([])),
        ("/status/scope", json!([{ "scope_type": "Train", "state": "Enabled", "message": null }])),
    ];
    for (pointer, value) in expected {
        assert_eq!(state.value(one, pointer), value, "{pointer}");
    }
    // What only a resource has is not there at all.
    let whole = state.value(one, "");
    for name in
        ["timeouts", "wait_for", "on_timeout", "deletion_protection", "user_login", "auto_pay"]
    {
        assert!(whole.get(name).is_none(), "{name}");
    }
    // In a plural one as in a singular one.
    assert_eq!(state.value("data.modelarts_pools.label", "/pools/0"), whole);
}

#[test]
fn networks_are_found_and_shown_whole() {
    let cloud = Cloud::start();
    let work = Workspace::new("networks", &cloud);
    let resource = r#"
resource "modelarts_network" "own" {
  name        = "own-net"
  description = "Of a test"
  cidr        = "10.1.0.0/16"
}
"#;
    work.write("main.tf", resource);
    work.apply();
    let text = data("network", "by_id", &format!("id = \"{}\"", network_id()))
        + &data("network", "by_name", "name = \"own-net\"")
        + &data("networks", "all", "")
        + &data("networks", "name", "name = \"own-net\"")
        + &data("networks", "pattern", "name_regex = \"^sim\"")
        + &data("networks", "label", "label_selector = \"os.modelarts/name=own-net\"")
        + &data("networks", "team", &format!("workspace_id = \"{TEAM}\""))
        + &data(
            "networks",
            "together",
            "name_regex = \"net$\"\nname = \"own-net\"\nworkspace_id = \"0\"",
        );
    work.write("main.tf", &(resource.to_owned() + &text));
    work.apply();
    let state = work.state();
    let of = |name: &str| names(&state, &format!("data.modelarts_networks.{name}"), "/networks");
    assert_eq!(of("all"), ["own-net", "sim-net"]);
    assert_eq!(of("name"), ["own-net"]);
    assert_eq!(of("pattern"), ["sim-net"]);
    assert_eq!(of("label"), ["own-net"]);
    assert_eq!(of("team").len(), 0);
    assert_eq!(of("together"), ["own-net"]);
    assert_eq!(state.value("data.modelarts_network.by_id", "/phase"), "Active");
    let own = "data.modelarts_network.by_name";
    for (pointer, value) in [
        ("/id", json!(format!("own-net-{PROJECT}"))),
        ("/description", json!("Of a test")),
        ("/cidr", json!("10.1.0.0/16")),
        ("/ipv6_enable", json!(false)),
        ("/peer_connections", json!([])),
        ("/phase", json!("Active")),
    ] {
        assert_eq!(state.value(own, pointer), value, "{pointer}");
    }
    assert!(state.value(own, "").get("timeouts").is_none());
}

#[test]
fn what_is_not_there_is_an_error_for_one_and_nothing_for_many() {
    let cloud = Cloud::start();
    let work = Workspace::new("missing", &cloud);
    work.write("main.tf", &data("pool", "one", "name = \"nobody\""));
    work.plan_fails().says("Pool not found").says("Nothing is named \"nobody\" in the default");
    work.write("main.tf", &data("network", "one", "id = \"nobody\""));
    work.plan_fails().says("Network not found").says("50025001").says("Check the id");
    let far = format!("id = \"{}\"\nworkspace_id = \"{TEAM}\"", network_id());
    work.write("main.tf", &data("network", "one", &far));
    work.plan_fails().says("Network is in another workspace").says("is in workspace 0");
    work.write("main.tf", &data("pools", "many", "name = \"nobody\""));
    work.apply();
    assert_eq!(work.state().value("data.modelarts_pools.many", "/pools"), json!([]));
}

#[test]
fn wrong_filters_are_told_together_before_anything_is_asked() {
    let cloud = Cloud::start();
    let work = Workspace::new("filters", &cloud);
    let text = data("pool", "both", "id = \"a\"\nname = \"b\"")
        + &data("network", "neither", "")
        + &data("pools", "pattern", "name_regex = \"(\"")
        + &data("pools", "words", "status = \"Running\"\ntype = \"Dedicated\"")
        + &data("flavors", "words", "accelerator = \"tpu\"")
        + &data("drivers", "kind", "kind = \"cpu\"");
    work.write("main.tf", &text);
    let told = work.run(&["validate"]).failure();
    for words in [
        "Both id and name are set",
        "Neither id nor name is set",
        "name_regex is \"(\", which is no regular expression",
        "status is \"Running\". Use one of \"created\", \"failed\", \"creating\"",
        "type is \"Dedicated\"",
        "accelerator is \"tpu\"",
        "kind is \"cpu\"",
    ] {
        assert!(told.flat().contains(words), "{words}\n{}", told.flat());
    }
    assert_eq!(cloud.requests(), 0);
}

#[test]
fn what_is_decided_during_the_apply_is_looked_up_then() {
    let cloud = Cloud::start();
    let work = Workspace::new("late", &cloud);
    let text = r#"
resource "modelarts_network" "own" {
  name = "own-net"
  cidr = "10.1.0.0/16"
}

resource "terraform_data" "kind" {
  input = "gpu"
}
"#;
    let text = text.to_owned()
        + &data("network", "own", "id = modelarts_network.own.id")
        + &data("drivers", "late", "kind = terraform_data.kind.output")
        + &data("flavors", "late", "accelerator = terraform_data.kind.output");
    work.write("main.tf", &text);
    work.plan();
    work.apply();
    work.plan_is_empty();
    let state = work.state();
    assert_eq!(state.value("data.modelarts_network.own", "/name"), "own-net");
    assert_eq!(state.value("data.modelarts_drivers.late", "/versions/0"), "535.54.03");
    assert_eq!(names(&state, "data.modelarts_flavors.late", "/names").len(), 3);
}

#[test]
fn a_service_that_refuses_is_told_with_what_to_do() {
    let cloud = Cloud::playing(&json!({ "faults": [
        { "match": { "operation": "flavors" }, "do": { "answer": { "status": 403, "body": {} } } },
    ]}));
    let work = Workspace::new("refused", &cloud);
    work.write("main.tf", &data("flavors", "all", ""));
    work.plan_fails().says("Flavors could not be read").says("lack a permission");
}

#[test]
fn nodes_are_spread_over_zones() {
    let cloud = Cloud::start();
    let work = Workspace::new("spread", &cloud);
    let spread = "provider::modelarts::spread(5, [\"cn-north-4b\", \"cn-north-4a\"])";
    let network = crate::pools::network_argument();
    work.write(
        "main.tf",
        &format!(
            r#"
resource "modelarts_pool" "main" {{
  name      = "spread-pool"
  scope     = ["Train"]
  {network}
  resources = [{{ flavor = "{CPU}", count = 5, azs = {spread} }}]
}}
"#
        ),
    );
    work.apply();
    work.plan_is_empty();
    let azs = work.state().value(crate::pools::POOL, "/resources/0/azs");
    let expected =
        json!([{ "az": "cn-north-4a", "count": 2 }, { "az": "cn-north-4b", "count": 3 }]);
    assert_eq!(azs, expected);
    work.write("main.tf", "output \"wrong\" {\n  value = provider::modelarts::spread(0, [])\n}\n");
    work.plan_fails().says("count must be a whole number of at least 1");
}
