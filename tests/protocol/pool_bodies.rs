//! What arrives at the service. The bodies are written by hand from the API
//! reference (create request, patch pool), field by field.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Running, access};
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, cloud};

const FLAVOR: &str = "modelarts.vm.cpu.8ud";
const VPC: &str = "2f1c8b1e-0000-4000-8000-000000000001";
const SUBNET: &str = "2f1c8b1e-0000-4000-8000-000000000002";
const CLUSTER: &str = "2f1c8b1e-0000-4000-8000-000000000003";

async fn start() -> (Running, Core) {
    let cloud = cloud(&json!({})).await;
    let core = Core::start(&cloud).await;
    (cloud, core)
}

/// Creates a pool and gives the body that arrived; the next plan is empty.
async fn created(core: &mut Core, config: &Json) -> Json {
    let config = core.config(config);
    core.run(&config).await;
    let sent = core.changes();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert_eq!(sent[0].method, "POST");
    assert!(sent[0].path.ends_with("/pools"));
    core.is_settled(&config).await;
    assert!(core.changes().is_empty());
    sent[0].body.clone()
}

/// Imports the pool that was made; the next plan is empty.
async fn taken_over(core: &mut Core, config: &Json) {
    let config = core.config(config);
    core.import_again().await;
    core.is_settled(&config).await;
}

/// Imports the pool that was made. What the service never returns is taken
/// over without a request; the plan after that is empty.
async fn taken_over_with_what_is_never_returned(core: &mut Core, config: &Json) {
    let config = core.config(config);
    core.import_again().await;
    let plan = core.run(&config).await;
    assert_eq!(plan.replaces, [""; 0]);
    assert!(core.changes().is_empty());
    core.is_settled(&config).await;
}

fn minimal() -> Json {
    json!({
        "name": "pool-minimal",
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [{ "flavor": FLAVOR, "count": 1 }],
    })
}

fn dedicate() -> Json {
    serde_json::from_str(include_str!("../data/pool/dedicate.config.json")).unwrap()
}

#[tokio::test]
async fn a_minimal_dedicate_pool() {
    let (_cloud, mut core) = start().await;
    let body = created(&mut core, &minimal()).await;
    assert_eq!(
        body,
        json!({
            "apiVersion": "v2",
            "kind": "Pool",
            "metadata": { "labels": { "os.modelarts/name": "pool-minimal" } },
            "spec": {
                "type": "Dedicate",
                "scope": ["Train"],
                "network": { "name": access::network_id() },
                "resources": [{ "flavor": FLAVOR, "count": 1 }],
            },
        })
    );
    taken_over(&mut core, &minimal()).await;
}

#[tokio::test]
async fn a_dedicate_pool_with_everything_set() {
    let (_cloud, mut core) = start().await;
    let mut body = created(&mut core, &dedicate()).await;
    // A set has no order.
    for list in ["/spec/resources/0/volumeGroupConfigs", "/spec/scope"] {
        let items = body.pointer_mut(list).unwrap().as_array_mut().unwrap();
        items.sort_by_key(Json::to_string);
    }
    let wanted: Json =
        serde_json::from_str(include_str!("../data/pool/dedicate.body.json")).unwrap();
    assert_eq!(body, wanted);
    taken_over(&mut core, &dedicate_as_imported()).await;
}

/// The same with local attributes at their defaults: an import cannot know
/// them.
fn dedicate_as_imported() -> Json {
    let mut config = dedicate();
    let map = config.as_object_mut().unwrap();
    for name in ["on_timeout", "timeouts"] {
        map.remove(name);
    }
    config
}

fn logical(parent: &str) -> Json {
    json!({
        "name": "pool-logical",
        "workspace_id": "0",
        "description": "A slice",
        "type": "Logical",
        "parent": parent,
        "job_flavors": ["modelarts.p3.large"],
        "resources": [{
            "flavor": FLAVOR,
            "count": 1,
            "max_count": 3,
            "node_pool": "slice",
            "labels": { "tier": "silver" },
        }],
    })
}

#[tokio::test]
async fn a_logical_pool_with_a_parent() {
    let (_cloud, mut core) = start().await;
    created(&mut core, &minimal()).await;
    let parent = core.state.get("id").as_str().unwrap().to_owned();
    core.forget();
    let body = created(&mut core, &logical(&parent)).await;
    assert_eq!(
        body,
        json!({
            "apiVersion": "v2",
            "kind": "Pool",
            "metadata": {
                "labels": {
                    "os.modelarts/name": "pool-logical",
                    "os.modelarts/workspace.id": "0",
                },
                "annotations": { "os.modelarts/description": "A slice" },
            },
            "spec": {
                "type": "Logical",
                "parent": parent,
                "jobFlavors": ["modelarts.p3.large"],
                "resources": [{
                    "flavor": FLAVOR,
                    "count": 1,
                    "maxCount": 3,
                    "nodePool": "slice",
                    "labels": { "tier": "silver" },
                }],
            },
        })
    );
    taken_over(&mut core, &logical(&parent)).await;
}

