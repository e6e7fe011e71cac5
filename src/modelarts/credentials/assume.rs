//! Temporary keys by agency (API reference, agencies and temporary credentials).

use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Auth, DomainRef, Lease};
use crate::modelarts::call::Call;
use crate::modelarts::client::{Authn, Client};
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::transport::{Request, Service};

/// Gets temporary keys of an agency with the rights of `base`.
pub(super) async fn by_agency(
    client: &Client,
    call: &Call,
    base: &Lease,
    agency_name: &str,
    domain: &DomainRef,
    duration: Duration,
) -> Result<Lease, Error> {
    let mut role = json!({ "agency_name": agency_name, "duration_seconds": duration.as_secs() });
    if let Value::Object(role) = &mut role {
        let (key, value) = match domain {
            DomainRef::Id(id) => ("domain_id", id),
            DomainRef::Name(name) => ("domain_name", name),
        };
        role.insert(key.to_owned(), json!(value));
    }
    let body = json!({ "auth": {
        "identity": { "methods": ["assume_role"], "assume_role": role },
    }});
    // New keys beside old ones change nothing, so it may be repeated like a read.
    let request = Request::reading(Method::POST, "/v3.0/OS-CREDENTIAL/securitytokens")
        .to(Service::Iam)
        .json(Ok(body));
    let answer = client.dispatch(call, &request, "", &Authn::With(base)).await?;
    answer.value().and_then(temporary_keys).ok_or_else(|| {
        Error::new(ErrorKind::Credentials, "the identity service answered without temporary keys")
    })
}

/// Reads temporary keys in any of the known spellings.
pub(super) fn temporary_keys(answer: &Value) -> Option<Lease> {
    let credential = answer.get("credential").or_else(|| answer.get("credentials"))?;
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| credential.get(name)?.as_str());
        found.filter(|text| !text.is_empty())
    };
    let auth = Auth::Keys {
        access_key: text(&["access", "accessKeyId", "access_key_id"])?.to_owned(),
        secret_key: text(&["secret", "secretAccessKey", "secret_access_key"])?.to_owned().into(),
        security_token: text(&["securitytoken", "securityToken", "security_token"])
            .map(|token| token.to_owned().into()),
    };
    let expires = text(&["expires_at", "expiration"]).and_then(|at| at.parse::<Timestamp>().ok());
    Some(Lease::new(auth, expires))
}
