//! Every kind of fault, and how faults are chosen.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::{Scenario, access::WORKSPACE_ID};

use super::client::{Draft, World, physical, pool, pools};

async fn with(faults: Value) -> World {
    World::with(&json!({ "faults": faults }).to_string()).await
}

fn post(action: Value) -> Value {
    json!([{ "match": { "method": "POST", "path": "/v2/*/pools", "nth": 1 }, "do": action }])
}

fn create(name: &str) -> Draft {
    Draft::new("POST", &pools(), &physical(name, 1).to_string())
}

fn count(world: &World) -> usize {
    world.cloud.pools().unwrap().len()
}

#[tokio::test]
async fn a_reset_ends_the_connection_before_anything_happens() {
    let world = with(post(json!("reset"))).await;
    assert!(world.try_send(create("pool-a")).await.is_none());
    assert_eq!(count(&world), 0);
    assert_eq!(world.cloud.requests()[0].status, None);
    world.send(create("pool-a")).await.expect(200);
}

#[tokio::test]
async fn a_lost_answer_is_that_of_an_operation_carried_out() {
    let world = with(post(json!("lost"))).await;
    assert!(world.try_send(create("pool-a")).await.is_none());
    assert_eq!(count(&world), 1);
    world.send(create("pool-a")).await.refused(409, "ModelArts.50015000");
}

#[tokio::test]
async fn another_answer_takes_the_place_of_the_real_one() {
    for carried_out in [false, true] {
        let answer = json!({ "status": 503, "headers": { "Retry-After": "7", "X-Request-Id": "r" },
            "body": { "error_code": "APIGW.0613" }, "carried_out": carried_out });
        let world = with(post(json!({ "answer": answer }))).await;
        let reply = world.send(create("pool-a")).await;
        reply.refused(503, "APIGW.0613");
        assert_eq!(reply.header("retry-after"), Some("7"));
        assert_eq!(reply.header("x-request-id"), Some("r"));
        assert_eq!(count(&world), usize::from(carried_out));
    }
    let world = with(post(json!({ "answer": { "status": 500 } }))).await;
    let reply = world.send(create("pool-a")).await;
    assert_eq!((reply.status, reply.text.as_str()), (500, ""));
}

#[tokio::test]
async fn a_truncated_answer_is_half_of_the_body() {
    let world = with(post(json!("truncate"))).await;
    let reply = world.send(create("pool-a")).await;
    assert_eq!(reply.status, 200);
    assert!(reply.cut && !reply.text.is_empty() && reply.body.is_null(), "{reply:?}");
    assert_eq!(count(&world), 1);
}

#[tokio::test]
async fn a_hang_lasts_until_the_client_gives_up() {
    for (when, created) in [("before", 0), ("after", 1)] {
        let world = with(post(json!({ "hang": { "for": "never", "when": when } }))).await;
        let hanging = world.try_send(create("pool-a"));
        let seen = world
            .cloud
            .wait_for_requests(|requests| requests.len() == 1 && count(&world) == created);
        tokio::select! {
            reply = hanging => panic!("{reply:?}"),
            requests = seen => assert_eq!(requests[0].status, None),
        }
        assert_eq!(count(&world), created, "{when}");
    }
}

