//! Credentials: refusals, renewal, clocks, project look-up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use terraform_provider_modelarts::modelarts::{
    Agency, Client, Clock, CredentialSource, DomainRef, ErrorKind, IdToken, PoolId, ProjectRef,
    TokenStore, UserRef,
};

use crate::server::{Reply, Seen, Server};
use crate::{POOL, PROJECT, call, client, fixture, keys, settings};

fn refused() -> Reply {
    Reply::json(401, fixture("gateway.401.json"))
}

fn running() -> Reply {
    Reply::json(200, fixture("show.running.json"))
}

fn password() -> CredentialSource {
    CredentialSource::Password {
        user: UserRef::Name {
            name: "user-a".into(),
            domain: DomainRef::Name("example_domain_01".into()),
        },
        password: "dummy-password".to_owned().into(),
    }
}

/// The number of the token that a request carries.
fn token_number(seen: &Seen) -> Option<&str> {
    seen.header("x-auth-token")?.strip_prefix("dummy-token-")
}

fn token(number: usize, lifetime: SignedDuration) -> Reply {
    let expires = Timestamp::now() + lifetime;
    let body = json!({"token": {"expires_at": expires.to_string(), "project": {"id": PROJECT}}});
    Reply::with(201, ("X-Subject-Token", &format!("dummy-token-{number}")), body.to_string())
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[tokio::test]
async fn keys_that_were_never_good_are_refused_once_then_silence() {
    let server = Server::replying([refused()]).await;
    let client = client(&server);
    let id = PoolId::from(POOL);
    for n in 0..5 {
        let error = client.get_pool(&call(), &id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert_eq!(error.code(), Some("APIGW.0301"));
        assert_eq!(error.attempts(), u32::from(n < 1));
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn parallel_calls_with_wrong_keys_cause_one_refused_call_too() {
    let server = Server::replying([refused()]).await;
    let (client, call, id) = (client(&server), call(), PoolId::from(POOL));
    let results = join_all((0..20).map(|_| client.get_pool(&call, &id))).await;
    assert!(results.iter().all(|r| r.as_ref().unwrap_err().kind() == ErrorKind::Unauthorized));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_dead_token_causes_one_refused_call() {
    let server = Server::replying([Reply::json(401, fixture("error.401.token.json"))]).await;
    let source = CredentialSource::Token("dummy-token".to_owned().into());
    let client = Client::new(settings(&server, source)).unwrap();
    for _ in 0..4 {
        let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn one_refusal_among_successes_does_not_stop_the_client() {
    let server = Server::start(|n, _| if n % 2 == 1 { refused() } else { running() }).await;
    let client = client(&server);
    for n in 0..8 {
        let result = client.get_pool(&call(), &PoolId::from(POOL)).await;
        assert_eq!(result.is_ok(), n % 2 == 0);
    }
    assert_eq!(server.seen().len(), 8);
}

#[tokio::test]
async fn parallel_calls_share_one_token() {
    let server = Server::start(|_, seen| match seen.path.as_str() {
        "/v3/auth/tokens" => token(1, DAY),
        _ => running(),
    })
    .await;
    let mut settings = settings(&server, password());
    settings.project = ProjectRef::Name("eu-west-101".into());
    let client = Client::new(settings).unwrap();
    let (call, id) = (call(), PoolId::from(POOL));
    let results = join_all((0..10).map(|_| client.get_pool(&call, &id))).await;
    assert!(results.iter().all(Result::is_ok));
    let seen = server.seen();
    assert_eq!(server.count("POST"), 1);
    assert_eq!(seen.len(), 11);
    assert_eq!(seen[0].query, "nocatalog=true");
    assert_eq!(
        seen[0].json(),
        json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": "user-a", "password": "dummy-password",
                "domain": {"name": "example_domain_01"}}}},
            "scope": {"project": {"name": "eu-west-101"}}}})
    );
    assert!(seen[1..].iter().all(|seen| token_number(seen) == Some("1")));
    assert!(seen[1].path.contains(PROJECT), "the project comes with the token");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_request_repeated() {
    let server = Server::start(|n, seen| match seen.path.as_str() {
        "/v3/auth/tokens" => token(n, DAY),
        _ if token_number(seen) == Some("0") => Reply::json(401, fixture("gateway.401.apig.json")),
        _ => running(),
    })
    .await;
    let client = Client::new(settings(&server, password())).unwrap();
    client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    assert_eq!((server.count("POST"), server.count("GET")), (2, 2));
}

#[tokio::test]
async fn a_create_refused_for_its_token_is_repeated_with_a_new_one() {
    let server = Server::start(|n, seen| match seen.path.as_str() {
        "/v3/auth/tokens" => token(n, DAY),
        _ if token_number(seen) == Some("0") => Reply::json(401, fixture("error.401.token.json")),
        _ => Reply::json(200, fixture("create.response.200.json")),
    })
    .await;
    let client = Client::new(settings(&server, password())).unwrap();
    client.create_pool(&call(), &Default::default()).await.unwrap();
}

#[tokio::test]
async fn a_token_that_stays_refused_is_not_renewed_again_and_again() {
    let server = Server::start(|n, seen| match seen.path.as_str() {
        "/v3/auth/tokens" => token(n, DAY),
        _ => refused(),
    })
    .await;
    let client = Client::new(settings(&server, password())).unwrap();
    for _ in 0..3 {
        let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
    }
    assert_eq!(server.count("GET"), 2);
}

#[tokio::test]
async fn a_token_that_all_calls_see_refused_is_renewed_once_for_all() {
    let server = Server::start(|n, seen| match seen.path.as_str() {
        "/v3/auth/tokens" => token(usize::from(n > 0), DAY),
        _ if n > 1 && token_number(seen) == Some("0") => refused(),
        _ => running(),
    })
    .await;
    let client = Client::new(settings(&server, password())).unwrap();
    let (call, id) = (call(), PoolId::from(POOL));
    client.get_pool(&call, &id).await.unwrap();
    let results = join_all((0..10).map(|_| client.get_pool(&call, &id))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(server.count("POST"), 2);
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_before_it_is_used() {
    let server = Server::start(|n, seen| match seen.path.as_str() {
        "/v3/auth/tokens" => token(n, if n == 0 { SignedDuration::ZERO } else { DAY }),
        _ => running(),
    })
    .await;
    let client = Client::new(settings(&server, password())).unwrap();
    for _ in 0..3 {
        client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    }
    assert_eq!(server.count("POST"), 2);
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let body = r#"{"error":{"code":401,"message":"The username or password is wrong."}}"#;
    let server = Server::replying([Reply::json(401, body)]).await;
    let client = Client::new(settings(&server, password())).unwrap();
    let (call, id) = (call(), PoolId::from(POOL));
    let results = join_all((0..5).map(|_| client.get_pool(&call, &id))).await;
    for result in results {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert_eq!(error.origin(), Some("endpoints.iam"));
        assert!(error.to_string().contains("username or password"), "{error}");
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_once_from_the_answer() {
    let skewed = r#"{"error_code":"APIGW.0301","error_msg":"signature expired"}"#;
    let date = ("date", "Tue, 02 Jan 2024 03:04:05 GMT");
    let server = Server::replying([Reply::with(401, date, skewed), running()]).await;
    let client = client(&server);
    client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    for seen in &seen[1..] {
        assert!(seen.header("x-sdk-date").unwrap().starts_with("20240102T0304"));
    }
}

#[tokio::test]
async fn a_clock_that_cannot_be_the_reason_is_not_corrected() {
    let skewed = r#"{"error_code":"APIGW.0301","error_msg":"signature expired"}"#;
    let now = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let server = Server::replying([Reply::with(401, ("date", &now), skewed)]).await;
    let error = client(&server).get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Unauthorized, 1));
}

#[tokio::test]
async fn a_project_is_looked_up_once_by_its_exact_name() {
    let server = Server::start(|_, seen| match seen.path.as_str() {
        "/v3/projects" => Reply::json(
            200,
            json!({"projects": [
                {"id": "sub", "name": "eu-west-101_sub"},
                {"id": PROJECT, "name": "eu-west-101"}]})
            .to_string(),
        ),
        _ => running(),
    })
    .await;
    let mut settings = settings(&server, keys());
    settings.project = ProjectRef::Name("eu-west-101".into());
    let client = Client::new(settings).unwrap();
    let (call, id) = (call(), PoolId::from(POOL));
    let results = join_all((0..5).map(|_| client.get_pool(&call, &id))).await;
    assert!(results.iter().all(Result::is_ok));
    let seen = server.seen();
    assert_eq!(seen.iter().filter(|seen| seen.path == "/v3/projects").count(), 1);
    assert_eq!(seen[0].query, "name=eu-west-101");
    assert_eq!(seen[0].header("x-project-id"), None);
    assert!(seen[1].path.starts_with(&format!("/v2/{PROJECT}/")));
}

#[tokio::test]
async fn no_project_or_several_are_errors_that_name_it() {
    for projects in [json!([]), json!([{"id": "a", "name": "r"}, {"id": "b", "name": "r"}])] {
        let body = json!({ "projects": projects }).to_string();
        let server = Server::replying([Reply::json(200, body)]).await;
        let mut settings = settings(&server, keys());
        settings.project = ProjectRef::Name("r".into());
        let client = Client::new(settings).unwrap();
        let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("\"r\""), "{error}");
    }
}

#[tokio::test]
async fn an_agency_gives_temporary_keys_that_sign_the_calls() {
    let server = Server::start(|_, seen| match seen.path.as_str() {
        "/v3.0/OS-CREDENTIAL/securitytokens" => {
            let expires = Timestamp::now() + DAY;
            let body = json!({"credential": {"access": "TEMPKEY", "secret": "dummy-temporary",
                "securitytoken": "dummy-security-token", "expires_at": expires.to_string()}});
            Reply::json(201, body.to_string())
        }
        _ => running(),
    })
    .await;
    let source = CredentialSource::AssumeRole {
        base: Box::new(keys()),
        agency: Agency::Iam { name: "agency".into(), domain: DomainRef::Id("d".into()) },
        duration: Duration::from_secs(900),
    };
    let client = Client::new(settings(&server, source)).unwrap();
    client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    let seen = server.seen();
    assert!(seen[0].header("authorization").unwrap().contains("Access=TESTACCESSKEY0000001,"));
    let role = &seen[0].json()["auth"]["identity"]["assume_role"];
    assert_eq!(role, &json!({"agency_name": "agency", "domain_id": "d", "duration_seconds": 900}));
    assert!(seen[1].header("authorization").unwrap().contains("Access=TEMPKEY,"));
    assert_eq!(seen[1].header("x-security-token"), Some("dummy-security-token"));
}

#[tokio::test]
async fn a_virtual_machine_gives_its_keys_with_and_without_a_session() {
    for session in [Reply::json(200, "dummy-session"), Reply::json(404, "")] {
        let with = matches!(session, Reply::Answer(200, ..));
        let server = Server::start(move |_, seen| match seen.path.as_str() {
            "/meta-data/latest/api/token" => session.clone(),
            "/openstack/latest/securitykey" => {
                let body = fixture("metadata-securitykey.json");
                Reply::json(200, body.replace("2024-01-02", "2999-01-02"))
            }
            _ => running(),
        })
        .await;
        let client = Client::new(settings(&server, CredentialSource::Metadata)).unwrap();
        client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
        let seen = server.seen();
        assert_eq!(seen[0].method, "PUT");
        assert_eq!(seen[1].header("x-metadata-token"), with.then_some("dummy-session"));
        assert!(seen[2].header("authorization").unwrap().contains("Access=TESTTEMPACCESSKEY001,"));
    }
}

#[tokio::test]
async fn a_machine_without_credentials_is_asked_once_and_quickly() {
    let server = Server::replying([Reply::Hang]).await;
    let client = Client::new(settings(&server, CredentialSource::Metadata)).unwrap();
    let started = std::time::Instant::now();
    for _ in 0..3 {
        let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().starts_with("no credentials are configured"), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(2));
}

/// The time of the service in tests of clocks.
const THEIRS: &str = "2024-01-02T03:04:05Z";
const DATE: (&str, &str) = ("date", "Tue, 02 Jan 2024 03:04:05 GMT");

fn theirs() -> Timestamp {
    THEIRS.parse().unwrap()
}

/// Accepts only requests that are signed at the time of the service.
async fn punctual() -> Server {
    Server::start(|_, seen| {
        if seen.header("x-sdk-date").is_some_and(|date| date.starts_with("20240102T0304")) {
            return running();
        }
        let body = r#"{"error_code":"APIGW.0301","error_msg":"signature expired"}"#;
        Reply::with(401, DATE, body)
    })
    .await
}

#[tokio::test]
async fn parallel_calls_by_a_clock_that_is_off_cause_one_refused_call() {
    let server = punctual().await;
    let mut settings = settings(&server, keys());
    settings.clock = Clock::new(|| theirs() - SignedDuration::from_hours(3));
    let client = Client::new(settings).unwrap();
    let (call, id) = (call(), PoolId::from(POOL));
    let results = join_all((0..10).map(|_| client.get_pool(&call, &id))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(server.seen().len(), 11);
}

#[tokio::test]
async fn a_clock_that_is_set_during_a_run_does_not_shut_the_client() {
    let server = punctual().await;
    let mut settings = settings(&server, keys());
    let set = Arc::new(AtomicBool::new(false));
    let is_set = Arc::clone(&set);
    settings.clock = Clock::new(move || match is_set.load(Ordering::Relaxed) {
        true => theirs() + SignedDuration::from_hours(1),
        false => theirs(),
    });
    let client = Client::new(settings).unwrap();
    let (call, id) = (call(), PoolId::from(POOL));
    client.get_pool(&call, &id).await.unwrap();
    set.store(true, Ordering::Relaxed);
    let results = join_all((0..10).map(|_| client.get_pool(&call, &id))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

#[tokio::test]
async fn the_life_of_a_token_is_measured_by_the_clock_of_the_service() {
    for ours in [SignedDuration::from_hours(26), -SignedDuration::from_hours(26)] {
        let server = Server::start(|_, seen| match seen.path.as_str() {
            "/v3/auth/tokens" => {
                let expires = theirs() + DAY;
                let body = json!({"token": {"expires_at": expires.to_string()}}).to_string();
                let token = ("X-Subject-Token", "dummy-token-1".to_owned());
                Reply::Answer(201, vec![token, (DATE.0, DATE.1.to_owned())], body)
            }
            _ => running(),
        })
        .await;
        let mut settings = settings(&server, password());
        settings.clock = Clock::new(move || theirs() + ours);
        let client = Client::new(settings).unwrap();
        for _ in 0..20 {
            client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
        }
        assert_eq!((server.count("POST"), server.count("GET")), (1, 20));
    }
}

#[tokio::test]
async fn one_refused_renewal_is_not_final_and_two_are() {
    let wrong = || Reply::json(401, r#"{"error":{"code":401,"message":"try later"}}"#);
    for (refusals, outcomes, logins) in
        [(1, [true, false, true, true, true], 3), (9, [true, false, false, false, false], 3)]
    {
        let tries = AtomicUsize::new(0);
        let server = Server::start(move |_, seen| match seen.path.as_str() {
            "/v3/auth/tokens" => match tries.fetch_add(1, Ordering::Relaxed) {
                0 => token(1, SignedDuration::ZERO),
                n if n <= refusals => wrong(),
                n => token(n, DAY),
            },
            _ => running(),
        })
        .await;
        let client = Client::new(settings(&server, password())).unwrap();
        for outcome in outcomes {
            let result = client.get_pool(&call(), &PoolId::from(POOL)).await;
            assert_eq!(result.is_ok(), outcome, "{result:?}");
        }
        assert_eq!(server.count("POST"), logins);
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_about_the_key_does_not_shut_the_client() {
    for code in ["ModelArts.0112", "ModelArts.0207", "ModelArts.0212", "ModelArts.0428"] {
        let body = json!({"error_code": code, "error_msg": "no project here"}).to_string();
        let server = Server::replying([Reply::json(401, body)]).await;
        let client = client(&server);
        for _ in 0..4 {
            let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
            assert_eq!((error.kind(), error.code()), (ErrorKind::Forbidden, Some(code)));
        }
        assert_eq!(server.seen().len(), 4);
    }
}

#[tokio::test]
async fn the_login_of_an_agency_is_for_the_account_of_the_user() {
    let by_id = |domain| CredentialSource::Password {
        user: UserRef::Id { id: "u".into(), domain },
        password: "dummy-password".to_owned().into(),
    };
    for (base, scope) in [
        (password(), json!({"domain": {"name": "example_domain_01"}})),
        (by_id(Some(DomainRef::Id("d".into()))), json!({"domain": {"id": "d"}})),
        (by_id(None), serde_json::Value::Null),
    ] {
        let server = Server::start(|_, seen| match seen.path.as_str() {
            "/v3/auth/tokens" => token(1, DAY),
            "/v3.0/OS-CREDENTIAL/securitytokens" => {
                let body = json!({"credentials": {"access_key_id": "TEMPKEY",
                    "secret_access_key": "dummy-temporary", "expiration": "2999-01-02T03:04:05Z"}});
                Reply::json(201, body.to_string())
            }
            _ => running(),
        })
        .await;
        let source = CredentialSource::AssumeRole {
            base: Box::new(base),
            agency: Agency::Iam { name: "agency".into(), domain: DomainRef::Name("other".into()) },
            duration: Duration::from_secs(900),
        };
        let client = Client::new(settings(&server, source)).unwrap();
        client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
        let seen = server.seen();
        assert_eq!(seen[0].json()["auth"]["scope"], scope);
        assert_eq!(seen[1].header("x-auth-token"), Some("dummy-token-1"));
        assert!(seen[2].header("authorization").unwrap().contains("Access=TEMPKEY,"));
    }
}

#[tokio::test]
async fn a_single_attempt_renews_a_refused_token_all_the_same() {
    let server = Server::start(|n, seen| match seen.path.as_str() {
        "/v3/auth/tokens" => token(n, DAY),
        _ if token_number(seen) == Some("0") => refused(),
        _ => running(),
    })
    .await;
    let client = Client::new(settings(&server, password())).unwrap();
    client.get_pool(&call().single_attempt(), &PoolId::from(POOL)).await.unwrap();
}

/// Plays IAM and STS: the keys of the n-th answer are called after their number.
fn issuing(n: usize, seen: &Seen) -> Reply {
    let expires = (Timestamp::now() + DAY).to_string();
    let (key, secret) = (format!("KEY{n}"), format!("dummy-secret-{n}"));
    let token = format!("dummy-security-{n}");
    match seen.path.as_str() {
        "/v3.0/OS-AUTH/id-token/tokens" => {
            Reply::with(201, ("X-Subject-Token", "dummy-subject"), json!({"token": {}}).to_string())
        }
        "/v3.0/OS-CREDENTIAL/securitytokens" => Reply::json(
            201,
            json!({"credential": {"access": key, "secret": secret, "securitytoken": token,
                "expires_at": expires}})
            .to_string(),
        ),
        "/v5/agencies/assume" => Reply::json(
            200,
            json!({"credentials": {"access_key_id": key, "secret_access_key": secret,
                "security_token": token, "expiration": expires}})
            .to_string(),
        ),
        "/v3/auth/tokens" => self::token(n, DAY),
        _ => running(),
    }
}

fn trust(name: &str, base: CredentialSource) -> CredentialSource {
    CredentialSource::AssumeRole {
        base: Box::new(base),
        agency: Agency::Trust { name: name.into(), domain_id: "9".into() },
        duration: Duration::from_secs(1800),
    }
}

fn iam(name: &str, base: CredentialSource) -> CredentialSource {
    CredentialSource::AssumeRole {
        base: Box::new(base),
        agency: Agency::Iam { name: name.into(), domain: DomainRef::Name("d".into()) },
        duration: Duration::from_secs(900),
    }
}

/// Who signed a request.
fn signer(seen: &Seen) -> String {
    let authorization = seen.header("authorization").unwrap_or_default();
    let (_, rest) = authorization.split_once("Access=").unwrap_or_default();
    rest.split(',').next().unwrap_or_default().to_owned()
}

async fn signed_in(source: CredentialSource) -> Vec<Seen> {
    let server = Server::start(issuing).await;
    let client = Client::new(settings(&server, source)).unwrap();
    client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    server.seen()
}

#[tokio::test]
async fn a_trust_agency_is_assumed_by_a_signed_request() {
    let seen = signed_in(trust("operators", keys())).await;
    assert_eq!((seen.len(), seen[0].path.as_str()), (2, "/v5/agencies/assume"));
    assert_eq!(
        seen[0].json(),
        json!({"agency_urn": "iam::9:agency:operators", "agency_session_name": "operators",
            "duration_seconds": 1800})
    );
    assert_eq!(signer(&seen[0]), "TESTACCESSKEY0000001");
    assert_eq!(signer(&seen[1]), "KEY0");
    assert_eq!(seen[1].header("x-security-token"), Some("dummy-security-0"));
}

#[tokio::test]
async fn a_trust_agency_is_assumed_by_a_user_with_keys_for_the_token() {
    let seen = signed_in(trust("operators", password())).await;
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
    assert_eq!(
        paths[..3],
        ["/v3/auth/tokens", "/v3.0/OS-CREDENTIAL/securitytokens", "/v5/agencies/assume"]
    );
    let identity = &seen[1].json()["auth"]["identity"];
    assert_eq!(identity, &json!({"methods": ["token"], "token": {"id": "dummy-token-0"}}));
    assert_eq!((signer(&seen[2]), signer(&seen[3])), ("KEY1".into(), "KEY2".into()));
}

#[tokio::test]
async fn each_agency_of_a_chain_is_assumed_with_the_keys_of_the_one_before() {
    let seen = signed_in(trust("last", iam("first", keys()))).await;
    assert_eq!(seen[0].path, "/v3.0/OS-CREDENTIAL/securitytokens");
    let role = &seen[0].json()["auth"]["identity"]["assume_role"];
    assert_eq!(role["agency_name"], "first");
    assert_eq!(signer(&seen[0]), "TESTACCESSKEY0000001");
    assert_eq!(seen[1].json()["agency_urn"], "iam::9:agency:last");
    assert_eq!((signer(&seen[1]), signer(&seen[2])), ("KEY0".into(), "KEY1".into()));
    // And the other way round.
    let seen = signed_in(iam("last", trust("first", keys()))).await;
    assert_eq!(seen[0].path, "/v5/agencies/assume");
    assert_eq!((signer(&seen[1]), signer(&seen[2])), ("KEY0".into(), "KEY1".into()));
}

/// A file with an ID token that somebody replaces.
#[derive(Debug, Default)]
struct Replaced(AtomicUsize);

impl TokenStore for Replaced {
    fn read(&self) -> Result<secrecy::SecretString, String> {
        let n = self.0.fetch_add(1, Ordering::Relaxed);
        Ok(format!("dummy-id-token-{n}").into())
    }
}

#[tokio::test]
async fn an_id_token_gives_keys_that_assume_the_agency() {
    let id_token = IdToken::Text("dummy-id-token".to_owned().into());
    let source = CredentialSource::Oidc { idp_id: "idp".into(), id_token };
    let seen = signed_in(trust("operators", source)).await;
    assert_eq!(seen[0].path, "/v3.0/OS-AUTH/id-token/tokens");
    assert_eq!(seen[0].header("x-idp-id"), Some("idp"));
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(seen[0].json(), json!({"auth": {"id_token": {"id": "dummy-id-token"}}}));
    let identity = &seen[1].json()["auth"]["identity"];
    assert_eq!(identity, &json!({"methods": ["token"], "token": {"id": "dummy-subject"}}));
    assert_eq!(seen[2].path, "/v5/agencies/assume");
    assert_eq!((signer(&seen[2]), signer(&seen[3])), ("KEY1".into(), "KEY2".into()));
}

#[tokio::test]
async fn an_id_token_in_a_file_is_read_again_at_each_renewal() {
    let server = Server::start(|n, seen| match signer(seen).as_str() {
        "KEY2" if seen.path.starts_with("/v2/") => refused(),
        _ => issuing(n, seen),
    })
    .await;
    let id_token = IdToken::Stored(Arc::new(Replaced::default()));
    let source = CredentialSource::Oidc { idp_id: "idp".into(), id_token };
    let client = Client::new(settings(&server, trust("operators", source))).unwrap();
    client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    let tokens = server.seen().into_iter().filter(|seen| seen.path.contains("id-token"));
    let tokens: Vec<_> = tokens.map(|seen| seen.json()["auth"]["id_token"]["id"].clone()).collect();
    assert_eq!(tokens, ["dummy-id-token-0", "dummy-id-token-1"]);
}

#[tokio::test]
async fn a_step_that_fails_is_named_and_quotes_no_secret() {
    for (source, words) in [
        (trust("operators", keys()), "assuming trust agency \"operators\" of account \"9\" failed"),
        (iam("operators", keys()), "assuming agency \"operators\" of account \"d\" failed"),
        (
            CredentialSource::Oidc {
                idp_id: "idp".into(),
                id_token: IdToken::Text("dummy-id-token".to_owned().into()),
            },
            "signing in with an ID token of \"idp\" failed",
        ),
    ] {
        let server = Server::start(|_, seen| {
            let refusal = json!({"error": {"code": 403, "message": format!("no: {}", seen.body)}});
            Reply::json(403, refusal.to_string())
        })
        .await;
        let client = Client::new(settings(&server, source)).unwrap();
        let error = client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        let text = format!("{error} {error:?}");
        assert!(text.contains(words), "{text}");
        assert!(!text.contains("dummy"), "{text}");
        // A refusal is not asked for again.
        client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap_err();
        assert_eq!(server.seen().len(), 1);
    }
}
