//! An entry of `resources`, between plan or state and the service.
//!
//! What the service adds to an entry is nobody's business here: an attribute
//! that the user left out stays null, of a map only the keys that the user
//! wrote are shown. What the service does not return keeps its prior value.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modelarts::pool::{
    AzCount, CreatingStep, DataVolume, EntryDriver, EntryNetwork, LvmConfig, Os, ResourceEntry,
    RootVolume, Tag, Taint, VolumeGroupConfig, gib,
};
use crate::tf::conform::unknowns_to_null;
use crate::tf::value::Value;

/// The extend parameter of a data volume that names its group.
pub const VOLUME_GROUP: &str = "volumeGroup";
/// The extend parameters that the service puts on data volumes by itself.
const VOLUME_PARAMS_OF_SERVICE: &[&str] = &["billing"];
/// The extend parameters of an entry that users set (API reference, extend
/// parameters), and what the service answers where nothing was said. It adds
/// keys of its own.
const PARAMS_OF_USER: &[(&str, &str)] = &[
    ("dockerBaseSize", "50"),
    ("runtime", "containerd"),
    ("postInstall", ""),
    ("post_install", ""),
    ("labelPolicyOnExistingNodes", "refresh"),
    ("taintPolicyOnExistingNodes", "refresh"),
    ("tagPolicyOnExistingNodes", "refresh"),
    ("XParameterPlaneSubnet", ""),
];

/// What a plan or a state asks for. Unknown values are left to the service,
/// as are those left out.
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
        os: object(entry, "os").map(|os| Os {
            name: text(os, "name"),
            image_id: text(os, "image_id"),
            image_type: text(os, "image_type"),
            ..Os::default()
        }),
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
        network: object(entry, "network").map(|network| EntryNetwork {
            vpc: text(network, "vpc"),
            subnet: text(network, "subnet"),
            security_groups: texts(network, "security_groups"),
            ..EntryNetwork::default()
        }),
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
        driver: object(entry, "driver").map(|driver| EntryDriver {
            version: text(driver, "version"),
            update_strategy: text(driver, "update_strategy"),
            ..EntryDriver::default()
        }),
        ..ResourceEntry::default()
    }
}

