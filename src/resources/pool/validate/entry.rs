//! `resources`: the nodes of a pool.

use std::collections::BTreeMap;

use crate::resources::rules::{Place, filled, one_of, positive, whole};
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{List, Map, Set, Tf};

use super::super::identity::EntryId;
use super::super::of_user::RESERVED_TAG_PREFIXES;
use super::super::schema::{
    Az, CreatingStep, Entry, EntryDriver, EntryNetwork, Os, PoolModel, Taint,
};
use super::super::spec::PoolKind;
use super::{kind, volumes};

/// Flavors per pool (user guide).
const SAFE_ENTRIES: usize = 10;
/// Nodes of an entry in one zone (API reference, restrictions).
const MAX_AZ_COUNT: i64 = 2000;
/// Tags of a pool (API reference, restrictions).
const SAFE_TAGS: usize = 20;

/// Finds mistakes in the entries.
pub fn check(pool: &PoolModel, found: &mut Diagnostics) {
    let Some(entries) = pool.resources.known() else { return };
    let place = Place::of(PoolModel::RESOURCES);
    if entries.is_empty() {
        place.error("No nodes", "A pool has at least one entry in resources.", found);
    }
    if entries.len() > SAFE_ENTRIES {
        let detail = format!(
            "resources has {} entries. Most regions accept no more than {SAFE_ENTRIES}.",
            entries.len()
        );
        place.warn("Many entries", detail, found);
    }
    let kind = kind::of(pool);
    for (index, item) in entries.iter().enumerate() {
        if let Some(item) = item.known() {
            entry(item, &place.index(index), kind, found);
        }
    }
    duplicates(entries, &place, found);
}

fn entry(item: &Entry, place: &Place, kind: Option<PoolKind>, found: &mut Diagnostics) {
    filled(&item.flavor, &place.attribute(Entry::FLAVOR), found);
    let count = positive(&item.count, &place.attribute(Entry::COUNT), found);
    max_count(item, count, kind, &place.attribute(Entry::MAX_COUNT), found);
    creating_step(item, count, place, found);
    node_pool(&item.node_pool, &place.attribute(Entry::NODE_POOL), found);
    azs(item, count, &place.attribute(Entry::AZS), found);
    if let Some(os) = item.os.known() {
        let place = place.attribute(Entry::OS).attribute(Os::IMAGE_TYPE);
        one_of(&os.image_type, &place, &["private", ""], found);
    }
    taints(&item.taints, &place.attribute(Entry::TAINTS), found);
    tags(&item.tags, &place.attribute(Entry::TAGS), found);
    if let Some(network) = item.network.known() {
        let place = place.attribute(Entry::NETWORK);
        filled(&network.vpc, &place.attribute(EntryNetwork::VPC), found);
        filled(&network.subnet, &place.attribute(EntryNetwork::SUBNET), found);
    }
    volumes::check(item, place, found);
    if let Some(driver) = item.driver.known() {
        let of_version = place.attribute(Entry::DRIVER).attribute(EntryDriver::VERSION);
        filled(&driver.version, &of_version, found);
        let place = place.attribute(Entry::DRIVER).attribute(EntryDriver::UPDATE_STRATEGY);
        one_of(&driver.update_strategy, &place, &["force", "idle"], found);
    }
}

fn max_count(
    item: &Entry,
    count: Option<i64>,
    kind: Option<PoolKind>,
    place: &Place,
    found: &mut Diagnostics,
) {
    let max = positive(&item.max_count, place, found);
    let (Some(count), Some(max), Some(kind)) = (count, max, kind) else { return };
    let wrong = match kind {
        PoolKind::Dedicate if max != count => "must equal count in a pool of type \"Dedicate\"",
        PoolKind::Logical if max < count => "must be at least count",
        _ => return,
    };
    let detail = format!("{place} is {max} and count is {count}: max_count {wrong}.");
    place.error("Invalid max_count", detail, found);
}

