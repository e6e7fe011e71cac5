//! What a pool is, as opposed to what is wanted of it.

use super::{AzCount, Cluster, CreatingStep};

wire! {
    "camelCase";

    /// Status of a pool; every part may be missing right after a create.
    pub struct PoolStatus {
        /// Phase as printed; see [`super::Pool::phase`].
        pub phase: Option<String>,
        /// Reason in the service's words.
        pub message: Option<String>,
        /// Parent pool; empty for a physical pool.
        pub parent: Option<String>,
        /// Own ID for a physical pool.
        pub root: Option<String>,
        /// Node counts by state.
        pub resources: ResourceCounts,
        /// State per job type.
        pub scope: Vec<ScopeStatus>,
        /// Driver states.
        pub driver: Option<DriverStatus>,
        /// Clusters; a single object in one edition, read as a list of one.
        pub clusters: Vec<Cluster>,
    }

    /// Node counts by state; each is an array or one object on the wire.
    pub struct ResourceCounts {
        /// Being made.
        pub creating: Vec<CountEntry>,
        /// Usable.
        pub available: Vec<CountEntry>,
        /// Broken.
        pub abnormal: Vec<CountEntry>,
        /// Going away.
        pub deleting: Vec<CountEntry>,
    }

    /// Nodes of one flavour in one state.
    pub struct CountEntry {
        /// Flavour name.
        pub flavor: Option<String>,
        /// Number of nodes.
        pub count: i64,
        /// Elastic number of nodes.
        pub max_count: Option<i64>,
        /// Nodes per zone.
        pub azs: Vec<AzCount>,
        /// Node pool name.
        pub node_pool: Option<String>,
        /// Step of supernodes and racks.
        pub creating_step: Option<CreatingStep>,
    }

    /// State of one job type.
    pub struct ScopeStatus {
        /// `Train`, `Infer` or `Notebook`.
        pub scope_type: Option<String>,
        /// `Enabling`, `Enabled`, `Disabling`, `Disabled`, `EnableFailed`.
        pub state: Option<String>,
        /// Reason of a failure.
        pub message: Option<String>,
    }

    /// Driver states of a pool.
    pub struct DriverStatus {
        /// GPU driver.
        pub gpu: Option<DriverState>,
        /// NPU driver.
        pub npu: Option<DriverState>,
    }

    /// Version and state of one driver.
    pub struct DriverState {
        /// Version.
        pub version: Option<String>,
        /// `Creating`, `Upgrading`, `Running`, `Abnormal`.
        pub state: Option<String>,
    }
}
