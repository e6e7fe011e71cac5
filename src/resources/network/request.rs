//! What the service is asked for.

use crate::modelarts::network::{
    Connections, CreateNetwork, Network, NetworkSpec, PatchNetwork, PeerConnection,
    SfsTurboConnection,
};
use crate::modelarts::{Object, labels};
use crate::resources::lifecycle::OLD_VERDICT;
use crate::resources::lifecycle::update::Step;
use crate::tf::model::{Set, Tf};
use crate::wait::Deadline;

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
///
/// With `again`, connections that do not work are asked for once more.
pub fn steps(
    before: &Patchable,
    after: &Patchable,
    live: &Network,
    again: bool,
) -> Vec<Step<NetworkResource>> {
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
    let connections = connections(before, after, live, again);
    let has_connections = connections != Connections::default();
    let goal = has_connections.then(|| Goal {
        connections: connections.clone(),
        old_verdict_until: has_broken(after, live).then(|| Deadline::after(OLD_VERDICT)),
        ..Goal::default()
    });
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

/// Whether the network shows one of these connections as one that does not work.
fn has_broken(wanted: &Patchable, live: &Network) -> bool {
    wanted.peers.iter().any(|peer| peer.is_broken(live))
        || wanted.turbos.iter().any(|turbo| turbo.is_broken(live))
}

/// The lists that change, each whole; of a file system with the subnet of the
/// network, as the Go provider sends it.
fn connections(before: &Patchable, after: &Patchable, live: &Network, again: bool) -> Connections {
    let mut subnets = live.status.subnets.iter().flatten();
    let subnet = subnets.next().and_then(|subnet| subnet.network_id.clone());
    let shown = live.spec.connection.as_ref();
    let peers = shown.map(|all| all.peer_connection_list.as_deref().unwrap_or_default());
    let turbos = shown.map(|all| all.sfs_turbo_connection_list.as_deref().unwrap_or_default());
    let is_failed = |peer: &PeerConnection| again && peer.is_broken(live);
    let peers = replaced(&before.peers, &after.peers, peers, is_failed);
    let is_failed = |turbo: &SfsTurboConnection| again && turbo.is_broken(live);
    let mut turbos = replaced(&before.turbos, &after.turbos, turbos, is_failed);
    for turbo in turbos.iter_mut().flatten() {
        turbo.subnet_id.clone_from(&subnet);
    }
    Connections {
        peer_connection_list: peers,
        sfs_turbo_connection_list: turbos,
        ..Connections::default()
    }
}

/// A connection among others.
trait Entry: Clone {
    /// Whether both lead to the same place.
    fn leads_where(&self, other: &Self) -> bool;
    /// Whether both are the same connection with the same settings.
    fn is_same(&self, other: &Self) -> bool;
    /// Whether a network shows it as one that does not work.
    fn is_broken(&self, live: &Network) -> bool;
}

impl Entry for PeerConnection {
    fn leads_where(&self, other: &Self) -> bool {
        self.peer_vpc_id == other.peer_vpc_id && self.peer_subnet_id == other.peer_subnet_id
    }

    fn is_same(&self, other: &Self) -> bool {
        self.is_same(other)
    }

    fn is_broken(&self, live: &Network) -> bool {
        ready::peer_phase(live, self) == Some(ready::ABNORMAL)
    }
}

impl Entry for SfsTurboConnection {
    fn leads_where(&self, other: &Self) -> bool {
        self.sfs_id == other.sfs_id
    }

    fn is_same(&self, other: &Self) -> bool {
        self.is_same(other)
    }

    fn is_broken(&self, live: &Network) -> bool {
        ready::turbo_phase(live, self) == Some(ready::ABNORMAL)
    }
}

/// A list to be sent, whole; `None` when the network has what it should have.
/// What the plan does not touch is sent as it is on the network by now, so that
/// no request undoes what somebody else has done since. A network that says
/// nothing of its connections (`None`) has none to speak of.
///
/// What has failed and is to be tried again (`is_failed`) is sent even if it shows.
fn replaced<T: Entry>(
    before: &[T],
    after: &[T],
    live: Option<&[T]>,
    is_failed: impl Fn(&T) -> bool,
) -> Option<Vec<T>> {
    let find = |list: &[T], one: &T| list.iter().find(|other| other.leads_where(one)).cloned();
    let is_kept = |one: &T| before.iter().any(|old| old.is_same(one));
    let fails = after.iter().any(&is_failed);
    if before.len() == after.len() && after.iter().all(is_kept) && !fails {
        return None;
    }
    let now = live.unwrap_or_default();
    let asked = after.iter().filter_map(|one| match live {
        Some(now) if is_kept(one) => find(now, one),
        _ => Some(one.clone()),
    });
    let mut wanted: Vec<T> = asked.collect();
    let is_foreign = |one: &&T| find(before, one).is_none() && find(after, one).is_none();
    wanted.extend(now.iter().filter(is_foreign).cloned());
    let is_there = |one: &T| now.iter().any(|other| other.is_same(one));
    let is_done = wanted.len() == now.len() && wanted.iter().all(is_there);
    (fails || !is_done).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: &str, default_gateway: bool) -> PeerConnection {
        let [peer_vpc_id, peer_subnet_id] = [name.to_owned(), "subnet".to_owned()];
        PeerConnection { peer_vpc_id, peer_subnet_id, default_gateway: Some(default_gateway) }
    }

    fn list(names: &str) -> Vec<PeerConnection> {
        let one = |name: &str| peer(&name.to_lowercase(), name.to_lowercase() != name);
        names.split_whitespace().map(one).collect()
    }

    /// Capitals are default gateways.
    fn sent(before: &str, after: &str, live: Option<&str>) -> Option<Vec<PeerConnection>> {
        replaced(&list(before), &list(after), live.map(list).as_deref(), |_| false)
    }

    #[test]
    fn a_list_is_sent_whole_and_only_when_it_changes() {
        assert_eq!(sent("a b", "b a", Some("a")), None, "nobody changes it");
        assert_eq!(sent("a", "a b", Some("a")), Some(list("a b")));
        assert_eq!(sent("a b", "b", Some("a b")), Some(list("b")));
        assert_eq!(sent("a", "A", Some("a")), Some(list("A")));
        assert_eq!(sent("a", "", Some("a")), Some(Vec::new()));
        assert_eq!(sent("a", "a b", Some("b a")), None, "it is so already");
        assert_eq!(sent("a", "a b", None), Some(list("a b")));
        assert_eq!(sent("a", "", None), None, "there is none to take away");
    }

    #[test]
    fn what_has_failed_is_sent_again_with_the_whole_list() {
        let sent = |after: &str| {
            let (after, live) = (list(after), list("a b x"));
            replaced(&after, &after, Some(&live), |peer| peer.peer_vpc_id == "b")
        };
        assert_eq!(sent("a b"), Some(list("a b x")));
        assert_eq!(sent("a"), None);
    }

    #[test]
    fn what_the_plan_does_not_touch_stays_as_somebody_else_has_made_it() {
        assert_eq!(sent("a", "a b", Some("a x")), Some(list("a b x")));
        assert_eq!(sent("a c", "a b", Some("A c")), Some(list("A b")));
        assert_eq!(sent("a c", "c b", Some("a")), Some(list("b")), "c is gone and stays gone");
    }
}
