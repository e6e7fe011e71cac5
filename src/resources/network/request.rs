//! What the service is asked for.

use crate::modelarts::network::{
    Connections, CreateNetwork, Network, NetworkSpec, PatchNetwork, PeerConnection,
    SfsTurboConnection,
};
use crate::modelarts::{Object, labels};
use crate::resources::lifecycle::update::Step;
use crate::tf::model::{Set, Tf};

use super::NetworkResource;
use super::ready::{self, Goal};
use super::schema::{self, NetworkModel};

/// What can be changed in place. What a plan leaves to the service is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patchable {
    /// Workspace to be in.
    pub workspace_id: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Whether there is IPv6.
    pub ipv6_enable: Option<bool>,
    /// Connections; an absent list is none.
    pub peers: Vec<PeerConnection>,
    /// Connections; an absent list is none.
    pub turbos: Vec<SfsTurboConnection>,
}

impl Patchable {
    /// Takes a plan or a state as what is asked for.
    pub fn of(model: &NetworkModel) -> Self {
        let mut peers: Vec<_> = items(&model.peer_connections).map(peer).collect();
        peers.sort_by(|a, b| {
            (&a.peer_vpc_id, &a.peer_subnet_id).cmp(&(&b.peer_vpc_id, &b.peer_subnet_id))
        });
        let mut turbos: Vec<_> = items(&model.sfs_turbo_connections).map(turbo).collect();
        turbos.sort_by(|a, b| a.sfs_id.cmp(&b.sfs_id));
        Self {
            workspace_id: model.workspace_id.cloned(),
            description: model.description.cloned().filter(|text| !text.is_empty()),
            ipv6_enable: model.ipv6_enable.get(),
            peers,
            turbos,
        }
    }
}

fn items<T: crate::tf::model::Model>(set: &Tf<Set<T>>) -> impl Iterator<Item = &T> {
    set.known().into_iter().flat_map(Set::known)
}

fn peer(peer: &schema::PeerConnection) -> PeerConnection {
    PeerConnection {
        peer_vpc_id: peer.vpc_id.cloned().unwrap_or_default(),
        peer_subnet_id: peer.subnet_id.cloned().unwrap_or_default(),
        default_gateway: peer.default_gateway.get(),
    }
}

fn turbo(turbo: &schema::SfsTurboConnection) -> SfsTurboConnection {
    SfsTurboConnection {
        name: turbo.name.cloned().unwrap_or_default(),
        sfs_id: turbo.sfs_id.cloned().unwrap_or_default(),
        ..SfsTurboConnection::default()
    }
}

/// The create request. Connections come later, when the network is active: not
/// every edition of the API takes them here, and those to file systems need the
/// subnet.
pub fn create(planned: &NetworkModel, workspace: &Option<String>) -> CreateNetwork {
    let wanted = Patchable::of(planned);
    let mut request = CreateNetwork {
        spec: NetworkSpec {
            cidr: planned.cidr.cloned(),
            ipv6_enable: wanted.ipv6_enable,
            ..NetworkSpec::default()
        },
        ..CreateNetwork::default()
    };
    let name = planned.name.cloned().unwrap_or_default();
    request.labels.insert(labels::NAME.to_owned(), name);
    if let Some(workspace) = workspace {
        request.labels.insert(labels::WORKSPACE_ID.to_owned(), workspace.clone());
    }
    if let Some(description) = wanted.description {
        request.annotations.insert(labels::DESCRIPTION.to_owned(), description);
    }
    request
}

/// Says whether a network carries everything that a create request asked for.
pub fn carries(network: &Network, request: &CreateNetwork) -> bool {
    let metadata = network.metadata();
    let labels = request.labels.iter().all(|(key, wanted)| match metadata.label(key) {
        Some(shown) => shown == wanted,
        None => key != labels::NAME,
    });
    let annotations = request
        .annotations
        .iter()
        .all(|(key, wanted)| metadata.annotation(key).is_none_or(|shown| shown == wanted));
    let (shown, wanted) = (&network.spec, &request.spec);
    let ipv6 = wanted.ipv6_enable.is_none_or(|on| shown.ipv6_enable.unwrap_or(on) == on);
    labels
        && annotations
        && ipv6
        && shown.cidr.as_ref().is_none_or(|c| Some(c) == wanted.cidr.as_ref())
}

