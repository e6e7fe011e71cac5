//! The HTTP client underneath: built late, no redirects, bounded answers.

use std::io::Read;
use std::sync::OnceLock;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::answer::Raw;
use super::credentials::METADATA_TIMEOUT;
use super::endpoints::Endpoints;
use super::exchange::Outgoing;
use super::request::Service;
use super::settings::{Settings, SettingsError};

/// Longest answer that is read; a thousand pools take about 3 MB.
const LONGEST_BODY: usize = 64 << 20;
/// Set aside at the most because an answer says how long it is.
const FIRST_RESERVE: usize = 1 << 20;
/// Shorter than any gateway's own limit, so that a request is rarely written
/// to a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(20);

/// No answer came.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) stage: Stage,
    pub(crate) reason: String,
}

/// How far a request without an answer got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It could not even be tried, and trying again will not help.
    Setup,
    /// There is somebody, but not one to be trusted; trying again will not help.
    Untrusted,
    /// No connection came about, so nothing was carried out.
    Connect,
    /// It may have arrived.
    Exchange,
}

/// The HTTP clients, built when the first request is sent.
#[derive(Default)]
pub(crate) struct Http {
    through_proxy: OnceLock<Result<reqwest::Client, String>>,
    direct: OnceLock<Result<reqwest::Client, String>>,
}

impl Http {
    /// Sends one request and reads the whole answer.
    pub(crate) async fn exchange(
        &self,
        settings: &Settings,
        outgoing: &Outgoing<'_>,
        headers: HeaderMap,
    ) -> Result<Raw, Lost> {
        let (outline, target) = (outgoing.outline, &outgoing.target);
        let slot = if target.direct { &self.direct } else { &self.through_proxy };
        let client = slot
            .get_or_init(|| build(settings, target.direct))
            .as_ref()
            .map_err(|reason| Lost { stage: Stage::Setup, reason: reason.clone() })?;
        let mut request = client.request(outline.method.clone(), target.url.clone());
        if outline.service == Service::Metadata {
            request = request.timeout(METADATA_TIMEOUT);
        }
        request = request.headers(headers).header(ACCEPT_ENCODING, "gzip");
        if !outline.body.is_empty() {
            request = request.body(outline.body.clone());
        }
        let response = request.send().await.map_err(lost)?;
        Ok(read(response).await)
    }
}

async fn read(mut response: reqwest::Response) -> Raw {
    let (status, headers) = (response.status(), response.headers().clone());
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body =
        Zeroizing::new(Vec::with_capacity(announced.unwrap_or_default().min(FIRST_RESERVE)));
    let mut cut = loop {
        match response.chunk().await {
            Ok(None) => break None,
            Ok(Some(chunk)) if body.len() + chunk.len() > LONGEST_BODY => break Some(too_long()),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => break Some(format!("it broke off: {}", reasons(error))),
        }
    };
    let packed = headers.get(CONTENT_ENCODING).is_some_and(|value| value == "gzip");
    if packed && cut.is_none() {
        match unpack(&body) {
            Ok(unpacked) => body = unpacked,
            Err(reason) => cut = Some(reason),
        }
    }
    Raw { status, headers, body, cut }
}

fn unpack(packed: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut body = Zeroizing::new(Vec::new());
    // One byte more, to know an answer that is too long from one that just fits.
    let mut unpacked = MultiGzDecoder::new(packed).take(LONGEST_BODY as u64 + 1);
    unpacked.read_to_end(&mut body).map_err(|error| format!("it cannot be unpacked: {error}"))?;
    if body.len() > LONGEST_BODY { Err(too_long()) } else { Ok(body) }
}

fn too_long() -> String {
    format!("it is longer than {LONGEST_BODY} bytes")
}

fn lost(error: reqwest::Error) -> Lost {
    let stage = if error.is_builder() {
        Stage::Setup
    } else if !error.is_connect() {
        Stage::Exchange
    } else if is_untrusted(&error) {
        Stage::Untrusted
    } else {
        Stage::Connect
    };
    let timed_out = error.is_timeout();
    let reason = reasons(error);
    let reason = if timed_out { format!("no answer in time ({reason})") } else { reason };
    Lost { stage, reason }
}

/// Looks for a refused certificate among the causes.
fn is_untrusted(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return true;
        }
        // An I/O error does not name what it wraps as its source.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}

/// Writes an error and its causes in a row, without the address: queries are
/// nobody's business.
fn reasons(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text = format!("{text}: {part}");
        }
        cause = error.source();
    }
    text
}

fn build(settings: &Settings, direct: bool) -> Result<reqwest::Client, String> {
    // Whoever was first wins; there is one provider in the whole binary.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(settings.user_agent.as_str())
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.request_timeout)
        .pool_idle_timeout(IDLE);
    if direct {
        builder = builder.no_proxy();
    }
    if settings.insecure {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    let authorities = authorities(settings).map_err(|error| error.to_string())?;
    if all_plain(&settings.endpoints) {
        // The system's certificates cost time and memory, and may be missing.
        builder = builder.tls_certs_only(authorities);
    } else if !authorities.is_empty() {
        builder = builder.tls_certs_merge(authorities);
    }
    if let Some(identity) = identity(settings).map_err(|error| error.to_string())? {
        builder = builder.identity(identity);
    }
    builder.build().map_err(|error| format!("the HTTP client cannot be set up: {}", reasons(error)))
}

fn all_plain(endpoints: &Endpoints) -> bool {
    [&endpoints.modelarts, &endpoints.iam, &endpoints.bss].iter().all(|e| e.url.scheme() == "http")
}

/// Reads the further certificate authorities.
pub(crate) fn authorities(settings: &Settings) -> Result<Vec<reqwest::Certificate>, SettingsError> {
    let Some(pem) = &settings.cacert_pem else { return Ok(Vec::new()) };
    let fail = |reason: String| SettingsError::Tls { what: "certificate authorities", reason };
    let found = reqwest::Certificate::from_pem_bundle(pem).map_err(|e| fail(reasons(e)))?;
    if found.is_empty() {
        return Err(fail("there is no PEM certificate in it".to_owned()));
    }
    Ok(found)
}

/// Reads client certificate and key.
pub(crate) fn identity(settings: &Settings) -> Result<Option<reqwest::Identity>, SettingsError> {
    let fail = |reason: String| SettingsError::Tls { what: "client certificate and key", reason };
    match (&settings.client_cert_pem, &settings.client_key_pem) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => {
            let pem = [cert.as_slice(), b"\n", key.expose_secret().as_bytes()].concat();
            reqwest::Identity::from_pem(&pem).map(Some).map_err(|e| fail(reasons(e)))
        }
        _ => Err(fail("both are needed".to_owned())),
    }
}
