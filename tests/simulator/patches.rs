//! What can be changed in place, when, and what happens then.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::access::WORKSPACE_ID;

use super::client::{CPU, GPU, World, logical, nodes, physical, prepaid, resources, v1};

fn entry(count: u32) -> Value {
    json!({ "flavor": CPU, "count": count })
}

fn annotations(value: Value) -> Value {
    json!({ "metadata": { "annotations": value } })
}

fn labels(value: Value) -> Value {
    json!({ "metadata": { "labels": value } })
}

async fn gpu_pool(world: &World) -> String {
    let mut body = physical("pool-a", 1);
    body["spec"]["resources"] = json!([{ "flavor": GPU, "count": 1 }]);
    world.ready_pool(&body).await
}

#[tokio::test]
async fn growing_keeps_the_phase_and_shows_new_nodes_after_a_while() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let answer = world.patch(&id, &resources(json!([entry(3)]))).await.expect(200);
    assert_eq!(answer["spec"]["resources"][0]["count"], 3);
    assert_eq!(
        (nodes(&answer, "available"), nodes(&answer, "creating")),
        (1, 0),
        "old state first"
    );
    world.pass(50);
    let pool = world.show(&id).await;
    assert_eq!(pool["status"]["phase"], "Running");
    assert_eq!((nodes(&pool, "available"), nodes(&pool, "creating")), (1, 2));
    world.pass(300);
    let pool = world.show(&id).await;
    assert_eq!((nodes(&pool, "available"), nodes(&pool, "creating")), (3, 0));
    assert_eq!(world.cloud.destructive_calls(), 0);
}

#[tokio::test]
async fn shrinking_deletes_nodes_and_counts_as_destructive() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 3)).await;
    world.patch(&id, &resources(json!([entry(1)]))).await.expect(200);
    world.pass(50);
    let pool = world.show(&id).await;
    assert_eq!((nodes(&pool, "available"), nodes(&pool, "deleting")), (1, 2));
    world.pass(300);
    assert_eq!(nodes(&world.show(&id).await, "deleting"), 0);
    assert_eq!(world.cloud.destructive_calls(), 1);
}

#[tokio::test]
async fn a_resize_is_refused_while_another_change_runs() {
    let world = World::new().await;
    let created = world.create(&physical("pool-a", 1)).await.expect(200);
    let id = created["metadata"]["name"].as_str().unwrap();
    let grow = |count| resources(json!([entry(count)]));
    world.patch(id, &grow(2)).await.refused(409, "ModelArts.5044");
    world.pass(100);
    world.patch(id, &grow(2)).await.refused(409, "ModelArts.5044");
    world.pass(1000);
    world.patch(id, &grow(2)).await.expect(200);
    world.patch(id, &grow(3)).await.refused(409, "ModelArts.5044");
    world.pass(1000);
    world.patch(id, &grow(3)).await.expect(200);
}

#[tokio::test]
async fn changes_of_resources_have_rules() {
    let world = World::new().await;
    let mut body = physical("pool-a", 2);
    body["spec"]["resources"] = json!([entry(2), { "flavor": GPU, "count": 2 }]);
    let id = world.ready_pool(&body).await;
    let gpu = |count: u32| json!({ "flavor": GPU, "count": count });
    for (entries, expected) in [
        (json!([entry(3), gpu(1)]), "mixed"),
        (json!([entry(3)]), "mixed"),
        (json!([]), "at least one"),
        (json!([entry(0)]), "greater"),
        (json!([{ "flavor": CPU, "count": 3, "maxCount": 2 }, gpu(2)]), "maxCount"),
        (
            json!([{ "flavor": CPU, "count": 3, "azs": [{ "az": "cn-north-4a", "count": 2 }] }, gpu(2)]),
            "add up",
        ),
        (Value::Null, "must be a list"),
    ] {
        let reply = world.patch(&id, &resources(entries.clone())).await;
        reply.refused(400, "ModelArts.50004000");
        assert!(reply.message().contains(expected), "{entries}: {}", reply.text);
    }
    assert_eq!(nodes(&world.show(&id).await, "available"), 4);
    // An entry that is left out is gone.
    world.patch(&id, &resources(json!([entry(2)]))).await.expect(200);
    world.pass(1000);
    assert_eq!(nodes(&world.show(&id).await, "available"), 2);
}

