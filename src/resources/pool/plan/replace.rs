//! Which differences need a new pool.

use crate::tf::path::Path;
use crate::tf::resource::PlanRequest;
use crate::tf::value::Value;

use super::super::marker;

/// What an import shows although the user may never have written it.
const FOUND: &[&str] = &[
    "masters",
    "clusters",
    "user_login",
    "period_unit",
    "period",
    "auto_renew",
    "auto_pay",
    "promotion_info",
    "console_url",
];

/// Says whether a difference in a fixed attribute really means another pool.
pub(super) fn is_needed(request: &PlanRequest, path: &Path) -> bool {
    let is = |name: &str| *path == Path::of(name);
    let unwritten = |name: &&str| is(name) && request.config.get(name).is_null();
    if is("labels") {
        labels_need_replacement(request)
    } else if marker::is_imported(&request.private) && FOUND.iter().any(unwritten) {
        false
    } else if is("masters") {
        !same_members(request, "masters", "az")
    } else if is("clusters") {
        !same_members(request, "clusters", "provider_id")
    } else {
        true
    }
}

/// Says whether a list holds the same objects in another order.
fn same_members(request: &PlanRequest, list: &str, name: &str) -> bool {
    let (before, after) = (request.prior.get(list), request.config.get(list));
    let (Some(before), Some(after)) = (before.elements(), after.elements()) else { return false };
    let has =
        |items: &[Value], item: &Value| items.iter().any(|other| other.get(name) == item.get(name));
    before.len() == after.len()
        && after.iter().all(|item| item.get(name).as_str().is_some() && has(before, item))
}

/// Labels cannot be changed. But writing down a label that the pool carries
/// already changes nothing, nor does leaving out what an import has found.
fn labels_need_replacement(request: &PlanRequest) -> bool {
    let (before, after) = (request.prior.get("labels"), request.config.get("labels"));
    if before == after {
        return false;
    }
    let carried = request.prior.get("effective_labels");
    let empty = std::collections::BTreeMap::new();
    let wanted = match after {
        Value::Null => &empty,
        Value::Map(entries) => entries,
        _ => return true,
    };
    let differs = wanted.iter().any(|(key, value)| carried.get(key) != value);
    let dropped =
        before.entries().is_some_and(|entries| entries.keys().any(|key| !wanted.contains_key(key)));
    differs || (dropped && !marker::is_imported(&request.private))
}
