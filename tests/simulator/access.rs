//! Who may ask: signatures, tokens, temporary keys.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::{
    Config,
    access::{
        ACCESS_KEY, DOMAIN_NAME, PASSWORD, PROJECT_ID, REGION, SECRET_KEY, USER_ID, USER_NAME,
    },
};

use super::client::{Draft, Reply, World, physical, pool, pools, resources, v1};

fn list() -> Draft {
    Draft::new("GET", &pools(), "")
}

async fn raw(world: &World, draft: Draft) -> Reply {
    draft.send(world.running.addr()).await.expect("an answer")
}

fn login(user: &Value, scope: &Value) -> Draft {
    let identity = json!({ "methods": ["password"], "password": { "user": user } });
    let body = json!({ "auth": { "identity": identity, "scope": scope } });
    Draft::new("POST", "/v3/auth/tokens?nocatalog=true", &body.to_string())
        .with("Content-Type", "application/json;charset=utf8")
}

fn user() -> Value {
    json!({ "name": USER_NAME, "password": PASSWORD, "domain": { "name": DOMAIN_NAME } })
}

fn project() -> Value {
    json!({ "project": { "id": PROJECT_ID } })
}

async fn token(world: &World) -> String {
    let reply = raw(world, login(&user(), &project())).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.header("x-subject-token").unwrap().to_owned()
}

async fn list_with(world: &World, token: &str) -> Reply {
    raw(world, list().with("X-Auth-Token", token)).await
}

#[tokio::test]
async fn a_correct_signature_is_accepted_in_all_its_forms() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let patch = json!({ "metadata": { "annotations": { "os.modelarts/description": "ö 研" } } });
    let patch = Draft::new("PATCH", &pool(&id), &patch.to_string());
    for draft in [
        list(),
        list().with("X-Project-Id", PROJECT_ID),
        list().with("User-Agent", "  outer spaces  "),
        list().without("Content-Type"),
        Draft::new("GET", &format!("{}?status=created&workspaceId=0", pools()), ""),
        Draft::new("GET", &format!("{}?workspaceId=0&status=created", pools()), ""),
        patch.clone(),
        patch.with("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"),
    ] {
        let reply = world.send(draft).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
}