#[tokio::test]
async fn an_entry_is_replaced_as_a_whole_and_nodes_stay_in_their_zones() {
    let world = World::new().await;
    let mut body = physical("pool-a", 2);
    body["spec"]["resources"][0]["labels"] = json!({ "a": "b" });
    body["spec"]["resources"][0]["azs"] = json!([{ "az": "cn-north-4b", "count": 2 }]);
    let id = world.ready_pool(&body).await;
    let pool = world.patch(&id, &resources(json!([entry(2)]))).await.expect(200);
    let changed = &pool["spec"]["resources"][0];
    assert!(changed.get("labels").is_none());
    assert_eq!(changed["azs"], json!([{ "az": "cn-north-4b", "count": 2 }]));
    assert_eq!(world.cloud.destructive_calls(), 0);
    // The whole entry as it was answered can be sent back, and that changes nothing.
    let same = world.patch(&id, &resources(json!([changed]))).await.expect(200);
    assert_eq!(same["spec"], pool["spec"]);
}

#[tokio::test]
async fn failed_growing_returns_to_the_nodes_that_came() {
    let scenario = r#"{ "outcomes": { "scaling_failed":
        { "message": "no room", "times": 1, "nodes": 1 } } }"#;
    let world = World::with(scenario).await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    world.patch(&id, &resources(json!([entry(4)]))).await.expect(200);
    world.pass(1000);
    let pool = world.show(&id).await;
    assert_eq!(pool["status"]["phase"], "ScalingFailed");
    assert_eq!(pool["status"]["message"], "no room");
    assert_eq!(pool["spec"]["resources"][0]["count"], 2);
    assert_eq!(nodes(&pool, "available"), 2);
    let orders = world.get(&v1(&format!("orders?involvedName={id}"))).await.expect(200);
    assert_eq!(orders["items"][0]["phase"], "partialSuccessed");
    assert_eq!(orders["items"][0]["failReason"], "no room");
    world.patch(&id, &resources(json!([entry(4)]))).await.expect(200);
    world.pass(1000);
    let pool = world.show(&id).await;
    assert_eq!((pool["status"]["phase"].as_str(), nodes(&pool, "available")), (Some("Running"), 4));
}

