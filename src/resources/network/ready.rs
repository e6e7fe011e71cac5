//! Whether a network is there yet (API reference, networks).

use crate::modelarts::Object;
use crate::modelarts::network::{
    Connections, Network, PeerConnection, PeerStatus, SfsTurboConnection, SfsTurboStatus,
};
use crate::resources::lifecycle::{self, Readiness};
use crate::wait::Deadline;

/// The phase of a network that works.
pub const ACTIVE: &str = "Active";
/// The phase of a network, and the state of a connection, that does not work.
pub const ABNORMAL: &str = "Abnormal";

/// What is waited for: an active network with all of its connections.
#[derive(Debug, Clone, Default)]
pub struct Goal {
    /// Lists of connections that the network must have taken over before their
    /// states mean anything; a list that is `None` is left as it is.
    pub connections: Connections,
    /// The workspace that the network must be in.
    pub workspace_id: Option<String>,
    /// Whether only the network itself counts: its connections are still to be
    /// asked for.
    pub alone: bool,
    /// Until when a connection may show the failure of an earlier change, as it
    /// did before this one.
    pub old_verdict_until: Option<Deadline>,
}

impl lifecycle::Goal<Network> for Goal {
    fn check(&self, network: &Network) -> Readiness {
        match network.phase() {
            Some(ACTIVE) => {}
            Some(ABNORMAL) => {
                return Readiness::Failed(format!("phase is {ABNORMAL}{}", because(network)));
            }
            Some(phase) => return Readiness::Pending(format!("phase is {phase}")),
            None => return Readiness::Pending("no phase yet".to_owned()),
        }
        if self.alone {
            return Readiness::Ready;
        }
        if let Some(pending) = self.taken_over(network) {
            return Readiness::Pending(pending);
        }
        match connections(network) {
            Readiness::Failed(reason) if self.is_old_verdict() => Readiness::Pending(reason),
            Readiness::Failed(reason) => Readiness::Failed(format!("{reason}{}", because(network))),
            other => other,
        }
    }
}

/// The service's own words, as the end of a sentence.
fn because(network: &Network) -> String {
    let reason = network.status.message.as_deref().filter(|text| !text.is_empty());
    reason.map(|text| format!(": {text}")).unwrap_or_default()
}

impl Goal {
    fn is_old_verdict(&self) -> bool {
        self.old_verdict_until.is_some_and(|until| !until.has_passed())
    }

    fn taken_over(&self, network: &Network) -> Option<String> {
        if !shows(&self.connections, network) {
            return Some("the service does not show the connections yet".to_owned());
        }
        let workspace = self.workspace_id.as_deref()?;
        // An answer without the label does not say where the network is.
        let elsewhere = network.workspace_id().is_some_and(|shown| shown != workspace);
        elsewhere.then(|| format!("the network is not in workspace {workspace} yet"))
    }
}

/// Says whether a network has these lists of connections.
pub fn shows(wanted: &Connections, network: &Network) -> bool {
    // An answer that says nothing of connections contradicts nothing.
    let Some(shown) = &network.spec.connection else { return true };
    let peers = wanted.peer_connection_list.as_ref().is_none_or(|wanted| {
        let shown = shown.peer_connection_list.as_deref().unwrap_or_default();
        wanted.len() == shown.len() && wanted.iter().all(|one| shown.iter().any(|s| s.is_same(one)))
    });
    let turbos = wanted.sfs_turbo_connection_list.as_ref().is_none_or(|wanted| {
        let shown = shown.sfs_turbo_connection_list.as_deref().unwrap_or_default();
        wanted.len() == shown.len() && wanted.iter().all(|one| shown.iter().any(|s| s.is_same(one)))
    });
    peers && turbos
}

