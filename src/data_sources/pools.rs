//! `modelarts_pool` and `modelarts_pools`.

use std::sync::Arc;

use crate::modelarts::labels;
use crate::modelarts::pool::{CountEntry, DriverState, Pool};
use crate::resources::pool::{PoolModel, Status, owner_of_key, picture};
use crate::resources::rules::{Place, one_of};
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::data_source::DataSource;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::{Both, List, Map, Model, Set, Tf, View, Viewed};

use super::filters::{Filters, Parameters};
use super::find::{self, Wanted, filled, free, whole};
use super::names::{self, Names};

/// Labels that attributes of the data source stand for.
const OWNED: &[&str] = &[
    labels::RESOURCE_ID,
    labels::ORDER_NAME,
    labels::TENANT_DOMAIN_ID,
    labels::TENANT_PROJECT_ID,
    labels::BIZ,
    labels::CREATE_FROM,
];
/// What the API never returns, and what is nobody's business.
const WITHOUT: &[&str] =
    &["user_login", "auto_pay", "driver.update_strategy", "resources.driver.update_strategy"];

/// A pool as data sources show it.
pub struct Shown;

impl View for Shown {
    type Shown = PoolModel;
    type More = MoreOfPool;
    const DESCRIPTION: &'static str = "A pool.";
    const WITHOUT: &'static [&'static str] = WITHOUT;
}

/// A pool that is looked for.
pub struct Looked;

impl View for Looked {
    type Shown = PoolModel;
    type More = MoreOfPool;
    const DESCRIPTION: &'static str =
        "Looks up a resource pool by `id` or by `name`, with all that the service says about it.";
    const WITHOUT: &'static [&'static str] = WITHOUT;
    const ARGUMENTS: &'static [&'static str] =
        &[PoolModel::ID, PoolModel::NAME, PoolModel::WORKSPACE_ID];
}

/// What data sources show of a pool besides the attributes of the resource.
#[derive(Debug, Clone, Model)]
pub struct MoreOfPool {
    /// All labels that the service holds.
    #[tf(computed)]
    pub effective_labels: Tf<Map<String>>,
    /// All annotations that the service holds.
    #[tf(computed)]
    pub effective_annotations: Tf<Map<String>>,
    /// ID of the account that owns the pool.
    #[tf(computed)]
    pub tenant_domain_id: Tf<String>,
    /// ID of the project that owns the pool.
    #[tf(computed)]
    pub tenant_project_id: Tf<String>,
    /// `public` or `private`.
    #[tf(computed)]
    pub biz: Tf<String>,
    /// Where the pool was created, such as `console` or `admin-console`.
    #[tf(computed)]
    pub create_from: Tf<String>,
    /// What the service says about the pool.
    #[tf(computed)]
    pub status: Tf<Viewed<ShownStatus>>,
}

/// The status of a pool in full.
pub struct ShownStatus;

impl View for ShownStatus {
    type Shown = Status;
    type More = MoreOfStatus;
    const DESCRIPTION: &'static str = "What the service says about the pool.";
}

/// What data sources show of a status besides the attributes of the resource.
#[derive(Debug, Clone, Model)]
pub struct MoreOfStatus {
    /// ID of the pool that a logical pool is carved from.
    #[tf(computed)]
    pub parent: Tf<String>,
    /// ID of the physical pool at the root, the pool's own for a physical pool.
    #[tf(computed)]
    pub root: Tf<String>,
    /// Nodes by state, for each flavor and node pool.
    #[tf(computed)]
    pub resources: Tf<Counts>,
    /// State of each job type.
    #[tf(computed)]
    pub scope: Tf<List<ScopeState>>,
    /// State of the drivers.
    #[tf(computed)]
    pub driver: Tf<Drivers>,
    /// Clusters of the pool.
    #[tf(computed)]
    pub clusters: Tf<List<Cluster>>,
}

/// Nodes by state.
#[derive(Debug, Clone, Model)]
pub struct Counts {
    /// Nodes that are being made.
    #[tf(computed)]
    pub creating: Tf<List<Count>>,
    /// Nodes that are ready.
    #[tf(computed)]
    pub available: Tf<List<Count>>,
    /// Nodes that do not work.
    #[tf(computed)]
    pub abnormal: Tf<List<Count>>,
    /// Nodes that are going away.
    #[tf(computed)]
    pub deleting: Tf<List<Count>>,
}