#[tokio::test]
async fn stuck_growing_never_ends() {
    let world = World::with(r#"{ "durations": { "scale_out": "never" } }"#).await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    world.patch(&id, &resources(json!([entry(2)]))).await.expect(200);
    world.pass(1_000_000);
    let pool = world.show(&id).await;
    assert_eq!((nodes(&pool, "available"), nodes(&pool, "creating")), (1, 1));
}

#[tokio::test]
async fn fields_that_cannot_be_patched_are_refused() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    for body in [
        json!({ "apiVersion": "v2" }),
        json!({ "metadata": { "name": "x" } }),
        json!({ "spec": { "type": "Logical" } }),
        json!({ "spec": { "network": { "name": "x" } } }),
        json!({ "spec": { "controlMode": 0 } }),
        json!({ "spec": { "jobFlavors": "x" } }),
        labels(json!({ "os.modelarts/name": "pool-b" })),
        labels(json!({ "os.modelarts/node.prefix": "x" })),
        labels(json!({ "own": "x" })),
        labels(json!({ "os.modelarts/sharing": "x" })),
        annotations(json!({ "os.modelarts/description": 1 })),
        annotations(json!({ "os.modelarts/description": "<b>" })),
        annotations(json!({ "os.modelarts.pool/subpools.count": "1" })),
        annotations(json!({ "os.modelarts/billing.mode": "0" })),
        annotations(json!({ "os.modelarts/auto.pay": "true" })),
    ] {
        let reply = world.patch(&id, &body).await;
        assert_eq!(
            (reply.status, reply.code()),
            (400, "ModelArts.50004000"),
            "{body}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn annotations_change_at_once_and_can_be_cleared() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let key = "os.modelarts/description";
    for (value, expected) in [
        (json!({ key: "one", "own": "x" }), json!({ key: "one", "own": "x" })),
        (json!({ key: "" }), json!({ key: "", "own": "x" })),
        (json!({ "own": null }), json!({ key: "", "own": null })),
    ] {
        let pool = world.patch(&id, &annotations(value)).await.expect(200);
        let now = &pool["metadata"]["annotations"];
        assert_eq!(now[key], expected[key]);
        assert_eq!(now["own"], expected["own"]);
        assert_eq!(now["os.modelarts/billing.mode"], "0", "others stay");
    }
}

#[tokio::test]
async fn billing_annotations_go_with_growing_only() {
    let world = World::new().await;
    let id = world.ready_pool(&prepaid("pool-a")).await;
    let pay = json!({ "os.modelarts/auto.pay": "true", "os.modelarts/order.id": "" });
    let mut body = resources(json!([entry(3)]));
    body["metadata"] = json!({ "annotations": pay });
    world.patch(&id, &body).await.expect(200);
    world.pass(1000);
    let shrink = world.patch(&id, &resources(json!([entry(1)]))).await;
    assert!(shrink.message().contains("unsubscribed"), "{}", shrink.text);
}

#[tokio::test]
async fn a_workspace_move_is_alone_in_its_request_and_takes_time() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let to = json!({ "os.modelarts/workspace.id": WORKSPACE_ID });
    for more in [
        json!({ "metadata": { "labels": to, "annotations": { "own": "x" } } }),
        json!({ "metadata": { "labels": to }, "spec": { "scope": ["Train"] } }),
        labels(
            json!({ "os.modelarts/workspace.id": WORKSPACE_ID, "os.modelarts/sharing": "shared" }),
        ),
    ] {
        let reply = world.patch(&id, &more).await;
        reply.refused(400, "ModelArts.50004000");
        assert!(reply.message().contains("only change"), "{}", reply.text);
    }
    world
        .patch(&id, &labels(json!({ "os.modelarts/workspace.id": "none" })))
        .await
        .refused(400, "ModelArts.0102");
    let before = world.show(&id).await["metadata"]["labels"].clone();
    let answer = world.patch(&id, &labels(to)).await.expect(200)["metadata"]["labels"].clone();
    assert_eq!(answer["os.modelarts/workspace.id"], "0");
    assert_ne!(answer["os.modelarts/order.name"], before["os.modelarts/order.name"]);
    world.patch(&id, &resources(json!([entry(2)]))).await.refused(409, "ModelArts.5044");
    world.pass(200);
    let labels = world.show(&id).await["metadata"]["labels"].clone();
    assert_eq!(labels["os.modelarts/workspace.id"], WORKSPACE_ID);
}

#[tokio::test]
async fn sharing_changes_at_once() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let pool = world.patch(&id, &labels(json!({ "os.modelarts/sharing": "shared" }))).await;
    assert_eq!(pool.expect(200)["metadata"]["labels"]["os.modelarts/sharing"], "shared");
}

