//! IAM token by password (API reference, IAM token by password).

use http::Method;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Auth, DomainRef, Lease, UserRef};
use crate::modelarts::call::Call;
use crate::modelarts::client::{Authn, Client};
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::settings::ProjectRef;
use crate::modelarts::transport::{Request, Service};

/// Gets a token for the client's project.
pub(super) async fn by_password(
    client: &Client,
    call: &Call,
    user: &UserRef,
    password: &SecretString,
) -> Result<Lease, Error> {
    let project = match &client.inner.settings.project {
        ProjectRef::Id(id) => json!({ "id": id }),
        ProjectRef::Name(name) => json!({ "name": name }),
    };
    let body = json!({ "auth": {
        "identity": { "methods": ["password"], "password": { "user": identity(user, password) } },
        "scope": { "project": project },
    }});
    // Getting a token changes nothing, so it may be repeated like a read.
    let request = Request::reading(Method::POST, "/v3/auth/tokens")
        .to(Service::Iam)
        .query(vec![("nocatalog".to_owned(), "true".to_owned())])
        .json(Ok(body));
    let answer = client.dispatch(call, &request, "", &Authn::Nothing).await?;
    let token = answer
        .headers
        .get("x-subject-token")
        .and_then(|value| value.to_str().ok())
        .filter(|token| !token.is_empty())
        .ok_or_else(|| {
            Error::new(ErrorKind::Credentials, "the identity service answered without a token")
        })?;
    let text = |pointer| answer.value().and_then(|v| v.pointer(pointer)).and_then(Value::as_str);
    let expires = text("/token/expires_at").and_then(|at| at.parse::<Timestamp>().ok());
    let mut lease = Lease::new(Auth::Token(token.to_owned().into()), expires);
    lease.project_id = text("/token/project/id").map(str::to_owned);
    Ok(lease)
}

fn identity(user: &UserRef, password: &SecretString) -> Value {
    let password = password.expose_secret();
    match user {
        UserRef::Id(id) => json!({ "id": id, "password": password }),
        UserRef::Name { name, domain } => {
            let domain = match domain {
                DomainRef::Id(id) => json!({ "id": id }),
                DomainRef::Name(name) => json!({ "name": name }),
            };
            json!({ "name": name, "password": password, "domain": domain })
        }
    }
}
