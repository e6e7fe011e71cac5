//! What came back, and the few ways of reading it.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;

use super::error::{Error, ErrorKind};
use super::request::Effect;
use super::retry::http_date;
use super::target::Attempt;

/// Bytes that came back.
pub(crate) struct Raw {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Wiped when it has been read: there may be a key in it.
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// The connection broke or the body was too long before its end.
    pub(crate) cut: Option<String>,
}

impl Raw {
    pub(crate) fn request_id(&self) -> Option<&str> {
        ["x-request-id", "x-iam-trace-id"].into_iter().find_map(|name| self.header(name))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Gives the time at which the service answered.
    pub(crate) fn date(&self) -> Option<Timestamp> {
        http_date(self.header("date")?)
    }
}

/// A successful answer.
pub(crate) struct Answer {
    pub(crate) raw: Raw,
    pub(crate) attempt: Attempt,
    /// The time of day, if the answer does not tell it.
    pub(crate) now: Timestamp,
}

impl Answer {
    /// Tells how long something lives that the service says ends at a time.
    /// Both times are the service's, so the clock of this machine is no matter.
    pub(crate) fn time_until(&self, end: &str) -> Option<Duration> {
        let end: Timestamp = end.parse().ok()?;
        let now = self.raw.date().unwrap_or(self.now);
        Some(end.duration_since(now).try_into().unwrap_or(Duration::ZERO))
    }

    /// Reads a body that must be a JSON object.
    pub(crate) fn object<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        if let Some(reason) = &self.raw.cut {
            return Err(self.unusable(reason));
        }
        let body = self.raw.body.trim_ascii();
        match body.first() {
            None => Err(self.unusable("it is empty")),
            Some(b'[') => Err(self.unusable("it is no JSON object")),
            Some(_) => serde_json::from_slice(body).map_err(|e| self.unusable(&e.to_string())),
        }
    }

    /// Tells whether the service said nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.cut.is_none() && self.raw.body.trim_ascii().is_empty()
    }

    /// Makes the error of an answer that cannot be used. A create, or work, that
    /// was answered this way has been carried out for all we know.
    pub(crate) fn unusable(&self, reason: &str) -> Error {
        let kind = match self.attempt.effect {
            Effect::Create | Effect::Work => ErrorKind::Ambiguous,
            _ => ErrorKind::Undecodable,
        };
        let mut facts = self.attempt.facts(
            kind,
            format!("the service accepted the request, but its answer cannot be used: {reason}"),
        );
        facts.status = Some(self.raw.status.as_u16());
        facts.request_id = self.raw.request_id().map(str::to_owned);
        facts.into()
    }
}