#[tokio::test]
async fn job_types_are_switched_on_and_off() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let scope = |names: Value| json!({ "spec": { "scope": names } });
    for wrong in [json!([]), json!(["Other"]), json!(null)] {
        world.patch(&id, &scope(wrong)).await.refused(400, "ModelArts.50004000");
    }
    let pool = world.patch(&id, &scope(json!(["Infer"]))).await.expect(200);
    assert_eq!(pool["spec"]["scope"], json!(["Infer"]));
    let states = |pool: &Value| -> Vec<String> {
        let state = |s: &Value| {
            format!("{} {}", s["scopeType"].as_str().unwrap(), s["state"].as_str().unwrap())
        };
        pool["status"]["scope"].as_array().unwrap().iter().map(state).collect()
    };
    assert_eq!(states(&pool), ["Train Disabling", "Infer Enabling"]);
    world.pass(200);
    assert_eq!(states(&world.show(&id).await), ["Train Disabled", "Infer Enabled"]);
    let logical = world.ready_pool(&logical("pool-b")).await;
    world.patch(&logical, &scope(json!(["Train"]))).await.refused(400, "ModelArts.50004000");
    let early = world.create(&physical("pool-c", 1)).await.expect(200)["metadata"]["name"].clone();
    let early = world.patch(early.as_str().unwrap(), &scope(json!(["Train"]))).await;
    early.refused(409, "ModelArts.5044");
}

#[tokio::test]
async fn a_driver_is_upgraded() {
    let world = World::new().await;
    let id = gpu_pool(&world).await;
    let driver = |value: Value| json!({ "spec": { "driver": value } });
    world
        .patch(&id, &driver(json!({ "npuVersion": "C78" })))
        .await
        .refused(400, "ModelArts.50004000");
    let wanted = json!({ "gpuVersion": "515.65.01", "updateStrategy": "force" });
    let pool = world.patch(&id, &driver(wanted.clone())).await.expect(200);
    assert_eq!(pool["spec"]["driver"], wanted);
    assert_eq!(
        pool["status"]["driver"]["gpu"],
        json!({ "version": "515.65.01", "state": "Upgrading" })
    );
    world.pass(200);
    assert_eq!(world.show(&id).await["status"]["driver"]["gpu"]["state"], "Running");
}

#[tokio::test]
async fn job_flavors_are_replaced_and_removed() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let flavors = |value: Value| json!({ "spec": { "jobFlavors": value } });
    let pool = world.patch(&id, &flavors(json!(["a", "b"]))).await.expect(200);
    assert_eq!(pool["spec"]["jobFlavors"], json!(["a", "b"]));
    let pool = world.patch(&id, &flavors(Value::Null)).await.expect(200);
    assert!(pool["spec"].get("jobFlavors").is_none());
}

#[tokio::test]
async fn restricted_pools_refuse_changes() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let describe = annotations(json!({ "os.modelarts/description": "x" }));
    for (mode, describing, resizing, deleting) in [
        (1, 200, 200, 200),
        (2, 200, 400, 200),
        (4, 400, 400, 200),
        (9, 400, 400, 200),
        (16, 400, 400, 400),
    ] {
        world.cloud.change_pool(&id, |pool| pool["spec"]["controlMode"] = json!(mode)).unwrap();
        assert_eq!(world.patch(&id, &describe).await.status, describing, "{mode}");
        let same = resources(json!([entry(1)]));
        assert_eq!(world.patch(&id, &same).await.status, resizing, "{mode}");
        if deleting == 400 {
            assert_eq!(world.delete(&id).await.status, 400, "{mode}");
        }
    }
}

