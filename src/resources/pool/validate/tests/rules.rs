//! Every rule: what breaks it, where it is found and what is said. Each case has
//! that finding and no other.

use super::*;

#[test]
fn rules_of_texts_and_keys() {
    let name = |name: &str| pool(json!({ "name": name }));
    let further = |attribute: &str, key: &str| pool(json!({ attribute: { key: "x" } }));
    check(vec![
        (name("abc"), Error, "name", "4 to 64"),
        (name("Pool-1"), Error, "name", "lower-case"),
        (name("pool-"), Error, "name", "end with a hyphen"),
        (name("1pool"), Error, "name", "start with a letter"),
        (name(&"p".repeat(65)), Error, "name", "65 characters"),
        (name(&"p".repeat(31)), Warning, "name", "30"),
        (pool(json!({ "sharing": "yes" })), Error, "sharing", "\"unshared\", \"shared\""),
        (pool(json!({ "wait_for": "done" })), Error, "wait_for", "\"accepted\""),
        (pool(json!({ "on_timeout": "taint" })), Error, "on_timeout", "\"keep\""),
        (pool(json!({ "description": "a < b" })), Error, "description", "`<`"),
        (pool(json!({ "description": "d".repeat(101) })), Warning, "description", "101"),
        (pool(json!({ "timeouts": { "create": "soon" } })), Error, "timeouts.create", "\"45m\""),
        (pool(json!({ "timeouts": { "delete": "-1h" } })), Error, "timeouts.delete", "\"60m\""),
        (pool(json!({ "labels": { "a": null } })), Error, "labels[\"a\"]", "take the key out"),
        (
            pool(json!({ "annotations": { "a": null } })),
            Error,
            "annotations[\"a\"]",
            "take the key out",
        ),
    ]);
    let labels = [
        ("os.modelarts/name", "`name`"),
        ("os.modelarts/workspace.id", "`workspace_id`"),
        ("os.modelarts/node.prefix", "`node_prefix`"),
        ("os.modelarts/sharing", "`sharing`"),
        ("os.modelarts/resource.id", "Only the service"),
        ("os.modelarts/tenant.domain.id", "Only the service"),
        ("os.modelarts/tenant.project.id", "Only the service"),
        ("os.modelarts/order.name", "Only the service"),
        ("os.modelarts/create-from", "Only the service"),
        ("os.modelarts.pool/biz", "Only the service"),
    ];
    for (key, words) in labels {
        let path = format!("labels[{key:?}]");
        check(vec![(further("labels", key), Error, &path, words)]);
    }
    let annotations = [
        ("os.modelarts/description", "`description`"),
        ("os.modelarts/scheduler.extension", "`scheduler_extension`"),
        ("os.modelarts/billing.mode", "`charging_mode`"),
        ("os.modelarts/period.num", "`period`"),
        ("os.modelarts/period.type", "`period_unit`"),
        ("os.modelarts/auto.renew", "`auto_renew`"),
        ("os.modelarts/auto.pay", "`auto_pay`"),
        ("os.modelarts/promotion.info", "`promotion_info`"),
        ("os.modelarts/service.console.url", "`console_url`"),
        ("os.modelarts/order.id", "`order_id`"),
        ("os.modelarts/flavor.resource.ids", "Only the service"),
        ("os.modelarts/tenant.domain.name", "Only the service"),
        ("os.modelarts.pool/subpools.count", "Only the service"),
    ];
    for (key, words) in annotations {
        let path = format!("annotations[{key:?}]");
        check(vec![(further("annotations", key), Error, &path, words)]);
    }
}

