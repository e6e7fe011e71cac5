//! An unfinished wait, remembered in private data so that the next apply takes
//! it up again.

use serde_json::{Value as Json, json};

use crate::modelarts::Pool;
use crate::tf::private::Private;

const WAITING: &str = "waiting";
const IMPORTED: &str = "imported";

/// Remembers that a wait for this pool was cut short.
pub fn set_waiting(private: &mut Private, operation: &str, pool: &Pool) {
    private.set(
        WAITING,
        json!({
            "operation": operation,
            "phase": pool.phase().as_str(),
            "order": pool.order_name(),
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
