//! Every optional attribute that an import finds: it stays until it is written,
//! and goes once it has been and is left out.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Running, access};
use terraform_provider_modelarts::tf::schema::{Attribute, Nesting};
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, cloud, repeated};

const CPU: &str = "modelarts.vm.cpu.8ud";
/// Its nodes are made several at a time.
const STEPS: &str = "modelarts.bm.npu.8a910";
const GPU: &str = "modelarts.vm.gpu.tnt004";

fn entry() -> Json {
    json!({
        "flavor": GPU,
        "count": 2,
        "node_pool": "first",
        "extend_params": { "dockerBaseSize": "80" },
        "labels": { "tier": "gold" },
        "taints": [{ "key": "dedicated", "effect": "NoSchedule" }],
        "tags": { "cost": "one" },
        "network": { "vpc": "vpc-1", "subnet": "subnet-1", "security_groups": ["sg-1"] },
        "root_volume": { "volume_type": "SSD", "size": 100 },
        "data_volumes": [{ "volume_type": "SSD", "size": 200, "count": 1,
            "extend_params": { "volumeGroup": "vgpaas", "custom": "x" } }],
        "volume_group_configs": [{ "volume_group": "vgpaas", "docker_thin_pool": 60 }],
        "driver": { "version": "440.33" },
    })
}

/// A pool of each kind, with all that its kind can have.
fn pools(parent: &str) -> Vec<Json> {
    let standard = json!({
        "name": "pool-every",
        "node_prefix": "node",
        "labels": { "team": "vision" },
        "description": "made elsewhere",
        "scheduler_extension": "high",
        "annotations": { "cost-centre": "4711", "owner": "ops" },
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "masters": [{ "az": "cn-north-4a" }],
        "driver": { "gpu_version": "440.33" },
        "job_flavors": ["one"],
        "resources": [entry(), { "flavor": CPU, "count": 1 }],
    });
    let privileged = json!({
        "name": "pool-every",
        "charging_mode": "prePaid",
        "period_unit": "month",
        "period": 1,
        "auto_renew": true,
        "auto_pay": true,
        "promotion_info": "discount",
        "console_url": "https://example.com/",
        "order_id": "CS1",
        "network": { "vpc_id": "vpc-1", "subnet_id": "subnet-1" },
        "clusters": [{ "provider_id": "cluster-1" }],
        "user_login": { "key_pair_name": "ops" },
        "resources": [entry()],
    });
    let logical = json!({
        "name": "pool-every",
        "type": "Logical",
        "parent": parent,
        "resources": [{ "flavor": CPU, "count": 1 }],
    });
    let stepping = json!({
        "name": "pool-every",
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [{ "flavor": STEPS, "count": 2,
            "creating_step": { "step": 2, "type": "hyperinstance" } }],
    });
    vec![standard, privileged, logical, stepping]
}

/// A pool of the kind with this number that an import has just found.
async fn found(kind: usize) -> (Running, Core) {
    let cloud = cloud(&json!({})).await;
    let spec = json!({
        "type": "Dedicate",
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [{ "flavor": CPU, "count": 3 }],
    });
    let metadata = json!({ "labels": { "os.modelarts/name": "pool-parent" } });
    let body = json!({ "apiVersion": "v2", "kind": "Pool", "metadata": metadata, "spec": spec });
    let parent = cloud.cloud().add_pool(&body).unwrap().unwrap();
    let parent = parent["metadata"]["name"].as_str().unwrap().to_owned();
    let mut core = Core::start(&cloud).await;
    let config = core.config(&pools(&parent)[kind]);
    core.run(&config).await;
    core.import_again().await;
    core.changes();
    (cloud, core)
}

/// Where an attribute is: names, and places in lists.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Name(String),
    Place(usize),
}

/// Every attribute in a configuration that stays when it was found.
fn staying(attributes: &[Attribute], object: &Value, at: &[Step], all: &mut Vec<Vec<Step>>) {
    for attribute in attributes {
        let value = object.get(&attribute.name);
        if value.is_null() {
            continue;
        }
        let at = [at, &[Step::Name(attribute.name.clone())]].concat();
        if attribute.behaviour.found_stays {
            all.push(at.clone());
        }
        match (attribute.members(), attribute.nesting(), value) {
            (Some(inner), Some(Nesting::Single), _) => staying(inner, value, &at, all),
            (Some(inner), Some(Nesting::List), Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    staying(inner, item, &[&at[..], &[Step::Place(index)]].concat(), all);
                }
            }
            _ => {}
        }
    }
}

fn at<'v>(object: &'v Value, path: &[Step]) -> &'v Value {
    path.iter().fold(object, |value, step| match step {
        Step::Name(name) => value.get(name),
        Step::Place(index) => &value.elements().unwrap()[*index],
    })
}

/// The same without what is here.
fn without(object: &Value, path: &[Step]) -> Value {
    let Some((first, rest)) = path.split_first() else { return Value::Null };
    let mut object = object.clone();
    match (first, &mut object) {
        (Step::Name(name), object) => {
            let inner = without(object.get(name), rest);
            object.set_entry(name, inner);
        }
        (Step::Place(index), Value::List(items)) => items[*index] = without(&items[*index], rest),
        _ => {}
    }
    object
}

fn words(path: &[Step]) -> String {
    let word = |step: &Step| match step {
        Step::Name(name) => name.clone(),
        Step::Place(index) => index.to_string(),
    };
    path.iter().map(word).collect::<Vec<_>>().join(".")
}

