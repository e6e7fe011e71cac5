//! Every attribute of a pool by itself: changed, cleared, seen to drift, or
//! said to need a new pool.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Running, access};
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, cloud};

const NAME: &str = "pool-attributes";
const CPU: &str = "modelarts.vm.cpu.8ud";
const GPU: &str = "modelarts.vm.gpu.tnt004";

/// What taking an attribute out of the configuration does.
#[derive(Debug, Clone)]
enum Cleared {
    /// The service then shows this; null for nothing.
    To(Json),
    /// The value stays, because the service would choose one anyway.
    Stays,
    /// It cannot be left out.
    Mandatory,
}
use Cleared::{Mandatory, Stays, To};

/// An attribute that is changed in place.
struct InPlace {
    name: &'static str,
    first: Json,
    second: Json,
    /// Where the service shows it, and how it shows the second value.
    at: &'static str,
    shown: Json,
    cleared: Cleared,
    /// What somebody else makes of it.
    drift: Json,
}

/// Shows the same value that is configured.
fn plain(name: &'static str, at: &'static str, values: [&str; 3], cleared: Cleared) -> InPlace {
    let [first, second, drift] = values.map(|text| json!(text));
    InPlace { name, first, shown: second.clone(), second, at, cleared, drift }
}

fn case(
    (name, at): (&'static str, &'static str),
    first: Json,
    (second, shown): (Json, Json),
    cleared: Cleared,
    drift: Json,
) -> InPlace {
    InPlace { name, first, second, at, shown, cleared, drift }
}

fn of_the_pool() -> Vec<InPlace> {
    let gone = || To(Json::Null);
    let empty = || To(json!(""));
    vec![
        plain(
            "workspace_id",
            "/metadata/labels/os.modelarts~1workspace.id",
            ["0", access::WORKSPACE_ID, "0"],
            Stays,
        ),
        plain(
            "sharing",
            "/metadata/labels/os.modelarts~1sharing",
            ["unshared", "shared", "unshared"],
            Stays,
        ),
        plain(
            "description",
            "/metadata/annotations/os.modelarts~1description",
            ["one", "two", "three"],
            empty(),
        ),
        plain(
            "scheduler_extension",
            "/metadata/annotations/os.modelarts~1scheduler.extension",
            ["one", "two", "three"],
            empty(),
        ),
        plain(
            "order_id",
            "/metadata/annotations/os.modelarts~1order.id",
            ["CS1", "CS2", "CS3"],
            empty(),
        ),
        case(
            ("annotations", "/metadata/annotations/team"),
            json!({ "team": "one" }),
            (json!({ "team": "two" }), json!("two")),
            gone(),
            json!("three"),
        ),
        case(
            ("scope", "/spec/scope"),
            json!(["Train"]),
            (json!(["Train", "Infer"]), json!(["Infer", "Train"])),
            Mandatory,
            json!(["Train"]),
        ),
        case(
            ("driver", "/spec/driver/gpuVersion"),
            json!({ "gpu_version": "440.33" }),
            (json!({ "gpu_version": "470.1" }), json!("470.1")),
            gone(),
            json!("535.0"),
        ),
        case(
            ("job_flavors", "/spec/jobFlavors"),
            json!(["one"]),
            (json!(["one", "two"]), json!(["one", "two"])),
            To(json!([])),
            json!(["three"]),
        ),
    ]
}

