//! Actions: work on the nodes of a pool, and job types that are tried again.
//!
//! An action asks the service once and waits for the result ([`work`]); what is
//! asked and when it is done is said by [`nodes`] and [`scopes`].

mod nodes;
mod scopes;
mod work;

use std::sync::Arc;

use crate::resources::session::Session;
use crate::tf::action::{AnyAction, act};

/// All actions.
pub fn all(session: &Arc<dyn Session>) -> Vec<Arc<dyn AnyAction>> {
    let session = || Arc::clone(session);
    vec![
        act(nodes::Reboot(session())),
        act(nodes::Reset(session())),
        act(nodes::Lock(session())),
        act(nodes::Unlock(session())),
        act(nodes::Drain(session())),
        act(scopes::Retry(session())),
    ]
}
