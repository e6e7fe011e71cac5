//! What a request to create a pool may and may not say, and how lists are asked for.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::access::{WORKSPACE_ID, network_id};

use super::client::{CPU, Draft, GPU, NPU, World, logical, physical, pool, pools, prepaid, v1};

/// Changes a value at a JSON pointer; null takes it out. Missing parents are made.
fn set(body: &Value, pointer: &str, value: Value) -> Value {
    fn descend(at: &mut Value, keys: &[&str], value: Value) {
        let (first, rest) = keys.split_first().expect("a key");
        let next = match at {
            Value::Array(list) => &mut list[first.parse::<usize>().expect("an index")],
            other => &mut other[first.replace("~1", "/")],
        };
        match rest {
            [] => *next = value,
            rest => descend(next, rest, value),
        }
    }
    let mut body = body.clone();
    let keys: Vec<&str> = pointer.trim_start_matches('/').split('/').collect();
    if value.is_null() {
        let (last, parents) = keys.split_last().expect("a key");
        let parent = parents.iter().fold(&mut body, |at, key| {
            let Value::Object(map) = at else { panic!("{pointer}") };
            map.get_mut(*key).expect("a parent")
        });
        parent.as_object_mut().expect("an object").remove(*last);
    } else {
        descend(&mut body, &keys, value);
    }
    body
}

fn tags(count: u32) -> Value {
    (0..count).map(|n| json!({ "key": format!("key-{n}"), "value": "v" })).collect()
}

const ENTRY: &str = "/spec/resources/0";
const LABEL: &str = "/metadata/labels/os.modelarts~1";
const NOTE: &str = "/metadata/annotations/os.modelarts~1";

async fn all_refused(base: &Value, cases: Vec<(String, Value, &str)>) {
    let world = World::new().await;
    for (pointer, value, expected) in cases {
        let reply = world.create(&set(base, &pointer, value.clone())).await;
        assert_eq!(reply.status, 400, "{pointer} = {value}: {}", reply.text);
        assert!(reply.message().contains(expected), "{pointer} = {value}: {}", reply.text);
        assert!(reply.code().starts_with("ModelArts."), "{}", reply.text);
    }
    assert_eq!(world.cloud.pools().unwrap().len(), 0);
}

fn case(
    base: &str,
    key: &str,
    value: Value,
    expected: &'static str,
) -> (String, Value, &'static str) {
    (format!("{base}{key}"), value, expected)
}

#[tokio::test]
async fn a_create_request_has_the_documented_frame() {
    all_refused(
        &physical("pool-a", 2),
        vec![
            case("", "/apiVersion", json!("v1"), "apiVersion"),
            case("", "/kind", json!("Pools"), "kind"),
            case("", "/kind", Value::Null, "kind is required"),
            case("", "/status", json!({}), "unknown field status"),
            case("", "/metadata", json!({}), "labels is required"),
            case("", "/metadata", json!([]), "must be an object"),
            case("", "/metadata/name", json!("pool-a"), "unknown field metadata.name"),
            case("", "/spec", Value::Null, "spec is required"),
            case("", "/spec/typ", json!("Dedicate"), "unknown field spec.typ"),
            case("", "/spec/type", json!("Dedicated"), "spec.type"),
            case("", "/spec/type", Value::Null, "spec.type is required"),
            case("", "/spec/jobFlavors", json!([1]), "must hold strings"),
            case("", "/spec/masters", json!([{ "zone": "a" }]), "unknown field"),
            case("", "/spec/ipv6enable", json!("true"), "must be a boolean"),
            case("", "/spec/clusterFlavor", json!(1), "must be a string"),
            case("", "/spec/containerNetwork", json!({ "cidr": "10.0.0.1/12" }), "IPv4 block"),
            case("", "/spec/containerNetwork", json!({ "mode": "eni" }), "unknown field"),
            case("", "/spec/kubernetesSvcIpRange", json!("10.0.0.0"), "IPv4 block"),
        ],
    )
    .await;
}

