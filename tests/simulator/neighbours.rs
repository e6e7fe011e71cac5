//! What stands around pools: nodes and jobs, node pools, tags, orders, events, figures.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::access::{PROJECT_ID, WORKSPACE_ID};

use super::client::{CPU, GPU, World, logical, physical, pool, pools, prepaid, resources, v1};

fn v2(rest: &str) -> String {
    format!("/v2/{PROJECT_ID}/{rest}")
}

fn of(id: &str, rest: &str) -> String {
    format!("{}/{rest}", pool(id))
}

fn texts<'a>(list: &'a Value, pointer: &str) -> Vec<&'a str> {
    let text = |item: &'a Value| item.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    list["items"].as_array().unwrap().iter().map(text).collect()
}

async fn gpu_pool(world: &World) -> String {
    let mut body = physical("pool-a", 1);
    body["spec"]["resources"] = json!([{ "flavor": GPU, "count": 2,
        "taints": [{ "key": "k", "value": "v", "effect": "NoExecute" }] }]);
    body["spec"]["driver"] = json!({ "gpuVersion": "440.33" });
    world.ready_pool(&body).await
}

#[tokio::test]
async fn a_node_says_what_it_runs_and_where_it_hangs() {
    let world = World::new().await;
    let id = gpu_pool(&world).await;
    let nodes = world.get(&of(&id, "nodes")).await.expect(200);
    let node = &nodes["items"][0];
    assert_eq!(node["spec"]["os"]["name"], "EulerOS 2.10");
    for key in ["vpc", "subnet"] {
        assert!(node["spec"]["hostNetwork"][key].is_string(), "{key}");
    }
    assert!(node["spec"]["hostNetwork"]["securityGroups"][0].is_string());
    assert_eq!(node["status"]["os"]["name"], "EulerOS 2.10");
    assert_eq!(node["status"]["driver"], json!({ "version": "440.33", "phase": "Running" }));
    assert_eq!(node["status"]["taints"][0]["key"], "k");
    assert_eq!(node["status"]["resources"]["nvidia.com/gpu"], "1");
    let plugins: Vec<&Value> =
        node["status"]["plugins"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
    assert_eq!(plugins, ["node-agent", "gpu-driver"]);
    let instance = |node: &Value| {
        node["metadata"]["labels"]["os.modelarts.node/underlying.instance.id"].clone()
    };
    assert!(instance(node).is_string());
    assert_ne!(instance(node), instance(&nodes["items"][1]));
    let name = node["metadata"]["name"].as_str().unwrap();
    assert_eq!(&world.get(&of(&id, &format!("nodes/{name}"))).await.expect(200), node);
}

#[tokio::test]
async fn a_reboot_and_a_reset_are_jobs_that_can_be_watched() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 2)).await;
    let nodes = world.get(&of(&id, "nodes")).await.expect(200);
    let name = texts(&nodes, "/metadata/name")[0];
    let rolling = json!({ "strategy": "RollingByNumber", "maxUnavailable": 1 });
    let reboot = json!({ "nodeNames": [name] });
    let reset =
        json!({ "nodeNames": [name], "rollingConfig": rolling, "nodeConfig": { "name": "os" } });
    let mut jobs = Vec::new();
    for (action, body) in [("batch-reboot", reboot), ("batch-reset", reset)] {
        let done =
            world.call("POST", &of(&id, &format!("nodes/{action}")), &body).await.expect(200);
        let job = v2(&format!("jobs/{}", done["job_id"].as_str().unwrap()));
        assert_eq!(world.get(&job).await.expect(200)["phase"], "Running", "{action}");
        jobs.push(job);
    }
    world.pass(200);
    for job in &jobs {
        assert_eq!(world.get(job).await.expect(200)["phase"], "Success");
    }
    let list = world.get(&v2("jobs?type=batch-reset")).await.expect(200);
    assert_eq!((list["count"].as_u64(), texts(&list, "/involvedObjects")), (Some(1), vec![name]));
    world.get(&v2("jobs/nobody")).await.refused(404, "ModelArts.50015001");
    for rolling in [json!({ "strategy": "AllAtOnce", "maxUnavailable": 1 }), Value::Null] {
        let body = json!({ "nodeNames": [name], "rollingConfig": rolling });
        let reply = world.call("POST", &of(&id, "nodes/batch-reset"), &body).await;
        reply.refused(400, "ModelArts.50004000");
    }
}

