//! What a plan and a state must say at each stop of the tour.

use anyhow::{Context, ensure};
use serde_json::Value as Json;

/// The resource that the tour is about.
pub(super) const POOL: &str = "modelarts_pool.training";

/// Checks that a plan does exactly one thing to the pool and to everything
/// else either that or nothing.
pub(super) fn planned(plan: &Json, action: &str) -> anyhow::Result<()> {
    let changes = plan.pointer("/resource_changes").and_then(Json::as_array);
    let changes = changes.context("the plan has no resource changes")?;
    for change in changes {
        let address = change.get("address").and_then(Json::as_str).unwrap_or_default();
        let actions = change.pointer("/change/actions").and_then(Json::as_array);
        let actions = actions.map(Vec::as_slice).unwrap_or_default();
        let actions = actions.iter().filter_map(Json::as_str).collect::<Vec<_>>();
        let fits = actions == [action] || (address != POOL && actions == ["no-op"]);
        ensure!(
            fits,
            "the plan should {action} {POOL} and change nothing else, but it wants to {} {address}",
            actions.join(" and ")
        );
    }
    let covered = changes.iter().any(|change| change.get("address") == Some(&Json::from(POOL)));
    ensure!(covered, "the plan does not mention {POOL}");
    Ok(())
}

/// The pool as the state has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PoolState {
    /// Its ID.
    pub(super) id: String,
    /// Nodes of the first flavor.
    pub(super) nodes: u64,
}

/// Reads the pool from `show -json` and checks that it is ready.
pub(super) fn ready_pool(state: &Json) -> anyhow::Result<PoolState> {
    let values = resources(state)
        .iter()
        .find(|resource| resource.get("address") == Some(&Json::from(POOL)))
        .and_then(|resource| resource.get("values"))
        .with_context(|| format!("the state does not hold {POOL}"))?;
    let id = values.get("id").and_then(Json::as_str).context("the pool has no ID")?;
    ensure!(
        values.get("ready") == Some(&Json::from(true)),
        "the pool {id} should be ready after the apply, but it is not"
    );
    let nodes = values.pointer("/resources/0/count").and_then(Json::as_u64).unwrap_or_default();
    Ok(PoolState { id: id.to_owned(), nodes })
}

/// Checks that nothing is left.
pub(super) fn empty(state: &Json) -> anyhow::Result<()> {
    let left = resources(state)
        .iter()
        .filter_map(|resource| resource.get("address").and_then(Json::as_str))
        .collect::<Vec<_>>();
    ensure!(left.is_empty(), "after the destroy the state still holds {}", left.join(", "));
    Ok(())
}

fn resources(state: &Json) -> &[Json] {
    let resources = state.pointer("/values/root_module/resources").and_then(Json::as_array);
    resources.map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(pool: &[&str], network: &[&str]) -> Json {
        json!({ "resource_changes": [
            { "address": POOL, "change": { "actions": pool } },
            { "address": "modelarts_network.main", "change": { "actions": network } },
        ]})
    }

    #[test]
    fn a_replacement_is_not_taken_for_an_update() {
        assert!(planned(&plan(&["update"], &["no-op"]), "update").is_ok());
        let error = planned(&plan(&["delete", "create"], &["no-op"]), "update").unwrap_err();
        assert!(error.to_string().contains("delete and create"), "{error}");
        assert!(planned(&plan(&["no-op"], &["no-op"]), "update").is_err());
        assert!(planned(&json!({ "resource_changes": [] }), "update").is_err());
    }

    #[test]
    fn a_pool_that_is_not_ready_is_told() {
        let state = |ready: bool| {
            json!({ "values": { "root_module": { "resources": [{
                "address": POOL,
                "values": { "id": "p-1", "ready": ready, "resources": [{ "count": 3 }] },
            }]}}})
        };
        let pool = PoolState { id: "p-1".to_owned(), nodes: 3 };
        assert_eq!(ready_pool(&state(true)).unwrap(), pool);
        assert!(ready_pool(&state(false)).is_err());
        assert!(empty(&state(true)).is_err());
        assert!(empty(&json!({})).is_ok());
    }
}
