//! An unfinished wait, remembered in private data so that the next apply takes
//! it up again.

use std::time::Duration;

use serde_json::json;

use crate::modelarts::Pool;
use crate::tf::private::Private;

const WAITING: &str = "waiting";

/// Remembers that a wait for this pool was cut short: what was waited for and
/// how long it was allowed to take, for whoever looks into a state.
pub fn set_waiting(private: &mut Private, operation: &str, pool: &Pool, allowed: Duration) {
    private.set(
        WAITING,
        json!({
            "operation": operation,
            "phase": pool.phase().as_str(),
            "order": pool.order_name(),
            "allowed_seconds": allowed.as_secs(),
        }),
    );
}

/// Says whether a wait is unfinished.
pub fn is_waiting(private: &Private) -> bool {
    private.get(WAITING).is_some()
}

/// Forgets an unfinished wait.
pub fn clear_waiting(private: &mut Private) {
    private.remove(WAITING);
}
