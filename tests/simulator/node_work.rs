//! Work on nodes: what nodes and jobs show meanwhile, and how it ends badly.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::{Scenario, access::PROJECT_ID};

use super::client::{Reply, World, nodes, physical, pool, pools};

/// A ready pool and the names of its nodes.
async fn ready(world: &World, count: u32) -> (String, Vec<String>) {
    let id = world.ready_pool(&physical("pool-a", count)).await;
    let list = world.get(&format!("{}/nodes", pool(&id))).await.expect(200);
    let name = |node: &Value| node["metadata"]["name"].as_str().unwrap().to_owned();
    let names = list["items"].as_array().unwrap().iter().map(name).collect();
    (id, names)
}

fn play(world: &World, scenario: Value) {
    world.cloud.set_scenario(Scenario::from_json(&scenario.to_string()).unwrap());
}

async fn ask(world: &World, id: &str, action: &str, body: &Value) -> Reply {
    world.call("POST", &format!("{}/nodes/{action}", pool(id)), body).await
}

fn reset(names: &[String], strategy: &str, most: u32) -> Value {
    let rolling = json!({ "strategy": strategy, "maxUnavailable": most });
    json!({ "nodeNames": names, "rollingConfig": rolling })
}

/// What every node says at a place.
async fn each(world: &World, id: &str, place: &str) -> Vec<String> {
    let list = world.get(&format!("{}/nodes", pool(id))).await.expect(200);
    let text = |node: &Value| node.pointer(place).and_then(Value::as_str).unwrap_or("").to_owned();
    list["items"].as_array().unwrap().iter().map(text).collect()
}

async fn phases(world: &World, id: &str) -> Vec<String> {
    each(world, id, "/status/phase").await
}

async fn drains(world: &World, id: &str) -> Vec<String> {
    each(world, id, "/metadata/annotations/os.modelarts.node~1drain").await
}

async fn job(world: &World, answer: &Value) -> Value {
    let id = answer["job_id"].as_str().unwrap();
    world.get(&format!("/v2/{PROJECT_ID}/jobs/{id}")).await.expect(200)
}

#[tokio::test]
async fn a_reboot_shows_in_its_nodes_after_a_while_and_until_its_job_ends() {
    let world = World::new().await;
    let (id, names) = ready(&world, 2).await;
    let body = json!({ "nodeNames": names[..1] });
    let answer = ask(&world, &id, "batch-reboot", &body).await.expect(200);
    assert_eq!(answer["nodeNames"], json!(names[..1]));
    assert_eq!(phases(&world, &id).await, ["Available", "Available"], "not yet");
    assert_eq!(job(&world, &answer).await["phase"], "Running");
    world.pass(50);
    assert_eq!(phases(&world, &id).await, ["Checking", "Available"]);
    assert_eq!(nodes(&world.show(&id).await, "available"), 1);
    world.pass(100);
    assert_eq!(phases(&world, &id).await, ["Available", "Available"]);
    assert_eq!(job(&world, &answer).await["phase"], "Success");
}

#[tokio::test]
async fn a_reset_takes_its_nodes_round_by_round() {
    for (strategy, most) in [("RollingByNumber", 2), ("RollingByPercent", 67)] {
        let world = World::new().await;
        let (id, names) = ready(&world, 3).await;
        let body = reset(&names, strategy, most);
        let answer = ask(&world, &id, "batch-reset", &body).await.expect(200);
        world.pass(50);
        assert_eq!(phases(&world, &id).await, ["Creating", "Creating", "Available"], "{strategy}");
        world.pass(100);
        assert_eq!(phases(&world, &id).await, ["Available", "Available", "Creating"]);
        assert_eq!(job(&world, &answer).await["phase"], "Running");
        world.pass(100);
        assert_eq!(phases(&world, &id).await, ["Available"; 3]);
        assert_eq!(job(&world, &answer).await["phase"], "Success");
    }
    let world = World::new().await;
    let (id, names) = ready(&world, 2).await;
    ask(&world, &id, "batch-reset", &reset(&names, "RollingByPercent", 1)).await.expect(200);
    world.pass(50);
    assert_eq!(phases(&world, &id).await, ["Creating", "Available"], "one at the least");
}

#[tokio::test]
async fn whether_a_reset_says_how_to_roll_is_a_rule() {
    let world = World::new().await;
    let (id, names) = ready(&world, 2).await;
    let (with, without) = (reset(&names, "RollingByNumber", 1), json!({ "nodeNames": names }));
    for (rule, with_it, without_it) in
        [("required", 200, 400), ("optional", 200, 200), ("refused", 400, 200)]
    {
        play(&world, json!({ "rules": { "rolling_config": rule } }));
        let asked = ask(&world, &id, "batch-reset", &with).await.status;
        assert_eq!(asked, with_it, "{rule}");
        let asked = ask(&world, &id, "batch-reset", &without).await.status;
        assert_eq!(asked, without_it, "{rule}");
    }
    world.pass(50);
    assert_eq!(phases(&world, &id).await, ["Creating"; 2], "all at once");
}

