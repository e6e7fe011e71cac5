//! What the service says about a pool at a moment (API reference, pool object).

use serde_json::{Map, Value, json};

use super::{
    entry_rules::identity,
    world::{Pool, World, entry, list, reached, set_entry, timestamp},
};

/// Writes a pool as it is now.
pub(super) fn view(world: &World, pool: &Pool, now: i64) -> Value {
    let sub_pools = world.pools.iter().filter(|other| parent(other) == Some(&pool.id)).count();
    view_with(pool, sub_pools, now)
}

fn parent(pool: &Pool) -> Option<&str> {
    pool.spec().get("parent").and_then(Value::as_str)
}

fn view_with(pool: &Pool, sub_pools: usize, now: i64) -> Value {
    let settled = pool.settled(now);
    let mut object = settled.object.clone();
    let count = sub_pools.to_string();
    set_entry(&mut object, "annotations", "os.modelarts.pool/subpools.count", Some(&count));
    if let Some(leaving) = settled.deleting.filter(|leaving| reached(leaving.from, now))
        && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
    {
        metadata
            .insert("deletionTimestamp".to_owned(), json!(timestamp(leaving.from.unwrap_or(now))));
    }
    if let Some(object) = object.as_object_mut() {
        object.insert("status".to_owned(), status(&settled, now));
    }
    object
}

/// Writes every pool, counting sub-pools once.
pub(super) fn view_all<'a>(
    world: &World,
    pools: impl Iterator<Item = &'a Pool>,
    now: i64,
) -> Vec<Value> {
    let mut counts = std::collections::HashMap::new();
    for parent in world.pools.iter().filter_map(|pool| parent(pool)) {
        *counts.entry(parent).or_insert(0) += 1;
    }
    pools
        .map(|pool| view_with(pool, counts.get(pool.id.as_str()).copied().unwrap_or(0), now))
        .collect()
}

fn status(pool: &Pool, now: i64) -> Value {
    let mut status = Map::new();
    let phase = pool.phase(now);
    status.insert("resources".to_owned(), Value::Object(node_groups(pool, now)));
    let laid_over = |status| overlaid(status, &pool.overrides, pool.deleting.is_some());
    let Some(phase) = phase else { return laid_over(status) };
    status.insert("phase".to_owned(), json!(phase));
    if let Some(message) = message(pool, phase) {
        status.insert("message".to_owned(), json!(message));
    }
    let working = !matches!(phase, "Waiting" | "CreationFailed");
    if working && !pool.is_logical() {
        let scopes: Vec<Value> = pool.scopes.iter().map(|scope| scope_view(scope, now)).collect();
        if !scopes.is_empty() {
            status.insert("scope".to_owned(), json!(scopes));
        }
        let drivers: Map<String, Value> =
            pool.drivers.iter().map(|driver| driver_view(driver, now)).collect();
        if !drivers.is_empty() {
            status.insert("driver".to_owned(), Value::Object(drivers));
        }
    }
    match (pool.is_logical(), parent(pool)) {
        (true, parent) => {
            status.insert("parent".to_owned(), json!(parent.unwrap_or("")));
            status.insert("root".to_owned(), json!(parent.unwrap_or("")));
        }
        (false, _) => {
            status.insert("root".to_owned(), json!(pool.id));
        }
    }
    let clusters = list(pool.spec().get("clusters"));
    if !clusters.is_empty() {
        status.insert("clusters".to_owned(), json!(clusters));
    }
    laid_over(status)
}

