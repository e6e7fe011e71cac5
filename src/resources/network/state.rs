//! What an answer of the service says, as the model of the resource.

use crate::modelarts::network::{
    ConnectionStatus, Connections, Network, PeerConnection, PeerStatus, SfsTurboConnection,
    SfsTurboStatus,
};
use crate::modelarts::{Object, labels};
use crate::tf::model::{List, Set, Tf};

use super::schema::{self, NetworkModel};

/// What an answer says; null where it says nothing.
pub fn picture(network: &Network) -> NetworkModel {
    let (meta, spec, status) = (&network.metadata, &network.spec, &network.status);
    // In a map that is there a missing key has been taken off.
    let there = meta.annotations.is_some();
    let description = meta.annotation(labels::DESCRIPTION).or(there.then_some(""));
    // In connections that are there a missing list is none.
    let connection = spec.connection.as_ref();
    let peers = connection.map(|all| all.peer_connection_list.as_deref().unwrap_or_default());
    let turbos = connection.map(|all| all.sfs_turbo_connection_list.as_deref().unwrap_or_default());
    let is_alone = connection.is_some_and(Connections::is_empty);
    let nothing = is_alone.then(ConnectionStatus::default);
    let states = status.connection_status.as_ref().or(nothing.as_ref());
    let subnets = status.subnets.as_ref().map(|subnets| -> List<String> {
        subnets.iter().filter_map(|subnet| subnet.network_id.clone()).collect()
    });
    let peer_states = states.map(|states| -> List<_> {
        sorted(&states.peer_connection_status, |peer| {
            (peer.peer_vpc_id.clone(), peer.peer_subnet_id.clone())
        })
        .map(peer_status)
        .collect()
    });
    let turbo_states = states.map(|states| -> List<_> {
        sorted(&states.sfs_turbo_status, |turbo| (turbo.name.clone(), turbo.sfs_id.clone()))
            .map(turbo_status)
            .collect()
    });
    NetworkModel {
        id: filled(Some(&meta.name)),
        name: filled(network.display_name()),
        workspace_id: filled(network.workspace_id()),
        description: description.into(),
        cidr: filled(spec.cidr.as_deref()),
        ipv6_enable: spec.ipv6_enable.into(),
        peer_connections: peers.map(|all| all.iter().map(peer).collect::<Set<_>>()).into(),
        sfs_turbo_connections: turbos.map(|all| all.iter().map(turbo).collect::<Set<_>>()).into(),
        phase: filled(network.phase()),
        creation_timestamp: filled(meta.creation_timestamp.as_deref()),
        subnet_ids: subnets.into(),
        peer_connection_status: peer_states.into(),
        sfs_turbo_connection_status: turbo_states.into(),
        ..NetworkModel::default()
    }
}

/// In an order that does not change from answer to answer.
fn sorted<T, K: Ord>(all: &[T], key: impl Fn(&T) -> K) -> impl Iterator<Item = &T> {
    let mut all: Vec<&T> = all.iter().collect();
    all.sort_by_cached_key(|one| key(one));
    all.into_iter()
}

/// A text that says something.
fn filled(text: Option<&str>) -> Tf<String> {
    text.filter(|text| !text.is_empty()).into()
}

fn peer(peer: &PeerConnection) -> schema::PeerConnection {
    schema::PeerConnection {
        vpc_id: peer.peer_vpc_id.as_str().into(),
        subnet_id: peer.peer_subnet_id.as_str().into(),
        default_gateway: Tf::Known(peer.default_gateway.unwrap_or(false)),
    }
}

fn turbo(turbo: &SfsTurboConnection) -> schema::SfsTurboConnection {
    schema::SfsTurboConnection {
        name: turbo.name.as_str().into(),
        sfs_id: turbo.sfs_id.as_str().into(),
    }
}

fn peer_status(status: &PeerStatus) -> schema::PeerConnectionStatus {
    schema::PeerConnectionStatus {
        vpc_id: filled(status.peer_vpc_id.as_deref()),
        subnet_id: filled(status.peer_subnet_id.as_deref()),
        phase: filled(status.phase.as_deref()),
    }
}

fn turbo_status(status: &SfsTurboStatus) -> schema::SfsTurboConnectionStatus {
    schema::SfsTurboConnectionStatus {
        name: filled(status.name.as_deref()),
        sfs_id: filled(status.sfs_id.as_deref()),
        connection_type: filled(status.connection_type.as_deref()),
        ip_address: filled(status.ip_addr.as_deref()),
        status: filled(status.status.as_deref()),
    }
}
