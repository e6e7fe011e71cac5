//! An entry of `spec.resources`: which nodes are wanted, and how they are set up.
//!
//! A patch replaces the whole list, so an entry is read, changed and sent
//! again: whatever the service added must survive that, known or not.

use std::collections::BTreeMap;

use serde_json::Value;

wire! {
    "camelCase";

    /// Nodes of one flavour and node pool.
    pub struct ResourceEntry {
        /// Flavour name.
        pub flavor: String,
        /// Guaranteed number of nodes.
        pub count: i64,
        /// Elastic number of nodes; equals `count` in a dedicated pool.
        pub max_count: Option<i64>,
        /// Nodes per zone.
        pub azs: Option<Vec<AzCount>>,
        /// Node pool name; `<flavor>-default` or absent is the default one.
        pub node_pool: Option<String>,
        /// Open map of further settings.
        pub extend_params: Option<BTreeMap<String, Value>>,
        /// Image.
        pub os: Option<Os>,
        /// Kubernetes labels.
        pub labels: Option<BTreeMap<String, String>>,
        /// Kubernetes taints.
        pub taints: Option<Vec<Taint>>,
        /// Resource tags.
        pub tags: Option<Vec<Tag>>,
        /// Network of the nodes of a privileged pool.
        pub network: Option<EntryNetwork>,
        /// System disk.
        pub root_volume: Option<RootVolume>,
        /// Data disks.
        pub data_volumes: Option<Vec<DataVolume>>,
        /// Volume groups on the data disks.
        pub volume_group_configs: Option<Vec<VolumeGroupConfig>>,
        /// Number of nodes made at a time, for supernodes and racks.
        pub creating_step: Option<CreatingStep>,
        /// Driver of this entry.
        pub driver: Option<EntryDriver>,
        ..extra
    }

    /// Nodes in one zone.
    #[derive(Eq, PartialOrd, Ord)]
    pub struct AzCount {
        /// Availability zone.
        pub az: String,
        /// 1 to 2000.
        pub count: i64,
    }

    /// Image of the nodes.
    pub struct Os {
        /// Name of the operating system.
        pub name: Option<String>,
        /// Image ID.
        pub image_id: Option<String>,
        /// `private`, or empty for a preset image.
        pub image_type: Option<String>,
        /// OS name for which the service picks the image.
        pub auto_match: Option<String>,
        ..extra
    }

    /// Kubernetes taint.
    #[derive(Eq, PartialOrd, Ord)]
    pub struct Taint {
        /// Key.
        pub key: String,
        /// Value; may be absent.
        pub value: Option<String>,
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        pub effect: Option<String>,
    }

    /// Resource tag.
    #[derive(Eq, PartialOrd, Ord)]
    pub struct Tag {
        /// Key.
        pub key: String,
        /// Value.
        pub value: String,
    }

    /// Network of the nodes of a privileged pool; other key names than the pool's own network.
    pub struct EntryNetwork {
        /// VPC ID.
        pub vpc: Option<String>,
        /// Subnet ID.
        pub subnet: Option<String>,
        /// Security group IDs.
        pub security_groups: Option<Vec<String>>,
        ..extra
    }

    /// System disk.
    pub struct RootVolume {
        /// `SSD`, `GPSSD`, `SAS` or `SATA`.
        pub volume_type: Option<String>,
        /// Text such as `100Gi`; see [`gib`].
        pub size: Option<String>,
        ..extra
    }

    /// Data disk.
    pub struct DataVolume {
        /// `SSD`, `GPSSD`, `SAS` or `SATA`.
        pub volume_type: Option<String>,
        /// Text such as `500Gi`; see [`gib`].
        pub size: Option<String>,
        /// Number of such disks; the service assumes 1.
        pub count: Option<i64>,
        /// Open map; `volumeGroup` is the usual key.
        pub extend_params: Option<BTreeMap<String, Value>>,
        ..extra
    }

    /// Volume group on the data disks.
    pub struct VolumeGroupConfig {
        /// Group name, such as `vgpaas`.
        pub volume_group: Option<String>,
        /// Per cent of the disk for the container engine; only in `vgpaas`.
        pub docker_thin_pool: Option<i64>,
        /// LVM settings.
        pub lvm_config: Option<LvmConfig>,
        /// `volume`, `local`.
        pub types: Option<Vec<String>>,
        ..extra
    }

    /// LVM settings of a volume group.
    pub struct LvmConfig {
        /// `linear` or `striped`.
        pub lv_type: Option<String>,
        /// Absolute mount path.
        pub path: Option<String>,
    }

    /// Number of nodes made at a time; part of the identity of an entry.
    pub struct CreatingStep {
        /// Nodes per step.
        pub step: Option<i64>,
        /// `hyperinstance` or `rack`; the key is `type` on the wire.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        ..extra
    }

    /// Driver of one entry.
    pub struct EntryDriver {
        /// Version.
        pub version: Option<String>,
        /// `force` or `idle`.
        pub update_strategy: Option<String>,
        ..extra
    }
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
