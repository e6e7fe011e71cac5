//! Good and bad configurations, and what is found in them.

mod rules;
mod unknown;

use serde_json::{Value as Json, json};

use super::*;
use crate::tf::codec::json::{Mode as Exactness, from_json};
use crate::tf::conform::complete;
use crate::tf::diagnostics::Severity::{Error, Warning};
use crate::tf::model::Model;
use crate::tf::schema::{Attribute, Kind, Nesting};
use crate::tf::validate;
use crate::tf::value::Value;

/// A `Dedicate` pool with a ModelArts network.
fn standard() -> Json {
    json!({
        "name": "pool-1",
        "scope": ["Train"],
        "network": { "name": "net-1" },
        "resources": [{ "flavor": "cpu", "count": 2 }],
    })
}

/// A pool carved from another.
fn logical() -> Json {
    json!({
        "name": "pool-1",
        "type": "Logical",
        "parent": "pool-0",
        "resources": [{ "flavor": "cpu", "count": 2, "max_count": 4 }],
    })
}

/// A pool in a VPC of the user's, paid for in advance.
fn privileged() -> Json {
    json!({
        "name": "pool-1",
        "type": "Dedicate",
        "network": { "vpc_id": "vpc-1", "subnet_id": "subnet-1" },
        "clusters": [{ "provider_id": "cce-1" }, { "provider_id": "cce-2" }],
        "user_login": { "password_wo": "hidden", "password_wo_version": 1 },
        "charging_mode": "prePaid",
        "period_unit": "year",
        "period": 3,
        "auto_renew": true,
        "auto_pay": true,
        "resources": [{ "flavor": "cpu", "count": 2 }],
    })
}

/// An entry with everything.
fn whole_entry() -> Json {
    json!({
        "flavor": "gpu",
        "count": 4,
        "max_count": 4,
        "azs": [{ "az": "a", "count": 1 }, { "az": "b", "count": 3 }],
        "node_pool": "second",
        "extend_params": { "dockerBaseSize": "0" },
        "os": { "name": "Linux", "image_id": "image-1", "image_type": "private" },
        "labels": { "team": "blue" },
        "taints": [
            { "key": "k", "value": "v", "effect": "NoSchedule" },
            { "key": "k", "value": "v", "effect": "NoExecute" },
        ],
        "tags": { "CCE": "x" },
        "network": { "vpc": "vpc-1", "subnet": "subnet-1", "security_groups": ["sg-1"] },
        "root_volume": { "volume_type": "SSD", "size": 50 },
        "data_volumes": [
            {
                "volume_type": "SSD",
                "size": 100,
                "count": 2,
                "extend_params": { "volumeGroup": "vgpaas" },
            },
            { "volume_type": "SAS", "size": 1, "extend_params": { "volumeGroup": "vguser1" } },
        ],
        "volume_group_configs": [
            { "volume_group": "vgpaas", "docker_thin_pool": 90, "types": ["volume", "local"] },
            {
                "volume_group": "vguser1",
                "lvm_config": { "lv_type": "striped", "path": "/mnt/data-1_a.b" },
            },
        ],
        "creating_step": { "step": 2, "type": "hyperinstance" },
        "driver": { "version": "1", "update_strategy": "idle" },
    })
}

/// A pool with everything that goes together.
fn everything() -> Json {
    json!({
        "name": "pool-1",
        "workspace_id": "0",
        "node_prefix": "node",
        "sharing": "shared",
        "labels": { "team": "blue" },
        "description": "for everyone",
        "scheduler_extension": "anything: goes",
        "annotations": { "note": "x" },
        "type": "Dedicate",
        "scope": ["Train", "Infer", "Notebook"],
        "network": { "name": "net-1" },
        "container_network": { "cidr": "172.16.0.0/16" },
        "kubernetes_svc_ip_range": "10.247.0.0/16",
        "cluster_flavor": "cce.s2.small",
        "masters": [{ "az": "a" }, { "az": "b" }],
        "ipv6_enable": true,
        "user_login": { "key_pair_name": "key" },
        "driver": { "gpu_version": "1", "npu_version": "2", "update_strategy": "force" },
        "job_flavors": ["small"],
        "charging_mode": "prePaid",
        "period_unit": "month",
        "period": 9,
        "auto_renew": false,
        "auto_pay": false,
        "promotion_info": "less",
        "console_url": "https://example.com",
        "order_id": "order-1",
        "resources": [{ "flavor": "cpu", "count": 1 }, whole_entry()],
        "wait_for": "running",
        "on_timeout": "fail",
        "deletion_protection": true,
        "timeouts": { "create": "1h", "update": "45m", "delete": "1h30m" },
    })
}

/// A configuration with other values at the top.
fn with(mut config: Json, changes: Json) -> Json {
    for (name, value) in changes.as_object().unwrap() {
        config[name] = value.clone();
    }
    config
}

fn pool(changes: Json) -> Json {
    with(standard(), changes)
}

/// A pool whose one entry has other values.
fn node(changes: Json) -> Json {
    let entry = with(json!({ "flavor": "cpu", "count": 2 }), changes);
    pool(json!({ "resources": [entry] }))
}