fn node_pool(name: &str, count: u32) -> Value {
    json!({ "apiVersion": "v2", "kind": "NodePool", "metadata": { "name": name },
        "spec": { "resources": { "flavor": CPU, "count": count, "maxCount": count } } })
}

#[tokio::test]
async fn a_node_pool_is_an_entry_of_its_pool() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let default = format!("{CPU}-default");
    world.call("POST", &of(&id, "nodepools"), &node_pool("extra", 2)).await.expect(200);
    world.pass(1000);
    let list = world.get(&of(&id, "nodepools")).await.expect(200);
    assert_eq!(texts(&list, "/metadata/name"), [default.as_str(), "extra"]);
    let one = of(&id, "nodepools/extra");
    let shown = world.get(&one).await.expect(200);
    assert_eq!(shown["status"]["resources"]["available"]["count"], 2);
    let entries = world.show(&id).await["spec"]["resources"].clone();
    assert_eq!((&entries[1]["nodePool"], &entries[1]["count"]), (&json!("extra"), &json!(2)));
    let nodes = world.get(&format!("{one}/nodes")).await.expect(200);
    assert_eq!(nodes["items"].as_array().unwrap().len(), 2);

    let change = json!({ "spec": { "resources": { "flavor": CPU, "count": 3, "maxCount": 3 } } });
    world.call("PATCH", &one, &change).await.expect(200);
    world.pass(1000);
    assert_eq!(world.get(&one).await.expect(200)["status"]["resources"]["available"]["count"], 3);
    world.call("DELETE", &one, &Value::Null).await.expect(200);
    world.pass(1000);
    world.get(&one).await.refused(404, "ModelArts.50015001");
    assert_eq!(world.show(&id).await["spec"]["resources"].as_array().unwrap().len(), 1);
    assert_eq!(world.cloud.destructive_calls(), 1);
    let last = of(&id, &format!("nodepools/{default}"));
    world.call("DELETE", &last, &Value::Null).await.refused(400, "ModelArts.50004000");
}

#[tokio::test]
async fn requests_for_node_pools_have_rules() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let change = |pointer: &str, value: Value| {
        let mut body = node_pool("extra", 1);
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for body in [
        change("/apiVersion", json!("v1")),
        change("/metadata/name", json!("Extra")),
        change("/metadata/name", json!(format!("{CPU}-default"))),
        change("/spec/resources/maxCount", Value::Null),
        change("/spec/resources/flavor", json!("none")),
        change("/spec", json!({})),
    ] {
        let reply = world.call("POST", &of(&id, "nodepools"), &body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text);
    }
    let other = json!({ "spec": { "resources": { "flavor": GPU, "count": 1, "maxCount": 1 } } });
    let one = of(&id, &format!("nodepools/{CPU}-default"));
    world.call("PATCH", &one, &other).await.refused(400, "ModelArts.50004000");
    world
        .call("PATCH", &of(&id, "nodepools/none"), &other)
        .await
        .refused(404, "ModelArts.50015001");
}

