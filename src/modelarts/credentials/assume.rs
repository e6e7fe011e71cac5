//! Temporary keys by agency (API reference, agencies and temporary credentials).

use std::time::Duration;

use http::Method;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::{Auth, DomainRef, Keys, Lease};
use crate::modelarts::answer::Answer;
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::request::{Effect, Request, Service};
use crate::modelarts::send::Authn;

/// Gets temporary keys of an agency with the rights of `base`.
pub(super) async fn by_agency(
    client: &Client,
    call: &Call,
    base: &Lease,
    agency_name: &str,
    domain: &DomainRef,
    duration: Duration,
) -> Result<Lease, Error> {
    let (key, value) = match domain {
        DomainRef::Id(id) => ("domain_id", id),
        DomainRef::Name(name) => ("domain_name", name),
    };
    let role = json!({
        "agency_name": agency_name, key: value, "duration_seconds": duration.as_secs(),
    });
    let identity = json!({ "methods": ["assume_role"], "assume_role": role });
    // New keys beside old ones change nothing, so it may be repeated like a read.
    let path = "/v3.0/OS-CREDENTIAL/securitytokens";
    let post = Request::new(Effect::Read, path, |answer| Ok(temporary_keys(answer)))
        .by(Method::POST)
        .to(Service::Iam)
        .json(&json!({ "auth": { "identity": identity } }));
    let keys = client.send_as(call, &post, "", &Authn::With(base)).await?;
    keys.ok_or_else(|| {
        Error::new(ErrorKind::Credentials, "the identity service answered without temporary keys")
    })
}

#[derive(Deserialize)]
struct Issued {
    #[serde(alias = "credentials")]
    credential: Credential,
}

/// Temporary keys in all spellings that occur.
#[derive(Deserialize)]
struct Credential {
    #[serde(alias = "accessKeyId", alias = "access_key_id")]
    access: String,
    #[serde(alias = "secretAccessKey", alias = "secret_access_key", deserialize_with = "secret")]
    secret: Option<SecretString>,
    #[serde(default, alias = "securityToken", alias = "security_token")]
    #[serde(deserialize_with = "secret")]
    securitytoken: Option<SecretString>,
    #[serde(default, alias = "expiration")]
    expires_at: Option<String>,
}

fn secret<'de, D: Deserializer<'de>>(d: D) -> Result<Option<SecretString>, D::Error> {
    let text: Option<String> = Option::deserialize(d)?;
    Ok(text.filter(|text| !text.is_empty()).map(SecretString::from))
}

/// Reads temporary keys, if there are any.
pub(super) fn temporary_keys(answer: &Answer) -> Option<Lease> {
    let Credential { access, secret, securitytoken, expires_at } =
        answer.object::<Issued>().ok()?.credential;
    let life = expires_at.and_then(|end| answer.time_until(&end));
    let keys = Keys {
        access_key: Some(access).filter(|access| !access.is_empty())?,
        secret_key: secret?,
        security_token: securitytoken,
    };
    Some(Lease::new(Auth::Keys(keys), life))
}
