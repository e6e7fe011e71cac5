//! Which planned entry is which entry of the prior state, for all that a plan
//! says about nodes.

use std::collections::BTreeMap;

use crate::tf::model::Model;
use crate::tf::value::Value;

use super::super::identity::{self, EntryId};
use super::super::schema::{Entry, PoolModel};
use super::entries;

/// The entries of a prior state and of a plan.
pub struct Pairs<'a> {
    /// What there is, with what becomes of it: nothing when it goes.
    old: Vec<(&'a Entry, Option<&'a Entry>)>,
    /// What is planned and not there.
    new: Vec<&'a Entry>,
    /// Whether every entry of the plan is known.
    is_whole: bool,
}

impl<'a> Pairs<'a> {
    /// Pairs the entries of a plan with those of the prior state, if there is one.
    pub fn of(prior: Option<&'a PoolModel>, planned: &'a PoolModel) -> Self {
        let before: Vec<_> = prior.into_iter().flat_map(entries).collect();
        let after: Vec<_> = entries(planned).collect();
        let places = identity::prior_places(&values(&after), &values(&before));
        let becomes = |index: usize| {
            let position = places.iter().position(|place| *place == Some(index))?;
            after.get(position).copied()
        };
        let old = before.iter().enumerate().map(|(index, old)| (*old, becomes(index))).collect();
        let without = after.iter().zip(&places).filter(|(_, place)| place.is_none());
        Self {
            old,
            new: without.map(|(entry, _)| *entry).collect(),
            is_whole: planned.resources.known().is_some_and(|list| list.is_known()),
        }
    }

    /// Entries that lose nodes for certain, with how many.
    pub fn losses(&self) -> Vec<(&'a Entry, i64)> {
        if !self.is_whole {
            return Vec::new();
        }
        let lost = |(old, new): &(&'a Entry, Option<&'a Entry>)| {
            let left = match new {
                Some(new) => new.count.get()?,
                None if self.new.iter().any(|new| may_become(old, new)) => return None,
                None => 0,
            };
            let lost = old.count.get()? - left;
            (lost > 0).then_some((*old, lost))
        };
        self.old.iter().filter_map(lost).collect()
    }

    /// Every entry of the plan, with what it was if it was there.
    pub fn all(&self) -> impl Iterator<Item = (Option<&'a Entry>, &'a Entry)> {
        let changed = self.old.iter().filter_map(|(old, new)| Some((Some(*old), (*new)?)));
        changed.chain(self.new.iter().map(|new| (None, *new)))
    }

    /// Entries that are new or get more nodes, with what they were.
    pub fn growing(&self) -> impl Iterator<Item = (Option<&'a Entry>, &'a Entry)> {
        let more = |(old, new): &(&'a Entry, Option<&'a Entry>)| {
            let new = (*new)?;
            let grows = new.count.get()? > old.count.get().unwrap_or(0);
            (grows || zones_grow(old, new)).then_some((Some(*old), new))
        };
        self.old.iter().filter_map(more).chain(self.new.iter().map(|new| (None, *new)))
    }

    /// Number of nodes that are added, as far as it is known.
    pub fn added(&self) -> i64 {
        let grown = |(old, new): &(&Entry, Option<&Entry>)| {
            Some((*new)?.count.get()? - old.count.get().unwrap_or(0))
        };
        let grown = self.old.iter().filter_map(grown);
        let new = self.new.iter().filter_map(|entry| entry.count.get());
        grown.chain(new).filter(|added| *added > 0).fold(0, i64::saturating_add)
    }
}

/// Says whether nodes move into a zone.
fn zones_grow(old: &Entry, new: &Entry) -> bool {
    let zones = |entry: &'_ Entry| {
        let zones = entry.azs.known().into_iter().flat_map(|zones| zones.known());
        zones
            .filter_map(|zone| Some((zone.az.cloned()?, zone.count.get()?)))
            .collect::<BTreeMap<_, _>>()
    };
    let before = zones(old);
    old.azs.is_known() && zones(new).iter().any(|(zone, n)| n > before.get(zone).unwrap_or(&0))
}

fn values(entries: &[&Entry]) -> Vec<Value> {
    entries.iter().map(|entry| entry.to_value()).collect()
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