fn of_an_entry() -> Vec<InPlace> {
    let gone = || To(Json::Null);
    let volume = |size: u32| {
        json!([{ "volume_type": "SSD", "size": size,
                 "extend_params": { "volumeGroup": "vgpaas" } }])
    };
    let on_wire = |size: &str| {
        json!([{ "volumeType": "SSD", "size": size, "count": 1,
                 "extendParams": { "volumeGroup": "vgpaas" } }])
    };
    vec![
        case(("count", "/count"), json!(1), (json!(3), json!(3)), Mandatory, json!(2)),
        case(
            ("azs", "/azs"),
            json!([{ "az": "cn-north-4a", "count": 1 }]),
            (
                json!([{ "az": "cn-north-4b", "count": 1 }]),
                json!([{ "az": "cn-north-4b", "count": 1 }]),
            ),
            Stays,
            json!([{ "az": "cn-north-4a", "count": 1 }]),
        ),
        case(
            ("extend_params", "/extendParams/custom"),
            json!({ "custom": "one" }),
            (json!({ "custom": "two" }), json!("two")),
            gone(),
            json!("three"),
        ),
        case(
            ("os", "/os/name"),
            json!({ "name": "EulerOS 2.8" }),
            (json!({ "name": "EulerOS 2.9" }), json!("EulerOS 2.9")),
            Stays,
            json!("EulerOS 2.7"),
        ),
        case(
            ("labels", "/labels/tier"),
            json!({ "tier": "one" }),
            (json!({ "tier": "two" }), json!("two")),
            gone(),
            json!("three"),
        ),
        case(
            ("taints", "/taints"),
            json!([{ "key": "a", "value": "one", "effect": "NoSchedule" }]),
            (
                json!([{ "key": "a", "value": "two", "effect": "NoSchedule" }]),
                json!([{ "key": "a", "value": "two", "effect": "NoSchedule" }]),
            ),
            To(json!([])),
            json!([{ "key": "a", "value": "three", "effect": "NoSchedule" }]),
        ),
        case(
            ("tags", "/tags"),
            json!({ "owner": "one" }),
            (json!({ "owner": "two" }), json!([{ "key": "owner", "value": "two" }])),
            To(json!([])),
            json!([{ "key": "owner", "value": "three" }]),
        ),
        case(
            ("network", "/network/subnet"),
            json!({ "subnet": "one" }),
            (json!({ "subnet": "two" }), json!("two")),
            gone(),
            json!("three"),
        ),
        case(
            ("root_volume", "/rootVolume/size"),
            json!({ "volume_type": "SSD", "size": 100 }),
            (json!({ "volume_type": "SSD", "size": 200 }), json!("200Gi")),
            gone(),
            json!("300Gi"),
        ),
        case(
            ("data_volumes", "/dataVolumes"),
            volume(100),
            (volume(200), on_wire("200Gi")),
            To(json!([])),
            on_wire("300Gi"),
        ),
        case(
            ("volume_group_configs", "/volumeGroupConfigs/0/dockerThinPool"),
            json!([{ "volume_group": "vgpaas", "docker_thin_pool": 40 }]),
            (json!([{ "volume_group": "vgpaas", "docker_thin_pool": 60 }]), json!(60)),
            gone(),
            json!(80),
        ),
        case(
            ("driver", "/driver/version"),
            json!({ "version": "one" }),
            (json!({ "version": "two" }), json!("two")),
            gone(),
            json!("three"),
        ),
    ]
}

fn pool() -> Json {
    json!({
        "name": NAME,
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [{ "flavor": GPU, "count": 1 }],
    })
}

/// Puts a value somewhere below an object, or takes it out.
fn put(object: &mut Json, name: &str, value: Option<&Json>) {
    let members = object.as_object_mut().unwrap();
    match value {
        Some(value) => drop(members.insert(name.to_owned(), value.clone())),
        None => drop(members.remove(name)),
    }
}

fn sorted(value: &Json) -> Json {
    let Json::Array(items) = value else { return value.clone() };
    let mut items = items.clone();
    items.sort_by_key(Json::to_string);
    Json::Array(items)
}

struct Story {
    cloud: Running,
    core: Core,
    /// Where the attribute is: the pool itself or its first entry.
    in_entry: bool,
}

impl Story {
    async fn begin(in_entry: bool) -> Self {
        let cloud = cloud(&json!({ "answers": { "order": { "random": 7 } } })).await;
        let core = Core::start(&cloud).await;
        Self { cloud, core, in_entry }
    }

    fn config(&self, case: &InPlace, value: Option<&Json>) -> Value {
        let mut config = pool();
        let needs_group = case.name == "data_volumes";
        let entry = &mut config["resources"][0];
        if needs_group && value.is_some() {
            put(entry, "volume_group_configs", Some(&json!([{ "volume_group": "vgpaas" }])));
        }
        let place = if self.in_entry { entry } else { &mut config };
        put(place, case.name, value);
        self.core.config(&config)
    }

    /// What the service shows at the attribute's place.
    fn shown(&self, case: &InPlace) -> Json {
        let pool = self.cloud.cloud().pool(NAME).unwrap().unwrap();
        let place = if self.in_entry { &pool["spec"]["resources"][0] } else { &pool };
        place.pointer(case.at).cloned().unwrap_or_default()
    }

