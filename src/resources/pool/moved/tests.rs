//! States of the Go provider, and what becomes of them.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use super::*;
use crate::resources::pool::PoolResource;
use crate::resources::session::{Connection, Session};
use crate::tf::codec::conforms;
use crate::tf::codec::json::{self as codec, Mode};
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::keeper::{Keeper, Kept};
use crate::tf::model::Model;
use crate::tf::resource::typed;
use crate::tf::value::Value;

const ADDRESS: &str = "registry.terraform.io/huaweicloud/huaweicloud";

fn request(state: Json) -> MoveRequest {
    MoveRequest {
        source_provider: ADDRESS.to_owned(),
        source_type: SOURCE_TYPE.to_owned(),
        source_version: 0,
        source_state: state,
        source_private: br#"{"schema_version":"0"}"#.to_vec(),
    }
}

struct Offline;

#[async_trait]
impl Session for Offline {
    async fn connect(&self, _: &Context) -> Result<Arc<Connection>, Diagnostics> {
        Err(Diagnostics::new())
    }

    fn default_workspace(&self) -> Tf<String> {
        Tf::Null
    }
}

fn move_to(request: &MoveRequest) -> (Option<Outcome>, Kept) {
    let keeper = Keeper::default();
    let ended = typed(PoolResource::new(Arc::new(Offline))).move_state(request, &keeper);
    (ended, keeper.take())
}

fn refusal(request: &MoveRequest) -> Diagnostic {
    let errors = move_to(request).0.unwrap().unwrap_err();
    errors.into_iter().next().unwrap()
}

/// The state after the move, which has to be a whole one.
#[track_caller]
fn moved(state: Json) -> Value {
    let (ended, kept) = move_to(&request(state));
    ended.unwrap().unwrap();
    assert!(kept.warnings.is_empty());
    let schema = PoolModel::schema();
    conforms(&kept.state, schema.ty()).unwrap();
    assert!(kept.state.is_wholly_known());
    for attribute in &schema.attributes {
        let missing = attribute.behaviour.not_null && kept.state.get(&attribute.name).is_null();
        assert!(!missing, "{} is null", attribute.name);
    }
    kept.state
}

/// An object of ours, written as JSON without its nulls.
#[track_caller]
fn ours(json: &Json) -> Value {
    codec::from_json(json, PoolModel::schema().ty(), Mode::Tolerant).unwrap()
}

fn standard() -> Json {
    json!({
        "id": "pool-a1",
        "region": "cn-north-4",
        "name": "demo",
        "scope": ["Train", "Infer"],
        "network_id": "net-1",
        "resources": [{ "flavor_id": "modelarts.vm.cpu.8ud", "count": 2 }],
        "status": "Running",
    })
}

fn standard_of_ours() -> Json {
    json!({
        "id": "pool-a1",
        "name": "demo",
        "workspace_id": "0",
        "type": "Dedicate",
        "scope": ["Train", "Infer"],
        "network": { "name": "net-1", "vpc_id": null, "subnet_id": null },
        "charging_mode": "postPaid",
        "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 2 }],
        "wait_for": "ready",
        "on_timeout": "keep",
        "deletion_protection": false,
        "ready": true,
    })
}

fn with(mut base: Json, further: Json) -> Json {
    let Json::Object(further) = further else { panic!("an object is expected") };
    base.as_object_mut().unwrap().extend(further);
    base
}

/// The state of a standard pool with these arguments in its only entry.
fn with_entry(further: Json) -> Json {
    let entry = with(standard()["resources"][0].clone(), further);
    with(standard(), json!({ "resources": [entry] }))
}

#[track_caller]
fn entry_becomes(further: Json, expected: Json) {
    let entry = with(json!({ "flavor": "modelarts.vm.cpu.8ud", "count": 2 }), expected);
    let expected = with(standard_of_ours(), json!({ "resources": [entry] }));
    assert_eq!(moved(with_entry(further)), ours(&expected));
}

