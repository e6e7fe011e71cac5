//! States that this release did not write, and cores that cannot do all.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::access;
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, cloud};

/// As the first builds wrote it, for a pool that exists.
fn of_version_0(id: &str) -> Json {
    json!({
        "id": id,
        "name": "pool-old",
        "workspace_id": "0",
        "node_prefix": null,
        "sharing": "unshared",
        "labels": null,
        "description": "from before",
        "scheduler_extension": null,
        "annotations": null,
        "type": "Dedicate",
        "scope": ["Train"],
        "parent": null,
        "network": { "name": access::network_id() },
        "driver": null,
        "resources": [{
            "flavor": "modelarts.vm.cpu.8ud",
            "count": 2,
            "max_count": 2,
            "azs": [
                { "az": "cn-north-4a", "count": 1 },
                { "az": "cn-north-4b", "count": 1 },
            ],
            "node_pool": "modelarts.vm.cpu.8ud-default",
        }],
        "wait_for": "ready",
        "on_timeout": "keep",
        "deletion_protection": false,
        "ready": true,
        "effective_annotations": { "os.modelarts/billing.mode": "0" },
        "timeouts": null,
    })
}

#[tokio::test]
async fn a_state_of_version_0_plans_empty() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&json!({
        "name": "pool-old",
        "description": "from before",
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 2 }],
    }));
    core.run(&config).await;
    let id = core.state.get("id").as_str().unwrap().to_owned();
    core.forget();
    core.changes();
    assert_eq!(core.upgrade(0, &of_version_0(&id)).await, []);
    assert_eq!(core.state.get("charging_mode"), &Value::from("postPaid"));
    core.is_settled(&config).await;
    assert!(core.changes().is_empty());
}

#[tokio::test]
async fn a_state_of_a_newer_release_is_refused() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let found = core.upgrade(99, &of_version_0("any")).await;
    assert!(found.iter().any(|m| m.is_error && m.detail.contains("version 99")), "{found:#?}");
}

#[tokio::test]
async fn a_core_without_write_only_attributes_is_told_so() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    core.write_only = false;
    let login = |member: &str| {
        json!({
            "name": "pool-old",
            "network": { "vpc_id": "vpc", "subnet_id": "subnet" },
            "clusters": [{ "provider_id": "cluster" }],
            "user_login": { member: "c2VjcmV0", "password_wo_version": null },
            "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 2 }],
        })
    };
    let found = core.validate(&core.config(&login("password"))).await;
    assert_eq!(found, []);
    let found = core.validate(&core.config(&login("password_wo"))).await;
    let [message] = found.as_slice() else { panic!("{found:#?}") };
    assert!(message.is_error && message.detail.contains("1.11"), "{message:#?}");
    assert_eq!(message.path, "user_login.password_wo");
    assert!(!message.detail.contains("c2VjcmV0"));
}
