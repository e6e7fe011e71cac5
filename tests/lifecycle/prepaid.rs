//! Pools that are paid for in advance.

use serde_json::json;

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, NAME, POOL, entry, pool_with};

fn prepaid(nodes: u32, further: &str) -> String {
    let billing = format!(
        "  charging_mode = \"prePaid\"\n  period_unit = \"month\"\n  period = 1\n  {further}\n"
    );
    pool_with(&[entry(CPU, nodes)], &billing)
}

#[test]
fn an_order_that_nobody_pays_ends_the_wait_and_is_waited_for_again_once_paid() {
    let cloud = Cloud::start();
    let work = Workspace::new("unpaid", &cloud);
    work.write("main.tf", &prepaid(1, ""));
    work.run(&["plan"]).success().says("auto_pay = true");
    let began = std::time::Instant::now();
    work.apply().says("pay its order").says("Pool waits for a person");
    assert!(began.elapsed().as_secs() < 40, "{:?}", began.elapsed());
    assert!(!work.state().is_tainted(POOL));
    assert_eq!(work.plan().actions(POOL), ["update"]);
    cloud.pay(NAME);
    work.apply();
    assert_eq!(work.state().text(POOL, "/status/phase"), "Running");
    work.plan_is_empty();
    assert_eq!(cloud.count("POST", "/pools"), 1);
}

#[test]
fn destroying_unsubscribes_and_says_so() {
    let cloud = Cloud::start();
    let work = Workspace::new("unsubscribe", &cloud);
    work.write("main.tf", &prepaid(3, "auto_pay = true"));
    work.apply();
    work.plan_is_empty();
    work.run(&["plan", "-destroy"]).success().says("unsubscribes it").says("refunded");
    work.destroy();
    assert!(cloud.pools().is_empty());
    assert_eq!(cloud.count("DELETE", "/pools/"), 0);
    assert_eq!(cloud.count("POST", "/unsubscribe"), 1);
}

#[test]
fn what_billing_refuses_stays_in_the_state_with_the_reason() {
    let cloud = Cloud::start();
    let work = Workspace::new("refused", &cloud);
    work.write("main.tf", &prepaid(1, "auto_pay = true"));
    work.apply();
    let answer = json!({ "fail_resource_infos": [{
        "resource_id": "*", "error_code": "CBC.99005006", "error_msg": "unpaid bills" }] });
    cloud.play(&json!({ "faults": [{
        "match": { "path": "**/unsubscribe", "nth": 1 },
        "do": { "answer": { "status": 200, "body": answer } },
    }] }));
    let failed = work.run(&["destroy", "-auto-approve"]).failure();
    failed.says("unpaid bills").says("billing console");
    assert_eq!(work.state().addresses(), [POOL]);
    assert_eq!(cloud.pools().len(), 1);
    work.destroy();
    assert!(cloud.pools().is_empty());
}

#[test]
fn a_lost_answer_of_billing_unsubscribes_nothing_twice() {
    let cloud = Cloud::start();
    let work = Workspace::new("lost-order", &cloud);
    work.write("main.tf", &prepaid(2, "auto_pay = true"));
    work.apply();
    cloud.play(&json!({ "faults": [{
        "match": { "path": "**/unsubscribe", "nth": 1 },
        "do": "lost",
    }] }));
    work.destroy();
    assert!(cloud.pools().is_empty());
    assert_eq!(cloud.count("POST", "/unsubscribe"), 1);
}

#[test]
fn prepaid_nodes_are_not_taken_away_by_a_smaller_count() {
    let cloud = Cloud::start();
    let work = Workspace::new("smaller", &cloud);
    work.write("main.tf", &prepaid(3, "auto_pay = true"));
    work.apply();
    work.write("main.tf", &prepaid(2, "auto_pay = true"));
    work.run(&["plan"]).success().says("cannot be removed here");
    work.apply_fails().says("must be unsubscribed");
    assert_eq!(work.state().value(POOL, "/resources/0/count"), 3);
    work.write("main.tf", &prepaid(3, "auto_pay = true"));
    work.plan_is_empty();
}
