//! An entry of `resources`, as the service is asked for it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modelarts::pool::{self, ResourceEntry, Tag};
use crate::tf::model::{Map, Mismatch, Tf};

use super::super::schema::{
    Az, CreatingStep, DataVolume, Entry, EntryDriver, EntryNetwork, Os, RootVolume, Taint,
    VolumeGroupConfig,
};
use super::{required, sorted, text_map};

/// What an entry of a plan or a state asks for. Unknown values are left to the
/// service, as are those left out; an object in which everything is left to the
/// service asks for nothing.
///
/// # Errors
/// What every entry of a plan has and this one has not.
pub fn entry(entry: &Entry) -> Result<ResourceEntry, Mismatch> {
    Ok(ResourceEntry {
        flavor: required(&entry.flavor, Entry::FLAVOR)?,
        count: required(&entry.count, Entry::COUNT)?,
        max_count: entry.max_count.get(),
        azs: entry.azs.known().map(|azs| in_order(azs.known().map(az))).transpose()?,
        node_pool: entry.node_pool.cloned(),
        extend_params: params(&entry.extend_params),
        os: asked(entry.os.known().map(os)),
        labels: texts(&entry.labels),
        taints: entry.taints.known().map(|all| in_order(all.known().map(taint))).transpose()?,
        tags: texts(&entry.tags)
            .map(|tags| tags.into_iter().map(|(key, value)| Tag { key, value }).collect()),
        network: asked(entry.network.known().map(network)),
        root_volume: entry.root_volume.known().map(root_volume),
        data_volumes: entry.data_volumes.known().map(|all| all.known().map(volume).collect()),
        volume_group_configs: entry
            .volume_group_configs
            .known()
            .map(|all| all.known().map(group).collect()),
        creating_step: entry.creating_step.known().map(step),
        driver: asked(entry.driver.known().map(driver)),
        ..ResourceEntry::default()
    })
}

/// An object that asks for something.
fn asked<T: Default + PartialEq>(object: Option<T>) -> Option<T> {
    object.filter(|object| *object != T::default())
}

/// Sets have no order of their own; requests do.
fn in_order<T: Ord>(items: impl Iterator<Item = Result<T, Mismatch>>) -> Result<Vec<T>, Mismatch> {
    let mut items = items.collect::<Result<Vec<_>, _>>()?;
    items.sort();
    Ok(items)
}

fn texts(map: &Tf<Map<String>>) -> Option<BTreeMap<String, String>> {
    map.is_known().then(|| text_map(map))
}

fn params(map: &Tf<Map<String>>) -> Option<BTreeMap<String, Json>> {
    texts(map).map(|all| all.into_iter().map(|(key, text)| (key, Json::String(text))).collect())
}

/// The service wants a text with a unit.
fn size(gib: &Tf<i64>) -> Option<String> {
    gib.get().map(|gib| format!("{gib}Gi"))
}

fn az(az: &Az) -> Result<pool::AzCount, Mismatch> {
    Ok(pool::AzCount { az: required(&az.az, Az::AZ)?, count: required(&az.count, Az::COUNT)? })
}

fn os(os: &Os) -> pool::Os {
    pool::Os {
        name: os.name.cloned(),
        image_id: os.image_id.cloned(),
        image_type: os.image_type.cloned(),
        ..pool::Os::default()
    }
}

fn taint(taint: &Taint) -> Result<pool::Taint, Mismatch> {
    Ok(pool::Taint {
        key: required(&taint.key, Taint::KEY)?,
        value: taint.value.cloned(),
        effect: taint.effect.cloned(),
    })
}

fn network(network: &EntryNetwork) -> pool::EntryNetwork {
    pool::EntryNetwork {
        vpc: network.vpc.cloned(),
        subnet: network.subnet.cloned(),
        security_groups: sorted(&network.security_groups),
        ..pool::EntryNetwork::default()
    }
}

fn root_volume(volume: &RootVolume) -> pool::RootVolume {
    pool::RootVolume {
        volume_type: volume.volume_type.cloned(),
        size: size(&volume.size),
        ..pool::RootVolume::default()
    }
}

fn volume(volume: &DataVolume) -> pool::DataVolume {
    pool::DataVolume {
        volume_type: volume.volume_type.cloned(),
        size: size(&volume.size),
        count: volume.count.get(),
        extend_params: params(&volume.extend_params),
        ..pool::DataVolume::default()
    }
}

fn group(group: &VolumeGroupConfig) -> pool::VolumeGroupConfig {
    pool::VolumeGroupConfig {
        volume_group: group.volume_group.cloned(),
        docker_thin_pool: group.docker_thin_pool.get(),
        lvm_config: group
            .lvm_config
            .known()
            .map(|lvm| pool::LvmConfig { lv_type: lvm.lv_type.cloned(), path: lvm.path.cloned() }),
        types: sorted(&group.types),
        ..pool::VolumeGroupConfig::default()
    }
}

fn step(step: &CreatingStep) -> pool::CreatingStep {
    pool::CreatingStep {
        step: step.step.get(),
        kind: step.r#type.cloned(),
        ..pool::CreatingStep::default()
    }
}

fn driver(driver: &EntryDriver) -> pool::EntryDriver {
    pool::EntryDriver {
        version: driver.version.cloned(),
        update_strategy: driver.update_strategy.cloned(),
        ..pool::EntryDriver::default()
    }
}