    /// The attribute in a state or a plan.
    fn of<'v>(&self, case: &InPlace, object: &'v Value) -> &'v Value {
        if !self.in_entry {
            return object.get(case.name);
        }
        object.get("resources").elements().unwrap()[0].get(case.name)
    }

    async fn tell(mut self, case: InPlace) {
        let name = case.name;
        let first = self.config(&case, Some(&case.first));
        self.core.run(&first).await;
        self.core.is_settled(&first).await;
        self.core.changes();

        let second = self.config(&case, Some(&case.second));
        let plan = self.core.run(&second).await;
        assert_eq!(plan.replaces, [""; 0], "{name} is changed in place");
        assert_eq!(sorted(&self.shown(&case)), sorted(&case.shown), "{name}");
        let sent = self.core.changes();
        assert!(sent.iter().all(|request| request.method == "PATCH"), "{name}: {sent:#?}");
        assert_eq!(sent.len(), 1, "{name}: {sent:#?}");
        self.core.is_settled(&second).await;

        // Somebody else changes it: the plan says so, and puts it right.
        let (in_entry, drift) = (self.in_entry, case.drift.clone());
        let meddle = |pool: &mut Json| {
            let place = if in_entry { &mut pool["spec"]["resources"][0] } else { pool };
            *place.pointer_mut(case.at).unwrap() = drift;
        };
        assert!(self.cloud.cloud().change_pool(NAME, meddle).unwrap());
        self.core.configure().await;
        self.core.refresh().await;
        let plan = self.core.plan(&second).await;
        let (seen, planned) = (self.of(&case, &self.core.state), self.of(&case, &plan.state));
        assert_ne!(seen, planned, "the drift of {name} is seen");
        self.core.run(&second).await;
        assert_eq!(sorted(&self.shown(&case)), sorted(&case.shown), "{name} is put right");
        self.core.is_settled(&second).await;
        self.core.changes();

        if matches!(case.cleared, Mandatory) {
            return;
        }
        let without = self.config(&case, None);
        let before = self.of(&case, &self.core.state).clone();
        let plan = self.core.run(&without).await;
        assert_eq!(plan.replaces, [""; 0]);
        let after = self.of(&case, &self.core.state);
        let sent = self.core.changes().len();
        match &case.cleared {
            To(wanted) => {
                assert_eq!(*after, Value::Null, "{name} is cleared");
                assert_eq!(self.shown(&case), *wanted, "{name} is cleared");
                assert_eq!(sent, 1);
            }
            Stays => {
                assert_eq!(*after, before, "{name} keeps its value");
                assert_eq!(sent, 0);
            }
            Mandatory => {}
        }
        self.core.is_settled(&without).await;
    }
}

#[tokio::test]
async fn attributes_of_a_pool_are_changed_in_place() {
    for case in of_the_pool() {
        Story::begin(false).await.tell(case).await;
    }
}

#[tokio::test]
async fn attributes_of_an_entry_are_changed_in_place() {
    for case in of_an_entry() {
        Story::begin(true).await.tell(case).await;
    }
}

#[tokio::test]
async fn the_limit_of_a_logical_pool_is_changed_in_place() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let of = |max: Json| {
        json!({
            "name": NAME, "type": "Logical",
            "resources": [{ "flavor": CPU, "count": 2, "max_count": max }],
        })
    };
    for (max, shown) in [(json!(3), 3), (json!(5), 5), (Json::Null, 5)] {
        let config = core.config(&of(max));
        core.run(&config).await;
        core.is_settled(&config).await;
        let pool = cloud.cloud().pool(NAME).unwrap().unwrap();
        assert_eq!(pool["spec"]["resources"][0]["maxCount"], shown);
    }
}