/// What tells entries apart, or goes with another argument, cannot be left out
/// by itself.
fn stands_alone(path: &[Step]) -> bool {
    let path = words(path);
    let bound = ["creating_step", "volume_group_configs", "data_volumes", "period", "period_unit"];
    !bound.iter().any(|name| path.ends_with(name)) && !path.contains("data_volumes")
}

#[tokio::test]
async fn each_attribute_that_was_found_plans_empty_when_it_alone_is_left_out() {
    let mut tried = Vec::new();
    for kind in 0..4 {
        let (_cloud, mut core) = found(kind).await;
        let schema = core.schema().clone();
        let all = repeated(&schema.attributes, &core.state);
        core.is_settled(&all).await;
        let mut paths = Vec::new();
        staying(&schema.attributes, &all, &[], &mut paths);
        for path in paths {
            let config = without(&all, &path);
            let plan = core.plan(&config).await;
            assert_eq!(plan.state, core.state, "{}", words(&path));
            tried.push(words(&path));
        }
    }
    // Each of them, so that nothing is forgotten that is added later.
    let (_cloud, core) = found(0).await;
    let mut expected: Vec<String> = Vec::new();
    for attribute in &core.schema().attributes {
        if attribute.behaviour.found_stays {
            expected.push(attribute.name.clone());
        }
    }
    let members = core.schema().attribute("resources").unwrap().members().unwrap();
    for member in members.iter().filter(|member| member.behaviour.found_stays) {
        expected.push(format!("resources.0.{}", member.name));
    }
    expected.retain(|name| !tried.contains(name));
    // What no answer holds is not found.
    assert_eq!(expected, ["auto_pay"]);
}

#[tokio::test]
async fn each_attribute_that_was_written_goes_when_it_is_left_out_and_the_removal_is_sent() {
    for kind in 0..4 {
        let (cloud, mut core) = found(kind).await;
        let schema = core.schema().clone();
        let all = repeated(&schema.attributes, &core.state);
        // A change of something else writes all that is there.
        let mut all = all;
        all.set_entry("deletion_protection", Value::Bool(true));
        core.run(&all).await;
        core.is_settled(&all).await;
        let mut paths = Vec::new();
        staying(&schema.attributes, &all, &[], &mut paths);
        for path in paths.into_iter().filter(|path| stands_alone(path)) {
            let what = words(&path);
            let config = without(&all, &path);
            core.changes();
            let plan = core.plan(&config).await;
            let is_refused = plan.messages.iter().any(|message| message.is_error);
            if is_refused {
                // A new pool would be needed, and the pool is protected.
                assert!(plan.messages.iter().any(|m| m.summary.contains("protected")), "{what}");
                continue;
            }
            assert!(at(&plan.state, &path).is_null(), "{what} is not shown as removed");
            let before = cloud.cloud().pool("pool-every").unwrap().unwrap();
            core.run(&config).await;
            core.is_settled(&config).await;
            let sent = core.changes();
            assert!(sent.iter().any(|request| request.method == "PATCH"), "{what} is not sent");
            let after = cloud.cloud().pool("pool-every").unwrap().unwrap();
            let parts = |pool: &Json| (pool["metadata"].clone(), pool["spec"].clone());
            assert_ne!(parts(&before), parts(&after), "{what} is still there");
            // And back again.
            core.run(&all).await;
            core.is_settled(&all).await;
        }
    }
}

#[tokio::test]
async fn a_year_after_an_import_keys_that_are_taken_out_go_from_the_cloud() {
    let (cloud, mut core) = found(0).await;
    let schema = core.schema().clone();
    let all = repeated(&schema.attributes, &core.state);
    let mut written = all.clone();
    written.set_entry("description", Value::from("ours"));
    core.run(&written).await;
    for _ in 0..3 {
        core.configure().await;
        core.is_settled(&written).await;
    }
    let mut fewer = written.clone();
    let owner = [("owner".to_owned(), Value::from("ops"))];
    fewer.set_entry("annotations", Value::map(owner));
    let plan = core.run(&fewer).await;
    assert_eq!(plan.replaces, [""; 0]);
    core.is_settled(&fewer).await;
    let pool = cloud.cloud().pool("pool-every").unwrap().unwrap();
    assert!(pool["metadata"]["annotations"].get("cost-centre").is_none(), "{pool}");
    assert_eq!(pool["metadata"]["annotations"]["owner"], "ops");
}

#[tokio::test]
async fn members_that_were_found_and_written_go_too() {
    let (cloud, mut core) = found(0).await;
    let schema = core.schema().clone();
    let mut all = repeated(&schema.attributes, &core.state);
    all.set_entry("description", Value::from("ours"));
    core.run(&all).await;
    let first = [Step::Name("resources".to_owned()), Step::Place(0)];
    let cases = [
        (vec!["network", "subnet"], "/network/subnet"),
        (vec!["network", "security_groups"], "/network/securityGroups/0"),
    ];
    for (names, shown) in cases {
        let names: Vec<Step> = names.into_iter().map(|n| Step::Name(n.to_owned())).collect();
        let config = without(&all, &[&first[..], &names].concat());
        core.run(&config).await;
        core.is_settled(&config).await;
        let pool = cloud.cloud().pool("pool-every").unwrap().unwrap();
        let entries = pool["spec"]["resources"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["nodePool"] == "first").unwrap();
        assert!(entry.pointer(shown).is_none_or(Json::is_null), "{shown}: {entry}");
        core.run(&all).await;
        core.is_settled(&all).await;
    }
}