#[tokio::test]
async fn labels_and_annotations_have_rules() {
    all_refused(
        &physical("pool-a", 2),
        vec![
            case(LABEL, "name", Value::from("abc"), "invalid pool name"),
            case(LABEL, "name", json!("Pool-a"), "invalid pool name"),
            case(LABEL, "name", json!("pool-"), "invalid pool name"),
            case(LABEL, "name", json!("1pool"), "invalid pool name"),
            case(LABEL, "name", json!("p".repeat(65)), "invalid pool name"),
            case(LABEL, "name", json!(5), "must be a string"),
            case(LABEL, "workspace.id", json!("nowhere"), "workspace"),
            case(LABEL, "sharing", json!("yes"), "sharing"),
            case(LABEL, "resource.id", json!("x"), "set by the service"),
            case(LABEL, "order.name", json!("x"), "set by the service"),
            case(LABEL, "create-from", json!("console"), "not known"),
            case("/metadata/labels/", "os.modelarts.pool~1biz", json!("private"), "not known"),
            case(NOTE, "description", json!("a & b"), "must not contain &"),
            case(NOTE, "description", json!(1), "must be a string"),
            case(NOTE, "billing.mode", json!(0), "must be a string"),
            case(NOTE, "billing.mode", json!("2"), "billing.mode"),
            case(NOTE, "billing.mode", json!("1"), "period.type is required"),
            case(NOTE, "auto.pay", json!(true), "must be a string"),
            case(NOTE, "auto.pay", json!("yes"), "auto.pay"),
            case(NOTE, "auto.renew", json!("true"), "auto.renew"),
            case(NOTE, "flavor.resource.ids", json!("{}"), "set by the service"),
        ],
    )
    .await;
}

