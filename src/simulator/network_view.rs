//! What the service says about a network at a moment (API reference, networks).

use serde_json::{Map, Value, json};

use super::{
    connection::{states, trouble},
    digest::id32,
    pool_view::overlaid,
    world::{Network, timestamp},
};

/// Writes a network as it is now.
pub(super) fn view(network: &Network, now: i64) -> Value {
    let mut object = network.object.clone();
    let is_going = network.deleting.is_some();
    if let Some(leaving) = network.deleting
        && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
    {
        let since = timestamp(leaving.from.unwrap_or(now));
        metadata.insert("deletionTimestamp".to_owned(), json!(since));
    }
    if let Some(object) = object.as_object_mut() {
        let status = overlaid(status(network, now), &network.overrides, is_going);
        object.insert("status".to_owned(), status);
    }
    object
}

/// Returns the ID of a network's subnet.
pub(super) fn subnet(network: &Network) -> String {
    id32(&network.id)
}

fn status(network: &Network, now: i64) -> Map<String, Value> {
    let phase = network.phase(now);
    let mut status = Map::new();
    status.insert("phase".to_owned(), json!(phase));
    let message = match phase {
        "Abnormal" => network.failure.as_deref(),
        "Active" => trouble(&network.connections, now),
        _ => None,
    };
    if let Some(message) = message {
        status.insert("message".to_owned(), json!(message));
    }
    if phase == "Active" {
        let subnet = json!({ "networkId": subnet(network) });
        status.insert("subnets".to_owned(), json!([subnet]));
        status.insert("connectionStatus".to_owned(), states(&network.connections, now));
    }
    status
}
