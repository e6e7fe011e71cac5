//! How pools come, what the service fills in, how creations end, and how pools go.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::access::{DOMAIN_ID, PROJECT_ID};

use super::client::{CPU, GPU, NPU, World, logical, nodes, physical, pool, prepaid, v1};

fn phase(pool: &Value) -> Option<&str> {
    pool["status"]["phase"].as_str()
}

#[tokio::test]
async fn a_pool_goes_through_its_phases_by_the_clock() {
    let world = World::new().await;
    let created = world.create(&physical("pool-a", 2)).await.expect(200);
    let id = format!("pool-a-{PROJECT_ID}");
    assert_eq!(created["metadata"]["name"], id);
    assert_eq!(created["status"], json!({ "resources": {} }), "no phase yet");
    world.pass(41);
    let pool = world.show(&id).await;
    assert_eq!(phase(&pool), Some("Creating"));
    assert_eq!(nodes(&pool, "creating"), 2);
    assert_eq!(pool["status"]["scope"], json!([{ "scopeType": "Train", "state": "Enabling" }]));
    world.pass(200);
    let pool = world.show(&id).await;
    assert_eq!(phase(&pool), Some("Running"), "running before it is ready");
    assert_eq!((nodes(&pool, "available"), nodes(&pool, "creating")), (1, 1));
    assert_eq!(pool["status"]["scope"][0]["state"], "Enabling");
    world.pass(100);
    let pool = world.show(&id).await;
    assert_eq!(nodes(&pool, "available"), 2);
    assert_eq!(pool["status"]["scope"][0]["state"], "Enabled");
    assert_eq!(pool["status"]["root"], id);
    assert!(pool["status"]["resources"].get("creating").is_none());
}

#[tokio::test]
async fn the_service_fills_in_what_was_left_out() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 3)).await;
    let pool = world.show(&id).await;
    let labels = &pool["metadata"]["labels"];
    assert_eq!(labels["os.modelarts/workspace.id"], "0");
    assert_eq!(labels["os.modelarts/node.prefix"], "");
    assert_eq!(labels["os.modelarts/tenant.project.id"], PROJECT_ID);
    assert_eq!(labels["os.modelarts/tenant.domain.id"], DOMAIN_ID);
    assert_eq!(labels["os.modelarts.pool/biz"], "private");
    assert!(labels["os.modelarts/order.name"].as_str().unwrap().starts_with("order.pool-a-"));
    let annotations = &pool["metadata"]["annotations"];
    assert_eq!(annotations["os.modelarts/billing.mode"], "0");
    assert_eq!(annotations["os.modelarts.pool/subpools.count"], "0");
    let ids = annotations["os.modelarts/flavor.resource.ids"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(ids).unwrap()[CPU].is_string());
    assert!(annotations.get("os.modelarts/description").is_none());
    let entry = &pool["spec"]["resources"][0];
    assert_eq!(entry["maxCount"], 3);
    assert_eq!(entry["nodePool"], format!("{CPU}-default"));
    assert_eq!(entry["azs"].as_array().unwrap().len(), 3, "spread over the zones");
    assert_eq!(entry["extendParams"], json!({ "dockerBaseSize": "50", "runtime": "containerd" }));
    assert!(entry["os"]["imageId"].is_string());
    assert_eq!(pool["spec"]["controlMode"], 0);
    assert_eq!(pool["spec"]["containerNetwork"]["mode"], "vpc-router");
    assert!(pool["spec"].get("driver").is_none());
}

#[tokio::test]
async fn extend_params_of_the_user_stay_and_others_are_added() {
    let world = World::new().await;
    let mut body = physical("pool-a", 1);
    body["spec"]["resources"][0]["extendParams"] = json!({ "dockerBaseSize": "100" });
    let pool = world.create(&body).await.expect(200);
    let params = &pool["spec"]["resources"][0]["extendParams"];
    assert_eq!(*params, json!({ "dockerBaseSize": "100", "runtime": "containerd" }));
}

#[tokio::test]
async fn drivers_are_created_after_the_pool_runs() {
    let world = World::new().await;
    let mut body = physical("pool-a", 1);
    body["spec"]["resources"][0]["flavor"] = json!(NPU);
    body["spec"]["driver"] = json!({ "updateStrategy": "idle" });
    let id = world.create(&body).await.expect(200)["metadata"]["name"].as_str().unwrap().to_owned();
    world.pass(300);
    let pool = world.show(&id).await;
    assert_eq!(pool["spec"]["driver"], json!({ "npuVersion": "C78", "updateStrategy": "idle" }));
    assert_eq!(pool["status"]["driver"]["npu"]["state"], "Creating");
    world.pass(100);
    let pool = world.show(&id).await;
    assert_eq!(pool["status"]["driver"]["npu"], json!({ "version": "C78", "state": "Running" }));
}