#[test]
fn rules_of_kinds() {
    let network = |network: Json| pool(json!({ "network": network }));
    let own = |changes: Json| with(privileged(), changes);
    check(vec![
        (pool(json!({ "type": "Dedicated" })), Error, "type", "\"Logical\""),
        (pool(json!({ "scope": ["Test"] })), Error, "scope", "\"Notebook\""),
        (pool(json!({ "scope": ["Train", null] })), Error, "scope", "take the element out"),
        (pool(json!({ "scope": null })), Error, "scope", "at least one job type"),
        (pool(json!({ "scope": [] })), Error, "scope", "at least one job type"),
        (pool(json!({ "network": null })), Error, "network", "needs a network"),
        (network(json!({})), Error, "network", "needs a network"),
        (network(json!({ "name": "" })), Error, "network.name", "hyphen and the project ID"),
        (
            network(json!({ "name": "n", "vpc_id": "v", "subnet_id": "s" })),
            Error,
            "network.name",
            "name alone",
        ),
        (own(json!({ "network": { "vpc_id": "v" } })), Error, "network.subnet_id", "needs both"),
        (own(json!({ "network": { "subnet_id": "s" } })), Error, "network.vpc_id", "needs both"),
        (
            own(json!({ "network": { "vpc_id": "", "subnet_id": "s" } })),
            Error,
            "network.vpc_id",
            "is empty",
        ),
        (pool(json!({ "parent": "pool-0" })), Error, "parent", "type = \"Logical\""),
        (
            pool(json!({ "clusters": [{ "provider_id": "c" }] })),
            Error,
            "clusters",
            "Only a privileged pool",
        ),
        (own(json!({ "scope": ["Train"] })), Error, "scope", "Take scope out"),
        (own(json!({ "clusters": null })), Error, "clusters", "needs a CCE cluster"),
        (own(json!({ "clusters": [] })), Error, "clusters", "needs a CCE cluster"),
        (own(json!({ "user_login": null })), Error, "user_login", "key_pair_name"),
        (own(json!({ "parent": "pool-0" })), Error, "parent", "type = \"Logical\""),
    ]);
    let forbidden = [
        ("network", json!({ "name": "net-1" })),
        ("scope", json!(["Train"])),
        ("driver", json!({})),
        ("masters", json!([{ "az": "a" }])),
        ("container_network", json!({})),
        ("kubernetes_svc_ip_range", json!("10.0.0.0/16")),
        ("cluster_flavor", json!("cce.s2.small")),
        ("clusters", json!([{ "provider_id": "c" }])),
        ("user_login", json!({ "key_pair_name": "key" })),
        ("ipv6_enable", json!(true)),
    ];
    for (name, value) in forbidden {
        let words = format!("has no {name} of its own");
        check(vec![(with(logical(), json!({ name: value })), Error, name, &words)]);
    }
}

#[test]
fn rules_of_drivers_and_logins() {
    let driver = |driver: Json| pool(json!({ "driver": driver }));
    let exactly = "exactly one of key_pair_name, password and password_wo";
    check(vec![
        (driver(json!({ "gpu_version": "" })), Error, "driver.gpu_version", "is empty"),
        (driver(json!({ "npu_version": "" })), Error, "driver.npu_version", "is empty"),
        (
            driver(json!({ "update_strategy": "now" })),
            Error,
            "driver.update_strategy",
            "\"force\", \"idle\"",
        ),
        (login(json!({})), Error, "user_login", exactly),
        (
            login(json!({ "key_pair_name": "k", "password": "p" })),
            Error,
            "user_login",
            "has key_pair_name and password.",
        ),
        (login(json!({ "password": "p", "password_wo": "w" })), Error, "user_login", exactly),
        (
            login(json!({ "password": "p", "password_wo_version": 1 })),
            Error,
            "user_login.password_wo_version",
            "Set password_wo",
        ),
        (login(json!({ "key_pair_name": "" })), Error, "user_login.key_pair_name", "is empty"),
        (login(json!({ "password": "" })), Error, "user_login.password", "is empty"),
        (login(json!({ "password_wo": "" })), Error, "user_login.password_wo", "is empty"),
        // It is no matter of the kind of pool.
        (pool(json!({ "user_login": {} })), Error, "user_login", exactly),
    ]);
}

