//! An entry of `resources`: all that the service says about it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modelarts::pool::{self, ResourceEntry, gib};
use crate::tf::model::{Map, Set, Tf};

use super::super::schema::{
    Az, CreatingStep, DataVolume, Entry, EntryDriver, EntryNetwork, LvmConfig, Os, RootVolume,
    Taint, VolumeGroupConfig,
};

/// All that the service says about an entry; null where it says nothing.
pub fn entry(live: &ResourceEntry) -> Entry {
    Entry {
        flavor: live.flavor.clone().into(),
        count: live.count.into(),
        max_count: live.max_count.into(),
        azs: azs(live.azs.as_deref()),
        node_pool: live.node_pool.clone().into(),
        extend_params: params(live.extend_params.as_ref()),
        os: live.os.as_ref().map(os).into(),
        labels: texts(live.labels.as_ref()),
        taints: each(&live.taints, |taint| !taint.key.is_empty(), taint),
        tags: live
            .tags
            .as_ref()
            .map(|tags| tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect())
            .into(),
        network: live.network.as_ref().map(network).into(),
        root_volume: live.root_volume.as_ref().map(root_volume).into(),
        data_volumes: live
            .data_volumes
            .as_ref()
            .map(|volumes| volumes.iter().map(data_volume).collect())
            .into(),
        volume_group_configs: each(
            &live.volume_group_configs,
            |group| group.volume_group.is_some(),
            group,
        ),
        creating_step: live.creating_step.as_ref().map(step).into(),
        driver: live.driver.as_ref().map(driver).into(),
    }
}

/// Of elements that do not say which they are, nobody can tell anything: then
/// the answer says nothing about them at all.
fn each<L, M>(
    live: &Option<Vec<L>>,
    is_told_apart: impl Fn(&L) -> bool,
    model: impl Fn(&L) -> M,
) -> Tf<Set<M>> {
    let told = live.as_ref().filter(|items| items.iter().all(is_told_apart));
    told.map(|items| items.iter().map(model).collect()).into()
}

fn texts(live: Option<&BTreeMap<String, String>>) -> Tf<Map<String>> {
    live.map(|map| map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()).into()
}

/// The service may answer numbers and booleans where it was sent texts.
fn params(live: Option<&BTreeMap<String, Json>>) -> Tf<Map<String>> {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    live.map(|map| map.iter().map(|(key, value)| (key.clone(), text(value))).collect()).into()
}

/// A zone without a name or without nodes tells nothing.
fn azs(live: Option<&[pool::AzCount]>) -> Tf<Set<Az>> {
    let zones = live.map(|live| {
        let telling = live.iter().filter(|az| !az.az.is_empty() && az.count != 0);
        telling.map(|az| Az { az: az.az.clone().into(), count: az.count.into() }).collect()
    });
    zones.filter(|told: &Set<Az>| !told.is_empty() || live.is_some_and(<[_]>::is_empty)).into()
}

fn os(live: &pool::Os) -> Os {
    Os {
        name: live.name.clone().into(),
        image_id: live.image_id.clone().into(),
        image_type: live.image_type.clone().into(),
    }
}

fn taint(live: &pool::Taint) -> Taint {
    Taint {
        key: live.key.clone().into(),
        value: live.value.clone().into(),
        effect: live.effect.clone().into(),
    }
}

fn network(live: &pool::EntryNetwork) -> EntryNetwork {
    let groups = live.security_groups.as_ref();
    EntryNetwork {
        vpc: live.vpc.clone().into(),
        subnet: live.subnet.clone().into(),
        security_groups: groups.map(|all| all.iter().cloned().collect()).into(),
    }
}

fn root_volume(live: &pool::RootVolume) -> RootVolume {
    RootVolume {
        volume_type: live.volume_type.clone().into(),
        size: live.size.as_deref().and_then(gib).into(),
    }
}

fn data_volume(live: &pool::DataVolume) -> DataVolume {
    DataVolume {
        volume_type: live.volume_type.clone().into(),
        size: live.size.as_deref().and_then(gib).into(),
        count: live.count.into(),
        extend_params: params(live.extend_params.as_ref()),
    }
}

fn group(live: &pool::VolumeGroupConfig) -> VolumeGroupConfig {
    VolumeGroupConfig {
        volume_group: live.volume_group.clone().into(),
        docker_thin_pool: live.docker_thin_pool.into(),
        lvm_config: live
            .lvm_config
            .as_ref()
            .map(|lvm| LvmConfig {
                lv_type: lvm.lv_type.clone().into(),
                path: lvm.path.clone().into(),
            })
            .into(),
        types: live.types.as_ref().map(|all| all.iter().cloned().collect()).into(),
    }
}

fn step(live: &pool::CreatingStep) -> CreatingStep {
    CreatingStep { step: live.step.into(), r#type: live.kind.clone().into() }
}

fn driver(live: &pool::EntryDriver) -> EntryDriver {
    EntryDriver {
        version: live.version.clone().into(),
        update_strategy: live.update_strategy.clone().into(),
    }
}
