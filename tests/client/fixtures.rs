//! Every payload of the reference is read, and the odd ones mean what they should.

use serde_json::{Value, json};
use terraform_provider_modelarts::modelarts::flavor::Flavor;
use terraform_provider_modelarts::modelarts::network::Network;
use terraform_provider_modelarts::modelarts::node::Node;
use terraform_provider_modelarts::modelarts::order::{Order, Outcome};
use terraform_provider_modelarts::modelarts::pool::{Phase, gib};
use terraform_provider_modelarts::modelarts::{Object, Pool, PoolId};

use crate::{POOL, fixture};

fn pool(name: &str) -> Pool {
    serde_json::from_str(&fixture(name)).unwrap()
}

#[test]
fn pools_of_every_phase_are_read() {
    for (name, phase) in [
        ("create.response.200.json", Phase::Absent),
        ("show.no-phase.json", Phase::Absent),
        ("show.waiting.json", Phase::Waiting),
        ("show.creating.json", Phase::Creating),
        ("show.running.json", Phase::Running),
        ("show.running-gpu-driver.json", Phase::Running),
        ("show.running-resources-as-objects.json", Phase::Running),
        ("show.running-scaling-out.json", Phase::Running),
        ("show.running-scope-enabling.json", Phase::Running),
        ("show.scope-enable-failed.json", Phase::Running),
        ("show.logical-running.json", Phase::Running),
        ("show.abnormal.json", Phase::Abnormal),
        ("show.error.json", Phase::Error),
        ("show.creation-failed.json", Phase::CreationFailed),
        ("show.scaling-failed.json", Phase::ScalingFailed),
        ("show.deleting.json", Phase::Deleting),
        ("delete.response.200.json", Phase::Running),
        ("patch-scale-out.response.200.json", Phase::Running),
    ] {
        let pool = pool(name);
        assert_eq!(pool.phase(), phase, "{name}");
        assert!(!pool.metadata.name.is_empty() && pool.display_name().is_some(), "{name}");
        assert!(!pool.spec.resources.is_empty(), "{name}");
    }
    assert_eq!(Phase::read(Some("Frozen")), Phase::Unknown("Frozen".into()));
}

#[test]
fn a_running_pool_is_read_in_full() {
    let pool = pool("show.running.json");
    assert_eq!(pool.id(), PoolId::from(POOL));
    assert_eq!(pool.workspace_id(), Some("0"));
    assert_eq!(pool.order_name(), Some("order.pool-ae01-w4l2n"));
    assert_eq!(pool.resource_id(), Some("maos-pool-ae01-d7mjs"));
    let entry = &pool.spec.resources[0];
    assert_eq!((entry.count, entry.max_count), (1, Some(1)));
    assert_eq!(entry.azs.as_ref().unwrap()[0].az, "eu-west-101a");
    assert_eq!(pool.status.resources.available[0].count, 1);
    assert_eq!(pool.status.scope[0].state.as_deref(), Some("Enabled"));
    assert!(pool.status.driver.is_none());
    let gpu = self::pool("show.running-gpu-driver.json").status.driver.unwrap().gpu.unwrap();
    assert_eq!(gpu.state.as_deref(), Some("Running"));
}

#[test]
fn counts_mean_the_same_as_list_and_as_object() {
    let objects = pool("show.running-resources-as-objects.json");
    assert_eq!(objects.status, pool("show.running.json").status);
}

#[test]
fn other_lists_are_read() {
    let items = |name: &str| -> Value {
        serde_json::from_str::<Value>(&fixture(name)).unwrap()["items"].clone()
    };
    let nodes: Vec<Node> = serde_json::from_value(items("nodes-list.response.200.json")).unwrap();
    assert_eq!(nodes[0].status.resources["cpu"], "3920m");
    let flavors: Vec<Flavor> =
        serde_json::from_value(items("resource-flavors.response.200.json")).unwrap();
    assert_eq!(flavors[0].spec.billing_modes, [0]);
    assert_eq!(flavors[0].spec.data_volumes[0].size.as_deref(), Some("500Gi"));
    assert!(flavors[0].status.phase.is_empty());
    let network: Network =
        serde_json::from_str(&fixture("network-show.response.200.json")).unwrap();
    assert_eq!(network.phase(), Some("Active"));
    let network: Network =
        serde_json::from_str(&fixture("network-create.response.200.json")).unwrap();
    assert_eq!((network.phase(), network.display_name()), (None, Some("network-7a03")));
}