#[test]
fn rules_of_billing() {
    check(vec![
        (pool(json!({ "charging_mode": "prepaid" })), Error, "charging_mode", "\"prePaid\""),
        (prepaid(json!({ "period_unit": null })), Error, "period_unit", "\"month\" or \"year\""),
        (prepaid(json!({ "period": null })), Error, "period", "1 to 9 months or 1 to 3 years"),
        (prepaid(json!({ "period_unit": "week" })), Error, "period_unit", "\"month\", \"year\""),
        (prepaid(json!({ "period": 10 })), Error, "period", "from 1 to 9"),
        (prepaid(json!({ "period": 0 })), Error, "period", "from 1 to 9"),
        (prepaid(json!({ "period": 1.5 })), Error, "period", "whole number"),
        (prepaid(json!({ "period_unit": "year", "period": 4 })), Error, "period", "from 1 to 3"),
        (pool(json!({ "period_unit": "month" })), Error, "period_unit", "\"prePaid\""),
        (pool(json!({ "period": 1 })), Error, "period", "Take period out"),
        (pool(json!({ "auto_renew": true })), Error, "auto_renew", "in advance"),
        (
            pool(json!({ "charging_mode": "postPaid", "auto_pay": true })),
            Error,
            "auto_pay",
            "in advance",
        ),
        (prepaid(json!({ "auto_pay": null })), Warning, "auto_pay", "phase Waiting"),
        (prepaid(json!({ "auto_pay": false })), Warning, "auto_pay", "auto_pay = true"),
        (
            prepaid(json!({ "auto_pay": false, "order_id": "" })),
            Warning,
            "auto_pay",
            "billing console",
        ),
    ]);
}

#[test]
fn rules_of_networks() {
    let containers = |cidr: &str| pool(json!({ "container_network": { "cidr": cidr } }));
    let services = |range: &str| pool(json!({ "kubernetes_svc_ip_range": range }));
    let both = |cidr: &str, range: &str| {
        let containers = json!({ "cidr": cidr });
        pool(json!({ "container_network": containers, "kubernetes_svc_ip_range": range }))
    };
    let cidr = "container_network.cidr";
    let masters = |masters: Json| pool(json!({ "masters": masters }));
    let clusters = |clusters: Json| with(privileged(), json!({ "clusters": clusters }));
    check(vec![
        (containers("10.0.0.0"), Error, cidr, "a slash"),
        (containers(""), Error, cidr, "IPv4"),
        (containers("fd00::/64"), Error, cidr, "IPv4"),
        (containers("10.0.0.0/33"), Error, cidr, "0 to 32"),
        (containers("172.16.3.0/16"), Error, cidr, "Write \"172.16.0.0/16\""),
        (containers("010.0.0.0/8"), Error, cidr, "Write \"10.0.0.0/8\""),
        (services("10.247.0.1/16"), Error, "kubernetes_svc_ip_range", "\"10.247.0.0/16\""),
        (services("none"), Error, "kubernetes_svc_ip_range", "IPv4"),
        (both("10.0.0.0/8", "10.247.0.0/16"), Error, cidr, "overlap"),
        (both("10.247.0.0/24", "10.247.0.0/16"), Error, cidr, "10.247.0.0/24"),
        (both("10.0.0.0/16", "10.0.0.0/16"), Error, cidr, "no address in common"),
        (masters(json!([])), Error, "masters", "leave masters out"),
        (masters(json!([{ "az": "" }])), Error, "masters[0].az", "is empty"),
        (masters(json!([{ "az": null }])), Error, "masters[0].az", "mandatory"),
        (masters(json!([null])), Error, "masters[0]", "take the item out"),
        (clusters(json!([{ "provider_id": "" }])), Error, "clusters[0].provider_id", "is empty"),
        (
            clusters(json!([{ "provider_id": "c" }, { "provider_id": "c" }])),
            Error,
            "clusters[1].provider_id",
            "\"c\"",
        ),
    ]);
}

