//! What the user wrote, which may hold unknowns.
//!
//! The same reader serves plans and states: they have the same shape.

use std::collections::BTreeMap;

use crate::tf::field::{Field, FromValue};
use crate::tf::number::Number;
use crate::tf::value::Value;

/// A map of texts in which anything may be unknown.
pub type TextMap = Field<BTreeMap<String, Field<String>>>;

/// The body of a `modelarts_pool`.
#[derive(Debug, Clone, Default)]
pub struct PoolConfig {
    /// `name`
    pub name: Field<String>,
    /// `workspace_id`
    pub workspace_id: Field<String>,
    /// `node_prefix`
    pub node_prefix: Field<String>,
    /// `sharing`
    pub sharing: Field<String>,
    /// `labels`
    pub labels: TextMap,
    /// `description`
    pub description: Field<String>,
    /// `scheduler_extension`
    pub scheduler_extension: Field<String>,
    /// `annotations`
    pub annotations: TextMap,
    /// `type`
    pub kind: Field<String>,
    /// `scope`
    pub scope: Field<Vec<Field<String>>>,
    /// `parent`
    pub parent: Field<String>,
    /// `network`
    pub network: Field<NetworkConfig>,
    /// `driver`
    pub driver: Field<DriverConfig>,
    /// `resources`
    pub resources: Field<Vec<Field<EntryConfig>>>,
    /// `wait_for`
    pub wait_for: Field<String>,
    /// `on_timeout`
    pub on_timeout: Field<String>,
    /// `timeouts`
    pub timeouts: Field<TimeoutsConfig>,
}

/// `network`
#[derive(Debug, Clone, Default)]
pub struct NetworkConfig {
    /// `name`
    pub name: Field<String>,
}

/// `driver`
#[derive(Debug, Clone, Default)]
pub struct DriverConfig {
    /// `gpu_version`
    pub gpu_version: Field<String>,
    /// `npu_version`
    pub npu_version: Field<String>,
    /// `update_strategy`
    pub update_strategy: Field<String>,
}

/// An item of `resources`.
#[derive(Debug, Clone, Default)]
pub struct EntryConfig {
    /// `flavor`
    pub flavor: Field<String>,
    /// `count`
    pub count: Field<Number>,
    /// `max_count`
    pub max_count: Field<Number>,
    /// `azs`
    pub azs: Field<Vec<Field<AzConfig>>>,
    /// `node_pool`
    pub node_pool: Field<String>,
    /// `creating_step`
    pub creating_step: Field<StepConfig>,
}

/// `resources[].creating_step`
#[derive(Debug, Clone, Default)]
pub struct StepConfig {
    /// `step`
    pub step: Field<Number>,
    /// `type`
    pub kind: Field<String>,
}

/// An item of `resources[].azs`.
#[derive(Debug, Clone, Default)]
pub struct AzConfig {
    /// `az`
    pub az: Field<String>,
    /// `count`
    pub count: Field<Number>,
}

/// The `timeouts` block.
#[derive(Debug, Clone, Default)]
pub struct TimeoutsConfig {
    /// `create`
    pub create: Field<String>,
    /// `update`
    pub update: Field<String>,
    /// `delete`
    pub delete: Field<String>,
}

impl PoolConfig {
    /// Reads a configuration, a plan or a state.
    pub fn from_value(value: &Value) -> Self {
        Self {
            name: value.get("name").into(),
            workspace_id: value.get("workspace_id").into(),
            node_prefix: value.get("node_prefix").into(),
            sharing: value.get("sharing").into(),
            labels: value.get("labels").into(),
            description: value.get("description").into(),
            scheduler_extension: value.get("scheduler_extension").into(),
            annotations: value.get("annotations").into(),
            kind: value.get("type").into(),
            scope: value.get("scope").into(),
            parent: value.get("parent").into(),
            network: value.get("network").into(),
            driver: value.get("driver").into(),
            resources: value.get("resources").into(),
            wait_for: value.get("wait_for").into(),
            on_timeout: value.get("on_timeout").into(),
            timeouts: value.get("timeouts").into(),
        }
    }
}

impl FromValue for NetworkConfig {
    fn from_known(value: &Value) -> Option<Self> {
        value.entries()?;
        Some(Self { name: value.get("name").into() })
    }
}

impl FromValue for DriverConfig {
    fn from_known(value: &Value) -> Option<Self> {
        value.entries()?;
        Some(Self {
            gpu_version: value.get("gpu_version").into(),
            npu_version: value.get("npu_version").into(),
            update_strategy: value.get("update_strategy").into(),
        })
    }
}

impl FromValue for EntryConfig {
    fn from_known(value: &Value) -> Option<Self> {
        value.entries()?;
        Some(Self {
            flavor: value.get("flavor").into(),
            count: value.get("count").into(),
            max_count: value.get("max_count").into(),
            azs: value.get("azs").into(),
            node_pool: value.get("node_pool").into(),
            creating_step: value.get("creating_step").into(),
        })
    }
}

impl FromValue for StepConfig {
    fn from_known(value: &Value) -> Option<Self> {
        value.entries()?;
        Some(Self { step: value.get("step").into(), kind: value.get("type").into() })
    }
}

impl FromValue for AzConfig {
    fn from_known(value: &Value) -> Option<Self> {
        value.entries()?;
        Some(Self { az: value.get("az").into(), count: value.get("count").into() })
    }
}

impl FromValue for TimeoutsConfig {
    fn from_known(value: &Value) -> Option<Self> {
        value.entries()?;
        Some(Self {
            create: value.get("create").into(),
            update: value.get("update").into(),
            delete: value.get("delete").into(),
        })
    }
}