#[tokio::test]
async fn yearly_and_monthly_billing_needs_a_period() {
    all_refused(
        &prepaid("pool-a"),
        vec![
            case(NOTE, "period.num", json!("10"), "1 to 9"),
            case(NOTE, "period.num", json!("0"), "1 to 9"),
            case(NOTE, "period.num", json!("one"), "1 to 9"),
            case(NOTE, "period.type", json!("month"), "period.type"),
            case(NOTE, "period.type", json!("4"), "period.type"),
            (
                "/metadata/annotations".to_owned(),
                json!({ "os.modelarts/billing.mode": "1", "os.modelarts/period.type": "3",
                    "os.modelarts/period.num": "4" }),
                "1 to 3",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_physical_pool_needs_a_network_and_job_types() {
    all_refused(
        &physical("pool-a", 2),
        vec![
            case("", "/spec/network", Value::Null, "spec.network is required"),
            case("", "/spec/network", json!({}), "either name"),
            case("", "/spec/network", json!({ "name": "sim-net" }), "does not exist"),
            case("", "/spec/network", json!({ "name": network_id(), "vpcId": "v" }), "either name"),
            case("", "/spec/scope", Value::Null, "at least one"),
            case("", "/spec/scope", json!([]), "at least one"),
            case("", "/spec/scope", json!(["Training"]), "does not know"),
            case("", "/spec/scope", json!(["Train", "Train"]), "twice"),
            case("", "/spec/scope", json!("Train"), "must be a list"),
            case("", "/spec/parent", json!("other"), "logical pool"),
            case("", "/spec/clusters", json!([{ "providerId": "c" }]), "privileged"),
            case("", "/spec/userLogin", json!({}), "exactly one"),
            case("", "/spec/driver", json!({ "gpuVersion": "440.33" }), "gpu"),
            case("", "/spec/driver", json!({ "npuVersion": "C78" }), "npu"),
            case("", "/spec/driver", json!({ "updateStrategy": "now" }), "updateStrategy"),
            case("", "/spec/driver", json!({ "version": "1" }), "unknown field"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_privileged_pool_needs_its_own_fields() {
    let mut base = physical("pool-a", 1);
    base["spec"] = json!({
        "type": "Dedicate",
        "network": { "vpcId": "vpc", "subnetId": "subnet" },
        "clusters": [{ "providerId": "cluster" }],
        "userLogin": { "keyPairName": "key" },
        "resources": [{ "flavor": CPU, "count": 1 }],
    });
    let world = World::new().await;
    let pool = world.create(&base).await.expect(200);
    assert_eq!(pool["metadata"]["labels"]["os.modelarts/privileged"], "true");
    assert!(pool["spec"]["clusters"][0]["name"].is_string());
    assert_eq!(pool["spec"]["userLogin"], json!({ "keyPairName": "key" }));
    all_refused(
        &base,
        vec![
            case("", "/spec/scope", json!(["Train"]), "privileged"),
            case("", "/spec/clusters", Value::Null, "clusters is required"),
            case("", "/spec/clusters", json!([]), "must not be empty"),
            case("", "/spec/clusters", json!([{ "name": "c" }]), "providerId is required"),
            case("", "/spec/userLogin", Value::Null, "userLogin is required"),
            case("", "/spec/userLogin/password", json!("p"), "exactly one"),
            case("", "/spec/network/subnetId", Value::Null, "subnetId is required"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_logical_pool_has_less_than_a_physical_one() {
    let base = logical("pool-a");
    all_refused(
        &base,
        vec![
            case("", "/spec/network", json!({ "name": network_id() }), "logical"),
            case("", "/spec/scope", json!(["Train"]), "logical"),
            case("", "/spec/masters", json!([{ "az": "a" }]), "logical"),
            case("", "/spec/driver", json!({}), "logical"),
            case("", "/spec/parent", json!("nobody"), "not found"),
            case(ENTRY, "/maxCount", json!(0), "less than count"),
        ],
    )
    .await;
    let world = World::new().await;
    let body = set(&base, "/spec/resources/0/maxCount", json!(3));
    let pool = world.create(&body).await.expect(200);
    assert_eq!(pool["spec"]["resources"][0]["maxCount"], 3);
}

#[tokio::test]
async fn entries_of_resources_have_rules() {
    let zone = |az: &str, count: i64| json!({ "az": az, "count": count });
    let (a, b) = ("cn-north-4a", "cn-north-4b");
    let bare_metal = "modelarts.bm.npu.8a910";
    all_refused(
        &physical("pool-a", 2),
        vec![
            case("", "/spec/resources", json!([]), "at least one"),
            case("", "/spec/resources", Value::Null, "resources is required"),
            case("", "/spec/resources", json!({}), "must be a list"),
            case(ENTRY, "/flavour", json!("x"), "unknown field spec.resources[0].flavour"),
            case(ENTRY, "/flavor", json!("modelarts.vm.none"), "not found"),
            case(ENTRY, "/count", json!(0), "count must greater than 1"),
            case(ENTRY, "/count", json!("2"), "must be an integer"),
            case(ENTRY, "/count", json!(2.5), "must be an integer"),
            case(ENTRY, "/count", json!(1_000_000), "not be more"),
            case(ENTRY, "/maxCount", json!(3), "maxCount more than count"),
            case(ENTRY, "/maxCount", json!(1), "less than count"),
            case(ENTRY, "/azs", json!([zone(a, 1)]), "add up to 1"),
            case(ENTRY, "/azs", json!([zone(a, 1), zone(a, 1)]), "twice"),
            case(ENTRY, "/azs", json!([zone(a, 2), zone(b, 0)]), "1 to 2000"),
            case(ENTRY, "/azs", json!([{ "az": a }]), "count is required"),
            case(ENTRY, "/azs", json!([zone("elsewhere", 2)]), "not in zone"),
            case(ENTRY, "/nodePool", json!("my-default"), "invalid nodepool name"),
            case(ENTRY, "/nodePool", json!("Upper"), "invalid nodepool name"),
            case(ENTRY, "/extendParams", json!({ "dockerBaseSize": 50 }), "must be a string"),
            case(ENTRY, "/extendParams", json!({ "dockerBaseSize": "x" }), "dockerBaseSize"),
            case(ENTRY, "/extendParams", json!({ "runtime": "podman" }), "runtime"),
            case(ENTRY, "/extendParams", json!({ "tagPolicyOnExistingNodes": "x" }), "tagPolicy"),
            case(ENTRY, "/os", json!({ "imageType": "public" }), "imageType"),
            case(ENTRY, "/labels", json!({ "a": 1 }), "must be a string"),
            case(ENTRY, "/tags", json!([{ "key": "CCE-x", "value": "" }]), "reserved"),
            case(ENTRY, "/taints", json!([{ "key": "a", "effect": "Never" }]), "effect"),
            case(ENTRY, "/network", json!({ "vpcId": "v" }), "unknown field"),
            case(ENTRY, "/driver", json!({ "gpuVersion": "1" }), "unknown field"),
            case(ENTRY, "/creatingStep", json!({ "step": 2, "type": "rack" }), "does not offer"),
            case(ENTRY, "/creatingStep", json!({ "step": 2 }), "type is required"),
            case(ENTRY, "/tags", tags(21), "more than 20 tags"),
            (
                "/spec/resources".to_owned(),
                json!([{ "flavor": CPU, "count": 1 }, { "flavor": CPU, "count": 1 }]),
                "twice",
            ),
            (
                "/spec/resources".to_owned(),
                json!([{ "flavor": CPU, "count": 1 },
                    { "flavor": CPU, "count": 1, "nodePool": format!("{CPU}-default") }]),
                "twice",
            ),
            (
                "/spec/resources".to_owned(),
                json!([{ "flavor": CPU, "count": 1 }, { "flavor": NPU, "count": 1 }]),
                "architecture",
            ),
            (
                "/spec/resources".to_owned(),
                json!([{ "flavor": bare_metal, "count": 3,
                    "creatingStep": { "step": 2, "type": "hyperinstance" } }]),
                "multiple of 2",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn volumes_have_rules() {
    let volume = |more: Value| {
        let mut volume = json!({ "volumeType": "SSD", "size": "100Gi" });
        volume.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        volume
    };
    let group = json!({ "extendParams": { "volumeGroup": "vgpaas" } });
    all_refused(
        &physical("pool-a", 1),
        vec![
            case(ENTRY, "/rootVolume", json!({ "size": "100Gi" }), "volumeType is required"),
            case(ENTRY, "/rootVolume", json!({ "volumeType": "NVMe", "size": "1" }), "one of"),
            case(ENTRY, "/rootVolume", json!({ "volumeType": "SSD", "size": 100 }), "a string"),
            case(ENTRY, "/rootVolume", json!({ "volumeType": "SSD", "size": "1Ti" }), "100Gi"),
            case(ENTRY, "/dataVolumes", json!([volume(json!({}))]), "volumeGroup is required"),
            case(ENTRY, "/dataVolumes", json!([volume(group)]), "has no entry for vgpaas"),
            case(ENTRY, "/volumeGroupConfigs", json!([{}]), "volumeGroup is required"),
            case(
                ENTRY,
                "/volumeGroupConfigs",
                json!([{ "volumeGroup": "default", "dockerThinPool": 50 }]),
                "percentage of vgpaas",
            ),
            case(
                ENTRY,
                "/volumeGroupConfigs",
                json!([{ "volumeGroup": "vguser1", "lvmConfig": { "lvType": "linear", "path": "x" } }]),
                "absolute",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn everything_that_is_allowed_at_once_is_accepted() {
    let world = World::new().await;
    let mut body = physical("pool-full", 2);
    body["metadata"]["labels"]["os.modelarts/workspace.id"] = json!(WORKSPACE_ID);
    body["metadata"]["labels"]["os.modelarts/node.prefix"] = json!("prefix");
    body["metadata"]["labels"]["own"] = json!("label");
    body["metadata"]["annotations"] = json!({ "os.modelarts/description": "", "own": "note" });
    body["spec"]["driver"] = json!({ "gpuVersion": "440.33", "updateStrategy": "idle" });
    body["spec"]["masters"] = json!([{ "az": "cn-north-4a" }]);
    body["spec"]["containerNetwork"] = json!({ "cidr": "10.0.0.0/12" });
    body["spec"]["userLogin"] = json!({ "password": "dummy" });
    body["spec"]["resources"] = json!([
        { "flavor": GPU, "count": 2, "maxCount": 2, "nodePool": "gpus",
          "azs": [{ "az": "cn-north-4a", "count": 1 }, { "az": "cn-north-4b", "count": 1 }],
          "os": { "name": "os", "imageId": "i", "imageType": "private" },
          "labels": { "a": "b" }, "tags": [{ "key": "k", "value": "v" }],
          "taints": [{ "key": "k", "value": "", "effect": "NoExecute" }],
          "rootVolume": { "volumeType": "SSD", "size": "50Gi" },
          "dataVolumes": [{ "volumeType": "GPSSD", "size": "100", "count": 1,
              "extendParams": { "volumeGroup": "vgpaas" } }],
          "volumeGroupConfigs": [{ "volumeGroup": "vgpaas", "dockerThinPool": 90,
              "lvmConfig": { "lvType": "striped", "path": "/data" }, "types": ["volume"] }],
          "extendParams": { "dockerBaseSize": "0", "runtime": "docker", "own": "x" } },
        { "flavor": GPU, "count": 1 },
    ]);
    let pool = world.create(&body).await.expect(200);
    let entry = &pool["spec"]["resources"][0];
    assert_eq!(entry["nodePool"], "gpus");
    assert_eq!(entry["extendParams"]["own"], "x");
    assert_eq!(entry["os"]["imageId"], "i");
    assert_eq!(pool["metadata"]["labels"]["own"], "label");
    assert!(pool["spec"].get("userLogin").is_none(), "a password is never returned");
}

#[tokio::test]
async fn twenty_tags_are_accepted() {
    let world = World::new().await;
    let mut body = physical("pool-a", 1);
    body["spec"]["resources"][0]["tags"] = tags(20);
    world.create(&body).await.expect(200);
}

#[tokio::test]
async fn a_null_in_a_create_counts_as_absent() {
    let world = World::new().await;
    let mut body = physical("pool-a", 1);
    body["metadata"]["annotations"] = json!({ "os.modelarts/description": null });
    body["metadata"]["labels"]["os.modelarts/node.prefix"] = Value::Null;
    for key in ["clusters", "driver", "parent", "userLogin", "jobFlavors", "unheardOf"] {
        body["spec"][key] = Value::Null;
    }
    body["spec"]["network"]["vpcId"] = Value::Null;
    body["spec"]["resources"][0]["taints"] = Value::Null;
    body["spec"]["resources"][0]["os"] = json!({ "name": null });
    let pool = world.create(&body).await.expect(200);
    assert!(pool["spec"].get("clusters").is_none());
    assert_eq!(pool["spec"]["resources"][0]["os"]["name"], "EulerOS 2.10");
    assert_eq!(pool["metadata"]["labels"]["os.modelarts/node.prefix"], "");
    for key in ["network", "scope", "resources", "type"] {
        let mut body = physical("pool-b", 1);
        body["spec"][key] = Value::Null;
        let reply = world.create(&body).await;
        reply.refused(400, "ModelArts.50004000");
        assert!(reply.message().contains(key), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let world = World::new().await;
    world.create(&physical("pool-a", 1)).await.expect(200);
    world.create(&physical("pool-a", 1)).await.refused(409, "ModelArts.50015000");
    world.create(&logical("pool-a")).await.refused(409, "ModelArts.50015000");
}

#[tokio::test]
async fn bodies_and_content_types_are_checked() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let json_patch = Draft::new("PATCH", &pool(&id), "{}").with("Content-Type", "application/json");
    world.send(json_patch).await.refused(415, "ModelArts.50004100");
    let form = Draft::new("POST", &pools(), "a=b").with("Content-Type", "text/plain");
    world.send(form).await.refused(415, "ModelArts.50004100");
    world.send(Draft::new("POST", &pools(), "{")).await.refused(400, "ModelArts.50004000");
    world.send(Draft::new("GET", &pools(), "{ }")).await.refused(400, "ModelArts.50004000");
    world.send(Draft::new("DELETE", &pool(&id), "[]")).await.refused(400, "ModelArts.50004000");
    world.send(Draft::new("DELETE", &pool(&id), "{ }")).await.expect(200);

    let strict = World::with(r#"{ "rules": { "content_type_on_get": true } }"#).await;
    let bare = Draft::new("GET", &pools(), "").without("Content-Type");
    strict.send(bare).await.refused(400, "APIGW.0106");
    assert_eq!(strict.get(&pools()).await.status, 200);
}

#[tokio::test]
async fn what_the_api_does_not_have_is_unknown_to_the_gateway() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    for (method, target) in [
        ("GET", "/".to_owned()),
        ("GET", "/v2".to_owned()),
        ("GET", format!("{}/", pools())),
        ("PUT", pool(&id)),
        ("DELETE", pools()),
        ("GET", v1("pools")),
        ("POST", format!("{}/nodes", pool(&id))),
    ] {
        world.call(method, &target, &Value::Null).await.refused(404, "APIGW.0101");
    }
    for (method, target) in [
        ("GET", pool("nobody")),
        ("DELETE", pool("nobody")),
        ("GET", format!("{}/nodes", pool("nobody"))),
        ("GET", format!("{}/nodes/none", pool(&id))),
    ] {
        world.call(method, &target, &Value::Null).await.refused(404, "ModelArts.50015001");
    }
    world.get(&v1("resourceflavors/none")).await.refused(404, "ModelArts.50005101");
}

#[tokio::test]
async fn lists_are_filtered_as_documented() {
    let world = World::new().await;
    let mut other = physical("pool-b", 1);
    other["metadata"]["labels"]["os.modelarts/workspace.id"] = json!(WORKSPACE_ID);
    world.ready_pool(&physical("pool-a", 1)).await;
    world.ready_pool(&other).await;
    world.create(&physical("pool-c", 1)).await.expect(200);
    let names = async |query: &str| -> Vec<String> {
        let list = world.get(&format!("{}{query}", pools())).await.expect(200);
        assert_eq!(list["kind"], "PoolList");
        let name = |pool: &Value| {
            pool["metadata"]["labels"]["os.modelarts/name"].as_str().map(str::to_owned)
        };
        list["items"].as_array().unwrap().iter().filter_map(name).collect()
    };
    assert_eq!(names("").await, ["pool-a", "pool-c"]);
    assert_eq!(names(&format!("?workspaceId={WORKSPACE_ID}")).await, ["pool-b"]);
    assert_eq!(names("?status=created").await, ["pool-a"]);
    assert_eq!(names("?status=creating").await, ["pool-c"]);
    assert_eq!(names("?status=failed").await, [""; 0]);
    assert_eq!(names("?labelSelector=os.modelarts%2Fname%3Dpool-c").await, ["pool-c"]);
    for query in
        ["?status=Running", "?workspaceId=nowhere", "?limit=1", "?status=created&status=failed"]
    {
        let reply = world.get(&format!("{}{query}", pools())).await;
        assert_eq!(reply.status, 400, "{query}");
    }
}

#[tokio::test]
async fn flavors_and_workspaces_can_be_looked_up() {
    let world = World::with(r#"{ "answers": { "page_size": 3 } }"#).await;
    let mut names = Vec::new();
    let mut next = String::new();
    loop {
        let page = world.get(&v1(&format!("resourceflavors?continue={next}"))).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        names.extend(items.iter().map(|f| f["metadata"]["name"].as_str().unwrap().to_owned()));
        match page["metadata"]["continue"].as_str() {
            Some(token) => next = token.to_owned(),
            None => break,
        }
    }
    assert!(names.contains(&CPU.to_owned()) && names.contains(&GPU.to_owned()), "{names:?}");
    let scarce = world.get(&v1("resourceflavors/modelarts.vm.gpu.8v100")).await.expect(200);
    assert_eq!(scarce["status"]["phase"]["cn-north-4a"], "soldout");
    let stepped = world.get(&v1("resourceflavors/modelarts.bm.npu.8a910")).await.expect(200);
    assert_eq!(stepped["spec"]["creatingSteps"][0]["step"], 2);
    let all = world.get(&v1("workspaces")).await.expect(200);
    assert_eq!(all["total_count"], 2);
    assert_eq!(world.get(&v1("workspaces/0")).await.expect(200)["name"], "default");
    assert_eq!(world.get(&v1("quotas")).await.status, 200);
}
