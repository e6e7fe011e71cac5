//! Tokens, temporary keys and the project look-up (API reference, authentication).

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    access::{DOMAIN_ID, ID_TOKEN, IDP_ID, PROJECT_ID, REGION, USER_ID},
    answer::{Answer, Check},
    auth::Audience,
    call::Call,
    check::Object,
    span::Span,
};

/// Puts a refusal into IAM's own form.
fn in_iam_form(answer: Answer) -> Answer {
    let text = |key: &str| answer.body.get(key).and_then(Value::as_str).map(str::to_owned);
    match (answer.status, text("error_msg")) {
        (400, Some(message)) => Answer::iam(400, "Bad Request", message),
        _ => answer,
    }
}

fn wrong_login() -> Answer {
    Answer::iam(401, "Unauthorized", "The username or password is wrong.")
}

/// Writes a moment as IAM does: UTC with microseconds.
fn instant(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string())
        .unwrap_or_default()
}

pub(super) fn token(call: &Call<'_>) -> Check<Answer> {
    call.query.only(&["nocatalog"]).map_err(in_iam_form)?;
    let body = call.json().map_err(in_iam_form)?;
    let (method, project) = check_login(call, &body).map_err(in_iam_form)?;
    let lifetime = call.scenario().rules.token_lifetime;
    let now = call.gateway_now;
    let expires = lifetime.after(now, 1.0).unwrap_or(i64::MAX / 2);
    let domain = json!({ "id": DOMAIN_ID, "name": call.gate.credentials.domain_name });
    let mut token = json!({
        "expires_at": instant(expires),
        "issued_at": instant(now),
        "methods": [method],
        "user": { "id": USER_ID, "name": call.gate.credentials.user_name, "domain": domain.clone() },
        "roles": [],
        "catalog": [],
    });
    if project {
        token["project"] = json!({ "id": PROJECT_ID, "name": REGION, "domain": domain });
    } else {
        token["domain"] = domain;
    }
    let secret = call.gate.issue(now, expires, project);
    Ok(Answer::with(201, json!({ "token": token })).header("X-Subject-Token", secret))
}

/// Checks who asks, and returns by which method and whether the token is good for the project.
fn check_login(call: &Call<'_>, body: &Value) -> Check<(&'static str, bool)> {
    let auth = Object::new(body, "", &["auth"])?.need_object("auth", &["identity", "scope"])?;
    let identity =
        auth.need_object("identity", &["methods", "password", "token", "assume_role"])?;
    let method = match identity.texts("methods")?.unwrap_or_default().as_slice() {
        ["password"] => {
            check_password(call, &identity)?;
            "password"
        }
        ["token"] => {
            check_token(call, &identity)?;
            "token"
        }
        ["assume_role"] => {
            call.authenticate(Audience::Account)?;
            check_agency(&identity)?;
            "assume_role"
        }
        _ => {
            let why = "methods must be password, token or assume_role";
            return Err(Answer::iam(400, "Bad Request", why));
        }
    };
    Ok((method, check_scope(call, &auth)?))
}

/// Checks a token that another token is made from.
fn check_token(call: &Call<'_>, identity: &Object<'_>) -> Check {
    let fields = ["id", "duration_seconds"];
    let token = identity.need_object("token", &fields)?.need_text("id")?;
    let refused = |_| Answer::iam(401, "Unauthorized", "The token is invalid.");
    call.gate.check_token(token, Audience::Account, call.gateway_now).map_err(refused)
}

fn check_password(call: &Call<'_>, identity: &Object<'_>) -> Check {
    let password = identity.need_object("password", &["user"])?;
    let user = password.need_object("user", &["name", "id", "password", "domain"])?;
    let known = &call.gate.credentials;
    let is_user = match user.text("id")? {
        Some(id) => id == USER_ID,
        None => {
            let domain = user.need_object("domain", &["name", "id"])?;
            user.need_text("name")? == known.user_name && is_domain(call, &domain)?
        }
    };
    match is_user && user.need_text("password")? == known.password.expose_secret() {
        true => Ok(()),
        false => Err(wrong_login()),
    }
}

