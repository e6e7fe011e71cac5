//! An entry as the service holds it, with what the user changed.
//!
//! A patch replaces the whole list of entries, so an entry is sent as it is,
//! all that the service added included, and only what differs between the
//! prior state and the plan is changed in it (API reference, patch pool,
//! semantics of resources). What the service does not return but the user has
//! set is sent again, because leaving it out could reset it.

use std::collections::BTreeMap;

use crate::modelarts::pool::{
    AzCount, DataVolume, EntryDriver, EntryNetwork, Os, ResourceEntry, RootVolume, Tag, Taint,
    VolumeGroupConfig,
};

use super::super::spec::PoolKind;
use super::super::volumes;

/// An entry to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The entry.
    pub entry: ResourceEntry,
    /// Whether the user changed something that the service does not show yet.
    pub changed: bool,
}

/// The live entry with what the user changed between `before` and `after`.
/// Without `before` the user has only just written the entry down.
pub fn merge(
    live: &ResourceEntry,
    before: Option<&ResourceEntry>,
    after: &ResourceEntry,
    kind: PoolKind,
) -> Merged {
    let none = ResourceEntry::default();
    let old = before.unwrap_or(&none);
    let mut entry = counts(live, before, after, kind);
    entry.extend_params = map(&live.extend_params, &old.extend_params, &after.extend_params);
    entry.labels = map(&live.labels, &old.labels, &after.labels);
    entry.taints = keyed(&live.taints, &old.taints, &after.taints, same_taint);
    entry.tags = keyed(&live.tags, &old.tags, &after.tags, same_tag);
    entry.os = os(live.os.as_ref(), old.os.as_ref(), after.os.as_ref());
    entry.network = object(&live.network, &old.network, &after.network, keep_network);
    entry.root_volume =
        object(&live.root_volume, &old.root_volume, &after.root_volume, keep_volume);
    entry.driver = object(&live.driver, &old.driver, &after.driver, keep_driver);
    entry.data_volumes = volumes(&live.data_volumes, &old.data_volumes, &after.data_volumes);
    entry.volume_group_configs = groups(live, old, after);
    let changed = entry != *live;
    Merged { entry, changed }
}

/// What the service does not return and the user has set is sent along.
pub fn restore(entry: &mut ResourceEntry, wanted: &ResourceEntry) {
    fn fill<T: Clone>(slot: &mut Option<T>, wanted: &Option<T>) {
        if slot.is_none() {
            slot.clone_from(wanted);
        }
    }
    fill(&mut entry.node_pool, &wanted.node_pool);
    // These belong to a number of nodes.
    if entry.count == wanted.count {
        fill(&mut entry.max_count, &wanted.max_count);
        fill(&mut entry.azs, &wanted.azs);
    }
    fill(&mut entry.extend_params, &wanted.extend_params);
    fill(&mut entry.labels, &wanted.labels);
    fill(&mut entry.taints, &wanted.taints);
    fill(&mut entry.tags, &wanted.tags);
    fill(&mut entry.os, &wanted.os);
    fill(&mut entry.network, &wanted.network);
    fill(&mut entry.root_volume, &wanted.root_volume);
    fill(&mut entry.driver, &wanted.driver);
    fill(&mut entry.data_volumes, &wanted.data_volumes);
    fill(&mut entry.volume_group_configs, &wanted.volume_group_configs);
    fill(&mut entry.creating_step, &wanted.creating_step);
}

fn counts(
    live: &ResourceEntry,
    before: Option<&ResourceEntry>,
    after: &ResourceEntry,
    kind: PoolKind,
) -> ResourceEntry {
    let mut entry = live.clone();
    if before.map(|spec| spec.count) != Some(after.count) {
        entry.count = after.count;
    }
    let user_max = after.max_count.filter(|max| before.and_then(|b| b.max_count) != Some(*max));
    if let Some(max) = user_max {
        entry.max_count = Some(max);
    } else if entry.count != live.count {
        // The service fills it in; it has to move along with the count.
        entry.max_count = live.max_count.map(|max| match kind {
            PoolKind::Dedicate => entry.count,
            PoolKind::Logical => max.max(entry.count),
        });
    }
    match &after.azs {
        Some(azs) if before.and_then(|spec| spec.azs.as_ref()) != Some(azs) => {
            let shown = sorted(entry.azs.as_deref()) == *azs;
            entry.azs = if shown { entry.azs } else { Some(azs.clone()) };
        }
        // Zones that the service chose for another number of nodes: it chooses anew.
        _ if entry.count != live.count && !adds_up(entry.azs.as_deref(), entry.count) => {
            entry.azs = None;
        }
        _ => {}
    }
    entry
}