#[tokio::test]
async fn a_failed_job_leaves_its_nodes_abnormal_until_another_ends_well() {
    let world = World::new().await;
    let (id, names) = ready(&world, 3).await;
    let failed = json!({ "nodes": [names[1]], "message": "no answer", "times": 1 });
    play(&world, json!({ "outcomes": { "node_job_failed": failed } }));
    // Nodes that the scenario does not name are not hit, and do not use it up.
    let other = ask(&world, &id, "batch-reboot", &json!({ "nodeNames": [names[2]] })).await;
    let answer = ask(&world, &id, "batch-reboot", &json!({ "nodeNames": names[..2] })).await;
    let (other, answer) = (other.expect(200), answer.expect(200));
    assert_eq!(job(&world, &answer).await["message"], "", "not before its end");
    world.pass(200);
    let ended = job(&world, &answer).await;
    assert_eq!((&ended["phase"], &ended["message"]), (&json!("Failed"), &json!("no answer")));
    assert_eq!(job(&world, &other).await["phase"], "Success");
    assert_eq!(phases(&world, &id).await, ["Available", "Abnormal", "Available"]);
    assert_eq!(nodes(&world.show(&id).await, "abnormal"), 1);
    world.pass(100_000);
    assert_eq!(phases(&world, &id).await[1], "Abnormal");

    let again = ask(&world, &id, "batch-reset", &reset(&names[1..2], "RollingByNumber", 1)).await;
    let again = again.expect(200);
    assert_eq!(phases(&world, &id).await[1], "Abnormal", "not yet");
    world.pass(50);
    assert_eq!(phases(&world, &id).await[1], "Creating");
    world.pass(200);
    assert_eq!(phases(&world, &id).await[1], "Available");
    assert_eq!(job(&world, &again).await["phase"], "Success");
}

#[tokio::test]
async fn the_nodes_that_fail_can_be_counted_and_the_reason_names_them() {
    for (hit, abnormal) in [(json!({ "nodes": 1 }), 1), (json!({}), 2)] {
        let world = World::new().await;
        let (id, names) = ready(&world, 2).await;
        play(&world, json!({ "outcomes": { "node_job_failed": hit } }));
        let answer = ask(&world, &id, "batch-reboot", &json!({ "nodeNames": names })).await;
        let answer = answer.expect(200);
        world.pass(200);
        assert_eq!(nodes(&world.show(&id).await, "abnormal"), abnormal);
        let message = job(&world, &answer).await["message"].clone();
        assert!(message.as_str().unwrap().contains(&names[0]), "{message}");
    }
}

#[tokio::test]
async fn draining_stands_in_an_annotation_and_may_fail_or_never_end() {
    let world = World::new().await;
    let (id, names) = ready(&world, 2).await;
    let body = json!({ "nodeNames": names });
    let reply = ask(&world, &id, "batch-drain", &body).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    assert_eq!(drains(&world, &id).await, ["", ""], "not yet");
    world.pass(50);
    assert_eq!(drains(&world, &id).await, ["draining"; 2]);
    world.pass(100);
    assert_eq!(drains(&world, &id).await, ["drained"; 2]);

    for (stuck, end) in [(false, "failed"), (true, "draining")] {
        let hit = json!({ "nodes": [names[0]], "stuck": stuck });
        play(&world, json!({ "outcomes": { "drain_failed": hit } }));
        let before = drains(&world, &id).await;
        ask(&world, &id, "batch-drain", &body).await.expect(200);
        assert_eq!(drains(&world, &id).await, before, "not yet");
        world.pass(100_000);
        assert_eq!(drains(&world, &id).await, [end, "drained"]);
    }
}

#[tokio::test]
async fn no_more_than_ten_nodes_are_drained_at_once() {
    let world = World::new().await;
    let (id, names) = ready(&world, 11).await;
    let refused = ask(&world, &id, "batch-drain", &json!({ "nodeNames": names })).await;
    refused.refused(400, "ModelArts.50004000");
    ask(&world, &id, "batch-drain", &json!({ "nodeNames": names[..10] })).await.expect(200);
    let stranger = json!({ "nodeNames": ["nobody"] });
    ask(&world, &id, "batch-drain", &stranger).await.refused(404, "ModelArts.50015001");
    world.pass(50);
    assert_eq!(drains(&world, &id).await.iter().filter(|state| *state == "draining").count(), 10);
}

