//! What the user wrote, which may hold unknowns.
//!
//! Only what is judged before anything is asked of the service is read here.

use std::collections::BTreeMap;

use crate::tf::field::{Field, FromValue};
use crate::tf::number::Number;
use crate::tf::value::Value;

/// Texts in which anything may be unknown.
pub type Texts = Vec<Field<String>>;
/// A map of texts in which anything may be unknown.
pub type TextMap = BTreeMap<String, Field<String>>;
/// Objects in which anything may be unknown.
pub type Objects<T> = Vec<Field<T>>;

/// Declares an object and how it is read, so that a member is named once.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($key:literal as $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default)]
        pub struct $name {
            $(#[doc = concat!("`", $key, "`")] pub $field: Field<$ty>,)*
        }

        impl FromValue for $name {
            fn from_known(value: &Value) -> Option<Self> {
                value.entries()?;
                Some(Self { $($field: value.get($key).into(),)* })
            }
        }
    };
}

object! {
    /// The body of a `modelarts_pool`.
    PoolConfig {
        "name" as name: String,
        "sharing" as sharing: String,
        "labels" as labels: TextMap,
        "description" as description: String,
        "annotations" as annotations: TextMap,
        "type" as kind: String,
        "scope" as scope: Texts,
        "parent" as parent: String,
        "network" as network: NetworkConfig,
        "container_network" as container_network: ContainerNetworkConfig,
        "kubernetes_svc_ip_range" as kubernetes_svc_ip_range: String,
        "cluster_flavor" as cluster_flavor: String,
        "masters" as masters: Objects<MasterConfig>,
        "clusters" as clusters: Objects<ClusterConfig>,
        "ipv6_enable" as ipv6_enable: bool,
        "user_login" as user_login: UserLoginConfig,
        "driver" as driver: DriverConfig,
        "charging_mode" as charging_mode: String,
        "period_unit" as period_unit: String,
        "period" as period: Number,
        "auto_renew" as auto_renew: bool,
        "auto_pay" as auto_pay: bool,
        "order_id" as order_id: String,
        "resources" as resources: Objects<EntryConfig>,
        "wait_for" as wait_for: String,
        "on_timeout" as on_timeout: String,
        "timeouts" as timeouts: TimeoutsConfig,
    }
}

object! {
    /// `network`
    NetworkConfig {
        "name" as name: String,
        "vpc_id" as vpc_id: String,
        "subnet_id" as subnet_id: String,
    }
}

object! {
    /// `container_network`
    ContainerNetworkConfig {
        "cidr" as cidr: String,
    }
}

object! {
    /// An item of `masters`.
    MasterConfig {
        "az" as az: String,
    }
}

object! {
    /// An item of `clusters`.
    ClusterConfig {
        "provider_id" as provider_id: String,
    }
}

object! {
    /// `user_login`
    UserLoginConfig {
        "key_pair_name" as key_pair_name: String,
        "password" as password: Secret,
        "password_wo" as password_wo: Secret,
        "password_wo_version" as password_wo_version: Number,
    }
}

object! {
    /// `driver`
    DriverConfig {
        "gpu_version" as gpu_version: String,
        "npu_version" as npu_version: String,
        "update_strategy" as update_strategy: String,
    }
}

object! {
    /// An item of `resources`.
    EntryConfig {
        "flavor" as flavor: String,
        "count" as count: Number,
        "max_count" as max_count: Number,
        "azs" as azs: Objects<AzConfig>,
        "node_pool" as node_pool: String,
        "os" as os: OsConfig,
        "taints" as taints: Objects<TaintConfig>,
        "tags" as tags: TextMap,
        "root_volume" as root_volume: VolumeConfig,
        "data_volumes" as data_volumes: Objects<VolumeConfig>,
        "volume_group_configs" as volume_group_configs: Objects<GroupConfig>,
        "creating_step" as creating_step: StepConfig,
        "driver" as driver: EntryDriverConfig,
    }
}

object! {
    /// An item of `resources[].azs`.
    AzConfig {
        "az" as az: String,
        "count" as count: Number,
    }
}

object! {
    /// `resources[].os`
    OsConfig {
        "image_type" as image_type: String,
    }
}

object! {
    /// An item of `resources[].taints`.
    TaintConfig {
        "key" as key: String,
        "effect" as effect: String,
    }
}

object! {
    /// `resources[].root_volume`, or an item of `resources[].data_volumes`,
    /// which alone has a count and further settings.
    VolumeConfig {
        "volume_type" as volume_type: String,
        "size" as size: Number,
        "count" as count: Number,
        "extend_params" as extend_params: TextMap,
    }
}

object! {
    /// An item of `resources[].volume_group_configs`.
    GroupConfig {
        "volume_group" as volume_group: String,
        "docker_thin_pool" as docker_thin_pool: Number,
        "lvm_config" as lvm_config: LvmConfig,
        "types" as types: Texts,
    }
}

object! {
    /// `resources[].volume_group_configs[].lvm_config`
    LvmConfig {
        "lv_type" as lv_type: String,
        "path" as path: String,
    }
}

object! {
    /// `resources[].creating_step`
    StepConfig {
        "step" as step: Number,
        "type" as kind: String,
    }
}

object! {
    /// `resources[].driver`
    EntryDriverConfig {
        "update_strategy" as update_strategy: String,
    }
}

object! {
    /// The `timeouts` block.
    TimeoutsConfig {
        "create" as create: String,
        "update" as update: String,
        "delete" as delete: String,
    }
}

impl PoolConfig {
    /// Reads a configuration.
    pub fn from_value(value: &Value) -> Self {
        Self::from_known(value).unwrap_or_default()
    }
}

/// A secret text, of which only this is read: whether it is empty.
#[derive(Debug, Clone, Copy)]
pub struct Secret {
    /// Whether it is the empty text.
    pub is_empty: bool,
}

impl FromValue for Secret {
    fn from_known(value: &Value) -> Option<Self> {
        value.as_str().map(|text| Self { is_empty: text.is_empty() })
    }
}