#[tokio::test]
async fn stopping_ends_hanging_requests() {
    let world = with(post(json!({ "hang": { "for": "never" } }))).await;
    let draft = create("pool-a");
    let address = world.running.addr();
    let hanging = tokio::spawn(async move { draft.send(address).await.is_none() });
    world.cloud.wait_for_requests(|requests| !requests.is_empty()).await;
    world.running.stop().await;
    assert!(hanging.await.unwrap());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_delay_and_a_short_hang_come_before_a_correct_answer() {
    for action in [
        json!({ "delay": "60ms" }),
        json!({ "hang": { "for": "60ms" } }),
        json!({ "hang": { "for": "60ms", "when": "after" } }),
    ] {
        let world = with(post(action)).await;
        let begin = Instant::now();
        world.send(create("pool-a")).await.expect(200);
        assert!(begin.elapsed() >= Duration::from_millis(60));
    }
}

#[tokio::test]
async fn a_hang_may_end_with_the_connection() {
    for (when, created) in [("before", 0), ("after", 1)] {
        let hang = json!({ "for": "60ms", "when": when, "close": true });
        let world = with(post(json!({ "hang": hang }))).await;
        let begin = Instant::now();
        assert!(world.try_send(create("pool-a")).await.is_none());
        assert!(begin.elapsed() >= Duration::from_millis(60));
        assert_eq!(count(&world), created, "{when}");
    }
}

#[tokio::test]
async fn a_dripping_answer_is_whole_in_the_end() {
    let world = with(post(json!({ "drip": "100ms" }))).await;
    let begin = Instant::now();
    let pool = world.send(create("pool-a")).await.expect(200);
    assert!(begin.elapsed() >= Duration::from_millis(95), "{:?}", begin.elapsed());
    assert_eq!(pool["kind"], "Pool");
    assert_eq!(count(&world), 1);
}

#[tokio::test]
async fn wrong_types_and_pages_of_a_proxy_are_no_answers_of_the_service() {
    let world = with(post(json!("wrong_types"))).await;
    let pool = world.send(create("pool-a")).await.expect(200);
    assert!(pool["spec"]["resources"].is_string());
    assert_eq!(count(&world), 1);

    let world = with(post(json!("html"))).await;
    let reply = world.send(create("pool-a")).await;
    assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/html")));
    assert!(reply.text.starts_with("<html>"));
    assert_eq!(count(&world), 0);
}

#[tokio::test]
async fn faults_hit_the_requests_they_name() {
    let answer = |status: u16| json!({ "answer": { "status": status } });
    let world = with(json!([
        { "match": { "method": "GET", "path": "/v2/*/pools", "nth": 2, "times": 2 }, "do": answer(501) },
        { "match": { "path": "/v1/**", "nth": "every" }, "do": answer(502) },
        { "match": { "path": "/v3/**", "times": 1 }, "do": answer(503) },
    ]))
    .await;
    let mut seen = Vec::new();
    for target in
        [&pools(), &pools(), &pools(), &pools(), "/v1/a/b", "/v1/c", "/v3/projects", "/v3/projects"]
    {
        seen.push(world.get(target).await.status);
    }
    assert_eq!(seen, [200, 501, 501, 200, 502, 502, 503, 200]);
}

#[tokio::test]
async fn faults_are_chosen_by_what_is_asked_for() {
    let fails = json!({ "answer": { "status": 503 } });
    for (operations, expected) in [
        (json!("list"), [503, 200, 200, 200]),
        (json!("show"), [200, 503, 200, 200]),
        (json!(["show", "patch"]), [200, 503, 503, 200]),
        (json!("delete"), [200, 200, 200, 503]),
        (json!("create"), [200, 200, 200, 200]),
        (json!("nodes"), [200, 200, 200, 200]),
    ] {
        let world = World::new().await;
        let id = world.ready_pool(&physical("pool-a", 1)).await;
        let faults = json!([{ "match": { "operation": operations }, "do": fails }]);
        let scenario = json!({ "faults": faults }).to_string();
        world.cloud.set_scenario(Scenario::from_json(&scenario).unwrap());
        let statuses = [
            world.get(&pools()).await.status,
            world.get(&pool(&id)).await.status,
            world.patch(&id, &json!({ "metadata": {} })).await.status,
            world.delete(&id).await.status,
        ];
        assert_eq!(statuses, expected, "{operations}");
    }
}

#[tokio::test]
async fn faults_are_chosen_by_the_query_too() {
    let query = format!("*workspaceId={WORKSPACE_ID}*");
    let world =
        with(json!([{ "match": { "operation": "list", "query": query }, "do": "html" }])).await;
    assert_eq!(world.get(&pools()).await.status, 200);
    assert_eq!(world.get(&format!("{}?workspaceId=0", pools())).await.status, 200);
    let other = format!("{}?workspaceId={WORKSPACE_ID}", pools());
    assert_eq!(world.get(&other).await.status, 502);
}

#[tokio::test]
async fn a_list_hangs_while_single_calls_answer() {
    let world = with(json!([
        { "match": { "operation": "list" }, "do": { "hang": { "for": "never" } } }
    ]))
    .await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let shown = tokio::time::timeout(Duration::from_secs(30), world.show(&id));
    tokio::select! {
        reply = world.try_send(Draft::new("GET", &pools(), "")) => panic!("{reply:?}"),
        pool = shown => assert_eq!(pool.expect("an answer")["status"]["phase"], "Running"),
    }
}

#[tokio::test]
async fn a_create_may_be_refused_although_carried_out_and_then_clash() {
    let answer = json!({ "answer": { "status": 503, "carried_out": true } });
    let world = with(json!([{ "match": { "operation": "create", "nth": 1 }, "do": answer }])).await;
    assert_eq!(world.send(create("pool-a")).await.status, 503);
    world.send(create("pool-a")).await.refused(409, "ModelArts.50015000");
    assert_eq!(count(&world), 1);
}

#[tokio::test]
async fn chance_hits_a_share_of_the_requests_the_same_every_time() {
    let fault = json!([{ "match": { "probability": 0.5, "seed": 3 }, "do": "html" }]);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let world = with(fault.clone()).await;
        let mut hits = Vec::new();
        for _ in 0..30 {
            hits.push(world.get(&pools()).await.status == 502);
        }
        runs.push(hits);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&true) && runs[0].contains(&false));
}

