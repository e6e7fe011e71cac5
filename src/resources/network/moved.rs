//! Taking over a network from the state of the Go provider.

use serde_json::Value as Json;

use crate::modelarts::workspace::DEFAULT_WORKSPACE;
use crate::resources::takeover::source::{blocks, text};
use crate::resources::takeover::{take_over, timeouts};
use crate::tf::model::{Set, Tf};
use crate::tf::resource::{MoveRequest, Outcome, Saved};

use super::NetworkResource;
use super::schema::{NetworkModel, PeerConnection, SfsTurboConnection, Timeouts};

/// The type of the Go provider.
const SOURCE_TYPE: &str = "huaweicloud_modelarts_network";

/// Takes over a network; `None` when the source is no network of the Go provider.
pub fn move_state(from: &MoveRequest, saved: &Saved<'_, NetworkModel>) -> Option<Outcome> {
    take_over::<NetworkResource>(from, SOURCE_TYPE, network, saved)
}

/// The network as an import would show it.
fn network(id: String, source: &Json) -> NetworkModel {
    let peers: Set<_> = blocks(source, "peer_connections").filter_map(peer).collect();
    let turbos: Set<_> = blocks(source, "sfs_turbos").filter_map(turbo).collect();
    let workspace = text(source, "workspace_id").unwrap_or(DEFAULT_WORKSPACE.to_owned());
    NetworkModel {
        id: id.into(),
        name: text(source, "name").into(),
        workspace_id: workspace.into(),
        cidr: text(source, "cidr").into(),
        peer_connections: (!peers.is_empty()).then_some(peers).into(),
        sfs_turbo_connections: (!turbos.is_empty()).then_some(turbos).into(),
        phase: text(source, "status").into(),
        subnet_ids: Tf::Known(text(source, "subnet_id").into_iter().collect()),
        timeouts: timeouts(source)
            .map(|[create, update, delete]| Timeouts {
                create: create.into(),
                update: update.into(),
                delete: delete.into(),
            })
            .into(),
        ..NetworkModel::default()
    }
}

fn peer(peer: &Json) -> Option<PeerConnection> {
    Some(PeerConnection {
        vpc_id: text(peer, "vpc_id")?.into(),
        subnet_id: text(peer, "subnet_id")?.into(),
        default_gateway: Tf::Known(false),
    })
}

fn turbo(turbo: &Json) -> Option<SfsTurboConnection> {
    Some(SfsTurboConnection {
        name: text(turbo, "name")?.into(),
        sfs_id: text(turbo, "id")?.into(),
    })
}
