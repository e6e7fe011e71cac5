//! What a plan does to nodes, in words: Terraform shows a list by positions,
//! which says the wrong thing as soon as an entry moves.

use std::collections::BTreeMap;

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::path::Path;

use super::super::identity::EntryId;
use super::super::schema::PoolModel;
use super::entries;

/// Says which nodes a plan takes away.
pub fn changes(prior: &PoolModel, planned: &PoolModel) -> Diagnostics {
    if !planned.resources.known().is_some_and(|list| list.is_known()) {
        return Diagnostics::new();
    }
    let (before, after) = (counts(prior), counts(planned));
    // An entry whose node pool is left to the service is the one of its flavor.
    let left = |id: &EntryId| {
        let same_flavor = |other: &&EntryId| other.flavor == id.flavor;
        let alone = before.keys().filter(same_flavor).count() == 1;
        let only = after.iter().filter(|(other, _)| other.flavor == id.flavor);
        let only: Vec<&i64> = only.map(|(_, count)| count).collect();
        match (after.get(id), alone, only.as_slice()) {
            (Some(count), ..) => *count,
            (None, true, [count]) => **count,
            _ => 0,
        }
    };
    let lost = before.iter().map(|(id, count)| (id, count - left(id)));
    let lines: Vec<String> = lost
        .filter(|(_, lost)| *lost > 0)
        .map(|(id, lost)| {
            let (nodes, pool) = (if lost == 1 { "node" } else { "nodes" }, node_pool(id));
            format!("{lost} {nodes} of flavor {}{pool} will be destroyed", id.flavor)
        })
        .collect();
    if lines.is_empty() {
        return Diagnostics::new();
    }
    let detail = format!("{}. What runs on them ends.", lines.join("; "));
    Diagnostic::warning("Nodes will be destroyed", detail).at(Path::of(PoolModel::RESOURCES)).into()
}

fn node_pool(id: &EntryId) -> String {
    match id.node_pool.as_str() {
        "" => " in the default node pool".to_owned(),
        pool => format!(" in node pool {pool}"),
    }
}

/// Says that nothing happens.
pub fn reordered() -> Diagnostic {
    let detail = "Entries change their places and nothing else: only the order changes, nothing \
                  is sent to the service.";
    Diagnostic::warning("Only the order changes", detail).at(Path::of(PoolModel::RESOURCES))
}

fn counts(model: &PoolModel) -> BTreeMap<EntryId, i64> {
    let known =
        entries(model).filter_map(|entry| Some((EntryId::of_model(entry)?, entry.count.get()?)));
    known.collect()
}
