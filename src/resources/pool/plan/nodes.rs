//! What a plan does to nodes, in words: Terraform shows a list by positions,
//! which says the wrong thing as soon as an entry moves.

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::matching::pair;
use crate::tf::model::Model;
use crate::tf::path::Path;
use crate::tf::schema::Side;

use super::super::identity::{self, EntryId};
use super::super::schema::{Entry, PoolModel};
use super::entries;

/// Says which nodes a plan takes away.
pub fn changes(prior: &PoolModel, planned: &PoolModel) -> Diagnostics {
    if !planned.resources.known().is_some_and(|list| list.is_known()) {
        return Diagnostics::new();
    }
    let (before, after): (Vec<_>, Vec<_>) = (entries(prior).collect(), entries(planned).collect());
    let keys = |all: &[&Entry], side| -> Vec<_> {
        all.iter().map(|entry| identity::keys(&entry.to_value(), side)).collect()
    };
    let places = pair(&keys(&after, Side::Config), &keys(&before, Side::Prior));
    let lines: Vec<String> = before
        .iter()
        .enumerate()
        .filter_map(|(index, old)| {
            let stays = places.iter().position(|place| *place == Some(index));
            let new = stays.and_then(|position| after.get(position));
            let may_stay = new.is_none() && after.iter().any(|new| may_become(old, new));
            let count = new.map_or(Some(0), |new| new.count.get()).filter(|_| !may_stay)?;
            lost(&EntryId::of_model(old)?, old.count.get()? - count)
        })
        .collect();
    if lines.is_empty() {
        return Diagnostics::new();
    }
    let detail = format!("{}. What runs on them ends.", lines.join("; "));
    Diagnostic::warning("Nodes will be destroyed", detail).at(Path::of(PoolModel::RESOURCES)).into()
}

/// Says whether an entry that is in part decided later may turn out to be this
/// one: nothing that is known of it says otherwise.
fn may_become(old: &Entry, new: &Entry) -> bool {
    let (Some(was), Some(is)) = (EntryId::of_model(old), EntryId::of_model(new)) else {
        return new.flavor.is_unknown();
    };
    let step = new.creating_step.known();
    let any_step = new.creating_step.is_unknown()
        || step.is_some_and(|step| step.step.is_unknown() || step.r#type.is_unknown());
    let any_pool = new.node_pool.is_unknown();
    let same_step = was.step == is.step && was.step_type == is.step_type;
    was.flavor == is.flavor
        && (any_pool || any_step)
        && (any_pool || was.node_pool == is.node_pool)
        && (any_step || same_step)
}

fn lost(id: &EntryId, lost: i64) -> Option<String> {
    let (nodes, pool) = (if lost == 1 { "node" } else { "nodes" }, node_pool(id));
    let line = || format!("{lost} {nodes} of flavor {}{pool} will be destroyed", id.flavor);
    (lost > 0).then(line)
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
