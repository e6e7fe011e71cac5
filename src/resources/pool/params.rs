//! Extend parameters of an entry: which of them are a user's.

use std::collections::BTreeMap;

use crate::tf::model::{Map, Tf};
use crate::tf::value::Value;

/// The extend parameters of an entry that users set (API reference, extend
/// parameters), and what the service answers where nothing was said. It adds
/// keys of its own.
const OF_USERS: &[(&str, &str)] = &[
    ("dockerBaseSize", "50"),
    ("runtime", "containerd"),
    ("postInstall", ""),
    ("post_install", ""),
    ("labelPolicyOnExistingNodes", "refresh"),
    ("taintPolicyOnExistingNodes", "refresh"),
    ("tagPolicyOnExistingNodes", "refresh"),
    ("XParameterPlaneSubnet", ""),
];

fn is_default(key: &str, value: &str) -> bool {
    OF_USERS.contains(&(key, value))
}

/// Of all parameters that an answer holds, those that a user must have written;
/// null when there is none.
pub fn of_user(params: &mut Tf<Map<String>>) {
    let Some(all) = params.known() else { return };
    let is_written = |(key, value): &(&str, &String)| {
        OF_USERS.iter().any(|(name, default)| name == key && default != value)
    };
    let written = all.known().filter(is_written);
    let written: Map<String> = written.map(|(key, value)| (key, value.clone())).collect();
    *params = (!written.is_empty()).then_some(written).into();
}

/// Says whether two values ask for the same: what the service assumes anyway
/// makes no difference.
pub fn mean_the_same(prior: &Value, config: &Value) -> bool {
    let asked = |params: &Value| -> Option<BTreeMap<String, Value>> {
        let asks = |(key, value): &(&String, &Value)| {
            value.as_str().is_none_or(|text| !is_default(key, text))
        };
        let all = params.entries()?.iter().filter(asks);
        Some(all.map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    asked(prior).is_some_and(|prior| Some(prior) == asked(config))
}
