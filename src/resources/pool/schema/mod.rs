//! What `modelarts_pool` accepts and stores.

mod entry;
mod network;
mod status;

use crate::modelarts::labels;
use crate::tf::model::{List, Map, Model, Set, Tf};

pub use crate::modelarts::workspace::DEFAULT_WORKSPACE;

pub use entry::{
    Az, CreatingStep, DataVolume, Entry, EntryDriver, EntryNetwork, LvmConfig, Os, RootVolume,
    Taint, VolumeGroupConfig,
};
pub use network::{Cluster, ContainerNetwork, Master, Network, UserLogin};
pub use status::{Nodes, Status};

use super::identity;
use super::quiet;

/// The version of the state that this release writes.
pub const VERSION: i64 = 0;

/// Time for a create where `timeouts` says nothing.
pub const CREATE_TIMEOUT: &str = "90m";
/// Time for an update where `timeouts` says nothing.
pub const UPDATE_TIMEOUT: &str = "90m";
/// Time for a delete where `timeouts` says nothing.
pub const DELETE_TIMEOUT: &str = "60m";
/// The word of `type` for a pool with nodes of its own.
pub const DEDICATE: &str = "Dedicate";
/// The word of `type` for a pool that is carved out of another.
pub const LOGICAL: &str = "Logical";
/// The word of `charging_mode` for a pool that is paid for by use.
pub const POSTPAID: &str = "postPaid";
/// The word of `charging_mode` for a pool that is paid for in advance.
pub const PREPAID: &str = "prePaid";

