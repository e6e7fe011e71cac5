//! What is asked for when a pool is changed in place.

use crate::modelarts::Pool;
use crate::resources::lifecycle::update::{self, Changes, Step};
use crate::resources::lifecycle::waiting;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::model::Mismatch;
use crate::tf::path::Path;
use crate::tf::resource::{Change, Saved};

use super::PoolResource;
use super::ready::Goal;
use super::request::{self, Conflict, PatchStep};
use super::schema::PoolModel;
use super::spec::{PatchableSpec, PoolSpec, WaitFor, WaitOptions};

/// What is left to ask for of a pool.
pub struct PoolChanges {
    before: PatchableSpec,
    planned: PoolSpec,
    level: WaitFor,
}

/// What a planned update asks for.
///
/// # Errors
/// The prior or the planned object is not one.
pub fn change<'a>(
    change: &'a Change<PoolModel>,
    options: &WaitOptions,
) -> Result<update::Change<'a, PoolResource, PoolChanges>, Mismatch> {
    let planned = PoolSpec::of(&change.planned, &change.config)?;
    Ok(update::Change {
        prior: &change.prior,
        goal: Goal::of_level(options.wait_for),
        patience: planned.patience(),
        on_timeout: options.on_timeout,
        changes: PoolChanges {
            before: PatchableSpec::of(&change.prior)?,
            planned,
            level: options.wait_for,
        },
    })
}

/// Says whether nothing is to be asked of the service and no wait is open: such
/// an update calls nobody.
///
/// # Errors
/// The prior object is not one.
pub fn is_local(
    change: &Change<PoolModel>,
    saved: &Saved<'_, PoolModel>,
) -> Result<bool, Mismatch> {
    let (before, after) = (PatchableSpec::of(&change.prior)?, PatchableSpec::of(&change.planned)?);
    let open = waiting::is_open(&saved.private()) || !saved.is_wholly_planned();
    Ok(!open && request::asks_the_same(&before, &after))
}

impl Changes<PoolResource> for PoolChanges {
    fn steps(&self, live: &Pool) -> Result<Vec<Step<PoolResource>>, Diagnostic> {
        let change = request::Change {
            before: &self.before,
            after: &self.planned.patchable,
            kind: self.planned.kind,
            billing: &self.planned.billing,
        };
        let patches = request::patches(change, live).map_err(|conflict| changed(&conflict))?;
        Ok(patches.into_iter().map(|patch| self.step(patch)).collect())
    }
}

impl PoolChanges {
    fn step(&self, step: PatchStep) -> Step<PoolResource> {
        let PatchStep { what, patch, counts, removed, workspace_id, lasting, needs_running } = step;
        let goal = Goal { counts, removed, workspace_id, ..Goal::of_level(self.level) };
        Step { what, patch, goal: lasting.then_some(goal), needs_rest: needs_running }
    }
}

fn changed(conflict: &Conflict) -> Diagnostic {
    let detail = format!(
        "The plan changes the nodes of {}, but the pool no longer has them: somebody removed them \
         after the plan was made. Nothing was changed. Run plan again.",
        conflict.0
    );
    Diagnostic::error("Pool changed since the plan", detail).at(Path::of(PoolModel::RESOURCES))
}
