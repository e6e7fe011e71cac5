//! Temporary keys for an ID token of another identity provider (API reference,
//! agencies and temporary credentials, OIDC id token).

use std::fmt;
use std::sync::Arc;

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::assume::by_token;
use super::token::token;
use super::{Auth, Lease};
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::request::{Effect, Request, Service};
use crate::modelarts::send::Authn;

/// An ID token of another identity provider. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum IdToken {
    /// The token itself.
    Text(SecretString),
    /// A place where somebody may replace it, such as a file: read whenever
    /// credentials are got with it.
    Stored(Arc<dyn TokenStore>),
}

/// A place that an ID token is read from. Its `Debug` must show no secret.
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Reads the token. May block for as long as a small file takes.
    ///
    /// # Errors
    /// Why there is none.
    fn read(&self) -> Result<SecretString, String>;
}

/// Gets temporary keys of the user that an identity provider vouches for.
pub(super) async fn by_id_token(
    client: &Client,
    call: &Call,
    idp_id: &str,
    id_token: &IdToken,
) -> Result<Lease, Error> {
    let id_token = read(call, id_token).await?;
    client.never_quote(&id_token);
    let body = json!({ "auth": { "id_token": { "id": id_token.expose_secret() } } });
    // Getting a token changes nothing, so it may be repeated like a read.
    let path = "/v3.0/OS-AUTH/id-token/tokens";
    let post = Request::new(Effect::Read, path, |answer| Ok(token(answer)))
        .by(Method::POST)
        .to(Service::Iam)
        .header("x-idp-id", idp_id)
        .secret_json(body);
    let lease = client.send_as(call, &post, "", &Authn::Nothing).await?.ok_or_else(|| {
        Error::new(ErrorKind::Credentials, "the identity service answered without a token")
    })?;
    if let Auth::Token(token) = &lease.auth {
        client.never_quote(token);
    }
    by_token(client, call, &lease).await
}

async fn read(call: &Call, id_token: &IdToken) -> Result<SecretString, Error> {
    let store = match id_token {
        IdToken::Text(text) => return Ok(text.clone()),
        IdToken::Stored(store) => Arc::clone(store),
    };
    let read = tokio::task::spawn_blocking(move || store.read());
    let token = call.until(read, "reading the ID token").await?;
    let token = token.unwrap_or_else(|_| Err("reading the ID token ended suddenly".to_owned()));
    token.map_err(|why| Error::new(ErrorKind::Credentials, why))
}
