//! What is on offer, as data sources show it: flavors, drivers, nodes and
//! workspaces of the simulated cloud, written down by hand.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::provider::ModelArtsProvider;
use terraform_provider_modelarts::simulator::{Running, access};
use terraform_provider_modelarts::tf::codec;
use terraform_provider_modelarts::tf::oracle;
use terraform_provider_modelarts::tf::provider::Provider as _;

use super::core::{Message, cloud, configure, dynamic, messages, read, settings, value};
use super::host::{Process, Provider, Setup};

const FLAVORS: &str = "modelarts_flavors";
const DRIVERS: &str = "modelarts_drivers";
const NODES: &str = "modelarts_pool_nodes";
const WORKSPACES: &str = "modelarts_workspaces";

/// Data sources of one process that talks to a cloud.
struct Sources {
    provider: Provider,
    product: ModelArtsProvider,
    cloud: Running,
    _process: Process,
}

impl Sources {
    async fn start(scenario: &Json) -> Self {
        let cloud = cloud(scenario).await;
        let process = Setup::product().start().await;
        let mut provider = process.provider().await;
        let product = ModelArtsProvider::new();
        assert_eq!(configure(&mut provider, &settings(&cloud)).await, []);
        Self { provider, product, cloud, _process: process }
    }

    /// Reads a data source as Terraform does.
    async fn try_read(&mut self, source: &str, config: &Json) -> Result<Json, Vec<Message>> {
        let all = self.product.data_sources();
        let schema = all.iter().find(|s| s.type_name() == source).unwrap().schema().clone();
        let config = read(config, &schema);
        let request = pb::validate_data_resource_config::Request {
            type_name: source.to_owned(),
            config: Some(dynamic(&config, &schema)),
        };
        let answer = self.provider.validate_data_resource_config(request).await.unwrap();
        let found = messages(answer.into_inner().diagnostics);
        if !found.is_empty() {
            return Err(found);
        }
        let request = pb::read_data_source::Request {
            type_name: source.to_owned(),
            config: Some(dynamic(&config, &schema)),
            ..Default::default()
        };
        let answer = self.provider.read_data_source(request).await.unwrap().into_inner();
        let found = messages(answer.diagnostics);
        if !found.is_empty() {
            return Err(found);
        }
        let state = value(answer.state.as_ref(), &schema);
        // What the user wrote comes back as it was.
        let broken = oracle::check_applied(&schema, &config_kept(&config, &schema), &state);
        assert!(broken.is_empty(), "{broken:?}");
        Ok(codec::json::encode(&state, schema.ty()).unwrap())
    }

    #[track_caller]
    fn told(found: Result<Json, Vec<Message>>) -> Message {
        let found = found.unwrap_err();
        assert_eq!(found.len(), 1, "{found:#?}");
        found.into_iter().next().unwrap()
    }

    async fn read(&mut self, source: &str, config: Json) -> Json {
        let found = self.try_read(source, &config).await;
        found.unwrap_or_else(|found| panic!("{config}: {found:#?}"))
    }

    /// The names that a filter leaves.
    async fn names(&mut self, config: Json) -> Vec<String> {
        let found = self.read(FLAVORS, config).await;
        let of = |item: &Json| item.as_str().unwrap().trim_start_matches("modelarts.").to_owned();
        let names: Vec<String> = found["names"].as_array().unwrap().iter().map(of).collect();
        let flavors = found["flavors"].as_array().unwrap().iter();
        assert_eq!(flavors.map(|flavor| of(&flavor["name"])).collect::<Vec<_>>(), names);
        names
    }

    fn asked(&self, part: &str) -> Vec<String> {
        let requests = self.cloud.cloud().requests();
        self.cloud.cloud().forget_requests();
        let fits = requests.into_iter().filter(|request| request.path.contains(part));
        fits.map(|request| request.query).collect()
    }
}

/// A configuration whose computed attributes may become anything.
fn config_kept(
    config: &terraform_provider_modelarts::tf::value::Value,
    schema: &terraform_provider_modelarts::tf::schema::Schema,
) -> terraform_provider_modelarts::tf::value::Value {
    let mut planned = config.clone();
    for attribute in schema.attributes.iter().filter(|one| !one.mode.is_configurable()) {
        planned.set_entry(&attribute.name, attribute.unknown());
    }
    planned
}

const ALL: [&str; 11] = [
    "bm.npu.8a910",
    "vm.cpu.16u64g.d",
    "vm.cpu.32ud",
    "vm.cpu.4ud",
    "vm.cpu.64ud",
    "vm.cpu.8u.logical",
    "vm.cpu.8ud",
    "vm.gpu.8v100",
    "vm.gpu.a100",
    "vm.gpu.tnt004",
    "vm.npu.a910",
];