#[tokio::test]
async fn tags_of_a_pool_come_and_go() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let target = |rest: &str| v1(&format!("pools/{id}/tags{rest}"));
    let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
    let send = async |method: &str, rest: &str, body: Value| {
        world.call(method, &target(rest), &body).await
    };
    send("POST", "/create", json!({ "tags": [tag("a", "1"), tag("b", "2")] })).await.expect(200);
    send("POST", "/create", json!({ "tags": [tag("a", "3")] })).await.expect(200);
    let shown = world.get(&target("")).await.expect(200);
    let expected = json!([{ "key": "b", "values": ["2"] }, { "key": "a", "values": ["3"] }]);
    assert_eq!(shown["tags"], expected);
    let note = world.show(&id).await["metadata"]["annotations"]["os.modelarts/tms.tags"].clone();
    let note: Value = serde_json::from_str(note.as_str().unwrap()).unwrap();
    assert_eq!(note, json!([tag("b", "2"), tag("a", "3")]));
    let all = world.get(&v1("pools/tags")).await.expect(200);
    assert_eq!(all["tags"], expected);
    send("DELETE", "/delete", json!({ "tags": [{ "key": "b" }] })).await.expect(200);
    assert_eq!(world.get(&target("")).await.expect(200)["tags"].as_array().unwrap().len(), 1);

    let many: Vec<Value> = (0..20).map(|n| tag(&format!("key-{n}"), "")).collect();
    let reset = json!({ "action": "reset", "tags": many });
    send("POST", "", reset).await.expect(200);
    let reply = send("POST", "/create", json!({ "tags": [tag("one-more", "")] })).await;
    reply.refused(400, "ModelArts.50004000");
    let none = json!({ "action": "reset", "tags": [] });
    send("POST", "", none).await.expect(200);
    let notes = world.show(&id).await["metadata"]["annotations"].clone();
    assert!(notes.get("os.modelarts/tms.tags").is_none());
}

#[tokio::test]
async fn an_order_says_how_it_is_paid_and_which_nodes_come() {
    let world = World::new().await;
    let id = world.ready_pool(&prepaid("pool-a")).await;
    let free = world.ready_pool(&physical("pool-b", 1)).await;
    let orders = async |id: &str| {
        let list = world.get(&v1(&format!("orders?involvedName={id}"))).await.expect(200);
        list["items"].as_array().unwrap().clone()
    };
    let paid = &orders(&id).await[0];
    assert!(paid["orderId"].as_str().is_some_and(|id| id.starts_with("CS")), "{paid}");
    assert_eq!((&paid["periodType"], &paid["periodNum"]), (&json!("2"), &json!("1")));
    assert!(orders(&free).await[0].get("orderId").is_none());

    let detail = async |order: &Value| {
        let name = order["orderName"].as_str().unwrap();
        world.get(&v1(&format!("orders/{name}"))).await.expect(200)
    };
    let shown = detail(paid).await;
    assert_eq!(texts(&shown, "/action"), ["createPool", "createNode", "createNode"]);
    assert_eq!(texts(&shown, "/status"), ["succeed"; 3]);
    assert_eq!(shown["count"], 3);
    let nodes = world.get(&of(&id, "nodes")).await.expect(200);
    assert_eq!(texts(&shown, "/resourceName")[1..], texts(&nodes, "/metadata/name"));

    world.patch(&free, &resources(json!([{ "flavor": CPU, "count": 3 }]))).await.expect(200);
    world.pass(50);
    let shown = detail(&orders(&free).await[0]).await;
    assert_eq!(texts(&shown, "/action"), ["createNode", "createNode"]);
    assert_eq!(texts(&shown, "/status"), ["processing", "processing"]);
    world.pass(1000);
    world.patch(&free, &resources(json!([{ "flavor": CPU, "count": 2 }]))).await.expect(200);
    world.pass(1000);
    let shown = detail(&orders(&free).await[0]).await;
    assert_eq!(
        (texts(&shown, "/action"), texts(&shown, "/status")),
        (vec!["deleteNode"], vec!["succeed"])
    );
}

#[tokio::test]
async fn an_order_names_the_nodes_that_failed() {
    let world = World::with(
        r#"{ "outcomes": { "scaling_failed": { "message": "no more", "nodes": 1 } } }"#,
    )
    .await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    world.patch(&id, &resources(json!([{ "flavor": CPU, "count": 4 }]))).await.expect(200);
    world.pass(1000);
    let list = world.get(&v1(&format!("orders?involvedName={id}"))).await.expect(200);
    let name = list["items"][0]["orderName"].as_str().unwrap();
    let shown = world.get(&v1(&format!("orders/{name}"))).await.expect(200);
    assert_eq!(texts(&shown, "/status"), ["succeed", "failed", "failed"]);
    assert_eq!(texts(&shown, "/message"), ["", "no more", "no more"]);
}

