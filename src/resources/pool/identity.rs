//! What tells one entry of `resources` from another.
//!
//! An entry is its flavor and its node pool; an entry without a node pool is
//! in the default one (API reference, patch pool, semantics of resources).

use crate::modelarts::pool::ResourceEntry;
use crate::tf::schema::Side;
use crate::tf::value::Value;

/// An entry's identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId {
    /// Flavor of the nodes.
    pub flavor: String,
    /// Node pool, empty for the default one.
    pub node_pool: String,
}

impl EntryId {
    /// Makes an identity; the two ways to say "default node pool" are one.
    pub fn new(flavor: &str, node_pool: Option<&str>) -> Self {
        let node_pool = node_pool.unwrap_or_default();
        let default = node_pool.strip_suffix("-default").is_some_and(|stem| stem == flavor);
        Self {
            flavor: flavor.to_owned(),
            node_pool: if default { String::new() } else { node_pool.to_owned() },
        }
    }

    /// The identity of an entry as the service holds it.
    pub fn of(entry: &ResourceEntry) -> Self {
        Self::new(&entry.flavor, entry.node_pool.as_deref())
    }

    /// The identity of an entry in a configuration, plan or state; `None` when
    /// its flavor is not known yet.
    pub fn of_value(entry: &Value) -> Option<Self> {
        Some(Self::new(entry.get("flavor").as_str()?, entry.get("node_pool").as_str()))
    }
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.node_pool.is_empty() {
            write!(f, "flavor {}", self.flavor)
        } else {
            write!(f, "flavor {}, node pool {}", self.flavor, self.node_pool)
        }
    }
}

/// Key of an entry by its whole identity.
pub fn full_key(entry: &Value, _side: Side) -> Option<String> {
    if entry.get("node_pool").is_unknown() {
        return None;
    }
    EntryId::of_value(entry).map(|id| format!("{}\n{}", id.flavor, id.node_pool))
}

/// Key of an entry by its flavor alone: for an entry whose node pool the user
/// leaves to a service that names it in its own way. An entry with a node pool
/// of its own never takes the place of another.
pub fn flavor_key(entry: &Value, side: Side) -> Option<String> {
    if side == Side::Config && !entry.get("node_pool").is_null() {
        return None;
    }
    entry.get("flavor").as_str().map(str::to_owned)
}

/// Where each wanted entry is among the live ones: first by whole identity,
/// then, for those that leave the node pool to the service (`true`), by the
/// flavor alone among the live entries that are left.
pub fn align(wanted: &[(EntryId, bool)], live: &[ResourceEntry]) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = vec![None; wanted.len()];
    for by_flavor in [false, true] {
        let mut taken: Vec<usize> = found.iter().flatten().copied().collect();
        for (slot, (id, free)) in found.iter_mut().zip(wanted) {
            if slot.is_some() || (by_flavor && !free) {
                continue;
            }
            let fits = |entry: &ResourceEntry| {
                if by_flavor { entry.flavor == id.flavor } else { EntryId::of(entry) == *id }
            };
            *slot = live
                .iter()
                .enumerate()
                .find(|(index, entry)| !taken.contains(index) && fits(entry))
                .map(|(index, _)| index);
            taken.extend(*slot);
        }
    }
    found
}
