//! What an answer leaves out is not gone.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Running, Scenario, access};

use super::core::{Core, cloud};

const CPU: &str = "modelarts.vm.cpu.8ud";
const GPU: &str = "modelarts.vm.gpu.tnt004";

/// A pool of each kind, with all that its kind can have.
fn pools() -> Vec<Json> {
    let entry = json!({
        "flavor": GPU,
        "count": 2,
        "node_pool": "first",
        "azs": [{ "az": "cn-north-4a", "count": 2 }],
        "extend_params": { "dockerBaseSize": "80" },
        "os": { "name": "EulerOS 2.8" },
        "labels": { "tier": "gold" },
        "taints": [{ "key": "dedicated", "effect": "NoSchedule" }],
        "tags": { "cost": "one" },
        "root_volume": { "volume_type": "SSD", "size": 100 },
        "data_volumes": [{ "volume_type": "SSD", "size": 200, "count": 1,
            "extend_params": { "volumeGroup": "vgpaas" } }],
        "volume_group_configs": [{ "volume_group": "vgpaas", "docker_thin_pool": 60 }],
        "driver": { "version": "440.33" },
    });
    let standard = json!({
        "name": "pool-absent",
        "node_prefix": "node",
        "sharing": "shared",
        "workspace_id": access::WORKSPACE_ID,
        "labels": { "team": "vision" },
        "description": "one",
        "scheduler_extension": "high",
        "annotations": { "owner": "ops" },
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "container_network": { "cidr": "172.16.0.0/16" },
        "kubernetes_svc_ip_range": "10.247.0.0/16",
        "cluster_flavor": "cce.s2.small",
        "masters": [{ "az": "cn-north-4a" }],
        "driver": { "gpu_version": "440.33", "update_strategy": "idle" },
        "job_flavors": ["one"],
        "resources": [entry.clone(), { "flavor": CPU, "count": 1 }],
    });
    let mut networked = entry;
    networked["network"] = json!({ "vpc": "vpc-1", "security_groups": ["sg-1"] });
    let privileged = json!({
        "name": "pool-absent",
        "charging_mode": "prePaid",
        "period_unit": "month",
        "period": 1,
        "auto_pay": true,
        "auto_renew": true,
        "network": { "vpc_id": "vpc-1", "subnet_id": "subnet-1" },
        "clusters": [{ "provider_id": "cluster-1" }],
        "user_login": { "key_pair_name": "ops" },
        "resources": [networked],
    });
    let logical = json!({
        "name": "pool-absent",
        "type": "Logical",
        "description": "one",
        "parent": "pool-of-somebody",
        "resources": [{ "flavor": CPU, "count": 1, "max_count": 3 }],
    });
    vec![standard, privileged, logical]
}

/// Every field, label and annotation of a pool as a scenario names it, but what
/// a pool is recognised by.
pub(super) fn names(pool: &Json) -> Vec<String> {
    let mut names = Vec::new();
    for (kind, map) in [("label:", "labels"), ("annotation:", "annotations")] {
        let keys = pool["metadata"][map].as_object().unwrap().keys();
        names.extend(keys.map(|key| format!("{kind}{}", key.trim_start_matches("os.modelarts/"))));
        names.push(format!("metadata.{map}"));
    }
    members("spec", &pool["spec"], &mut names);
    // Answers without these are none. Free labels and annotations in a map
    // that is there, the description and the extension are drift.
    let told = |name: &String| {
        let known = [
            "label:team",
            "annotation:owner",
            "annotation:description",
            "annotation:scheduler.extension",
            "spec.resources",
            "spec.resources.flavor",
            "spec.resources.count",
        ];
        // Inside a map that is there a missing key is drift.
        let inside = ["labels.", "extendParams.", "tags.", "taints."];
        known.contains(&name.as_str()) || inside.iter().any(|map| name.contains(map))
    };
    names.retain(|name| !told(name));
    names.sort();
    names.dedup();
    names
}

