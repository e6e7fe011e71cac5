//! What is asked for when a pool is created.

use crate::resources::lifecycle::create::Wanted;
use crate::resources::lifecycle::update::Nothing;
use crate::tf::model::{Mismatch, Tf};
use crate::tf::resource::Change;

use super::ready::Goal;
use super::schema::{DEFAULT_WORKSPACE, PoolModel};
use super::spec::{PoolSpec, WaitOptions};
use super::{PoolResource, request};

/// What a planned create asks for.
///
/// # Errors
/// The planned object is not one.
pub fn wanted(
    new: &Change<PoolModel>,
    default_workspace: &Tf<String>,
    options: &WaitOptions,
) -> Result<Wanted<PoolResource>, Mismatch> {
    let spec = PoolSpec::of(&new.planned, &new.config)?;
    // The service has a default of its own: only what somebody said is sent.
    let workspace = new.config.workspace_id.cloned().or_else(|| default_workspace.cloned());
    Ok(Wanted {
        request: request::create(&spec, &workspace),
        workspace: workspace.unwrap_or_else(|| DEFAULT_WORKSPACE.to_owned()),
        goal: Goal::of_level(options.wait_for),
        afterwards: Nothing,
        patience: spec.patience(),
        name: spec.name,
    })
}
