//! What an entry shows of itself when it is found for the first time.

use crate::tf::value::Value;

use super::shown::shown_os;

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

/// Of all that the service says, what a person may have written. Without a
/// prior value nobody can tell; well-known additions of the service are not
/// shown.
pub(super) fn found(mut all: Value) -> Value {
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
