//! Files of the simulator: scenarios, and the state of a simulated cloud.

use std::fs;

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::modelarts::{
    Call, Client, CredentialSource, Endpoint, Endpoints, Keys, Object, PatchPool, PoolFilter,
    ProjectRef, Settings,
};
use terraform_provider_modelarts::simulator::{Config, Running, Scenario, access, start};

use super::harness::fuzz;

const SCENARIO: &str = r#"{
    "durations": { "create": "20m", "scale_out": "never", "nodes": "1h30m", "payment": "1.5s" },
    "outcomes": { "creation_failed": { "message": "sold out", "times": 1 },
        "scaling_failed": { "message": "no", "nodes": 2 },
        "abnormal_nodes": { "count": 1, "recover": "2m" },
        "node_job_failed": { "nodes": ["os-node-created-ab12c"], "message": "no" },
        "drain_failed": { "nodes": 1, "stuck": true, "times": 1 } },
    "answers": { "order": { "random": 7 }, "resources_as_objects": true, "page_size": 2,
        "leave_out": { "list": ["label:sharing", "spec.resources.azs"], "as_null": true },
        "gzip": true, "date_offset": "-26h", "sub_projects": true },
    "rules": { "approval": true, "token_lifetime": "1h", "busy_status": 409,
        "old_max_count": "stays", "old_zones": "refused", "zone_sums": "ignored",
        "rolling_config": "optional" },
    "clock_offset": "-20m",
    "faults": [
        { "match": { "method": "POST", "path": "/v2/*/pools", "nth": 1 }, "do": "lost" },
        { "match": { "operation": ["show", "nodes"], "query": "*limit=*" }, "do": "html" },
        { "match": { "path": "/v2/**", "nth": "every", "probability": 0.1, "seed": 1 },
          "do": { "answer": { "status": 503, "headers": { "Retry-After": "1" } } } }
    ] }"#;

/// A pool that a person could have asked for.
fn wanted() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/api/show.running.json");
    let shown: Json = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": { "os.modelarts/name": "pool-1", "os.modelarts/workspace.id": "0" } },
        "spec": {
            "type": "Dedicate",
            "scope": shown["spec"]["scope"],
            "network": { "name": access::network_id() },
            "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 2 }],
        },
    })
}

fn config(file: &str) -> Config {
    Config { state_file: Some(file.into()), ..Config::default() }
}

/// A state file with a pool, a network and orders in it.
async fn state(file: &str) -> Vec<u8> {
    let running = start(config(file)).await.unwrap();
    running.cloud().add_pool(&wanted()).unwrap().unwrap();
    running.stop().await;
    fs::read(file).unwrap()
}

fn client(running: &Running) -> Client {
    let endpoint = |name: &str| Endpoint::parse(&running.url(), name).unwrap();
    let endpoints = Endpoints {
        modelarts: endpoint("modelarts"),
        iam: endpoint("iam"),
        bss: endpoint("bss"),
        sts: endpoint("sts"),
        metadata: endpoint("metadata"),
    };
    let keys = CredentialSource::Keys(Keys {
        access_key: access::ACCESS_KEY.to_owned(),
        secret_key: access::SECRET_KEY.to_owned().into(),
        security_token: None,
    });
    let project = ProjectRef::Id(access::PROJECT_ID.to_owned());
    let mut settings = Settings::new(project, keys, endpoints);
    settings.max_retries = 0;
    Client::new(settings).unwrap()
}

/// Looks at everything in a cloud, and changes it.
async fn used(running: Running) {
    let cloud = running.cloud();
    if let Ok(Err(refused)) = cloud.add_pool(&wanted()) {
        assert!(refused["error_code"].is_string());
    }
    for pool in cloud.pools().unwrap_or_default() {
        let id = pool["metadata"]["name"].as_str().unwrap_or_default();
        let grown = |pool: &mut Json| {
            if let Some(count) = pool.pointer_mut("/spec/resources/0/count") {
                *count = json!(3);
            }
        };
        let _ = cloud.change_pool(id, grown);
        let _ = cloud.release_pool(id);
    }
    let _ = cloud.advance(std::time::Duration::from_secs(60));
    let client = client(&running);
    let call = Call::default();
    let pools = client.list_pools(&call, &PoolFilter::in_workspace("0")).await.unwrap_or_default();
    let _ = client.list_networks(&call, None, None).await;
    if let Some(pool) = pools.first() {
        let _ = client.list_nodes(&call, &pool.id()).await;
        let _ = client.list_orders(&call, &pool.id(), None, None).await;
        let mut patch = PatchPool::default();
        patch.spec.resources = Some(pool.spec.resources.clone());
        let _ = client.patch_pool(&call, &pool.id(), &patch).await;
        let _ = client.delete_pool(&call, &pool.id()).await;
    }
    running.stop().await;
}

#[test]
fn no_scenario_is_worse_than_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seeds = vec![SCENARIO.as_bytes().to_vec(), b"{}".to_vec()];
    fuzz("scenario", seeds, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let Ok(mut scenario) = Scenario::from_json(&text) else { return };
        // Faults may rightly keep a client waiting.
        scenario.faults.clear();
        let config = Config { scenario: Some(scenario), ..Config::default() };
        let running = runtime.block_on(async { start(config).await.unwrap() });
        runtime.block_on(used(running));
    });
}

#[test]
fn no_state_file_is_worse_than_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json").display().to_string();
    let seeds = vec![runtime.block_on(state(&file)), b"{}".to_vec(), Vec::new()];
    fuzz("state-file", seeds, |bytes| {
        fs::write(&file, bytes).unwrap();
        let Ok(running) = runtime.block_on(start(config(&file))) else { return };
        runtime.block_on(used(running));
    });
}
