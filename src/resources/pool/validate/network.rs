//! Networks, zones, clusters and log-in: what a pool stands on.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::tf::diagnostics::Diagnostics;
use crate::tf::field::Field;

use super::super::config::{NetworkConfig, PoolConfig, UserLoginConfig};
use super::report::{Place, empty, filled};

/// Finds mistakes that do not depend on the kind of pool.
pub fn check(pool: &PoolConfig, found: &mut Diagnostics) {
    if let Some(network) = pool.network.known() {
        texts(network, found);
    }
    blocks(pool, found);
    masters(pool, found);
    clusters(pool, found);
    if let Some(login) = pool.user_login.known() {
        user_login(login, &Place::of("user_login"), found);
    }
}

fn texts(network: &NetworkConfig, found: &mut Diagnostics) {
    let place = Place::of("network");
    if network.name.known().is_some_and(String::is_empty) {
        let detail = "network.name is empty. Give the ID of a ModelArts network, which is its \
                      name, a hyphen and the project ID.";
        place.attribute("name").error("Network missing", detail, found);
    }
    filled(&network.vpc_id, &place.attribute("vpc_id"), found);
    filled(&network.subnet_id, &place.attribute("subnet_id"), found);
}

/// The network of a `Dedicate` pool: a ModelArts network by its name, or a VPC
/// and a subnet.
pub fn of_dedicate(pool: &PoolConfig, found: &mut Diagnostics) {
    let place = Place::of("network");
    let network = match &pool.network {
        Field::Null => return missing(&place, found),
        Field::Unknown => return,
        Field::Known(network) => network,
    };
    let NetworkConfig { name, vpc_id, subnet_id } = network;
    let (vpc, subnet) = (vpc_id.known().is_some(), subnet_id.known().is_some());
    if name.known().is_some() && (vpc || subnet) {
        let detail = "network.name is set together with network.vpc_id or network.subnet_id. Use \
                      name alone for a ModelArts network, or vpc_id and subnet_id for a \
                      privileged pool.";
        place.attribute("name").error("Two networks", detail, found);
    }
    if name.is_null() && vpc_id.is_null() && !subnet {
        missing(&place, found);
    }
    let halves = [
        ("vpc_id", vpc_id.is_null() && subnet, "subnet_id"),
        ("subnet_id", subnet_id.is_null() && vpc, "vpc_id"),
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

fn blocks(pool: &PoolConfig, found: &mut Diagnostics) {
    let place = Place::of("container_network").attribute("cidr");
    let containers = pool.container_network.known().and_then(|it| block(&it.cidr, &place, found));
    let range = &pool.kubernetes_svc_ip_range;
    let services = block(range, &Place::of("kubernetes_svc_ip_range"), found);
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

/// The block that a text means, even if it is not written as one.
fn block(field: &Field<String>, place: &Place, found: &mut Diagnostics) -> Option<Ipv4Net> {
    let text = field.known()?;
    let Ok(net) = text.parse::<Ipv4Net>() else {
        let detail = format!(
            "{place} is {text:?}. Use an IPv4 address block such as \"172.16.0.0/16\": four \
             numbers, a slash and a prefix length from 0 to 32."
        );
        place.error("Invalid address block", detail, found);
        return None;
    };
    let net = net.trunc();
    if net.to_string() != *text {
        let detail = format!(
            "{place} is {text:?}, but this is not how a block starts: bits after the prefix are \
             zero and numbers have no leading zeros. Write \"{net}\"."
        );
        place.error("Invalid address block", detail, found);
    }
    Some(net)
}

fn masters(pool: &PoolConfig, found: &mut Diagnostics) {
    let Some(masters) = pool.masters.known() else { return };
    let place = Place::of("masters");
    if masters.is_empty() {
        let detail = "masters is empty. List the zones of the control plane, or leave masters out \
                      and the service chooses.";
        place.error("No availability zone", detail, found);
    }
    // A zone may hold more than one of them.
    for (index, master) in masters.iter().enumerate() {
        if let Some(master) = master.known() {
            filled(&master.az, &place.index(index).attribute("az"), found);
        }
    }
}

fn clusters(pool: &PoolConfig, found: &mut Diagnostics) {
    let Some(clusters) = pool.clusters.known() else { return };
    let ids = clusters.iter().map(|item| item.known().and_then(|item| item.provider_id.known()));
    distinct(ids, "provider_id", &Place::of("clusters"), "Cluster named twice", found);
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

fn user_login(login: &UserLoginConfig, place: &Place, found: &mut Diagnostics) {
    let UserLoginConfig { key_pair_name, password, password_wo, password_wo_version } = login;
    // What is decided later may turn out to be null: it counts as a way to
    // log in, but never as one too many.
    let ways = [
        ("key_pair_name", key_pair_name.known().map(String::is_empty), key_pair_name.is_unknown()),
        ("password", password.known().map(|it| it.is_empty), password.is_unknown()),
        ("password_wo", password_wo.known().map(|it| it.is_empty), password_wo.is_unknown()),
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
        let place = place.attribute("password_wo_version");
        let detail = format!(
            "{place} is set, but there is no password_wo that it could be the version of. Set \
             password_wo, or take it out."
        );
        place.error("Version without password", detail, found);
    }
}
