//! The headers of a request: gathered, signed, converted.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::client::Client;
use super::credentials::{Auth, Keys, Lease};
use super::error::{Error, ErrorKind};
use super::exchange::Outgoing;
use super::request::Service;
use super::settings::SettingsError;
use super::sign::{self, Canonical, Unsigned};

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

/// Name and value; the value is wiped when the header has been sent.
type Header<'a> = (&'a str, Zeroizing<String>);

impl Client {
    /// Gathers, signs and converts the headers of a request sent at that time.
    pub(super) fn headers(
        &self,
        outgoing: &Outgoing<'_>,
        lease: Option<&Lease>,
        now: Timestamp,
    ) -> Result<HeaderMap, Error> {
        let outline = outgoing.outline;
        let mut headers: Vec<Header<'_>> = Vec::new();
        let mut add = |name, value: &str| headers.push((name, Zeroizing::new(value.to_owned())));
        outline.headers.iter().for_each(|(name, value)| add(name, value));
        if outline.service != Service::Metadata {
            add("content-type", outline.content_type);
        }
        if outline.service == Service::ModelArts {
            add("x-project-id", outgoing.project);
            let extra = self.inner.settings.extra_headers.iter();
            extra.for_each(|(name, value)| add(name, value));
        }
        match lease.map(|lease| &lease.auth) {
            Some(Auth::Token(token)) => add("x-auth-token", token.expose_secret()),
            Some(Auth::Keys(keys)) => {
                if let Some(token) = &keys.security_token {
                    add("x-security-token", token.expose_secret());
                }
                let date = sign::timestamp(now);
                add("host", &outgoing.target.at.host);
                add(sign::DATE_HEADER, &date);
                let authorization = authorization(outgoing, &headers, keys, &date);
                headers.push(("authorization", Zeroizing::new(authorization)));
            }
            None => {}
        }
        to_map(headers)
    }
}

fn authorization(
    outgoing: &Outgoing<'_>,
    headers: &[Header<'_>],
    keys: &Keys,
    date: &str,
) -> String {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let canonical = Canonical::of(&Unsigned {
        method: outgoing.outline.method.as_str(),
        path: outgoing.target.url.path(),
        query: &outgoing.outline.query,
        headers: &headers,
        body: &outgoing.outline.body,
    });
    let signature = sign::signature(&keys.secret_key, &sign::string_to_sign(date, &canonical));
    sign::authorization(&keys.access_key, &canonical, &signature)
}

fn to_map(headers: Vec<Header<'_>>) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let fail = || Error::new(ErrorKind::Invalid, format!("header {name} cannot be sent"));
        let key = HeaderName::try_from(name).map_err(|_| fail())?;
        let bytes = Bytes::from_owner(value);
        let mut value = HeaderValue::from_maybe_shared(bytes).map_err(|_| fail())?;
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
