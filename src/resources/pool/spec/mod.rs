//! What the user asks for: no unknowns, nothing that was not asked for.

mod billing;
mod entry;
mod options;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::modelarts::pool::{NetworkRef, ResourceEntry, UserLogin};
use crate::resources::lifecycle::PATIENCE;
use crate::tf::model::{List, Map, Mismatch, Set, Tf};
use crate::tf::path::Step;

use super::schema::{self, Driver, LOGICAL, PoolModel};

pub use billing::{Billing, is_prepaid};
pub use entry::entry;
pub use options::{WaitFor, WaitOptions};

/// How long a pool may wait for a person where it is known that one has to pay
/// first.
const PATIENCE_UNPAID: Duration = Duration::from_secs(10);

/// A pool as it is asked for. What a plan leaves to the service (unknown) is
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
    pub patchable: PatchableSpec,
}

/// What can be changed in place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PatchableSpec {
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
        if word == Some(LOGICAL) { Self::Logical } else { Self::Dedicate }
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dedicate => schema::DEDICATE,
            Self::Logical => LOGICAL,
        }
    }
}

/// Drivers as they are asked for.
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
    /// How long to wait for a person, as far as it is known who pays.
    pub fn patience(&self) -> Duration {
        let pays_itself = self.billing.pays_itself(self.patchable.order_id.as_deref());
        if pays_itself { PATIENCE } else { PATIENCE_UNPAID }
    }

    /// Takes a plan together with its configuration, which alone says what was
    /// written and holds what is never stored.
    ///
    /// # Errors
    /// What the plan should know and does not.
    pub fn of(planned: &PoolModel, config: &PoolModel) -> Result<Self, Mismatch> {
        let containers = planned.container_network.known();
        Ok(Self {
            name: required(&planned.name, PoolModel::NAME)?,
            node_prefix: planned.node_prefix.cloned(),
            labels: text_map(&planned.labels),
            kind: PoolKind::read(planned.r#type.text()),
            parent: planned.parent.cloned(),
            network: planned.network.known().map(network),
            container_cidr: containers.and_then(|network| network.cidr.cloned()),
            kubernetes_svc_ip_range: planned.kubernetes_svc_ip_range.cloned(),
            cluster_flavor: planned.cluster_flavor.cloned(),
            masters: members(&planned.masters, |master| &master.az),
            clusters: members(&planned.clusters, |cluster| &cluster.provider_id),
            ipv6_enable: planned.ipv6_enable.get(),
            user_login: planned.user_login.known().map(|login| user_login(login, config)),
            billing: Billing::of(planned, !config.charging_mode.is_null()),
            patchable: PatchableSpec::of_plan(planned, config)?,
        })
    }
}

impl PatchableSpec {
    /// Takes a plan together with its configuration as what is asked for.
    ///
    /// # Errors
    /// What the plan should know and does not.
    fn of_plan(planned: &PoolModel, config: &PoolModel) -> Result<Self, Mismatch> {
        let mut spec = Self::of(planned)?;
        // A number that the plan only foretells is the service's to set.
        let written = config.resources.known().into_iter().flatten();
        for (entry, written) in spec.resources.iter_mut().zip(written) {
            if written.known().is_some_and(|written| written.max_count.is_null()) {
                entry.max_count = None;
            }
        }
        Ok(spec)
    }

    /// Takes a plan or a state as what is asked for.
    ///
    /// # Errors
    /// What it should know and does not.
    pub fn of(model: &PoolModel) -> Result<Self, Mismatch> {
        let entries = model.resources.known().map(|list| list.0.as_slice()).unwrap_or_default();
        let resources = entries.iter().enumerate().map(|(index, item)| {
            let item = item.known().ok_or_else(|| Mismatch::new("the entry is not known"));
            item.and_then(entry).map_err(|error| {
                let index = Step::Index(i64::try_from(index).unwrap_or(i64::MAX));
                error.inside(index).inside(Step::Attribute(PoolModel::RESOURCES.to_owned()))
            })
        });
        Ok(Self {
            workspace_id: model.workspace_id.cloned(),
            sharing: model.sharing.cloned(),
            description: model.description.cloned(),
            scheduler_extension: model.scheduler_extension.cloned(),
            order_id: model.order_id.cloned(),
            annotations: text_map(&model.annotations),
            scope: sorted(&model.scope),
            driver: model.driver.known().map(driver),
            job_flavors: sorted(&model.job_flavors),
            resources: resources.collect::<Result<_, _>>()?,
        })
    }
}

/// A value that Terraform guarantees at this point.
fn required<T: Clone>(field: &Tf<T>, name: &str) -> Result<T, Mismatch> {
    let step = || Step::Attribute(name.to_owned());
    field.cloned().ok_or_else(|| Mismatch::new("the value is not known").inside(step()))
}

fn network(network: &schema::Network) -> NetworkRef {
    NetworkRef {
        name: network.name.cloned(),
        vpc_id: network.vpc_id.cloned(),
        subnet_id: network.subnet_id.cloned(),
    }
}

fn user_login(login: &schema::UserLogin, config: &PoolModel) -> UserLogin {
    let unstored = config.user_login.known().and_then(|login| login.password_wo.known());
    let password = unstored.or(login.password.known());
    UserLogin {
        key_pair_name: login.key_pair_name.cloned(),
        password: password.map(|secret| secret.as_secret().clone()),
    }
}

fn driver(driver: &Driver) -> DriverSpec {
    DriverSpec {
        gpu_version: driver.gpu_version.cloned(),
        npu_version: driver.npu_version.cloned(),
        update_strategy: driver.update_strategy.cloned(),
    }
}

/// One member of each object of a list.
fn members<T>(list: &Tf<List<T>>, member: impl Fn(&T) -> &Tf<String>) -> Option<Vec<String>> {
    Some(list.known()?.known().filter_map(|item| member(item).cloned()).collect())
}

fn sorted(set: &Tf<Set<String>>) -> Option<Vec<String>> {
    let mut all: Vec<String> = set.known()?.known().cloned().collect();
    all.sort();
    Some(all)
}

fn text_map(map: &Tf<Map<String>>) -> BTreeMap<String, String> {
    let entries = map.known().into_iter().flat_map(Map::known);
    entries.map(|(key, text)| (key.to_owned(), text.clone())).collect()
}
