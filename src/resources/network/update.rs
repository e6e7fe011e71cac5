//! What is asked for when a network is created or changed.

use std::time::Duration;

use crate::modelarts::network::Network;
use crate::modelarts::workspace::DEFAULT_WORKSPACE;
use crate::resources::lifecycle::create::Wanted;
use crate::resources::lifecycle::update::{self, Changes, Step};
use crate::resources::lifecycle::{OnTimeout, PATIENCE, waiting};
use crate::tf::diagnostics::Diagnostic;
use crate::tf::model::Tf;
use crate::tf::resource::{Change, Saved};

use super::NetworkResource;
use super::ready::Goal;
use super::request::{self, Patchable};
use super::schema::NetworkModel;

/// No network waits for a person; this is what the wait is told all the same.
const NOBODY: Duration = PATIENCE;

/// What is left to ask for of a network.
pub struct NetworkChanges {
    before: Patchable,
    after: Patchable,
    /// Whether what has failed is asked for once more.
    again: bool,
}

impl Changes<NetworkResource> for NetworkChanges {
    fn steps(&self, live: &Network) -> Result<Vec<Step<NetworkResource>>, Diagnostic> {
        Ok(request::steps(&self.before, &self.after, live, self.again))
    }
}

/// What a planned create asks for.
pub fn wanted(
    new: &Change<NetworkModel>,
    default_workspace: &Tf<String>,
) -> Wanted<NetworkResource, NetworkChanges> {
    // The service has a default of its own: only what somebody said is sent.
    let workspace = new.config.workspace_id.cloned().or_else(|| default_workspace.cloned());
    let after = Patchable::of(&new.planned);
    let before = Patchable { peers: Vec::new(), turbos: Vec::new(), ..after.clone() };
    Wanted {
        name: new.planned.name.cloned().unwrap_or_default(),
        request: request::create(&new.planned, &workspace),
        workspace: workspace.unwrap_or_else(|| DEFAULT_WORKSPACE.to_owned()),
        goal: Goal { alone: true, ..Goal::default() },
        afterwards: NetworkChanges { before, after, again: false },
        patience: NOBODY,
    }
}

/// What a planned update asks for.
pub fn change<'a>(
    change: &'a Change<NetworkModel>,
    saved: &Saved<'_, NetworkModel>,
) -> update::Change<'a, NetworkResource, NetworkChanges> {
    let again = waiting::is_open(&saved.private());
    let (before, after) = (Patchable::of(&change.prior), Patchable::of(&change.planned));
    update::Change {
        changes: NetworkChanges { before, after, again },
        prior: &change.prior,
        goal: Goal::default(),
        patience: NOBODY,
        on_timeout: OnTimeout::Keep,
    }
}

/// Says whether nothing is to be asked of the service and no wait is open: such
/// an update calls nobody.
pub fn is_local(change: &Change<NetworkModel>, saved: &Saved<'_, NetworkModel>) -> bool {
    let open = waiting::is_open(&saved.private()) || !saved.is_wholly_planned();
    !open && Patchable::of(&change.prior) == Patchable::of(&change.planned)
}
