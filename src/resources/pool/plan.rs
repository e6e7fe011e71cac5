//! Plans of pools: what the schema cannot say by itself.

use crate::modelarts::pool::ResourceEntry;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::field::Field;
use crate::tf::path::Path;
use crate::tf::plan;
use crate::tf::private::Private;
use crate::tf::resource::{PlanRequest, Planned};
use crate::tf::value::Value;

use super::control_mode;
use super::identity::EntryId;
use super::marker;
use super::schema::{self, LOCAL};
use super::spec::Changeable;
use super::validate::SAFE_GROWTH;

/// What the end of an unfinished wait may change.
const WAITED_FOR: &[&str] = &["ready", "status"];

/// Plans a create or an update.
pub fn plan(request: &PlanRequest, default_workspace: &Field<String>) -> Planned {
    let mut planned = in_known_order(request)
        .map(|request| plan::plan(schema::shared(), &request))
        // Another order than the written one is allowed only for no change.
        .filter(|planned| planned.state.get("resources") == request.prior.get("resources"))
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

/// An import cannot know in which order the user writes the entries. Until the
/// first apply, the order in which the service answered stands for it, so that
/// a plan of a matching configuration is empty.
fn in_known_order(request: &PlanRequest) -> Option<PlanRequest> {
    if !marker::is_imported(&request.private) {
        return None;
    }
    let prior = request.prior.get("resources").elements()?;
    let place = |item: &Value| {
        let id = EntryId::of_value(item)?;
        prior.iter().position(|entry| EntryId::of_value(entry).as_ref() == Some(&id))
    };
    let mut items = request.config.get("resources").elements()?.to_vec();
    if items.len() != prior.len() || items.iter().any(|item| place(item).is_none()) {
        return None;
    }
    items.sort_by_key(place);
    let mut request = request.clone();
    request.config.set_entry("resources", Value::List(items));
    Some(request)
}

fn create(request: &PlanRequest, default_workspace: &Field<String>, planned: &mut Planned) {
    if request.config.get("workspace_id").is_null()
        && let Field::Known(workspace) = default_workspace
    {
        planned.state.set_entry("workspace_id", workspace.clone().into());
    }
    warn_about_growth(&Value::Null, &planned.state, &mut planned.diagnostics);
}

fn update(request: &PlanRequest, planned: &mut Planned) {
    let prior = &request.prior;
    if !labels_need_replacement(request) {
        planned.requires_replace.retain(|path| *path != Path::of("labels"));
    }
    if !planned.requires_replace.is_empty() {
        protect(prior, &mut planned.diagnostics);
        return;
    }
    let changed = changes(prior, &planned.state);
    let local = changed.iter().all(|name| LOCAL.contains(name) || *name == "labels");
    if local {
        planned.state = with(prior, &planned.state, &changed);
    } else {
        warn_about_restrictions(prior, &mut planned.diagnostics);
        warn_about_growth(prior, &planned.state, &mut planned.diagnostics);
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

/// Labels cannot be changed. But writing down a label that the pool carries
/// already changes nothing, nor does leaving out what an import has found.
fn labels_need_replacement(request: &PlanRequest) -> bool {
    let (before, after) = (request.prior.get("labels"), request.config.get("labels"));
    if before == after {
        return false;
    }
    let carried = request.prior.get("effective_labels");
    let empty = std::collections::BTreeMap::new();
    let wanted = match after {
        Value::Null => &empty,
        Value::Map(entries) => entries,
        _ => return true,
    };
    let differs = wanted.iter().any(|(key, value)| carried.get(key) != value);
    let dropped =
        before.entries().is_some_and(|entries| entries.keys().any(|key| !wanted.contains_key(key)));
    differs || (dropped && !marker::is_imported(&request.private))
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

fn warn_about_restrictions(prior: &Value, found: &mut Diagnostics) {
    let reason = prior.get("control_mode").as_i64().and_then(control_mode::refuses_changes);
    if let Some(reason) = reason {
        found.push(
            Diagnostic::warning(
                "Pool may refuse changes",
                format!("The service restricts this pool: {reason}. It will likely refuse."),
            )
            .at(Path::of("control_mode")),
        );
    }
}

fn warn_about_growth(prior: &Value, planned: &Value, found: &mut Diagnostics) {
    let (before, after) = (Changeable::from_value(prior), Changeable::from_value(planned));
    let new: i64 = after
        .resources
        .iter()
        .map(|entry| entry.count - before_of(&before, entry))
        .filter(|new| *new > 0)
        .fold(0, i64::saturating_add);
    if new > SAFE_GROWTH {
        found.push(
            Diagnostic::warning(
                "Many new nodes at once",
                format!(
                    "This plan adds {new} nodes. The service advises to add no more than \
                     {SAFE_GROWTH} at a time; growing in steps is safer."
                ),
            )
            .at(Path::of("resources")),
        );
    }
    let npu = after.resources.iter().find(|entry| is_npu(&entry.flavor));
    let version = after.driver.as_ref().and_then(|driver| driver.npu_version.as_ref());
    let unknown = planned.get("driver").is_unknown();
    if let (Some(entry), None, true, false) = (npu, version, prior.is_null(), unknown) {
        found.push(
            Diagnostic::warning(
                "NPU flavor without driver version",
                format!(
                    "{} looks like an Ascend flavor. Some clouds refuse such a pool without \
                     driver = {{ npu_version = \"…\" }}.",
                    entry.flavor
                ),
            )
            .at(Path::of("driver")),
        );
    }
}

/// Number of nodes that an entry has already.
fn before_of(before: &Changeable, entry: &ResourceEntry) -> i64 {
    let id = EntryId::of(entry);
    before.resources.iter().find(|entry| EntryId::of(entry) == id).map_or(0, |entry| entry.count)
}

fn is_npu(flavor: &str) -> bool {
    let flavor = flavor.to_ascii_lowercase();
    ["npu", "ascend", "snt9"].iter().any(|mark| flavor.contains(mark))
}
