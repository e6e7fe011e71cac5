//! Plans of pools: what the schema cannot say by itself.

mod advice;
mod availability;
mod nodes;
mod pairs;

use crate::tf::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::tf::model::{List, Map, Tf};
use crate::tf::path::{Path, Step};
use crate::tf::private::Private;
use crate::tf::resource::{Outcome, Plan};

use crate::resources::lifecycle;

use super::PoolResource;
use super::control_mode;
use super::private_data;
use super::schema::{DEDICATE, Entry, Nodes, PoolModel, Status};
use super::validate;
use pairs::Pairs;

pub use availability::check_availability;

/// Plans a create or an update.
pub fn plan(plan: &mut Plan<'_, PoolModel>, default_workspace: &Tf<String>) -> Outcome {
    if plan.is_create() { create(plan, default_workspace) } else { update(plan) }
}

fn create(plan: &mut Plan<'_, PoolModel>, default_workspace: &Tf<String>) -> Outcome {
    if plan.config()?.workspace_id.is_null()
        && let Some(workspace) = lifecycle::plan::workspace(default_workspace)
    {
        plan.set(PoolModel::WORKSPACE_ID, workspace);
    }
    plan.change(max_counts)?;
    judge(plan)?;
    let planned = plan.planned()?;
    if planned.deletion_protection.get() == Some(true) {
        private_data::set_protected(&mut plan.private);
    }
    plan.say_all(advice::growth(&Pairs::of(None, &planned)));
    plan.say_all(advice::npu_without_driver(&planned));
    Ok(())
}

fn update(plan: &mut Plan<'_, PoolModel>) -> Outcome {
    keep_found_labels(plan)?;
    let waiting = lifecycle::waiting::is_open(&plan.private);
    if plan.is_noop() && !waiting {
        return Ok(());
    }
    let prior = plan.prior()?;
    if !plan.requires_replace.is_empty() {
        let protected = prior.deletion_protection.get() == Some(true)
            || plan.config()?.deletion_protection.get() == Some(true);
        if protected {
            return Err(protection(&prior).into());
        }
        // The new pool is planned, and judged, by itself.
        let advice = advice::replacement(&prior, &plan.config()?);
        plan.say_all(advice);
        return Ok(());
    }
    plan.change(max_counts)?;
    judge(plan)?;
    let planned = plan.planned()?;
    let pairs = Pairs::of(Some(&prior), &planned);
    plan.say_all(nodes::changes(&pairs));
    if plan.only_reorders() {
        plan.say(nodes::reordered());
    }
    if plan.changes(|behaviour| !behaviour.local) {
        plan.say_all(advice::restrictions(&prior));
        plan.say_all(advice::growth(&pairs));
        plan.say_all(advice::prepaid_shrinkage(&prior, &pairs));
    }
    if plan.changes_attribute(PoolModel::DRIVER) {
        plan.say_all(advice::npu_without_driver(&planned));
    }
    if waiting {
        finish_waiting(plan, &prior);
    }
    Ok(())
}

/// Judges what the plan filled in, and gives the warnings that belong to what
/// it changes. A pool that exists is what it is: only what changes is judged.
fn judge(plan: &mut Plan<'_, PoolModel>) -> Outcome {
    let is_new = plan.is_create();
    let mut planned = plan.planned()?;
    // What is never stored is in the configuration alone.
    if let (Tf::Known(login), Tf::Known(written)) =
        (&mut planned.user_login, plan.config()?.user_login)
    {
        login.password_wo = written.password_wo;
    }
    let found = validate::judge_planned(&planned, is_new);
    let concerns = |plan: &Plan<'_, PoolModel>, finding: &Diagnostic| match &finding.path {
        Some(path) if !is_new => match path.steps().first() {
            Some(Step::Attribute(name)) => plan.changes_attribute(name),
            _ => true,
        },
        _ => true,
    };
    let found: Diagnostics = found.into_iter().filter(|f| concerns(plan, f)).collect();
    if found.has_errors() {
        return Err(found);
    }
    plan.say_all(found);
    Ok(())
}

