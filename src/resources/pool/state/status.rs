//! `status`: what the service says about a pool.

use crate::modelarts::Pool;
use crate::tf::model::Tf;

use super::super::ready::total;
use super::super::schema::{Nodes, Status};
use super::filled;

/// The phase with its reason, and the numbers of nodes.
pub fn status(pool: &Pool) -> Status {
    let counts = &pool.status.resources;
    let nodes = Nodes {
        available: Tf::Known(total(&counts.available)),
        creating: Tf::Known(total(&counts.creating)),
        abnormal: Tf::Known(total(&counts.abnormal)),
        deleting: Tf::Known(total(&counts.deleting)),
    };
    Status {
        phase: filled(pool.status.phase.as_deref()),
        message: filled(pool.status.message.as_deref()),
        nodes: Tf::Known(nodes),
    }
}