#[test]
fn rules_of_entries() {
    let azs = |azs: Json| node(json!({ "azs": azs }));
    let step = |count: i64, step: Json| node(json!({ "count": count, "creating_step": step }));
    let at = |member: &str| format!("resources[0].{member}");
    let many: Vec<Json> =
        (0..11).map(|n| json!({ "flavor": format!("cpu-{n}"), "count": 1 })).collect();
    check(vec![
        (pool(json!({ "resources": [] })), Error, "resources", "at least one entry"),
        (pool(json!({ "resources": many })), Warning, "resources", "11 entries"),
        (pool(json!({ "resources": [null] })), Error, "resources[0]", "take the item out"),
        (node(json!({ "flavor": "" })), Error, &at("flavor"), "is empty"),
        (node(json!({ "flavor": null })), Error, &at("flavor"), "mandatory"),
        (node(json!({ "count": 0 })), Error, &at("count"), "at least 1"),
        (node(json!({ "count": 1.5 })), Error, &at("count"), "whole number"),
        (node(json!({ "count": null })), Error, &at("count"), "mandatory"),
        (node(json!({ "max_count": 3 })), Error, &at("max_count"), "equal count"),
        (node(json!({ "max_count": 0 })), Error, &at("max_count"), "at least 1"),
        (
            with(
                logical(),
                json!({ "resources": [{ "flavor": "cpu", "count": 2, "max_count": 1 }] }),
            ),
            Error,
            &at("max_count"),
            "at least count",
        ),
        (node(json!({ "node_pool": "Pool" })), Error, &at("node_pool"), "1 to 50"),
        (node(json!({ "node_pool": "p".repeat(51) })), Error, &at("node_pool"), "1 to 50"),
        (azs(json!([])), Error, &at("azs"), "leave azs out"),
        (azs(json!([{ "az": "a", "count": 1 }])), Error, &at("azs"), "add up to 1"),
        (azs(json!([{ "az": "a", "count": 0 }])), Error, &at("azs"), "from 1 to 2000"),
        (azs(json!([{ "az": "a", "count": 2001 }])), Error, &at("azs"), "zone \"a\""),
        (azs(json!([{ "az": "", "count": 2 }])), Error, &at("azs"), "is empty"),
        (azs(json!([{ "az": null, "count": 2 }])), Error, &at("azs"), "az of an element"),
        (
            azs(json!([{ "az": "a", "count": 0.5 }, { "az": "b", "count": 1 }])),
            Error,
            &at("azs"),
            "whole number",
        ),
        (
            node(json!({
                "count": 3,
                "azs": [{ "az": "a", "count": 1 }, { "az": "a", "count": 2 }],
            })),
            Error,
            &at("azs"),
            "2 times",
        ),
        (step(2, json!({ "step": 0 })), Error, &at("creating_step.step"), "at least 1"),
        (step(2, json!({ "step": 1.5 })), Error, &at("creating_step.step"), "whole number"),
        (
            step(2, json!({ "step": 2, "type": "shelf" })),
            Error,
            &at("creating_step.type"),
            "\"hyperinstance\", \"rack\"",
        ),
        (step(3, json!({ "step": 2 })), Error, &at("count"), "a multiple of 2"),
        (
            node(json!({ "driver": { "update_strategy": "now" } })),
            Error,
            &at("driver.update_strategy"),
            "\"idle\"",
        ),
        (
            node(json!({ "os": { "image_type": "public" } })),
            Error,
            &at("os.image_type"),
            "\"private\", \"\"",
        ),
        (
            pool(json!({ "resources": [
                { "flavor": "cpu", "count": 1 },
                { "flavor": "cpu", "count": 2, "node_pool": "cpu-default" },
            ] })),
            Error,
            "resources[1]",
            "resources[0] and resources[1]",
        ),
        (
            pool(json!({ "resources": [
                { "flavor": "cpu", "count": 2, "creating_step": { "step": 2 } },
                { "flavor": "gpu", "count": 2 },
                { "flavor": "cpu", "count": 4, "creating_step": { "step": 2 } },
            ] })),
            Error,
            "resources[2]",
            "creating step 2",
        ),
    ]);
}

#[test]
fn rules_of_taints_tags_and_maps() {
    let taints = |taints: Json| node(json!({ "taints": taints }));
    let at = |member: &str| format!("resources[0].{member}");
    let tags: serde_json::Map<_, _> = (0..21).map(|n| (format!("t{n}"), json!("x"))).collect();
    check(vec![
        (
            taints(json!([{ "key": "k", "effect": "Never" }])),
            Error,
            &at("taints"),
            "\"PreferNoSchedule\"",
        ),
        (taints(json!([{ "key": "", "effect": "NoExecute" }])), Error, &at("taints"), "is empty"),
        (
            taints(json!([
                { "key": "k", "value": "a", "effect": "NoExecute" },
                { "key": "k", "value": "b", "effect": "NoExecute" },
            ])),
            Error,
            &at("taints"),
            "2 taints with key \"k\"",
        ),
        (node(json!({ "tags": { "CCE-x": "1" } })), Error, &at("tags[\"CCE-x\"]"), "\"CCE-\""),
        (
            node(json!({ "tags": { "__type_baremetal_1": "1" } })),
            Error,
            &at("tags[\"__type_baremetal_1\"]"),
            "another key",
        ),
        (node(json!({ "tags": tags })), Warning, &at("tags"), "21 tags"),
        (
            node(json!({ "network": { "security_groups": ["sg-1", null] } })),
            Error,
            &at("network.security_groups"),
            "take the element out",
        ),
    ]);
    for map in ["labels", "tags", "extend_params"] {
        let path = at(&format!("{map}[\"k\"]"));
        check(vec![(node(json!({ map: { "k": null } })), Error, &path, "Give it a value")]);
    }
}

