//! Events: what the service tells about a pool (API reference, events).

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::paging::page;
use super::pool::PoolId;
use super::request::{Effect, Request};

const COLLECTION: &str = "/v1/{project_id}/events";

wire! {
    "camelCase";

    /// An event.
    pub struct Event {
        /// `Normal` or `Warning`; the key is `type` on the wire.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// RFC 3339, UTC.
        pub first_timestamp: Option<String>,
        /// RFC 3339, UTC.
        pub last_timestamp: Option<String>,
        /// How often it came.
        pub count: Option<i64>,
        /// A word such as `PoolStatusChange`.
        pub reason: Option<String>,
        /// What happened, in the service's words.
        pub message: Option<String>,
    }
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
        let limit = most.to_string();
        let query = [
            ("resource", Some("pools")),
            ("name", Some(pool.as_str())),
            ("type", Some("Warning")),
            ("ascend", Some("false")),
            ("limit", Some(limit.as_str())),
        ];
        let read = |answer: &Answer| Ok(page::<Event>(answer, "EventList", "items")?.items);
        let get = Request::new(Effect::Read, COLLECTION, read).about(Subject::Other);
        let mut events = self.send(call, &get.query(query)).await?;
        // A filter that a cloud does not know lets everything through.
        events.retain(|event| event.kind.as_deref() == Some("Warning"));
        events.sort_by(|a, b| b.last_timestamp.cmp(&a.last_timestamp));
        events.truncate(most);
        Ok(events)
    }
}