/// A pool whose one entry has a data volume in `vgpaas` with other values.
fn disk(changes: Json) -> Json {
    let groups = json!({ "volume_group": "vgpaas" });
    let group = json!({ "volumeGroup": "vgpaas" });
    let disk = with(json!({ "volume_type": "SSD", "size": 9, "extend_params": group }), changes);
    node(json!({ "data_volumes": [disk], "volume_group_configs": [groups] }))
}

/// A pool whose one entry has this volume group.
fn group(group: Json) -> Json {
    node(json!({ "volume_group_configs": [group] }))
}

fn prepaid(changes: Json) -> Json {
    let terms = json!({
        "charging_mode": "prePaid", "period_unit": "month", "period": 1, "auto_pay": true,
    });
    pool(with(terms, changes))
}

fn login(login: Json) -> Json {
    with(privileged(), json!({ "user_login": login }))
}

fn value(config: &Json) -> Value {
    from_json(config, PoolModel::schema().ty(), Exactness::Tolerant).unwrap()
}

type Finding = (Severity, String, String);

fn found(config: &Value) -> Vec<Finding> {
    let (schema, mut config) = (PoolModel::schema(), config.clone());
    complete(&schema, &mut config);
    let all = validate::check::<PoolModel>(&schema, &config, |pool| judge_planned(pool, true));
    all.into_iter()
        .map(|d| (d.severity, d.path.map(|p| p.to_string()).unwrap_or_default(), d.detail))
        .collect()
}

/// Each configuration must have this finding and no error elsewhere.
#[track_caller]
fn check(cases: Vec<(Json, Severity, &str, &str)>) {
    for (config, severity, path, words) in cases {
        let all = found(&value(&config));
        assert!(
            all.iter().any(|(s, p, d)| *s == severity && p == path && d.contains(words)),
            "no {severity:?} at {path} with {words:?} in {all:?}"
        );
        assert_eq!(all.len(), 1, "more than {path} with {words:?}: {all:?}");
    }
}

#[test]
fn good_configurations_have_no_findings() {
    let good = [
        standard(),
        logical(),
        privileged(),
        everything(),
        with(logical(), json!({ "scope": [] })),
        with(privileged(), json!({ "scope": [] })),
        login(json!({ "key_pair_name": "key" })),
        login(json!({ "password": "encrypted" })),
        pool(json!({ "container_network": {}, "driver": {}, "charging_mode": "postPaid" })),
        pool(json!({ "auto_renew": false, "auto_pay": false, "order_id": "order-1" })),
        prepaid(json!({ "auto_pay": null, "order_id": "order-1" })),
        prepaid(json!({ "period_unit": "year", "period": 3 })),
        node(json!({ "os": { "image_type": "" } })),
        group(json!({ "volume_group": "vgpaas", "docker_thin_pool": 0 })),
        group(json!({ "volume_group": "vgpaas", "docker_thin_pool": 100 })),
    ];
    for config in good {
        assert_eq!(found(&value(&config)), vec![], "{config}");
    }
}

#[test]
fn the_whole_configuration_is_whole() {
    // What contradicts the rest of it.
    let others = [
        "parent",
        "clusters",
        "vpc_id",
        "subnet_id",
        "password",
        "password_wo",
        "password_wo_version",
    ];
    let mut unset = Vec::new();
    unset_members(&PoolModel::attributes(), &value(&everything()), &mut unset);
    unset.retain(|name| !others.contains(&name.as_str()));
    assert!(unset.is_empty(), "{unset:?}");
}

/// Names of configurable attributes that no object of the configuration sets.
fn unset_members(attributes: &[Attribute], config: &Value, unset: &mut Vec<String>) {
    for attribute in attributes.iter().filter(|a| a.mode.is_configurable()) {
        let objects = match config {
            Value::List(items) | Value::Set(items) => items.iter().collect(),
            single => vec![single],
        };
        let values = objects.iter().map(|object| object.get(&attribute.name));
        let set: Vec<&Value> = values.filter(|value| !value.is_null()).collect();
        if set.is_empty() {
            unset.push(attribute.name.clone());
        }
        let (Some(inner), Some(first)) = (attribute.members(), set.first()) else { continue };
        let all = match first {
            Value::Object(_) => Value::List(set.into_iter().cloned().collect()),
            _ => Value::List(set.iter().flat_map(|v| v.elements().unwrap().to_vec()).collect()),
        };
        unset_members(inner, &all, unset);
    }
}

#[test]
fn several_mistakes_are_reported_at_once() {
    let wrong = pool(json!({
        "name": "x",
        "network": null,
        "charging_mode": "prePaid",
        "container_network": { "cidr": "10.0.0.1/8" },
        "kubernetes_svc_ip_range": "10.1.0.0/16",
        "resources": [{ "flavor": "", "count": 0, "azs": [] }],
    }));
    let paths: Vec<String> = found(&value(&wrong)).into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(
        paths,
        [
            "name",
            "network",
            "container_network.cidr",
            "container_network.cidr",
            "resources[0].flavor",
            "resources[0].count",
            "resources[0].azs",
            "period_unit",
            "period",
            "auto_pay",
        ]
    );
}

#[test]
fn no_secret_is_in_a_finding() {
    let twice = json!({ "password": "verysecret", "password_wo": "moresecret" });
    for (_, _, detail) in found(&value(&login(twice))) {
        assert!(!detail.contains("secret"), "{detail}");
    }
}
