//! The request that makes a pool.

use crate::modelarts::labels;
use crate::modelarts::pool::{
    Cluster, ContainerNetwork, CreatePool, Master, Pool, PoolSpec as WireSpec,
};

use super::super::identity::EntryId;
use super::super::keys;
use super::super::spec::{PoolKind, PoolSpec};
use super::{driver, typed_annotations};

/// The create request: labels, annotations and fields are sent only where the
/// user set them, the workspace also where the provider has one.
pub fn create(spec: &PoolSpec, workspace: &Option<String>) -> CreatePool {
    let wanted = &spec.patchable;
    let mut labels = spec.labels.clone();
    let mut label = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            labels.insert(key.to_owned(), value.clone());
        }
    };
    label(labels::NAME, &Some(spec.name.clone()));
    label(labels::WORKSPACE_ID, workspace);
    label(labels::NODE_PREFIX, &spec.node_prefix);
    label(labels::SHARING, &wanted.sharing);
    let mut annotations = wanted.annotations.clone();
    annotations.extend(spec.billing.annotations());
    for (key, value) in typed_annotations(wanted) {
        if let Some(value) = value {
            annotations.insert(key.to_owned(), value.clone());
        }
    }
    let cluster = |id: &String| Cluster { provider_id: Some(id.clone()), ..Cluster::default() };
    CreatePool {
        labels,
        annotations,
        spec: WireSpec {
            kind: Some(spec.kind.as_str().to_owned()),
            scope: wanted.scope.clone(),
            resources: wanted.resources.clone(),
            parent: spec.parent.clone(),
            network: spec.network.clone(),
            container_network: spec
                .container_cidr
                .clone()
                .map(|cidr| ContainerNetwork { cidr: Some(cidr), mode: None }),
            kubernetes_svc_ip_range: spec.kubernetes_svc_ip_range.clone(),
            masters: spec
                .masters
                .as_ref()
                .map(|zones| zones.iter().map(|az| Master { az: Some(az.clone()) }).collect()),
            cluster_flavor: spec.cluster_flavor.clone(),
            driver: wanted.driver.as_ref().map(driver),
            job_flavors: wanted.job_flavors.clone(),
            user_login: spec.user_login.clone(),
            clusters: spec.clusters.as_ref().map(|ids| ids.iter().map(cluster).collect()),
            // A logical pool has no network to say it of.
            ipv6_enable: spec.ipv6_enable.filter(|on| *on || spec.kind != PoolKind::Logical),
            ..WireSpec::default()
        },
    }
}

/// Says whether a pool carries everything that a create request asked for.
/// Lists leave out labels, annotations and fields that an attribute of its own
/// stands for: what is not said contradicts nothing, but the name is.
pub fn carries(pool: &Pool, request: &CreatePool) -> bool {
    let same = |key: &str, wanted: &String, shown: Option<&str>| match shown {
        Some(shown) => shown == wanted,
        None => key != labels::NAME && keys::owner(key).is_some(),
    };
    let labels = request.labels.iter().all(|(key, value)| same(key, value, pool.label(key)));
    let annotations = request
        .annotations
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .all(|(key, value)| same(key, value, pool.annotation(key)));
    let (spec, wanted) = (&pool.spec, &request.spec);
    let entries = wanted.resources.iter().all(|entry| {
        spec.resources
            .iter()
            .any(|e| EntryId::of(e) == EntryId::of(entry) && e.count == entry.count)
    });
    labels
        && annotations
        && spec.kind == wanted.kind
        && wanted
            .network
            .as_ref()
            .is_none_or(|n| spec.network.as_ref().is_none_or(|shown| shown.name == n.name))
        && spec.resources.len() == wanted.resources.len()
        && entries
}
