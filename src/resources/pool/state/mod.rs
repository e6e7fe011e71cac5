//! What an answer of the service says, as the model of the resource.
//!
//! What becomes of it in the state (what is absent, what the user manages, in
//! which order) follows from the behaviours of the schema.

mod entry;
mod status;

use std::collections::BTreeMap;

use crate::modelarts::pool::{self, Pool};
use crate::modelarts::{Object, labels};
use crate::tf::model::{List, Map, Set, Tf};

use super::control_mode;
use super::keys;
use super::ready;
use super::schema::{
    Cluster, ContainerNetwork, Driver, LOGICAL, Master, Network, POSTPAID, PREPAID, PoolModel,
    UserLogin,
};

pub use entry::entry;

/// What an answer says; null where it says nothing.
pub fn picture(pool: &Pool) -> PoolModel {
    let (meta, spec) = (&pool.metadata, &pool.spec);
    let mut picture = PoolModel {
        id: filled(Some(&meta.name)),
        parent: filled(parent(pool)),
        r#type: filled(spec.kind.as_deref()),
        scope: spec.scope.as_deref().map(texts).into(),
        container_network: spec.container_network.as_ref().map(container_network).into(),
        kubernetes_svc_ip_range: filled(spec.kubernetes_svc_ip_range.as_deref()),
        cluster_flavor: filled(spec.cluster_flavor.as_deref()),
        ipv6_enable: spec.ipv6_enable.into(),
        job_flavors: spec.job_flavors.as_deref().map(texts).into(),
        resources: Tf::Known(spec.resources.iter().map(entry).collect()),
        ready: Tf::Known(ready::is_ready(pool)),
        creation_timestamp: filled(meta.creation_timestamp.as_deref()),
        resource_id: filled(pool.label(labels::RESOURCE_ID)),
        order_name: filled(pool.label(labels::ORDER_NAME)),
        status: Tf::Known(status::status(pool)),
        ..PoolModel::default()
    };
    metadata(pool, &mut picture);
    standing(pool, &mut picture);
    billing(pool, &mut picture);
    let mode = spec.control_mode.unwrap_or(0);
    picture.control_mode = Tf::Known(mode);
    picture.restrictions = Tf::Known(control_mode::restrictions(mode).into_iter().collect());
    picture
}

/// A text that says something.
fn filled(text: Option<&str>) -> Tf<String> {
    text.filter(|text| !text.is_empty()).into()
}

fn texts(all: &[String]) -> Set<String> {
    all.iter().cloned().collect()
}

/// Some answers say the parent of a logical pool in the status alone.
fn parent(pool: &Pool) -> Option<&str> {
    let of_spec = pool.spec.parent.as_deref().filter(|parent| !parent.is_empty());
    let logical = pool.spec.kind.as_deref() == Some(LOGICAL);
    of_spec.or_else(|| pool.status.parent.as_deref().filter(|_| logical))
}

fn metadata(pool: &Pool, picture: &mut PoolModel) {
    picture.name = filled(pool.display_name());
    picture.workspace_id = filled(pool.workspace_id());
    picture.node_prefix = pool.label(labels::NODE_PREFIX).into();
    picture.sharing = filled(pool.label(labels::SHARING));
    // A pool has at least the label with its name.
    picture.labels = free(Some(&pool.metadata.labels).filter(|labels| !labels.is_empty()));
    picture.annotations = free(pool.metadata.annotations.as_ref());
    // In a map that is there a missing key has been taken off.
    let there = pool.metadata.annotations.is_some();
    let annotation = |key| pool.annotation(key).or(there.then_some(""));
    picture.description = annotation(labels::DESCRIPTION).into();
    picture.scheduler_extension = annotation(labels::SCHEDULER_EXTENSION).into();
    picture.order_id = filled(pool.annotation(labels::ORDER_ID));
}

