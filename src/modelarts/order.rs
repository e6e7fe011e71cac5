//! Orders: jobs the service makes of creates, scalings and moves
//! (API reference, orders).

use jiff::Timestamp;

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::paging::page;
use super::pool::{CountEntry, PoolId};
use super::request::{Effect, Request, path};

const COLLECTION: &str = "/v1/{project_id}/orders";

wire! {
    "camelCase";

    /// An order.
    pub struct Order {
        /// Name, as in the pool's label `os.modelarts/order.name`.
        pub order_name: String,
        /// Billing order.
        pub order_id: Option<String>,
        /// Pool ID.
        pub resource_name: Option<String>,
        /// Display name of the pool.
        pub resource_display_name: Option<String>,
        /// `apply`, `modify`, `delete`.
        pub operation: Option<String>,
        /// Phase as printed; see [`Order::outcome`].
        pub phase: Option<String>,
        /// Result as printed by some clouds.
        pub result: Option<String>,
        /// Reason of a failure.
        pub fail_reason: Option<String>,
        /// Milliseconds since 1970.
        pub creation_timestamp: Option<i64>,
        /// Milliseconds since 1970; 0 is not yet.
        pub begin_timestamp: Option<i64>,
        /// Milliseconds since 1970; 0 is not yet.
        pub end_timestamp: Option<i64>,
        /// Nodes wanted.
        pub spec_count: Vec<CountEntry>,
        /// Nodes had in the end.
        pub result_count: Vec<CountEntry>,
    }
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not finished, or in a phase this client does not know.
    Pending,
    /// Done.
    Succeeded,
    /// Done in part.
    PartlySucceeded,
    /// Failed.
    Failed,
}

impl Order {
    /// Sorts the many spellings of phase and result.
    pub fn outcome(&self) -> Outcome {
        let failed = |word: &Option<String>| word.as_deref() == Some("failed");
        match self.phase.as_deref().unwrap_or_default() {
            _ if failed(&self.result) || failed(&self.phase) => Outcome::Failed,
            "successed" | "succeeded" | "completed" => Outcome::Succeeded,
            "partialSuccessed" => Outcome::PartlySucceeded,
            _ => Outcome::Pending,
        }
    }
}

wire! {
    "camelCase";

    /// A step of an order.
    pub struct OrderStep {
        /// Pool or node.
        pub resource_name: Option<String>,
        /// `createPool`, `createNode`, `deleteNode` and the like.
        pub action: Option<String>,
        /// `processing`, `succeed`, `failed`.
        pub status: Option<String>,
        /// Reason of a failure.
        pub message: Option<String>,
    }
}

impl Client {
    /// Lists the newest orders of a pool, 500 at most; old orders can crowd
    /// out new ones, so `since` should be set.
    ///
    /// # Errors
    /// As any read.
    pub async fn list_orders(
        &self,
        call: &Call,
        pool: &PoolId,
        workspace_id: Option<&str>,
        since: Option<Timestamp>,
    ) -> Result<Vec<Order>, Error> {
        let since = since.map(|at| at.as_millisecond().to_string());
        let query = [
            ("involvedName", Some(pool.as_str())),
            ("resource", Some("pools")),
            ("limit", Some("500")),
            ("workspaceId", workspace_id),
            ("since", since.as_deref()),
        ];
        let read = |answer: &Answer| Ok(page(answer, "OrderList", "items")?.items);
        let get = Request::new(Effect::Read, COLLECTION, read).about(Subject::Pool);
        self.send(call, &get.query(query)).await
    }

    /// Lists the steps of an order.
    ///
    /// # Errors
    /// As any read.
    pub async fn get_order(&self, call: &Call, order_name: &str) -> Result<Vec<OrderStep>, Error> {
        let read = |answer: &Answer| Ok(page(answer, "Order", "items")?.items);
        self.send(call, &Request::new(Effect::Read, path(COLLECTION, order_name)?, read)).await
    }
}