#[tokio::test]
async fn a_logical_pool_shows_no_nodes_and_counts_as_a_sub_pool() {
    let world = World::new().await;
    let parent = world.ready_pool(&physical("pool-a", 1)).await;
    let mut body = logical("pool-sub");
    body["spec"]["parent"] = json!(parent);
    let id = world.ready_pool(&body).await;
    let pool = world.show(&id).await;
    assert_eq!(phase(&pool), Some("Running"));
    assert_eq!(pool["status"]["resources"], json!({}));
    assert_eq!(pool["status"]["parent"], parent);
    let count = &world.show(&parent).await["metadata"]["annotations"];
    assert_eq!(count["os.modelarts.pool/subpools.count"], "1");
    let list = world.get(&format!("/v2/{PROJECT_ID}/pools?parent={parent}")).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_unapproved_logical_pool_waits_for_a_person() {
    let world = World::with(r#"{ "rules": { "approval": true } }"#).await;
    let id = world.ready_pool(&logical("pool-a")).await;
    assert_eq!(phase(&world.show(&id).await), Some("Waiting"));
    assert!(world.cloud.release_pool("pool-a").unwrap());
    world.pass(1);
    assert_eq!(phase(&world.show(&id).await), Some("Creating"));
    world.pass(300);
    assert_eq!(phase(&world.show(&id).await), Some("Running"));
}

#[tokio::test]
async fn an_unpaid_pool_waits_and_a_paid_one_does_not() {
    let world = World::new().await;
    let mut unpaid = prepaid("pool-a");
    unpaid["metadata"]["annotations"]["os.modelarts/auto.pay"] = json!("false");
    let unpaid = world.ready_pool(&unpaid).await;
    assert_eq!(phase(&world.show(&unpaid).await), Some("Waiting"));
    let paid = world.ready_pool(&prepaid("pool-b")).await;
    let pool = world.show(&paid).await;
    assert_eq!(phase(&pool), Some("Running"));
    let annotations = &pool["metadata"]["annotations"];
    assert_eq!(annotations["os.modelarts/period.num"], "1");
    assert!(annotations.get("os.modelarts/auto.pay").is_none(), "never returned");
    world.cloud.release_pool(&unpaid).unwrap();
    world.pass(1000);
    assert_eq!(phase(&world.show(&unpaid).await), Some("Running"));

    let timed = World::with(r#"{ "durations": { "payment": "1s" } }"#).await;
    let mut body = prepaid("pool-a");
    body["metadata"]["annotations"]["os.modelarts/auto.pay"] = json!("false");
    let id = timed.ready_pool(&body).await;
    assert_eq!(phase(&timed.show(&id).await), Some("Waiting"));
    timed.pass(1000);
    assert_eq!(phase(&timed.show(&id).await), Some("Running"));
}

#[tokio::test]
async fn creations_fail_as_often_as_the_scenario_says() {
    let failed = r#"{ "outcomes": { "creation_failed": { "message": "no room", "times": 1 } } }"#;
    let world = World::with(failed).await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let pool = world.show(&id).await;
    assert_eq!(phase(&pool), Some("CreationFailed"));
    assert_eq!(pool["status"]["message"], "no room");
    assert_eq!(pool["status"]["resources"], json!({}));
    let events = world.get(&v1(&format!("events?resource=pools&name={id}"))).await.expect(200);
    assert!(events["items"][0]["message"].as_str().unwrap().contains("no room"));
    world.create(&physical("pool-a", 1)).await.refused(409, "ModelArts.50015000");
    world.delete(&id).await.expect(200);
    world.pass(300);
    let again = world.ready_pool(&physical("pool-a", 1)).await;
    assert_eq!(phase(&world.show(&again).await), Some("Running"));
}

#[tokio::test]
async fn a_sold_out_flavor_fails_the_creation() {
    let world = World::new().await;
    let mut body = physical("pool-a", 1);
    body["spec"]["resources"][0]["flavor"] = json!("modelarts.vm.cpu.32ud");
    let id = world.ready_pool(&body).await;
    let pool = world.show(&id).await;
    assert_eq!(phase(&pool), Some("CreationFailed"));
    assert!(pool["status"]["message"].as_str().unwrap().contains("sold out"));
}

#[tokio::test]
async fn a_stuck_creation_never_ends() {
    let world = World::with(r#"{ "durations": { "create": "stuck" } }"#).await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    world.pass(1_000_000);
    assert_eq!(phase(&world.show(&id).await), Some("Creating"));
    world.delete(&id).await.expect(200);
    world.pass(1000);
    world.get(&pool(&id)).await.refused(404, "ModelArts.50015001");
}

#[tokio::test]
async fn job_types_may_fail_and_be_tried_again() {
    let failed = r#"{ "outcomes": { "enable_failed": { "message": "no plug-in", "times": 1 } } }"#;
    let world = World::with(failed).await;
    let mut body = physical("pool-a", 1);
    body["spec"]["scope"] = json!(["Train", "Infer"]);
    let id = world.ready_pool(&body).await;
    let scope = world.show(&id).await["status"]["scope"].clone();
    assert_eq!(scope[0], json!({ "scopeType": "Train", "state": "Enabled" }));
    assert_eq!(scope[1]["state"], "EnableFailed");
    assert_eq!(scope[1]["message"], "no plug-in");
    let retry = format!("{}/retry-scope", pool(&id));
    let refused = world.call("POST", &retry, &json!({ "scope": "Train" })).await;
    refused.refused(400, "ModelArts.50004000");
    assert!(refused.message().contains("scope Train cannot be enabled"));
    world.call("POST", &retry, &json!({ "scope": "Infer" })).await.expect(200);
    world.pass(200);
    assert_eq!(world.show(&id).await["status"]["scope"][1]["state"], "Enabled");
}

#[tokio::test]
async fn abnormal_nodes_recover_when_the_scenario_lets_them() {
    let sick = r#"{ "outcomes": { "abnormal_nodes": { "count": 1, "recover": "1s" } } }"#;
    let world = World::with(sick).await;
    let id = world.create(&physical("pool-a", 2)).await.expect(200)["metadata"]["name"].clone();
    let id = id.as_str().unwrap();
    world.pass(500);
    let pool = world.show(id).await;
    assert_eq!((nodes(&pool, "available"), nodes(&pool, "abnormal")), (1, 1));
    world.pass(1000);
    let pool = world.show(id).await;
    assert_eq!((nodes(&pool, "available"), nodes(&pool, "abnormal")), (2, 0));
}

#[tokio::test]
async fn deleting_shows_the_old_phase_first_and_ends_with_not_found() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 2)).await;
    let answer = world.delete(&id).await.expect(200);
    assert_eq!(phase(&answer), Some("Running"));
    assert!(answer["metadata"].get("deletionTimestamp").is_none());
    world.pass(41);
    let pool = world.show(&id).await;
    assert_eq!(phase(&pool), Some("Deleting"));
    assert_eq!(nodes(&pool, "deleting"), 2);
    assert!(pool["metadata"]["deletionTimestamp"].is_string());
    world.delete(&id).await.expect(200);
    world.patch(&id, &json!({})).await.refused(409, "ModelArts.5044");
    world.pass(200);
    world.delete(&id).await.refused(404, "ModelArts.50015001");
    world.create(&physical("pool-a", 1)).await.expect(200);
}

#[tokio::test]
async fn a_prepaid_pool_ends_by_unsubscribing() {
    let world = World::new().await;
    let id = world.ready_pool(&prepaid("pool-a")).await;
    world.delete(&id).await.refused(400, "ModelArts.50004000");
    let resource = world.show(&id).await["metadata"]["labels"]["os.modelarts/resource.id"].clone();
    let unsubscribe = "/v2/orders/subscriptions/resources/unsubscribe";
    let query = "/v2/orders/suscriptions/resources/query";
    let body = |id: &Value| json!({ "resource_ids": [id], "unsubscribe_type": 1 });
    let failed = world.call("POST", unsubscribe, &body(&json!("nothing"))).await.expect(200);
    assert_eq!(failed["fail_resource_infos"][0]["resource_id"], "nothing");
    let asked = json!({ "resource_ids": [resource], "status_list": [2], "only_main_resource": 1 });
    assert_eq!(world.call("POST", query, &asked).await.expect(200)["data"][0]["status"], 2);
    let done = world.call("POST", unsubscribe, &body(&resource)).await.expect(200);
    assert_eq!(done["fail_resource_infos"], json!([]));
    world.pass(41);
    assert_eq!(phase(&world.show(&id).await), Some("Deleting"));
    world.pass(1000);
    assert_eq!(world.call("POST", query, &asked).await.expect(200)["data"], json!([]));
    world.get(&pool(&id)).await.refused(404, "ModelArts.50015001");
}

#[tokio::test]
async fn orders_tell_how_work_goes() {
    let world = World::new().await;
    let created = world.create(&physical("pool-a", 1)).await.expect(200);
    let id = created["metadata"]["name"].as_str().unwrap();
    let name = created["metadata"]["labels"]["os.modelarts/order.name"].as_str().unwrap();
    let order = async || {
        let list = world.get(&v1(&format!("orders?involvedName={id}&limit=10"))).await.expect(200);
        assert_eq!(list["items"][0]["orderName"], name);
        assert_eq!(list["items"][0]["operation"], "apply");
        list["items"][0].clone()
    };
    let first = order().await;
    assert_eq!((&first["phase"], &first["beginTimestamp"]), (&json!("pending"), &json!(0)));
    world.pass(50);
    assert_eq!(order().await["phase"], "processing");
    world.pass(1000);
    let last = order().await;
    assert_eq!(last["phase"], "successed");
    assert!(last["endTimestamp"].as_i64() > last["beginTimestamp"].as_i64());
    let shown = world.get(&v1(&format!("orders/{name}"))).await.expect(200);
    assert_eq!(shown["items"][0]["status"], "succeed");
    let list = world.get(&v1("orders?phase=running")).await.expect(200);
    assert_eq!(list["count"], 0);
    world.get(&v1("orders/none")).await.refused(404, "ModelArts.50015001");
}

#[tokio::test]
async fn nodes_are_listed_by_pages_and_can_be_locked_and_removed() {
    let world = World::with(r#"{ "answers": { "page_size": 2 } }"#).await;
    let mut body = physical("pool-a", 3);
    body["spec"]["resources"] = json!([{ "flavor": GPU, "count": 3, "nodePool": "gpus" }]);
    let id = world.ready_pool(&body).await;
    let base = format!("{}/nodes", pool(&id));
    let first = world.get(&base).await.expect(200);
    assert_eq!(first["metadata"]["remainingItemCount"], 1);
    let next = first["metadata"]["continue"].as_str().unwrap();
    let second = world.get(&format!("{base}?continue={next}&limit=500")).await.expect(200);
    assert!(second["metadata"].get("continue").is_none());
    let all: Vec<Value> = [&first, &second]
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap().clone())
        .map(|node| node["metadata"]["name"].clone())
        .collect();
    assert_eq!(all.len(), 3);
    let node = world.get(&format!("{base}/{}", all[0].as_str().unwrap())).await.expect(200);
    assert_eq!(node["status"]["phase"], "Available");
    assert_eq!(node["metadata"]["labels"]["os.modelarts.node/nodepool"], "gpus");

    let lock = json!({ "nodeNames": [all[0]], "actions": ["delete"] });
    world.call("POST", &format!("{base}/batch-lock"), &lock).await.expect(200);
    let remove = async |names: &[Value]| {
        let body = json!({ "deleteNodeNames": names });
        world.call("POST", &format!("{base}/batch-delete"), &body).await
    };
    assert!(remove(&all[..1]).await.message().contains("locked"));
    world.call("POST", &format!("{base}/batch-unlock"), &lock).await.expect(200);
    assert!(remove(&all).await.message().contains("must stay"));
    remove(&[json!("none")]).await.refused(404, "ModelArts.50015001");
    remove(&all[..1]).await.expect(200);
    assert_eq!(world.show(&id).await["spec"]["resources"][0]["count"], 2);
    world.pass(1000);
    assert_eq!(nodes(&world.show(&id).await, "available"), 2);
    let left = world.get(&base).await.expect(200);
    assert!(left["items"].as_array().unwrap().iter().all(|n| n["metadata"]["name"] != all[0]));
}

#[tokio::test]
async fn the_quota_of_pools_is_kept() {
    let world = World::with(r#"{ "rules": { "pool_quota": 1, "max_name_length": 25 } }"#).await;
    world.create(&physical(&"p".repeat(26), 1)).await.refused(400, "ModelArts.50004000");
    world.create(&physical("pool-a", 1)).await.expect(200);
    world.create(&physical("pool-b", 1)).await.refused(400, "ModelArts.0118");
}

#[tokio::test]
async fn at_its_own_speed_a_pool_is_ready_in_under_a_second() {
    use terraform_provider_modelarts::simulator::{Config, start};
    let running = start(Config::default()).await.unwrap();
    let cloud = running.cloud();
    let ready = |pool: Value| pool["status"]["scope"][0]["state"] == "Enabled";
    cloud.add_network(&super::networks::network("net-a")).unwrap().unwrap();
    let world = World { cloud: cloud.clone(), running };
    world.create(&physical("pool-a", 1)).await.expect(200);
    cloud.advance(std::time::Duration::from_millis(500)).unwrap();
    assert!(ready(cloud.pool("pool-a").unwrap().unwrap()));
}