/// Nodes of one flavor and node pool in one state.
#[derive(Debug, Clone, Model)]
pub struct Count {
    /// Flavor of the nodes.
    #[tf(computed)]
    pub flavor: Tf<String>,
    /// Node pool of the nodes.
    #[tf(computed)]
    pub node_pool: Tf<String>,
    /// Number of nodes.
    #[tf(computed)]
    pub count: Tf<i64>,
    /// Number of nodes that there may be.
    #[tf(computed)]
    pub max_count: Tf<i64>,
    /// Nodes in each availability zone.
    #[tf(computed)]
    pub azs: Tf<Set<Zone>>,
}

/// Nodes in an availability zone.
#[derive(Debug, Clone, Model)]
pub struct Zone {
    /// Name of the availability zone.
    #[tf(computed)]
    pub az: Tf<String>,
    /// Number of nodes.
    #[tf(computed)]
    pub count: Tf<i64>,
}

/// State of a job type.
#[derive(Debug, Clone, Model)]
pub struct ScopeState {
    /// `Train`, `Infer` or `Notebook`.
    #[tf(computed)]
    pub scope_type: Tf<String>,
    /// `Enabling`, `Enabled`, `Disabling`, `Disabled` or `EnableFailed`.
    #[tf(computed)]
    pub state: Tf<String>,
    /// Why it could not be enabled.
    #[tf(computed)]
    pub message: Tf<String>,
}

/// State of the drivers.
#[derive(Debug, Clone, Model)]
pub struct Drivers {
    /// The GPU driver.
    #[tf(computed)]
    pub gpu: Tf<Driver>,
    /// The NPU driver.
    #[tf(computed)]
    pub npu: Tf<Driver>,
}

/// State of a driver.
#[derive(Debug, Clone, Model)]
pub struct Driver {
    /// Version.
    #[tf(computed)]
    pub version: Tf<String>,
    /// `Creating`, `Upgrading`, `Running` or `Abnormal`.
    #[tf(computed)]
    pub state: Tf<String>,
}

/// A cluster of a pool.
#[derive(Debug, Clone, Model)]
pub struct Cluster {
    /// ID of the CCE cluster.
    #[tf(computed)]
    pub provider_id: Tf<String>,
    /// Name of the cluster.
    #[tf(computed)]
    pub name: Tf<String>,
}

/// A pool as an answer shows it, to any view.
fn shown<V: View<Shown = PoolModel, More = MoreOfPool>>(pool: &Pool) -> Viewed<V> {
    let none = Default::default();
    let annotations = pool.metadata.annotations.as_ref().unwrap_or(&none);
    let is_owned = |key: &str| owner_of_key(key).is_some() || OWNED.contains(&key);
    let mut model = picture(pool);
    model.labels = Tf::Known(free(&pool.metadata.labels, is_owned));
    model.annotations = Tf::Known(free(annotations, is_owned));
    let label = |key| filled(pool.label(key));
    let status =
        Viewed { shown: model.status.clone().into_known().unwrap_or_default(), more: status(pool) };
    Viewed {
        more: MoreOfPool {
            effective_labels: Tf::Known(whole(&pool.metadata.labels)),
            effective_annotations: Tf::Known(whole(annotations)),
            tenant_domain_id: label(labels::TENANT_DOMAIN_ID),
            tenant_project_id: label(labels::TENANT_PROJECT_ID),
            biz: label(labels::BIZ),
            create_from: label(labels::CREATE_FROM),
            status: Tf::Known(status),
        },
        shown: model,
    }
}

fn status(pool: &Pool) -> MoreOfStatus {
    let status = &pool.status;
    let counts = &status.resources;
    let driver = |state: Option<&DriverState>| {
        Tf::from(state.map(|state| Driver {
            version: filled(state.version.as_deref()),
            state: filled(state.state.as_deref()),
        }))
    };
    let scope = status.scope.iter().map(|scope| ScopeState {
        scope_type: filled(scope.scope_type.as_deref()),
        state: filled(scope.state.as_deref()),
        message: filled(scope.message.as_deref()),
    });
    let clusters = status.clusters.iter().map(|cluster| Cluster {
        provider_id: filled(cluster.provider_id.as_deref()),
        name: filled(cluster.name.as_deref()),
    });
    MoreOfStatus {
        parent: filled(status.parent.as_deref()),
        root: filled(status.root.as_deref()),
        resources: Tf::Known(Counts {
            creating: all(&counts.creating),
            available: all(&counts.available),
            abnormal: all(&counts.abnormal),
            deleting: all(&counts.deleting),
        }),
        scope: Tf::Known(scope.collect()),
        driver: status
            .driver
            .as_ref()
            .map(|all| Drivers { gpu: driver(all.gpu.as_ref()), npu: driver(all.npu.as_ref()) })
            .into(),
        clusters: Tf::Known(clusters.collect()),
    }
}

