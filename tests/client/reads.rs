//! Reading: repetition, pauses, ends, and what makes no sense.

use std::time::{Duration, Instant};

use serde_json::json;
use terraform_provider_modelarts::modelarts::{
    Call, Client, Endpoint, ErrorKind, Object, ObjectName, Pool, PoolFilter, PoolId, labels as key,
};
use tokio_util::sync::CancellationToken;

use crate::server::{Reply, Server};
use crate::{POOL, call, client, fixture, keys, settings};

fn running() -> Reply {
    Reply::json(200, fixture("show.running.json"))
}

#[tokio::test]
async fn transient_failures_are_repeated_until_an_answer_comes() {
    for failure in [
        Reply::json(500, fixture("error.500.json")),
        Reply::json(502, "<html><h1>Bad Gateway</h1></html>"),
        Reply::json(503, ""),
        Reply::json(504, ""),
        Reply::json(429, fixture("gateway.429.json")),
        Reply::Close,
        Reply::CutOff(200, fixture("show.running.json")),
        Reply::json(200, r#"{"kind":"Pool","metadata":{"na"#),
    ] {
        let server = Server::replying([failure.clone(), failure.clone(), running()]).await;
        let pool = client(&server).get_pool(&call(), &PoolId::from(POOL)).await;
        assert_eq!(pool.unwrap().id(), PoolId::from(POOL), "{failure:?}");
        assert_eq!(server.seen().len(), 3);
    }
}

#[tokio::test]
async fn repeating_ends_after_max_retries_and_the_error_says_how_often() {
    let server = Server::replying([Reply::with(
        503,
        ("x-request-id", "req-1"),
        r#"{"error_code":"APIGW.0613","error_msg":"iam unavailable"}"#,
    )])
    .await;
    let mut settings = settings(&server, keys());
    settings.max_retries = 2;
    let client = Client::new(settings).unwrap();
    let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 3));
    assert_eq!(server.seen().len(), 3);
    assert_eq!(error.status(), Some(503));
    assert_eq!(error.code(), Some("APIGW.0613"));
    assert_eq!(error.request_id(), Some("req-1"));
    assert_eq!(error.host(), Some(server.authority().as_str()));
    assert_eq!(error.origin(), Some("endpoints.modelarts"));
    assert_eq!(error.method(), Some("GET"));
    assert!(error.path().unwrap().ends_with(POOL));
    let sentence = error.to_string();
    for part in ["iam unavailable", "HTTP 503", "req-1", "endpoints.modelarts", "3 attempts"] {
        assert!(sentence.contains(part), "{sentence}");
    }
    assert_eq!(sentence.lines().count(), 1);
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    for (status, name, kind) in [
        (400, "error.400.json", ErrorKind::Invalid),
        (404, "error.404.json", ErrorKind::NotFound),
        (404, "gateway.404.json", ErrorKind::Unexpected),
        (404, "error.404.network.json", ErrorKind::Unexpected),
        (409, "error.409.json", ErrorKind::AlreadyExists),
        (415, "error.415-like.content-type.json", ErrorKind::Invalid),
    ] {
        let server = Server::replying([Reply::json(status, fixture(name))]).await;
        let error = client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
        assert_eq!((error.kind(), server.seen().len()), (kind, 1), "{name}");
    }
    let server = Server::replying([Reply::json(403, "")]).await;
    let error = client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = Server::replying([Reply::with(302, ("location", "/elsewhere"), "")]).await;
    let error = client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Unexpected, 1));
    assert!(error.to_string().contains("redirects"), "{error}");
}

