//! Checks of a configuration before anything is asked of the service (API
//! reference, networks). Unknown values are not judged.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::resources::rules::{self, Name, Place, block, filled};
use crate::tf::diagnostics::{Diagnostics, Severity};
use crate::tf::model::{Set, Tf};

use super::schema::{DEFAULT_TIMEOUT, NetworkModel, PeerConnection, SfsTurboConnection, Timeouts};

/// What names of networks may be.
const NAME: Name = Name { noun: "network", most: 32, safe: 32 };
/// Where a network may be, and the shortest prefix that is meant by it.
const RANGES: [([u8; 4], u8); 3] =
    [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16)];
/// The longest prefix of a network.
const LONGEST: u8 = 24;
/// Blocks that the service uses itself.
const TAKEN: [([u8; 4], u8, &str); 2] =
    [([172, 16, 0, 0], 16, "containers"), ([10, 247, 0, 0], 16, "services")];

/// Finds everything that is wrong with a configuration.
pub fn validate(network: &NetworkModel) -> Diagnostics {
    let mut found = Diagnostics::new();
    rules::name(&network.name, &Place::of(NetworkModel::NAME), NAME, &mut found);
    filled(&network.workspace_id, &Place::of(NetworkModel::WORKSPACE_ID), &mut found);
    let place = Place::of(NetworkModel::DESCRIPTION);
    rules::description(&network.description, &place, &mut found);
    cidr(network, &mut found);
    peers(network, &mut found);
    turbos(network, &mut found);
    if let Some(timeouts) = network.timeouts.known() {
        let all = [
            (Timeouts::CREATE, &timeouts.create, DEFAULT_TIMEOUT),
            (Timeouts::UPDATE, &timeouts.update, DEFAULT_TIMEOUT),
            (Timeouts::DELETE, &timeouts.delete, DEFAULT_TIMEOUT),
        ];
        rules::timeouts(all, &Place::of(NetworkModel::TIMEOUTS), &mut found);
    }
    found
}

/// What is wrong with a configuration. Warnings belong to the plan that they are
/// about, not to every run.
pub fn errors(network: &NetworkModel) -> Diagnostics {
    let found = validate(network).into_iter();
    found.filter(|finding| finding.severity == Severity::Error).collect()
}

fn net((address, prefix): ([u8; 4], u8)) -> Option<Ipv4Net> {
    Ipv4Net::new(address.into(), prefix).ok()
}

fn cidr(network: &NetworkModel, found: &mut Diagnostics) {
    let place = Place::of(NetworkModel::CIDR);
    let Some(wanted) = block(&network.cidr, &place, found) else { return };
    let inside = RANGES.into_iter().filter_map(net).any(|range| range.contains(&wanted));
    if !inside || wanted.prefix_len() > LONGEST {
        let detail = format!(
            "{place} is \"{wanted}\". Use a block in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 \
             with a prefix length of at most {LONGEST}."
        );
        place.error("Address block not allowed", detail, found);
        return;
    }
    for (address, prefix, what) in TAKEN {
        let Some(taken) = net((address, prefix)) else { continue };
        if taken.contains(&wanted) || wanted.contains(&taken) {
            let detail = format!(
                "{wanted} overlaps with {taken}, which the service uses for {what}. Pools on this \
                 network may not work; choose another block."
            );
            place.warn("Address block in use by the service", detail, found);
        }
    }
}

fn peers(network: &NetworkModel, found: &mut Diagnostics) {
    let place = Place::of(NetworkModel::PEER_CONNECTIONS);
    let mut seen = BTreeSet::new();
    for peer in items(&network.peer_connections) {
        let PeerConnection { vpc_id, subnet_id, .. } = peer;
        let called = format!("VPC {:?}", vpc_id.text().unwrap_or("not known yet"));
        let here = place.element(&called);
        filled(vpc_id, &here.attribute(PeerConnection::VPC_ID), found);
        filled(subnet_id, &here.attribute(PeerConnection::SUBNET_ID), found);
        if let (Some(vpc), Some(subnet)) = (vpc_id.text(), subnet_id.text())
            && !seen.insert((vpc, subnet))
        {
            let detail = format!(
                "peer_connections holds subnet {subnet:?} of VPC {vpc:?} more than once. Keep one."
            );
            place.error("Connection written twice", detail, found);
        }
    }
}

fn turbos(network: &NetworkModel, found: &mut Diagnostics) {
    let place = Place::of(NetworkModel::SFS_TURBO_CONNECTIONS);
    let mut seen = BTreeSet::new();
    for turbo in items(&network.sfs_turbo_connections) {
        let SfsTurboConnection { name, sfs_id } = turbo;
        let called = format!("file system {:?}", name.text().unwrap_or("not known yet"));
        let here = place.element(&called);
        filled(name, &here.attribute(SfsTurboConnection::NAME), found);
        filled(sfs_id, &here.attribute(SfsTurboConnection::SFS_ID), found);
        if let Some(id) = sfs_id.text()
            && !seen.insert(id)
        {
            let detail =
                format!("sfs_turbo_connections holds file system {id:?} more than once. Keep one.");
            place.error("Connection written twice", detail, found);
        }
    }
}

fn items<T: crate::tf::model::Model>(set: &Tf<Set<T>>) -> impl Iterator<Item = &T> {
    set.known().into_iter().flat_map(Set::known)
}
