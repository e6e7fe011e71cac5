//! The state of a pool that an import has found.

use std::collections::BTreeMap;

use crate::modelarts::pool::{NetworkRef, Pool};
use crate::tf::value::Value;

use super::super::billing;
use super::super::defaults;
use super::from_api;
use super::standing::{cluster, master, network_of, text_set};

/// The state of a pool that has just been found by an import: local attributes
/// have their defaults, and maps hold what a user may have written.
pub fn imported(pool: &Pool) -> Value {
    let mut state = from_api(pool, &Value::Null);
    state.set_entry("wait_for", defaults::WAIT_FOR.into());
    state.set_entry("on_timeout", defaults::ON_TIMEOUT.into());
    state.set_entry("deletion_protection", false.into());
    state.set_entry("labels", free(&pool.metadata.labels));
    state.set_entry("annotations", free(&pool.metadata.annotations));
    state.set_entry("driver", imported_driver(pool));
    state.set_entry("network", imported_network(pool));
    let zones = pool.spec.masters.iter().flatten().filter_map(|master| master.az.clone());
    state.set_entry("masters", list_or_null(zones.map(master)));
    // Only a privileged pool has clusters that its owner brought along.
    let own = pool.spec.network.as_ref().is_some_and(|network| network.vpc_id.is_some());
    let clusters = pool.spec.clusters.iter().flatten().filter(|_| own).map(cluster);
    state.set_entry("clusters", list_or_null(clusters));
    let job_flavors = pool.spec.job_flavors.as_ref().filter(|names| !names.is_empty());
    state.set_entry("job_flavors", job_flavors.map_or(Value::Null, |names| text_set(names)));
    state.set_entry("user_login", imported_login(pool));
    billing::found(pool, &mut state);
    state
}

/// Entries that a person may have written. Keys with a domain in front are
/// the service's own (`os.modelarts/…`).
fn free(entries: &BTreeMap<String, String>) -> Value {
    let plain: Vec<_> = entries
        .iter()
        .filter(|(key, _)| !key.contains('/'))
        .map(|(key, value)| (key.clone(), Value::from(value.clone())))
        .collect();
    if plain.is_empty() { Value::Null } else { Value::map(plain) }
}

fn imported_driver(pool: &Pool) -> Value {
    let Some(driver) = &pool.spec.driver else { return Value::Null };
    if driver.gpu_version.is_none() && driver.npu_version.is_none() {
        return Value::Null;
    }
    Value::object([
        ("gpu_version", driver.gpu_version.clone().into()),
        ("npu_version", driver.npu_version.clone().into()),
        ("update_strategy", driver.update_strategy.clone().into()),
    ])
}

fn imported_network(pool: &Pool) -> Value {
    let network = pool.spec.network.clone().unwrap_or_default();
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (name, vpc_id) = (filled(network.name), filled(network.vpc_id));
    match (name, vpc_id) {
        (None, None) => Value::Null,
        (Some(name), _) => network_of(&NetworkRef { name: Some(name), ..NetworkRef::default() }),
        (None, vpc_id) => {
            network_of(&NetworkRef { name: None, vpc_id, subnet_id: filled(network.subnet_id) })
        }
    }
}

/// The service never returns a password, and seldom the name of the key pair.
fn imported_login(pool: &Pool) -> Value {
    let login = pool.spec.user_login.as_ref().and_then(|login| login.key_pair_name.clone());
    login.filter(|name| !name.is_empty()).map_or(Value::Null, |name| {
        Value::object([
            ("key_pair_name", Value::from(name)),
            ("password", Value::Null),
            ("password_wo", Value::Null),
            ("password_wo_version", Value::Null),
        ])
    })
}

fn list_or_null(items: impl Iterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.collect();
    if items.is_empty() { Value::Null } else { Value::List(items) }
}