#[tokio::test]
async fn retry_after_stretches_the_pause() {
    let throttled = Reply::with(429, ("retry-after", "1"), fixture("gateway.429.json"));
    let server = Server::replying([throttled, running()]).await;
    let started = Instant::now();
    client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_pause_beyond_the_deadline_is_not_begun() {
    let throttled = Reply::with(429, ("retry-after", "120"), fixture("gateway.429.json"));
    let server = Server::replying([throttled]).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    let call = Call::new(CancellationToken::new(), Some(deadline));
    let error = client(&server).get_pool(&call, &PoolId::from(POOL)).await.unwrap_err();
    let asked = Some(Duration::from_secs(120));
    assert_eq!(error.kind(), ErrorKind::Throttled { retry_after: asked });
}

#[tokio::test]
async fn a_hanging_read_ends_at_once_when_stopped() {
    let server = Server::replying([Reply::Hang]).await;
    let call = call();
    let (client, id) = (client(&server), PoolId::from(POOL));
    let (result, ()) = tokio::join!(client.get_pool(&call, &id), async {
        server.arrival().await;
        call.stop.cancel();
    });
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(error.method(), Some("GET"));
}

#[tokio::test]
async fn a_hanging_read_ends_at_its_deadline() {
    let server = Server::replying([Reply::Hang]).await;
    let deadline = tokio::time::Instant::now() + Duration::from_millis(50);
    let call = Call::new(CancellationToken::new(), Some(deadline));
    let error = client(&server).get_pool(&call, &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}

#[tokio::test]
async fn a_pause_ends_at_once_when_stopped_and_tells_what_it_waited_for() {
    let throttled = Reply::with(429, ("retry-after", "200"), fixture("gateway.429.json"));
    let server = Server::replying([throttled]).await;
    let call = call();
    let (client, id) = (client(&server), PoolId::from(POOL));
    let (result, ()) = tokio::join!(client.get_pool(&call, &id), async {
        server.arrival().await;
        call.stop.cancel();
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn a_stopped_call_sends_nothing() {
    let server = Server::replying([running()]).await;
    let call = call();
    call.stop.cancel();
    let error = client(&server).get_pool(&call, &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Interrupted, 0));
}

#[tokio::test]
async fn an_answer_that_never_comes_ends_with_the_request_timeout() {
    let server = Server::replying([Reply::Hang]).await;
    let mut settings = settings(&server, keys());
    settings.request_timeout = Duration::from_millis(50);
    settings.max_retries = 1;
    let client = Client::new(settings).unwrap();
    let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 2));
    assert!(error.to_string().contains("no answer in time"), "{error}");
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_names_host_and_setting() {
    let server = Server::replying([running()]).await;
    let mut settings = settings(&server, keys());
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    settings.endpoints.modelarts =
        Endpoint::parse(&format!("http://{address}"), "HW_ENDPOINT").unwrap();
    settings.max_retries = 1;
    let client = Client::new(settings).unwrap();
    let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unreachable, 2));
    let sentence = error.to_string();
    assert!(sentence.contains(&address.to_string()) && sentence.contains("HW_ENDPOINT"));
}

#[tokio::test]
async fn an_unrelated_answer_is_not_taken_for_an_empty_list() {
    for (body, fine) in [
        (r#"{"kind":"PoolList","apiVersion":"v2","items":[]}"#, true),
        (r#"{"kind":"PoolList","items":null}"#, true),
        (r#"{"kind":"PoolList"}"#, true),
        ("{}", false),
        ("[]", false),
        ("", false),
        (r#"{"message":"welcome"}"#, false),
        (r#"{"items":"none"}"#, false),
    ] {
        let server = Server::replying([Reply::json(200, body)]).await;
        let list = client(&server).list_pools(&call(), &PoolFilter::default()).await;
        assert_eq!(list.is_ok(), fine, "{body}");
        if let Err(error) = list {
            assert_eq!(error.kind(), ErrorKind::Undecodable);
        }
    }
}

#[tokio::test]
async fn a_pool_without_an_id_is_not_a_pool() {
    let server = Server::replying([Reply::json(200, r#"{"kind":"Pool","metadata":{}}"#)]).await;
    let error = client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecodable);
}

#[tokio::test]
async fn the_rate_limit_spaces_requests() {
    let server = Server::replying([running()]).await;
    let mut settings = settings(&server, keys());
    settings.max_requests_per_second = Some(20.0);
    let client = Client::new(settings).unwrap();
    let started = Instant::now();
    for _ in 0..5 {
        client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    }
    assert!(started.elapsed() >= Duration::from_millis(190));
}

#[tokio::test]
async fn labels_that_are_no_text_are_read_as_text() {
    let body = r#"{"metadata":{"name":"p","labels":{"a":0,"b":true,"c":null,"d":"x"},
        "annotations":{"os.modelarts/billing.mode":0}}}"#;
    let server = Server::replying([Reply::json(200, body)]).await;
    let pool = client(&server).get_pool(&call(), &PoolId::from("p")).await.unwrap();
    assert_eq!(
        (pool.label("a"), pool.label("b"), pool.label("c")),
        (Some("0"), Some("true"), None)
    );
    assert_eq!(pool.annotation(key::BILLING_MODE), Some("0"));
}

#[tokio::test]
async fn a_single_attempt_leaves_failures_to_the_caller() {
    for (failure, kind) in [
        (Reply::json(503, ""), ErrorKind::Unavailable),
        (Reply::Close, ErrorKind::Unavailable),
        (Reply::json(200, "garbage"), ErrorKind::Undecodable),
    ] {
        let server = Server::replying([failure, running()]).await;
        let call = call().single_attempt();
        let error = client(&server).get_pool(&call, &PoolId::from(POOL)).await.unwrap_err();
        assert_eq!((error.kind(), server.seen().len()), (kind, 1));
    }
}

#[tokio::test]
async fn a_throttled_call_holds_all_others() {
    let throttled = Reply::with(429, ("retry-after", "120"), fixture("gateway.429.json"));
    let server = Server::replying([throttled, running()]).await;
    let (client, id) = (client(&server), PoolId::from(POOL));
    let throttled = client.get_pool(&call().single_attempt(), &id).await.unwrap_err();
    assert!(matches!(throttled.kind(), ErrorKind::Throttled { .. }));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    let brief = Call::new(CancellationToken::new(), Some(deadline));
    let held = client.get_pool(&brief, &id).await.unwrap_err();
    let ErrorKind::Throttled { retry_after: Some(rest) } = held.kind() else { panic!("{held}") };
    assert!(rest > Duration::from_secs(60) && rest <= Duration::from_secs(120), "{rest:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_unavailable_service_can_stretch_the_pause_too() {
    let failing = Reply::with(503, ("retry-after", "120"), "");
    let server = Server::replying([failing, running()]).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    let brief = Call::new(CancellationToken::new(), Some(deadline));
    let error = client(&server).get_pool(&brief, &PoolId::from(POOL)).await.unwrap_err();
    // Its own pauses would have ended long before.
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Unavailable, 1));
}

#[tokio::test]
async fn compressed_answers_are_asked_for_and_unpacked() {
    let server = Server::replying([Reply::Gzip(200, fixture("show.running.json"))]).await;
    let pool = client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    assert_eq!(pool.id(), PoolId::from(POOL));
    assert_eq!(server.seen()[0].header("accept-encoding"), Some("gzip"));
    let refused = Reply::Gzip(404, fixture("error.404.json"));
    let server = Server::replying([refused]).await;
    let error = client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert!(error.is_not_found());
}

#[tokio::test]
async fn an_answer_that_is_not_packed_as_it_says_is_asked_for_again() {
    let wrong = Reply::with(200, ("content-encoding", "gzip"), fixture("show.running.json"));
    let server = Server::replying([wrong, running()]).await;
    client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    assert_eq!(server.seen().len(), 2);
}

/// Two pages of pools: two that can be read, one that cannot, one without a name.
async fn pages() -> Server {
    Server::start(|n, _| {
        let pool = |id: &str, name: &str, resources: serde_json::Value| {
            json!({"metadata": {"name": id, "labels": {
                key::NAME: name, key::WORKSPACE_ID: "w1"}}, "spec": {"resources": resources}})
        };
        let (items, next) = match n {
            0 => (json!([pool("p-1", "one", json!([])), json!({"metadata": null})]), Some("2")),
            _ => {
                let odd = pool("p-3", "three", json!("a list of another type"));
                (json!([pool("p-2", "two", json!([])), odd]), None)
            }
        };
        let list = json!({"kind": "PoolList", "metadata": {"continue": next}, "items": items});
        Reply::json(200, list.to_string())
    })
    .await
}

#[tokio::test]
async fn only_wanted_pools_of_a_list_are_read() {
    let server = pages().await;
    let wanted = |id: &str| id != "p-1";
    let listed = client(&server).list_where::<Pool>(&call(), "w1", &wanted).await.unwrap();
    assert_eq!(listed.objects.len(), 2);
    assert_eq!(listed.objects["p-2"].as_ref().unwrap().display_name(), Some("two"));
    let odd = listed.objects["p-3"].as_ref().unwrap_err();
    assert_eq!(odd.kind(), ErrorKind::Undecodable);
    assert!(odd.to_string().contains("p-3"), "{odd}");
    let ids: Vec<_> = listed.names.iter().map(|name| name.id.as_str()).collect();
    assert_eq!(ids, ["p-1", "p-2", "p-3"]);
    let queries: Vec<_> = server.seen().into_iter().map(|seen| seen.query).collect();
    assert_eq!(queries, ["workspaceId=w1", "continue=2&workspaceId=w1"]);
}

#[tokio::test]
async fn names_of_pools_are_listed_without_reading_the_pools() {
    let server = pages().await;
    let names = client(&server).list_names::<Pool>(&call(), "w1").await.unwrap();
    assert_eq!(names.len(), 3);
    let third =
        ObjectName { id: "p-3".into(), name: Some("three".into()), workspace: Some("w1".into()) };
    assert_eq!(names[2], third);
}

#[tokio::test]
async fn pools_that_cannot_be_read_are_left_out_of_a_list() {
    let server = pages().await;
    let pools = client(&server).list_pools(&call(), &PoolFilter::default()).await.unwrap();
    let ids: Vec<_> = pools.iter().map(|pool| pool.metadata.name.as_str()).collect();
    assert_eq!(ids, ["p-1", "", "p-2"]);
}
