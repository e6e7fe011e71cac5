//! What of a pool need not stand in a configuration that is generated for it.

use crate::resources::lifecycle::plan::without_default_workspace;
use crate::tf::model::Tf;

use super::schema::{Entry, LOGICAL, PoolModel};

/// The word of `sharing` for a pool that nobody else may use, which a pool is if
/// nothing is said.
const UNSHARED: &str = "unshared";

/// Takes out what a new pool gets without being told.
pub fn generated(mut config: PoolModel, default_workspace: &Tf<String>) -> PoolModel {
    without_default_workspace(&mut config.workspace_id, default_workspace);
    if config.sharing.text() == Some(UNSHARED) {
        config.sharing = Tf::Null;
    }
    if config.ipv6_enable.known() == Some(&false) {
        config.ipv6_enable = Tf::Null;
    }
    let grows = config.r#type.text() == Some(LOGICAL);
    for entry in config.resources.known_mut().into_iter().flat_map(|list| &mut list.0) {
        if let Tf::Known(entry) = entry {
            entry_generated(entry, grows);
        }
    }
    config
}

fn entry_generated(entry: &mut Entry, grows: bool) {
    if !grows && entry.max_count == entry.count {
        entry.max_count = Tf::Null;
    }
}
