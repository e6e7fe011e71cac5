//! An unfinished wait, remembered in private data so that the next apply takes
//! it up again.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::modelarts::Pool;
use crate::tf::private::Private;

const WAITING: &str = "waiting";
const IMPORTED: &str = "imported";
const FOUND: &str = "found";

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

/// Remembers that nothing of this object has been written by Terraform yet.
pub fn set_imported(private: &mut Private) {
    private.set(IMPORTED, true);
}

/// Says whether the object came from an import and was not applied since.
pub fn is_imported(private: &Private) -> bool {
    private.get(IMPORTED) == Some(&Json::Bool(true))
}

/// Forgets that the object came from an import.
pub fn clear_imported(private: &mut Private) {
    private.remove(IMPORTED);
}

/// Remembers which attributes were found and never written.
pub fn set_found(private: &mut Private, found: &BTreeSet<String>) {
    if found.is_empty() {
        private.remove(FOUND);
    } else {
        private.set(FOUND, json!(found));
    }
}

/// The attributes that were found and never written.
pub fn found(private: &Private) -> BTreeSet<String> {
    let keys = private.get(FOUND).and_then(Json::as_array).into_iter().flatten();
    keys.filter_map(|key| key.as_str().map(str::to_owned)).collect()
}