fn sorted(azs: Option<&[AzCount]>) -> Vec<AzCount> {
    let mut azs = azs.unwrap_or_default().to_vec();
    azs.sort();
    azs
}

fn adds_up(azs: Option<&[AzCount]>, count: i64) -> bool {
    azs.is_none_or(|azs| azs.iter().map(|az| az.count).fold(0, i64::saturating_add) == count)
}

/// Keys that the user took out are removed, keys that the user changed are
/// set, all others stay.
fn map<T: Clone + PartialEq>(
    live: &Option<BTreeMap<String, T>>,
    before: &Option<BTreeMap<String, T>>,
    after: &Option<BTreeMap<String, T>>,
) -> Option<BTreeMap<String, T>> {
    if before == after {
        return live.clone();
    }
    let empty = BTreeMap::new();
    let (old, new) = (before.as_ref().unwrap_or(&empty), after.as_ref().unwrap_or(&empty));
    let mut merged = live.clone().unwrap_or_default();
    // Another value than the user's is the service's default, or somebody's.
    merged.retain(|key, value| old.get(key) != Some(value) || new.contains_key(key));
    for (key, value) in new {
        if live.is_none() || old.get(key) != Some(value) {
            merged.insert(key.clone(), value.clone());
        }
    }
    (live.is_some() || !merged.is_empty()).then_some(merged)
}

/// The same for lists whose items have a key.
fn keyed<T: Clone + PartialEq>(
    live: &Option<Vec<T>>,
    before: &Option<Vec<T>>,
    after: &Option<Vec<T>>,
    same: impl Fn(&T, &T) -> bool,
) -> Option<Vec<T>> {
    if before == after {
        return live.clone();
    }
    let (old, new) = (before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default());
    let has = |items: &[T], item: &T| items.iter().any(|other| same(item, other));
    let mut merged = live.clone().unwrap_or_default();
    merged.retain(|item| !has(old, item) || has(new, item));
    for item in new.iter().filter(|item| live.is_none() || !old.contains(item)) {
        match merged.iter_mut().find(|other| same(item, other)) {
            Some(slot) => slot.clone_from(item),
            None => merged.push(item.clone()),
        }
    }
    (live.is_some() || !merged.is_empty()).then_some(merged)
}

/// A group that the user changed keeps what the service added to it.
fn groups(
    live: &ResourceEntry,
    before: &ResourceEntry,
    after: &ResourceEntry,
) -> Option<Vec<VolumeGroupConfig>> {
    let (there, old, new) =
        (&live.volume_group_configs, &before.volume_group_configs, &after.volume_group_configs);
    let mut merged = keyed(there, old, new, same_group);
    for group in merged.iter_mut().flatten() {
        if let Some(live) = there.iter().flatten().find(|live| same_group(live, group)) {
            group.extra.clone_from(&live.extra);
        }
    }
    merged
}

fn same_taint(one: &Taint, other: &Taint) -> bool {
    one.key == other.key && one.effect == other.effect
}

fn same_tag(one: &Tag, other: &Tag) -> bool {
    one.key == other.key
}

fn same_group(one: &VolumeGroupConfig, other: &VolumeGroupConfig) -> bool {
    one.volume_group == other.volume_group
}

/// `keep` lets the new object have what the service added to the old one, and
/// be written as the service writes it.
fn object<T: Clone + PartialEq>(
    live: &Option<T>,
    before: &Option<T>,
    after: &Option<T>,
    keep: impl Fn(&T, &mut T),
) -> Option<T> {
    if before == after {
        return live.clone();
    }
    let mut new = after.clone()?;
    if let Some(live) = live {
        keep(live, &mut new);
    }
    Some(new)
}

fn keep_network(live: &EntryNetwork, new: &mut EntryNetwork) {
    new.extra.clone_from(&live.extra);
}

fn keep_volume(live: &RootVolume, new: &mut RootVolume) {
    new.extra.clone_from(&live.extra);
    keep_size(&live.size, &mut new.size);
}

/// The service may write a size in another way than we do.
fn keep_size(live: &Option<String>, new: &mut Option<String>) {
    let gib = |size: &Option<String>| size.as_deref().and_then(crate::modelarts::pool::gib);
    if gib(live).is_some() && gib(live) == gib(new) {
        new.clone_from(live);
    }
}