fn creating_step(item: &Entry, count: Option<i64>, place: &Place, found: &mut Diagnostics) {
    let Some(step) = item.creating_step.known() else { return };
    let of_step = place.attribute(Entry::CREATING_STEP);
    one_of(&step.r#type, &of_step.attribute(CreatingStep::TYPE), &["hyperinstance", "rack"], found);
    let step = positive(&step.step, &of_step.attribute(CreatingStep::STEP), found);
    let of_count = place.attribute(Entry::COUNT);
    if let (Some(count), Some(step)) = (count, step)
        && count.checked_rem(step) != Some(0)
    {
        let detail = format!(
            "{of_count} is {count}, but the nodes are made {step} at a time \
             (creating_step.step). Use a multiple of {step}."
        );
        of_count.error("Number not allowed", detail, found);
    }
}

fn node_pool(field: &Tf<String>, place: &Place, found: &mut Diagnostics) {
    let Some(name) = field.known() else { return };
    let ok = (1..=50).contains(&name.chars().count())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
    if !ok {
        let detail = format!(
            "{place} is {name:?}. Use 1 to 50 lower-case letters, digits and hyphens; start \
             with a letter and do not end with a hyphen."
        );
        place.error("Invalid node pool name", detail, found);
    }
}

fn azs(item: &Entry, count: Option<i64>, place: &Place, found: &mut Diagnostics) {
    let Some(azs) = item.azs.known() else { return };
    if azs.is_empty() {
        let detail = format!(
            "{place} is empty. List at least one zone, or leave azs out and the service spreads \
             the nodes."
        );
        place.error("No availability zone", detail, found);
        return;
    }
    let mut sum: Option<i64> = Some(0);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for az in azs {
        let Some(az) = az.known() else {
            sum = None;
            continue;
        };
        sum = az_count(az, place, found).zip(sum).and_then(|(n, sum)| sum.checked_add(n));
        if let Some(name) = az.az.known() {
            *seen.entry(name).or_default() += 1;
        }
    }
    for (name, times) in seen.into_iter().filter(|(_, times)| *times > 1) {
        let detail =
            format!("{place} names the zone {name:?} {times} times. Put its nodes in one item.");
        place.error("Zone named twice", detail, found);
    }
    if let (Some(sum), Some(count)) = (sum, count)
        && sum != count
    {
        let detail = format!(
            "The counts in {place} add up to {sum}, but count is {count}. Make them agree."
        );
        place.error("Zone counts do not add up", detail, found);
    }
}

fn az_count(az: &Az, place: &Place, found: &mut Diagnostics) -> Option<i64> {
    let zone = az.az.known().map_or("a zone".to_owned(), |zone| format!("zone {zone:?}"));
    let place = place.element(&zone);
    filled(&az.az, &place.attribute(Az::AZ), found);
    whole(&az.count, &place.attribute(Az::COUNT), 1..=MAX_AZ_COUNT, found)
}

fn taints(field: &Tf<Set<Taint>>, place: &Place, found: &mut Diagnostics) {
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for taint in field.known().into_iter().flat_map(Set::known) {
        let key = taint.key.known().map_or("a taint".to_owned(), |key| format!("taint {key:?}"));
        let of_taint = place.element(&key);
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        filled(&taint.key, &of_taint.attribute(Taint::KEY), found);
        one_of(&taint.effect, &of_taint.attribute(Taint::EFFECT), &effects, found);
        if let (Some(key), Some(effect)) = (taint.key.known(), taint.effect.known()) {
            *seen.entry((key, effect)).or_default() += 1;
        }
    }
    for ((key, effect), times) in seen.into_iter().filter(|(_, times)| *times > 1) {
        let detail = format!(
            "{place} has {times} taints with key {key:?} and effect {effect:?}. A node has one \
             value for them: keep one."
        );
        place.error("Taint written twice", detail, found);
    }
}

fn tags(field: &Tf<Map<String>>, place: &Place, found: &mut Diagnostics) {
    let Some(tags) = field.known() else { return };
    for key in tags.keys() {
        if let Some(prefix) = RESERVED_TAG_PREFIXES.iter().find(|prefix| key.starts_with(*prefix)) {
            let detail = format!(
                "The key {key:?} starts with {prefix:?}, which the service keeps for itself. Use \
                 another key."
            );
            place.key(key).error("Reserved key", detail, found);
        }
    }
    if tags.len() > SAFE_TAGS {
        let detail = format!(
            "{place} has {} tags. The service may refuse more than {SAFE_TAGS}; use fewer.",
            tags.len()
        );
        place.warn("Many tags", detail, found);
    }
}

fn duplicates(entries: &List<Entry>, place: &Place, found: &mut Diagnostics) {
    let mut first: BTreeMap<EntryId, usize> = BTreeMap::new();
    for (index, item) in entries.iter().enumerate() {
        let Some(id) = item.known().and_then(identity) else { continue };
        if let Some(earlier) = first.get(&id) {
            let detail = format!(
                "resources[{earlier}] and resources[{index}] both describe {id}. Put their nodes \
                 in one entry, or give them different node_pool names."
            );
            place.index(index).error("Entry described twice", detail, found);
        } else {
            first.insert(id, index);
        }
    }
}

/// The identity of an entry, unless part of it is decided later.
fn identity(item: &Entry) -> Option<EntryId> {
    let step = item.creating_step.known();
    let open = item.node_pool.is_unknown()
        || item.creating_step.is_unknown()
        || step.is_some_and(|step| step.step.is_unknown() || step.r#type.is_unknown());
    if open { None } else { EntryId::of_model(item) }
}
