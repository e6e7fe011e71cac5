//! Plans tell the truth in few words, where Terraform's own behaviour has a say.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::access::WORKSPACE_ID;

use crate::harness::{Cloud, Output, Workspace, network_id};
use crate::pools::{CPU, GPU, NAME, POOL, entry, entry_with, named, pool, pool_with};

const HOURS: Duration = Duration::from_secs(2 * 3600);

const PROTECTED: &str = "deletion_protection = true";

/// A protected pool that exists, in a cloud that has forgotten the requests.
fn protected(name: &str, further: &str) -> (Cloud, Workspace) {
    let cloud = Cloud::start();
    let work = Workspace::new(name, &cloud);
    work.write("main.tf", &protected_pool(further));
    work.apply();
    (cloud, work)
}

fn protected_pool(further: &str) -> String {
    pool_with(&[entry(CPU, 1)], &format!("{PROTECTED}\n{further}"))
}

/// Fails the test unless a run left the pool alone.
#[track_caller]
fn is_kept(cloud: &Cloud, work: &Workspace) {
    assert_eq!(cloud.only_pool()["status"]["phase"], "Running");
    assert_eq!(cloud.destructive_calls(), 0);
    assert_eq!(work.state().addresses().iter().filter(|one| *one == POOL).count(), 1);
}

#[test]
fn a_protected_pool_survives_a_replacement_on_demand() {
    let (cloud, work) = protected("demand", "");
    let replace = format!("-replace={POOL}");
    let failed = work.run(&["apply", "-auto-approve", &replace]).failure();
    failed.says("deletion_protection = false").says("leave out -replace");
    is_kept(&cloud, &work);
    work.plan_is_empty();
    // The protection ends with the setting, and with nothing else.
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], ""));
    work.apply();
    work.run(&["apply", "-auto-approve", &replace]).success();
    assert_eq!(cloud.destructive_calls(), 1);
    work.plan_is_empty();
}

#[test]
fn a_protected_pool_survives_a_replacement_that_makes_the_new_one_first() {
    let (cloud, work) = protected("first", "lifecycle { create_before_destroy = true }");
    let replace = format!("-replace={POOL}");
    work.run(&["apply", "-auto-approve", &replace]).failure().says("already");
    is_kept(&cloud, &work);
    work.plan_is_empty();
}

#[test]
fn a_protected_pool_survives_a_taint() {
    let (cloud, work) = protected("taint", "");
    work.run(&["taint", POOL]).success();
    work.apply_fails().says("deletion_protection").says("terraform untaint");
    is_kept(&cloud, &work);
    work.run(&["untaint", POOL]).success();
    work.plan_is_empty();
}

#[test]
fn a_protected_pool_survives_a_trigger() {
    let trigger = |input: u32| {
        let lifecycle = "lifecycle { replace_triggered_by = [terraform_data.trigger] }";
        let data = format!("resource \"terraform_data\" \"trigger\" {{ input = {input} }}");
        format!("{}\n{data}\n", protected_pool(lifecycle))
    };
    let cloud = Cloud::start();
    let work = Workspace::new("trigger", &cloud);
    work.write("main.tf", &trigger(1));
    work.apply();
    work.write("main.tf", &trigger(2));
    work.apply_fails().says("deletion_protection = false").says("trigger");
    is_kept(&cloud, &work);
    work.write("main.tf", &trigger(1));
    work.plan_is_empty();
}

#[test]
fn a_pool_is_protected_from_its_import_on() {
    let (cloud, work) = imported("protect-import");
    let protected = pool_with(&[entry(GPU, 1)], PROTECTED);
    work.write("main.tf", &protected.replace(NAME, "other-pool"));
    work.plan_fails().says("deletion_protection = false");
    work.write("main.tf", &protected);
    let replace = format!("-replace={POOL}");
    work.run(&["apply", "-auto-approve", &replace]).failure().says("deletion_protection = false");
    is_kept(&cloud, &work);
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["update"]);
    assert_eq!(plan.after(POOL, "/annotations"), json!({ "owner": "platform" }));
}

