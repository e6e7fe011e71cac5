//! Whether a network is there yet (API reference, networks).

use crate::modelarts::Object;
use crate::modelarts::network::{ConnectionStatus, Connections, Network};
use crate::resources::lifecycle::{self, Readiness};

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
}

impl lifecycle::Goal<Network> for Goal {
    fn check(&self, network: &Network) -> Readiness {
        match network.phase() {
            Some(ACTIVE) => {}
            Some(ABNORMAL) => {
                let reason = network.status.message.as_deref().filter(|text| !text.is_empty());
                let because = reason.map(|text| format!(": {text}")).unwrap_or_default();
                return Readiness::Failed(format!("phase is {ABNORMAL}{because}"));
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
        connections(network)
    }
}

impl Goal {
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
    let (none, nothing) = (Connections::default(), ConnectionStatus::default());
    let wanted = network.spec.connection.as_ref().unwrap_or(&none);
    let status = network.status.connection_status.as_ref().unwrap_or(&nothing);
    let mut pending = None;
    for peer in wanted.peer_connection_list.iter().flatten() {
        let shown = status.peer_connection_status.iter().find(|shown| {
            shown.peer_vpc_id.as_ref() == Some(&peer.peer_vpc_id)
                && shown.peer_subnet_id.as_ref().is_none_or(|id| *id == peer.peer_subnet_id)
        });
        let what = format!("the connection to VPC {}", peer.peer_vpc_id);
        let phase = shown.and_then(|shown| shown.phase.as_deref());
        match state(&what, phase) {
            Readiness::Ready => {}
            Readiness::Failed(reason) => return Readiness::Failed(reason),
            other => pending = pending.or(Some(other)),
        }
    }
    let turbos = wanted.sfs_turbo_connection_list.as_deref().unwrap_or_default();
    for turbo in turbos {
        let mut all = status.sfs_turbo_status.iter();
        let shown = all.find(|shown| shown.sfs_id.as_ref() == Some(&turbo.sfs_id));
        let what = format!("the connection to file system {}", turbo.name);
        let phase = shown.and_then(|shown| shown.status.as_deref());
        match state(&what, phase) {
            Readiness::Ready => {}
            Readiness::Failed(reason) => return Readiness::Failed(reason),
            other => pending = pending.or(Some(other)),
        }
    }
    // A file system is let go of only when its state is gone too (the Go
    // provider waits for this).
    let is_wanted = |id: &String| turbos.iter().any(|turbo| turbo.sfs_id == *id);
    let mut all = status.sfs_turbo_status.iter();
    if let Some(going) = all.find(|shown| shown.sfs_id.as_ref().is_some_and(|id| !is_wanted(id))) {
        let name = going.name.as_deref().or(going.sfs_id.as_deref()).unwrap_or_default();
        let text = format!("the connection to file system {name} is being removed");
        pending = pending.or(Some(Readiness::Pending(text)));
    }
    pending.unwrap_or(Readiness::Ready)
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
    fn a_file_system_that_is_let_go_of_has_to_be_gone() {
        let shown = json!({ "name": "n", "sfsId": "f", "status": "Active" });
        let states = json!({ "sfsTurboStatus": [shown] });
        assert!(matches!(check(json!({}), states), Readiness::Pending(_)));
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