/// Lays what somebody set by hand over the status of a pool or network.
pub(super) fn overlaid(
    mut status: Map<String, Value>,
    by_hand: &Map<String, Value>,
    is_going: bool,
) -> Value {
    for (key, value) in by_hand {
        match value {
            // The phase counts until the object is deleted.
            _ if key == "phase" && is_going => {}
            Value::Null => drop(status.remove(key)),
            value => drop(status.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(status)
}

fn message<'a>(pool: &'a Pool, phase: &str) -> Option<&'a str> {
    match phase {
        "CreationFailed" => pool.failure.as_deref(),
        "ScalingFailed" => pool.scaling_failed.as_deref(),
        "Waiting" if pool.is_prepaid() => Some("the order is not paid"),
        "Waiting" => Some("the request is not approved"),
        _ => None,
    }
}

/// Counts the nodes of a pool by state: creating, available, abnormal, deleting.
pub(super) fn node_groups(pool: &Pool, now: i64) -> Map<String, Value> {
    let mut groups = Map::new();
    let phase = pool.phase(now);
    if pool.is_logical() || matches!(phase, None | Some("Waiting" | "CreationFailed")) {
        return groups;
    }
    let deleting = phase == Some("Deleting");
    for (key, wanted) in [
        ("creating", "Creating"),
        ("available", "Available"),
        ("abnormal", "Abnormal"),
        ("deleting", "Deleting"),
    ] {
        let counts =
            counts(pool, |phase| (if deleting { "Deleting" } else { phase }) == wanted, now);
        if !counts.is_empty() {
            groups.insert(key.to_owned(), Value::Array(counts));
        }
    }
    groups
}

/// Is what nodes are counted by: flavor, node pool and step.
type GroupKey<'a> = (&'a str, &'a str, &'a Value);
/// Is a number of nodes for each zone.
type Zones<'a> = Vec<(&'a str, u64)>;

/// Counts the nodes in some phase by flavor, node pool, step and zone.
fn counts(pool: &Pool, wanted: impl Fn(&str) -> bool, now: i64) -> Vec<Value> {
    let mut groups: Vec<(GroupKey<'_>, Zones<'_>)> = Vec::new();
    for node in pool.nodes.iter().filter(|node| node.phase(now).is_some_and(&wanted)) {
        let key = (node.flavor.as_str(), node.node_pool.as_str(), &node.step);
        let index = groups.iter().position(|(other, _)| *other == key).unwrap_or_else(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        let Some((_, zones)) = groups.get_mut(index) else { continue };
        match zones.iter_mut().find(|(az, _)| *az == node.az) {
            Some((_, count)) => *count += 1,
            None => zones.push((&node.az, 1)),
        }
    }
    groups.into_iter().map(count_view).collect()
}

fn count_view(((flavor, node_pool, step), zones): (GroupKey<'_>, Zones<'_>)) -> Value {
    let count: u64 = zones.iter().map(|(_, count)| *count).sum();
    let azs: Vec<Value> =
        zones.iter().map(|(az, count)| json!({ "az": az, "count": count })).collect();
    let mut view = json!({
        "flavor": flavor,
        "count": count,
        "maxCount": count,
        "azs": azs,
        "nodePool": node_pool,
    });
    if !step.is_null() {
        view["creatingStep"] = step.clone();
    }
    view
}

fn scope_view(scope: &super::world::Scope, now: i64) -> Value {
    let done = reached(scope.until, now);
    let state = match (scope.enabling, done, &scope.failure) {
        (true, true, Some(_)) => "EnableFailed",
        (true, true, None) => "Enabled",
        (true, false, _) => "Enabling",
        (false, true, _) => "Disabled",
        (false, false, _) => "Disabling",
    };
    let mut view = json!({ "scopeType": scope.name, "state": state });
    if let (true, Some(message)) = (done, &scope.failure) {
        view["message"] = json!(message);
    }
    view
}

fn driver_view(driver: &super::world::Driver, now: i64) -> (String, Value) {
    let state = match (reached(driver.until, now), driver.upgrading) {
        (true, _) => "Running",
        (false, true) => "Upgrading",
        (false, false) => "Creating",
    };
    (driver.card.clone(), json!({ "version": driver.version, "state": state }))
}

/// Writes entries as orders list them.
pub(super) fn order_counts(entries: &[Value]) -> Value {
    let count = |entry: &Value| {
        let (flavor, ..) = identity(entry);
        json!({
            "flavor": flavor,
            "count": entry.get("count"),
            "maxCount": entry.get("maxCount"),
            "azs": entry.get("azs"),
        })
    };
    entries.iter().map(count).collect()
}

/// Returns the display name of a pool or network.
pub(super) fn display_name(object: &Value) -> &str {
    entry(object, "labels", super::pool_rules::NAME)
}