#[tokio::test]
async fn a_null_in_a_patch_removes() {
    let world = World::new().await;
    let mut body = physical("pool-a", 1);
    body["spec"]["resources"] = json!([{ "flavor": GPU, "count": 1,
        "taints": [{ "key": "k", "value": "v", "effect": "NoExecute" }] }]);
    body["spec"]["driver"] = json!({ "gpuVersion": "440.33", "updateStrategy": "idle" });
    body["metadata"]["labels"]["os.modelarts/sharing"] = json!("shared");
    let id = world.ready_pool(&body).await;
    let both = annotations(json!({ "one": "1", "two": "2", "os.modelarts/description": "d" }));
    world.patch(&id, &both).await.expect(200);

    let pool = world.patch(&id, &annotations(json!({ "one": null }))).await.expect(200);
    assert!(pool["metadata"]["annotations"].get("one").is_none());
    assert_eq!(pool["metadata"]["annotations"]["two"], "2");
    let pool = world.patch(&id, &annotations(Value::Null)).await.expect(200);
    assert!(pool["metadata"]["annotations"].get("os.modelarts/description").is_none());
    assert_eq!(pool["metadata"]["annotations"]["os.modelarts/billing.mode"], "0");
    let pool = world.patch(&id, &labels(json!({ "os.modelarts/sharing": null }))).await.expect(200);
    assert_eq!(pool["metadata"]["labels"]["os.modelarts/sharing"], "unshared");
    let driver = json!({ "spec": { "driver": { "updateStrategy": null } } });
    let pool = world.patch(&id, &driver).await.expect(200);
    assert_eq!(pool["spec"]["driver"], json!({ "gpuVersion": "440.33" }));
    let entry = json!([{ "flavor": GPU, "count": 1, "taints": null, "labels": null }]);
    let pool = world.patch(&id, &resources(entry)).await.expect(200);
    assert!(pool["spec"]["resources"][0].get("taints").is_none());
    for key in ["resources", "scope"] {
        let mut body = json!({ "spec": {} });
        body["spec"][key] = Value::Null;
        world.patch(&id, &body).await.refused(400, "ModelArts.50004000");
    }
}

async fn under(rules: Value) -> (World, String) {
    let world = World::with(&json!({ "rules": rules }).to_string()).await;
    let id = world.ready_pool(&physical("pool-a", 2)).await;
    (world, id)
}

#[tokio::test]
async fn what_becomes_of_an_old_max_count_is_a_matter_of_the_rules() {
    let grown = resources(json!([entry(3)]));
    for (rule, count) in [("moves", 3), ("stays", 2)] {
        let (world, id) = under(json!({ "old_max_count": rule })).await;
        let pool = world.patch(&id, &grown).await.expect(200);
        let entry = &pool["spec"]["resources"][0];
        assert_eq!((&entry["count"], &entry["maxCount"]), (&json!(3), &json!(count)), "{rule}");
    }
    let (world, id) = under(json!({ "old_max_count": "refused" })).await;
    let reply = world.patch(&id, &grown).await;
    reply.refused(400, "ModelArts.50004000");
    assert!(reply.message().contains("maxCount"), "{}", reply.text);
    let whole = resources(json!([{ "flavor": CPU, "count": 3, "maxCount": 3 }]));
    world.patch(&id, &whole).await.expect(200);
}

#[tokio::test]
async fn what_becomes_of_old_zones_is_a_matter_of_the_rules() {
    let grown = resources(json!([entry(3)]));
    for (rule, sum) in [("moves", 3), ("stays", 2)] {
        let (world, id) = under(json!({ "old_zones": rule })).await;
        world.patch(&id, &grown).await.expect(200);
        world.pass(1000);
        let pool = world.show(&id).await;
        let zones = pool["spec"]["resources"][0]["azs"].as_array().unwrap();
        let counts: u64 = zones.iter().map(|zone| zone["count"].as_u64().unwrap()).sum();
        assert_eq!((counts, nodes(&pool, "available")), (sum, 3), "{rule}");
    }
    let (world, id) = under(json!({ "old_zones": "refused" })).await;
    let reply = world.patch(&id, &grown).await;
    reply.refused(400, "ModelArts.50004000");
    assert!(reply.message().contains("zones"), "{}", reply.text);
}

#[tokio::test]
async fn a_cloud_may_take_zones_that_do_not_add_up() {
    let wrong = resources(json!([{ "flavor": CPU, "count": 3,
        "azs": [{ "az": "cn-north-4a", "count": 1 }] }]));
    let (world, id) = under(json!({})).await;
    world.patch(&id, &wrong).await.refused(400, "ModelArts.50004000");
    let (world, id) = under(json!({ "zone_sums": "ignored" })).await;
    let pool = world.patch(&id, &wrong).await.expect(200);
    assert_eq!(pool["spec"]["resources"][0]["azs"], wrong["spec"]["resources"][0]["azs"]);
    world.pass(1000);
    assert_eq!(nodes(&world.show(&id).await, "available"), 3);
}
