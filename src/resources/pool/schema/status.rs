//! `status`: what the service says about a pool. Small on purpose: what is
//! volatile makes plans loud.

use crate::tf::model::{Model, Tf};

use super::super::quiet;

/// What the service says about a pool.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Status {
    /// Phase of the pool, such as `Creating`, `Running` or `Abnormal`.
    #[tf(computed, changes_when = quiet::sets_to_work)]
    pub phase: Tf<String>,
    /// Why the pool is in this phase.
    #[tf(computed, changes_when = quiet::sets_to_work)]
    pub message: Tf<String>,
    /// Numbers of nodes by state.
    #[tf(computed)]
    pub nodes: Tf<Nodes>,
}

/// Numbers of nodes by state.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Nodes {
    /// Nodes that are ready.
    #[tf(computed, changes_when = quiet::changes_nodes)]
    pub available: Tf<i64>,
    /// Nodes that are being made.
    #[tf(computed, changes_when = quiet::changes_nodes)]
    pub creating: Tf<i64>,
    /// Nodes that do not work.
    #[tf(computed, changes_when = quiet::changes_nodes)]
    pub abnormal: Tf<i64>,
    /// Nodes that are being removed.
    #[tf(computed, changes_when = quiet::changes_nodes)]
    pub deleting: Tf<i64>,
}