#[tokio::test]
async fn all_flavors_come_from_three_pages_sorted_by_name() {
    let mut sources = Sources::start(&json!({
        "answers": { "page_size": 4, "order": "reversed" },
    }))
    .await;
    assert_eq!(sources.names(json!({})).await, ALL);
    let asked = sources.asked("/resourceflavors");
    assert_eq!(asked.len(), 3, "{asked:?}");
    // Whoever asks the same thing shares the answer.
    assert_eq!(sources.names(json!({ "accelerator": "gpu" })).await.len(), 3);
    assert_eq!(sources.asked("/resourceflavors"), [""; 0]);
}

#[tokio::test]
async fn each_of_all_filters_counts() {
    let mut sources = Sources::start(&json!({})).await;
    let all = json!({
        "name_regex": "gpu",
        "type": "Dedicate",
        "cpu_arch": "x86",
        "accelerator": "gpu",
        "az": "cn-north-4b",
        "available": true,
        "charging_mode": "postPaid",
        "scope": "Train",
        "label_selector": "os.modelarts/scope",
    });
    assert_eq!(sources.names(all.clone()).await, ["vm.gpu.8v100", "vm.gpu.tnt004"]);
    for (filter, other) in [
        ("name_regex", json!("8v100$")),
        ("type", json!("Logical")),
        ("cpu_arch", json!("arm64")),
        ("accelerator", json!("npu")),
        ("az", json!("cn-north-4a")),
        ("available", json!(false)),
        ("charging_mode", json!("prePaid")),
        ("label_selector", json!("os.modelarts/scope=Train")),
    ] {
        let mut one = all.clone();
        one[filter] = other;
        let names = sources.names(one).await;
        assert_ne!(names, ["vm.gpu.8v100", "vm.gpu.tnt004"], "{filter} counts");
    }
}

#[tokio::test]
async fn what_is_sold_out_now_is_not_available_now() {
    let offer = json!({ "sold_out": { "modelarts.vm.gpu.tnt004": ["cn-north-4b"] },
        "without_status": ["modelarts.vm.gpu.8v100"] });
    let mut sources = Sources::start(&json!({ "offer": offer })).await;
    let there = |zone: &str, available: bool| {
        json!({ "accelerator": "gpu", "charging_mode": "postPaid", "az": zone,
            "available": available })
    };
    // A flavor of whose zones nothing is said counts as on sale.
    assert_eq!(sources.names(there("cn-north-4b", true)).await, ["vm.gpu.8v100"]);
    assert_eq!(sources.names(there("cn-north-4b", false)).await, ["vm.gpu.tnt004"]);
    let both = ["vm.gpu.8v100", "vm.gpu.tnt004"];
    assert_eq!(sources.names(there("cn-north-4a", true)).await, both);
    let found = sources.read(FLAVORS, json!({ "name": "modelarts.vm.gpu.8v100" })).await;
    let flavor = &found["flavors"][0];
    assert_eq!((&flavor["azs"], &flavor["available_azs"]), (&json!({}), &json!([])));
}

#[tokio::test]
async fn a_mistaken_argument_is_told_before_anybody_is_asked() {
    let mut sources = Sources::start(&json!({})).await;
    for (source, config, path, words) in [
        (FLAVORS, json!({ "name_regex": "(" }), "name_regex", "RE2"),
        (FLAVORS, json!({ "type": "dedicate" }), "type", "\"Dedicate\", \"Logical\""),
        (FLAVORS, json!({ "cpu_arch": "arm" }), "cpu_arch", "\"x86\", \"arm64\""),
        (FLAVORS, json!({ "accelerator": "tpu" }), "accelerator", "\"none\", \"gpu\", \"npu\""),
        (FLAVORS, json!({ "charging_mode": "free" }), "charging_mode", "\"postPaid\""),
        (DRIVERS, json!({ "kind": "cpu" }), "kind", "\"gpu\", \"npu\""),
        (DRIVERS, json!({}), "kind", "mandatory"),
        (NODES, json!({}), "pool_id", "mandatory"),
        (WORKSPACES, json!({ "name_regex": "[" }), "name_regex", "RE2"),
    ] {
        let said = Sources::told(sources.try_read(source, &config).await);
        assert_eq!(said.path, path, "{config}");
        assert!(said.detail.contains(words), "{config}: {}", said.detail);
    }
    assert_eq!(sources.asked(""), [""; 0]);
}

