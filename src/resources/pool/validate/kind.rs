//! What each kind of pool must and must not have (API reference, create
//! request and restrictions).

use crate::resources::rules::{Place, any_of, filled, one_of};
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{List, Set, Tf};

use super::super::schema::{DEDICATE, Driver, LOGICAL, PoolModel};
use super::super::spec::PoolKind;
use super::network;

/// Finds attributes that do not fit the kind of pool.
pub fn check(pool: &PoolModel, found: &mut Diagnostics) {
    one_of(&pool.r#type, &Place::of(PoolModel::TYPE), &[DEDICATE, LOGICAL], found);
    any_of(&pool.scope, &Place::of(PoolModel::SCOPE), &["Train", "Infer", "Notebook"], found);
    driver(pool, found);
    match of(pool) {
        Some(PoolKind::Dedicate) => dedicate(pool, found),
        Some(PoolKind::Logical) => logical(pool, found),
        None => {}
    }
}

/// The kind of pool, unless that is decided later.
pub fn of(pool: &PoolModel) -> Option<PoolKind> {
    let known = !pool.r#type.is_unknown();
    known.then(|| PoolKind::read(pool.r#type.text()))
}

/// Whether a `Dedicate` pool stands in a VPC of the user's. `None` when that
/// is decided later, or when the network is said in both ways.
fn is_privileged(pool: &PoolModel) -> Option<bool> {
    let network = match &pool.network {
        Tf::Null => return Some(false),
        Tf::Unknown => return None,
        Tf::Known(network) => network,
    };
    let ids = [&network.vpc_id, &network.subnet_id];
    if ids.iter().any(|id| id.known().is_some()) {
        return network.name.known().is_none().then_some(true);
    }
    ids.iter().all(|id| id.is_null()).then_some(false)
}

fn dedicate(pool: &PoolModel, found: &mut Diagnostics) {
    network::of_dedicate(pool, found);
    if pool.parent.known().is_some() {
        let detail = "Only a pool of type \"Logical\" has a parent. Take parent out, or set type \
                      = \"Logical\".";
        Place::of(PoolModel::PARENT).error("Attribute not allowed", detail, found);
    }
    match is_privileged(pool) {
        Some(true) => privileged(pool, found),
        Some(false) => standard(pool, found),
        None => {}
    }
}

fn standard(pool: &PoolModel, found: &mut Diagnostics) {
    if is_empty(&pool.scope) {
        let detail = "A pool of type \"Dedicate\" needs at least one job type: set scope to any \
                      of \"Train\", \"Infer\", \"Notebook\".";
        Place::of(PoolModel::SCOPE).error("Job type missing", detail, found);
    }
    if pool.clusters.known().is_some() {
        let detail = "Only a privileged pool has clusters, which is one with network.vpc_id and \
                      network.subnet_id. Take clusters out.";
        Place::of(PoolModel::CLUSTERS).error("Attribute not allowed", detail, found);
    }
}

fn privileged(pool: &PoolModel, found: &mut Diagnostics) {
    if is_filled(&pool.scope) {
        let detail = "A privileged pool, which is one with network.vpc_id, has no job types of \
                      its own. Take scope out, or use a ModelArts network by network.name.";
        Place::of(PoolModel::SCOPE).error("Attribute not allowed", detail, found);
    }
    if pool.clusters.is_null() || pool.clusters.known().is_some_and(List::is_empty) {
        let detail = "A privileged pool, which is one with network.vpc_id, needs a CCE cluster: \
                      set clusters = [{ provider_id = \"…\" }].";
        Place::of(PoolModel::CLUSTERS).error("Cluster missing", detail, found);
    }
}

/// Finds what a pool that is still to be made lacks. Of one that exists the service
/// does not tell how to log in.
pub fn check_login(pool: &PoolModel, found: &mut Diagnostics) {
    let is_due = of(pool) == Some(PoolKind::Dedicate) && is_privileged(pool) == Some(true);
    if is_due && pool.user_login.is_null() {
        let detail = "A privileged pool, which is one with network.vpc_id, needs a way to log in \
                      to its nodes: set user_login with key_pair_name, password or password_wo.";
        Place::of(PoolModel::USER_LOGIN).error("Login missing", detail, found);
    }
}

fn logical(pool: &PoolModel, found: &mut Diagnostics) {
    let forbidden = [
        (PoolModel::NETWORK, pool.network.known().is_some()),
        (PoolModel::SCOPE, is_filled(&pool.scope)),
        (PoolModel::DRIVER, pool.driver.known().is_some()),
        (PoolModel::MASTERS, pool.masters.known().is_some()),
        (PoolModel::CONTAINER_NETWORK, pool.container_network.known().is_some()),
        (PoolModel::KUBERNETES_SVC_IP_RANGE, pool.kubernetes_svc_ip_range.known().is_some()),
        (PoolModel::CLUSTER_FLAVOR, pool.cluster_flavor.known().is_some()),
        (PoolModel::CLUSTERS, pool.clusters.known().is_some()),
        (PoolModel::USER_LOGIN, pool.user_login.known().is_some()),
        (PoolModel::IPV6_ENABLE, pool.ipv6_enable.get() == Some(true)),
    ];
    for (attribute, set) in forbidden {
        if set {
            let detail = format!(
                "A pool of type \"Logical\" has no {attribute} of its own. Take {attribute} out, \
                 or set type = \"Dedicate\"."
            );
            Place::of(attribute).error("Attribute not allowed", detail, found);
        }
    }
}

fn driver(pool: &PoolModel, found: &mut Diagnostics) {
    let Some(driver) = pool.driver.known() else { return };
    let place = Place::of(PoolModel::DRIVER);
    filled(&driver.gpu_version, &place.attribute(Driver::GPU_VERSION), found);
    filled(&driver.npu_version, &place.attribute(Driver::NPU_VERSION), found);
    one_of(
        &driver.update_strategy,
        &place.attribute(Driver::UPDATE_STRATEGY),
        &["force", "idle"],
        found,
    );
}

/// Whether a collection is left out or has no elements.
fn is_empty(scope: &Tf<Set<String>>) -> bool {
    scope.is_null() || scope.known().is_some_and(Set::is_empty)
}

fn is_filled(scope: &Tf<Set<String>>) -> bool {
    scope.known().is_some_and(|items| !items.is_empty())
}