/// A ModelArts resource pool: nodes of one or more flavors that training,
/// inference and notebook jobs run on.
///
/// Creating, scaling and deleting take minutes to hours; the provider waits for
/// them and a run that is interrupted or runs out of time is taken up again by
/// the next apply.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct PoolModel {
    /// ID of the pool, given by the service. Use it for `terraform import`.
    #[tf(computed, not_null)]
    pub id: Tf<String>,
    /// Display name of the pool, unique in the project: 4 to 64 lower-case
    /// letters, digits and hyphens, starting with a letter and not ending with
    /// a hyphen. Some regions accept no more than 30. Changing it creates a new
    /// pool.
    #[tf(required, replaces, owns_key = labels::NAME)]
    pub name: Tf<String>,
    /// ID of the workspace that the pool belongs to. Defaults to the provider's
    /// `workspace_id`, otherwise to the default workspace `0`. Changing it moves
    /// the pool in place.
    #[tf(optional, computed, not_null, sets_to_work, owns_key = labels::WORKSPACE_ID)]
    pub workspace_id: Tf<String>,
    /// Prefix of the names of the nodes. Changing it creates a new pool.
    #[tf(optional, found_stays, replaces, empty_is_null, owns_key = labels::NODE_PREFIX)]
    pub node_prefix: Tf<String>,
    /// Whether other users may use the pool: `unshared` or `shared`. Changed in
    /// place.
    #[tf(optional, computed, owns_key = labels::SHARING)]
    pub sharing: Tf<String>,
    /// Further labels of the pool. Only the keys written here are managed.
    /// Changing them creates a new pool; labels that an import found and that
    /// are left out stay on the pool.
    #[tf(optional, found_stays, only_written, replaces)]
    pub labels: Tf<Map<String>>,
    /// Description of the pool, without any of `! < > = & " '`. Changed in
    /// place.
    #[tf(optional, found_stays, empty_is_null, owns_key = labels::DESCRIPTION)]
    pub description: Tf<String>,
    /// Priority of the jobs that other users send to a shared pool. Changed in
    /// place.
    #[tf(optional, found_stays, empty_is_null, owns_key = labels::SCHEDULER_EXTENSION)]
    pub scheduler_extension: Tf<String>,
    /// Further annotations of the pool. Only the keys written here are managed.
    /// Changed in place.
    #[tf(optional, found_stays, only_written)]
    pub annotations: Tf<Map<String>>,
    /// Kind of pool: `Dedicate` has a network of its own, custom drivers and
    /// job types; `Logical` has none of these and is quicker to create. Default
    /// `Dedicate`. Changing it creates a new pool.
    #[tf(optional, computed, default = DEDICATE, not_null, replaces)]
    pub r#type: Tf<String>,
    /// Job types that the pool runs: any of `Train`, `Infer` and `Notebook`. At
    /// least one for a pool with a ModelArts network, none for a `Logical` or
    /// privileged one. Changed in place.
    #[tf(optional, computed, sets_to_work)]
    pub scope: Tf<Set<String>>,
    /// ID of the pool that a `Logical` pool is carved from. Changing it creates
    /// a new pool.
    #[tf(optional, found_stays, replaces)]
    pub parent: Tf<String>,
    /// The network of the nodes: a ModelArts network by `name`, or `vpc_id` and
    /// `subnet_id` for a privileged pool. Mandatory for a `Dedicate` pool, not
    /// allowed for a `Logical` one. Changing it creates a new pool.
    #[tf(optional, found_stays, replaces)]
    pub network: Tf<Network>,
    /// The network of the containers. The service chooses one when this is left
    /// out.
    #[tf(optional, computed)]
    pub container_network: Tf<ContainerNetwork>,
    /// IPv4 block of the Kubernetes services, such as `10.247.0.0/16`. The
    /// service chooses one when this is left out. Changing it creates a new
    /// pool.
    #[tf(optional, computed, replaces_unless_prior_null)]
    pub kubernetes_svc_ip_range: Tf<String>,
    /// Size of the management cluster, such as `cce.s2.small`. Changing it
    /// creates a new pool.
    #[tf(optional, computed, replaces_unless_prior_null)]
    pub cluster_flavor: Tf<String>,
    /// Availability zones of the control plane. Not for a `Logical` pool.
    /// Changing them creates a new pool; their order means nothing.
    #[tf(optional, found_stays, unordered, replaces)]
    pub masters: Tf<List<Master>>,
    /// CCE clusters of a privileged pool (one with `network.vpc_id`). Changing
    /// them creates a new pool; their order means nothing.
    #[tf(optional, found_stays, keyed_by = "provider_id", unordered, replaces)]
    pub clusters: Tf<List<Cluster>>,
    /// Whether the pool has IPv6. It cannot be turned off again: changing it
    /// creates a new pool.
    #[tf(optional, computed, replaces_unless_prior_null)]
    pub ipv6_enable: Tf<bool>,
    /// How to log in to the nodes of a privileged pool: exactly one of
    /// `key_pair_name`, `password` and `password_wo`. The service never returns
    /// the passwords. Changing it creates a new pool.
    #[tf(optional, found_stays, never_answered, replaces_unless_prior_null)]
    pub user_login: Tf<UserLogin>,
    /// Drivers of the accelerators. Changed in place.
    #[tf(optional, found_stays, sets_to_work)]
    pub driver: Tf<Driver>,
    /// Names of job flavors that the pool offers. Changed in place.
    #[tf(optional, found_stays)]
    pub job_flavors: Tf<Set<String>>,
    /// `postPaid` pays by use, `prePaid` for months or years in advance. Default
    /// `postPaid`. Changing it creates a new pool.
    #[tf(optional, computed, default = POSTPAID, not_null, replaces)]
    #[tf(owns_key = labels::BILLING_MODE)]
    pub charging_mode: Tf<String>,
    /// Unit of `period`: `month` or `year`. Mandatory for a `prePaid` pool, not
    /// allowed otherwise. Changing it creates a new pool.
    #[tf(optional, found_stays, never_answered, replaces_unless_prior_null)]
    #[tf(owns_key = labels::PERIOD_TYPE)]
    pub period_unit: Tf<String>,
    /// How long to pay for in advance: 1 to 9 months, or 1 to 3 years. Mandatory
    /// for a `prePaid` pool, not allowed otherwise. Nodes that are added later
    /// are ordered for the same period. Changing it creates a new pool.
    #[tf(optional, found_stays, never_answered, replaces_unless_prior_null)]
    #[tf(owns_key = labels::PERIOD_NUM)]
    pub period: Tf<i64>,
    /// Whether a `prePaid` pool is renewed when its period ends. The service
    /// assumes `false`. Changing it creates a new pool; to change it without,
    /// use the billing console.
    #[tf(optional, found_stays, never_answered, replaces_unless_prior_null)]
    #[tf(owns_key = labels::AUTO_RENEW)]
    pub auto_renew: Tf<bool>,
    /// Whether the order of a `prePaid` pool is paid automatically. Without it,
    /// and without `order_id`, the pool waits in phase `Waiting` until somebody
    /// pays. Changing it creates a new pool.
    #[tf(optional, found_stays, never_answered, replaces_unless_prior_null)]
    #[tf(owns_key = labels::AUTO_PAY)]
    pub auto_pay: Tf<bool>,
    /// Discount chosen in billing. Changing it creates a new pool.
    #[tf(optional, found_stays, never_answered, empty_is_null, replaces_unless_prior_null)]
    #[tf(owns_key = labels::PROMOTION_INFO)]
    pub promotion_info: Tf<String>,
    /// Page to land on after payment. Changing it creates a new pool.
    #[tf(optional, found_stays, never_answered, empty_is_null, replaces_unless_prior_null)]
    #[tf(owns_key = labels::CONSOLE_URL)]
    pub console_url: Tf<String>,
    /// ID of the billing order of a `prePaid` pool. Changed in place.
    #[tf(optional, found_stays, empty_is_null, owns_key = labels::ORDER_ID)]
    pub order_id: Tf<String>,
    /// The nodes of the pool, at least one entry. Entries are told apart by
    /// `flavor`, `node_pool` and `creating_step`, never by their position.
    /// Changed in place: adding an entry adds nodes, taking one out destroys its
    /// nodes. Settings other than the counts act on nodes that are made later;
    /// `labels`, `taints` and `tags` also on those that exist.
    #[tf(required, keyed_by = identity::keys, sets_to_work)]
    pub resources: Tf<List<Entry>>,
    /// How far an apply waits: `ready` (all nodes, job types and drivers are
    /// ready), `running` (the phase is `Running`) or `accepted` (the service has
    /// taken the request). Default `ready`.
    #[tf(optional, computed, default = "ready", not_null, local)]
    pub wait_for: Tf<String>,
    /// What a create or update does that runs out of time: `keep` saves the pool
    /// with a warning, and the next apply goes on waiting; `fail` is an error,
    /// and a new pool is tainted. Default `keep`.
    #[tf(optional, computed, default = "keep", not_null, local)]
    pub on_timeout: Tf<String>,
    /// While this is `true`, destroying or replacing the pool is refused. Default
    /// `false`.
    #[tf(optional, computed, default = false, not_null, local)]
    pub deletion_protection: Tf<bool>,
    /// Whether all nodes, job types and drivers are ready. For `postcondition`
    /// and `check` blocks.
    #[tf(computed, not_null, changes_when = quiet::sets_to_work)]
    pub ready: Tf<bool>,
    /// When the pool was created, RFC 3339.
    #[tf(computed)]
    pub creation_timestamp: Tf<String>,
    /// ID of the pool in billing.
    #[tf(computed)]
    pub resource_id: Tf<String>,
    /// Name of the last order job of the pool.
    #[tf(computed, changes_when = quiet::makes_an_order)]
    pub order_name: Tf<String>,
    /// Restrictions as a bit set: 1 change to yearly/monthly, 2 change of
    /// specifications, 4 service, 8 frozen, 16 frozen by public security. 0 is
    /// none.
    #[tf(computed)]
    pub control_mode: Tf<i64>,
    /// What `control_mode` means, in words. Empty when nothing is restricted.
    #[tf(computed)]
    pub restrictions: Tf<List<String>>,
    /// What the service says about the pool.
    #[tf(computed)]
    pub status: Tf<Status>,
    /// How long operations may take. Changing this calls nobody.
    #[tf(block, local)]
    pub timeouts: Tf<Timeouts>,
}