#[tokio::test]
async fn driver_versions_are_newest_first_and_asked_for_once() {
    for at_top in [false, true] {
        let mut sources = Sources::start(&json!({ "offer": { "versions_at_top": at_top } })).await;
        for _ in 0..2 {
            let found = sources.read(DRIVERS, json!({ "kind": "gpu" })).await;
            assert_eq!(found["versions"], json!(["535.54.03", "470.57.02", "440.33"]));
            let found = sources.read(DRIVERS, json!({ "kind": "npu" })).await;
            assert_eq!(found["versions"], json!(["C83", "C78"]));
        }
        assert_eq!(sources.asked("/plugintemplates/").len(), 2);
    }
}

#[tokio::test]
async fn what_the_service_refuses_is_told_with_its_reason() {
    let refusal = json!({ "answer": { "status": 403,
        "body": { "error_code": "APIGW.0802", "error_msg": "forbidden for you" } } });
    let fault = |path: &str| json!({ "match": { "path": path, "nth": "every" }, "do": refusal });
    let faults = ["/v1/*/resourceflavors", "/v1/*/plugintemplates/*", "/v1/*/workspaces"];
    let faults: Vec<Json> = faults.iter().map(|path| fault(path)).collect();
    let mut sources = Sources::start(&json!({ "faults": faults })).await;
    for (source, config, summary) in [
        (FLAVORS, json!({}), "Flavors could not be read"),
        (DRIVERS, json!({ "kind": "gpu" }), "Driver versions could not be read"),
        (WORKSPACES, json!({}), "Workspaces could not be read"),
    ] {
        let said = Sources::told(sources.try_read(source, &config).await);
        assert_eq!((said.is_error, said.summary.as_str()), (true, summary));
        assert!(said.detail.contains("forbidden for you"), "{}", said.detail);
        assert!(said.detail.contains("APIGW.0802"), "{}", said.detail);
    }
}

/// Three nodes of one flavor in two zones, and one with a card, a label and a
/// taint.
fn pool() -> Json {
    json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": { "os.modelarts/name": "pool-nodes" } },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train"],
            "network": { "name": access::network_id() },
            "driver": { "gpuVersion": "470.57.02" },
            "resources": [
                { "flavor": "modelarts.vm.cpu.8ud", "count": 3, "azs": [
                    { "az": "cn-north-4a", "count": 1 }, { "az": "cn-north-4c", "count": 2 },
                ] },
                { "flavor": "modelarts.vm.gpu.tnt004", "count": 1, "nodePool": "cards",
                    "azs": [{ "az": "cn-north-4b", "count": 1 }],
                    "taints": [{ "key": "card", "value": "t4", "effect": "NoSchedule" }] },
            ],
        },
    })
}

