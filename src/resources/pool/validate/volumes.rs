//! Disks of the nodes and the groups that they belong to.

use std::collections::{BTreeMap, BTreeSet};

use crate::resources::rules::{Place, any_of, filled, one_of, positive, whole};
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{Set, Tf};

use super::super::schema::{DataVolume, Entry, LvmConfig, RootVolume, VolumeGroupConfig};
use super::super::volumes::VOLUME_GROUP;

/// The group whose disk the containers share.
const CONTAINERS: &str = "vgpaas";

/// Finds mistakes in the disks of an entry.
pub fn check(item: &Entry, place: &Place, found: &mut Diagnostics) {
    if let Some(root) = item.root_volume.known() {
        let place = place.attribute(Entry::ROOT_VOLUME);
        filled(&root.volume_type, &place.attribute(RootVolume::VOLUME_TYPE), found);
        positive(&root.size, &place.attribute(RootVolume::SIZE), found);
    }
    let data = place.attribute(Entry::DATA_VOLUMES);
    for (index, disk) in item.data_volumes.known().into_iter().flatten().enumerate() {
        if let Some(disk) = disk.known() {
            data_volume(disk, &data.index(index), found);
        }
    }
    let configs = place.attribute(Entry::VOLUME_GROUP_CONFIGS);
    groups(item, &configs, found);
    described(item, &configs, found);
}

fn data_volume(disk: &DataVolume, place: &Place, found: &mut Diagnostics) {
    filled(&disk.volume_type, &place.attribute(DataVolume::VOLUME_TYPE), found);
    positive(&disk.size, &place.attribute(DataVolume::SIZE), found);
    positive(&disk.count, &place.attribute(DataVolume::COUNT), found);
    grouped(disk, &place.attribute(DataVolume::EXTEND_PARAMS), found);
}

/// Every data volume names its group. One that is null is found with the
/// other nulls.
fn grouped(volume: &DataVolume, place: &Place, found: &mut Diagnostics) {
    let named = match &volume.extend_params {
        Tf::Null => false,
        Tf::Unknown => true,
        Tf::Known(params) => params
            .0
            .get(VOLUME_GROUP)
            .is_some_and(|group| group.known().is_none_or(|group| !group.is_empty())),
    };
    if !named {
        let detail = format!(
            "{place} has no {VOLUME_GROUP}, which a data volume must have: set it to the name of \
             a group such as {CONTAINERS:?} and describe that group in volume_group_configs."
        );
        place.error("Volume group missing", detail, found);
    }
}

/// Every group that a data volume names is described.
fn described(item: &Entry, place: &Place, found: &mut Diagnostics) {
    let Some(described) = described_groups(item) else { return };
    let disks = item.data_volumes.known().into_iter().flat_map(|disks| disks.known());
    let params = disks.filter_map(|disk| disk.extend_params.known()?.get(VOLUME_GROUP));
    let named: BTreeSet<&str> =
        params.map(String::as_str).filter(|group| !group.is_empty()).collect();
    for group in named.difference(&described) {
        let detail = format!(
            "data_volumes names the group {group:?}, but {place} has no item for it. Add \
             {{ volume_group = {group:?} }}."
        );
        place.error("Volume group not described", detail, found);
    }
}

/// The groups of `volume_group_configs`; `None` while they are not all known.
fn described_groups(item: &Entry) -> Option<BTreeSet<&str>> {
    match &item.volume_group_configs {
        Tf::Null => Some(BTreeSet::new()),
        Tf::Unknown => None,
        Tf::Known(groups) => {
            groups.iter().map(|group| group.known()?.volume_group.text()).collect()
        }
    }
}

fn groups(item: &Entry, place: &Place, found: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for config in item.volume_group_configs.known().into_iter().flat_map(Set::known) {
        group(config, place, found);
        if let Some(name) = config.volume_group.known() {
            *seen.entry(name).or_default() += 1;
        }
    }
    for (name, times) in seen.into_iter().filter(|(_, times)| *times > 1) {
        let detail =
            format!("{place} describes the group {name:?} {times} times. Make it one item.");
        place.error("Volume group described twice", detail, found);
    }
}

fn group(config: &VolumeGroupConfig, place: &Place, found: &mut Diagnostics) {
    let name = config.volume_group.known();
    let called = name.map_or("a group".to_owned(), |name| format!("group {name:?}"));
    let place = place.element(&called);
    filled(&config.volume_group, &place.attribute(VolumeGroupConfig::VOLUME_GROUP), found);
    let thin = place.attribute(VolumeGroupConfig::DOCKER_THIN_POOL);
    whole(&config.docker_thin_pool, &thin, 0..=100, found);
    if config.docker_thin_pool.known().is_some() && name.is_some_and(|name| name != CONTAINERS) {
        let detail =
            format!("{thin} is set, but only {CONTAINERS:?} holds containers. Take it out.");
        thin.error("Attribute not allowed", detail, found);
    }
    if let Some(lvm) = config.lvm_config.known() {
        lvm_config(lvm, &place.attribute(VolumeGroupConfig::LVM_CONFIG), found);
    }
    any_of(&config.types, &place.attribute(VolumeGroupConfig::TYPES), &["volume", "local"], found);
}

fn lvm_config(lvm: &LvmConfig, place: &Place, found: &mut Diagnostics) {
    one_of(&lvm.lv_type, &place.attribute(LvmConfig::LV_TYPE), &["linear", "striped"], found);
    let Some(path) = lvm.path.known() else { return };
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/".contains(c);
    if !path.starts_with('/') || !path.chars().all(allowed) {
        let place = place.attribute(LvmConfig::PATH);
        let detail = format!(
            "{place} is {path:?}. Use an absolute path of letters, digits, `.`, `-`, `_` and `/`, \
             such as \"/data\"."
        );
        place.error("Invalid mount path", detail, found);
    }
}