#[test]
fn a_standard_pool_of_an_early_release_is_taken_over() {
    // Without order, server ids, steps and volume groups, which came later.
    assert_eq!(moved(standard()), ours(&standard_of_ours()));
}

#[test]
fn empties_mean_what_nulls_mean() {
    let of = |empty: Json, none: Json, zero: Json| {
        with(
            standard(),
            json!({
                "prefix": empty, "description": empty, "workspace_id": empty, "vpc_id": empty,
                "subnet_id": empty, "charging_mode": empty, "period_unit": empty, "period": zero,
                "auto_renew": empty, "resource_pool_id": empty, "metadata": none,
                "clusters": none, "user_login": none, "server_ids": none, "timeouts": null,
                "resources_order_origin": none,
                "resources": [{
                    "flavor_id": "modelarts.vm.cpu.8ud", "count": 2, "max_count": zero,
                    "node_pool": empty, "vpc_id": empty, "subnet_id": empty,
                    "security_group_ids": none, "azs": none, "taints": none,
                    "labels": if none.is_null() { json!(null) } else { json!({}) },
                    "tags": if none.is_null() { json!(null) } else { json!({}) },
                    "extend_params": empty, "root_volume": none, "data_volumes": none,
                    "volume_group_configs": none, "os": none, "driver": none,
                    "creating_step": none, "post_install": empty,
                }],
            }),
        )
    };
    let expected = ours(&standard_of_ours());
    assert_eq!(moved(of(json!(""), json!([]), json!(0))), expected);
    assert_eq!(moved(of(json!(null), json!(null), json!(null))), expected);
    let hollow = json!({
        "os": [{ "name": "", "image_id": null, "image_type": "" }],
        "driver": [{ "version": "" }],
        "root_volume": [{ "volume_type": "", "size": "", "extend_params": "" }],
        "creating_step": [{ "step": 0, "type": "" }],
        "extend_params": "{}",
        "azs": [null],
        "max_count": 2,
    });
    entry_becomes(hollow, json!({ "max_count": 2 }));
}

fn rich_entry() -> Json {
    json!({
        "flavor_id": "f1",
        "count": 3,
        "max_count": 3,
        "node_pool": "first",
        "vpc_id": "vpc-2",
        "subnet_id": "subnet-2",
        "security_group_ids": ["sg-1", "sg-2"],
        "azs": [{ "az": "a", "count": 1 }, { "az": "b", "count": 2 }],
        "taints": [
            { "key": "only", "value": "", "effect": "NoSchedule" },
            { "key": "gpu", "value": "yes", "effect": "NoExecute" },
            { "key": "node.kubernetes.io/x", "value": "", "effect": "NoSchedule" },
        ],
        "labels": { "team": "vision", "os.modelarts.node/nodepool": "first" },
        "tags": { "owner": "me", "CCE-Cluster-ID": "x" },
        "extend_params": "{\"dockerBaseSize\":\"80\",\"runtime\":\"containerd\",\
            \"nested\":{\"a\":[1]},\"number\":5,\"none\":null}",
        "root_volume": [{
            "volume_type": "SSD", "size": "150Gi", "extend_params": "{\"x\":\"y\"}",
        }],
        "data_volumes": [
            {
                "volume_type": "SSD",
                "size": "500Gi",
                "extend_params": "{\"billing\":\"on\",\"volumeGroup\":\"vgpaas\"}",
                "count": 2,
            },
            { "volume_type": "SAS", "size": "1Ti", "extend_params": "", "count": 0 },
        ],
        "volume_group_configs": [
            {
                "volume_group": "vgpaas",
                "docker_thin_pool": 60,
                "lvm_config": [{ "lv_type": "linear", "path": "" }],
                "types": ["volume", "local"],
            },
            {
                "volume_group": "vguser0",
                "docker_thin_pool": 0,
                "lvm_config": [{ "lv_type": "striped", "path": "/data" }],
                "types": [],
            },
            {
                "volume_group": "default",
                "docker_thin_pool": null,
                "lvm_config": [],
                "types": null,
            },
        ],
        "os": [{ "name": "EulerOS 2.10", "image_id": "img-1", "image_type": "" }],
        "driver": [{ "version": "C78" }],
        "creating_step": [{ "step": 8, "type": "hyperinstance" }],
        "post_install": "c2NyaXB0",
    })
}