/// Drivers of the accelerators.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Driver {
    /// Version of the GPU driver, such as `440.33`. Only with GPU flavors.
    #[tf(optional, computed)]
    pub gpu_version: Tf<String>,
    /// Version of the Ascend driver, such as `C78`. Only with NPU flavors, and
    /// mandatory for them on some clouds.
    #[tf(optional, computed)]
    pub npu_version: Tf<String>,
    /// When a node gets a new driver: `force` at once, which may break running
    /// jobs, or `idle` when no job runs on it.
    #[tf(optional, never_answered)]
    pub update_strategy: Tf<String>,
}

/// How long operations may take.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Timeouts {
    /// How long creating the pool may take, such as `45m` or `1h30m`. Default
    /// `90m`.
    #[tf(optional, local)]
    pub create: Tf<String>,
    /// How long changing the pool may take, such as `45m` or `1h30m`. Default
    /// `90m`.
    #[tf(optional, local)]
    pub update: Tf<String>,
    /// How long deleting the pool may take, such as `45m` or `1h30m`. Default
    /// `60m`.
    #[tf(optional, local)]
    pub delete: Tf<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::schema::check::check;

    #[test]
    fn terraform_accepts_the_schema() {
        assert_eq!(check(&PoolModel::schema()), Vec::<String>::new());
    }

    #[test]
    fn the_documented_times_are_those_that_are_used() {
        let schema = PoolModel::schema();
        let times = [
            (Timeouts::CREATE, CREATE_TIMEOUT),
            (Timeouts::UPDATE, UPDATE_TIMEOUT),
            (Timeouts::DELETE, DELETE_TIMEOUT),
        ];
        let members = schema.attribute(PoolModel::TIMEOUTS).unwrap().members().unwrap();
        for (name, time) in times {
            let member = members.iter().find(|member| member.name == name).unwrap();
            assert!(member.description.ends_with(&format!("Default `{time}`.")), "{name}");
        }
    }
}
