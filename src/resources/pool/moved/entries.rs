//! The entries of `resources` of the Go provider.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modelarts::pool::{
    AzCount, CreatingStep, DataVolume, EntryDriver, EntryNetwork, LvmConfig, Os, ResourceEntry,
    RootVolume, Tag, Taint, VolumeGroupConfig,
};

use super::super::of_user::entry_of_user;
use super::super::schema::Entry;
use super::super::state;

use crate::resources::takeover::source::{
    blocks, first, number, object_in_text, text, text_pairs, texts,
};

/// The extend parameter that the deprecated attribute of the same name sets.
const POST_INSTALL: &str = "post_install";

/// An entry as an import would show it; `None` for one without a flavor.
///
/// The old provider shows whatever the service added, and nobody can tell any
/// more what the user wrote: the same is left out as after an import.
pub fn entry(source: &Json) -> Option<Entry> {
    let mut entry = state::entry(&live(source)?);
    entry_of_user(&mut entry);
    Some(entry)
}

/// What the old state says that the service holds.
fn live(source: &Json) -> Option<ResourceEntry> {
    let azs = blocks(source, "azs").filter_map(zone).collect();
    let taints = blocks(source, "taints").filter_map(taint).collect();
    let tags = text_pairs(source, "tags").into_iter().flatten();
    Some(ResourceEntry {
        flavor: text(source, "flavor_id")?,
        count: number(source, "count").unwrap_or_default(),
        max_count: number(source, "max_count"),
        azs: filled(azs),
        node_pool: text(source, "node_pool"),
        extend_params: params(source),
        os: os(source),
        labels: text_pairs(source, "labels").map(|pairs| pairs.into_iter().collect()),
        taints: filled(taints),
        tags: filled(tags.map(|(key, value)| Tag { key, value }).collect()),
        network: network(source),
        root_volume: root_volume(source),
        data_volumes: filled(blocks(source, "data_volumes").map(data_volume).collect()),
        volume_group_configs: filled(blocks(source, "volume_group_configs").map(group).collect()),
        creating_step: creating_step(source),
        driver: driver(source),
        ..ResourceEntry::default()
    })
}

/// Nothing, where there is an empty list.
fn filled<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

fn zone(source: &Json) -> Option<AzCount> {
    Some(AzCount { az: text(source, "az")?, count: number(source, "count").unwrap_or_default() })
}

fn taint(source: &Json) -> Option<Taint> {
    Some(Taint {
        key: text(source, "key")?,
        value: text(source, "value"),
        effect: text(source, "effect"),
    })
}

fn params(source: &Json) -> Option<BTreeMap<String, Json>> {
    let mut all = params_of(source).unwrap_or_default();
    if let Some(script) = text(source, POST_INSTALL) {
        all.entry(POST_INSTALL.to_owned()).or_insert(Json::String(script));
    }
    (!all.is_empty()).then_some(all)
}

fn params_of(source: &Json) -> Option<BTreeMap<String, Json>> {
    object_in_text(source, "extend_params").map(|entries| entries.into_iter().collect())
}

fn os(source: &Json) -> Option<Os> {
    let source = first(source, "os")?;
    let os = Os {
        name: text(source, "name"),
        image_id: text(source, "image_id"),
        image_type: text(source, "image_type"),
        ..Os::default()
    };
    (os != Os::default()).then_some(os)
}

fn network(source: &Json) -> Option<EntryNetwork> {
    let network = EntryNetwork {
        vpc: text(source, "vpc_id"),
        subnet: text(source, "subnet_id"),
        security_groups: texts(source, "security_group_ids"),
        ..EntryNetwork::default()
    };
    (network != EntryNetwork::default()).then_some(network)
}

fn root_volume(source: &Json) -> Option<RootVolume> {
    let source = first(source, "root_volume")?;
    let volume = RootVolume {
        volume_type: text(source, "volume_type"),
        size: text(source, "size"),
        ..RootVolume::default()
    };
    (volume != RootVolume::default()).then_some(volume)
}

fn data_volume(source: &Json) -> DataVolume {
    DataVolume {
        volume_type: text(source, "volume_type"),
        size: text(source, "size"),
        count: number(source, "count"),
        extend_params: params_of(source),
        ..DataVolume::default()
    }
}

fn group(source: &Json) -> VolumeGroupConfig {
    let lvm = first(source, "lvm_config");
    VolumeGroupConfig {
        volume_group: text(source, "volume_group"),
        docker_thin_pool: number(source, "docker_thin_pool"),
        lvm_config: lvm
            .map(|lvm| LvmConfig { lv_type: text(lvm, "lv_type"), path: text(lvm, "path") }),
        types: texts(source, "types"),
        ..VolumeGroupConfig::default()
    }
}

/// A step of 0 nodes is none.
fn creating_step(source: &Json) -> Option<CreatingStep> {
    let source = first(source, "creating_step")?;
    Some(CreatingStep {
        step: Some(number(source, "step")?),
        kind: text(source, "type"),
        ..CreatingStep::default()
    })
}

fn driver(source: &Json) -> Option<EntryDriver> {
    let version = text(first(source, "driver")?, "version")?;
    Some(EntryDriver { version: Some(version), ..EntryDriver::default() })
}
