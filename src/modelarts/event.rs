//! Events: what the service tells about a pool (API reference, events).

use serde::Deserialize;

use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::pool::PoolId;
use super::transport::{Effect, Request};
use super::{lenient, paging};

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    /// `Normal` or `Warning`; the key is `type` on the wire.
    #[serde(rename = "type", deserialize_with = "lenient::opt_string")]
    pub kind: Option<String>,
    /// RFC 3339, UTC.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub first_timestamp: Option<String>,
    /// RFC 3339, UTC.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub last_timestamp: Option<String>,
    /// How often it came.
    #[serde(deserialize_with = "lenient::opt_i64")]
    pub count: Option<i64>,
    /// A word such as `PoolStatusChange`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub reason: Option<String>,
    /// What happened, in the service's words.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub message: Option<String>,
}

impl Client {
    /// Lists the latest warnings about a pool, `most` at most, newest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn latest_warnings(
        &self,
        call: &Call,
        pool: &PoolId,
        most: usize,
    ) -> Result<Vec<Event>, Error> {
        let query = [
            ("resource", "pools".to_owned()),
            ("name", pool.as_str().to_owned()),
            ("type", "Warning".to_owned()),
            ("ascend", "false".to_owned()),
            ("limit", most.to_string()),
        ];
        let query = query.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let get =
            Request::new(Effect::Read, "/v1/{project_id}/events", Subject::Other).query(query);
        let answer = self.send(call, get).await?;
        let mut events = paging::items::<Event>(&answer, "EventList", "items")?.items;
        // A filter that a cloud does not know lets everything through.
        events.retain(|event| event.kind.as_deref() == Some("Warning"));
        events.sort_by(|a, b| b.last_timestamp.cmp(&a.last_timestamp));
        events.truncate(most);
        Ok(events)
    }
}
