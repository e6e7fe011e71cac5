//! What a list of pools is narrowed to, and what it gives.

use std::collections::{BTreeMap, HashMap};

use super::Pool;
use crate::modelarts::error::Error;
use crate::modelarts::labels;

/// Filter of [`list_pools`](crate::modelarts::Client::list_pools).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolFilter {
    /// Workspace; without it only the default workspace `0` is searched.
    pub workspace_id: Option<String>,
    /// Selector on labels, in the service's syntax.
    pub label_selector: Option<String>,
    /// `created`, `creating` or `failed`; not a phase.
    pub status: Option<String>,
    /// Pool ID: lists its sub-pools.
    pub parent: Option<String>,
}

impl PoolFilter {
    /// Filters by workspace alone.
    pub fn in_workspace(workspace_id: impl Into<String>) -> Self {
        Self { workspace_id: Some(workspace_id.into()), ..Self::default() }
    }

    pub(super) fn query(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("workspaceId", self.workspace_id.as_deref()),
            ("labelSelector", self.label_selector.as_deref()),
            ("status", self.status.as_deref()),
            ("parent", self.parent.as_deref()),
        ]
    }
}

/// What a list holds of the pools that were asked for.
#[derive(Clone, Debug, Default)]
pub struct ListedPools {
    /// The wanted pools that the list shows, by ID; an error for one that
    /// cannot be understood.
    pub pools: HashMap<String, Result<Pool, Error>>,
    /// All pools that the list shows.
    pub names: Vec<PoolName>,
}

/// How a pool is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolName {
    /// Its ID, `metadata.name`.
    pub id: String,
    /// The name the user chose, if the service sent it.
    pub name: Option<String>,
    /// Its workspace, if the service sent it; `0` is the default one.
    pub workspace: Option<String>,
}

wire! {
    "camelCase";

    struct Glance {
        metadata: GlanceMetadata,
    }

    struct GlanceMetadata {
        name: String,
        labels: BTreeMap<String, String>,
    }
}

impl PoolName {
    /// Reads the name of a pool from its JSON, and nothing else of it.
    pub(super) fn read(pool: &str) -> Option<Self> {
        let Glance { metadata } = serde_json::from_str(pool).ok()?;
        let mut labels = metadata.labels;
        let (name, workspace) = (labels.remove(labels::NAME), labels.remove(labels::WORKSPACE_ID));
        (!metadata.name.is_empty()).then_some(Self { id: metadata.name, name, workspace })
    }
}