fn rich_entry_of_ours() -> Json {
    json!({
        "flavor": "f1",
        "count": 3,
        "max_count": 3,
        "azs": [{ "az": "a", "count": 1 }, { "az": "b", "count": 2 }],
        "node_pool": "first",
        "extend_params": {
            "dockerBaseSize": "80",
            "post_install": "c2NyaXB0",
        },
        "os": { "name": "EulerOS 2.10", "image_id": "img-1", "image_type": null },
        "labels": { "team": "vision" },
        "taints": [
            { "key": "gpu", "value": "yes", "effect": "NoExecute" },
            { "key": "only", "value": null, "effect": "NoSchedule" },
        ],
        "tags": { "owner": "me" },
        "network": {
            "vpc": "vpc-2",
            "subnet": "subnet-2",
            "security_groups": ["sg-1", "sg-2"],
        },
        "root_volume": { "volume_type": "SSD", "size": 150 },
        "data_volumes": [
            {
                "volume_type": "SSD",
                "size": 500,
                "count": 2,
                "extend_params": { "volumeGroup": "vgpaas" },
            },
            { "volume_type": "SAS", "size": 1024, "count": null, "extend_params": null },
        ],
        "volume_group_configs": [
            {
                "volume_group": "vgpaas",
                "docker_thin_pool": 60,
                "lvm_config": { "lv_type": "linear", "path": null },
                "types": ["local", "volume"],
            },
            {
                "volume_group": "vguser0",
                "docker_thin_pool": null,
                "lvm_config": { "lv_type": "striped", "path": "/data" },
                "types": null,
            },
            {
                "volume_group": "default",
                "docker_thin_pool": null,
                "lvm_config": null,
                "types": null,
            },
        ],
        "creating_step": { "step": 8, "type": "hyperinstance" },
        "driver": { "version": "C78", "update_strategy": null },
    })
}

#[test]
fn a_pool_with_everything_is_taken_over() {
    let state = json!({
        "id": "pool-a1",
        "region": "cn-north-4",
        "name": "demo",
        "scope": ["Notebook"],
        "metadata": [{ "annotations": "{\"team\":\"vision\",\"os.modelarts/scheduler.extension\":\
            \"{}\",\"os.modelarts/tms.tags\":\"[]\",\"os.modelarts.pool/special\":\"yes\",\
            \"depth\":3,\"os.modelarts/description\":\"not this\"}" }],
        "network_id": "net-1",
        "prefix": "node",
        "vpc_id": "made-by-the-service",
        "subnet_id": "made-by-the-service",
        "clusters": [{ "provider_id": "made-by-the-service", "name": "c" }],
        "user_login": [],
        "workspace_id": "ws-1",
        "description": "A demo",
        "charging_mode": "postPaid",
        "period_unit": null,
        "period": null,
        "auto_renew": null,
        "status": "Abnormal",
        "resource_pool_id": "billing-1",
        "server_ids": ["server-1"],
        "resources_order_origin": [
            { "flavor_id": "f1", "node_pool": "first", "creating_step": "" },
        ],
        "timeouts": { "create": "2h", "update": null, "delete": null },
        "resources": [
            rich_entry(),
            { "flavor_id": "f2", "count": 1, "extend_params": "{\"post_install\":\"a\"}",
              "post_install": "b", "creating_step": [{ "step": 2, "type": "" }] },
        ],
    });
    let expected = json!({
        "id": "pool-a1",
        "name": "demo",
        "workspace_id": "ws-1",
        "node_prefix": "node",
        "description": "A demo",
        "scheduler_extension": "{}",
        "annotations": { "team": "vision", "depth": "3", "os.modelarts.pool/special": "yes" },
        "type": "Dedicate",
        "scope": ["Notebook"],
        "network": { "name": "net-1", "vpc_id": null, "subnet_id": null },
        "charging_mode": "postPaid",
        "wait_for": "ready",
        "on_timeout": "keep",
        "deletion_protection": false,
        "timeouts": { "create": "2h", "update": null, "delete": null },
        "ready": false,
        "resource_id": "billing-1",
        "resources": [
            rich_entry_of_ours(),
            {
                "flavor": "f2",
                "count": 1,
                "extend_params": { "post_install": "a" },
                "creating_step": { "step": 2, "type": null },
            },
        ],
    });
    assert_eq!(moved(state), ours(&expected));
}

