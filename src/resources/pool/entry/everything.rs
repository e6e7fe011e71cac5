//! All that the service says about an entry, as a value.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modelarts::pool::{AzCount, DataVolume, ResourceEntry, Taint, VolumeGroupConfig, gib};
use crate::tf::value::Value;

/// All that the service says about an entry; null where it says nothing.
pub(super) fn everything(live: &ResourceEntry) -> Value {
    let set = |items: Vec<Value>| Value::set(items);
    Value::object([
        ("flavor", live.flavor.clone().into()),
        ("count", live.count.into()),
        ("max_count", live.max_count.into()),
        ("azs", or_null(live.azs.as_deref(), azs)),
        ("node_pool", live.node_pool.clone().into()),
        ("extend_params", or_null(live.extend_params.as_ref(), json_map)),
        (
            "os",
            or_null(live.os.as_ref(), |os| {
                Value::object([
                    ("name", os.name.clone().into()),
                    ("image_id", os.image_id.clone().into()),
                    ("image_type", os.image_type.clone().into()),
                ])
            }),
        ),
        ("labels", or_null(live.labels.as_ref(), text_map)),
        ("taints", or_null(live.taints.as_ref(), |all| set(all.iter().map(taint).collect()))),
        (
            "tags",
            or_null(live.tags.as_ref(), |tags| {
                Value::map(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone().into())))
            }),
        ),
        (
            "network",
            or_null(live.network.as_ref(), |network| {
                Value::object([
                    ("vpc", network.vpc.clone().into()),
                    ("subnet", network.subnet.clone().into()),
                    ("security_groups", or_null(network.security_groups.as_deref(), text_set)),
                ])
            }),
        ),
        (
            "root_volume",
            or_null(live.root_volume.as_ref(), |volume| {
                Value::object([
                    ("volume_type", volume.volume_type.clone().into()),
                    ("size", shown_size(volume.size.as_deref())),
                ])
            }),
        ),
        (
            "data_volumes",
            or_null(live.data_volumes.as_ref(), |all| {
                Value::List(all.iter().map(volume).collect())
            }),
        ),
        (
            "volume_group_configs",
            or_null(live.volume_group_configs.as_ref(), |all| set(all.iter().map(group).collect())),
        ),
        (
            "creating_step",
            or_null(live.creating_step.as_ref(), |step| {
                Value::object([("step", step.step.into()), ("type", step.kind.clone().into())])
            }),
        ),
        (
            "driver",
            or_null(live.driver.as_ref(), |driver| {
                Value::object([
                    ("version", driver.version.clone().into()),
                    ("update_strategy", driver.update_strategy.clone().into()),
                ])
            }),
        ),
    ])
}

pub(super) fn or_null<T: ?Sized>(live: Option<&T>, value: impl FnOnce(&T) -> Value) -> Value {
    live.map_or(Value::Null, value)
}

/// Nodes per zone as a value.
pub fn azs(azs: &[AzCount]) -> Value {
    Value::set(
        azs.iter().map(|az| {
            Value::object([("az", Value::from(az.az.clone())), ("count", az.count.into())])
        }),
    )
}

fn text_map(map: &BTreeMap<String, String>) -> Value {
    Value::map(map.iter().map(|(key, value)| (key.clone(), value.clone().into())))
}

fn text_set(items: &[String]) -> Value {
    Value::set(items.iter().map(|item| Value::from(item.clone())))
}

/// The service may answer numbers and booleans where it was sent texts.
fn json_map(map: &BTreeMap<String, Json>) -> Value {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    Value::map(map.iter().map(|(key, value)| (key.clone(), Value::from(text(value)))))
}

fn shown_size(size: Option<&str>) -> Value {
    size.and_then(gib).into()
}

fn taint(taint: &Taint) -> Value {
    Value::object([
        ("key", taint.key.clone().into()),
        ("value", taint.value.clone().into()),
        ("effect", taint.effect.clone().into()),
    ])
}

pub(super) fn volume(volume: &DataVolume) -> Value {
    Value::object([
        ("volume_type", volume.volume_type.clone().into()),
        ("size", shown_size(volume.size.as_deref())),
        ("count", volume.count.into()),
        ("extend_params", or_null(volume.extend_params.as_ref(), json_map)),
    ])
}

pub(super) fn group(group: &VolumeGroupConfig) -> Value {
    Value::object([
        ("volume_group", group.volume_group.clone().into()),
        ("docker_thin_pool", group.docker_thin_pool.into()),
        (
            "lvm_config",
            or_null(group.lvm_config.as_ref(), |lvm| {
                Value::object([
                    ("lv_type", lvm.lv_type.clone().into()),
                    ("path", lvm.path.clone().into()),
                ])
            }),
        ),
        ("types", or_null(group.types.as_deref(), text_set)),
    ])
}