/// How far the connections are that the network has.
fn connections(network: &Network) -> Readiness {
    let none = Connections::default();
    let wanted = network.spec.connection.as_ref().unwrap_or(&none);
    let peers = wanted.peer_connection_list.iter().flatten().map(|peer| {
        state(&format!("the connection to VPC {}", peer.peer_vpc_id), peer_phase(network, peer))
    });
    let turbos = wanted.sfs_turbo_connection_list.iter().flatten().map(|turbo| {
        let what = format!("the connection to file system {}", turbo.name);
        state(&what, turbo_phase(network, turbo))
    });
    let mut pending = None;
    for readiness in peers.chain(turbos) {
        match readiness {
            Readiness::Ready => {}
            Readiness::Failed(reason) => return Readiness::Failed(reason),
            other => pending = pending.or(Some(other)),
        }
    }
    let going = going(wanted, network)
        .map(|what| Readiness::Pending(format!("the connection to {what} is being removed")));
    pending.or(going).unwrap_or(Readiness::Ready)
}

/// What the network is still connected to although that is no longer wanted.
/// It is let go of only when its state is gone too (the Go provider waits for this
/// with file systems): whoever deletes it next needs it free.
fn going(wanted: &Connections, network: &Network) -> Option<String> {
    let mut peers = peer_states(network).filter_map(|shown| {
        let vpc = shown.peer_vpc_id.as_ref()?;
        let is_wanted = wanted.peer_connection_list.iter().flatten().any(|peer| is_of(shown, peer));
        (!is_wanted).then(|| format!("VPC {vpc}"))
    });
    let mut turbos = turbo_states(network).filter_map(|shown| {
        let id = shown.sfs_id.as_ref()?;
        let mut all = wanted.sfs_turbo_connection_list.iter().flatten();
        let is_wanted = all.any(|turbo| turbo.sfs_id == *id);
        (!is_wanted).then(|| format!("file system {}", shown.name.as_ref().unwrap_or(id)))
    });
    peers.next().or_else(|| turbos.next())
}

fn peer_states(network: &Network) -> impl Iterator<Item = &PeerStatus> {
    network.status.connection_status.iter().flat_map(|states| &states.peer_connection_status)
}

fn turbo_states(network: &Network) -> impl Iterator<Item = &SfsTurboStatus> {
    network.status.connection_status.iter().flat_map(|states| &states.sfs_turbo_status)
}

fn is_of(shown: &PeerStatus, peer: &PeerConnection) -> bool {
    shown.peer_vpc_id.as_ref() == Some(&peer.peer_vpc_id)
        && shown.peer_subnet_id.as_ref().is_none_or(|id| *id == peer.peer_subnet_id)
}

/// How far a connection to a VPC is, in the service's word.
pub fn peer_phase<'a>(network: &'a Network, peer: &PeerConnection) -> Option<&'a str> {
    peer_states(network).find(|shown| is_of(shown, peer))?.phase.as_deref()
}

/// How far a connection to a file system is, in the service's word.
pub fn turbo_phase<'a>(network: &'a Network, turbo: &SfsTurboConnection) -> Option<&'a str> {
    let mut all = turbo_states(network);
    all.find(|shown| shown.sfs_id.as_ref() == Some(&turbo.sfs_id))?.status.as_deref()
}

fn state(what: &str, phase: Option<&str>) -> Readiness {
    match phase {
        Some(ACTIVE) => Readiness::Ready,
        Some(ABNORMAL) => Readiness::Failed(format!("{what} is {ABNORMAL}")),
        Some(phase) if !phase.is_empty() => Readiness::Pending(format!("{what} is {phase}")),
        _ => Readiness::Pending(format!("{what} has no state yet")),
    }
}

#[cfg(test)]
mod tests {
    use lifecycle::Goal as _;
    use serde_json::{Value as Json, json};

    use super::*;

    fn network(connection: Json, status: Json) -> Network {
        serde_json::from_value(json!({
            "metadata": { "name": "net-1" },
            "spec": { "cidr": "192.168.0.0/16", "connection": connection },
            "status": status,
        }))
        .unwrap()
    }

    fn check(connection: Json, states: Json) -> Readiness {
        let status = json!({ "phase": ACTIVE, "connectionStatus": states });
        Goal::default().check(&network(connection, status))
    }

