//! What of an entry stands in the state.

use crate::modelarts::pool::{DataVolume, ResourceEntry, VolumeGroupConfig};
use crate::tf::conform::unknowns_to_null;
use crate::tf::value::Value;

use super::everything::{everything, group, or_null, volume};
use super::found::found;
use super::volumes::pair_volumes;
use super::wanted::wanted_volume;

/// An entry for the state. `prior` is the entry as last known; null for one
/// that has only just been found: then everything is shown that a person may
/// have written.
pub fn shown(live: &ResourceEntry, prior: &Value) -> Value {
    let all = everything(live);
    if prior.is_null() {
        return found(all);
    }
    let member = |name: &str| match name {
        "flavor" | "count" => all.get(name).clone(),
        "max_count" | "azs" | "node_pool" if all.get(name).is_null() => known(prior.get(name)),
        "max_count" | "azs" | "node_pool" => all.get(name).clone(),
        "os" => shown_os(all.get(name), prior.get(name)),
        "taints" => taints(all.get(name), prior.get(name)),
        "data_volumes" => volumes(live.data_volumes.as_deref(), prior.get(name)),
        "volume_group_configs" => groups(live.volume_group_configs.as_deref(), prior.get(name)),
        _ => managed(all.get(name), prior.get(name)),
    };
    let names = all.entries().into_iter().flat_map(|members| members.keys());
    Value::object(names.map(|name| (name.clone(), member(name))))
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
pub(super) fn shown_os(live: &Value, prior: &Value) -> Value {
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
