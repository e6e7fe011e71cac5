//! Networks, zones, clusters and log-in: what a pool stands on.

use std::collections::BTreeSet;

use crate::resources::rules::{Place, block, empty, filled};
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{Secret, Tf};

use super::super::schema::{Cluster, ContainerNetwork, Master, Network, PoolModel, UserLogin};

/// Finds mistakes that do not depend on the kind of pool.
pub fn check(pool: &PoolModel, found: &mut Diagnostics) {
    if let Some(network) = pool.network.known() {
        texts(network, found);
    }
    blocks(pool, found);
    masters(pool, found);
    clusters(pool, found);
    if let Some(login) = pool.user_login.known() {
        user_login(login, &Place::of(PoolModel::USER_LOGIN), found);
    }
}

fn texts(network: &Network, found: &mut Diagnostics) {
    let place = Place::of(PoolModel::NETWORK);
    if network.name.known().is_some_and(String::is_empty) {
        let detail = "network.name is empty. Give the ID of a ModelArts network, which is its \
                      name, a hyphen and the project ID.";
        place.attribute(Network::NAME).error("Network missing", detail, found);
    }
    filled(&network.vpc_id, &place.attribute(Network::VPC_ID), found);
    filled(&network.subnet_id, &place.attribute(Network::SUBNET_ID), found);
}

/// The network of a `Dedicate` pool: a ModelArts network by its name, or a VPC
/// and a subnet.
pub fn of_dedicate(pool: &PoolModel, found: &mut Diagnostics) {
    let place = Place::of(PoolModel::NETWORK);
    let network = match &pool.network {
        Tf::Null => return missing(&place, found),
        Tf::Unknown => return,
        Tf::Known(network) => network,
    };
    let Network { name, vpc_id, subnet_id } = network;
    let (vpc, subnet) = (vpc_id.known().is_some(), subnet_id.known().is_some());
    if name.known().is_some() && (vpc || subnet) {
        let detail = "network.name is set together with network.vpc_id or network.subnet_id. Use \
                      name alone for a ModelArts network, or vpc_id and subnet_id for a \
                      privileged pool.";
        place.attribute(Network::NAME).error("Two networks", detail, found);
    }
    if name.is_null() && vpc_id.is_null() && !subnet {
        missing(&place, found);
    }
    let halves = [
        (Network::VPC_ID, vpc_id.is_null() && subnet, Network::SUBNET_ID),
        (Network::SUBNET_ID, subnet_id.is_null() && vpc, Network::VPC_ID),
    ];
    for (half, wrong, other) in halves {
        if wrong {
            let detail = format!(
                "network.{other} is set and network.{half} is not. A privileged pool needs both; \
                 any other pool needs network.name alone."
            );
            place.attribute(half).error("Network incomplete", detail, found);
        }
    }
}

fn missing(place: &Place, found: &mut Diagnostics) {
    let detail = "A pool of type \"Dedicate\" needs a network: set network = { name = \"…\" } to \
                  the ID of a ModelArts network, or vpc_id and subnet_id for a privileged pool.";
    place.error("Network missing", detail, found);
}

fn blocks(pool: &PoolModel, found: &mut Diagnostics) {
    let place = Place::of(PoolModel::CONTAINER_NETWORK).attribute(ContainerNetwork::CIDR);
    let containers = pool.container_network.known().and_then(|it| block(&it.cidr, &place, found));
    let range = &pool.kubernetes_svc_ip_range;
    let services = block(range, &Place::of(PoolModel::KUBERNETES_SVC_IP_RANGE), found);
    if let (Some(containers), Some(services)) = (containers, services)
        && (containers.contains(&services) || services.contains(&containers))
    {
        let detail = format!(
            "{containers} of container_network.cidr and {services} of kubernetes_svc_ip_range \
             overlap. Choose blocks that have no address in common."
        );
        place.error("Address blocks overlap", detail, found);
    }
}

fn masters(pool: &PoolModel, found: &mut Diagnostics) {
    let Some(masters) = pool.masters.known() else { return };
    let place = Place::of(PoolModel::MASTERS);
    if masters.is_empty() {
        let detail = "masters is empty. List the zones of the control plane, or leave masters out \
                      and the service chooses.";
        place.error("No availability zone", detail, found);
    }
    // A zone may hold more than one of them.
    for (index, master) in masters.iter().enumerate() {
        if let Some(master) = master.known() {
            filled(&master.az, &place.index(index).attribute(Master::AZ), found);
        }
    }
}

fn clusters(pool: &PoolModel, found: &mut Diagnostics) {
    let Some(clusters) = pool.clusters.known() else { return };
    let ids = clusters.iter().map(|item| item.known().and_then(|item| item.provider_id.known()));
    distinct(
        ids,
        Cluster::PROVIDER_ID,
        &Place::of(PoolModel::CLUSTERS),
        "Cluster named twice",
        found,
    );
}

/// Texts of the items of a list, each of which may occur once.
fn distinct<'t>(
    texts: impl Iterator<Item = Option<&'t String>>,
    member: &str,
    list: &Place,
    summary: &str,
    found: &mut Diagnostics,
) {
    let mut seen = BTreeSet::new();
    for (index, text) in texts.enumerate() {
        let Some(text) = text else { continue };
        let place = list.index(index).attribute(member);
        if text.is_empty() {
            empty(&place, found);
        } else if !seen.insert(text) {
            let detail = format!("{list} names {text:?} more than once. Take {place} out.");
            place.error(summary, detail, found);
        }
    }
}

fn user_login(login: &UserLogin, place: &Place, found: &mut Diagnostics) {
    let UserLogin { key_pair_name, password, password_wo, password_wo_version } = login;
    // What is decided later may turn out to be null: it counts as a way to
    // log in, but never as one too many.
    let ways = [
        (
            UserLogin::KEY_PAIR_NAME,
            key_pair_name.known().map(String::is_empty),
            key_pair_name.is_unknown(),
        ),
        (UserLogin::PASSWORD, password.known().map(Secret::is_empty), password.is_unknown()),
        (
            UserLogin::PASSWORD_WO,
            password_wo.known().map(Secret::is_empty),
            password_wo.is_unknown(),
        ),
    ];
    let set: Vec<&str> =
        ways.iter().filter(|(_, empty, _)| empty.is_some()).map(|(name, ..)| *name).collect();
    let later = ways.iter().any(|(.., unknown)| *unknown);
    if set.len() > 1 || (set.is_empty() && !later) {
        let what = if set.is_empty() { "nothing".to_owned() } else { set.join(" and ") };
        let detail = format!(
            "{place} has {what}. Set exactly one of key_pair_name, password and password_wo."
        );
        place.error("Not exactly one login", detail, found);
    }
    for (name, ..) in ways.iter().filter(|(_, is_empty, _)| *is_empty == Some(true)) {
        empty(&place.attribute(name), found);
    }
    if password_wo_version.known().is_some() && password_wo.is_null() {
        let place = place.attribute(UserLogin::PASSWORD_WO_VERSION);
        let detail = format!(
            "{place} is set, but there is no password_wo that it could be the version of. Set \
             password_wo, or take it out."
        );
        place.error("Version without password", detail, found);
    }
}
