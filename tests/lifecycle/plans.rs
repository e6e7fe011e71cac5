//! What Terraform shows of a plan, and what it does without asking for one.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, GPU, POOL, entry, pool_with};

fn protected() -> String {
    pool_with(&[entry(CPU, 1)], "  deletion_protection = true")
}

#[test]
fn a_protected_pool_outlives_replace_taint_and_triggers() {
    let cloud = Cloud::start();
    let work = Workspace::new("protected", &cloud);
    work.write("main.tf", &protected());
    work.apply();
    let apply = |further: &[&str]| {
        let arguments = [&["apply", "-auto-approve", "-no-color", "-input=false"], further];
        work.run(&arguments.concat()).failure().says("deletion_protection")
    };
    apply(&["-replace=modelarts_pool.main"]);
    work.run(&["taint", POOL]).success();
    apply(&[]);
    work.run(&["untaint", POOL]).success();
    let trigger = "  lifecycle { replace_triggered_by = [terraform_data.trigger] }";
    let triggered = |input: u32| {
        let pool = pool_with(&[entry(CPU, 1)], &format!("  deletion_protection = true\n{trigger}"));
        format!("{pool}\nresource \"terraform_data\" \"trigger\" {{ input = {input} }}\n")
    };
    work.write("main.tf", &triggered(1));
    work.apply();
    work.write("main.tf", &triggered(2));
    apply(&[]);
    assert_eq!(cloud.count("DELETE", "/pools/"), 0);
    assert!(work.state().addresses().contains(&POOL.to_owned()));
    // Once it is let go, the same is possible.
    work.write("main.tf", &pool_with(&[entry(CPU, 1)], "  deletion_protection = false"));
    work.apply();
    work.destroy();
}

#[test]
fn a_postcondition_on_ready_and_a_change_do_not_get_in_each_others_way() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h" } }));
    let work = Workspace::new("open-wait", &cloud);
    let pool = |description: &str| {
        let further = format!(
            r#"  description = "{description}"
  timeouts {{
    create = "1s"
    update = "10m"
  }}
  lifecycle {{
    postcondition {{
      condition     = self.ready
      error_message = "The pool is not ready."
    }}
  }}
"#
        );
        pool_with(&[entry(CPU, 1)], &further)
    };
    work.write("main.tf", &pool("one"));
    work.apply_fails().says("The pool is not ready.");
    work.write("main.tf", &pool("two"));
    let plan = work.plan();
    assert_eq!(plan.actions(POOL), ["update"]);
    for path in ["/ready", "/status/phase"] {
        assert!(plan.is_unknown(POOL, path), "{path}");
    }
    cloud.advance(Duration::from_secs(2 * 3600));
    work.apply();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
}

/// The lines of the resource's block in a plan.
fn lines(work: &Workspace) -> usize {
    let shown = work.run(&["plan", "-no-color", "-input=false"]).success().stdout;
    let begin = shown.lines().position(|line| line.contains("resource \"modelarts_pool\""));
    let block = shown.lines().skip(begin.expect("there is a change"));
    block.take_while(|line| *line != "    }").count() + 1
}

#[test]
fn plans_are_short() {
    let cloud = Cloud::start();
    let work = Workspace::new("short", &cloud);
    let pool = |count: u32, description: &str, label: &str| {
        let labelled = format!(
            "    {{\n      flavor = \"{GPU}\"\n      count = 1\n      labels = {{ tier = \
             \"{label}\" }}\n    }},\n"
        );
        let further = format!("  description = \"{description}\"");
        pool_with(&[entry(CPU, count), labelled], &further)
    };
    work.write("main.tf", &pool(2, "one", "one"));
    work.apply();
    work.write("main.tf", &pool(3, "one", "one"));
    let count = lines(&work);
    work.write("main.tf", &pool(2, "two", "one"));
    let description = lines(&work);
    work.write("main.tf", &pool(2, "one", "two"));
    let label = lines(&work);
    assert!(count <= 40 && description <= 10, "{count} {description}");
    assert!(label <= 25, "{label}");
}
