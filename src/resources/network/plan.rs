//! Plans of networks: what the schema cannot say by itself.

use crate::resources::lifecycle;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::Tf;
use crate::tf::path::Step;
use crate::tf::resource::{Outcome, Plan};

use super::NetworkResource;
use super::schema::NetworkModel;
use super::validate;

/// Plans a create or an update.
pub fn plan(plan: &mut Plan<'_, NetworkModel>, default_workspace: &Tf<String>) -> Outcome {
    if plan.is_create()
        && plan.config()?.workspace_id.is_null()
        && let Some(workspace) = lifecycle::plan::workspace(default_workspace)
    {
        plan.set(NetworkModel::WORKSPACE_ID, workspace);
    }
    let waiting = !plan.is_create() && lifecycle::waiting::is_open(&plan.private);
    if plan.is_noop() && !waiting || !plan.requires_replace.is_empty() {
        return Ok(());
    }
    judge(plan)?;
    if waiting {
        let prior = plan.prior()?;
        for name in [
            NetworkModel::PHASE,
            NetworkModel::SUBNET_IDS,
            NetworkModel::PEER_CONNECTION_STATUS,
            NetworkModel::SFS_TURBO_CONNECTION_STATUS,
        ] {
            plan.open(&[name]);
        }
        let (name, phase) = (prior.name.text(), prior.phase.text());
        plan.say(lifecycle::plan::waiting_goes_on::<NetworkResource>(name, phase));
    }
    Ok(())
}

/// Judges what the plan filled in, and gives the warnings that belong to what it
/// changes. A network that exists is what it is: only what changes is judged.
fn judge(plan: &mut Plan<'_, NetworkModel>) -> Outcome {
    let is_new = plan.is_create();
    let found = validate::validate(&plan.planned()?).into_iter();
    let concerns =
        |finding: &Diagnostic| match finding.path.as_ref().and_then(|p| p.steps().first()) {
            Some(Step::Attribute(name)) => is_new || plan.changes_attribute(name),
            _ => true,
        };
    let found: Diagnostics = found.filter(|finding| concerns(finding)).collect();
    if found.has_errors() {
        return Err(found);
    }
    plan.say_all(found);
    Ok(())
}

/// Takes out of a generated configuration what a new network gets without being
/// told.
pub fn generated(mut config: NetworkModel, default_workspace: &Tf<String>) -> NetworkModel {
    lifecycle::plan::without_default_workspace(&mut config.workspace_id, default_workspace);
    if config.ipv6_enable.known() == Some(&false) {
        config.ipv6_enable = Tf::Null;
    }
    if config.peer_connections.known().is_some_and(|all| all.is_empty()) {
        config.peer_connections = Tf::Null;
    }
    if config.sfs_turbo_connections.known().is_some_and(|all| all.is_empty()) {
        config.sfs_turbo_connections = Tf::Null;
    }
    config
}
