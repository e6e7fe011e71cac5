//! What the user wants: no unknowns, nothing that was not asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

use crate::modelarts::pool::{NetworkRef, ResourceEntry, UserLogin};
use crate::tf::duration;
use crate::tf::value::Value;

use super::billing::Billing;
use super::defaults;
use super::entry;
use super::identity::{self, Wanted};
use super::merge;

/// A pool as it is wanted. What a plan leaves to the service (unknown) is
/// absent here, as is what the user left out.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolSpec {
    /// Display name.
    pub name: String,
    /// Prefix of node names.
    pub node_prefix: Option<String>,
    /// Further labels.
    pub labels: BTreeMap<String, String>,
    /// Kind of pool.
    pub kind: PoolKind,
    /// Pool that it is carved from.
    pub parent: Option<String>,
    /// ModelArts network, or VPC and subnet.
    pub network: Option<NetworkRef>,
    /// Block of the containers.
    pub container_cidr: Option<String>,
    /// Block of the Kubernetes services.
    pub kubernetes_svc_ip_range: Option<String>,
    /// Size of the management cluster.
    pub cluster_flavor: Option<String>,
    /// Zones of the control plane.
    pub masters: Option<Vec<String>>,
    /// IDs of CCE clusters.
    pub clusters: Option<Vec<String>>,
    /// Whether there is IPv6.
    pub ipv6_enable: Option<bool>,
    /// How to log in to nodes.
    pub user_login: Option<UserLogin>,
    /// How it is paid for.
    pub billing: Billing,
    /// What can be changed in place.
    pub changeable: Changeable,
}

/// What can be changed in place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changeable {
    /// Workspace to be in.
    pub workspace_id: Option<String>,
    /// `shared` or `unshared`.
    pub sharing: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Scheduler extension.
    pub scheduler_extension: Option<String>,
    /// Billing order.
    pub order_id: Option<String>,
    /// Further annotations.
    pub annotations: BTreeMap<String, String>,
    /// Job types, sorted.
    pub scope: Option<Vec<String>>,
    /// Drivers.
    pub driver: Option<DriverSpec>,
    /// Job flavors, sorted.
    pub job_flavors: Option<Vec<String>>,
    /// Nodes.
    pub resources: Vec<ResourceEntry>,
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

impl PoolSpec {
    /// Takes a plan or a state as what is wanted.
    pub fn from_value(value: &Value) -> Self {
        let text = |name: &str| value.get(name).as_str().map(str::to_owned);
        Self {
            name: text("name").unwrap_or_default(),
            node_prefix: text("node_prefix"),
            labels: text_map(value.get("labels")),
            kind: PoolKind::read(value.get("type").as_str()),
            parent: text("parent"),
            network: network(value.get("network")),
            container_cidr: value.get("container_network").get("cidr").as_str().map(str::to_owned),
            kubernetes_svc_ip_range: text("kubernetes_svc_ip_range"),
            cluster_flavor: text("cluster_flavor"),
            masters: members(value.get("masters"), "az"),
            clusters: members(value.get("clusters"), "provider_id"),
            ipv6_enable: value.get("ipv6_enable").as_bool(),
            user_login: user_login(value.get("user_login")),
            billing: Billing::from_value(value),
            changeable: Changeable::from_value(value),
        }
    }

    /// Takes a plan together with its configuration, which alone holds what is
    /// never stored.
    pub fn from_plan(planned: &Value, config: &Value) -> Self {
        let mut spec = Self::from_value(planned);
        let password = config.get("user_login").get("password_wo").as_str();
        if let (Some(login), Some(password)) = (&mut spec.user_login, password) {
            login.password = Some(SecretString::from(password));
        }
        spec.billing.is_written = !config.get("charging_mode").is_null();
        spec
    }
}

impl Changeable {
    /// Takes a plan or a state as what is wanted.
    pub fn from_value(value: &Value) -> Self {
        let text = |name: &str| value.get(name).as_str().map(str::to_owned);
        let entries = value.get("resources").elements().unwrap_or_default();
        Self {
            workspace_id: text("workspace_id"),
            sharing: text("sharing"),
            description: text("description"),
            scheduler_extension: text("scheduler_extension"),
            order_id: text("order_id"),
            annotations: text_map(value.get("annotations")),
            scope: texts(value.get("scope")),
            driver: driver(value.get("driver")),
            job_flavors: texts(value.get("job_flavors")),
            resources: entries.iter().map(entry::wanted).collect(),
        }
    }

    /// Takes out what the user has never written although the state has it,
    /// because an import shows all that it finds.
    pub fn forget(&mut self, planned: &Self) {
        self.annotations.retain(|key, _| planned.annotations.contains_key(key));
        if planned.job_flavors.is_none() {
            self.job_flavors = None;
        }
        if planned.order_id.is_none() {
            self.order_id = None;
        }
        let wanted: Vec<_> = planned.resources.iter().map(Wanted::of).collect();
        let found = identity::align(&wanted, &self.resources);
        for (after, at) in planned.resources.iter().zip(found) {
            if let Some(before) = at.and_then(|at| self.resources.get_mut(at)) {
                merge::forget(before, after);
            }
        }
    }
}

fn network(value: &Value) -> Option<NetworkRef> {
    value.entries()?;
    let text = |name: &str| value.get(name).as_str().map(str::to_owned);
    Some(NetworkRef { name: text("name"), vpc_id: text("vpc_id"), subnet_id: text("subnet_id") })
}

fn user_login(value: &Value) -> Option<UserLogin> {
    value.entries()?;
    Some(UserLogin {
        key_pair_name: value.get("key_pair_name").as_str().map(str::to_owned),
        password: value.get("password").as_str().map(SecretString::from),
    })
}

fn driver(value: &Value) -> Option<DriverSpec> {
    value.entries()?;
    let text = |name: &str| value.get(name).as_str().map(str::to_owned);
    Some(DriverSpec {
        gpu_version: text("gpu_version"),
        npu_version: text("npu_version"),
        update_strategy: text("update_strategy"),
    })
}

/// One member of each object of a list.
fn members(list: &Value, name: &str) -> Option<Vec<String>> {
    let items = list.elements()?.iter();
    Some(items.filter_map(|item| item.get(name).as_str().map(str::to_owned)).collect())
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let items = value.elements()?.iter();
    let mut all: Vec<String> = items.filter_map(|item| item.as_str().map(str::to_owned)).collect();
    all.sort();
    Some(all)
}

fn text_map(value: &Value) -> BTreeMap<String, String> {
    let entries = value.entries().into_iter().flatten();
    entries.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned()))).collect()
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