fn members(at: &str, value: &Json, names: &mut Vec<String>) {
    match value {
        Json::Object(members_of) => {
            for (name, value) in members_of {
                let at = format!("{at}.{name}");
                members(&at, value, names);
                names.push(at);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| members(at, item, names)),
        _ => {}
    }
}

pub(super) fn leaving_out(names: &[&str], as_null: bool) -> Scenario {
    let out = json!({ "list": names, "show": names, "change": names, "as_null": as_null });
    Scenario::from_json(&json!({ "answers": { "leave_out": out } }).to_string()).unwrap()
}

/// The pool that the logical one is carved from; gives its ID.
fn parent(cloud: &Running) -> String {
    let metadata = json!({ "labels": { "os.modelarts/name": "pool-parent" } });
    let spec = json!({
        "type": "Dedicate",
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [{ "flavor": CPU, "count": 3 }],
    });
    let body = json!({ "apiVersion": "v2", "kind": "Pool", "metadata": metadata, "spec": spec });
    let made = cloud.cloud().add_pool(&body).unwrap().unwrap();
    made["metadata"]["name"].as_str().unwrap().to_owned()
}

fn live(cloud: &Running) -> Json {
    cloud.cloud().pool("pool-absent").unwrap().unwrap()
}

async fn applied(pool: &mut Json) -> (Running, Core) {
    let cloud = cloud(&json!({})).await;
    if pool.get("parent").is_some() {
        pool["parent"] = json!(parent(&cloud));
    }
    let mut core = Core::start(&cloud).await;
    let config = core.config(pool);
    core.run(&config).await;
    core.is_settled(&config).await;
    (cloud, core)
}

#[tokio::test]
async fn no_field_that_is_left_out_or_null_differs_or_replaces() {
    for mut pool in pools() {
        let (cloud, mut core) = applied(&mut pool).await;
        let config = core.config(&pool);
        let before = core.state.clone();
        let names = names(&live(&cloud));
        assert!(names.len() > 15, "{names:?}");
        let mut wrong = Vec::new();
        for name in &names {
            for as_null in [false, true] {
                cloud.cloud().set_scenario(leaving_out(&[name], as_null));
                core.configure().await;
                core.state.clone_from(&before);
                core.refresh().await;
                let plan = core.plan(&config).await;
                if plan.state != core.state || !plan.replaces.is_empty() {
                    wrong.push((name.clone(), as_null, plan.replaces));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[tokio::test]
async fn all_that_may_be_missing_is_missing_at_once_also_while_something_is_changed() {
    let all: [&[&str]; 3] = [
        &[
            "label:node.prefix",
            "label:sharing",
            "label:workspace.id",
            "metadata.annotations",
            "spec.network",
            "spec.masters",
            "spec.clusters",
            "spec.scope",
            "spec.type",
        ],
        &["spec.network", "spec.clusters", "spec.userLogin", "spec.resources.network"],
        &["spec.parent", "spec.resources.maxCount"],
    ];
    for (mut pool, names) in pools().into_iter().zip(all) {
        let (cloud, mut core) = applied(&mut pool).await;
        cloud.cloud().set_scenario(leaving_out(names, false));
        core.configure().await;
        pool["resources"][0]["count"] = json!(3);
        if pool["resources"][0].get("azs").is_some() {
            pool["resources"][0]["azs"] = json!([{ "az": "cn-north-4a", "count": 3 }]);
        }
        pool["description"] = json!("two");
        pool["timeouts"] = json!({ "update": "10s" });
        pool["on_timeout"] = json!("fail");
        let config = core.config(&pool);
        let plan = core.run(&config).await;
        assert_eq!(plan.replaces, [""; 0], "{names:?}");
        for _ in 0..5 {
            core.is_settled(&config).await;
        }
    }
}

#[tokio::test]
async fn an_import_of_an_answer_that_leaves_things_out_replaces_nothing() {
    for mut pool in pools() {
        let (cloud, mut core) = applied(&mut pool).await;
        let id = core.state.get("id").as_str().unwrap().to_owned();
        let names = ["label:node.prefix", "label:sharing", "label:workspace.id"];
        cloud.cloud().set_scenario(leaving_out(&names, false));
        core.configure().await;
        core.forget();
        core.import(&id).await;
        let mut without = pool.clone();
        for name in ["node_prefix", "sharing", "workspace_id"] {
            without.as_object_mut().unwrap().remove(name);
        }
        let config = core.config(&without);
        let plan = core.plan(&config).await;
        assert_eq!(plan.replaces, [""; 0]);
    }
}

#[tokio::test]
async fn an_empty_map_of_annotations_says_that_there_are_none() {
    let mut pool = pools().remove(0);
    let (cloud, mut core) = applied(&mut pool).await;
    let config = core.config(&pool);
    let emptied = |pool: &mut Json| pool["metadata"]["annotations"] = json!({});
    cloud.cloud().change_pool("pool-absent", emptied).unwrap();
    // The service itself adds this one.
    let names = ["annotation:os.modelarts.pool/subpools.count"];
    cloud.cloud().set_scenario(leaving_out(&names, false));
    core.configure().await;
    core.refresh().await;
    for name in ["annotations", "description", "scheduler_extension"] {
        let plan = core.plan(&config).await;
        assert_ne!(plan.state.get(name), core.state.get(name), "{name} is no drift");
    }
    core.run(&config).await;
    core.is_settled(&config).await;
    let annotations = live(&cloud)["metadata"]["annotations"].clone();
    assert_eq!(annotations["owner"], "ops");
    assert_eq!(annotations["os.modelarts/description"], "one");
}

#[tokio::test]
async fn a_parent_that_stands_in_the_status_alone_is_the_parent() {
    let mut pool = pools().remove(2);
    let (cloud, mut core) = applied(&mut pool).await;
    let config = core.config(&pool);
    // The simulator shows it in both places.
    assert_eq!(live(&cloud)["status"]["parent"], pool["parent"]);
    cloud.cloud().set_scenario(leaving_out(&["spec.parent"], false));
    core.configure().await;
    core.is_settled(&config).await;
    core.import_again().await;
    let plan = core.plan(&config).await;
    assert_eq!(plan.replaces, [""; 0]);
}

#[tokio::test]
async fn a_pool_is_moved_although_no_answer_says_where_it_is() {
    let mut pool = pools().remove(0);
    let (cloud, mut core) = applied(&mut pool).await;
    cloud.cloud().set_scenario(leaving_out(&["label:workspace.id"], false));
    core.configure().await;
    pool["workspace_id"] = json!("0");
    pool["timeouts"] = json!({ "update": "10s" });
    pool["on_timeout"] = json!("fail");
    let config = core.config(&pool);
    core.run(&config).await;
    core.is_settled(&config).await;
    cloud.cloud().clear_scenario();
    assert_eq!(live(&cloud)["metadata"]["labels"]["os.modelarts/workspace.id"], "0");
}