#[test]
fn rules_of_volumes() {
    let at = |member: &str| format!("resources[0].{member}");
    let root = |volume: Json| node(json!({ "root_volume": volume }));
    let of_disk = |member: &str| at(&format!("data_volumes[0].{member}"));
    let groups = at("volume_group_configs");
    check(vec![
        (root(json!({ "volume_type": "SSD", "size": 0 })), Error, &at("root_volume.size"), "at"),
        (
            root(json!({ "volume_type": "", "size": 1 })),
            Error,
            &at("root_volume.volume_type"),
            "is empty",
        ),
        (root(json!({ "volume_type": "SSD" })), Error, &at("root_volume.size"), "mandatory"),
        (disk(json!({ "size": 0.5 })), Error, &of_disk("size"), "whole number"),
        (disk(json!({ "volume_type": "" })), Error, &of_disk("volume_type"), "is empty"),
        (disk(json!({ "count": 0 })), Error, &of_disk("count"), "at least 1"),
        (disk(json!({ "extend_params": null })), Error, &of_disk("extend_params"), "volumeGroup"),
        (disk(json!({ "extend_params": {} })), Error, &of_disk("extend_params"), "\"vgpaas\""),
        (
            disk(json!({ "extend_params": { "volumeGroup": "" } })),
            Error,
            &of_disk("extend_params"),
            "volumeGroup",
        ),
        (
            disk(json!({ "extend_params": { "volumeGroup": null } })),
            Error,
            &of_disk("extend_params[\"volumeGroup\"]"),
            "Give it a value",
        ),
        (
            disk(json!({ "extend_params": { "volumeGroup": "default" } })),
            Error,
            &groups,
            "{ volume_group = \"default\" }",
        ),
        (
            node(json!({ "data_volumes": [{
                "volume_type": "SSD", "size": 1, "extend_params": { "volumeGroup": "vgpaas" },
            }] })),
            Error,
            &groups,
            "no item for it",
        ),
    ]);
    let twice = json!([
        { "volume_group": "vgpaas", "docker_thin_pool": 1 },
        { "volume_group": "vgpaas", "docker_thin_pool": 2 },
    ]);
    let user =
        |member: &str, value: Json| group(json!({ "volume_group": "vguser1", member: value }));
    let lvm = |lvm: Json| user("lvm_config", lvm);
    check(vec![
        (node(json!({ "volume_group_configs": twice })), Error, &groups, "2 times"),
        (group(json!({ "volume_group": "" })), Error, &groups, "is empty"),
        (user("docker_thin_pool", json!(10)), Error, &groups, "only \"vgpaas\""),
        (
            group(json!({ "volume_group": "vgpaas", "docker_thin_pool": 101 })),
            Error,
            &groups,
            "docker_thin_pool of group \"vgpaas\"",
        ),
        (
            group(json!({ "volume_group": "vgpaas", "docker_thin_pool": 0.5 })),
            Error,
            &groups,
            "docker_thin_pool: a whole number",
        ),
        (user("types", json!(["remote"])), Error, &groups, "\"volume\", \"local\""),
        (lvm(json!({ "lv_type": "mirror" })), Error, &groups, "\"linear\", \"striped\""),
        (lvm(json!({ "path": "/data" })), Error, &groups, "lv_type of an element"),
        (lvm(json!({ "lv_type": "linear", "path": "data" })), Error, &groups, "absolute"),
        (lvm(json!({ "lv_type": "linear", "path": "/da ta" })), Error, &groups, "letters"),
        (lvm(json!({ "lv_type": "linear", "path": "" })), Error, &groups, "absolute"),
    ]);
}