/// In a pool with nodes of its own an entry may grow to what it has.
fn max_counts(planned: &mut PoolModel) {
    if planned.r#type.text() != Some(DEDICATE) {
        return;
    }
    for item in planned.resources.known_mut().into_iter().flat_map(|list| &mut list.0) {
        if let Tf::Known(Entry { count: Tf::Known(count), max_count, .. }) = item
            && max_count.is_unknown()
        {
            *max_count = Tf::Known(*count);
        }
    }
}

/// Labels cannot be taken off a pool: what an import found and the
/// configuration leaves out stays on it, and is no reason for a new one.
fn keep_found_labels(plan: &mut Plan<'_, PoolModel>) -> Outcome {
    if !plan.changes_attribute(PoolModel::LABELS) || !plan.was_found(PoolModel::LABELS) {
        return Ok(());
    }
    let (prior, planned) = (plan.prior()?.labels, plan.planned()?.labels);
    let none = Map::default();
    let (before, after) = (prior.known().unwrap_or(&none), planned.known().unwrap_or(&none));
    let kept = after.iter().all(|(key, value)| before.0.get(key) == Some(value));
    if planned.is_unknown() || !kept {
        return Ok(());
    }
    plan.does_not_replace(PoolModel::LABELS);
    let left: Vec<&str> = before.keys().filter(|key| !after.0.contains_key(*key)).collect();
    let detail = format!(
        "The labels {} were found on the pool and are not in the configuration. The service \
         cannot take labels off a pool: they stay on it and are not managed any more.",
        left.join(", ")
    );
    plan.say(Diagnostic::warning("Labels stay on the pool", detail).at(labels()));
    Ok(())
}

fn labels() -> Path {
    Path::of(PoolModel::LABELS)
}

/// An unfinished wait is an update in place that ends it.
fn finish_waiting(plan: &mut Plan<'_, PoolModel>, prior: &PoolModel) {
    plan.open(&[PoolModel::READY]);
    for member in [Status::PHASE, Status::MESSAGE] {
        plan.open(&[PoolModel::STATUS, member]);
    }
    for count in [Nodes::AVAILABLE, Nodes::CREATING, Nodes::ABNORMAL, Nodes::DELETING] {
        plan.open(&[PoolModel::STATUS, Status::NODES, count]);
    }
    let phase = prior.status.and_then(|status| &status.phase);
    let (name, phase) = (prior.name.text(), phase.text());
    plan.say(lifecycle::plan::waiting_goes_on::<PoolResource>(name, phase));
}

/// Refuses to destroy a protected pool, and says what else may keep it.
pub fn destroy(prior: &PoolModel, private: &Private) -> Diagnostics {
    let mut found = protect(prior, private).err().unwrap_or_default();
    if let Some(reason) = prior.control_mode.get().and_then(control_mode::refuses_delete) {
        found.push(
            Diagnostic::warning(
                "Pool may refuse to be deleted",
                format!("The service restricts this pool: {reason}. It will likely refuse."),
            )
            .at(Path::of(PoolModel::CONTROL_MODE)),
        );
    }
    if advice::is_prepaid(prior) {
        found.push(advice::unsubscribing(prior));
    }
    found
}

/// Refuses to destroy a protected pool. Terraform asks for no plan of the
/// destroying half of a replacement that the user or a trigger demands, so the
/// delete itself asks too, with what the plan of the new pool remembered.
pub fn protect(prior: &PoolModel, private: &Private) -> Outcome {
    let protected = prior.deletion_protection.get() == Some(true);
    if protected || private_data::is_protected(private) {
        return Err(protection(prior).into());
    }
    Ok(())
}

fn protection(prior: &PoolModel) -> Diagnostic {
    let name = prior.name.text().unwrap_or_default();
    let id = prior.id.text().unwrap_or_default();
    Diagnostic {
        severity: Severity::Error,
        summary: "Pool is protected against deletion".to_owned(),
        detail: format!(
            "This would destroy pool {name} ({id}), whose deletion_protection is true. To keep it, \
             undo the change that needs a new pool, leave out -replace or the trigger, or run \
             `terraform untaint` if it is tainted. If it is really to go, set \
             deletion_protection = false and apply that first; a tainted pool must be untainted \
             before that."
        ),
        path: Some(Path::of(PoolModel::DELETION_PROTECTION)),
    }
}

/// The entries of a plan or a state that are known.
fn entries(model: &PoolModel) -> impl Iterator<Item = &Entry> {
    model.resources.known().into_iter().flat_map(List::known)
}
