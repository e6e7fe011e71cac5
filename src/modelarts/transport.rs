//! One exchange: what is sent and what comes back.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::endpoints::{Endpoint, Endpoints};
use super::error::{Error, ErrorKind, Facts, Subject};
use super::retry::http_date;
use super::sign;

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

/// Says what is wrong with an answer.
pub(crate) type Shape = fn(&Value) -> Result<(), String>;

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
    /// What is wrong with an answer, if that can be told before it is read.
    pub(crate) shape: Option<Shape>,
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
            shape: None,
        }
    }

    /// An answer of another shape counts as one that could not be read.
    pub(crate) fn expecting(mut self, shape: Shape) -> Self {
        self.shape = Some(shape);
        self
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