#[tokio::test]
async fn a_header_that_is_not_signed_does_no_harm() {
    let world = World::new().await;
    let draft = list().signed_by(&world.host(), ACCESS_KEY, SECRET_KEY, 0);
    let reply = raw(&world, draft.with("X-Project-Id", PROJECT_ID)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn what_is_changed_after_signing_is_noticed() {
    let world = World::with(r#"{ "rules": { "lock_after": 0 } }"#).await;
    let body = physical("pool-a", 1).to_string();
    let good =
        Draft::new("POST", &pools(), &body).signed_by(&world.host(), ACCESS_KEY, SECRET_KEY, 0);
    let change = |change: &dyn Fn(&mut Draft)| {
        let mut draft = good.clone();
        change(&mut draft);
        draft
    };
    for draft in [
        change(&|draft| draft.body = draft.body.replace("pool-a", "pool-b")),
        change(&|draft| draft.target = format!("{}?workspaceId=0", pools())),
        change(&|draft| draft.target = v1("networks")),
        good.clone().with("Content-Type", "application/json; charset=UTF-8"),
        good.clone().with("X-Security-Token", "of another key"),
    ] {
        raw(&world, draft).await.refused(401, "APIGW.0301");
    }
    assert_eq!(world.cloud.pools().unwrap().len(), 0);
    assert_eq!(raw(&world, good).await.status, 200);
}

#[tokio::test]
async fn requests_without_proof_are_refused_by_the_gateway() {
    let world = World::with(r#"{ "rules": { "lock_after": 0 } }"#).await;
    let host = world.host();
    let signed = |key, secret| list().signed_by(&host, key, secret, 0);
    for (what, draft) in [
        ("nothing", list()),
        ("wrong secret", signed(ACCESS_KEY, "wrong")),
        ("unknown key", signed("UNKNOWNACCESSKEY0001", SECRET_KEY)),
        ("other form", list().with("Authorization", "Bearer x")),
        ("no date", signed(ACCESS_KEY, SECRET_KEY).without("X-Sdk-Date")),
        ("signed header missing", signed(ACCESS_KEY, SECRET_KEY).without("Content-Type")),
        ("made-up token", list().with("X-Auth-Token", "made up")),
    ] {
        let reply = raw(&world, draft).await;
        assert_eq!((reply.status, reply.code()), (401, "APIGW.0301"), "{what}: {}", reply.text);
        let id = reply.header("x-request-id").expect(what);
        assert_eq!(reply.body["request_id"], id, "{what}");
    }
}

#[tokio::test]
async fn a_date_more_than_fifteen_minutes_off_is_refused() {
    let world = World::new().await;
    let host = world.host();
    for (minutes, status) in [(-14, 200), (14, 200), (-16, 401), (16, 401)] {
        let reply = raw(&world, list().signed_by(&host, ACCESS_KEY, SECRET_KEY, minutes)).await;
        assert_eq!(reply.status, status, "{minutes}");
        if status == 401 {
            reply.refused(401, "APIGW.0303");
            assert!(reply.message().contains("signature expired"));
        }
    }
}

#[tokio::test]
async fn a_gateway_with_a_wrong_clock_says_so_in_its_date() {
    let world = World::with(r#"{ "clock_offset": "-20m" }"#).await;
    let host = world.host();
    let reply = raw(&world, list().signed_by(&host, ACCESS_KEY, SECRET_KEY, 0)).await;
    reply.refused(401, "APIGW.0303");
    let date = jiff::fmt::rfc2822::parse(reply.header("date").unwrap()).unwrap();
    let behind = jiff::Timestamp::now().as_second() - date.timestamp().as_second();
    assert!((1195..=1205).contains(&behind), "{behind}");
    let reply = raw(&world, list().signed_by(&host, ACCESS_KEY, SECRET_KEY, -20)).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn five_wrong_signatures_lock_the_key() {
    let world = World::new().await;
    let host = world.host();
    for _ in 0..5 {
        raw(&world, list().signed_by(&host, ACCESS_KEY, "wrong", 0))
            .await
            .refused(401, "APIGW.0301");
    }
    let reply = world.send(list()).await;
    reply.refused(401, "APIGW.0301");
    assert!(reply.message().contains("locked"), "{}", reply.text);
}

#[tokio::test]
async fn project_ids_must_agree() {
    let world = World::new().await;
    let other = "ffffffffffffffffffffffffffffffff";
    world.get(&format!("/v2/{other}/pools")).await.refused(403, "ModelArts.0210");
    world.send(list().with("X-Project-Id", other)).await.refused(403, "ModelArts.0210");
}

#[tokio::test]
async fn a_password_gives_a_token_that_opens_the_service() {
    let world = World::new().await;
    let by_id = json!({ "id": USER_ID, "password": PASSWORD });
    let by_name = json!({ "project": { "name": REGION } });
    for draft in [login(&user(), &project()), login(&by_id, &by_name)] {
        let reply = raw(&world, draft).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let body = &reply.body["token"];
        assert_eq!(body["project"]["id"], PROJECT_ID);
        assert!(body["expires_at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        let token = reply.header("x-subject-token").unwrap();
        assert_eq!(list_with(&world, token).await.status, 200);
    }
}

#[tokio::test]
async fn wrong_logins_are_refused_in_the_form_of_iam() {
    let world = World::new().await;
    let wrong = json!({ "name": USER_NAME, "password": "x", "domain": { "name": DOMAIN_NAME } });
    let domain = json!({ "name": USER_NAME, "password": PASSWORD, "domain": { "name": "x" } });
    let other = json!({ "project": { "name": "elsewhere" } });
    let no_domain = json!({ "name": USER_NAME, "password": PASSWORD });
    for (draft, status) in [
        (login(&wrong, &project()), 401),
        (login(&domain, &project()), 401),
        (login(&user(), &other), 401),
        (login(&no_domain, &project()), 400),
        (Draft::new("POST", "/v3/auth/tokens", "{}"), 400),
    ] {
        let reply = raw(&world, draft).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        assert_eq!(reply.body["error"]["code"], status);
    }
}

#[tokio::test]
async fn a_token_without_a_project_does_not_open_the_service() {
    let world = World::new().await;
    let reply = raw(&world, login(&user(), &json!({ "domain": { "name": DOMAIN_NAME } }))).await;
    let token = reply.header("x-subject-token").unwrap();
    list_with(&world, token).await.refused(401, "ModelArts.0207");
}

#[tokio::test]
async fn old_and_revoked_tokens_must_be_renewed() {
    let short = World::with(r#"{ "rules": { "token_lifetime": "0s" } }"#).await;
    let old = token(&short).await;
    list_with(&short, &old).await.refused(401, "APIGW.0307");

    let world = World::new().await;
    let token = token(&world).await;
    assert_eq!(list_with(&world, &token).await.status, 200);
    world.cloud.revoke_tokens();
    list_with(&world, &token).await.refused(401, "APIGW.0307");
}

#[tokio::test]
async fn temporary_keys_work_with_their_security_token_only() {
    let world = World::new().await;
    let role =
        json!({ "agency_name": "agency", "domain_name": DOMAIN_NAME, "duration_seconds": 900 });
    let identity = json!({ "methods": ["assume_role"], "assume_role": role });
    let v3 = json!({ "auth": { "identity": identity } });
    let v5 = json!({ "agency_urn": "iam::d:agency:agency", "agency_session_name": "s" });
    let keys = world.call("POST", "/v3.0/OS-CREDENTIAL/securitytokens", &v3).await.expect(201);
    let newer = world.call("POST", "/v5/agencies/assume", &v5).await.expect(200);
    let metadata = Draft::new("GET", "/openstack/latest/securitykey", "");
    let metadata = raw(&world, metadata).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let old = |c: &Value| [text(&c["access"]), text(&c["secret"]), text(&c["securitytoken"])];
    let new = |c: &Value| {
        [text(&c["access_key_id"]), text(&c["secret_access_key"]), text(&c["security_token"])]
    };
    for [access, secret, security] in
        [old(&keys["credential"]), new(&newer["credentials"]), old(&metadata["credential"])]
    {
        let with = list().with("X-Security-Token", &security);
        let reply = raw(&world, with.signed_by(&world.host(), &access, &secret, 0)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let without = list().signed_by(&world.host(), &access, &secret, 0);
        raw(&world, without).await.refused(401, "APIGW.0301");
    }
}

#[tokio::test]
async fn a_project_is_found_by_the_name_of_its_region() {
    let world = World::new().await;
    let found = world.get(&format!("/v3/projects?name={REGION}")).await.expect(200);
    assert_eq!(found["projects"].as_array().unwrap().len(), 1);
    assert_eq!(found["projects"][0]["id"], PROJECT_ID);
    let none = world.get("/v3/projects?name=nowhere").await.expect(200);
    assert_eq!(none["projects"], json!([]));
    assert_eq!(world.get("/v3/auth/domains").await.expect(200)["domains"][0]["name"], DOMAIN_NAME);
}

#[tokio::test]
async fn a_scenario_finds_sub_projects_by_the_name_of_the_region_too() {
    let world = World::with(r#"{ "answers": { "sub_projects": true } }"#).await;
    let found = world.get(&format!("/v3/projects?name={REGION}")).await.expect(200);
    let found = found["projects"].as_array().unwrap();
    assert!(found.len() > 1);
    let exact: Vec<&Value> = found.iter().filter(|p| p["name"] == REGION).collect();
    assert_eq!(exact.len(), 1);
    assert_eq!(exact[0]["id"], PROJECT_ID);
}

#[tokio::test]
async fn a_token_is_made_from_another_token() {
    let world = World::new().await;
    let login = async |identity: Value, scope: Value| {
        let body = json!({ "auth": { "identity": identity, "scope": scope } });
        raw(&world, Draft::new("POST", "/v3/auth/tokens", &body.to_string())).await
    };
    let user =
        json!({ "name": USER_NAME, "password": PASSWORD, "domain": { "name": DOMAIN_NAME } });
    let by_password = json!({ "methods": ["password"], "password": { "user": user } });
    let first = login(by_password, json!({ "domain": { "name": DOMAIN_NAME } })).await;
    let first = first.header("x-subject-token").unwrap().to_owned();
    let by_token = |id: &str| json!({ "methods": ["token"], "token": { "id": id } });
    let project = json!({ "project": { "id": PROJECT_ID } });
    let second = login(by_token(&first), project.clone()).await;
    assert_eq!(second.body["token"]["methods"], json!(["token"]), "{}", second.text);
    let second = second.header("x-subject-token").unwrap().to_owned();
    let signed_in = |token: &str| list().with("X-Auth-Token", token);
    assert_eq!(raw(&world, signed_in(&second)).await.status, 200);
    raw(&world, signed_in(&first)).await.refused(401, "ModelArts.0207");
    assert_eq!(login(by_token("made-up"), project).await.status, 401);
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_a_date() {
    let world = World::new().await;
    for reply in [
        world.get(&pools()).await,
        world.get("/nowhere").await,
        world.patch("none", &resources(json!([]))).await,
        raw(&world, list()).await,
    ] {
        assert!(reply.header("x-request-id").is_some_and(|id| id.len() == 32), "{reply:?}");
        assert!(reply.header("date").is_some(), "{reply:?}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn other_credentials_can_be_set() {
    use terraform_provider_modelarts::simulator::access::Credentials;
    let credentials =
        Credentials { access_key: "OTHERDUMMYKEY0000001".to_owned(), ..Credentials::default() };
    let world = World::from(Config { credentials, ..Config::default() }).await;
    world.send(list()).await.refused(401, "APIGW.0301");
    let draft = list().signed_by(&world.host(), "OTHERDUMMYKEY0000001", SECRET_KEY, 0);
    assert_eq!(raw(&world, draft).await.status, 200);
}
