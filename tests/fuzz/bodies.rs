//! Bodies of the API, read by the types of the client.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::modelarts::Pool;
use terraform_provider_modelarts::modelarts::flavor::Flavor;
use terraform_provider_modelarts::modelarts::network::{Network, NetworkSpec};
use terraform_provider_modelarts::modelarts::node::Node;
use terraform_provider_modelarts::modelarts::order::{Order, OrderStep};
use terraform_provider_modelarts::modelarts::pool::{Phase, PoolSpec, gib};
use terraform_provider_modelarts::modelarts::workspace::Workspace;

use super::harness::{data, fuzz};

/// An answer with a kind that is not one entry of it, taken apart.
fn objects(json: &Json) -> Vec<&Json> {
    let items = json.get("items").or_else(|| json.get("workspaces")).and_then(Json::as_array);
    std::iter::once(json).chain(items.into_iter().flatten()).collect()
}

fn judge(json: &Json, pool: &Pool) {
    if let Some(phase) = pool.status.phase.as_deref() {
        assert_eq!(Phase::read(Some(phase)).as_str(), phase.trim());
    }
    // An entry that gets lost in reading is missing from the next patch.
    if let Some(entries) = json.pointer("/spec/resources").and_then(Json::as_array) {
        assert_eq!(entries.len(), pool.spec.resources.len());
    }
    // What is read from the service is sent back in patches and must stay.
    let sent = serde_json::to_value(&pool.spec).expect("a spec can be sent");
    let again: PoolSpec = serde_json::from_value(sent).expect("what is sent can be read");
    assert_eq!(again, pool.spec);
    for entry in &pool.spec.resources {
        let root = entry.root_volume.as_ref().and_then(|volume| volume.size.as_deref());
        assert!(root.and_then(gib).is_none_or(|size| size >= 0));
    }
}

fn read(json: &Json) {
    if !json.is_object() {
        return;
    }
    // Half a pool is none.
    if let Ok(pool) = serde_json::from_value(json.clone()) {
        judge(json, &pool);
    }
    // Nor is half a network one.
    if let Ok(network) = serde_json::from_value::<Network>(json.clone()) {
        let sent = serde_json::to_value(&network.spec).expect("a spec can be sent");
        let again: NetworkSpec = serde_json::from_value(sent).expect("what is sent can be read");
        assert_eq!(again, network.spec);
    }
    let node: Node = serde_json::from_value(json.clone()).expect("any object is a node");
    let _ = (node.is_prepaid(), node.resource_id(), node.node_pool());
    let order: Order = serde_json::from_value(json.clone()).expect("any object is an order");
    let _ = order.outcome();
    let _: OrderStep = serde_json::from_value(json.clone()).expect("any object is a step");
    let _: Flavor = serde_json::from_value(json.clone()).expect("any object is a flavor");
    let _: Result<Workspace, _> = serde_json::from_value(json.clone());
}

#[test]
fn no_body_of_the_api_is_too_odd_to_be_read() {
    let mut seeds = data("api", ".json");
    seeds.push(json!({ "metadata": null, "spec": [], "status": "" }).to_string().into_bytes());
    fuzz("bodies", seeds, |bytes| {
        let Ok(json) = serde_json::from_slice::<Json>(bytes) else { return };
        objects(&json).into_iter().for_each(read);
    });
}
