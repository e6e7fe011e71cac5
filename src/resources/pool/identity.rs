//! What tells one entry of `resources` from another.
//!
//! An entry is its flavor, its node pool and its creating step; an entry
//! without a node pool is in the default one (API reference, patch pool,
//! semantics of resources). The service fills in what a user leaves out, so an
//! entry that leaves something out is also found by the rest.

use crate::modelarts::pool::{CreatingStep, ResourceEntry};
use crate::tf::schema::Side;
use crate::tf::value::Value;

/// An entry's identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId {
    /// Flavor of the nodes.
    pub flavor: String,
    /// Node pool, empty for the default one.
    pub node_pool: String,
    /// Number of nodes that are made together.
    pub step: Option<i64>,
    /// Why they are made together, empty when nothing says so.
    pub step_type: String,
}

impl EntryId {
    /// An identity without a creating step; the two ways to say "default node
    /// pool" are one.
    pub fn new(flavor: &str, node_pool: Option<&str>) -> Self {
        let node_pool = node_pool.unwrap_or_default();
        let default = node_pool.strip_suffix("-default").is_some_and(|stem| stem == flavor);
        Self {
            flavor: flavor.to_owned(),
            node_pool: if default { String::new() } else { node_pool.to_owned() },
            step: None,
            step_type: String::new(),
        }
    }

    /// The identity with a creating step.
    pub fn stepping(mut self, step: Option<i64>, kind: Option<&str>) -> Self {
        self.step = step;
        self.step_type = kind.filter(|_| step.is_some()).unwrap_or_default().to_owned();
        self
    }

    /// The identity of an entry as the service holds it, or as it is wanted.
    pub fn of(entry: &ResourceEntry) -> Self {
        let (step, kind) = step_of(entry.creating_step.as_ref());
        Self::new(&entry.flavor, entry.node_pool.as_deref()).stepping(step, kind)
    }

    /// The identity of an entry in a configuration, plan or state; `None` when
    /// its flavor is not known yet.
    pub fn of_value(entry: &Value) -> Option<Self> {
        let step = entry.get("creating_step");
        let id = Self::new(entry.get("flavor").as_str()?, entry.get("node_pool").as_str());
        Some(id.stepping(step.get("step").as_i64(), step.get("type").as_str()))
    }
}

fn step_of(step: Option<&CreatingStep>) -> (Option<i64>, Option<&str>) {
    step.map_or((None, None), |step| (step.step, step.kind.as_deref()))
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "flavor {}", self.flavor)?;
        if !self.node_pool.is_empty() {
            write!(f, ", node pool {}", self.node_pool)?;
        }
        match self.step {
            Some(step) => write!(f, ", creating step {step}"),
            None => Ok(()),
        }
    }
}

fn is_open(entry: &Value) -> bool {
    entry.get("node_pool").is_unknown()
        || entry.get("creating_step").is_unknown()
        || ["step", "type"].iter().any(|name| entry.get("creating_step").get(name).is_unknown())
}

/// Key of an entry by its whole identity.
pub fn full_key(entry: &Value, _side: Side) -> Option<String> {
    let id = EntryId::of_value(entry).filter(|_| !is_open(entry))?;
    Some(format!("{}\n{}\n{:?}\n{}", id.flavor, id.node_pool, id.step, id.step_type))
}

/// Key of an entry that leaves the type of its step to the service.
pub fn step_key(entry: &Value, side: Side) -> Option<String> {
    let id = EntryId::of_value(entry).filter(|_| !is_open(entry))?;
    if side == Side::Config && !id.step_type.is_empty() {
        return None;
    }
    Some(format!("{}\n{}\n{}", id.flavor, id.node_pool, id.step?))
}

/// Key of an entry that leaves its creating step to the service.
pub fn place_key(entry: &Value, side: Side) -> Option<String> {
    if side == Side::Config && (is_open(entry) || !entry.get("creating_step").is_null()) {
        return None;
    }
    EntryId::of_value(entry).map(|id| format!("{}\n{}", id.flavor, id.node_pool))
}

/// Key of an entry by its flavor alone: for an entry whose node pool the user
/// leaves to a service that names it in its own way. An entry with a node pool
/// of its own never takes the place of another.
pub fn flavor_key(entry: &Value, side: Side) -> Option<String> {
    let leaves_all = entry.get("node_pool").is_null() && entry.get("creating_step").is_null();
    if side == Side::Config && !leaves_all {
        return None;
    }
    entry.get("flavor").as_str().map(str::to_owned)
}

/// Key of a cluster.
pub fn cluster_key(cluster: &Value, _side: Side) -> Option<String> {
    cluster.get("provider_id").as_str().map(str::to_owned)
}

/// What is looked for among the entries of the service.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its identity as far as the user says.
    pub id: EntryId,
    /// Whether the node pool is left to the service.
    pub any_node_pool: bool,
    /// Whether the service is known to have it: then an entry that says
    /// nothing about its node pool or step may be it.
    pub is_known: bool,
}

