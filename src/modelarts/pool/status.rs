//! What a pool is, as opposed to what is wanted of it.

use serde::Deserialize;

use super::{AzCount, Cluster, CreatingStep};
use crate::modelarts::lenient;

/// Status of a pool; every part may be missing right after a create.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PoolStatus {
    /// Phase as printed; see [`super::Pool::phase`].
    #[serde(deserialize_with = "lenient::opt_string")]
    pub phase: Option<String>,
    /// Reason in the service's words.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub message: Option<String>,
    /// Parent pool; empty for a physical pool.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub parent: Option<String>,
    /// Own ID for a physical pool.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub root: Option<String>,
    /// Node counts by state.
    #[serde(deserialize_with = "lenient::object")]
    pub resources: ResourceCounts,
    /// State per job type.
    #[serde(deserialize_with = "lenient::list")]
    pub scope: Vec<ScopeStatus>,
    /// Driver states.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub driver: Option<DriverStatus>,
    /// Clusters; a single object in one edition, read as a list of one.
    #[serde(deserialize_with = "lenient::list")]
    pub clusters: Vec<Cluster>,
}

/// Node counts by state; each is an array or one object on the wire.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ResourceCounts {
    /// Being made.
    #[serde(deserialize_with = "lenient::list")]
    pub creating: Vec<CountEntry>,
    /// Usable.
    #[serde(deserialize_with = "lenient::list")]
    pub available: Vec<CountEntry>,
    /// Broken.
    #[serde(deserialize_with = "lenient::list")]
    pub abnormal: Vec<CountEntry>,
    /// Going away.
    #[serde(deserialize_with = "lenient::list")]
    pub deleting: Vec<CountEntry>,
}

/// Nodes of one flavour in one state.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CountEntry {
    /// Flavour name.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub flavor: Option<String>,
    /// Number of nodes.
    #[serde(deserialize_with = "lenient::int")]
    pub count: i64,
    /// Elastic number of nodes.
    #[serde(deserialize_with = "lenient::opt_i64")]
    pub max_count: Option<i64>,
    /// Nodes per zone.
    #[serde(deserialize_with = "lenient::list")]
    pub azs: Vec<AzCount>,
    /// Node pool name.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub node_pool: Option<String>,
    /// Step of supernodes and racks.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub creating_step: Option<CreatingStep>,
}

/// State of one job type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ScopeStatus {
    /// `Train`, `Infer` or `Notebook`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub scope_type: Option<String>,
    /// `Enabling`, `Enabled`, `Disabling`, `Disabled`, `EnableFailed`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub state: Option<String>,
    /// Reason of a failure.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub message: Option<String>,
}

/// Driver states of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DriverStatus {
    /// GPU driver.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub gpu: Option<DriverState>,
    /// NPU driver.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub npu: Option<DriverState>,
}

/// Version and state of one driver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DriverState {
    /// Version.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub version: Option<String>,
    /// `Creating`, `Upgrading`, `Running`, `Abnormal`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub state: Option<String>,
}
