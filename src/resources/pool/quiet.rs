//! What a change of a pool can change besides what the user sees in it. A plan
//! is as loud as this is careless.

use crate::tf::value::Value;

use super::identity;
use super::schema::{Driver, Entry, PoolModel};

/// Says whether a change sets the pool to work, so that its phase follows.
pub fn sets_to_work(prior: &Value, planned: &Value) -> bool {
    let differs = |name: &str| prior.get(name) != planned.get(name);
    differs(PoolModel::WORKSPACE_ID)
        || differs(PoolModel::SCOPE)
        || changes_drivers(prior, planned)
        || changes_nodes(prior, planned)
}

/// Says whether a change makes the service write an order.
pub fn makes_an_order(prior: &Value, planned: &Value) -> bool {
    changes_nodes(prior, planned)
}

fn changes_drivers(prior: &Value, planned: &Value) -> bool {
    let (before, after) = (prior.get(PoolModel::DRIVER), planned.get(PoolModel::DRIVER));
    [Driver::GPU_VERSION, Driver::NPU_VERSION]
        .iter()
        .any(|version| before.get(version) != after.get(version))
}

/// Says whether a change makes or removes nodes, or moves them between zones.
pub fn changes_nodes(prior: &Value, planned: &Value) -> bool {
    let entries = |object| Value::get(object, PoolModel::RESOURCES).elements().unwrap_or_default();
    let (before, after) = (entries(prior), entries(planned));
    let places = identity::prior_places(after, before);
    before.len() != after.len()
        || after.iter().zip(places).any(|(entry, at)| {
            let old = at.and_then(|at| before.get(at)).unwrap_or(&Value::Null);
            let moves = [Entry::COUNT, Entry::AZS, Entry::MAX_COUNT, Entry::DRIVER];
            old.is_null() || moves.iter().any(|name| entry.get(name) != old.get(name))
        })
}
