//! What a plan or a state asks for, as the service is told it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modelarts::pool::{
    AzCount, CreatingStep, DataVolume, EntryDriver, EntryNetwork, LvmConfig, Os, ResourceEntry,
    RootVolume, Tag, Taint, VolumeGroupConfig,
};
use crate::tf::value::Value;

/// What a plan or a state asks for. Unknown values are left to the service,
/// as are those left out; an object in which everything is left to the service
/// asks for nothing.
pub fn wanted(entry: &Value) -> ResourceEntry {
    ResourceEntry {
        flavor: text(entry, "flavor").unwrap_or_default(),
        count: entry.get("count").as_i64().unwrap_or_default(),
        max_count: entry.get("max_count").as_i64(),
        azs: items(entry, "azs").map(|azs| {
            let mut azs: Vec<AzCount> = azs
                .iter()
                .map(|az| AzCount {
                    az: text(az, "az").unwrap_or_default(),
                    count: az.get("count").as_i64().unwrap_or_default(),
                })
                .collect();
            azs.sort();
            azs
        }),
        node_pool: text(entry, "node_pool"),
        extend_params: params(entry),
        os: asked(object(entry, "os").map(|os| Os {
            name: text(os, "name"),
            image_id: text(os, "image_id"),
            image_type: text(os, "image_type"),
            ..Os::default()
        })),
        labels: texts_by_key(entry, "labels"),
        taints: items(entry, "taints").map(|taints| {
            let mut taints: Vec<Taint> = taints
                .iter()
                .map(|taint| Taint {
                    key: text(taint, "key").unwrap_or_default(),
                    value: text(taint, "value"),
                    effect: text(taint, "effect"),
                })
                .collect();
            taints.sort();
            taints
        }),
        tags: texts_by_key(entry, "tags")
            .map(|tags| tags.into_iter().map(|(key, value)| Tag { key, value }).collect()),
        network: asked(object(entry, "network").map(|network| EntryNetwork {
            vpc: text(network, "vpc"),
            subnet: text(network, "subnet"),
            security_groups: texts(network, "security_groups"),
            ..EntryNetwork::default()
        })),
        root_volume: object(entry, "root_volume").map(|volume| RootVolume {
            volume_type: text(volume, "volume_type"),
            size: size(volume),
            ..RootVolume::default()
        }),
        data_volumes: items(entry, "data_volumes")
            .map(|volumes| volumes.iter().map(wanted_volume).collect()),
        volume_group_configs: items(entry, "volume_group_configs")
            .map(|groups| groups.iter().map(wanted_group).collect()),
        creating_step: object(entry, "creating_step").map(|step| CreatingStep {
            step: step.get("step").as_i64(),
            kind: text(step, "type"),
            ..CreatingStep::default()
        }),
        driver: asked(object(entry, "driver").map(|driver| EntryDriver {
            version: text(driver, "version"),
            update_strategy: text(driver, "update_strategy"),
            ..EntryDriver::default()
        })),
        ..ResourceEntry::default()
    }
}

pub(super) fn wanted_volume(volume: &Value) -> DataVolume {
    DataVolume {
        volume_type: text(volume, "volume_type"),
        size: size(volume),
        count: volume.get("count").as_i64(),
        extend_params: params(volume),
        ..DataVolume::default()
    }
}

fn wanted_group(group: &Value) -> VolumeGroupConfig {
    VolumeGroupConfig {
        volume_group: text(group, "volume_group"),
        docker_thin_pool: group.get("docker_thin_pool").as_i64(),
        lvm_config: object(group, "lvm_config")
            .map(|lvm| LvmConfig { lv_type: text(lvm, "lv_type"), path: text(lvm, "path") }),
        types: texts(group, "types"),
        ..VolumeGroupConfig::default()
    }
}

/// An object that asks for something.
fn asked<T: Default + PartialEq>(object: Option<T>) -> Option<T> {
    object.filter(|object| *object != T::default())
}

fn object<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let member = value.get(name);
    matches!(member, Value::Object(_)).then_some(member)
}

fn items<'a>(value: &'a Value, name: &str) -> Option<&'a [Value]> {
    value.get(name).elements()
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).as_str().map(str::to_owned)
}

fn texts(value: &Value, name: &str) -> Option<Vec<String>> {
    let mut all: Vec<String> =
        items(value, name)?.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
    all.sort();
    Some(all)
}

fn texts_by_key(value: &Value, name: &str) -> Option<BTreeMap<String, String>> {
    let Value::Map(entries) = value.get(name) else { return None };
    Some(entries.iter().filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect())
}

fn params(value: &Value) -> Option<BTreeMap<String, Json>> {
    let all = texts_by_key(value, "extend_params")?;
    Some(all.into_iter().map(|(key, value)| (key, Json::String(value))).collect())
}

/// The service wants a text with a unit.
fn size(volume: &Value) -> Option<String> {
    volume.get("size").as_i64().map(|gib| format!("{gib}Gi"))
}