/// A pool that takes an hour, with a wait for it that is soon cut short.
fn slow_pool(further: &str) -> String {
    let timeouts = "timeouts {\n    create = \"1s\"\n  }";
    pool_with(&[entry(CPU, 1)], &format!("{further}\n  {timeouts}"))
}

#[test]
fn an_open_wait_is_finished_by_any_change() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h" } }));
    let work = Workspace::new("open", &cloud);
    work.write("main.tf", &slow_pool(""));
    work.apply();
    let condition = "lifecycle {\n  postcondition {\n    condition = self.ready\n    \
                     error_message = \"not ready\"\n  }\n}";
    let changes = [
        "annotations = { owner = \"platform\" }",
        "sharing = \"shared\"",
        "scheduler_extension = \"high\"",
        "on_timeout = \"fail\"",
        "description = \"changed\"",
    ];
    for change in changes {
        work.write("main.tf", &slow_pool(&format!("{change}\n{condition}")));
        let plan = work.plan();
        assert_eq!(plan.actions(POOL), ["update"], "{change}");
        for unknown in ["/ready", "/status/phase"] {
            assert!(plan.is_unknown(POOL, unknown), "{change} leaves {unknown} known");
        }
    }
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for_poll_after("PATCH", "/pools/");
    cloud.advance(HOURS);
    run.finish().success();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
}

#[test]
fn an_order_that_waits_to_be_paid_is_named_in_place() {
    let cloud = Cloud::start();
    let work = Workspace::new("order-id", &cloud);
    let prepaid = |further: &str| {
        let billing = "charging_mode = \"prePaid\"\n  period_unit = \"month\"\n  period = 1";
        pool_with(&[entry(CPU, 1)], &format!("{billing}\n{further}"))
    };
    work.write("main.tf", &prepaid(""));
    work.apply().says("pay its order");
    // The pool exists: that its order could pay itself is no help any more.
    let unpaid = work.run(&["plan"]).success();
    assert!(!unpaid.flat().contains("auto_pay"), "{unpaid}");
    work.write("main.tf", &prepaid("order_id = \"CS2401\""));
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["update"]);
    assert!(plan.is_unknown(POOL, "/ready") && plan.is_unknown(POOL, "/status/phase"));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for_poll_after("PATCH", "/pools/");
    cloud.pay(NAME);
    run.finish().success();
    let annotations = &cloud.only_pool()["metadata"]["annotations"];
    assert_eq!(annotations["os.modelarts/order.id"], "CS2401");
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/pools"), 1);
}

/// The lines that a plan shows of the pool, from its heading to its end.
#[track_caller]
fn block(output: &Output) -> Vec<&str> {
    let lines = output.stdout.lines().skip_while(|line| !line.contains(&format!("# {POOL} ")));
    let mut block: Vec<&str> = lines.take_while(|line| *line != "    }").collect();
    assert!(!block.is_empty(), "the pool is not shown: {output}");
    block.push("    }");
    block
}

/// Two entries, of which nothing is said but how many nodes they have.
fn two(cpu: u32, further: &str) -> String {
    pool_with(&[entry(CPU, cpu), entry(GPU, 1)], further)
}

#[test]
fn a_plan_is_as_short_as_what_changes() {
    let cloud = Cloud::start();
    let work = Workspace::new("short", &cloud);
    let pool = |cpu: u32, label: &str, further: &str| {
        let label = format!("labels = {{ tier = \"{label}\" }}");
        pool_with(&[entry_with(CPU, cpu, &label), entry(GPU, 1)], further)
    };
    let one = "description = \"one\"";
    let moved = format!("{one}\n  workspace_id = \"{WORKSPACE_ID}\"");
    work.write("main.tf", &pool(2, "gold", one));
    work.apply();
    let scoped = pool(2, "gold", one).replace("[\"Train\"]", "[\"Train\", \"Infer\"]");
    let cases = [
        ("count", pool(3, "gold", one), 40),
        ("description", pool(2, "gold", "description = \"two\""), 10),
        ("node label", pool(2, "silver", one), 20),
        ("scope", scoped, 25),
        ("workspace", pool(2, "gold", &moved), 25),
    ];
    for (what, configuration, most) in cases {
        work.write("main.tf", &configuration);
        let output = work.run(&["plan", "-no-color"]).success();
        let lines = block(&output);
        assert!(lines.len() <= most, "{what}: {} lines\n{}", lines.len(), lines.join("\n"));
    }
}

