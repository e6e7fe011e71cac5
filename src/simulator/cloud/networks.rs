//! What the hand of tests does with networks.

use serde_json::{Value, json};

use super::{
    super::{
        connection::{Timing, follow},
        network::{create, leave},
        network_view::view,
        pool_view::display_name,
        store::StoreError,
        world::{Network, World},
    },
    Cloud, put_status,
};

impl Cloud {
    /// Returns every network as the service would answer it, with the scenario's shapes left out.
    ///
    /// # Errors
    /// A state file that cannot be read.
    pub fn networks(&self) -> Result<Vec<Value>, StoreError> {
        self.shared.store.read(|world| {
            let now = self.shared.now() + world.ahead;
            let there = world.networks.iter().filter(|network| !network.is_gone(now));
            there.map(|network| view(network, now)).collect()
        })
    }

    /// Returns a network by its ID or display name.
    ///
    /// # Errors
    /// A state file that cannot be read.
    pub fn network(&self, id_or_name: &str) -> Result<Option<Value>, StoreError> {
        let networks = self.networks()?;
        Ok(networks.into_iter().find(|network| {
            network["metadata"]["name"] == id_or_name || display_name(network) == id_or_name
        }))
    }

    /// Changes a network behind everybody's back. The closure gets the object as the service would
    /// answer it; changed connections take effect at once, and a changed status stays as it was
    /// put: that of the connections until they are changed again. Returns whether the network was
    /// there.
    ///
    /// # Errors
    /// A state file that cannot be read or written.
    pub fn change_network(
        &self,
        id_or_name: &str,
        change: impl FnOnce(&mut Value),
    ) -> Result<bool, StoreError> {
        self.update(|world, call| {
            let Some(network) = find(world, id_or_name) else { return false };
            let before = view(network, call.now);
            let mut after = before.clone();
            change(&mut after);
            let reconnects =
                before.pointer("/spec/connection") != after.pointer("/spec/connection");
            if reconnects {
                network.overrides.remove("connectionStatus");
            }
            put_status(&mut network.overrides, &before, &mut after);
            network.object = after;
            if reconnects {
                settle(network, call.now);
            }
            true
        })
    }

    /// Creates a network as another user would, active at once. Returns its object.
    ///
    /// # Errors
    /// A state file that cannot be read or written; the inner error is the service's refusal.
    pub fn add_network(&self, body: &Value) -> Result<Result<Value, Value>, StoreError> {
        let text = body.to_string();
        self.update_with(text.as_bytes(), |world, call| {
            create(world, call).map_err(|refusal| refusal.body)?;
            let Some(network) = world.networks.last_mut() else { return Ok(json!({})) };
            network.picked_up = Some(call.now);
            network.active = Some(call.now);
            network.failure = None;
            network.connections.clear();
            settle(network, call.now);
            Ok(view(network, call.now))
        })
    }

    /// Begins to delete a network, as another user would. Returns whether it was there.
    ///
    /// # Errors
    /// A state file that cannot be read or written.
    pub fn delete_network(&self, id_or_name: &str) -> Result<bool, StoreError> {
        self.update(|world, call| {
            let network = find(world, id_or_name);
            network.map(|network| leave(network, call)).is_some()
        })
    }

    /// Makes a network vanish at once, whatever stands on it. Returns whether it was there.
    ///
    /// # Errors
    /// A state file that cannot be read or written.
    pub fn remove_network(&self, id_or_name: &str) -> Result<bool, StoreError> {
        self.update(|world, _| {
            let before = world.networks.len();
            world.networks.retain(|network| !is(network, id_or_name));
            world.networks.len() < before
        })
    }
}

fn is(network: &Network, id_or_name: &str) -> bool {
    network.id == id_or_name || display_name(&network.object) == id_or_name
}

fn find<'a>(world: &'a mut World, id_or_name: &str) -> Option<&'a mut Network> {
    world.networks.iter_mut().find(|network| is(network, id_or_name))
}

/// Lets every change of the connections have happened.
fn settle(network: &mut Network, now: i64) {
    let at_once = Timing { now, made: Some(now), gone: Some(now), fails: &|| None };
    follow(&mut network.connections, &network.object, &at_once);
    network.connections.retain(|connection| !connection.is_gone(now));
}