#[tokio::test]
async fn nodes_are_shown_with_everything_and_chosen_by_each_filter() {
    let mut sources = Sources::start(&json!({
        "answers": { "page_size": 2, "order": "reversed" },
    }))
    .await;
    let hand = sources.cloud.cloud();
    let made = hand.add_pool(&pool()).unwrap().unwrap();
    hand.advance(std::time::Duration::from_secs(3600)).unwrap();
    let id = made["metadata"]["name"].as_str().unwrap().to_owned();
    let all = sources.read(NODES, json!({ "pool_id": id })).await;
    let all = all["nodes"].as_array().unwrap().clone();
    assert_eq!((all.len(), sources.asked("/nodes").len()), (4, 2));
    let names: Vec<&str> = all.iter().map(|node| node["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");

    let mut card = all.iter().find(|node| node["node_pool"] == "cards").unwrap().clone();
    for given in ["name", "private_ip", "instance_id", "creation_timestamp"] {
        assert!(card[given].as_str().is_some_and(|text| text.len() > 6), "{given}");
        card.as_object_mut().unwrap().remove(given);
    }
    let resource_id = card["labels"]["os.modelarts/resource.id"].take();
    assert!(resource_id.as_str().is_some_and(|id| id.starts_with("maos-")), "{resource_id}");
    assert_eq!(
        card,
        json!({
            "flavor": "modelarts.vm.gpu.tnt004",
            "node_pool": "cards",
            "phase": "Available",
            "az": "cn-north-4b",
            "os_name": "EulerOS 2.10",
            "driver": { "version": "470.57.02", "phase": "Running" },
            "labels": {
                "os.modelarts.node/nodepoolname": "cards",
                "os.modelarts/resource.id": null,
                "os.modelarts/billing.status": "0",
                "os.modelarts/tenant.domain.id": access::DOMAIN_ID,
                "os.modelarts/tenant.project.id": access::PROJECT_ID,
            },
            "annotations": {},
            "taints": [{ "key": "card", "value": "t4", "effect": "NoSchedule" }],
            "locked": false,
            "charging_mode": "postPaid",
            "resources": { "cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1" },
            "available_resources": { "cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1" },
        })
    );
    let bare = all.iter().find(|node| node["az"] == "cn-north-4a").unwrap();
    assert_eq!((&bare["driver"], &bare["taints"]), (&Json::Null, &json!([])));

    let cpu = "modelarts.vm.cpu.8ud";
    for (filter, value, count) in [
        ("flavor", cpu, 3),
        ("flavor", "modelarts.vm.cpu", 0),
        ("node_pool", "cards", 1),
        ("node_pool", "modelarts.vm.cpu.8ud-default", 3),
        ("phase", "Available", 4),
        ("phase", "Abnormal", 0),
        ("az", "cn-north-4c", 2),
    ] {
        let found = sources.read(NODES, json!({ "pool_id": id, filter: value })).await;
        let nodes = found["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), count, "{filter} = {value}");
        assert!(nodes.iter().all(|node| node[filter] == value), "{filter} = {value}");
    }
    let together = json!({ "pool_id": id, "flavor": cpu, "az": "cn-north-4c",
        "phase": "Available", "node_pool": "modelarts.vm.cpu.8ud-default" });
    assert_eq!(sources.read(NODES, together.clone()).await["nodes"].as_array().unwrap().len(), 2);
    let mut none = together;
    none["az"] = json!("cn-north-4b");
    assert_eq!(sources.read(NODES, none).await["nodes"], json!([]));
}

#[tokio::test]
async fn a_pool_that_is_not_there_has_no_nodes_to_list() {
    let mut sources = Sources::start(&json!({})).await;
    let said = Sources::told(sources.try_read(NODES, &json!({ "pool_id": "pool-x" })).await);
    assert_eq!((said.summary.as_str(), said.path.as_str()), ("Pool not found", "pool_id"));
    let said = Sources::told(sources.try_read(NODES, &json!({ "pool_id": "a/b" })).await);
    assert_eq!(said.path, "pool_id");
}

fn workspaces() -> Json {
    let project = "11111111-2222-3333-4444-555555555555";
    json!({
        "answers": { "page_size": 3, "order": "reversed" },
        "offer": { "workspaces": [
            { "id": "c0ffee", "name": "research", "enterprise_project_id": project,
                "description": "Everybody", "auth_type": "INTERNAL" },
            { "id": "beef", "name": "research-eu", "auth_type": "PRIVATE" },
            { "id": "dead", "name": "old", "status": "DELETING", "enterprise_project_id": project },
        ] },
    })
}

#[tokio::test]
async fn workspaces_come_from_all_pages_and_are_chosen_by_each_filter() {
    let mut sources = Sources::start(&workspaces()).await;
    let project = "11111111-2222-3333-4444-555555555555";
    let ids = async |sources: &mut Sources, config: Json| {
        let found = sources.read(WORKSPACES, config).await;
        let list = found["workspaces"].as_array().unwrap();
        list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ids(&mut sources, json!({})).await;
    assert_eq!(all, ["0", "dead", "c0ffee", "beef", access::WORKSPACE_ID]);
    assert_eq!(sources.asked("/workspaces").len(), 2);
    for (config, expected) in [
        (json!({ "name": "research" }), vec!["c0ffee"]),
        (json!({ "name": "resear" }), vec![]),
        (json!({ "name_regex": "^research" }), vec!["c0ffee", "beef"]),
        (json!({ "enterprise_project_id": project }), vec!["dead", "c0ffee"]),
        (json!({ "enterprise_project_id": project, "name_regex": "d$" }), vec!["dead"]),
        (json!({ "enterprise_project_id": "0", "name": "research" }), vec![]),
    ] {
        assert_eq!(ids(&mut sources, config.clone()).await, expected, "{config}");
    }
    let asked = sources.asked("/workspaces");
    assert!(asked[0].contains("name=research"), "{asked:?}");
    assert!(asked[4].contains(&format!("enterprise_project_id={project}")), "{asked:?}");
    let found = sources.read(WORKSPACES, json!({ "name": "research" })).await;
    assert_eq!(
        found["workspaces"],
        json!([{
            "id": "c0ffee",
            "name": "research",
            "description": "Everybody",
            "status": "NORMAL",
            "auth_type": "INTERNAL",
            "owner": access::USER_NAME,
            "enterprise_project_id": project,
            "create_time": "2024-01-02T03:04:05Z",
            "update_time": "2024-01-02T03:04:05Z",
        }])
    );
}
