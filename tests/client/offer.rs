//! What is on offer, as the simulator answers it.

use serde_json::{Value, json};
use terraform_provider_modelarts::modelarts::driver::Card;
use terraform_provider_modelarts::modelarts::flavor::Flavor;
use terraform_provider_modelarts::modelarts::{
    Client, CredentialSource, Endpoint, Endpoints, ErrorKind, Keys, PoolId, ProjectRef, Settings,
};
use terraform_provider_modelarts::simulator::{self, Config, Running, Scenario, access};

use crate::server::{Reply, Server};
use crate::{call, client};

/// A simulator with a scenario, and a client of it.
pub async fn playing(scenario: &Value) -> (Running, Client) {
    let scenario = Scenario::from_json(&scenario.to_string()).unwrap();
    let config = Config { scenario: Some(scenario), ..Config::default() };
    let running = simulator::start(config).await.unwrap();
    let endpoint = || Endpoint::parse(&running.url(), "the simulator").unwrap();
    let endpoints = Endpoints {
        modelarts: endpoint(),
        iam: endpoint(),
        bss: endpoint(),
        sts: endpoint(),
        metadata: endpoint(),
    };
    let keys = Keys {
        access_key: access::ACCESS_KEY.to_owned(),
        secret_key: access::SECRET_KEY.to_owned().into(),
        security_token: None,
    };
    let project = ProjectRef::Id(access::PROJECT_ID.to_owned());
    let settings = Settings::new(project, CredentialSource::Keys(keys), endpoints);
    let client = Client::new(settings).unwrap();
    (running, client)
}

fn count(running: &Running, path: &str) -> usize {
    let requests = running.cloud().requests();
    requests.iter().filter(|request| request.path.contains(path)).count()
}

#[tokio::test]
async fn flavors_are_read_in_full_from_all_pages() {
    let (running, client) = playing(&json!({ "answers": { "page_size": 4 } })).await;
    let flavors = client.list_flavors(&call(), None).await.unwrap();
    assert_eq!((flavors.len(), count(&running, "resourceflavors")), (11, 3));
    let find = |name: &str| flavors.iter().find(|flavor| flavor.name() == name).unwrap();

    let npu = find("modelarts.bm.npu.8a910");
    let (card, cards) = npu.accelerator().unwrap();
    assert_eq!((card, cards.size, cards.memory.as_deref()), (Card::Npu, Some(8), Some("64Gi")));
    assert!(npu.is_bare_metal() && npu.gpu().is_none());
    assert_eq!(npu.spec.creating_steps.len(), 2);
    assert_eq!(npu.scopes().collect::<Vec<_>>(), ["Train", "Infer", "Notebook"]);
    let scarce = &find("modelarts.vm.gpu.8v100").status.phase;
    assert_eq!(scarce.get("cn-north-4a").map(String::as_str), Some("soldout"));
    assert!(find("modelarts.vm.cpu.64ud").status.phase.is_empty());
    assert_eq!(find("modelarts.vm.gpu.a100").spec.billing_modes, [1]);
}

#[tokio::test]
async fn flavors_are_chosen_by_their_labels() {
    let (_running, client) = playing(&json!({})).await;
    let metal = Some("os.modelarts.flavor/baremetal=true");
    let flavors = client.list_flavors(&call(), metal).await.unwrap();
    assert_eq!(flavors.iter().map(Flavor::name).collect::<Vec<_>>(), ["modelarts.bm.npu.8a910"]);
}

#[test]
fn an_accelerator_of_which_there_is_none_is_none() {
    let flavor = |gpu: Value| {
        serde_json::from_value::<Flavor>(
            json!({ "metadata": { "name": "f" }, "spec": { "gpu": gpu } }),
        )
        .unwrap()
    };
    for none in [json!(null), json!({}), json!({ "type": "T4", "size": 0 }), json!("x")] {
        assert!(flavor(none.clone()).accelerator().is_none(), "{none}");
    }
    for some in [json!({ "type": "T4" }), json!({ "size": "2" })] {
        assert!(flavor(some.clone()).accelerator().is_some(), "{some}");
    }
}

