//! Of all that an answer says, what a person may have written.
//!
//! Nobody can tell any more who wrote what; well-known additions of the service
//! are not shown, so that a generated configuration is clean.

use crate::tf::model::{Map, Set, Tf};

use super::keys::is_of_service;
use super::params;
use super::schema::{DEFAULT_WORKSPACE, Entry, PoolModel, Taint};

/// The extend parameters that the service puts on data volumes by itself.
const VOLUME_PARAMS_OF_SERVICE: &[&str] = &["billing"];
/// Tag keys that the service keeps for itself (API reference, resources).
pub const RESERVED_TAG_PREFIXES: &[&str] = &["CCE-", "__type_baremetal"];

/// What a person may have written of a pool.
pub fn of_user(mut found: PoolModel) -> PoolModel {
    if found.workspace_id.is_null() {
        found.workspace_id = DEFAULT_WORKSPACE.into();
    }
    // Keys with a domain in front are the service's own.
    for map in [&mut found.labels, &mut found.annotations] {
        keep(map, |key| !key.contains('/') && !is_of_service(key));
    }
    if found.job_flavors.known().is_some_and(Set::is_empty) {
        found.job_flavors = Tf::Null;
    }
    // Only a privileged pool has clusters that its owner brought along.
    let privileged = found.network.known().is_some_and(|network| network.vpc_id.is_known());
    if !privileged {
        found.clusters = Tf::Null;
    }
    for item in found.resources.known_mut().into_iter().flat_map(|list| &mut list.0) {
        if let Tf::Known(item) = item {
            entry_of_user(item);
        }
    }
    found
}

/// What a person may have written of an entry.
pub fn entry_of_user(entry: &mut Entry) {
    params::of_user(&mut entry.extend_params);
    for map in [&mut entry.labels, &mut entry.tags] {
        keep(map, |key| !is_key_of_service(key));
    }
    if let Tf::Known(taints) = &mut entry.taints {
        let own = |taint: &Taint| taint.key.text().is_none_or(|key| !is_key_of_service(key));
        taints.0.retain(|taint| taint.known().is_none_or(own));
    }
    for volume in entry.data_volumes.known_mut().into_iter().flat_map(|list| &mut list.0) {
        if let Tf::Known(volume) = volume {
            keep(&mut volume.extend_params, |key| !VOLUME_PARAMS_OF_SERVICE.contains(&key));
        }
    }
    if entry.taints.known().is_some_and(Set::is_empty) {
        entry.taints = Tf::Null;
    }
    if entry.data_volumes.known().is_some_and(|list| list.is_empty()) {
        entry.data_volumes = Tf::Null;
    }
    if entry.volume_group_configs.known().is_some_and(Set::is_empty) {
        entry.volume_group_configs = Tf::Null;
    }
}

/// Keeps some keys of a map; null when none is left.
fn keep(map: &mut Tf<Map<String>>, own: impl Fn(&str) -> bool) {
    if let Tf::Known(entries) = map {
        entries.0.retain(|key, _| own(key));
        if entries.is_empty() {
            *map = Tf::Null;
        }
    }
}

fn is_key_of_service(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    domain.starts_with("os.modelarts")
        || domain.starts_with("cce.")
        || domain.ends_with("kubernetes.io")
        || RESERVED_TAG_PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}