fn is_domain(call: &Call<'_>, domain: &Object<'_>) -> Check<bool> {
    let name = domain.text("name")?.is_none_or(|name| name == call.gate.credentials.domain_name);
    let id = domain.text("id")?.is_none_or(|id| id == DOMAIN_ID);
    Ok(name && id && (domain.has("name") || domain.has("id")))
}

fn check_agency(identity: &Object<'_>) -> Check {
    let fields = ["agency_name", "domain_id", "domain_name", "duration_seconds"];
    let role = identity.need_object("assume_role", &fields)?;
    role.need_text("agency_name")?;
    if role.has("domain_id") == role.has("domain_name") {
        return Err(Answer::iam(
            400,
            "Bad Request",
            "one of domain_id and domain_name is required",
        ));
    }
    let seconds = role.integer("duration_seconds")?.unwrap_or(900);
    match (900..=86_400).contains(&seconds) {
        true => Ok(()),
        false => Err(Answer::iam(400, "Bad Request", "duration_seconds must be 900 to 86400")),
    }
}

fn check_scope(call: &Call<'_>, auth: &Object<'_>) -> Check<bool> {
    let Some(scope) = auth.object("scope", &["project", "domain"])? else { return Ok(false) };
    let Some(project) = scope.object("project", &["id", "name", "domain"])? else {
        if let Some(domain) = scope.object("domain", &["id", "name"])? {
            is_domain(call, &domain)?;
        }
        return Ok(false);
    };
    let id = project.text("id")?.is_none_or(|id| id == PROJECT_ID);
    let name = project.text("name")?.is_none_or(|name| name == REGION);
    match id && name && (project.has("id") || project.has("name")) {
        true => Ok(true),
        false => Err(Answer::iam(401, "Unauthorized", "The project is not known to this user.")),
    }
}

pub(super) fn projects(call: &Call<'_>) -> Check<Answer> {
    call.query.only(&["name", "domain_id", "parent_id", "enabled", "page", "per_page"])?;
    let project = |id: &str, name: &str| {
        json!({ "id": id, "name": name, "domain_id": DOMAIN_ID, "parent_id": DOMAIN_ID,
            "enabled": true, "is_domain": false, "description": "" })
    };
    let other = super::digest::id32("sub-project");
    let all = [project(PROJECT_ID, REGION), project(&other, &format!("{REGION}_other"))];
    let wanted = call.query.get("name").unwrap_or("");
    // The filter of some clouds returns sub-projects as well.
    let loose = wanted.is_empty() || call.scenario().answers.sub_projects;
    let fits = |name: &str| if loose { name.starts_with(wanted) } else { name == wanted };
    let found: Vec<&Value> = all.iter().filter(|p| p["name"].as_str().is_some_and(fits)).collect();
    let links = json!({ "self": "/v3/projects", "next": null, "previous": null });
    Ok(Answer::ok(json!({ "links": links, "projects": found })))
}

pub(super) fn domains(call: &Call<'_>) -> Check<Answer> {
    let domain = json!({ "id": DOMAIN_ID, "name": call.gate.credentials.domain_name,
        "enabled": true, "description": "" });
    Ok(Answer::ok(json!({ "links": {}, "domains": [domain] })))
}

/// Gives a token of the account for an ID token of another identity provider.
pub(super) fn id_token(call: &Call<'_>) -> Check<Answer> {
    let body = call.json().map_err(in_iam_form)?;
    let given = || -> Check<String> {
        let auth =
            Object::new(&body, "", &["auth"])?.need_object("auth", &["id_token", "scope"])?;
        Ok(auth.need_object("id_token", &["id"])?.need_text("id")?.to_owned())
    };
    let given = given().map_err(in_iam_form)?;
    if call.header("x-idp-id") != Some(IDP_ID) || given != ID_TOKEN {
        return Err(Answer::iam(401, "Unauthorized", "The ID token or its provider is not known."));
    }
    let now = call.gateway_now;
    let expires = call.scenario().rules.token_lifetime.after(now, 1.0).unwrap_or(i64::MAX / 2);
    let token = json!({ "expires_at": instant(expires), "issued_at": instant(now),
        "methods": ["mapped"], "user": { "id": USER_ID, "name": "federated" } });
    let secret = call.gate.issue(now, expires, false);
    Ok(Answer::with(201, json!({ "token": token })).header("X-Subject-Token", secret))
}

