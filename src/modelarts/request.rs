//! A request: what is sent, where to, and how its answer is read.

use bytes::Bytes;
use http::Method;
use secrecy::zeroize::{Zeroize, Zeroizing};
use serde::Serialize;
use serde_json::Value;

use super::answer::Answer;
use super::error::{Error, ErrorKind, Subject};
use super::sign;

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";
/// Set aside for a body, so that one with a secret in it does not move and
/// leave a copy behind.
const USUAL_BODY: usize = 32 << 10;

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
    /// Any other change, which somebody looks at before it is repeated.
    Act,
    /// Work that would be done twice if it were asked for twice, such as a
    /// reboot; repeated only when it has certainly not been begun.
    Work,
}

impl Effect {
    /// Tells whether the request may be sent again without looking first.
    pub(crate) fn is_repeatable(self) -> bool {
        matches!(self, Self::Read | Self::Delete)
    }

    fn method(self) -> Method {
        match self {
            Self::Read => Method::GET,
            Self::Create | Self::Act | Self::Work => Method::POST,
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
    /// The security token service.
    Sts,
    Metadata,
}

/// A request before it has credentials, a project and an address.
pub(crate) struct Outline {
    pub(crate) effect: Effect,
    pub(crate) service: Service,
    pub(crate) subject: Subject,
    pub(crate) method: Method,
    /// May contain `{project_id}`.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Set when the body could not be written as JSON.
    pub(crate) broken: Option<String>,
}

/// Reads what a successful answer says.
type Reader<'a, T> = Box<dyn Fn(&Answer) -> Result<T, Error> + Send + Sync + 'a>;

/// A request and the one way in which its answer is read.
pub(crate) struct Request<'a, T> {
    pub(crate) outline: Outline,
    pub(crate) read: Reader<'a, T>,
}

impl<'a, T> Request<'a, T> {
    /// Goes to ModelArts and is about nothing in particular, unless said otherwise.
    pub(crate) fn new(
        effect: Effect,
        path: impl Into<String>,
        read: impl Fn(&Answer) -> Result<T, Error> + Send + Sync + 'a,
    ) -> Self {
        let outline = Outline {
            effect,
            service: Service::ModelArts,
            subject: Subject::Other,
            method: effect.method(),
            path: path.into(),
            query: Vec::new(),
            content_type: JSON,
            body: Bytes::new(),
            headers: Vec::new(),
            broken: None,
        };
        Self { outline, read: Box::new(read) }
    }

    /// Says what must be gone when the service says that something is not found.
    pub(crate) fn about(mut self, subject: Subject) -> Self {
        self.outline.subject = subject;
        self
    }

    pub(crate) fn to(mut self, service: Service) -> Self {
        self.outline.service = service;
        self
    }

    /// Takes another method than the one that fits the effect.
    pub(crate) fn by(mut self, method: Method) -> Self {
        self.outline.method = method;
        self
    }

    /// Adds to the query what is given.
    pub(crate) fn query<'b>(
        mut self,
        query: impl IntoIterator<Item = (&'static str, Option<&'b str>)>,
    ) -> Self {
        let given = query.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned())));
        self.outline.query.extend(given);
        self
    }

    /// Puts another value in place of one of the query.
    pub(crate) fn requery(&mut self, key: &str, value: &str) {
        self.outline.query.retain(|(known, _)| known != key);
        self.outline.query.push((key.to_owned(), value.to_owned()));
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.outline.headers.push((name, value.to_owned()));
        self
    }

    /// Takes a body; its bytes are wiped when they have been sent.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        let mut bytes = Zeroizing::new(Vec::with_capacity(USUAL_BODY));
        match serde_json::to_writer(&mut *bytes, body) {
            Ok(()) => self.outline.body = Bytes::from_owner(bytes),
            Err(error) => self.outline.broken = Some(error.to_string()),
        }
        self
    }

    /// Takes a body and wipes it, because there is a secret in it.
    pub(crate) fn secret_json(self, mut body: Value) -> Self {
        let request = self.json(&body);
        wipe(&mut body);
        request
    }

    pub(crate) fn merge_patch(mut self, body: &impl Serialize) -> Self {
        self.outline.content_type = MERGE_PATCH;
        self.json(body)
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(map) => map.values_mut().for_each(wipe),
        _ => {}
    }
}

/// Joins a collection's path and the identity of one of its members.
pub(crate) fn path(collection: &str, id: &str) -> Result<String, Error> {
    // Without a segment of its own a request would hit the whole collection.
    if id.trim().is_empty() || matches!(id, "." | "..") || id.contains('/') {
        let what = format!("{id:?} cannot be the ID of anything");
        return Err(Error::new(ErrorKind::Invalid, what));
    }
    Ok(format!("{collection}/{}", sign::encode_segment(id)))
}
