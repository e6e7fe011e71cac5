//! Orders: jobs the service makes of creates, scalings and moves
//! (API reference, orders).

use jiff::Timestamp;
use serde::Deserialize;

use super::call::Call;
use super::client::{Client, path};
use super::error::{Error, Subject};
use super::pool::{CountEntry, PoolId};
use super::transport::{Effect, Request};
use super::{lenient, paging};

const COLLECTION: &str = "/v1/{project_id}/orders";
/// Most the service gives at once.
const PAGE: usize = 500;

/// An order.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Order {
    /// Name, as in the pool's label `os.modelarts/order.name`.
    #[serde(deserialize_with = "lenient::string")]
    pub order_name: String,
    /// Billing order.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub order_id: Option<String>,
    /// Pool ID.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub resource_name: Option<String>,
    /// Display name of the pool.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub resource_display_name: Option<String>,
    /// `apply`, `modify`, `delete`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub operation: Option<String>,
    /// Phase as printed; see [`Order::outcome`].
    #[serde(deserialize_with = "lenient::opt_string")]
    pub phase: Option<String>,
    /// Result as printed by some clouds.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub result: Option<String>,
    /// Reason of a failure.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub fail_reason: Option<String>,
    /// Milliseconds since 1970.
    #[serde(deserialize_with = "lenient::opt_i64")]
    pub creation_timestamp: Option<i64>,
    /// Milliseconds since 1970; 0 is not yet.
    #[serde(deserialize_with = "lenient::opt_i64")]
    pub begin_timestamp: Option<i64>,
    /// Milliseconds since 1970; 0 is not yet.
    #[serde(deserialize_with = "lenient::opt_i64")]
    pub end_timestamp: Option<i64>,
    /// Nodes wanted.
    #[serde(deserialize_with = "lenient::list")]
    pub spec_count: Vec<CountEntry>,
    /// Nodes had in the end.
    #[serde(deserialize_with = "lenient::list")]
    pub result_count: Vec<CountEntry>,
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

/// A step of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OrderStep {
    /// Pool or node.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub resource_name: Option<String>,
    /// `createPool`, `createNode`, `deleteNode` and the like.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub action: Option<String>,
    /// `processing`, `succeed`, `failed`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub status: Option<String>,
    /// Reason of a failure.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub message: Option<String>,
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
        let mut query = vec![
            ("involvedName".to_owned(), pool.as_str().to_owned()),
            ("resource".to_owned(), "pools".to_owned()),
            ("limit".to_owned(), PAGE.to_string()),
        ];
        query.extend(workspace_id.map(|id| ("workspaceId".to_owned(), id.to_owned())));
        query.extend(since.map(|at| ("since".to_owned(), at.as_millisecond().to_string())));
        let get = Request::new(Effect::Read, COLLECTION, Subject::Pool).query(query);
        let answer = self.send(call, get).await?;
        paging::items(&answer, "OrderList", "items").map(|page| page.items)
    }

    /// Lists the steps of an order.
    ///
    /// # Errors
    /// As any read.
    pub async fn get_order(&self, call: &Call, order_name: &str) -> Result<Vec<OrderStep>, Error> {
        let get = Request::new(Effect::Read, path(COLLECTION, order_name)?, Subject::Other);
        let answer = self.send(call, get).await?;
        paging::items(&answer, "Order", "items").map(|page| page.items)
    }
}
