//! `modelarts_pool_nodes`.

use std::sync::Arc;

use crate::modelarts::node::Node;
use crate::modelarts::{ErrorKind, PoolId, labels};
use crate::resources::errors;
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::data_source::DataSource;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{List, Map, Model, Set, Tf};
use crate::tf::path::Path;

use super::find::{self, filled, free, whole};

/// Looks up the nodes of a pool that pass the filters, sorted by name.
#[derive(Model)]
pub struct NodesModel {
    /// ID of the pool.
    #[tf(required)]
    pub pool_id: Tf<String>,
    /// Flavor of the nodes.
    #[tf(optional)]
    pub flavor: Tf<String>,
    /// Node pool of the nodes.
    #[tf(optional)]
    pub node_pool: Tf<String>,
    /// Phase of the nodes: `Available`, `Creating`, `Deleting`, `Abnormal` or
    /// `Checking`.
    #[tf(optional)]
    pub phase: Tf<String>,
    /// Availability zone of the nodes.
    #[tf(optional)]
    pub az: Tf<String>,
    /// The nodes.
    #[tf(computed)]
    pub nodes: Tf<List<NodeModel>>,
}

/// A node.
#[derive(Debug, Clone, Model)]
pub struct NodeModel {
    /// Name, by which actions call the node.
    #[tf(computed)]
    pub name: Tf<String>,
    /// Flavor.
    #[tf(computed)]
    pub flavor: Tf<String>,
    /// Node pool.
    #[tf(computed, owns_key = labels::NODE_POOL)]
    pub node_pool: Tf<String>,
    /// `Available`, `Creating`, `Deleting`, `Abnormal` or `Checking`.
    #[tf(computed)]
    pub phase: Tf<String>,
    /// Availability zone.
    #[tf(computed)]
    pub az: Tf<String>,
    /// Private IP address.
    #[tf(computed)]
    pub private_ip: Tf<String>,
    /// Name of the operating system.
    #[tf(computed)]
    pub os_name: Tf<String>,
    /// Driver of the accelerators.
    #[tf(computed)]
    pub driver: Tf<NodeDriverModel>,
    /// Labels that no attribute stands for.
    #[tf(computed)]
    pub labels: Tf<Map<String>>,
    /// Annotations that no attribute stands for.
    #[tf(computed)]
    pub annotations: Tf<Map<String>>,
    /// Kubernetes taints.
    #[tf(computed)]
    pub taints: Tf<Set<NodeTaint>>,
    /// Whether the node is locked against deletion.
    #[tf(computed, owns_key = labels::NODE_LOCK)]
    pub locked: Tf<bool>,
    /// `postPaid` or `prePaid`.
    #[tf(computed, owns_key = labels::BILLING_MODE)]
    pub charging_mode: Tf<String>,
    /// ID of the machine that the node is.
    #[tf(computed, owns_key = labels::NODE_INSTANCE)]
    pub instance_id: Tf<String>,
    /// All that the node has, by name (`cpu`, `memory`, `nvidia.com/gpu` …), as
    /// Kubernetes quantities.
    #[tf(computed)]
    pub resources: Tf<Map<String>>,
    /// What is free of it.
    #[tf(computed)]
    pub available_resources: Tf<Map<String>>,
    /// When the node was created, RFC 3339.
    #[tf(computed)]
    pub creation_timestamp: Tf<String>,
}

/// Driver of a node.
#[derive(Debug, Clone, Model)]
pub struct NodeDriverModel {
    /// Version.
    #[tf(computed)]
    pub version: Tf<String>,
    /// `Running`, `Abnormal`, `Pending` or `Updating`.
    #[tf(computed)]
    pub phase: Tf<String>,
}

/// A Kubernetes taint.
#[derive(Debug, Clone, Model)]
pub struct NodeTaint {
    /// Key.
    #[tf(computed)]
    pub key: Tf<String>,
    /// Value.
    #[tf(computed)]
    pub value: Tf<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    #[tf(computed)]
    pub effect: Tf<String>,
}

/// The data source `modelarts_pool_nodes`.
pub struct NodesSource(pub Arc<dyn Session>);

impl DataSource for NodesSource {
    type Model = NodesModel;
    const TYPE_NAME: &'static str = "modelarts_pool_nodes";

    async fn read(&self, cx: &Context, config: NodesModel) -> Result<NodesModel, Diagnostics> {
        let connection = self.0.connect(cx).await?;
        let id = PoolId::new(config.pool_id.text().unwrap_or_default());
        let nodes = match connection.client().list_nodes(&find::call(cx), &id).await {
            Ok(nodes) => nodes,
            Err(error) if error.is_not_found() => {
                let consequence = format!("There is no pool {id} in this project. Check pool_id.");
                let error = errors::failed_call("Pool not found", &consequence, &error);
                return Err(error.at(Path::of(NodesModel::POOL_ID)).into());
            }
            Err(error) if error.kind() == ErrorKind::Invalid => {
                let found = find::failed("Nodes", &error).into_iter();
                return Err(found.map(|error| error.at(Path::of(NodesModel::POOL_ID))).collect());
            }
            Err(error) => return Err(find::failed("Nodes", &error)),
        };
        let owned: Vec<&str> =
            NodeModel::attributes().iter().filter_map(|a| a.behaviour.owns_key).collect();
        let mut nodes: Vec<NodeModel> = nodes.iter().map(|node| shown(node, &owned)).collect();
        nodes.retain(|node| {
            find::is(&config.flavor, node.flavor.known())
                && find::is(&config.node_pool, node.node_pool.known())
                && find::is(&config.phase, node.phase.known())
                && find::is(&config.az, node.az.known())
        });
        nodes.sort_by_cached_key(|node| node.name.cloned());
        Ok(NodesModel { nodes: nodes.into(), ..config })
    }
}

fn shown(node: &Node, owned: &[&str]) -> NodeModel {
    let (meta, status) = (&node.metadata, &node.status);
    let none = Default::default();
    let annotations = meta.annotations.as_ref().unwrap_or(&none);
    let is_owned = |key: &str| owned.contains(&key);
    let taints = status.taints.iter().map(|taint| NodeTaint {
        key: taint.key.as_str().into(),
        value: taint.value.as_deref().into(),
        effect: filled(taint.effect.as_deref()),
    });
    NodeModel {
        name: meta.name.as_str().into(),
        flavor: filled(node.spec.flavor.as_deref()),
        node_pool: filled(node.node_pool()),
        phase: filled(status.phase.as_deref()),
        az: filled(status.az.as_deref()),
        private_ip: filled(status.private_ip.as_deref()),
        os_name: filled(status.os.as_ref().and_then(|os| os.name.as_deref())),
        driver: status
            .driver
            .as_ref()
            .map(|driver| NodeDriverModel {
                version: filled(driver.version.as_deref()),
                phase: filled(driver.phase.as_deref()),
            })
            .into(),
        labels: Tf::Known(free(&meta.labels, is_owned)),
        annotations: Tf::Known(free(annotations, is_owned)),
        taints: Tf::Known(taints.collect()),
        locked: node.is_locked().into(),
        charging_mode: if node.is_prepaid() { "prePaid" } else { "postPaid" }.into(),
        instance_id: filled(meta.label(labels::NODE_INSTANCE)),
        resources: Tf::Known(whole(&status.resources)),
        available_resources: Tf::Known(whole(&status.available_resources)),
        creation_timestamp: filled(meta.creation_timestamp.as_deref()),
    }
}
