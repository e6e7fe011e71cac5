//! What a create makes of answers that were lost, late or of little use.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::access;

use super::core::{Core, Message, cloud};

fn pool() -> Json {
    json!({
        "name": "pool-create",
        "node_prefix": "node",
        "sharing": "shared",
        "workspace_id": access::WORKSPACE_ID,
        "description": "one",
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 1 }],
    })
}

fn carried_out(status: u16) -> Json {
    json!({ "match": { "operation": "create", "nth": 1 },
        "do": { "answer": { "status": status, "carried_out": true } } })
}

/// Creates our pool in a cloud in which their pool has its name; gives the ID
/// of theirs and what is said.
async fn refused(scenario: &Json, theirs: &Json, ours: &Json) -> (String, Vec<Message>) {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let first = core.config(theirs);
    core.run(&first).await;
    let id = core.state.get("id").as_str().unwrap().to_owned();
    core.forget();
    let scenario = scenario.to_string();
    let scenario = terraform_provider_modelarts::simulator::Scenario::from_json(&scenario);
    cloud.cloud().set_scenario(scenario.unwrap());
    core.configure().await;
    core.changes();
    let config = core.config(ours);
    let plan = core.plan(&config).await;
    let found = core.apply(&plan).await;
    assert!(core.state.is_null());
    assert_eq!(cloud.cloud().pools().unwrap().len(), 1);
    (id, found)
}

fn gives_the_block(id: &str, found: &[Message]) -> bool {
    let block = format!("import {{\n  to = modelarts_pool.<NAME>\n  id = \"{id}\"\n}}");
    found.iter().any(|message| message.is_error && message.detail.contains(&block))
}

#[tokio::test]
async fn a_lost_create_is_adopted_from_a_list_that_leaves_labels_out() {
    let left_out = ["label:node.prefix", "label:sharing", "label:workspace.id", "spec.network"];
    let scenario = json!({
        "faults": [carried_out(503)],
        "answers": { "leave_out": { "list": left_out } },
    });
    let cloud = cloud(&scenario).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&pool());
    core.run(&config).await;
    core.is_settled(&config).await;
    assert_eq!(cloud.cloud().pools().unwrap().len(), 1);
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_with_the_id_wherever_the_pool_is() {
    for workspace in ["0", access::WORKSPACE_ID] {
        let mut theirs = pool();
        theirs["workspace_id"] = json!(workspace);
        let (id, found) = refused(&json!({}), &theirs, &pool()).await;
        assert!(gives_the_block(&id, &found), "{workspace}: {found:#?}");
    }
}

#[tokio::test]
async fn a_workspace_that_may_not_be_listed_does_not_hide_the_others() {
    let mut ours = pool();
    ours["workspace_id"] = json!("0");
    // The default workspace comes first among all. It is looked at before the
    // request and after the refusal, and closed by the time all are gone
    // through.
    let scenario = json!({ "faults": [{
        "match": { "operation": "list", "query": "workspaceId=0", "nth": 3, "times": 9 },
        "do": { "answer": { "status": 403 } },
    }] });
    let (id, found) = refused(&scenario, &pool(), &ours).await;
    assert!(gives_the_block(&id, &found), "{found:#?}");
}

#[tokio::test]
async fn a_conflict_after_a_repeated_create_is_looked_into() {
    let cloud = cloud(&json!({ "faults": [carried_out(503)] })).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&pool());
    core.run(&config).await;
    assert!(core.state.get("id").as_str().is_some());
    core.is_settled(&config).await;
    assert_eq!(cloud.cloud().pools().unwrap().len(), 1);
}

#[tokio::test]
async fn a_conflict_after_a_repeated_create_takes_over_no_pool_of_others() {
    // Theirs was there before, in another workspace, so that the first request
    // fails and the second one is refused because of them.
    let mut theirs = pool();
    theirs["workspace_id"] = json!("0");
    let scenario = json!({ "faults": [{ "match": { "operation": "create", "nth": 1 },
        "do": { "answer": { "status": 503 } } }] });
    let (_, found) = refused(&scenario, &theirs, &pool()).await;
    assert!(found.iter().any(|message| message.is_error), "{found:#?}");
    assert!(!found.iter().any(|m| m.detail.contains("nothing was created")), "{found:#?}");
}