#[test]
fn a_plan_says_which_nodes_it_destroys() {
    let cloud = Cloud::start();
    let work = Workspace::new("destroys", &cloud);
    work.write("main.tf", &two(3, ""));
    work.apply();
    work.write("main.tf", &two(1, ""));
    let shrunk = work.run(&["plan"]).success();
    let shrunk = shrunk.says(&format!("2 nodes of flavor {CPU}")).says("will be destroyed");
    assert!(!shrunk.flat().contains(&format!("of flavor {GPU}")), "{shrunk}");
    work.write("main.tf", &pool_with(&[entry(GPU, 1)], ""));
    let removed = work.run(&["plan"]).success();
    let removed = removed
        .says(&format!("3 nodes of flavor {CPU} in the default node pool will be destroyed"));
    assert!(!removed.flat().contains(&format!("of flavor {GPU}")), "{removed}");
    work.write("main.tf", &two(4, ""));
    let grown = work.run(&["plan"]).success();
    assert!(!grown.flat().contains("will be destroyed"), "{grown}");
}

#[test]
fn a_plan_that_only_reorders_says_so_and_sends_nothing() {
    let cloud = Cloud::start();
    let work = Workspace::new("reorders", &cloud);
    work.write("main.tf", &two(2, ""));
    work.apply();
    work.write("main.tf", &pool_with(&[entry(GPU, 1), entry(CPU, 2)], ""));
    let output = work.run(&["plan"]).success().says("Only the order changes");
    assert!(!output.flat().contains("will be destroyed"), "{output}");
    work.apply();
    assert_eq!(cloud.count("PATCH", "/pools/"), 0);
    assert_eq!(work.state().value(POOL, "/resources/0/flavor"), GPU);
    work.plan_is_empty();
}

/// A pool that somebody made elsewhere, with all that can be found on one.
fn made_elsewhere() -> Json {
    json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": {
            "labels": { "os.modelarts/name": NAME, "os.modelarts/workspace.id": "0", "team": "vision" },
            "annotations": { "owner": "platform" },
        },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train"],
            "network": { "name": network_id() },
            "driver": { "gpuVersion": "440.33" },
            "resources": [{
                "flavor": GPU, "count": 1, "maxCount": 1,
                "labels": { "rack": "a" },
                "taints": [{ "key": "only-gpu", "effect": "NoSchedule" }],
            }],
        },
    })
}

const FOUND_ON_NODES: &str = r#"
      labels = { rack = "a" }
      taints = [{ key = "only-gpu", effect = "NoSchedule" }]"#;
const FOUND_LABELS: &str = "labels = { team = \"vision\" }\n";
const DRIVER: &str = "driver = { gpu_version = \"440.33\" }\n";

/// A pool that was made elsewhere and taken over by its ID.
fn imported(name: &str) -> (Cloud, Workspace) {
    let cloud = Cloud::start();
    let made = cloud.add_pool(&made_elsewhere());
    let work = Workspace::new(name, &cloud);
    work.write("main.tf", &pool_with(&[entry(GPU, 1)], ""));
    let id = made["metadata"]["name"].as_str().expect("a pool has an ID");
    work.run(&["import", POOL, id]).success();
    (cloud, work)
}

