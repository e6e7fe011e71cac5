//! Plans of pools: what the schema cannot say by itself.

mod advice;
mod as_found;
mod replace;

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::field::Field;
use crate::tf::path::Path;
use crate::tf::plan;
use crate::tf::private::Private;
use crate::tf::resource::{PlanRequest, Planned};
use crate::tf::value::Value;

use super::control_mode;
use super::found;
use super::marker;
use super::schema::{self, LOCAL};

use as_found::as_found;

/// What the end of an unfinished wait may change.
const WAITED_FOR: &[&str] = &["ready", "status"];

/// Plans a create or an update.
pub fn plan(mut request: PlanRequest, default_workspace: &Field<String>) -> Planned {
    found::fill_in(&mut request.config, &request.prior, &mut request.private);
    let request = &request;
    let mut planned = as_found(request)
        .map(|request| plan::plan(schema::shared(), &request))
        // Anything but what is written is allowed only for no change at all.
        .filter(|planned| planned.state == request.prior)
        .unwrap_or_else(|| plan::plan(schema::shared(), request));
    if planned.diagnostics.has_errors() {
        return planned;
    }
    if request.prior.is_null() {
        create(request, default_workspace, &mut planned);
    } else {
        update(request, &mut planned);
    }
    planned
}

fn create(request: &PlanRequest, default_workspace: &Field<String>, planned: &mut Planned) {
    if request.config.get("workspace_id").is_null()
        && let Field::Known(workspace) = default_workspace
    {
        planned.state.set_entry("workspace_id", workspace.clone().into());
    }
    advice::growth(&Value::Null, &planned.state, &mut planned.diagnostics);
    advice::npu_without_driver(&planned.state, &mut planned.diagnostics);
}

fn update(request: &PlanRequest, planned: &mut Planned) {
    let prior = &request.prior;
    planned.requires_replace.retain(|path| replace::is_needed(request, path));
    if !planned.requires_replace.is_empty() {
        protect(prior, &mut planned.diagnostics);
        advice::replacement(request, planned);
        return;
    }
    let changed = changes(prior, &planned.state);
    let local = changed.iter().all(|name| LOCAL.contains(name) || *name == "labels");
    if local {
        planned.state = with(prior, &planned.state, &changed);
    } else {
        advice::restrictions(prior, &mut planned.diagnostics);
        advice::growth(prior, &planned.state, &mut planned.diagnostics);
        advice::prepaid_shrinkage(prior, &planned.state, &mut planned.diagnostics);
    }
    if local && marker::is_waiting(&request.private) {
        finish_waiting(&mut planned.state);
        planned.diagnostics.push(finishing(prior));
    }
}

/// An unfinished wait is an update in place that ends it.
fn finish_waiting(state: &mut Value) {
    for name in WAITED_FOR {
        if let Some(attribute) = schema::shared().block.attribute(name) {
            let unknown =
                if attribute.behaviour.not_null { Value::UNKNOWN_NOT_NULL } else { Value::UNKNOWN };
            state.set_entry(name, unknown);
        }
    }
}

fn finishing(prior: &Value) -> Diagnostic {
    let name = prior.get("name").as_str().unwrap_or_default();
    let phase = prior.get("status").get("phase").as_str().unwrap_or("not known yet");
    Diagnostic::warning(
        "Waiting for the pool goes on",
        format!(
            "Pool {name} was not ready when an earlier apply ended; its phase is {phase}. This \
             plan waits until it is ready, under the update timeout. It changes nothing else \
             than what it shows."
        ),
    )
}

/// Attributes that the user can set and whose planned value is another one.
fn changes(prior: &Value, planned: &Value) -> Vec<&'static str> {
    let block = &schema::shared().block;
    let attributes = block.attributes.iter().filter(|a| a.mode.is_configurable()).map(|a| &a.name);
    attributes
        .chain(block.blocks.iter().map(|nested| &nested.name))
        .map(String::as_str)
        .filter(|name| prior.get(name) != planned.get(name))
        .collect()
}

fn with(prior: &Value, planned: &Value, names: &[&str]) -> Value {
    let mut state = prior.clone();
    for name in names {
        state.set_entry(name, planned.get(name).clone());
    }
    state
}

/// Refuses to destroy a protected pool.
pub fn destroy(prior: &Value, _private: &Private) -> Diagnostics {
    let mut found = Diagnostics::new();
    protect(prior, &mut found);
    if let Some(reason) = prior.get("control_mode").as_i64().and_then(control_mode::refuses_delete)
    {
        found.push(
            Diagnostic::warning(
                "Pool may refuse to be deleted",
                format!("The service restricts this pool: {reason}. It will likely refuse."),
            )
            .at(Path::of("control_mode")),
        );
    }
    if advice::is_prepaid(prior) {
        found.push(advice::unsubscribing(prior));
    }
    found
}

fn protect(prior: &Value, found: &mut Diagnostics) {
    if prior.get("deletion_protection").as_bool() != Some(true) {
        return;
    }
    let name = prior.get("name").as_str().unwrap_or_default();
    let id = prior.get("id").as_str().unwrap_or_default();
    found.push(
        Diagnostic::error(
            "Pool is protected against deletion",
            format!(
                "This plan would destroy pool {name} ({id}), whose deletion_protection is true. \
                 Set deletion_protection = false and apply that first, if it is really to go; \
                 otherwise undo the change that needs a new pool."
            ),
        )
        .at(Path::of("deletion_protection")),
    );
}
