//! What is particular about networks in the life of an object.

use crate::modelarts::network::Network;
use crate::modelarts::workspace::DEFAULT_WORKSPACE;
use crate::modelarts::{NetworkId, Object};
use crate::resources::lifecycle::delete::{Refusal, Removal, ask_to_delete};
use crate::resources::lifecycle::{Kind, Readiness, RequestOf, Run, Watch};
use crate::tf::model::{Set, Tf};

use super::ready::{self, Goal};
use super::schema::NetworkModel;
use super::{NetworkResource, request, state, users};

/// The phase of a network that is being deleted. The API reference has no word
/// for it; a timestamp of the deletion says the same.
const DELETING: &str = "Deleting";

impl Kind for NetworkResource {
    type Object = Network;
    type Model = NetworkModel;
    type Goal = Goal;

    const TYPE_NAME: &'static str = "modelarts_network";
    const TITLE: &'static str = "Network";
    const NOUN: &'static str = "network";
    const STABLE_PHASE: &'static str = ready::ACTIVE;
    const AFTER_A_FAILED_CHANGE: &'static str = "The state shows what the network has now. Remove the cause and apply again: the connections \
         that do not work are asked for again.";
    const ASKS_AGAIN: bool = true;

    fn picture(network: &Network) -> NetworkModel {
        state::picture(network)
    }

    fn id(model: &NetworkModel) -> NetworkId {
        NetworkId::new(model.id.text().unwrap_or_default())
    }

    fn workspace(model: &NetworkModel) -> &str {
        model.workspace_id.text().unwrap_or(DEFAULT_WORKSPACE)
    }

    fn of_user(mut found: NetworkModel) -> NetworkModel {
        if found.workspace_id.is_null() {
            found.workspace_id = DEFAULT_WORKSPACE.into();
        }
        if found.peer_connections.known().is_some_and(Set::is_empty) {
            found.peer_connections = Tf::Null;
        }
        if found.sfs_turbo_connections.known().is_some_and(Set::is_empty) {
            found.sfs_turbo_connections = Tf::Null;
        }
        found
    }

    fn carries(network: &Network, request: &RequestOf<Self>) -> bool {
        request::carries(network, request)
    }

    fn phase(network: &Network) -> String {
        network.phase().unwrap_or("no phase yet").to_owned()
    }

    fn takes_changes(network: &Network) -> Readiness {
        match network.phase() {
            Some(ready::ACTIVE | ready::ABNORMAL) => Readiness::Ready,
            Some(DELETING) => Readiness::Failed("it is being deleted".to_owned()),
            _ => {
                let phase = Self::phase(network);
                Readiness::Pending(format!("phase is {phase}; changes have to wait"))
            }
        }
    }

    fn is_going(network: &Network) -> bool {
        network.phase() == Some(DELETING) || network.metadata().deletion_timestamp.is_some()
    }

    async fn held_by(run: Run<'_>, id: &NetworkId) -> Option<String> {
        users::of(run, id).await
    }
}

/// How a network goes: a delete call, which the service refuses while a pool
/// stands on the network.
pub struct Deletion;

impl Removal<NetworkResource> for Deletion {
    async fn ask(
        &mut self,
        watch: &Watch<'_, NetworkResource>,
        live: &Network,
    ) -> Result<bool, Refusal<Network>> {
        ask_to_delete(watch, live).await.map(|()| true)
    }
}
