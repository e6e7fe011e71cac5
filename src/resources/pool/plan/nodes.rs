//! What a plan does to nodes, in words: Terraform shows a list by positions,
//! which says the wrong thing as soon as an entry moves.

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::path::Path;

use super::super::identity::EntryId;
use super::super::schema::{Entry, PoolModel};
use super::pairs::Pairs;

/// Says which nodes a plan takes away.
pub fn changes(pairs: &Pairs<'_>) -> Diagnostics {
    let losses = pairs.losses().into_iter();
    let lines: Vec<String> = losses.filter_map(|(entry, lost)| line(entry, lost)).collect();
    if lines.is_empty() {
        return Diagnostics::new();
    }
    let detail = format!("{}. What runs on them ends.", lines.join("; "));
    Diagnostic::warning("Nodes will be destroyed", detail).at(Path::of(PoolModel::RESOURCES)).into()
}

fn line(entry: &Entry, lost: i64) -> Option<String> {
    let id = EntryId::of_model(entry)?;
    let (nodes, pool) = (if lost == 1 { "node" } else { "nodes" }, node_pool(&id));
    Some(format!("{lost} {nodes} of flavor {}{pool} will be destroyed", id.flavor))
}

fn node_pool(id: &EntryId) -> String {
    match id.node_pool.as_str() {
        "" => " in the default node pool".to_owned(),
        name => format!(" in node pool {name}"),
    }
}

/// Says that a plan which shows many changes makes none.
pub fn reordered() -> Diagnostic {
    let detail = "Entries change their places and nothing else: only the order changes, nothing \
                  is sent to the service.";
    Diagnostic::warning("Only the order changes", detail).at(Path::of(PoolModel::RESOURCES))
}
