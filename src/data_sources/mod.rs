//! Data sources: what can be looked up.
//!
//! Each file declares a model and says what is asked; [`find`], [`names`]
//! and [`filters`] hold what they have in common.

mod catalog;
pub mod filters;
pub mod find;
mod names;
mod networks;
mod nodes;
mod pools;
mod workspaces;

use std::sync::Arc;

use crate::resources::session::Session;
use crate::tf::data_source::{AnyDataSource, typed};

pub use networks::NetworkFilters;
pub use pools::PoolFilters;

/// All data sources.
pub fn all(session: &Arc<dyn Session>) -> Vec<Arc<dyn AnyDataSource>> {
    let session = || Arc::clone(session);
    vec![
        typed(pools::PoolSource(session())),
        typed(pools::PoolsSource(session())),
        typed(networks::NetworkSource(session())),
        typed(networks::NetworksSource(session())),
        typed(catalog::FlavorsSource(session())),
        typed(catalog::DriversSource(session())),
        typed(nodes::NodesSource(session())),
        typed(workspaces::WorkspacesSource(session())),
    ]
}