#[tokio::test]
async fn a_lock_may_fail_on_some_nodes_and_be_answered_with_names() {
    let world = World::new().await;
    let (id, names) = ready(&world, 2).await;
    let place = "/metadata/annotations/os.modelarts.node~1lock.action";
    let body = json!({ "nodeNames": names, "actions": ["delete"] });
    for plain in [false, true] {
        let hit = json!({ "nodes": [names[1]] });
        play(
            &world,
            json!({ "outcomes": { "lock_failed": hit }, "answers": { "lock_names": plain } }),
        );
        let answer = ask(&world, &id, "batch-lock", &body).await.expect(200);
        let status = |name: &str, status: &str| json!({ "name": name, "status": status });
        let expected = match plain {
            true => json!([names[0]]),
            false => json!([status(&names[0], "success"), status(&names[1], "failed")]),
        };
        assert_eq!(answer["nodes"], expected);
        assert_eq!(each(&world, &id, place).await, ["delete", ""]);
    }
}

#[tokio::test]
async fn a_reboot_may_name_no_job_and_a_cloud_may_know_no_jobs() {
    let world =
        World::with(r#"{ "answers": { "reboot_without_job": true, "no_jobs": true } }"#).await;
    let (id, names) = ready(&world, 1).await;
    let answer = ask(&world, &id, "batch-reboot", &json!({ "nodeNames": names })).await.expect(200);
    assert_eq!(answer, json!({ "nodeNames": names }));
    let reset = ask(&world, &id, "batch-reset", &reset(&names, "RollingByNumber", 1)).await;
    let job = reset.expect(200)["job_id"].as_str().unwrap().to_owned();
    world.get(&format!("/v2/{PROJECT_ID}/jobs/{job}")).await.refused(404, "APIGW.0101");
    world.pass(50);
    assert_eq!(phases(&world, &id).await, ["Creating"]);
}

#[tokio::test]
async fn a_job_type_may_fail_again_when_it_is_tried_again() {
    let failed = r#"{ "outcomes": { "enable_failed": { "message": "no plug-in", "times": 2 } } }"#;
    let world = World::with(failed).await;
    let (id, _) = ready(&world, 1).await;
    let retry = format!("{}/retry-scope", pool(&id));
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(world.show(&id).await["status"]["scope"][0]["state"].clone());
        world.call("POST", &retry, &json!({ "scope": "Train" })).await.expect(200);
        seen.push(world.show(&id).await["status"]["scope"][0]["state"].clone());
        world.pass(200);
    }
    seen.push(world.show(&id).await["status"]["scope"][0]["state"].clone());
    assert_eq!(seen, ["EnableFailed", "Enabling", "EnableFailed", "Enabling", "Enabled"]);
}

#[tokio::test]
async fn faults_can_be_chosen_by_the_work() {
    let fails = json!({ "answer": { "status": 503 } });
    let scope = "retry-scope";
    for (operation, hit) in [
        ("reboot_nodes", vec!["batch-reboot"]),
        ("reset_nodes", vec!["batch-reset"]),
        ("lock_nodes", vec!["batch-lock"]),
        ("unlock_nodes", vec!["batch-unlock"]),
        ("drain_nodes", vec!["batch-drain"]),
        ("retry_scope", vec![scope]),
        ("show_job", vec!["job"]),
        ("nodes", vec!["nodes"]),
        (
            "change_nodes",
            vec![
                "batch-delete",
                "batch-reboot",
                "batch-reset",
                "batch-lock",
                "batch-unlock",
                "batch-drain",
            ],
        ),
    ] {
        let world = World::new().await;
        play(&world, json!({ "faults": [{ "match": { "operation": operation }, "do": fails }] }));
        let mut seen = Vec::new();
        for action in [
            "batch-delete",
            "batch-reboot",
            "batch-reset",
            "batch-lock",
            "batch-unlock",
            "batch-drain",
            scope,
            "job",
            "nodes",
        ] {
            let base = format!("{}/p", pools());
            let status = match action {
                "job" => world.get(&format!("/v2/{PROJECT_ID}/jobs/j")).await.status,
                "nodes" => world.get(&format!("{base}/nodes")).await.status,
                scope if scope == "retry-scope" => {
                    world.call("POST", &format!("{base}/{scope}"), &json!({})).await.status
                }
                batch => ask(&world, "p", batch, &json!({})).await.status,
            };
            if status == 503 {
                seen.push(action);
            }
        }
        assert_eq!(seen, hit, "{operation}");
    }
}
