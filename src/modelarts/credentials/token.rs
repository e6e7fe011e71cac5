//! IAM token by password (API reference, IAM token by password).

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Auth, DomainRef, Lease, UserRef};
use crate::modelarts::answer::Answer;
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::request::{Effect, Request, Service};
use crate::modelarts::send::Authn;
use crate::modelarts::settings::ProjectRef;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The client's project.
    Project,
    /// The user's account: to assume an agency of another.
    Domain,
}

/// Gets a token.
pub(super) async fn by_password(
    client: &Client,
    call: &Call,
    user: &UserRef,
    password: &SecretString,
    scope: Scope,
) -> Result<Lease, Error> {
    let mut auth = json!({
        "identity": { "methods": ["password"], "password": { "user": identity(user, password) } },
    });
    let scope = match (scope, &client.inner.settings.project) {
        (Scope::Domain, _) => user.domain().map(|domain| json!({ "domain": reference(domain) })),
        (Scope::Project, ProjectRef::Id(id)) => Some(json!({ "project": { "id": id } })),
        (Scope::Project, ProjectRef::Name(name)) => Some(json!({ "project": { "name": name } })),
    };
    // Without a scope, the service takes the account of the user.
    if let (Some(scope), Value::Object(auth)) = (scope, &mut auth) {
        auth.insert("scope".to_owned(), scope);
    }
    // Getting a token changes nothing, so it may be repeated like a read.
    let post = Request::new(Effect::Read, "/v3/auth/tokens", |answer| Ok(token(answer)))
        .by(Method::POST)
        .to(Service::Iam)
        .query([("nocatalog", Some("true"))])
        .secret_json(json!({ "auth": auth }));
    client.send_as(call, &post, "", &Authn::Nothing).await?.ok_or_else(|| {
        Error::new(ErrorKind::Credentials, "the identity service answered without a token")
    })
}

/// Reads a token, if there is one.
pub(super) fn token(answer: &Answer) -> Option<Lease> {
    let token = answer.raw.header("x-subject-token")?;
    let body: Value = answer.object().unwrap_or_default();
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str);
    let life = text("/token/expires_at").and_then(|end| answer.time_until(end));
    let mut lease = Lease::new(Auth::Token(token.to_owned().into()), life);
    lease.project_id = text("/token/project/id").map(str::to_owned);
    Some(lease)
}

fn reference(domain: &DomainRef) -> Value {
    match domain {
        DomainRef::Id(id) => json!({ "id": id }),
        DomainRef::Name(name) => json!({ "name": name }),
    }
}

fn identity(user: &UserRef, password: &SecretString) -> Value {
    let password = password.expose_secret();
    match user {
        UserRef::Id { id, .. } => json!({ "id": id, "password": password }),
        UserRef::Name { name, domain } => {
            json!({ "name": name, "password": password, "domain": reference(domain) })
        }
    }
}
