//! Changing: nothing is sent twice that may have been carried out.

use std::time::Duration;

use terraform_provider_modelarts::modelarts::{
    Call, Client, CreatePool, Endpoint, ErrorKind, Object, PatchPool, PoolId,
};
use tokio_util::sync::CancellationToken;

use crate::server::{Reply, Server};
use crate::{POOL, call, client, fixture, keys, settings};

fn created() -> Reply {
    Reply::json(200, fixture("create.response.200.json"))
}

#[tokio::test]
async fn a_create_with_an_outcome_in_doubt_is_ambiguous_and_sent_once() {
    for answer in [
        Reply::Close,
        Reply::CutOff(200, fixture("create.response.200.json")),
        Reply::json(200, ""),
        Reply::json(200, r#"{"kind":"Pool","metadata":{"na"#),
        Reply::json(200, "{}"),
        Reply::json(201, "<html>thanks</html>"),
        Reply::json(500, fixture("error.500.json")),
        Reply::json(502, ""),
        Reply::json(504, ""),
    ] {
        let server = Server::replying([answer.clone(), created()]).await;
        let result = client(&server).create_pool(&call(), &CreatePool::default()).await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Ambiguous, "{answer:?}");
        assert_eq!(server.count("POST"), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn a_create_that_was_certainly_not_carried_out_is_repeated() {
    for answer in [Reply::json(429, fixture("gateway.429.json")), Reply::json(503, "")] {
        let server = Server::replying([answer, created()]).await;
        client(&server).create_pool(&call(), &CreatePool::default()).await.unwrap();
        assert_eq!(server.count("POST"), 2);
    }
}

#[tokio::test]
async fn a_create_that_never_connected_is_repeated_twice_and_then_unreachable() {
    let server = Server::replying([created()]).await;
    let mut settings = settings(&server, keys());
    // Bound, so that nobody else takes it, but nobody listens.
    let deaf = tokio::net::TcpSocket::new_v4().unwrap();
    deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = deaf.local_addr().unwrap();
    settings.endpoints.modelarts = Endpoint::parse(&format!("http://{address}"), "x").unwrap();
    settings.max_retries = 5;
    let client = Client::new(settings).unwrap();
    let error = client.create_pool(&call(), &CreatePool::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unreachable, 3));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_leaves_a_create_in_doubt() {
    let server = Server::replying([Reply::Hang]).await;
    let mut settings = settings(&server, keys());
    settings.request_timeout = Duration::from_millis(50);
    let client = Client::new(settings).unwrap();
    let error = client.create_pool(&call(), &CreatePool::default()).await.unwrap_err();
    assert_eq!((error.kind(), server.count("POST")), (ErrorKind::Ambiguous, 1));
}

#[tokio::test]
async fn a_create_on_its_way_is_seen_through_although_stopped() {
    let server = Server::replying([Reply::Held(200, fixture("create.response.200.json"))]).await;
    let call = call();
    let (client, request) = (client(&server), CreatePool::default());
    let (result, ()) = tokio::join!(client.create_pool(&call, &request), async {
        server.arrival().await;
        call.stop.cancel();
        server.release();
    });
    assert_eq!(result.unwrap().id(), PoolId::from(POOL));
}

#[tokio::test]
async fn a_create_on_its_way_is_seen_through_although_overdue() {
    let server = Server::replying([Reply::Held(200, fixture("create.response.200.json"))]).await;
    let deadline = tokio::time::Instant::now() + Duration::from_millis(50);
    let call = Call::new(CancellationToken::new(), Some(deadline));
    let (client, request) = (client(&server), CreatePool::default());
    let (result, ()) = tokio::join!(client.create_pool(&call, &request), async {
        server.arrival().await;
        tokio::time::sleep_until(deadline).await;
        server.release();
    });
    result.unwrap();
}

#[tokio::test]
async fn a_taken_name_is_told_apart() {
    let server = Server::replying([Reply::json(409, fixture("error.409.json"))]).await;
    let error = client(&server).create_pool(&call(), &CreatePool::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(error.code(), Some("ModelArts.50015000"));
}

#[tokio::test]
async fn a_patch_in_doubt_is_left_to_the_caller() {
    for answer in [Reply::Close, Reply::json(500, ""), Reply::json(502, "")] {
        let server = Server::replying([answer]).await;
        let patched =
            client(&server).patch_pool(&call(), &PoolId::from(POOL), &PatchPool::default()).await;
        assert_eq!(patched.unwrap_err().kind(), ErrorKind::Ambiguous);
        assert_eq!(server.count("PATCH"), 1);
    }
}

#[tokio::test]
async fn a_patch_with_an_empty_answer_reads_the_pool() {
    let server = Server::start(|_, seen| match seen.method.as_str() {
        "PATCH" => Reply::json(200, ""),
        _ => Reply::json(200, fixture("show.running.json")),
    })
    .await;
    let patched =
        client(&server).patch_pool(&call(), &PoolId::from(POOL), &PatchPool::default()).await;
    assert_eq!(patched.unwrap().id(), PoolId::from(POOL));
    assert_eq!((server.count("PATCH"), server.count("GET")), (1, 1));
}

#[tokio::test]
async fn a_busy_pool_is_told_apart() {
    let server = Server::replying([Reply::json(409, "")]).await;
    let id = PoolId::from(POOL);
    let patched = client(&server).patch_pool(&call(), &id, &PatchPool::default()).await;
    assert_eq!(patched.unwrap_err().kind(), ErrorKind::Busy);
    let deleted = client(&server).delete_pool(&call(), &id).await;
    assert_eq!(deleted.unwrap_err().kind(), ErrorKind::Busy);
}

#[tokio::test]
async fn a_delete_is_repeated_until_the_pool_is_gone() {
    let gone = Reply::json(404, fixture("error.404.json"));
    let server = Server::replying([Reply::json(502, ""), Reply::Close, gone]).await;
    let error = client(&server).delete_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(server.count("DELETE"), 3);
}

#[tokio::test]
async fn a_delete_with_any_2xx_answer_has_worked() {
    for (body, pool) in [
        (fixture("delete.response.200.json"), true),
        (String::new(), false),
        ("{}".to_owned(), false),
        ("garbage".to_owned(), false),
    ] {
        let server = Server::replying([Reply::json(200, body)]).await;
        let deleted = client(&server).delete_pool(&call(), &PoolId::from(POOL)).await.unwrap();
        assert_eq!(deleted.is_some(), pool);
    }
}

#[tokio::test]
async fn a_conflict_after_a_failed_create_is_in_doubt() {
    for failure in [Reply::json(503, ""), Reply::json(429, fixture("gateway.429.json"))] {
        let taken = Reply::json(409, fixture("error.409.json"));
        let server = Server::replying([failure, taken]).await;
        let error = client(&server).create_pool(&call(), &CreatePool::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Ambiguous, Some(409)));
        assert_eq!(error.code(), Some("ModelArts.50015000"));
        assert_eq!(server.count("POST"), 2);
    }
}

#[tokio::test]
async fn a_conflict_of_a_patch_is_a_busy_pool_whatever_its_code() {
    let exists = Reply::json(409, fixture("error.409.json"));
    let quota = Reply::json(409, r#"{"error_code":"ModelArts.0116","error_msg":"quota"}"#);
    for answer in [exists, quota, Reply::json(409, "")] {
        let server = Server::replying([answer]).await;
        let patched =
            client(&server).patch_pool(&call(), &PoolId::from(POOL), &PatchPool::default()).await;
        assert_eq!(patched.unwrap_err().kind(), ErrorKind::Busy);
    }
}
