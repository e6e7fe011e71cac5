//! One exchange over HTTP: what is sent, what comes back, what went wrong.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::endpoints::{Endpoint, Endpoints};
use super::error::{Error, ErrorKind, Facts, Subject};
use super::retry::http_date;
use super::settings::{Settings, SettingsError};
use super::sign;

/// Longest answer that is read; a thousand pools take about 3 MB.
const LONGEST_BODY: usize = 64 << 20;
/// Shorter than any gateway's own limit, so that a request is rarely written
/// to a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(20);
const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// What a request does to the service; decides about repeating it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Changes nothing.
    Read,
    /// Makes something; twice would be two things or a conflict.
    Create,
    /// Changes something in place.
    Patch,
    /// Removes something; twice is as good as once.
    Delete,
    /// Any other change.
    Act,
}

impl Effect {
    /// Tells whether the request may be sent again without looking first.
    pub(crate) fn is_repeatable(self) -> bool {
        matches!(self, Self::Read | Self::Delete)
    }

    fn method(self) -> Method {
        match self {
            Self::Read => Method::GET,
            Self::Create | Self::Act => Method::POST,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }
}

/// The service a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    ModelArts,
    Iam,
    Bss,
    /// Billing for accounts of the international site.
    BssInternational,
    Metadata,
}

/// A request before it has credentials, a project and an address.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) effect: Effect,
    pub(crate) service: Service,
    pub(crate) subject: Subject,
    pub(crate) method: Method,
    /// May contain `{project_id}`.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
    pub(crate) headers: Vec<(String, String)>,
    /// Set when the body could not be written as JSON.
    pub(crate) broken: Option<String>,
}

impl Request {
    pub(crate) fn new(effect: Effect, path: impl Into<String>, subject: Subject) -> Self {
        Self {
            effect,
            service: Service::ModelArts,
            subject,
            method: effect.method(),
            path: path.into(),
            query: Vec::new(),
            content_type: JSON,
            body: Bytes::new(),
            headers: Vec::new(),
            broken: None,
        }
    }

    /// A request that only reads although its method is another one.
    pub(crate) fn reading(method: Method, path: impl Into<String>) -> Self {
        Self { method, ..Self::new(Effect::Read, path, Subject::Other) }
    }

    pub(crate) fn to(mut self, service: Service) -> Self {
        self.service = service;
        self
    }

    pub(crate) fn query(mut self, query: Vec<(String, String)>) -> Self {
        self.query.extend(query);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(mut self, body: Result<Value, serde_json::Error>) -> Self {
        match body.and_then(|body| serde_json::to_vec(&body)) {
            Ok(bytes) => self.body = bytes.into(),
            Err(error) => self.broken = Some(error.to_string()),
        }
        self
    }

    pub(crate) fn merge_patch(self, body: Result<Value, serde_json::Error>) -> Self {
        Self { content_type: MERGE_PATCH, ..self.json(body) }
    }

    pub(crate) fn needs_project(&self) -> bool {
        self.path.contains("{project_id}")
    }
}

/// Where a request goes.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    /// Path of the API, without the endpoint's own prefix.
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) origin: String,
    /// No proxy stands between.
    pub(crate) direct: bool,
}

impl Target {
    pub(crate) fn new(endpoints: &Endpoints, request: &Request, project: &str) -> Self {
        let endpoint = endpoint(endpoints, request.service);
        let path = request.path.replace("{project_id}", &sign::encode_segment(project));
        let mut url = endpoint.url.clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        let query = sign::canonical_query(&request.query);
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        Self {
            url,
            path,
            host: endpoint.authority(),
            origin: endpoint.origin.clone(),
            direct: endpoint.is_loopback() || request.service == Service::Metadata,
        }
    }
}

fn endpoint(endpoints: &Endpoints, service: Service) -> Endpoint {
    match service {
        Service::ModelArts => endpoints.modelarts.clone(),
        Service::Iam => endpoints.iam.clone(),
        Service::Bss => endpoints.bss.clone(),
        Service::BssInternational => international(&endpoints.bss),
        Service::Metadata => endpoints.metadata.clone(),
    }
}

/// Derives `bss-intl.<domain>` from `bss.<domain>`; another address stays.
fn international(bss: &Endpoint) -> Endpoint {
    let mut intl = bss.clone();
    if let Some(domain) = bss.url.host_str().and_then(|host| host.strip_prefix("bss.")) {
        let host = format!("bss-intl.{domain}");
        // A host that differs by a few letters is as valid as before.
        let _ = intl.url.set_host(Some(&host));
    }
    intl
}

/// The circumstances of an exchange, for errors and logs.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) effect: Effect,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) origin: String,
    pub(crate) attempts: u32,
}

impl Context {
    pub(crate) fn new(request: &Request, target: &Target, attempts: u32) -> Self {
        Self {
            effect: request.effect,
            method: request.method.clone(),
            path: target.path.clone(),
            host: target.host.clone(),
            origin: target.origin.clone(),
            attempts,
        }
    }

    /// Makes an error of these circumstances.
    pub(crate) fn facts(&self, kind: ErrorKind, what: impl Into<String>) -> Facts {
        Facts {
            method: Some(self.method.to_string()),
            path: Some(self.path.clone()),
            host: Some(self.host.clone()),
            origin: Some(self.origin.clone()),
            attempts: self.attempts,
            ..Facts::new(kind, what)
        }
    }
}

