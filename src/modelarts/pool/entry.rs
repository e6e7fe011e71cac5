//! An entry of `spec.resources`: which nodes are wanted, and how they are set up.
//!
//! A patch replaces the whole list, so an entry is read, changed and sent
//! again: whatever the service added must survive that, known or not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::modelarts::lenient;

/// Nodes of one flavour and node pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResourceEntry {
    /// Flavour name.
    #[serde(deserialize_with = "lenient::string")]
    pub flavor: String,
    /// Guaranteed number of nodes.
    #[serde(deserialize_with = "lenient::int")]
    pub count: i64,
    /// Elastic number of nodes; equals `count` in a dedicated pool.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_i64")]
    pub max_count: Option<i64>,
    /// Nodes per zone.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub azs: Option<Vec<AzCount>>,
    /// Node pool name; `<flavor>-default` or absent is the default one.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub node_pool: Option<String>,
    /// Open map of further settings.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_value_map")]
    pub extend_params: Option<BTreeMap<String, Value>>,
    /// Image.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub os: Option<Os>,
    /// Kubernetes labels.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string_map")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Kubernetes taints.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub taints: Option<Vec<Taint>>,
    /// Resource tags.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub tags: Option<Vec<Tag>>,
    /// Network of the nodes of a privileged pool.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub network: Option<EntryNetwork>,
    /// System disk.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub root_volume: Option<RootVolume>,
    /// Data disks.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub data_volumes: Option<Vec<DataVolume>>,
    /// Volume groups on the data disks.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub volume_group_configs: Option<Vec<VolumeGroupConfig>>,
    /// Number of nodes made at a time, for supernodes and racks.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub creating_step: Option<CreatingStep>,
    /// Driver of this entry.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub driver: Option<EntryDriver>,
    /// Fields this client does not know; sent back as they came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Nodes in one zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct AzCount {
    /// Availability zone.
    #[serde(deserialize_with = "lenient::string")]
    pub az: String,
    /// 1 to 2000.
    #[serde(deserialize_with = "lenient::int")]
    pub count: i64,
}

/// Image of the nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Os {
    /// Name of the operating system.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub name: Option<String>,
    /// Image ID.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub image_id: Option<String>,
    /// `private`, or empty for a preset image.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub image_type: Option<String>,
    /// OS name for which the service picks the image.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub auto_match: Option<String>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Kubernetes taint.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Taint {
    /// Key.
    #[serde(deserialize_with = "lenient::string")]
    pub key: String,
    /// Value; may be absent.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub effect: Option<String>,
}

/// Resource tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Tag {
    /// Key.
    #[serde(deserialize_with = "lenient::string")]
    pub key: String,
    /// Value.
    #[serde(deserialize_with = "lenient::string")]
    pub value: String,
}

/// Network of the nodes of a privileged pool; other key names than the pool's own network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EntryNetwork {
    /// VPC ID.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub vpc: Option<String>,
    /// Subnet ID.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub subnet: Option<String>,
    /// Security group IDs.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_strings")]
    pub security_groups: Option<Vec<String>>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// System disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RootVolume {
    /// `SSD`, `GPSSD`, `SAS` or `SATA`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub volume_type: Option<String>,
    /// Text such as `100Gi`; see [`gib`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub size: Option<String>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Data disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DataVolume {
    /// `SSD`, `GPSSD`, `SAS` or `SATA`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub volume_type: Option<String>,
    /// Text such as `500Gi`; see [`gib`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub size: Option<String>,
    /// Number of such disks; the service assumes 1.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_i64")]
    pub count: Option<i64>,
    /// Open map; `volumeGroup` is the usual key.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_value_map")]
    pub extend_params: Option<BTreeMap<String, Value>>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Volume group on the data disks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VolumeGroupConfig {
    /// Group name, such as `vgpaas`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub volume_group: Option<String>,
    /// Per cent of the disk for the container engine; only in `vgpaas`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_i64")]
    pub docker_thin_pool: Option<i64>,
    /// LVM settings.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub lvm_config: Option<LvmConfig>,
    /// `volume`, `local`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_strings")]
    pub types: Option<Vec<String>>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// LVM settings of a volume group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LvmConfig {
    /// `linear` or `striped`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub lv_type: Option<String>,
    /// Absolute mount path.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub path: Option<String>,
}

/// Number of nodes made at a time; part of the identity of an entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CreatingStep {
    /// Nodes per step.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_i64")]
    pub step: Option<i64>,
    /// `hyperinstance` or `rack`; the key is `type` on the wire.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "lenient::opt_string")]
    pub kind: Option<String>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Driver of one entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EntryDriver {
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub version: Option<String>,
    /// `force` or `idle`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub update_strategy: Option<String>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Reads a disk size in GiB: `100`, `100Gi`, `100 GiB`, `100GB` and `1Ti` are
/// understood, anything else is `None`.
pub fn gib(size: &str) -> Option<i64> {
    let size = size.trim();
    let end = size.find(|c: char| !c.is_ascii_digit()).unwrap_or(size.len());
    let (digits, unit) = size.split_at_checked(end)?;
    let number: i64 = digits.parse().ok()?;
    match unit.trim().to_ascii_lowercase().as_str() {
        "" | "g" | "gi" | "gb" | "gib" => Some(number),
        "t" | "ti" | "tb" | "tib" => number.checked_mul(1024),
        _ => None,
    }
}