impl Wanted {
    /// What an entry of a configuration, plan or state looks for.
    pub fn of_value(entry: &Value) -> Option<Self> {
        let any_node_pool = entry.get("node_pool").as_str().is_none();
        Some(Self { id: EntryId::of_value(entry)?, any_node_pool, is_known: true })
    }

    /// What an entry that the service has looks for.
    pub fn of(entry: &ResourceEntry) -> Self {
        let any_node_pool = entry.node_pool.is_none();
        Self { id: EntryId::of(entry), any_node_pool, is_known: true }
    }

    /// What an entry looks for that the service may have or not.
    pub fn maybe(entry: &ResourceEntry, is_known: bool) -> Self {
        Self { is_known, ..Self::of(entry) }
    }

    fn fits(&self, live: &ResourceEntry, other: &EntryId, by: By) -> bool {
        let place = self.id.flavor == other.flavor && self.id.node_pool == other.node_pool;
        match by {
            By::All => self.id == *other,
            By::Step => {
                place
                    && self.id.step.is_some()
                    && self.id.step_type.is_empty()
                    && self.id.step == other.step
            }
            By::Place => place && self.id.step.is_none(),
            By::Flavor => {
                self.any_node_pool && self.id.step.is_none() && self.id.flavor == other.flavor
            }
            By::WhatIsSaid => {
                let node_pool = live.node_pool.is_none() || self.id.node_pool == other.node_pool;
                let step = live.creating_step.is_none() || self.id.step == other.step;
                self.is_known && self.id.flavor == other.flavor && node_pool && step
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum By {
    All,
    Step,
    Place,
    Flavor,
    /// Some answers hold no more of an entry than its flavor and count.
    WhatIsSaid,
}

/// Where each wanted entry is among the live ones: first by whole identity,
/// then, for those that leave something to the service, by what they say.
pub fn align(wanted: &[Wanted], live: &[ResourceEntry]) -> Vec<Option<usize>> {
    let ids: Vec<EntryId> = live.iter().map(EntryId::of).collect();
    let mut found: Vec<Option<usize>> = vec![None; wanted.len()];
    for by in [By::All, By::Step, By::Place, By::Flavor, By::WhatIsSaid] {
        let mut taken: Vec<usize> = found.iter().flatten().copied().collect();
        for (slot, wanted) in found.iter_mut().zip(wanted).filter(|(slot, _)| slot.is_none()) {
            *slot = live
                .iter()
                .zip(&ids)
                .enumerate()
                .find(|(index, (live, id))| !taken.contains(index) && wanted.fits(live, id, by))
                .map(|(index, _)| index);
            taken.extend(*slot);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(flavor: &str, pool: &str, step: Option<i64>) -> ResourceEntry {
        ResourceEntry {
            flavor: flavor.to_owned(),
            node_pool: Some(pool.to_owned()),
            creating_step: step.map(|step| CreatingStep {
                step: Some(step),
                kind: Some("hyperinstance".to_owned()),
                ..CreatingStep::default()
            }),
            ..ResourceEntry::default()
        }
    }

    fn wanted(flavor: &str, pool: Option<&str>, step: Option<i64>, kind: Option<&str>) -> Wanted {
        Wanted {
            id: EntryId::new(flavor, pool).stepping(step, kind),
            any_node_pool: pool.is_none(),
            is_known: false,
        }
    }

    #[test]
    fn entries_of_one_place_are_told_apart_by_their_step() {
        let pool = [live("npu", "p", Some(4)), live("npu", "p", Some(2))];
        let hyper = Some("hyperinstance");
        let both =
            [wanted("npu", Some("p"), Some(2), hyper), wanted("npu", Some("p"), Some(4), hyper)];
        assert_eq!(align(&both, &pool), [Some(1), Some(0)]);
        let other = [wanted("npu", Some("p"), Some(8), hyper)];
        assert_eq!(align(&other, &pool), [None]);
    }

    #[test]
    fn what_the_user_leaves_out_is_no_difference() {
        let pool = [live("npu", "npu-default", Some(2)), live("cpu", "surprise", None)];
        assert_eq!(align(&[wanted("npu", None, None, None)], &pool), [Some(0)]);
        assert_eq!(align(&[wanted("npu", None, Some(2), None)], &pool), [Some(0)]);
        assert_eq!(align(&[wanted("cpu", None, None, None)], &pool), [Some(1)]);
        assert_eq!(align(&[wanted("cpu", Some("mine"), None, None)], &pool), [None]);
    }

    #[test]
    fn a_known_entry_is_found_in_an_answer_that_says_little() {
        let short =
            |flavor: &str| ResourceEntry { flavor: flavor.to_owned(), ..ResourceEntry::default() };
        let pool = [short("cpu"), short("npu")];
        let mut npu = wanted("npu", Some("mine"), Some(2), Some("rack"));
        assert_eq!(align(std::slice::from_ref(&npu), &pool), [None]);
        npu.is_known = true;
        assert_eq!(align(std::slice::from_ref(&npu), &pool), [Some(1)]);
        assert_eq!(align(&[npu], &[live("npu", "other", Some(2))]), [None]);
    }
}