/// Bytes that came back.
pub(crate) struct Raw {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The connection broke or the body was too long before its end.
    pub(crate) cut: Option<String>,
}

impl Raw {
    pub(crate) fn request_id(&self) -> Option<String> {
        ["x-request-id", "x-iam-trace-id"].into_iter().find_map(|name| self.header(name))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub(crate) fn date(&self) -> Option<Timestamp> {
        http_date(&self.header("date")?)
    }
}

/// A usable answer: 2xx, and JSON or nothing.
pub(crate) struct Answer {
    value: Option<Value>,
    /// A body that is one plain word, as the metadata service's tokens are.
    pub(crate) text: Option<String>,
    /// Why the body is no JSON, if it is neither JSON nor empty.
    pub(crate) malformed: Option<String>,
    pub(crate) status: StatusCode,
    pub(crate) request_id: Option<String>,
    pub(crate) headers: HeaderMap,
    context: Context,
}

impl Answer {
    pub(crate) fn new(raw: Raw, context: Context) -> Self {
        let request_id = raw.request_id();
        let blank = raw.body.iter().all(u8::is_ascii_whitespace);
        let parsed = match raw.cut {
            Some(reason) => Err(reason),
            None if blank => Ok(None),
            None => serde_json::from_slice(&raw.body).map(Some).map_err(|error| error.to_string()),
        };
        let (value, malformed) = match parsed {
            Ok(value) => (value, None),
            Err(reason) => (None, Some(reason)),
        };
        let word = malformed.is_some() && raw.body.iter().all(u8::is_ascii_graphic);
        let text = word.then(|| String::from_utf8_lossy(&raw.body).into_owned());
        Self {
            value,
            text,
            malformed,
            status: raw.status,
            request_id,
            headers: raw.headers,
            context,
        }
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// Decodes an answer that must be a JSON object.
    pub(crate) fn object<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let Some(value) = &self.value else {
            let reason = self.malformed.as_deref().unwrap_or("it is empty");
            return Err(self.unusable(reason));
        };
        if !value.is_object() {
            return Err(self.unusable("it is no JSON object"));
        }
        T::deserialize(value).map_err(|error| self.unusable(&error.to_string()))
    }

    /// Makes the error of an answer that cannot be used. A create that was
    /// answered this way has been carried out for all we know.
    pub(crate) fn unusable(&self, reason: &str) -> Error {
        let kind = if self.context.effect == Effect::Create {
            ErrorKind::Ambiguous
        } else {
            ErrorKind::Undecodable
        };
        let mut facts = self.context.facts(
            kind,
            format!("the service accepted the request, but its answer cannot be used: {reason}"),
        );
        facts.status = Some(self.status.as_u16());
        facts.request_id.clone_from(&self.request_id);
        facts.into()
    }
}

/// No answer came.
#[derive(Debug)]
pub(crate) struct Lost {
    /// No connection came about, so nothing was carried out.
    pub(crate) unsent: bool,
    pub(crate) reason: String,
}

/// The HTTP clients, built when the first request is sent.
pub(crate) struct Http {
    through_proxy: OnceLock<Result<reqwest::Client, String>>,
    direct: OnceLock<Result<reqwest::Client, String>>,
}

impl Http {
    pub(crate) fn new() -> Self {
        Self { through_proxy: OnceLock::new(), direct: OnceLock::new() }
    }

    /// Sends one request and reads the whole answer.
    pub(crate) async fn exchange(
        &self,
        settings: &Settings,
        target: &Target,
        request: &Request,
        headers: HeaderMap,
    ) -> Result<Raw, Lost> {
        let slot = if target.direct { &self.direct } else { &self.through_proxy };
        let client = slot
            .get_or_init(|| build(settings, target.direct))
            .as_ref()
            .map_err(|reason| Lost { unsent: true, reason: reason.clone() })?;
        let mut outgoing = client.request(request.method.clone(), target.url.clone());
        if request.service == Service::Metadata {
            outgoing = outgoing.timeout(super::credentials::METADATA_TIMEOUT);
        }
        outgoing = outgoing.headers(headers);
        if !request.body.is_empty() {
            outgoing = outgoing.body(request.body.clone());
        }
        let response = outgoing.send().await.map_err(lost)?;
        Ok(read(response).await)
    }
}

async fn read(mut response: reqwest::Response) -> Raw {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = BytesMut::new();
    let cut = loop {
        match response.chunk().await {
            Ok(None) => break None,
            Ok(Some(chunk)) if body.len() + chunk.len() > LONGEST_BODY => {
                break Some(format!("it is longer than {LONGEST_BODY} bytes"));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => break Some(format!("it broke off: {}", reasons(error))),
        }
    };
    Raw { status, headers, body: body.freeze(), cut }
}

fn lost(error: reqwest::Error) -> Lost {
    let unsent = error.is_connect() || error.is_builder();
    let timed_out = error.is_timeout();
    let reason = reasons(error);
    let reason = if timed_out { format!("no answer in time ({reason})") } else { reason };
    Lost { unsent, reason }
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