#[test]
fn what_an_import_found_is_no_difference_whether_repeated_or_not() {
    let (cloud, work) = imported("found");
    work.plan_is_empty();
    let annotations = "annotations = { owner = \"platform\" }\n";
    let further = format!("{FOUND_LABELS}{annotations}{DRIVER}");
    work.write("main.tf", &pool_with(&[entry_with(GPU, 1, FOUND_ON_NODES)], &further));
    work.plan_is_empty();
    assert_eq!(cloud.count("PATCH", "/pools/"), 0);
}

#[test]
fn what_was_written_after_an_import_is_taken_off_when_left_out() {
    let (cloud, work) = imported("written");
    let annotations = "annotations = { owner = \"research\" }\n";
    let further = format!("{annotations}{DRIVER}");
    work.write("main.tf", &pool_with(&[entry_with(GPU, 1, FOUND_ON_NODES)], &further));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    work.plan_is_empty();
    work.write("main.tf", &pool_with(&[entry(GPU, 1)], ""));
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["update"]);
    for gone in ["/annotations", "/driver", "/resources/0/labels", "/resources/0/taints"] {
        assert!(plan.after(POOL, gone).is_null(), "{gone} stays in the plan");
        assert!(!plan.is_unknown(POOL, gone), "{gone} is unknown");
    }
    work.apply();
    let pool = cloud.only_pool();
    assert!(pool["metadata"]["annotations"]["owner"].is_null(), "{pool:#}");
    assert!(pool["spec"]["driver"]["gpuVersion"].is_null(), "{pool:#}");
    assert!(pool["spec"]["resources"][0]["labels"]["rack"].is_null(), "{pool:#}");
    let taints = pool["spec"]["resources"][0]["taints"].as_array();
    assert!(taints.is_none_or(Vec::is_empty), "{pool:#}");
    assert_eq!(pool["metadata"]["labels"]["team"], "vision");
    work.plan_is_empty();
}

#[test]
fn a_count_that_terraform_ignores_is_judged_with_the_zones_that_it_does_not() {
    let zones = |count: u32| {
        let life = "  lifecycle {\n    ignore_changes = [resources[0].count]\n  }\n";
        let azs = format!("azs = [{{ az = \"cn-north-4a\", count = {count} }}]");
        pool_with(&[entry_with(CPU, count, &azs)], life)
    };
    let cloud = Cloud::start();
    let work = Workspace::new("ignored", &cloud);
    work.write("main.tf", &zones(2));
    work.apply();
    work.write("main.tf", &zones(3));
    work.plan_fails().says("add up to 3").says("count is 2");
}

#[test]
fn an_answer_without_labels_replaces_no_live_pool() {
    let left_out = ["label:node.prefix", "label:sharing", "label:workspace.id", "spec.network"];
    let cloud = Cloud::start();
    let work = Workspace::new("absent", &cloud);
    let text = "  node_prefix = \"node\"\n  sharing = \"shared\"\n";
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], text));
    work.apply();
    let leave_out: Json = json!({ "list": left_out, "show": left_out, "change": left_out });
    cloud.play(&json!({ "answers": { "leave_out": leave_out } }));
    work.plan_is_empty();
    work.write("main.tf", &pool_with(&[entry(CPU, 2)], text));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    work.apply();
    work.plan_is_empty();
}

#[test]
fn a_protected_configuration_replaces_no_pool_that_was_just_imported() {
    let cloud = Cloud::start();
    let work = Workspace::new("imported", &cloud);
    work.write("main.tf", &pool(1));
    work.apply();
    let id = work.state().text(POOL, "/id");
    work.run(&["state", "rm", POOL]).success();
    let other = named("other-name", &[entry(CPU, 1)], "  deletion_protection = true");
    let import = format!("import {{\n  to = {POOL}\n  id = \"{id}\"\n}}\n");
    work.write("main.tf", &format!("{other}{import}"));
    work.plan_fails().says("protected against deletion");
    assert_eq!(cloud.count("DELETE", "/pools/"), 0);
}