/// What tells entries apart is not changed: other nodes take their place.
#[tokio::test]
async fn another_identity_is_another_entry() {
    const NPU: &str = "modelarts.bm.npu.8a910";
    let step = |step: u32| json!({ "step": step, "type": "hyperinstance" });
    let entry = json!({ "flavor": NPU, "count": 4, "node_pool": "one", "creating_step": step(2) });
    for (name, value) in [("node_pool", json!("two")), ("creating_step", step(4))] {
        let cloud = cloud(&json!({})).await;
        let mut core = Core::start(&cloud).await;
        let with = |entry: &Json| {
            let mut config = pool();
            config["resources"] = json!([{ "flavor": NPU, "count": 1 }, entry]);
            config["driver"] = json!({ "npu_version": "C78" });
            config
        };
        let config = core.config(&with(&entry));
        core.run(&config).await;
        core.is_settled(&config).await;
        core.changes();
        let mut other = entry.clone();
        put(&mut other, name, Some(&value));
        let config = core.config(&with(&other));
        let plan = core.run(&config).await;
        assert_eq!(plan.replaces, [""; 0]);
        // The new ones come before the old ones go.
        let sent = core.changes();
        let entries = |index: usize| sent[index].body["spec"]["resources"].as_array().map(Vec::len);
        assert_eq!((sent.len(), entries(0), entries(1)), (2, Some(3), Some(2)), "{name}");
        core.is_settled(&config).await;
    }
}

/// An attribute that cannot be changed: a value, another one, and the path
/// that the plan names.
struct Fixed {
    name: &'static str,
    first: Json,
    second: Json,
    path: &'static str,
    /// Whether leaving it out, or writing it down first, means another pool
    /// too. Not so where the service never tells what there is.
    from_nothing: bool,
    to_nothing: bool,
}

fn fixed(name: &'static str, first: Json, second: Json) -> Fixed {
    Fixed { name, first, second, path: name, from_nothing: true, to_nothing: true }
}

impl Fixed {
    fn at(mut self, path: &'static str) -> Self {
        self.path = path;
        self
    }

    /// The service chooses a value where there is none.
    fn chosen(mut self) -> Self {
        self.to_nothing = false;
        self
    }

    /// The service never returns it.
    fn untold(mut self) -> Self {
        self.from_nothing = false;
        self
    }
}

/// Plans from `before` to `after` and gives the paths that need a new pool.
async fn replaced(before: &Json, after: &Json) -> Vec<String> {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(before);
    core.run(&config).await;
    core.is_settled(&config).await;
    let config = core.config(after);
    let plan = core.plan(&config).await;
    plan.replaces
}

async fn check(base: &Json, case: &Fixed) {
    let with = |value: Option<&Json>| {
        let mut config = base.clone();
        put(&mut config, case.name, value);
        config
    };
    let (first, second) = (with(Some(&case.first)), with(Some(&case.second)));
    let (name, path) = (case.name, case.path.to_owned());
    let paths = replaced(&first, &second).await;
    assert!(paths.contains(&path), "{name}: {paths:?}");
    let same = replaced(&first, &first).await;
    assert!(same.is_empty(), "{name}: {same:?}");
    let begun = replaced(&with(None), &first).await;
    assert_eq!(!begun.is_empty(), case.from_nothing, "{name} from nothing: {begun:?}");
    let ended = replaced(&first, &with(None)).await;
    assert_eq!(!ended.is_empty(), case.to_nothing, "{name} to nothing: {ended:?}");
}

#[tokio::test]
async fn fixed_attributes_of_a_standard_pool_need_a_new_pool() {
    let cases = [
        fixed("node_prefix", json!("one"), json!("two")),
        fixed("labels", json!({ "team": "one" }), json!({ "team": "two" })),
        fixed(
            "container_network",
            json!({ "cidr": "172.20.0.0/16" }),
            json!({ "cidr": "172.21.0.0/16" }),
        )
        .at("container_network.cidr")
        .chosen(),
        fixed("kubernetes_svc_ip_range", json!("10.248.0.0/16"), json!("10.249.0.0/16")).chosen(),
        fixed("cluster_flavor", json!("cce.s1.small"), json!("cce.s2.large")).chosen(),
        fixed("ipv6_enable", json!(true), json!(false)).chosen(),
        fixed("masters", json!([{ "az": "cn-north-4a" }]), json!([{ "az": "cn-north-4b" }])),
    ];
    for case in cases {
        check(&pool(), &case).await;
    }
    let mut other = pool();
    other["name"] = json!("pool-other");
    assert_eq!(replaced(&pool(), &other).await, ["name"]);
    other = pool();
    other["network"]["name"] = json!("net-other");
    let paths = replaced(&pool(), &other).await;
    assert!(paths.contains(&"network.name".to_owned()), "{paths:?}");
    other =
        json!({ "name": NAME, "type": "Logical", "resources": [{ "flavor": GPU, "count": 1 }] });
    let paths = replaced(&pool(), &other).await;
    assert!(paths.contains(&"type".to_owned()), "{paths:?}");
}