fn all(entries: &[CountEntry]) -> Tf<List<Count>> {
    let count = |entry: &CountEntry| Count {
        flavor: filled(entry.flavor.as_deref()),
        node_pool: filled(entry.node_pool.as_deref()),
        count: entry.count.into(),
        max_count: entry.max_count.into(),
        azs: Tf::Known(
            entry
                .azs
                .iter()
                .map(|zone| Zone { az: zone.az.clone().into(), count: zone.count.into() })
                .collect(),
        ),
    };
    Tf::Known(entries.iter().map(count).collect())
}

/// The data source `modelarts_pool`.
pub struct PoolSource(pub Arc<dyn Session>);

impl DataSource for PoolSource {
    type Model = Viewed<Looked>;
    const TYPE_NAME: &'static str = "modelarts_pool";

    fn validate(&self, config: &Self::Model) -> Diagnostics {
        find::check_one(&config.shown.id, &config.shown.name)
    }

    async fn read(&self, cx: &Context, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let connection = self.0.connect(cx).await?;
        let PoolModel { id, name, workspace_id, .. } = &config.shown;
        let workspace = find::workspace(workspace_id, &*self.0);
        let wanted = Wanted {
            title: "Pool",
            id: id.text(),
            name: name.text(),
            workspace: workspace.as_deref(),
            is_workspace_written: workspace_id.is_known(),
        };
        let pool = find::one::<Pool>(connection.client(), &find::call(cx), &wanted).await?;
        Ok(shown(&pool))
    }
}

/// What the user says about the pools that are looked for.
#[derive(Debug, Clone, Model)]
pub struct PoolFilters {
    /// ID of the workspace. Default: the provider's `workspace_id`, otherwise
    /// what the service lists without one.
    #[tf(optional)]
    pub workspace_id: Tf<String>,
    /// Display name.
    #[tf(optional)]
    pub name: Tf<String>,
    /// Regular expression (RE2) that display names match, such as `^train-`.
    #[tf(optional)]
    pub name_regex: Tf<String>,
    /// `Dedicate` or `Logical`.
    #[tf(optional)]
    pub r#type: Tf<String>,
    /// `created`, `failed` (creations of the last three days) or `creating`.
    #[tf(optional)]
    pub status: Tf<String>,
    /// Selector on labels in the syntax of Kubernetes, such as `team=vision`.
    #[tf(optional)]
    pub label_selector: Tf<String>,
}

impl Filters for PoolFilters {
    type Of = PoolModel;

    fn check(&self) -> Diagnostics {
        let mut found = names::check(&self.name, &self.name_regex);
        let place = Place::of(Self::TYPE);
        one_of(&self.r#type, &place, &["Dedicate", "Logical"], &mut found);
        let place = Place::of(Self::STATUS);
        one_of(&self.status, &place, &["created", "failed", "creating"], &mut found);
        found
    }

    fn names(&self) -> Result<Names, Diagnostic> {
        Names::of(&self.name, &self.name_regex)
    }

    fn parameters(&self, session: &dyn Session) -> Parameters {
        vec![
            ("workspaceId", find::workspace(&self.workspace_id, session)),
            ("labelSelector", self.label_selector.cloned()),
            ("status", self.status.cloned()),
        ]
    }

    fn pass(&self, pool: &PoolModel) -> bool {
        find::is(&self.r#type, pool.r#type.known())
    }
}

/// Looks up all resource pools of a workspace that pass the filters, sorted by name.
#[derive(Model)]
pub struct FoundPools {
    /// The pools.
    #[tf(computed)]
    pub pools: Tf<List<Viewed<Shown>>>,
}

/// The data source `modelarts_pools`.
pub struct PoolsSource(pub Arc<dyn Session>);

impl DataSource for PoolsSource {
    type Model = Both<PoolFilters, FoundPools>;
    const TYPE_NAME: &'static str = "modelarts_pools";

    fn validate(&self, config: &Self::Model) -> Diagnostics {
        config.first.check()
    }

    async fn read(&self, cx: &Context, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let filters = config.first;
        let pools = find::all::<Pool, _>(&*self.0, cx, "Pools", &filters, picture).await?;
        let pools = Tf::Known(pools.iter().map(shown).collect());
        Ok(Both { first: filters, second: FoundPools { pools } })
    }
}
