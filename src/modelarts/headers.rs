//! The headers of a request: gathered, signed, converted.

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::client::Client;
use super::credentials::{Auth, Lease};
use super::error::{Error, ErrorKind};
use super::settings::SettingsError;
use super::sign::{self, Canonical, Unsigned};
use super::transport::{Request, Service, Target};

/// Headers that the client sets by itself.
const OWN_HEADERS: [&str; 8] = [
    "authorization",
    "content-length",
    "content-type",
    "host",
    "x-auth-token",
    "x-project-id",
    "x-sdk-date",
    "x-security-token",
];
impl Client {
    /// Gathers, signs and converts the headers.
    pub(super) fn headers(
        &self,
        request: &Request,
        target: &Target,
        project: &str,
        lease: Option<&Lease>,
    ) -> Result<HeaderMap, Error> {
        let mut headers = request.headers.clone();
        if request.service != Service::Metadata {
            headers.push(("content-type".to_owned(), request.content_type.to_owned()));
        }
        if request.service == Service::ModelArts {
            headers.push(("x-project-id".to_owned(), project.to_owned()));
            headers.extend(self.inner.settings.extra_headers.iter().cloned());
        }
        let mut secret = Vec::new();
        match lease.map(|lease| &lease.auth) {
            Some(Auth::Token(token)) => secret.push(("x-auth-token", token.clone())),
            Some(Auth::Keys { access_key, secret_key, security_token }) => {
                if let Some(token) = security_token {
                    headers.push(("x-security-token".to_owned(), token.expose_secret().to_owned()));
                }
                headers.push(("host".to_owned(), target.host.clone()));
                headers.push((sign::DATE_HEADER.to_owned(), sign::timestamp(self.now())));
                let value = authorization(request, target, &headers, access_key, secret_key);
                secret.push(("authorization", value.into()));
            }
            None => {}
        }
        to_map(&headers, &secret)
    }
}

fn authorization(
    request: &Request,
    target: &Target,
    headers: &[(String, String)],
    access_key: &str,
    secret_key: &SecretString,
) -> String {
    let date = headers.iter().find(|(name, _)| name == sign::DATE_HEADER);
    let date = date.map(|(_, value)| value.as_str()).unwrap_or_default();
    let canonical = Canonical::of(&Unsigned {
        method: request.method.as_str(),
        path: target.url.path(),
        query: &request.query,
        headers,
        body: &request.body,
    });
    let signature = sign::signature(secret_key, &sign::string_to_sign(date, &canonical));
    sign::authorization(access_key, &canonical, &signature)
}

fn to_map(
    headers: &[(String, String)],
    secret: &[(&str, SecretString)],
) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::new();
    let secret = secret.iter().map(|(name, value)| (*name, value.expose_secret()));
    for (name, value) in headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain(secret) {
        let fail = || Error::new(ErrorKind::Invalid, format!("header {name} cannot be sent"));
        let key = HeaderName::try_from(name).map_err(|_| fail())?;
        let mut value = HeaderValue::try_from(value).map_err(|_| fail())?;
        value.set_sensitive(name.contains("token") || name == "authorization");
        map.insert(key, value);
    }
    Ok(map)
}

/// Refuses headers that cannot be sent or belong to the client.
pub(super) fn check_header(name: &str, value: &str) -> Result<(), SettingsError> {
    let fail = |reason| SettingsError::Header { name: name.to_owned(), reason };
    let key = HeaderName::try_from(name).map_err(|_| fail("this is no header name"))?;
    if OWN_HEADERS.contains(&key.as_str()) {
        return Err(fail("the provider sets this header by itself"));
    }
    if HeaderValue::try_from(value).is_err() || !value.is_ascii() {
        return Err(fail("the value contains characters that cannot be sent"));
    }
    Ok(())
}