fn wanted_volume(volume: &Value) -> DataVolume {
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

/// An entry for the state. `prior` is the entry as last known; null for one
/// that has only just been found: then everything is shown that a person may
/// have written.
pub fn shown(live: &ResourceEntry, prior: &Value) -> Value {
    let all = everything(live);
    if prior.is_null() {
        return found(all);
    }
    let member = |name: &str| match name {
        "flavor" | "count" | "max_count" | "azs" | "node_pool" => all.get(name).clone(),
        "os" => shown_os(all.get(name), prior.get(name)),
        "taints" => taints(all.get(name), prior.get(name)),
        "data_volumes" => volumes(live.data_volumes.as_deref(), prior.get(name)),
        "volume_group_configs" => groups(live.volume_group_configs.as_deref(), prior.get(name)),
        _ => managed(all.get(name), prior.get(name)),
    };
    let names = all.entries().into_iter().flat_map(|members| members.keys());
    Value::object(names.map(|name| (name.clone(), member(name))))
}

/// All that the service says about an entry; null where it says nothing.
fn everything(live: &ResourceEntry) -> Value {
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

fn or_null<T: ?Sized>(live: Option<&T>, value: impl FnOnce(&T) -> Value) -> Value {
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

fn volume(volume: &DataVolume) -> Value {
    Value::object([
        ("volume_type", volume.volume_type.clone().into()),
        ("size", shown_size(volume.size.as_deref())),
        ("count", volume.count.into()),
        ("extend_params", or_null(volume.extend_params.as_ref(), json_map)),
    ])
}

fn group(group: &VolumeGroupConfig) -> Value {
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

/// What a user manages of a value: nothing where nothing was written, of a map
/// the keys that were written. What the service leaves out stays as it was.
pub fn managed(live: &Value, prior: &Value) -> Value {
    match (live, prior) {
        (_, Value::Null) => Value::Null,
        (live, Value::Unknown(_)) => live.clone(),
        (Value::Null, prior) => known(prior),
        (Value::Map(live), Value::Map(prior)) => {
            Value::map(prior.keys().filter_map(|key| Some((key.clone(), live.get(key)?.clone()))))
        }
        (Value::Object(_), Value::Object(members)) => Value::object(
            members.iter().map(|(name, prior)| (name.clone(), managed(live.get(name), prior))),
        ),
        (live, _) => live.clone(),
    }
}

/// A value without its unknown parts.
fn known(value: &Value) -> Value {
    let mut value = value.clone();
    unknowns_to_null(&mut value);
    value
}

/// The image is the service's choice unless the user makes it.
fn shown_os(live: &Value, prior: &Value) -> Value {
    if live.is_null() {
        return known(prior);
    }
    Value::object(["name", "image_id", "image_type"].map(|name| {
        let shown = match (live.get(name).as_str().unwrap_or_default(), prior.get(name)) {
            ("", Value::String(text)) if text.is_empty() => Value::from(""),
            ("", _) if live.get(name).is_null() => known(prior.get(name)),
            ("", _) => Value::Null,
            (text, _) => Value::from(text),
        };
        (name, shown)
    }))
}

fn taints(live: &Value, prior: &Value) -> Value {
    let (Some(there), Value::Set(written)) = (live.elements(), prior) else {
        return managed(live, prior);
    };
    let same = |one: &Value, other: &Value| {
        one.get("key") == other.get("key") && one.get("effect") == other.get("effect")
    };
    let found = written
        .iter()
        .filter_map(|taint| Some(managed(there.iter().find(|live| same(live, taint))?, taint)));
    Value::set(found)
}

fn volumes(live: Option<&[DataVolume]>, prior: &Value) -> Value {
    let (Some(live), Value::List(written)) = (live, prior) else {
        let live = or_null(live, |all| Value::List(all.iter().map(volume).collect()));
        return managed(&live, prior);
    };
    let wanted: Vec<DataVolume> = written.iter().map(wanted_volume).collect();
    let found = pair_volumes(&wanted, live);
    let shown = written
        .iter()
        .zip(found)
        .filter_map(|(prior, at)| Some(managed(&volume(live.get(at?)?), prior)));
    Value::List(shown.collect())
}

/// Where each wanted volume is among the live ones, whose order means nothing.
pub fn pair_volumes(wanted: &[DataVolume], live: &[DataVolume]) -> Vec<Option<usize>> {
    let group = |volume: &DataVolume| {
        volume.extend_params.as_ref().and_then(|params| params.get(VOLUME_GROUP)).cloned()
    };
    let size = |volume: &DataVolume| volume.size.as_deref().and_then(gib);
    type Same<'a> = &'a dyn Fn(&DataVolume, &DataVolume) -> bool;
    let exact = |one: &DataVolume, other: &DataVolume| {
        group(one) == group(other)
            && one.volume_type == other.volume_type
            && size(one) == size(other)
    };
    let grouped = |one: &DataVolume, other: &DataVolume| group(one) == group(other);
    let any = |_: &DataVolume, _: &DataVolume| true;
    let ways: [Same<'_>; 3] = [&exact, &grouped, &any];
    let mut found: Vec<Option<usize>> = vec![None; wanted.len()];
    for same in ways {
        let mut taken: Vec<usize> = found.iter().flatten().copied().collect();
        for (slot, wanted) in found.iter_mut().zip(wanted).filter(|(slot, _)| slot.is_none()) {
            *slot = live
                .iter()
                .enumerate()
                .position(|(index, live)| !taken.contains(&index) && same(wanted, live));
            taken.extend(*slot);
        }
    }
    found
}

fn groups(live: Option<&[VolumeGroupConfig]>, prior: &Value) -> Value {
    let (Some(live), Value::Set(written)) = (live, prior) else {
        let live = or_null(live, |all| Value::set(all.iter().map(group)));
        return managed(&live, prior);
    };
    let found = written.iter().filter_map(|prior| {
        let name = prior.get("volume_group").as_str();
        let live = live.iter().find(|live| live.volume_group.as_deref() == name)?;
        Some(managed(&group(live), prior))
    });
    Value::set(found)
}

/// Of all that the service says, what a person may have written. Without a
/// prior value nobody can tell; well-known additions of the service are not
/// shown.
fn found(mut all: Value) -> Value {
    if !is_of_user(all.get("extend_params")) {
        all.set_entry("extend_params", Value::Null);
    }
    let own = |key: &str, _: &Value| is_key_of_service(key);
    for name in ["labels", "tags"] {
        let map = all.get(name).clone();
        all.set_entry(name, without(&map, own));
    }
    if let Value::Set(taints) = all.get("taints").clone() {
        let kept = taints
            .into_iter()
            .filter(|taint| !is_key_of_service(taint.get("key").as_str().unwrap_or_default()));
        all.set_entry("taints", Value::set(kept));
    }
    if let Value::List(mut volumes) = all.get("data_volumes").clone() {
        for volume in &mut volumes {
            let params = volume.get("extend_params").clone();
            volume.set_entry(
                "extend_params",
                without(&params, |key, _| VOLUME_PARAMS_OF_SERVICE.contains(&key)),
            );
        }
        all.set_entry("data_volumes", Value::List(volumes));
    }
    let os = shown_os(all.get("os"), &Value::Null);
    all.set_entry("os", os);
    for name in ["taints", "data_volumes", "volume_group_configs"] {
        if all.get(name).elements().is_some_and(<[Value]>::is_empty) {
            all.set_entry(name, Value::Null);
        }
    }
    all
}

/// Says whether a user must have written some of these parameters. Then all of
/// them are shown: those that the user did not write make no difference in the
/// plan that follows.
fn is_of_user(params: &Value) -> bool {
    let differs =
        |(name, default): &(&str, &str)| params.get(name).as_str().is_some_and(|v| v != *default);
    PARAMS_OF_USER.iter().any(differs)
}

/// The entries of a map that are not taken out; null when none is left.
fn without(map: &Value, out: impl Fn(&str, &Value) -> bool) -> Value {
    let Value::Map(entries) = map else { return Value::Null };
    let kept: Vec<_> = entries
        .iter()
        .filter(|(key, value)| !out(key, value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if kept.is_empty() { Value::Null } else { Value::map(kept) }
}

fn is_key_of_service(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    domain.starts_with("os.modelarts")
        || domain.starts_with("cce.")
        || domain.ends_with("kubernetes.io")
        || RESERVED_TAG_PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// Tag keys that the service keeps for itself (API reference, resources).
pub const RESERVED_TAG_PREFIXES: &[&str] = &["CCE-", "__type_baremetal"];
