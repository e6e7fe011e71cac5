//! What each kind of pool must and must not have (API reference, create
//! request and restrictions).

use crate::tf::diagnostics::Diagnostics;
use crate::tf::field::Field;

use super::super::config::PoolConfig;
use super::super::spec::PoolKind;
use super::network;
use super::report::{Place, any_of, filled, one_of};

/// Finds attributes that do not fit the kind of pool.
pub fn check(pool: &PoolConfig, found: &mut Diagnostics) {
    one_of(&pool.kind, &Place::of("type"), &["Dedicate", "Logical"], found);
    any_of(&pool.scope, &Place::of("scope"), &["Train", "Infer", "Notebook"], found);
    driver(pool, found);
    match of(pool) {
        Some(PoolKind::Dedicate) => dedicate(pool, found),
        Some(PoolKind::Logical) => logical(pool, found),
        None => {}
    }
}

/// The kind of pool, unless that is decided later.
pub fn of(pool: &PoolConfig) -> Option<PoolKind> {
    let known = !pool.kind.is_unknown();
    known.then(|| PoolKind::read(pool.kind.known().map(String::as_str)))
}

/// Whether a `Dedicate` pool stands in a VPC of the user's. `None` when that
/// is decided later, or when the network is said in both ways.
fn is_privileged(pool: &PoolConfig) -> Option<bool> {
    let network = match &pool.network {
        Field::Null => return Some(false),
        Field::Unknown => return None,
        Field::Known(network) => network,
    };
    let ids = [&network.vpc_id, &network.subnet_id];
    if ids.iter().any(|id| id.known().is_some()) {
        return network.name.known().is_none().then_some(true);
    }
    ids.iter().all(|id| id.is_null()).then_some(false)
}

fn dedicate(pool: &PoolConfig, found: &mut Diagnostics) {
    network::of_dedicate(pool, found);
    if pool.parent.known().is_some() {
        let detail = "Only a pool of type \"Logical\" has a parent. Take parent out, or set type \
                      = \"Logical\".";
        Place::of("parent").error("Attribute not allowed", detail, found);
    }
    match is_privileged(pool) {
        Some(true) => privileged(pool, found),
        Some(false) => standard(pool, found),
        None => {}
    }
}

fn standard(pool: &PoolConfig, found: &mut Diagnostics) {
    if is_empty(&pool.scope) {
        let detail = "A pool of type \"Dedicate\" needs at least one job type: set scope to any \
                      of \"Train\", \"Infer\", \"Notebook\".";
        Place::of("scope").error("Job type missing", detail, found);
    }
    if pool.clusters.known().is_some() {
        let detail = "Only a privileged pool has clusters, which is one with network.vpc_id and \
                      network.subnet_id. Take clusters out.";
        Place::of("clusters").error("Attribute not allowed", detail, found);
    }
}

fn privileged(pool: &PoolConfig, found: &mut Diagnostics) {
    if is_filled(&pool.scope) {
        let detail = "A privileged pool, which is one with network.vpc_id, has no job types of \
                      its own. Take scope out, or use a ModelArts network by network.name.";
        Place::of("scope").error("Attribute not allowed", detail, found);
    }
    if is_empty(&pool.clusters) {
        let detail = "A privileged pool, which is one with network.vpc_id, needs a CCE cluster: \
                      set clusters = [{ provider_id = \"…\" }].";
        Place::of("clusters").error("Cluster missing", detail, found);
    }
    if pool.user_login.is_null() {
        let detail = "A privileged pool, which is one with network.vpc_id, needs a way to log in \
                      to its nodes: set user_login with key_pair_name, password or password_wo.";
        Place::of("user_login").error("Login missing", detail, found);
    }
}

fn logical(pool: &PoolConfig, found: &mut Diagnostics) {
    let forbidden = [
        ("network", pool.network.known().is_some()),
        ("scope", is_filled(&pool.scope)),
        ("driver", pool.driver.known().is_some()),
        ("masters", pool.masters.known().is_some()),
        ("container_network", pool.container_network.known().is_some()),
        ("kubernetes_svc_ip_range", pool.kubernetes_svc_ip_range.known().is_some()),
        ("cluster_flavor", pool.cluster_flavor.known().is_some()),
        ("clusters", pool.clusters.known().is_some()),
        ("user_login", pool.user_login.known().is_some()),
        ("ipv6_enable", pool.ipv6_enable.known() == Some(&true)),
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

fn driver(pool: &PoolConfig, found: &mut Diagnostics) {
    let Some(driver) = pool.driver.known() else { return };
    let place = Place::of("driver");
    filled(&driver.gpu_version, &place.attribute("gpu_version"), found);
    filled(&driver.npu_version, &place.attribute("npu_version"), found);
    one_of(&driver.update_strategy, &place.attribute("update_strategy"), &["force", "idle"], found);
}

/// Whether a collection is left out or has no elements.
fn is_empty<T>(field: &Field<Vec<T>>) -> bool {
    field.is_null() || field.known().is_some_and(Vec::is_empty)
}

fn is_filled<T>(field: &Field<Vec<T>>) -> bool {
    field.known().is_some_and(|items| !items.is_empty())
}