#[tokio::test]
async fn a_minimal_logical_pool() {
    let (_cloud, mut core) = start().await;
    let config = json!({
        "name": "pool-slice",
        "type": "Logical",
        "resources": [{ "flavor": FLAVOR, "count": 2 }],
    });
    let body = created(&mut core, &config).await;
    assert_eq!(
        body,
        json!({
            "apiVersion": "v2",
            "kind": "Pool",
            "metadata": { "labels": { "os.modelarts/name": "pool-slice" } },
            "spec": { "type": "Logical", "resources": [{ "flavor": FLAVOR, "count": 2 }] },
        })
    );
    taken_over(&mut core, &config).await;
}

fn privileged() -> Json {
    json!({
        "name": "pool-own",
        "network": { "vpc_id": VPC, "subnet_id": SUBNET },
        "clusters": [{ "provider_id": CLUSTER }],
        "user_login": { "key_pair_name": "ops" },
        "resources": [{ "flavor": FLAVOR, "count": 1 }],
    })
}

#[tokio::test]
async fn a_minimal_privileged_pool() {
    let (_cloud, mut core) = start().await;
    let body = created(&mut core, &privileged()).await;
    assert_eq!(
        body,
        json!({
            "apiVersion": "v2",
            "kind": "Pool",
            "metadata": { "labels": { "os.modelarts/name": "pool-own" } },
            "spec": {
                "type": "Dedicate",
                "network": { "vpcId": VPC, "subnetId": SUBNET },
                "clusters": [{ "providerId": CLUSTER }],
                "userLogin": { "keyPairName": "ops" },
                "resources": [{ "flavor": FLAVOR, "count": 1 }],
            },
        })
    );
    taken_over_with_what_is_never_returned(&mut core, &privileged()).await;
}

fn prepaid() -> Json {
    json!({
        "name": "pool-paid",
        "network": { "vpc_id": VPC, "subnet_id": SUBNET },
        "clusters": [{ "provider_id": CLUSTER }],
        "user_login": { "password_wo": "c2VjcmV0", "password_wo_version": 1 },
        "charging_mode": "prePaid",
        "period_unit": "year",
        "period": 2,
        "auto_renew": true,
        "auto_pay": true,
        "promotion_info": "discount-1",
        "console_url": "https://console.example.com/orders",
        "order_id": "CS2401010000",
        "resources": [{
            "flavor": FLAVOR,
            "count": 1,
            "network": { "vpc": VPC, "subnet": SUBNET, "security_groups": ["sg-2", "sg-1"] },
        }],
    })
}

#[tokio::test]
async fn a_prepaid_privileged_pool_with_everything_set() {
    let (cloud, mut core) = start().await;
    let mut body = created(&mut core, &prepaid()).await;
    // The simulator does not keep passwords, only that there was one.
    let password = body.pointer_mut("/spec/userLogin").unwrap().take();
    assert_eq!(password.as_object().unwrap().keys().collect::<Vec<_>>(), ["password"]);
    assert_eq!(
        body,
        json!({
            "apiVersion": "v2",
            "kind": "Pool",
            "metadata": {
                "labels": { "os.modelarts/name": "pool-paid" },
                "annotations": {
                    "os.modelarts/billing.mode": "1",
                    "os.modelarts/period.type": "3",
                    "os.modelarts/period.num": "2",
                    "os.modelarts/auto.renew": "1",
                    "os.modelarts/auto.pay": "true",
                    "os.modelarts/promotion.info": "discount-1",
                    "os.modelarts/service.console.url": "https://console.example.com/orders",
                    "os.modelarts/order.id": "CS2401010000",
                },
            },
            "spec": {
                "type": "Dedicate",
                "network": { "vpcId": VPC, "subnetId": SUBNET },
                "clusters": [{ "providerId": CLUSTER }],
                "userLogin": null,
                "resources": [{
                    "flavor": FLAVOR,
                    "count": 1,
                    "network": {
                        "vpc": VPC, "subnet": SUBNET, "securityGroups": ["sg-1", "sg-2"] },
                }],
            },
        })
    );
    let state = format!("{:?}", core.state);
    assert!(!state.contains("c2VjcmV0"), "the password is in the state");

    taken_over_with_what_is_never_returned(&mut core, &prepaid()).await;

    // More nodes are ordered like the first ones.
    let mut grown = prepaid();
    grown["resources"][0]["count"] = 2.into();
    let config = core.config(&grown);
    core.run(&config).await;
    let sent = core.changes();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert_eq!(
        sent[0].body["metadata"],
        json!({ "annotations": {
            "os.modelarts/billing.mode": "1",
            "os.modelarts/period.type": "3",
            "os.modelarts/period.num": "2",
            "os.modelarts/auto.renew": "1",
            "os.modelarts/auto.pay": "true",
            "os.modelarts/promotion.info": "discount-1",
        } })
    );
    core.is_settled(&config).await;

    // It is not deleted but unsubscribed, node by node.
    let messages = core.destroy().await;
    assert_eq!(messages, []);
    assert_eq!(core.state, Value::Null);
    let sent = core.changes();
    let paths: Vec<_> = sent.iter().map(|r| (r.method.as_str(), r.path.as_str())).collect();
    assert_eq!(paths, [("POST", "/v2/orders/subscriptions/resources/unsubscribe")]);
    assert_eq!(sent[0].body["resource_ids"].as_array().unwrap().len(), 2);
    assert!(cloud.cloud().pools().unwrap().is_empty());
}
