//! What the user wants: no unknowns, nothing that was not asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::modelarts::pool::AzCount;
use crate::tf::duration;
use crate::tf::field::Field;
use crate::tf::number::Number;
use crate::tf::value::Value;

use super::config::{EntryConfig, PoolConfig, TextMap};
use super::defaults;
use super::identity::EntryId;

/// A pool as it is wanted. What a plan leaves to the service (unknown) is
/// absent here, as is what the user left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSpec {
    /// Display name.
    pub name: String,
    /// Workspace to be in.
    pub workspace_id: Option<String>,
    /// Prefix of node names.
    pub node_prefix: Option<String>,
    /// `shared` or `unshared`.
    pub sharing: Option<String>,
    /// Further labels.
    pub labels: BTreeMap<String, String>,
    /// Description.
    pub description: Option<String>,
    /// Scheduler extension.
    pub scheduler_extension: Option<String>,
    /// Further annotations.
    pub annotations: BTreeMap<String, String>,
    /// Kind of pool.
    pub kind: PoolKind,
    /// Job types, sorted.
    pub scope: Option<Vec<String>>,
    /// Pool that it is carved from.
    pub parent: Option<String>,
    /// ID of the ModelArts network.
    pub network: Option<String>,
    /// Drivers.
    pub driver: Option<DriverSpec>,
    /// Nodes.
    pub resources: Vec<EntrySpec>,
}

/// Kind of pool (API reference, create pool, `spec.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolKind {
    /// Its own network, drivers and job types.
    Dedicate,
    /// None of these.
    Logical,
}

impl PoolKind {
    /// Reads the word of a configuration or of the service; anything but
    /// `Logical` is the default kind.
    pub fn read(word: Option<&str>) -> Self {
        if word == Some("Logical") { Self::Logical } else { Self::Dedicate }
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dedicate => "Dedicate",
            Self::Logical => "Logical",
        }
    }
}

/// Drivers as they are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriverSpec {
    /// GPU driver version.
    pub gpu_version: Option<String>,
    /// NPU driver version.
    pub npu_version: Option<String>,
    /// `force` or `idle`.
    pub update_strategy: Option<String>,
}

/// Nodes of one identity as they are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySpec {
    /// Flavor.
    pub flavor: String,
    /// Number of nodes.
    pub count: i64,
    /// Number of nodes that it may grow to.
    pub max_count: Option<i64>,
    /// Nodes per zone, sorted.
    pub azs: Option<Vec<AzCount>>,
    /// Node pool.
    pub node_pool: Option<String>,
}

impl EntrySpec {
    /// What tells this entry from others.
    pub fn id(&self) -> EntryId {
        EntryId::new(&self.flavor, self.node_pool.as_deref())
    }
}

impl PoolSpec {
    /// Takes a plan or a state as what is wanted.
    pub fn from_value(value: &Value) -> Self {
        let config = PoolConfig::from_value(value);
        let mut scope = config.scope.known().map(|scope| known_texts(scope));
        if let Some(scope) = &mut scope {
            scope.sort();
        }
        Self {
            name: config.name.into_known().unwrap_or_default(),
            workspace_id: config.workspace_id.into_known(),
            node_prefix: config.node_prefix.into_known(),
            sharing: config.sharing.into_known(),
            labels: known_map(&config.labels),
            description: config.description.into_known(),
            scheduler_extension: config.scheduler_extension.into_known(),
            annotations: known_map(&config.annotations),
            kind: PoolKind::read(config.kind.known().map(String::as_str)),
            scope,
            parent: config.parent.into_known(),
            network: config.network.into_known().and_then(|network| network.name.into_known()),
            driver: config.driver.into_known().map(|driver| DriverSpec {
                gpu_version: driver.gpu_version.into_known(),
                npu_version: driver.npu_version.into_known(),
                update_strategy: driver.update_strategy.into_known(),
            }),
            resources: config.resources.known().map(|items| entries(items)).unwrap_or_default(),
        }
    }

    /// The entry of an identity.
    pub fn entry(&self, id: &EntryId) -> Option<&EntrySpec> {
        self.resources.iter().find(|entry| entry.id() == *id)
    }
}

fn entries(items: &[Field<EntryConfig>]) -> Vec<EntrySpec> {
    let whole = |number: &Field<Number>| number.known().and_then(Number::as_i64);
    items
        .iter()
        .filter_map(Field::known)
        .map(|entry| EntrySpec {
            flavor: entry.flavor.known().cloned().unwrap_or_default(),
            count: whole(&entry.count).unwrap_or_default(),
            max_count: whole(&entry.max_count),
            azs: entry.azs.known().map(|azs| {
                let mut azs: Vec<AzCount> = azs
                    .iter()
                    .filter_map(Field::known)
                    .map(|az| AzCount {
                        az: az.az.known().cloned().unwrap_or_default(),
                        count: whole(&az.count).unwrap_or_default(),
                    })
                    .collect();
                azs.sort();
                azs
            }),
            node_pool: entry.node_pool.known().cloned(),
        })
        .collect()
}

fn known_texts(items: &[Field<String>]) -> Vec<String> {
    items.iter().filter_map(Field::known).cloned().collect()
}

fn known_map(map: &TextMap) -> BTreeMap<String, String> {
    map.known().map_or_else(BTreeMap::new, |entries| {
        entries
            .iter()
            .filter_map(|(key, text)| Some((key.clone(), text.known()?.clone())))
            .collect()
    })
}

/// How far an apply waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitFor {
    /// All nodes, job types and drivers are ready.
    Ready,
    /// The phase is `Running`.
    Running,
    /// The service has taken the request.
    Accepted,
}

/// What running out of time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTimeout {
    /// The pool is kept with a warning; the next apply waits on.
    Keep,
    /// It is an error.
    Fail,
}

/// How an apply goes about it; none of this reaches the service.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How far to wait.
    pub wait_for: WaitFor,
    /// What running out of time means.
    pub on_timeout: OnTimeout,
    /// Time for a create.
    pub create: Duration,
    /// Time for an update.
    pub update: Duration,
    /// Time for a delete.
    pub delete: Duration,
}

impl Manner {
    /// Reads a plan or a state; what is absent has its default.
    pub fn from_value(value: &Value) -> Self {
        let timeouts = value.get("timeouts");
        let time = |name: &str, default: &str| {
            let text = timeouts.get(name).as_str().unwrap_or(default);
            duration::parse(text).or_else(|_| duration::parse(default)).unwrap_or_default()
        };
        Self {
            wait_for: match value.get("wait_for").as_str() {
                Some("running") => WaitFor::Running,
                Some("accepted") => WaitFor::Accepted,
                _ => WaitFor::Ready,
            },
            on_timeout: match value.get("on_timeout").as_str() {
                Some("fail") => OnTimeout::Fail,
                _ => OnTimeout::Keep,
            },
            create: time("create", defaults::CREATE_TIMEOUT),
            update: time("update", defaults::UPDATE_TIMEOUT),
            delete: time("delete", defaults::DELETE_TIMEOUT),
        }
    }
}