#[tokio::test]
async fn the_order_of_zones_and_clusters_means_nothing() {
    let mut before = pool();
    before["masters"] = json!([{ "az": "cn-north-4a" }, { "az": "cn-north-4b" }]);
    let mut after = pool();
    after["masters"] = json!([{ "az": "cn-north-4b" }, { "az": "cn-north-4a" }]);
    assert_eq!(replaced(&before, &after).await, [""; 0]);
    let mut before = privileged();
    before["clusters"] = json!([{ "provider_id": "one" }, { "provider_id": "two" }]);
    let mut after = privileged();
    after["clusters"] = json!([{ "provider_id": "two" }, { "provider_id": "one" }]);
    assert_eq!(replaced(&before, &after).await, [""; 0]);
}

fn privileged() -> Json {
    json!({
        "name": NAME,
        "network": { "vpc_id": "vpc", "subnet_id": "subnet" },
        "clusters": [{ "provider_id": "cluster" }],
        "user_login": { "key_pair_name": "ops" },
        "charging_mode": "prePaid",
        "period_unit": "month",
        "period": 1,
        "auto_pay": true,
        "resources": [{ "flavor": CPU, "count": 1 }],
    })
}

#[tokio::test]
async fn fixed_attributes_of_a_prepaid_privileged_pool_need_a_new_pool() {
    let change = |name: &str, value: Json| {
        let mut config = privileged();
        config[name] = value;
        config
    };
    let cases = [
        (change("network", json!({ "vpc_id": "other", "subnet_id": "subnet" })), "network.vpc_id"),
        (change("network", json!({ "vpc_id": "vpc", "subnet_id": "other" })), "network.subnet_id"),
        (change("clusters", json!([{ "provider_id": "other" }])), "clusters"),
        (change("user_login", json!({ "key_pair_name": "other" })), "user_login"),
        (change("user_login", json!({ "password": "b3RoZXI=" })), "user_login"),
        (
            change("user_login", json!({ "password_wo": "b3RoZXI=", "password_wo_version": 1 })),
            "user_login",
        ),
        (change("period", json!(2)), "period"),
        (change("period_unit", json!("year")), "period_unit"),
    ];
    for (after, path) in cases {
        let paths = replaced(&privileged(), &after).await;
        assert!(paths.contains(&path.to_owned()), "{path}: {paths:?}");
    }
    let mut postpaid = privileged();
    for name in ["charging_mode", "period_unit", "period", "auto_pay"] {
        put(&mut postpaid, name, None);
    }
    let paths = replaced(&privileged(), &postpaid).await;
    assert!(paths.contains(&"charging_mode".to_owned()), "{paths:?}");
    assert_eq!(replaced(&postpaid, &privileged()).await, ["charging_mode"]);
    for case in [
        fixed("auto_renew", json!(true), json!(false)).untold(),
        fixed("promotion_info", json!("one"), json!("two")).untold(),
        fixed("console_url", json!("https://a.example"), json!("https://b.example")).untold(),
    ] {
        check(&privileged(), &case).await;
    }
}

#[tokio::test]
async fn a_password_that_is_never_stored_is_changed_by_its_version() {
    let login = |password: &str, version: u32| {
        let mut config = privileged();
        config["user_login"] = json!({ "password_wo": password, "password_wo_version": version });
        config
    };
    assert_eq!(replaced(&login("b25l", 1), &login("dHdv", 1)).await, [""; 0]);
    assert_eq!(replaced(&login("b25l", 1), &login("b25l", 2)).await, ["user_login"]);
}

#[tokio::test]
async fn a_logical_pool_stays_with_its_parent() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let mut parents = Vec::new();
    for name in ["parent-one", "parent-two"] {
        let mut config = pool();
        config["name"] = json!(name);
        let config = core.config(&config);
        core.run(&config).await;
        parents.push(core.state.get("id").as_str().unwrap().to_owned());
        core.forget();
    }
    let of = |parent: &str| {
        json!({
            "name": NAME, "type": "Logical", "parent": parent,
            "resources": [{ "flavor": CPU, "count": 1 }],
        })
    };
    let config = core.config(&of(&parents[0]));
    core.run(&config).await;
    let plan = core.plan(&core.config(&of(&parents[1]))).await;
    assert_eq!(plan.replaces, ["parent"]);
}
