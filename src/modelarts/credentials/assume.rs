//! Temporary keys by agency (API reference, agencies and temporary credentials).

use std::time::Duration;

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Agency, Auth, DomainRef, Keys, Lease};
use crate::modelarts::answer::Answer;
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::request::{Effect, Request, Service};
use crate::modelarts::send::Authn;

/// Where IAM gives temporary keys.
const SECURITY_TOKENS: &str = "/v3.0/OS-CREDENTIAL/securitytokens";

/// Gets temporary keys of an agency with the rights of `base`.
pub(super) async fn by_agency(
    client: &Client,
    call: &Call,
    base: &Lease,
    agency: &Agency,
    duration: Duration,
) -> Result<Lease, Error> {
    let assumed = match agency {
        Agency::Iam { name, domain } => by_iam(client, call, base, (name, domain), duration).await,
        Agency::Trust { name, domain_id } => {
            by_sts(client, call, base, (name, domain_id), duration).await
        }
    };
    assumed.map_err(|error| error.while_doing(&format!("assuming {agency}")))
}

/// An agency of IAM.
async fn by_iam(
    client: &Client,
    call: &Call,
    base: &Lease,
    (agency_name, domain): (&str, &DomainRef),
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
    let body = json!({ "auth": { "identity": identity } });
    keys(client, call, base, (Service::Iam, SECURITY_TOKENS), body).await
}

/// A trust agency. The security token service takes signed requests alone.
async fn by_sts(
    client: &Client,
    call: &Call,
    base: &Lease,
    (agency_name, domain_id): (&str, &str),
    duration: Duration,
) -> Result<Lease, Error> {
    let of_token;
    let base = match &base.auth {
        Auth::Keys(_) => base,
        Auth::Token(_) => {
            of_token = by_token(client, call, base).await?;
            &of_token
        }
    };
    let body = json!({
        "agency_urn": format!("iam::{domain_id}:agency:{agency_name}"),
        "agency_session_name": agency_name,
        "duration_seconds": duration.as_secs(),
    });
    keys(client, call, base, (Service::Sts, "/v5/agencies/assume"), body).await
}

/// Gets temporary keys with the rights of a token.
pub(super) async fn by_token(client: &Client, call: &Call, token: &Lease) -> Result<Lease, Error> {
    let text = match &token.auth {
        Auth::Token(text) => text.expose_secret(),
        Auth::Keys(_) => return Ok(token.clone()),
    };
    let identity = json!({ "methods": ["token"], "token": { "id": text } });
    let body = json!({ "auth": { "identity": identity } });
    let lease = keys(client, call, token, (Service::Iam, SECURITY_TOKENS), body).await?;
    lease.auth.secrets().into_iter().for_each(|secret| client.never_quote(secret));
    Ok(lease)
}

async fn keys(
    client: &Client,
    call: &Call,
    base: &Lease,
    (service, path): (Service, &'static str),
    body: Value,
) -> Result<Lease, Error> {
    // New keys beside old ones change nothing, so it may be repeated like a read.
    let post = Request::new(Effect::Read, path, |answer| Ok(temporary_keys(answer)))
        .by(Method::POST)
        .to(service)
        .secret_json(body);
    let keys = client.send_as(call, &post, "", &Authn::With(base)).await?;
    keys.ok_or_else(|| {
        Error::new(ErrorKind::Credentials, "the service answered without temporary keys")
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
