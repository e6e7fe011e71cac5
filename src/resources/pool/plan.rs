//! Plans of pools: what the schema cannot say by itself.

use crate::modelarts::pool::ResourceEntry;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::field::Field;
use crate::tf::path::Path;
use crate::tf::plan;
use crate::tf::private::Private;
use crate::tf::resource::{PlanRequest, Planned};
use crate::tf::value::Value;

use super::billing;
use super::control_mode;
use super::found;
use super::identity::EntryId;
use super::marker;
use super::schema::{self, LOCAL};
use super::spec::Changeable;
use super::validate::SAFE_GROWTH;

/// What the end of an unfinished wait may change.
const WAITED_FOR: &[&str] = &["ready", "status"];

/// Plans a create or an update.
pub fn plan(request: &PlanRequest, default_workspace: &Field<String>) -> Planned {
    let mut request = request.clone();
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

/// An import cannot know in which order the user writes the entries, nor which
/// keys of a map are the user's. Until the first apply, what was found stands
/// for it, so that a plan of a matching configuration is empty.
fn as_found(request: &PlanRequest) -> Option<PlanRequest> {
    if !marker::is_imported(&request.private) {
        return None;
    }
    let mut request = request.clone();
    let (config, prior) = (&mut request.config, &request.prior);
    for name in ["labels", "annotations"] {
        take_found(config, prior, name);
    }
    let entries = prior.get("resources").elements()?;
    let mut items: Vec<(usize, Value)> = Vec::new();
    let written = config.get("resources").elements()?.to_vec();
    if written.len() != entries.len() {
        return None;
    }
    for mut item in written {
        let id = EntryId::of_value(&item)?;
        let place = entries.iter().position(|e| EntryId::of_value(e).as_ref() == Some(&id))?;
        let found = entries.get(place)?;
        for name in ["extend_params", "labels", "tags"] {
            take_found(&mut item, found, name);
        }
        let volumes = found.get("data_volumes").elements().unwrap_or_default();
        if let Some(Value::List(own)) =
            item.entries_mut().and_then(|members| members.get_mut("data_volumes"))
        {
            for (volume, found) in own.iter_mut().zip(volumes) {
                take_found(volume, found, "extend_params");
            }
        }
        items.push((place, item));
    }
    items.sort_by_key(|(place, _)| *place);
    let items = items.into_iter().map(|(_, item)| item).collect();
    config.set_entry("resources", Value::List(items));
    Some(request)
}

/// Puts a map that was found in the place of a written part of it.
fn take_found(config: &mut Value, found: &Value, name: &str) {
    let (Value::Map(written), Value::Map(all)) = (config.get(name), found.get(name)) else {
        return;
    };
    if written.iter().all(|(key, value)| all.get(key) == Some(value)) {
        config.set_entry(name, found.get(name).clone());
    }
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
    planned.requires_replace.retain(|path| replaces(request, path));
    if !planned.requires_replace.is_empty() {
        protect(prior, &mut planned.diagnostics);
        warn_about_replacement(request, planned);
        return;
    }
    let changed = changes(prior, &planned.state);
    let local = changed.iter().all(|name| LOCAL.contains(name) || *name == "labels");
    if local {
        planned.state = with(prior, &planned.state, &changed);
    } else {
        warn_about_restrictions(prior, &mut planned.diagnostics);
        warn_about_growth(prior, &planned.state, &mut planned.diagnostics);
        warn_about_prepaid_shrinkage(prior, &planned.state, &mut planned.diagnostics);
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

/// What an import shows although the user may never have written it.
const FOUND: &[&str] = &[
    "masters",
    "clusters",
    "user_login",
    "period_unit",
    "period",
    "auto_renew",
    "auto_pay",
    "promotion_info",
    "console_url",
];

/// Says whether a difference in a fixed attribute really means another pool.
fn replaces(request: &PlanRequest, path: &Path) -> bool {
    let is = |name: &str| *path == Path::of(name);
    let (before, after) =
        (|name: &str| request.prior.get(name), |name: &str| request.config.get(name));
    if is("labels") {
        return labels_need_replacement(request);
    }
    let unwritten = |name: &&str| is(name) && after(name).is_null();
    if marker::is_imported(&request.private) && FOUND.iter().any(unwritten) {
        return false;
    }
    match () {
        // Their order means nothing.
        () if is("masters") => !same_members(before("masters"), after("masters"), "az"),
        () if is("clusters") => !same_members(before("clusters"), after("clusters"), "provider_id"),
        () => true,
    }
}

fn same_members(before: &Value, after: &Value, name: &str) -> bool {
    let (Some(before), Some(after)) = (before.elements(), after.elements()) else { return false };
    let has =
        |items: &[Value], item: &Value| items.iter().any(|other| other.get(name) == item.get(name));
    before.len() == after.len()
        && after.iter().all(|item| item.get(name).as_str().is_some() && has(before, item))
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
    if is_prepaid(prior) {
        found.push(unsubscribing(prior));
    }
    found
}

fn is_prepaid(object: &Value) -> bool {
    object.get("charging_mode").as_str() == Some(billing::PREPAID)
}

fn unsubscribing(prior: &Value) -> Diagnostic {
    let name = prior.get("name").as_str().unwrap_or_default();
    Diagnostic::warning(
        "Destroying a prepaid pool unsubscribes it",
        format!(
            "Pool {name} is paid for in advance. Destroying it ends its subscription through the \
             billing service; what is refunded of the time that is left follows the rules of the \
             cloud, and it can be little. It cannot be undone."
        ),
    )
    .at(Path::of("charging_mode"))
}

/// A new pool in the place of a prepaid one costs money twice.
fn warn_about_replacement(request: &PlanRequest, planned: &mut Planned) {
    if !is_prepaid(&request.prior) {
        return;
    }
    planned.diagnostics.push(unsubscribing(&request.prior));
    if request.config.get("charging_mode").is_null() {
        planned.diagnostics.push(
            Diagnostic::warning(
                "Pool is prepaid, but the configuration does not say so",
                "The pool is paid for in advance, and charging_mode is postPaid when it is left \
                 out: that is why this plan replaces the pool. To keep the pool, set \
                 charging_mode = \"prePaid\" with the period_unit and period that were ordered.",
            )
            .at(Path::of("charging_mode")),
        );
    }
}

/// The service refuses to take prepaid nodes away by a smaller count.
fn warn_about_prepaid_shrinkage(prior: &Value, planned: &Value, found: &mut Diagnostics) {
    if !is_prepaid(prior) {
        return;
    }
    let (before, after) = (Changeable::from_value(prior), Changeable::from_value(planned));
    let shrinks = before.resources.iter().any(|entry| count_in(&after, entry) < entry.count);
    if shrinks {
        found.push(
            Diagnostic::warning(
                "Prepaid nodes cannot be removed here",
                "This plan takes nodes out of a pool that is paid for in advance. The service \
                 refuses that for prepaid nodes: unsubscribe them in the billing console \
                 instead, the count of the pool follows by itself; then make the configuration \
                 agree.",
            )
            .at(Path::of("resources")),
        );
    }
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
        .map(|entry| entry.count - count_in(&before, entry))
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

/// Number of nodes that an entry has in a state or plan.
fn count_in(before: &Changeable, entry: &ResourceEntry) -> i64 {
    let id = EntryId::of(entry);
    before.resources.iter().find(|entry| EntryId::of(entry) == id).map_or(0, |entry| entry.count)
}

fn is_npu(flavor: &str) -> bool {
    let flavor = flavor.to_ascii_lowercase();
    ["npu", "ascend", "snt9"].iter().any(|mark| flavor.contains(mark))
}
