//! What is on offer: flavors and their zones, drivers, workspaces.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::Scenario;

use super::client::{CPU, GPU, World, physical, pool, v1};

const NPU: &str = "modelarts.bm.npu.8a910";
const SHARE: &str = "modelarts.vm.cpu.8u.logical";
const YEARLY: &str = "modelarts.vm.gpu.a100";
const SILENT: &str = "modelarts.vm.cpu.64ud";

fn play(world: &World, scenario: &str) {
    world.cloud.set_scenario(Scenario::from_json(scenario).unwrap());
}

async fn flavor(world: &World, name: &str) -> Value {
    world.get(&v1(&format!("resourceflavors/{name}"))).await.expect(200)
}

#[tokio::test]
async fn there_are_flavors_of_every_kind() {
    let world = World::new().await;
    let npu = flavor(&world, NPU).await;
    assert_eq!(npu["metadata"]["labels"]["os.modelarts.flavor/baremetal"], "true");
    assert_eq!(
        (&npu["spec"]["cpuArch"], &npu["spec"]["npu"]["size"]),
        (&json!("arm64"), &json!("8"))
    );
    assert_eq!(npu["spec"]["creatingSteps"][1]["step"], 4);
    let cpu = flavor(&world, CPU).await;
    assert_eq!(cpu["metadata"]["labels"]["os.modelarts/scope"], "Train.Infer.Notebook");
    assert_eq!(cpu["spec"]["rootVolume"]["size"], "150Gi");
    assert_eq!((cpu["spec"].get("gpu"), cpu["spec"].get("npu")), (None, None));
    assert_eq!(flavor(&world, SHARE).await["spec"]["type"], "Logical");
    assert_eq!(flavor(&world, YEARLY).await["spec"]["billingModes"], json!([1]));
    assert_eq!(flavor(&world, SILENT).await["status"], json!({}));
}

#[tokio::test]
async fn what_is_sold_out_is_listed_so_and_cannot_be_made() {
    let scenario = json!({ "offer": {
        "sold_out": { CPU: ["cn-north-4a"], GPU: [] },
        "without_status": [NPU],
    } });
    let world = World::with(&scenario.to_string()).await;
    assert_eq!(
        flavor(&world, CPU).await["status"]["phase"],
        json!({
            "cn-north-4a": "soldout", "cn-north-4b": "normal", "cn-north-4c": "normal",
        })
    );
    let gpu = flavor(&world, GPU).await["status"]["phase"].clone();
    assert!(gpu.as_object().unwrap().values().all(|phase| phase == "soldout"), "{gpu}");
    assert_eq!(flavor(&world, NPU).await["status"], json!({}));
    let listed = world.get(&v1("resourceflavors")).await.expect(200);
    let of_list = |name: &str| {
        let mut items = listed["items"].as_array().unwrap().iter();
        items.find(|item| item["metadata"]["name"] == name).unwrap()["status"].clone()
    };
    assert_eq!(of_list(CPU)["phase"]["cn-north-4a"], "soldout");
    for (zone, phase) in [("cn-north-4a", "CreationFailed"), ("cn-north-4b", "Running")] {
        let mut body = physical(&format!("pool-in-{zone}"), 1);
        body["spec"]["resources"][0]["azs"] = json!([{ "az": zone, "count": 1 }]);
        let id = world.ready_pool(&body).await;
        assert_eq!(world.show(&id).await["status"]["phase"], phase);
    }
}

#[tokio::test]
async fn driver_versions_stand_where_the_scenario_says() {
    let world = World::new().await;
    let template = world.get(&v1("plugintemplates/gpu-driver")).await.expect(200);
    assert!(
        template["spec"]["versions"]["470.57.02"].is_object() && template["versions"].is_null()
    );
    play(&world, r#"{ "offer": { "versions_at_top": true } }"#);
    let template = world.get(&v1("plugintemplates/npu-driver")).await.expect(200);
    assert!(template["versions"]["C78"].is_object() && template["spec"]["versions"].is_null());
}

#[tokio::test]
async fn workspaces_come_in_pages_that_have_numbers() {
    let scenario = json!({
        "answers": { "page_size": 2 },
        "offer": { "workspaces": [
            { "id": "a", "name": "research", "enterprise_project_id": "e", "auth_type": "PRIVATE" },
            { "id": "b", "name": "research-eu", "status": "DELETING" },
            { "id": "c", "name": "other" },
        ] },
    });
    let world = World::with(&scenario.to_string()).await;
    let ids = async |query: &str| {
        let page = world.get(&v1(&format!("workspaces?{query}"))).await.expect(200);
        let items = page["workspaces"].as_array().unwrap();
        let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
        (page["total_count"].as_u64().unwrap(), ids.join(","))
    };
    let (total, first) = ids("limit=1000").await;
    assert!((total, first.split(',').next()) == (5, Some("0")), "{first}");
    assert_eq!(ids("limit=1000&offset=1").await, (5, "a,b".to_owned()));
    assert_eq!(ids("limit=1&offset=4").await, (5, "c".to_owned()));
    assert_eq!(ids("limit=1000&offset=3").await, (5, String::new()));
    assert_eq!(ids("name=search").await, (2, "a,b".to_owned()));
    assert_eq!(ids("enterprise_project_id=e").await, (1, "a".to_owned()));
    let shown = world.get(&v1("workspaces/a")).await.expect(200);
    assert_eq!((&shown["auth_type"], &shown["status"]), (&json!("PRIVATE"), &json!("NORMAL")));
}

#[tokio::test]
async fn nodes_come_in_pages_or_all_at_once() {
    let world = World::with(r#"{ "answers": { "page_size": 2 } }"#).await;
    let id = world.ready_pool(&physical("pool-a", 3)).await;
    let nodes = format!("{}/nodes?limit=1", pool(&id));
    let first = world.get(&nodes).await.expect(200);
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    assert_eq!(first["metadata"]["remainingItemCount"], 2);
    play(&world, r#"{ "answers": { "page_size": 2, "nodes_at_once": true } }"#);
    let all = world.get(&nodes).await.expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    assert_eq!(all["metadata"], json!({}));
}