#[tokio::test]
async fn a_scenario_can_be_changed_while_the_server_runs() {
    let world = with(json!([{ "do": "html" }])).await;
    assert_eq!(world.get(&pools()).await.status, 502);
    world.cloud.clear_scenario();
    assert_eq!(world.get(&pools()).await.status, 200);
    let scenario = Scenario::from_json(r#"{ "faults": [{ "do": "html" }] }"#).unwrap();
    world.cloud.set_scenario(scenario);
    assert_eq!(world.get(&pools()).await.status, 502);
}

#[test]
fn mistakes_in_a_scenario_are_named() {
    for (text, expected) in [
        (r#"{ "duration": {} }"#, "duration"),
        (r#"{ "durations": { "create": "soon" } }"#, "soon"),
        (r#"{ "durations": { "creation": "1s" } }"#, "creation"),
        (r#"{ "outcomes": { "creation_failed": {} } }"#, "message"),
        (r#"{ "answers": { "order": "sideways" } }"#, "sideways"),
        (r#"{ "answers": { "page_size": 0 } }"#, "page_size"),
        (r#"{ "rules": { "busy_status": 200 } }"#, "busy_status"),
        (r#"{ "faults": [{ "do": "explode" }] }"#, "explode"),
        (r#"{ "faults": [{ "match": { "nth": 0 }, "do": "html" }] }"#, "every"),
        (r#"{ "faults": [{ "match": { "probability": 2 }, "do": "html" }] }"#, "probability"),
        (r#"{ "faults": [{ "do": { "answer": { "status": 99 } } }] }"#, "99"),
        (r#"{ "faults": [{ "match": {} }] }"#, "do"),
        (r#"{ "faults": [{ "match": { "operation": "read" }, "do": "html" }] }"#, "read"),
        (r#"{ "rules": { "old_zones": "vanish" } }"#, "vanish"),
        (r#"{ "answers": { "leave_out": { "list": ["spec..azs"] } } }"#, "spec..azs"),
    ] {
        let error = Scenario::from_json(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn the_documented_example_is_a_scenario() {
    let source = include_str!("../../src/simulator/mod.rs");
    let (_, rest) = source.split_once("//! ```json\n").unwrap();
    let (example, _) = rest.split_once("//! ```").unwrap();
    let text: String = example.lines().map(|line| line.trim_start_matches("//!")).collect();
    let scenario = Scenario::from_json(&text).unwrap();
    assert_eq!(scenario.faults.len(), 4);
}
