//! Failures of calls, sorted by what the caller does next.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Method;

/// What the caller can do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The object is gone: only the service's own codes for pools and networks.
    /// Of a job, any answer that it cannot be looked up.
    NotFound,
    /// The display name is taken.
    AlreadyExists,
    /// The credentials were refused.
    Unauthorized,
    /// The credentials are fine, their rights are not.
    Forbidden,
    /// Too many requests; not carried out.
    Throttled {
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// Another change is running, or the object is in use; try later.
    Busy,
    /// A quota is used up.
    QuotaExceeded,
    /// There is no such capacity at the moment.
    SoldOut,
    /// The service does not accept the request as it is.
    Invalid,
    /// A change may or may not have been carried out: look before repeating.
    Ambiguous,
    /// The service failed; try later. A change other than a deletion was not
    /// carried out.
    Unavailable,
    /// No connection came about; nothing was carried out.
    Unreachable,
    /// An answer came that makes no sense.
    Undecodable,
    /// The caller asked to stop.
    Interrupted,
    /// The caller's deadline passed.
    DeadlineExceeded,
    /// No usable credentials could be had.
    Credentials,
    /// Anything else; the address or the client is likely wrong.
    Unexpected,
}

/// The object a call is about; decides which 404 means that it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A pool, or what belongs to one.
    Pool,
    /// A network.
    Network,
    /// A job; it cannot be looked up when anybody says so.
    Job,
    /// Something else, which is never found to be gone.
    Other,
}

/// A failed call.
///
/// `Display` is one plain sentence. Texts of the service are shortened and
/// stripped of secrets; queries, headers and bodies are never part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Facts>);

/// Where a request goes, for errors and logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Circumstances {
    pub(crate) method: Method,
    /// Path without its query.
    pub(crate) path: String,
    /// Host and port.
    pub(crate) host: String,
    /// The setting the host came from.
    pub(crate) origin: String,
}

/// All that is known about a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) kind: ErrorKind,
    /// What happened, in our words.
    pub(crate) what: String,
    pub(crate) at: Option<Arc<Circumstances>>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) request_id: Option<String>,
    /// The service's words, shortened and redacted.
    pub(crate) message: Option<String>,
    pub(crate) attempts: u32,
    /// It happened on the way to credentials, in a step of its own.
    pub(crate) sign_in: bool,
}

impl Facts {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            at: None,
            status: None,
            code: None,
            request_id: None,
            message: None,
            attempts: 0,
            sign_in: false,
        }
    }
}

impl From<Facts> for Error {
    fn from(facts: Facts) -> Self {
        Self(Box::new(facts))
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Facts::new(kind, what).into()
    }

    /// Adds to the end of a call what it was doing when it ended.
    pub(crate) fn while_at(mut self, of: &Error) -> Self {
        let kind = self.0.kind;
        let what = std::mem::take(&mut self.0.what);
        Facts { kind, what, message: None, ..(*of.0).clone() }.into()
    }

    /// The same, with the step on the way that failed.
    pub(crate) fn while_doing(mut self, step: &str) -> Self {
        let facts = self.facts_mut();
        facts.what = format!("{step} failed: {}", facts.what);
        facts.sign_in = true;
        self
    }

    /// Tells whether it happened while an agency was assumed, or on another step
    /// to credentials.
    pub fn is_sign_in(&self) -> bool {
        self.0.sign_in
    }

    pub(crate) fn facts_mut(&mut self) -> &mut Facts {
        &mut self.0
    }

    /// Gives what the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Tells whether the object is gone.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Tells whether the same call may work later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Throttled { .. }
                | ErrorKind::Unavailable
                | ErrorKind::Unreachable
                | ErrorKind::Undecodable
                | ErrorKind::Busy
        )
    }

    /// Gives what happened in the client's words, without the circumstances.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Gives the HTTP method.
    pub fn method(&self) -> Option<&str> {
        self.0.at.as_ref().map(|at| at.method.as_str())
    }

    /// Gives the path without its query.
    pub fn path(&self) -> Option<&str> {
        self.0.at.as_ref().map(|at| at.path.as_str())
    }

    /// Gives host and port the request went to.
    pub fn host(&self) -> Option<&str> {
        self.0.at.as_ref().map(|at| at.host.as_str())
    }

    /// Gives the setting the host came from.
    pub fn origin(&self) -> Option<&str> {
        self.0.at.as_ref().map(|at| at.origin.as_str())
    }

    /// Gives the HTTP status, if an answer came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Gives the error code of the service or gateway, such as `ModelArts.50015001`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Gives the trace ID under which the cloud's support finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Gives the service's words, shortened and without secrets.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Gives the number of requests that were sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Lists the circumstances for the brackets of the sentence.
    fn circumstances(&self) -> Vec<String> {
        let facts = &self.0;
        let mut parts = Vec::new();
        if let Some(at) = &facts.at {
            parts.push(format!("{} {}", at.method, at.path));
            parts.push(format!("host {} from {}", at.host, at.origin));
        }
        parts.extend(facts.status.map(|status| format!("HTTP {status}")));
        parts.extend(facts.code.clone());
        parts.extend(facts.request_id.as_ref().map(|id| format!("request id {id}")));
        if facts.attempts > 1 {
            parts.push(format!("{} attempts", facts.attempts));
        }
        parts
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)?;
        if let Some(message) = &self.0.message {
            write!(f, ": {message}")?;
        }
        let circumstances = self.circumstances();
        if !circumstances.is_empty() {
            write!(f, " ({})", circumstances.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}
