//! What an import or a move has found and nobody has written.
//!
//! The service fills in volumes, drivers and networks of nodes. An import
//! shows them, so that a generated configuration is complete; but a
//! configuration that never mentions them is complete too. So each of them is
//! remembered as found, and keeps its value until an apply in whose
//! configuration it is written. From then on leaving it out clears it.

use std::collections::BTreeSet;

use crate::tf::plan::match_lists;
use crate::tf::private::Private;
use crate::tf::schema::Side;
use crate::tf::value::Value;

use super::identity::full_key;
use super::marker;
use super::schema;

/// Attributes of the pool that the service may have filled in.
const OF_POOL: &[&str] = &["driver"];
/// Attributes of an entry that the service may have filled in.
const OF_ENTRY: &[&str] =
    &["network", "root_volume", "data_volumes", "volume_group_configs", "driver"];

/// Remembers what a state holds right after an import or a move.
pub fn remember(private: &mut Private, state: &Value) {
    let mut found = BTreeSet::new();
    found.extend(OF_POOL.iter().filter(|name| !state.get(name).is_null()).map(|n| n.to_string()));
    for entry in state.get("resources").elements().unwrap_or_default() {
        let names = OF_ENTRY.iter().filter(|name| !entry.get(name).is_null());
        found.extend(names.filter_map(|name| key(entry, name)));
    }
    marker::set_found(private, &found);
}

fn key(entry: &Value, name: &str) -> Option<String> {
    Some(format!("{}\n{name}", full_key(entry, Side::Prior)?))
}

/// Puts what was found into a configuration that does not mention it, and
/// forgets what it does mention.
pub fn fill_in(config: &mut Value, prior: &Value, private: &mut Private) {
    let found = marker::found(private);
    if found.is_empty() {
        return;
    }
    let mut left = BTreeSet::new();
    for name in OF_POOL.iter().filter(|name| found.contains(**name)) {
        if config.get(name).is_null() && !prior.get(name).is_null() {
            config.set_entry(name, prior.get(name).clone());
            left.insert(name.to_string());
        }
    }
    let before = prior.get("resources").elements().unwrap_or_default();
    if let Some(Value::List(items)) =
        config.entries_mut().and_then(|members| members.get_mut("resources"))
    {
        let matched = match_lists(items, before, schema::entry_keys());
        for (item, at) in items.iter_mut().zip(matched) {
            let Some(before) = at.and_then(|at| before.get(at)) else { continue };
            for name in OF_ENTRY {
                let Some(key) = key(before, name).filter(|key| found.contains(key)) else {
                    continue;
                };
                if item.get(name).is_null() && !before.get(name).is_null() {
                    item.set_entry(name, before.get(name).clone());
                    left.insert(key);
                }
            }
        }
    }
    marker::set_found(private, &left);
}
