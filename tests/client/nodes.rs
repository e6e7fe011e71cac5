//! Work on nodes: what is sent, what is read, and that nothing is begun twice.

use std::time::Duration;

use serde_json::{Value, json};
use terraform_provider_modelarts::modelarts::node::{DrainState, Node, NodeResult};
use terraform_provider_modelarts::modelarts::{
    Client, Endpoint, Error, ErrorKind, JobId, JobPhase, PoolId, labels as key,
};
use terraform_provider_modelarts::simulator::{Running, access};

use crate::offer::playing;
use crate::server::{Reply, Server};
use crate::{POOL, PROJECT, call, client, fixture, keys, settings};

/// What can be asked for, by the last part of its path.
const WORK: [&str; 6] =
    ["batch-reboot", "batch-reset", "batch-lock", "batch-unlock", "batch-drain", "retry-scope"];

fn names() -> Vec<String> {
    vec!["node-a".to_owned(), "node-b".to_owned()]
}

/// Asks for one piece of work.
async fn ask(client: &Client, work: &str) -> Result<(), Error> {
    let (call, pool, names) = (call(), PoolId::from(POOL), names());
    match work {
        "batch-reboot" => client.reboot_nodes(&call, &pool, &names).await.map(drop),
        "batch-reset" => client.reset_nodes(&call, &pool, &names, Some(3)).await.map(drop),
        "batch-lock" => client.lock_nodes(&call, &pool, &names).await.map(drop),
        "batch-unlock" => client.unlock_nodes(&call, &pool, &names).await.map(drop),
        "batch-drain" => client.drain_nodes(&call, &pool, &names).await,
        "retry-scope" => client.retry_scope(&call, &pool, "Infer").await,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_piece_of_work_has_its_path_and_its_body() {
    let lock = json!({ "nodeNames": names(), "actions": ["delete"] });
    let rolling = json!({ "strategy": "RollingByNumber", "maxUnavailable": 3 });
    let bodies = [
        json!({ "nodeNames": names() }),
        json!({ "nodeNames": names(), "rollingConfig": rolling }),
        lock.clone(),
        lock,
        json!({ "nodeNames": names() }),
        serde_json::from_str(&fixture("retry-scope.request.json")).unwrap(),
    ];
    for (work, body) in WORK.into_iter().zip(bodies) {
        let server = Server::replying([Reply::json(200, "{}")]).await;
        ask(&client(&server), work).await.unwrap();
        let seen = &server.seen()[0];
        let part = if work == "retry-scope" { "" } else { "nodes/" };
        assert_eq!(seen.method, "POST");
        assert_eq!(seen.path, format!("/v2/{PROJECT}/pools/{POOL}/{part}{work}"));
        assert_eq!(seen.header("content-type"), Some("application/json"));
        assert_eq!(seen.json(), body, "{work}");
    }
    let server = Server::replying([Reply::json(200, "{}")]).await;
    let client = client(&server);
    client.reset_nodes(&call(), &PoolId::from(POOL), &names(), None).await.unwrap();
    assert_eq!(server.seen()[0].json(), json!({ "nodeNames": names() }), "no way of rolling");
}

#[tokio::test]
async fn work_that_may_have_begun_is_never_asked_for_again() {
    for work in WORK {
        for answer in [
            Reply::Close,
            Reply::json(408, ""),
            Reply::json(500, fixture("error.500.json")),
            Reply::json(502, "<html>bad gateway</html>"),
            Reply::json(503, ""),
            Reply::with(503, ("retry-after", "1"), fixture("error.500.json")),
            Reply::json(504, ""),
        ] {
            let server = Server::replying([answer.clone(), Reply::json(200, "{}")]).await;
            let error = ask(&client(&server), work).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Ambiguous, "{work} {answer:?}");
            assert_eq!(server.count("POST"), 1, "{work} {answer:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_leaves_work_in_doubt() {
    for work in WORK {
        let server = Server::replying([Reply::Hang]).await;
        let mut settings = settings(&server, keys());
        settings.request_timeout = Duration::from_millis(50);
        let error = ask(&Client::new(settings).unwrap(), work).await.unwrap_err();
        assert_eq!((error.kind(), server.count("POST")), (ErrorKind::Ambiguous, 1), "{work}");
    }
}

#[tokio::test]
async fn an_accepted_request_with_a_spoilt_answer_is_in_doubt_where_the_answer_matters() {
    for answer in [
        Reply::CutOff(200, r#"{"job_id":"jo"#.to_owned()),
        Reply::json(200, "<html>thanks</html>"),
        Reply::json(200, "[]"),
    ] {
        for work in WORK {
            let server = Server::replying([answer.clone()]).await;
            let asked = ask(&client(&server), work).await;
            let kind = asked.err().map(|error| error.kind());
            let matters = !["batch-drain", "retry-scope"].contains(&work);
            assert_eq!(kind, matters.then_some(ErrorKind::Ambiguous), "{work} {answer:?}");
            assert_eq!(server.count("POST"), 1, "{work} {answer:?}");
        }
    }
}

#[tokio::test]
async fn work_that_has_certainly_not_begun_is_asked_for_again() {
    let no_iam = r#"{"error_code":"APIGW.0613","error_msg":"IAM cannot be reached."}"#;
    for work in WORK {
        for answer in [Reply::json(429, fixture("gateway.429.json")), Reply::json(503, no_iam)] {
            let server = Server::replying([answer, Reply::json(200, "{}")]).await;
            ask(&client(&server), work).await.unwrap();
            assert_eq!(server.count("POST"), 2, "{work}");
        }
    }
}

#[tokio::test]
async fn work_that_never_reached_anybody_is_tried_three_times() {
    let server = Server::replying([Reply::json(200, "{}")]).await;
    // Bound, so that nobody else takes it, but nobody listens.
    let deaf = tokio::net::TcpSocket::new_v4().unwrap();
    deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = deaf.local_addr().unwrap();
    let mut settings = settings(&server, keys());
    settings.endpoints.modelarts = Endpoint::parse(&format!("http://{address}"), "x").unwrap();
    let client = Client::new(settings).unwrap();
    for work in WORK {
        let error = ask(&client, work).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unreachable, 3), "{work}");
    }
}

#[tokio::test]
async fn refusals_of_work_are_told_apart() {
    for (status, body, kind) in [
        (404, fixture("error.404.json"), ErrorKind::NotFound),
        (404, fixture("gateway.404.json"), ErrorKind::Unexpected),
        (400, fixture("error.400.retry-scope.json"), ErrorKind::Invalid),
        (409, String::new(), ErrorKind::Busy),
        (403, String::new(), ErrorKind::Forbidden),
    ] {
        let server = Server::replying([Reply::json(status, body)]).await;
        for work in WORK {
            assert_eq!(ask(&client(&server), work).await.unwrap_err().kind(), kind, "{work}");
        }
        assert_eq!(server.count("POST"), WORK.len());
    }
}

#[tokio::test]
async fn no_names_are_never_sent() {
    let server = Server::replying([Reply::json(200, "{}")]).await;
    let (client, pool) = (client(&server), PoolId::from(POOL));
    let errors = [
        client.reboot_nodes(&call(), &pool, &[]).await.unwrap_err(),
        client.reset_nodes(&call(), &pool, &[], None).await.unwrap_err(),
        client.lock_nodes(&call(), &pool, &[]).await.unwrap_err(),
        client.drain_nodes(&call(), &pool, &[]).await.unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::Invalid));
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_job_is_read_from_either_spelling_and_may_be_missing() {
    for (body, job) in [
        (json!({ "job_id": "j-1" }), Some("j-1")),
        (json!({ "jobId": "j-1" }), Some("j-1")),
        (json!({ "nodeNames": names(), "job_id": "j-1" }), Some("j-1")),
        (json!({ "nodeNames": names() }), None),
        (json!({ "job_id": "" }), None),
        (json!({ "job_id": null }), None),
        (Value::Null, None),
    ] {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let server = Server::replying([Reply::json(200, text)]).await;
        let (client, pool) = (client(&server), PoolId::from(POOL));
        let expected = job.map(JobId::from);
        assert_eq!(client.reboot_nodes(&call(), &pool, &names()).await.unwrap(), expected);
        assert_eq!(client.reset_nodes(&call(), &pool, &names(), None).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn locks_are_read_from_objects_and_from_plain_names() {
    let object = |name: &str, status: &str| json!({ "name": name, "status": status });
    for (body, expected) in [
        (
            json!({ "nodes": [object("node-b", "success"), object("node-a", "failed")] }),
            [false, true],
        ),
        (json!({ "nodes": [object("node-b", "odd"), object("node-a", "Success")] }), [true, false]),
        (json!({ "nodes": ["node-a", "node-b"] }), [true, true]),
        (json!({ "nodes": ["node-b"] }), [false, true]),
        (json!({ "nodes": [{ "name": "node-a" }, "node-b"] }), [true, true]),
        (json!({ "nodes": [] }), [false, false]),
        (json!({ "nodes": null }), [true, true]),
        (json!({}), [true, true]),
        (Value::Null, [true, true]),
    ] {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let server = Server::replying([Reply::json(200, text.clone())]).await;
        let (client, pool) = (client(&server), PoolId::from(POOL));
        let result =
            |index: usize| NodeResult { name: names()[index].clone(), ok: expected[index] };
        let expected = [result(0), result(1)];
        assert_eq!(client.lock_nodes(&call(), &pool, &names()).await.unwrap(), expected, "{text}");
        assert_eq!(
            client.unlock_nodes(&call(), &pool, &names()).await.unwrap(),
            expected,
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_job_tells_how_far_it_is() {
    let failed = |word: &str| JobPhase::Failed(word.to_owned());
    for (phase, expected) in [
        (json!("Success"), JobPhase::Success),
        (json!("success"), JobPhase::Success),
        (json!("Failed"), failed("Failed")),
        (json!("PartialFailed"), failed("PartialFailed")),
        (json!("Running"), JobPhase::Running),
        (json!("Pending"), JobPhase::Running),
        (json!(""), JobPhase::Running),
        (Value::Null, JobPhase::Running),
    ] {
        let body = json!({ "jobId": "j-1", "phase": phase, "message": "no disk", "inputs": "{}" });
        let server = Server::replying([Reply::json(200, body.to_string())]).await;
        let job = client(&server).get_job(&call(), &JobId::from("j-1")).await.unwrap();
        assert_eq!((job.phase, job.message.as_deref()), (expected, Some("no disk")));
        assert_eq!(server.seen()[0].path, format!("/v2/{PROJECT}/jobs/j-1"));
    }
}

#[tokio::test]
async fn a_job_that_cannot_be_looked_up_is_not_found_and_a_failure_is_repeated() {
    for body in [fixture("error.404.json"), fixture("gateway.404.json"), String::new()] {
        let server = Server::replying([Reply::json(404, body)]).await;
        let error = client(&server).get_job(&call(), &JobId::from("j-1")).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(server.count("GET"), 1);
    }
    let done = Reply::json(200, r#"{"phase":"Success"}"#);
    let server = Server::replying([Reply::Close, Reply::json(502, ""), done]).await;
    client(&server).get_job(&call(), &JobId::from("j-1")).await.unwrap();
    assert_eq!(server.count("GET"), 3);
    let server = Server::replying([Reply::json(200, r#"{"kind":"Pool"}"#)]).await;
    let error = client(&server).get_job(&call(), &JobId::from("j-1")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecodable);
    client(&server).get_job(&call(), &JobId::from("a/b")).await.unwrap_err();
}

#[test]
fn a_node_tells_of_its_lock_and_of_its_drain() {
    let node = |annotations: Value, phase: &str| -> Node {
        let metadata = json!({ "name": "node-a", "annotations": annotations });
        serde_json::from_value(json!({ "metadata": metadata, "status": { "phase": phase } }))
            .unwrap()
    };
    for (lock, locked) in [(json!({ key::NODE_LOCK: "delete" }), true), (json!({}), false)] {
        assert_eq!(node(lock, "").is_locked(), locked);
    }
    assert!(!node(json!({ key::NODE_LOCK: "" }), "").is_locked());
    assert!(node(json!({}), "Available").is_available());
    assert!(!node(json!({}), "Checking").is_available());
    let draining = |word: &str| Some(DrainState::Draining(word.to_owned()));
    let failed = |word: &str| Some(DrainState::Failed(word.to_owned()));
    for (word, state) in [
        ("", None),
        ("draining", draining("draining")),
        ("Progressing", draining("Progressing")),
        ("drained", Some(DrainState::Drained)),
        ("Success", Some(DrainState::Drained)),
        ("drain failed", failed("drain failed")),
        ("undrained", draining("undrained")),
        ("incomplete", draining("incomplete")),
    ] {
        assert_eq!(node(json!({ key::NODE_DRAIN: word }), "").drain_state(), state, "{word}");
    }
    assert_eq!(node(json!({}), "").drain_state(), None);
}

/// A pool of the simulator that is ready, and its nodes' names.
fn pool_of(running: &Running, count: u32) -> PoolId {
    let body = json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": { key::NAME: "pool-a" } },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train"],
            "network": { "name": access::network_id() },
            "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": count }],
        },
    });
    let made = running.cloud().add_pool(&body).unwrap().unwrap();
    PoolId::from(made["metadata"]["name"].as_str().unwrap())
}

#[tokio::test]
async fn the_simulated_service_takes_the_requests_and_its_answers_are_understood() {
    // Time passes when the test says so.
    let durations = json!({ "pickup": "1m", "node_job": "1m", "node_drain": "1m" });
    let outcomes = json!({ "node_job_failed": { "nodes": 1, "message": "no answer", "times": 1 },
        "drain_failed": { "nodes": 1, "times": 1 }, "lock_failed": { "nodes": 1, "times": 1 } });
    let scenario = json!({ "durations": durations, "outcomes": outcomes });
    let (running, client) = playing(&scenario).await;
    let pool = pool_of(&running, 2);
    let pass = |minutes: u64| running.cloud().advance(Duration::from_secs(60 * minutes)).unwrap();
    let nodes = async || client.list_nodes(&call(), &pool).await.unwrap();
    let names: Vec<String> = nodes().await.into_iter().map(|node| node.metadata.name).collect();
    let available = async || nodes().await.iter().map(Node::is_available).collect::<Vec<_>>();

    let job = client.reboot_nodes(&call(), &pool, &names).await.unwrap().unwrap();
    pass(1);
    assert_eq!(client.get_job(&call(), &job).await.unwrap().phase, JobPhase::Running);
    assert_eq!(available().await, [false, false]);
    pass(1);
    let ended = client.get_job(&call(), &job).await.unwrap();
    assert_eq!(ended.phase, JobPhase::Failed("Failed".to_owned()));
    assert_eq!(ended.message.as_deref(), Some("no answer"));
    assert_eq!(available().await, [false, true]);

    let job = client.reset_nodes(&call(), &pool, &names, Some(1)).await.unwrap().unwrap();
    pass(2);
    assert_eq!(available().await, [true, false]);
    pass(1);
    assert_eq!(client.get_job(&call(), &job).await.unwrap().phase, JobPhase::Success);

    for ok in [[false, true], [true, true]] {
        let locked = client.lock_nodes(&call(), &pool, &names).await.unwrap();
        assert_eq!(locked.iter().map(|node| node.ok).collect::<Vec<_>>(), ok);
        assert_eq!(nodes().await.iter().map(Node::is_locked).collect::<Vec<_>>(), ok);
    }
    client.unlock_nodes(&call(), &pool, &names).await.unwrap();
    assert!(!nodes().await.iter().any(Node::is_locked));

    client.drain_nodes(&call(), &pool, &names).await.unwrap();
    pass(1);
    let states = async || nodes().await.iter().map(Node::drain_state).collect::<Vec<_>>();
    let draining = Some(DrainState::Draining("draining".to_owned()));
    assert_eq!(states().await, [draining.clone(), draining]);
    pass(1);
    let failed = Some(DrainState::Failed("failed".to_owned()));
    assert_eq!(states().await, [failed, Some(DrainState::Drained)]);

    let refused = client.retry_scope(&call(), &pool, "Train").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    let refused = client.reset_nodes(&call(), &pool, &names, None).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid, "a rollingConfig is needed here");
}

#[tokio::test]
async fn whatever_is_lost_on_the_way_is_asked_for_once() {
    let operations =
        ["reboot_nodes", "reset_nodes", "lock_nodes", "unlock_nodes", "drain_nodes", "retry_scope"];
    let unavailable = json!({ "answer": { "status": 503, "carried_out": true } });
    for action in [json!("lost"), json!("reset"), unavailable] {
        let faults = json!([{ "match": { "operation": operations }, "do": action }]);
        let (running, client) = playing(&json!({ "faults": faults })).await;
        for work in WORK {
            running.cloud().forget_requests();
            let error = ask(&client, work).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Ambiguous, "{work} {action}");
            assert_eq!(running.cloud().requests().len(), 1, "{work} {action}");
        }
    }
}
