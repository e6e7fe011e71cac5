//! What a list of pools is narrowed to.

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

    /// Gives the parameters of the query.
    pub fn query(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("workspaceId", self.workspace_id.as_deref()),
            ("labelSelector", self.label_selector.as_deref()),
            ("status", self.status.as_deref()),
            ("parent", self.parent.as_deref()),
        ]
    }
}