    fn peer() -> Json {
        json!({ "peerVpcId": "v", "peerSubnetId": "s" })
    }

    #[test]
    fn a_network_has_to_be_active() {
        let of =
            |phase: &str| Goal::default().check(&network(json!({}), json!({ "phase": phase })));
        assert_eq!(of("Active"), Readiness::Ready);
        assert_eq!(of(""), Readiness::Pending("no phase yet".to_owned()));
        assert_eq!(of("Creating"), Readiness::Pending("phase is Creating".to_owned()));
        assert_eq!(of("Abnormal"), Readiness::Failed("phase is Abnormal".to_owned()));
    }

    #[test]
    fn every_connection_has_to_be_active() {
        let peers = json!({ "peerConnectionList": [peer()] });
        let of = |phase: &str| {
            let shown = json!({ "peerVpcId": "v", "peerSubnetId": "s", "phase": phase });
            check(peers.clone(), json!({ "peerConnectionStatus": [shown] }))
        };
        assert_eq!(of("Active"), Readiness::Ready);
        assert!(matches!(of("Connecting"), Readiness::Pending(_)));
        assert_eq!(of("Abnormal"), Readiness::Failed("the connection to VPC v is Abnormal".into()));
        assert!(matches!(check(peers.clone(), json!({})), Readiness::Pending(_)));
        let turbos = json!({ "sfsTurboConnectionList": [{ "name": "n", "sfsId": "f" }] });
        let of = |phase: &str| {
            let shown = json!({ "name": "n", "sfsId": "f", "status": phase });
            check(turbos.clone(), json!({ "sfsTurboStatus": [shown] }))
        };
        assert_eq!(of("Active"), Readiness::Ready);
        assert!(matches!(of("Creating"), Readiness::Pending(_)));
        assert!(matches!(of("Abnormal"), Readiness::Failed(_)));
    }

    #[test]
    fn what_is_let_go_of_has_to_be_gone() {
        let system = json!({ "name": "n", "sfsId": "f", "status": "Active" });
        let other = json!({ "peerVpcId": "v", "peerSubnetId": "t", "phase": "Active" });
        let mine = json!({ "peerVpcId": "v", "peerSubnetId": "s", "phase": "Active" });
        for (states, what) in [
            (json!({ "sfsTurboStatus": [system] }), "file system n"),
            (json!({ "peerConnectionStatus": [other, mine] }), "VPC v"),
        ] {
            let pending = format!("the connection to {what} is being removed");
            let peers = if what == "VPC v" { json!([peer()]) } else { json!([]) };
            let connection = json!({ "peerConnectionList": peers });
            assert_eq!(check(connection, states), Readiness::Pending(pending));
        }
    }

    #[test]
    fn a_failure_from_before_a_change_is_not_taken_for_one_of_it() {
        let shown = json!({ "peerVpcId": "v", "peerSubnetId": "s", "phase": "Abnormal" });
        let states = json!({ "peerConnectionStatus": [shown] });
        let status = json!({ "phase": ACTIVE, "message": "why", "connectionStatus": states });
        let network = network(json!({ "peerConnectionList": [peer()] }), status);
        let check =
            |old_verdict_until| Goal { old_verdict_until, ..Goal::default() }.check(&network);
        let soon = Deadline::after(std::time::Duration::from_secs(60));
        assert!(matches!(check(Some(soon)), Readiness::Pending(_)));
        let failed = Readiness::Failed("the connection to VPC v is Abnormal: why".to_owned());
        assert_eq!(check(None), failed);
        assert_eq!(check(Some(Deadline::after(std::time::Duration::ZERO))), failed);
    }

    #[test]
    fn the_old_connections_are_not_taken_for_the_new_ones() {
        let wanted: Connections =
            serde_json::from_value(json!({ "peerConnectionList": [peer()] })).unwrap();
        let goal = Goal { connections: wanted, ..Goal::default() };
        let status = json!({ "phase": ACTIVE });
        assert!(matches!(goal.check(&network(json!({}), status)), Readiness::Pending(_)));
    }
}