#[tokio::test]
async fn driver_versions_are_read_from_both_places_newest_first() {
    for at_top in [false, true] {
        let scenario = json!({ "offer": { "versions_at_top": at_top } });
        let (running, client) = playing(&scenario).await;
        let gpu = client.list_driver_versions(&call(), Card::Gpu).await.unwrap();
        assert_eq!(gpu, ["535.54.03", "470.57.02", "440.33"]);
        let npu = client.list_driver_versions(&call(), Card::Npu).await.unwrap();
        assert_eq!(npu, ["C83", "C78"]);
        assert_eq!(count(&running, "plugintemplates/gpu-driver"), 1);
    }
}

#[tokio::test]
async fn only_the_service_says_that_there_is_no_such_driver() {
    let versions = async |reply: Reply| {
        let server = Server::replying([reply]).await;
        client(&server).list_driver_versions(&call(), Card::Npu).await
    };
    let own = r#"{"error_code":"ModelArts.50005101","error_msg":"not found"}"#;
    assert_eq!(versions(Reply::json(404, own)).await.unwrap(), Vec::<String>::new());
    for body in [r#"{"versions":null}"#, r#"{"spec":{"versions":{}}}"#] {
        assert_eq!(versions(Reply::json(200, body)).await.unwrap(), Vec::<String>::new(), "{body}");
    }
    let gateway = r#"{"error_code":"APIGW.0101","error_msg":"not found"}"#;
    let error = versions(Reply::json(404, gateway)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    for body in ["{}", r#"{"spec":{}}"#, r#"{"versions":["C78"]}"#] {
        let error = versions(Reply::json(200, body)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undecodable, "{body}");
    }
}

#[tokio::test]
async fn workspaces_are_read_from_all_pages_however_small_they_are() {
    let more: Vec<Value> =
        (0..5).map(|n| json!({ "id": format!("w{n}"), "name": format!("team-{n}") })).collect();
    let scenario = json!({ "answers": { "page_size": 3 }, "offer": { "workspaces": more } });
    let (running, client) = playing(&scenario).await;
    let all = client.list_workspaces(&call(), None, None).await.unwrap();
    assert_eq!((all.len(), count(&running, "/workspaces")), (7, 3));
    let some = client.list_workspaces(&call(), Some("team-"), None).await.unwrap();
    assert_eq!(some.len(), 5);
    let none = client.list_workspaces(&call(), None, Some("elsewhere")).await.unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_service_that_ignores_the_number_of_a_page_is_asked_twice() {
    let page = r#"{"total_count":9,"count":1,"workspaces":[{"id":"0","name":"default"}]}"#;
    let server = Server::replying([Reply::json(200, page)]).await;
    let all = client(&server).list_workspaces(&call(), None, None).await.unwrap();
    assert_eq!((all.len(), server.seen().len()), (1, 2));
}

#[tokio::test]
async fn nodes_are_read_in_pages_or_all_at_once() {
    for (at_once, calls) in [(false, 3), (true, 1)] {
        let answers = json!({ "page_size": 2, "nodes_at_once": at_once });
        let (running, client) = playing(&json!({ "answers": answers })).await;
        let body = json!({
            "apiVersion": "v2",
            "kind": "Pool",
            "metadata": { "labels": { "os.modelarts/name": "pool-nodes" } },
            "spec": {
                "type": "Dedicate",
                "scope": ["Train"],
                "network": { "name": access::network_id() },
                "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 5 }],
            },
        });
        let pool = running.cloud().add_pool(&body).unwrap().unwrap();
        running.cloud().advance(std::time::Duration::from_secs(3600)).unwrap();
        let id = PoolId::from(pool["metadata"]["name"].as_str().unwrap());
        let nodes = client.list_nodes(&call(), &id).await.unwrap();
        assert_eq!((nodes.len(), count(&running, "/nodes")), (5, calls));
        let node = nodes.first().unwrap();
        assert_eq!(node.status.resources.get("memory").map(String::as_str), Some("32Gi"));
    }
}