#[test]
fn a_privileged_prepaid_pool_is_taken_over() {
    let state = json!({
        "id": "pool-b2",
        "name": "lite",
        "scope": [],
        "network_id": "",
        "vpc_id": "vpc-1",
        "subnet_id": "subnet-1",
        "clusters": [{ "provider_id": "cce-1", "name": "main" }, { "provider_id": "cce-2" }],
        "user_login": [{ "password": "c2FsdGVk", "key_pair_name": "" }],
        "charging_mode": "prePaid",
        "period_unit": "month",
        "period": 2,
        "auto_renew": "false",
        "metadata": [{ "annotations": "{\"os.modelarts/billing.mode\":\"1\",\
            \"os.modelarts/period.type\":\"3\",\"os.modelarts/period.num\":\"1\",\
            \"os.modelarts/auto.renew\":\"1\",\"os.modelarts/auto.pay\":\"1\",\
            \"os.modelarts/promotion.info\":\"p\",\"os.modelarts/service.console.url\":\"u\",\
            \"os.modelarts/order.id\":\"\"}" }],
        "resources": [{ "flavor_id": "f", "count": 1 }],
        "status": "Waiting",
    });
    let expected = json!({
        "id": "pool-b2",
        "name": "lite",
        "workspace_id": "0",
        "type": "Dedicate",
        "network": { "name": null, "vpc_id": "vpc-1", "subnet_id": "subnet-1" },
        "clusters": [
            { "provider_id": "cce-1", "name": "main" },
            { "provider_id": "cce-2", "name": null },
        ],
        "user_login": {
            "key_pair_name": null,
            "password": "c2FsdGVk",
            "password_wo": null,
            "password_wo_version": null,
        },
        "charging_mode": "prePaid",
        "period_unit": "month",
        "period": 2,
        "auto_renew": false,
        "auto_pay": true,
        "promotion_info": "p",
        "console_url": "u",
        "resources": [{ "flavor": "f", "count": 1 }],
        "wait_for": "ready",
        "on_timeout": "keep",
        "deletion_protection": false,
        "ready": false,
    });
    assert_eq!(moved(state), ours(&expected));
}

#[test]
fn annotations_stand_in_for_attributes_that_are_not_set() {
    let annotations = json!({
        "os.modelarts/description": "From below",
        "os.modelarts/billing.mode": "1",
        "os.modelarts/period.type": "3",
        "os.modelarts/period.num": "2",
        "os.modelarts/auto.renew": "1",
        "os.modelarts/order.id": "CS1",
    });
    let state =
        with(standard(), json!({ "metadata": [{ "annotations": annotations.to_string() }] }));
    let expected = json!({
        "description": "From below",
        "charging_mode": "prePaid",
        "period_unit": "year",
        "period": 2,
        "auto_renew": true,
        "order_id": "CS1",
    });
    assert_eq!(moved(state), ours(&with(standard_of_ours(), expected)));
}

#[test]
fn periods_of_a_pool_that_is_paid_by_use_mean_nothing() {
    let state = json!({
        "charging_mode": "postPaid",
        "period_unit": "month",
        "period": 1,
        "auto_renew": "true",
        "metadata": [{ "annotations": "{\"os.modelarts/auto.pay\":\"1\"}" }],
    });
    assert_eq!(moved(with(standard(), state)), ours(&standard_of_ours()));
}