/// Keys that no attribute of their own stands for; null for a map that is not
/// there.
fn free(entries: Option<&BTreeMap<String, String>>) -> Tf<Map<String>> {
    let own = |entries: &BTreeMap<String, String>| {
        let own = entries.iter().filter(|(key, _)| keys::owner(key).is_none());
        own.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    entries.map(own).into()
}

fn standing(pool: &Pool, picture: &mut PoolModel) {
    let spec = &pool.spec;
    picture.network = spec.network.as_ref().and_then(network).into();
    let is_told = |master: &pool::Master| master.az.is_some();
    let masters = spec.masters.as_deref().filter(|all| !all.is_empty() && all.iter().all(is_told));
    picture.masters = masters
        .map(|masters| masters.iter().map(|master| Master { az: master.az.clone().into() }))
        .map(List::from_iter)
        .into();
    let is_told = |cluster: &pool::Cluster| cluster.provider_id.is_some();
    let clusters =
        spec.clusters.as_deref().filter(|all| !all.is_empty() && all.iter().all(is_told));
    picture.clusters = clusters.map(|all| all.iter().map(cluster).collect()).into();
    picture.driver = spec.driver.as_ref().and_then(driver).into();
    let key_pair = spec.user_login.as_ref().and_then(|login| login.key_pair_name.as_deref());
    let key_pair_name = filled(key_pair);
    if key_pair_name.is_known() {
        picture.user_login = Tf::Known(UserLogin { key_pair_name, ..UserLogin::default() });
    }
}

/// A ModelArts network stands for VPC and subnet too.
fn network(network: &pool::NetworkRef) -> Option<Network> {
    let name = filled(network.name.as_deref());
    let named = name.is_known();
    let only = |text: &Option<String>| filled(text.as_deref().filter(|_| !named));
    let (vpc_id, subnet_id) = (only(&network.vpc_id), only(&network.subnet_id));
    (named || vpc_id.is_known()).then_some(Network { name, vpc_id, subnet_id })
}

fn container_network(network: &pool::ContainerNetwork) -> ContainerNetwork {
    ContainerNetwork {
        cidr: filled(network.cidr.as_deref()),
        mode: filled(network.mode.as_deref()),
    }
}

fn cluster(cluster: &pool::Cluster) -> Cluster {
    Cluster {
        provider_id: cluster.provider_id.clone().into(),
        name: filled(cluster.name.as_deref()),
    }
}

fn driver(driver: &pool::Driver) -> Option<Driver> {
    let gpu_version = filled(driver.gpu_version.as_deref());
    let npu_version = filled(driver.npu_version.as_deref());
    let shown = gpu_version.is_known() || npu_version.is_known();
    let update_strategy = filled(driver.update_strategy.as_deref());
    shown.then_some(Driver { gpu_version, npu_version, update_strategy })
}

/// What was ordered changes with every renewal, so that only an import takes it
/// (the schema: never answered).
fn billing(pool: &Pool, picture: &mut PoolModel) {
    let annotation = |key| pool.annotation(key).filter(|text| !text.is_empty());
    match annotation(labels::BILLING_MODE) {
        Some("1") => picture.charging_mode = PREPAID.into(),
        Some("0") => picture.charging_mode = POSTPAID.into(),
        _ => {}
    }
    if picture.charging_mode.text() != Some(PREPAID) {
        return;
    }
    picture.period_unit = match annotation(labels::PERIOD_TYPE) {
        Some("2") => "month".into(),
        Some("3") => "year".into(),
        _ => Tf::Null,
    };
    let period = annotation(labels::PERIOD_NUM).and_then(|text| text.parse().ok());
    picture.period = period.into();
    let renews = annotation(labels::AUTO_RENEW).map(|text| text == "1" || text == "true");
    picture.auto_renew = renews.into();
    picture.promotion_info = annotation(labels::PROMOTION_INFO).into();
    picture.console_url = annotation(labels::CONSOLE_URL).into();
}