#[test]
fn orders_of_every_spelling_are_sorted() {
    for (name, outcome) in [
        ("orders-list.pending.json", Outcome::Pending),
        ("orders-list.processing.json", Outcome::Pending),
        ("orders-list.running.json", Outcome::Pending),
        ("orders-list.successed.json", Outcome::Succeeded),
        ("orders-list.response.200.json", Outcome::Succeeded),
        ("orders-list.partialSuccessed.json", Outcome::PartlySucceeded),
        ("orders-list.failed.json", Outcome::Failed),
    ] {
        let list: Value = serde_json::from_str(&fixture(name)).unwrap();
        let order: Order = serde_json::from_value(list["items"][0].clone()).unwrap();
        assert_eq!(order.outcome(), outcome, "{name}");
    }
}

#[test]
fn no_payload_is_too_odd_for_any_type() {
    let folder = format!("{}/tests/data/api", env!("CARGO_MANIFEST_DIR"));
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        serde_json::from_str::<Pool>(&text).unwrap();
        serde_json::from_str::<Network>(&text).unwrap();
        serde_json::from_str::<Node>(&text).unwrap();
        serde_json::from_str::<Flavor>(&text).unwrap();
        serde_json::from_str::<Order>(&text).unwrap();
    }
}

#[test]
fn types_that_vary_are_read_as_one() {
    let odd = json!({
        "metadata": {"name": 7, "labels": null, "annotations": []},
        "spec": {
            "type": null, "scope": "Train", "ipv6enable": "true", "controlMode": "9",
            "containernetwork": {"cidr": "10.0.0.0/12", "mode": "eni"},
            "resources": {
                "flavor": "f", "count": "3", "maxCount": 3.0, "azs": {"az": "a", "count": "3"},
                "rootVolume": {"size": 100}, "dataVolumes": {"size": "500Gi", "count": "2"},
                "volumeGroupConfigs": {"volumeGroup": "g", "dockerThinPool": "90"},
                "taints": null, "tags": "nonsense", "driver": "nonsense", "labels": {"a": 1},
            },
            "masters": [null, {"az": "a"}], "driver": {}, "network": null,
        },
        "status": {
            "phase": "", "resources": null, "scope": null, "driver": [],
            "clusters": {"name": "c", "providerId": "p"},
        },
    });
    let pool: Pool = serde_json::from_value(odd).unwrap();
    assert_eq!(pool.metadata.name, "7");
    assert_eq!(pool.phase(), Phase::Absent);
    assert_eq!(pool.spec.scope, Some(vec!["Train".to_owned()]));
    assert_eq!((pool.spec.ipv6_enable, pool.spec.control_mode), (Some(true), Some(9)));
    assert_eq!(pool.spec.container_network.as_ref().unwrap().mode.as_deref(), Some("eni"));
    assert_eq!(pool.spec.masters.as_ref().unwrap().len(), 1);
    assert_eq!(pool.status.clusters[0].provider_id.as_deref(), Some("p"));
    let entry = &pool.spec.resources[0];
    assert_eq!((entry.count, entry.max_count), (3, Some(3)));
    assert_eq!(entry.azs.as_ref().unwrap()[0].count, 3);
    assert_eq!(gib(entry.root_volume.as_ref().unwrap().size.as_ref().unwrap()), Some(100));
    assert_eq!(gib(entry.data_volumes.as_ref().unwrap()[0].size.as_ref().unwrap()), Some(500));
    let group = &entry.volume_group_configs.as_ref().unwrap()[0];
    assert_eq!(group.docker_thin_pool, Some(90));
    assert_eq!((entry.taints.as_ref(), entry.driver.as_ref()), (None, None));
    let absent: Pool = serde_json::from_str("{}").unwrap();
    assert_eq!(absent, Pool::default());
}

#[test]
fn disk_sizes_are_compared_as_numbers() {
    for (text, size) in [
        ("100", Some(100)),
        ("100Gi", Some(100)),
        (" 100 GB ", Some(100)),
        ("1Ti", Some(1024)),
        ("", None),
        ("big", None),
        ("100Mi", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(gib(text), size, "{text}");
    }
}
