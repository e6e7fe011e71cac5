//! What the simulator was asked, without the secrets.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hyper::{
    HeaderMap,
    header::{HeaderName, HeaderValue},
};
use serde_json::Value;
use tokio::sync::watch;

const MOST_RECORDS: usize = 10_000;

/// Is a request that reached the simulator.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// The query, as it was sent, without the question mark.
    pub query: String,
    /// The content type; empty when there was none.
    pub content_type: String,
    /// The headers, except for those that carry secrets; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as JSON, or as a string where it is none; null when it was empty. Passwords and
    /// tokens are blanked out.
    pub body: Value,
    /// The status of the answer; `None` while there is none, or when it was never sent.
    pub status: Option<u16>,
}

/// Keeps the last requests and tells who waits for them.
pub(super) struct Records {
    kept: Mutex<Kept>,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    /// The number of the first request that is still there.
    first: u64,
    list: VecDeque<Recorded>,
}

impl Records {
    pub(super) fn new() -> Self {
        Self { kept: Mutex::default(), changes: watch::Sender::new(0) }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn list(&self) -> Vec<Recorded> {
        self.lock().list.iter().cloned().collect()
    }

    pub(super) fn forget(&self) {
        let mut kept = self.lock();
        kept.first += kept.list.len() as u64;
        kept.list.clear();
    }

    /// Keeps a request and returns its number.
    pub(super) fn add(&self, record: Recorded) -> u64 {
        let mut kept = self.lock();
        kept.list.push_back(record);
        if kept.list.len() > MOST_RECORDS {
            kept.list.pop_front();
            kept.first += 1;
        }
        let number = kept.first + kept.list.len() as u64 - 1;
        drop(kept);
        self.changes.send_modify(|count| *count += 1);
        number
    }

    /// Notes how the request with a number was answered.
    pub(super) fn answered(&self, number: u64, status: u16) {
        let mut kept = self.lock();
        let index = number.checked_sub(kept.first).and_then(|index| usize::try_from(index).ok());
        if let Some(record) = index.and_then(|index| kept.list.get_mut(index)) {
            record.status = Some(status);
        }
        drop(kept);
        self.changes.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a request down; headers and fields that carry secrets are left out or blanked out.
pub(super) fn record(
    method: &str,
    (path, query): (&str, &str),
    headers: &HeaderMap,
    body: &[u8],
) -> Recorded {
    let text = |name: &HeaderName, value: &HeaderValue| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let is_secret = |name: &str| name == "authorization" || name.contains("token");
    let headers: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| !is_secret(name.as_str()))
        .map(|(name, value)| text(name, value))
        .collect();
    let content_type = headers.iter().find(|(name, _)| name == "content-type");
    let mut body = match body {
        [] => Value::Null,
        bytes => serde_json::from_slice(bytes)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes).into_owned())),
    };
    if path.starts_with("/v3") {
        blank_secrets(&mut body);
    }
    Recorded {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        content_type: content_type.map(|(_, value)| value.clone()).unwrap_or_default(),
        headers,
        body,
        status: None,
    }
}

/// Blanks out the secrets of requests to IAM.
fn blank_secrets(value: &mut Value) {
    let Some(map) = value.as_object_mut() else { return };
    for (key, value) in map {
        match key.as_str() {
            "password" | "id" if value.is_string() => *value = Value::from("***"),
            _ => blank_secrets(value),
        }
    }
}