/// Gives temporary keys for an agency or a token.
pub(super) fn security_token(call: &Call<'_>) -> Check<Answer> {
    let body = call.json().map_err(in_iam_form)?;
    let seconds = requested_seconds(call, &body).map_err(in_iam_form)?;
    let key = key(call, seconds);
    let credential = json!({ "access": key.access, "secret": key.secret,
        "securitytoken": key.security_token, "expires_at": instant(key.expires) });
    Ok(Answer::with(201, json!({ "credential": credential })))
}

fn requested_seconds(call: &Call<'_>, body: &Value) -> Check<i64> {
    let auth = Object::new(body, "", &["auth"])?.need_object("auth", &["identity"])?;
    let identity = auth.need_object("identity", &["methods", "assume_role", "token"])?;
    match identity.texts("methods")?.unwrap_or_default().as_slice() {
        ["assume_role"] => {
            check_agency(&identity)?;
            let role = identity.get("assume_role").and_then(|role| role.get("duration_seconds"));
            Ok(role.and_then(Value::as_i64).unwrap_or(900))
        }
        ["token"] => {
            let token = identity.object("token", &["id", "duration_seconds"])?;
            if token.as_ref().is_some_and(|token| token.has("id")) {
                check_token(call, &identity)?;
            }
            let seconds = token.map(|token| token.integer("duration_seconds")).transpose()?;
            Ok(seconds.flatten().unwrap_or(900))
        }
        _ => Err(Answer::iam(400, "Bad Request", "methods must be assume_role or token")),
    }
    .and_then(|seconds| match call.header("content-type") {
        Some(_) => Ok(seconds),
        None => Err(Answer::iam(400, "Bad Request", "Content-Type is required")),
    })
}

fn key(call: &Call<'_>, seconds: i64) -> super::token::TemporaryKey {
    let asked = call.gateway_now.saturating_add(seconds.saturating_mul(1000));
    let longest = match call.scenario().rules.token_lifetime {
        Span::Never => i64::MAX,
        span => span.after(call.gateway_now, 1.0).unwrap_or(i64::MAX),
    };
    call.gate.mint.temporary_key(asked.min(longest))
}

/// Gives temporary keys for an agency, in the newer form.
pub(super) fn assume(call: &Call<'_>) -> Check<Answer> {
    if call.header("authorization").is_none() {
        return Err(Answer::iam(401, "Unauthorized", "The request must be signed."));
    }
    let body = call.json()?;
    let fields = ["agency_urn", "agency_session_name", "duration_seconds"];
    let body = Object::new(&body, "", &fields)?;
    let urn = body.need_text("agency_urn")?;
    body.need_text("agency_session_name")?;
    if !urn.starts_with("iam::") || !urn.contains(":agency:") {
        return Err(super::answer::bad("agency_urn must be iam::<account>:agency:<name>"));
    }
    let key = key(call, body.integer("duration_seconds")?.unwrap_or(3600));
    let credentials = json!({ "access_key_id": key.access, "secret_access_key": key.secret,
        "security_token": key.security_token, "expiration": instant(key.expires) });
    Ok(Answer::ok(json!({ "credentials": credentials })))
}

pub(super) fn caller_identity() -> Check<Answer> {
    Ok(Answer::ok(json!({ "account_id": DOMAIN_ID, "principal_id": USER_ID })))
}

/// Answers as the metadata service of a machine with an agency does.
pub(super) fn security_key(call: &Call<'_>) -> Check<Answer> {
    let key = key(call, 6 * 3600);
    let credential = json!({ "access": key.access, "secret": key.secret,
        "securitytoken": key.security_token, "expires_at": instant(key.expires) });
    Ok(Answer::ok(json!({ "credential": credential })))
}