#[test]
fn a_log_in_belongs_to_a_privileged_pool_alone() {
    let login = json!({ "user_login": [{ "password": "", "key_pair_name": "kp" }] });
    assert_eq!(moved(with(standard(), login.clone())), ours(&standard_of_ours()));
    let privileged = json!({ "network_id": null, "vpc_id": "v", "subnet_id": "s" });
    let state = moved(with(with(standard(), login), privileged));
    assert_eq!(state.get("user_login").get("key_pair_name"), &Value::from("kp"));
    assert_eq!(state.get("user_login").get("password"), &Value::Null);
}

#[test]
fn fields_of_later_releases_are_passed_over() {
    let state = with(standard(), json!({ "novelty": [{ "x": 1 }], "other": true }));
    assert_eq!(moved(state), ours(&standard_of_ours()));
    entry_becomes(json!({ "novelty": [{ "x": 1 }] }), json!({}));
}

#[test]
fn what_cannot_be_read_is_left_out() {
    for broken in ["{", "[1]", "null", "\"text\"", "5", "{}"] {
        let entry = json!({
            "extend_params": broken,
            "data_volumes": [{ "volume_type": "SSD", "size": "100Gi", "extend_params": broken }],
        });
        let volume = json!({
            "volume_type": "SSD", "size": 100, "count": null, "extend_params": null,
        });
        entry_becomes(entry, json!({ "data_volumes": [volume] }));
        let metadata = json!({ "metadata": [{ "annotations": broken }] });
        assert_eq!(moved(with(standard(), metadata)), ours(&standard_of_ours()), "{broken}");
    }
    let size = json!({ "root_volume": [{ "volume_type": "SSD", "size": "plenty" }] });
    let volume = json!({ "root_volume": { "volume_type": "SSD", "size": null } });
    entry_becomes(size, volume);
    let odd = json!({ "clusters": "x", "metadata": {}, "timeouts": [], "period": {}, "vpc_id": 1 });
    assert_eq!(moved(with(standard(), odd)), ours(&standard_of_ours()));
    entry_becomes(json!({ "azs": 1, "labels": [], "os": {}, "count": "2" }), json!({}));
    let none = moved(with(standard(), json!({ "resources": [null, {}, { "count": 1 }] })));
    assert_eq!(none.get("resources"), &Value::Null);
}

#[test]
fn a_state_without_an_id_is_refused() {
    for state in [json!(null), json!([]), json!("x"), json!({}), json!({ "id": "" })] {
        let refused = refusal(&request(state));
        assert!(refused.detail.contains("import the pool"), "{}", refused.detail);
    }
}

#[test]
fn a_state_of_a_later_version_is_refused_with_a_way_out() {
    let later = MoveRequest { source_version: 1, ..request(standard()) };
    let refused = refusal(&later);
    assert!(refused.detail.contains("schema version 1"), "{}", refused.detail);
    assert!(refused.detail.contains("id = \"pool-a1\""), "{}", refused.detail);
}

#[test]
fn only_pools_of_the_go_provider_are_known() {
    let known = |provider: &str, kind: &str| {
        let request = MoveRequest {
            source_provider: provider.to_owned(),
            source_type: kind.to_owned(),
            ..request(standard())
        };
        move_to(&request).0.is_some()
    };
    assert!(known(ADDRESS, SOURCE_TYPE));
    assert!(known("registry.opentofu.org/huaweicloud/huaweicloud", SOURCE_TYPE));
    assert!(known("mirror.example.com/huaweicloud/huaweicloud", SOURCE_TYPE));
    assert!(!known("registry.terraform.io/huaweicloud/hcso", SOURCE_TYPE));
    assert!(!known("registry.terraform.io/other-huaweicloud/huaweicloud", SOURCE_TYPE));
    assert!(!known(ADDRESS, "huaweicloud_modelartsv2_resource_pool"));
    assert!(!known(ADDRESS, "hcso_modelarts_resource_pool"));
}
