//! The mark of an unfinished wait in private data, so that the next apply takes
//! the wait up again.

use std::time::Duration;

use serde_json::json;

use crate::tf::private::Private;

use super::kind::Kind;

const WAITING: &str = "waiting";

/// Remembers that a wait for this object was cut short: what was waited for and
/// how long it was allowed to take, for whoever looks into a state.
pub fn set<K: Kind>(private: &mut Private, operation: &str, object: &K::Object, allowed: Duration) {
    private.set(
        WAITING,
        json!({
            "operation": operation,
            "phase": K::phase(object),
            "order": K::order(object),
            "allowed_seconds": allowed.as_secs(),
        }),
    );
}

/// Says whether a wait is unfinished.
pub fn is_open(private: &Private) -> bool {
    private.get(WAITING).is_some()
}

/// Forgets an unfinished wait.
pub fn clear(private: &mut Private) {
    private.remove(WAITING);
}