/// What is left to ask for. The workspace moves in a request of its own, as that
/// of a pool does; connections wait until the network is at rest.
pub fn steps(before: &Patchable, after: &Patchable, live: &Network) -> Vec<Step<NetworkResource>> {
    let step = |what, patch, goal, needs_rest| Step { what, patch, goal, needs_rest };
    let mut steps = Vec::new();
    if let Some((patch, workspace)) = workspace(before, after, live) {
        let goal = Goal { workspace_id: Some(workspace), ..Goal::default() };
        steps.push(step("move the network to another workspace", patch, Some(goal), true));
    }
    let mut patch = PatchNetwork::default();
    let shown = live.metadata().annotation(labels::DESCRIPTION).unwrap_or_default();
    let wanted = after.description.as_deref().unwrap_or_default();
    if before.description != after.description && shown != wanted {
        // A typed annotation is cleared with an empty text.
        patch.annotations.insert(labels::DESCRIPTION.to_owned(), Some(wanted.to_owned()));
    }
    if before.ipv6_enable != after.ipv6_enable && live.spec.ipv6_enable != after.ipv6_enable {
        patch.spec.ipv6_enable = after.ipv6_enable;
    }
    let connections = connections(before, after, live);
    let has_connections = connections != Connections::default();
    let goal =
        has_connections.then(|| Goal { connections: connections.clone(), ..Goal::default() });
    if has_connections {
        patch.spec.connection = Some(connections);
    }
    if !patch.is_empty() {
        steps.push(step("change the network", patch, goal, has_connections));
    }
    steps
}

fn workspace(
    before: &Patchable,
    after: &Patchable,
    live: &Network,
) -> Option<(PatchNetwork, String)> {
    let wanted = after.workspace_id.clone()?;
    if before.workspace_id.as_ref() == Some(&wanted) || live.workspace_id() == Some(&wanted) {
        return None;
    }
    let mut patch = PatchNetwork::default();
    patch.labels.insert(labels::WORKSPACE_ID.to_owned(), Some(wanted.clone()));
    Some((patch, wanted))
}

/// The lists that change, each whole; of a file system with the subnet of the
/// network, as the Go provider sends it.
fn connections(before: &Patchable, after: &Patchable, live: &Network) -> Connections {
    let subnet = live.status.subnets.first().and_then(|subnet| subnet.network_id.clone());
    let with_subnet = |turbo: &SfsTurboConnection| SfsTurboConnection {
        subnet_id: subnet.clone(),
        ..turbo.clone()
    };
    let peers = Connections {
        peer_connection_list: (before.peers != after.peers).then(|| after.peers.clone()),
        ..Connections::default()
    };
    let turbos = Connections {
        sfs_turbo_connection_list: (before.turbos != after.turbos)
            .then(|| after.turbos.iter().map(with_subnet).collect()),
        ..Connections::default()
    };
    let left = |list: Connections| if has(live, &list) { Connections::default() } else { list };
    Connections {
        peer_connection_list: left(peers).peer_connection_list,
        sfs_turbo_connection_list: left(turbos).sfs_turbo_connection_list,
        ..Connections::default()
    }
}

/// Says whether a network has a list already. One that says nothing of
/// connections has none to speak of.
fn has(live: &Network, wanted: &Connections) -> bool {
    let none = |list: Option<usize>| list.is_none_or(|length| length == 0);
    if live.spec.connection.is_none() {
        return none(wanted.peer_connection_list.as_ref().map(Vec::len))
            && none(wanted.sfs_turbo_connection_list.as_ref().map(Vec::len));
    }
    ready::shows(wanted, live)
}
