//! What private data remembers: an unfinished wait, so that the next apply takes
//! it up again, and between plan and apply that a configuration protects.

use std::time::Duration;

use serde_json::json;

use crate::modelarts::Pool;
use crate::tf::private::Private;

const WAITING: &str = "waiting";
const PROTECTED: &str = "protected";

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

/// Remembers in the plan of a new pool that its configuration protects it: of a
/// replacement on demand, the delete of the old pool sees nothing else of it.
pub fn set_protected(private: &mut Private) {
    private.set(PROTECTED, true);
}

/// Says whether the configuration of the replacing pool protects it.
pub fn is_protected(private: &Private) -> bool {
    private.get(PROTECTED).is_some()
}

/// Forgets it: once the pool exists its state says so.
pub fn clear_protected(private: &mut Private) {
    private.remove(PROTECTED);
}