#[tokio::test]
async fn events_tell_of_abnormal_nodes_and_of_what_somebody_did() {
    let world = World::with(r#"{ "outcomes": { "abnormal_nodes": { "count": 1 } } }"#).await;
    let id = world.ready_pool(&physical("pool-a", 2)).await;
    let events = async |more: &str| {
        world.get(&v1(&format!("events?resource=pools&name={id}{more}"))).await.expect(200)
    };
    let warnings = events("&type=Warning").await;
    assert_eq!(texts(&warnings, "/reason"), ["PoolResourcesStatusChange"]);
    world
        .cloud
        .change_pool(&id, |pool| {
            pool["status"]["phase"] = json!("Abnormal");
            pool["status"]["message"] = json!("the network is down");
        })
        .unwrap();
    let warnings = events("&type=Warning").await;
    assert!(texts(&warnings, "/message")[0].contains("the network is down"), "latest first");
    let all = events("&ascend=true").await;
    assert_eq!(texts(&all, "/type").last(), Some(&"Warning"));
    assert_eq!(events("&until=5").await["items"], json!([]));
    let wrong = v1(&format!("events?resource=pools&name={id}&type=Odd"));
    assert_eq!(world.get(&wrong).await.status, 400);
}

#[tokio::test]
async fn pools_are_counted_by_what_became_of_them() {
    let world = World::with(
        r#"{ "outcomes": { "creation_failed": { "message": "sold out", "times": 1 } } }"#,
    )
    .await;
    world.ready_pool(&physical("pool-a", 1)).await;
    world.ready_pool(&physical("pool-b", 1)).await;
    world.create(&logical("pool-c")).await.expect(200);
    let mut other = physical("pool-d", 1);
    other["metadata"]["labels"]["os.modelarts/workspace.id"] = json!(WORKSPACE_ID);
    world.create(&other).await.expect(200);
    let count = async |query: &str| {
        let answer = world.get(&v2(&format!("statistics/pools{query}"))).await.expect(200);
        let status = &answer["statistics"]["status"];
        ["created", "creating", "failed", "pending"].map(|key| status[key].as_u64().unwrap())
    };
    assert_eq!(count("").await, [1, 1, 1, 0]);
    assert_eq!(count(&format!("?workspaceId={WORKSPACE_ID}")).await, [0, 1, 0, 0]);
}

#[tokio::test]
async fn configuration_drivers_and_workloads_can_be_looked_up() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let drivers = world.get(&v1("plugintemplates/gpu-driver")).await.expect(200);
    assert!(drivers["spec"]["versions"].get("440.33").is_some());
    let drivers = world.get(&v1("plugintemplates/npu-driver")).await.expect(200);
    assert!(drivers["spec"]["versions"].get("C78").is_some());
    world.get(&v1("plugintemplates/none")).await.refused(404, "ModelArts.50005101");
    let configuration = world.get(&v1("os-user-config")).await.expect(200);
    assert_eq!(configuration["maxPoolFlavors"], 10);
    let quotas = world.get(&v1("quotas")).await.expect(200);
    assert_eq!(quotas["quotas"]["resources"][0]["used"], 1);
    assert_eq!(world.get(&of(&id, "workloads")).await.expect(200)["items"], json!([]));
    let workloads = v2(&format!("statistics/pools/{id}/workloads"));
    assert_eq!(world.get(&workloads).await.expect(200)["statistics"]["total"], 0);
    let flavors = world.get(&v1("resourceflavors")).await.expect(200);
    let sizes =
        texts(&flavors, "/spec/gpu/size").concat() + &texts(&flavors, "/spec/npu/size").concat();
    assert_eq!(sizes, "18118", "sizes are strings");
    assert_eq!(world.get(&pools()).await.status, 200);
}