/// A strategy says nothing while the version stays.
fn keep_driver(live: &EntryDriver, new: &mut EntryDriver) {
    new.extra.clone_from(&live.extra);
    if new.version.is_none() || new.version == live.version {
        new.clone_from(live);
    }
}

/// The plan says which parts of an image stay and which the service chooses.
fn os(live: Option<&Os>, before: Option<&Os>, after: Option<&Os>) -> Option<Os> {
    let Some(new) = after.filter(|_| before != after) else { return live.cloned() };
    let mut new = new.clone();
    if let Some(live) = live {
        new.extra.clone_from(&live.extra);
        // What is left open and what is shown already is no change.
        let open = |new: &Option<String>, live: &Option<String>| new.is_none() || new == live;
        if open(&new.name, &live.name)
            && open(&new.image_id, &live.image_id)
            && open(&new.image_type, &live.image_type)
        {
            return Some(live.clone());
        }
    }
    Some(new)
}

fn volumes(
    live: &Option<Vec<DataVolume>>,
    before: &Option<Vec<DataVolume>>,
    after: &Option<Vec<DataVolume>>,
) -> Option<Vec<DataVolume>> {
    if before == after {
        return live.clone();
    }
    let there = live.as_deref().unwrap_or_default();
    let (old, new) = (before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default());
    let known: Vec<usize> = volumes::align(old, there).into_iter().flatten().collect();
    let mut merged = Vec::new();
    let found = volumes::align(new, there);
    for (volume, at) in new.iter().zip(&found) {
        let mut volume = volume.clone();
        if let Some(live) = at.and_then(|at| there.get(at)) {
            volume.extra.clone_from(&live.extra);
            keep_size(&live.size, &mut volume.size);
            volume.count = volume.count.or(live.count);
            let paired = old.iter().zip(volumes::align(old, there)).find(|(_, o)| o == at);
            let before = paired.and_then(|(volume, _)| volume.extend_params.clone());
            volume.extend_params = map(&live.extend_params, &before, &volume.extend_params);
        }
        merged.push(volume);
    }
    // Volumes that somebody else added stay.
    let foreign = |index: &usize| !known.contains(index) && !found.contains(&Some(*index));
    merged.extend((0..there.len()).filter(foreign).filter_map(|index| there.get(index).cloned()));
    let same = merged.len() == there.len() && merged.iter().all(|volume| there.contains(volume));
    if same {
        return live.clone();
    }
    (live.is_some() || !merged.is_empty()).then_some(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(json: serde_json::Value) -> ResourceEntry {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_the_service_added_to_a_part_survives_a_change_of_it() {
        let live = entry(json!({
            "flavor": "f", "count": 1,
            "network": { "subnet": "a", "added": 1 },
            "rootVolume": { "volumeType": "SSD", "size": "100", "added": 1 },
            "dataVolumes": [{ "volumeType": "SSD", "size": "100Gi", "added": 1,
                "extendParams": { "volumeGroup": "g", "billing": "on" } }],
            "volumeGroupConfigs": [{ "volumeGroup": "g", "dockerThinPool": 40, "added": 1 }],
        }));
        let wanted = |subnet: &str, size: u32, percent: u32| {
            entry(json!({
                "flavor": "f", "count": 1,
                "network": { "subnet": subnet },
                "rootVolume": { "volumeType": "SSD", "size": format!("{size}Gi") },
                "dataVolumes": [{ "volumeType": "SSD", "size": format!("{size}Gi"),
                    "extendParams": { "volumeGroup": "g" } }],
                "volumeGroupConfigs": [{ "volumeGroup": "g", "dockerThinPool": percent }],
            }))
        };
        let (before, after) = (wanted("a", 100, 40), wanted("b", 200, 60));
        let merged = merge(&live, Some(&before), &after, PoolKind::Dedicate);
        let sent = serde_json::to_value(merged.entry).unwrap();
        assert_eq!(
            sent,
            json!({
                "flavor": "f", "count": 1,
                "network": { "subnet": "b", "added": 1 },
                "rootVolume": { "volumeType": "SSD", "size": "200Gi", "added": 1 },
                "dataVolumes": [{ "volumeType": "SSD", "size": "200Gi", "added": 1,
                    "extendParams": { "volumeGroup": "g", "billing": "on" } }],
                "volumeGroupConfigs":
                    [{ "volumeGroup": "g", "dockerThinPool": 60, "added": 1 }],
            })
        );
        let same = merge(&live, Some(&before), &before, PoolKind::Dedicate);
        assert!(!same.changed);
    }
}
