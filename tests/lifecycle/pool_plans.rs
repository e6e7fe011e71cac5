//! Plans as people read them, and what Terraform makes of them by itself.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, Output, Workspace};
use crate::pools::{CPU, GPU, NAME, POOL, entry, entry_with, named, pool, pool_with};

/// The lines of the resource's block in a printed plan, its braces included.
#[track_caller]
fn block(plan: &Output) -> Vec<String> {
    let lines = plan.stdout.lines();
    let begins = |line: &&str| line.trim_start().starts_with("~ resource \"modelarts_pool\"");
    let mut found: Vec<String> = Vec::new();
    for line in lines.skip_while(|line| !begins(line)) {
        found.push(line.to_owned());
        if line == "    }" {
            return found;
        }
    }
    panic!("no pool changes: {plan}");
}

/// Two entries, without zones, as in most configurations.
fn two(count: u32, further: &str) -> String {
    let first = format!("      labels = {{ tier = \"gold\" }}\n{further}");
    pool_with(&[entry_with(CPU, count, &first), entry(GPU, 1)], "description = \"one\"")
}

#[test]
fn a_plan_is_as_short_as_what_changes() {
    let cloud = Cloud::start();
    let work = Workspace::new("lines", &cloud);
    work.write("main.tf", &two(2, ""));
    work.apply();
    let scoped = two(2, "").replace("[\"Train\"]", "[\"Train\", \"Infer\"]");
    let moved =
        two(2, "").replace("description =", "workspace_id = \"WORKSPACE\"\n  description =");
    let moved =
        moved.replace("WORKSPACE", terraform_provider_modelarts::simulator::access::WORKSPACE_ID);
    let cases = [
        ("count", two(3, ""), 40),
        ("description", two(2, "").replace("\"one\"", "\"two\""), 10),
        ("node label", two(2, "").replace("gold", "silver"), 20),
        ("scope", scoped, 25),
        ("workspace", moved, 25),
    ];
    for (what, configuration, most) in cases {
        work.write("main.tf", &configuration);
        let plan = work.run(&["plan"]).success();
        let block = block(&plan);
        eprintln!("{what}: {} lines", block.len());
        assert!(block.len() <= most, "{what} takes {} lines:\n{}", block.len(), block.join("\n"));
    }
}

#[test]
fn nodes_that_go_are_named_in_the_printed_plan() {
    let cloud = Cloud::start();
    let work = Workspace::new("words", &cloud);
    work.write("main.tf", &pool_with(&[entry(CPU, 2), entry(GPU, 1)], ""));
    work.apply();
    work.write("main.tf", &pool_with(&[entry(GPU, 1)], ""));
    let words = format!("2 nodes of flavor {CPU} in the default node pool will be destroyed");
    work.run(&["plan"]).success().says(&words);
    work.write("main.tf", &pool_with(&[entry(GPU, 1), entry(CPU, 2)], ""));
    work.run(&["plan"]).success().says("Only the order changes");
}

fn protected(further: &str) -> String {
    pool_with(&[entry(CPU, 1)], &format!("  deletion_protection = true\n{further}"))
}

#[track_caller]
fn is_there(cloud: &Cloud, work: &Workspace, id: &str) {
    assert_eq!(cloud.only_pool()["metadata"]["name"], id);
    assert_eq!(cloud.count("DELETE", "/pools/"), 0);
    assert_eq!(work.state().text(POOL, "/id"), id);
}

#[test]
fn a_protected_pool_survives_replace() {
    let cloud = Cloud::start();
    let work = Workspace::new("replace", &cloud);
    work.write("main.tf", &protected(""));
    work.apply();
    let id = work.state().text(POOL, "/id");
    let replace = format!("-replace={POOL}");
    work.run(&["apply", "-auto-approve", &replace]).failure().says("protected against deletion");
    is_there(&cloud, &work, &id);
    work.plan_is_empty();
}

#[test]
fn a_protected_pool_survives_taint() {
    let cloud = Cloud::start();
    let work = Workspace::new("taint", &cloud);
    work.write("main.tf", &protected(""));
    work.apply();
    let id = work.state().text(POOL, "/id");
    work.run(&["taint", POOL]).success();
    work.apply_fails().says("protected against deletion");
    is_there(&cloud, &work, &id);
    work.run(&["untaint", POOL]).success();
    work.plan_is_empty();
}

#[test]
fn a_protected_pool_survives_what_triggers_its_replacement() {
    let trigger = |version: u32| {
        format!("resource \"terraform_data\" \"version\" {{\n  input = {version}\n}}\n")
    };
    let life = "  lifecycle {\n    replace_triggered_by = [terraform_data.version]\n  }\n";
    let cloud = Cloud::start();
    let work = Workspace::new("trigger", &cloud);
    work.write("main.tf", &format!("{}{}", trigger(1), protected(life)));
    work.apply();
    let id = work.state().text(POOL, "/id");
    work.write("main.tf", &format!("{}{}", trigger(2), protected(life)));
    work.apply_fails().says("protected against deletion");
    is_there(&cloud, &work, &id);
}

const READY: &str = r#"
  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The pool is not ready."
    }
  }
"#;

#[test]
fn a_change_while_a_wait_is_open_passes_the_postcondition_and_ends_the_wait() {
    let text = |description: &str| {
        let times = "  timeouts {\n    create = \"1s\"\n  }";
        let further = format!("  description = \"{description}\"\n{READY}{times}");
        pool_with(&[entry(CPU, 1)], &further)
    };
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h" } }));
    let work = Workspace::new("open", &cloud);
    work.write("main.tf", &text("one"));
    work.apply_fails().says("The pool is not ready.");
    work.write("main.tf", &text("two"));
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["update"]);
    assert!(plan.is_unknown(POOL, "/ready") && plan.is_unknown(POOL, "/status/phase"));
    cloud.advance(Duration::from_secs(2 * 3600));
    work.apply();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
}

fn prepaid(further: &str) -> String {
    let billing = "  charging_mode = \"prePaid\"\n  period_unit = \"month\"\n  period = 1\n";
    pool_with(&[entry(CPU, 1)], &format!("{billing}{further}"))
}

#[test]
fn an_order_is_paid_by_its_id_while_a_wait_is_open() {
    let cloud = Cloud::start();
    let work = Workspace::new("pay", &cloud);
    work.write("main.tf", &prepaid(""));
    work.apply().says("Pool waits for a person");
    let unpaid = work.run(&["plan"]).success();
    assert!(!unpaid.flat().contains("Set auto_pay"), "{unpaid}");
    work.write("main.tf", &prepaid("  order_id = \"CS2611250000000001\"\n"));
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["update"]);
    assert!(plan.is_unknown(POOL, "/ready") && plan.is_unknown(POOL, "/status/phase"));
    // The order is paid in the console, and its ID is written down here.
    cloud.pay(NAME);
    work.apply();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    let shown = cloud.only_pool()["metadata"]["annotations"]["os.modelarts/order.id"].clone();
    assert_eq!(shown, "CS2611250000000001");
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
