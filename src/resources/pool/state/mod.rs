//! What we remember of a pool.
//!
//! The prior object takes part because order, unset-versus-empty, local
//! attributes and what the service never returns come from the user.

mod imported;
mod standing;
mod status;

use std::collections::BTreeMap;

use crate::modelarts::keys;
use crate::modelarts::pool::{Pool, ResourceEntry};
use crate::tf::value::Value;

use super::billing;
use super::control_mode;
use super::defaults;
use super::entry;
use super::identity::{self, EntryId, Wanted};
use super::schema;
use super::wait::ready;

pub use imported::imported;

/// The state of a pool. `prior` is the object as last known: a state, a plan
/// (unknowns count as "not known") or null.
pub fn from_api(pool: &Pool, prior: &Value) -> Value {
    let mut state = schema::empty_object();
    for name in schema::LOCAL {
        state.set_entry(name, known(prior.get(name)));
    }
    metadata(pool, prior, &mut state);
    spec(pool, prior, &mut state);
    standing::show(pool, prior, &mut state);
    billing::show(pool, prior, &mut state);
    computed(pool, prior, &mut state);
    state
}

fn known(value: &Value) -> Value {
    if value.is_unknown() { Value::Null } else { value.clone() }
}

/// A text that the service may leave out or return empty when it is not set.
fn text(live: Option<&str>, prior: &Value) -> Value {
    match live.unwrap_or_default() {
        "" if prior.as_str() == Some("") => Value::from(""),
        "" => Value::Null,
        set => Value::from(set),
    }
}

/// A text that the service may leave out although it is set.
fn kept(live: Option<&str>, prior: &Value) -> Value {
    match live {
        Some(set) if !set.is_empty() => Value::from(set),
        _ => known(prior),
    }
}

/// Of the keys that the user wrote, what the service holds.
fn written(live: &BTreeMap<String, String>, prior: &Value) -> Value {
    let Value::Map(keys) = prior else { return Value::Null };
    Value::map(keys.keys().filter_map(|key| Some((key.clone(), live.get(key)?.clone().into()))))
}

fn all(live: &BTreeMap<String, String>) -> Value {
    Value::map(live.iter().map(|(key, value)| (key.clone(), value.clone().into())))
}

fn metadata(pool: &Pool, prior: &Value, state: &mut Value) {
    let meta = &pool.metadata;
    state.set_entry("id", meta.name.clone().into());
    state.set_entry("name", kept(pool.display_name(), prior.get("name")));
    let workspace = kept(pool.workspace_id(), prior.get("workspace_id"));
    let workspace = if workspace.is_null() { defaults::WORKSPACE.into() } else { workspace };
    state.set_entry("workspace_id", workspace);
    state.set_entry("node_prefix", text(pool.label(keys::NODE_PREFIX), prior.get("node_prefix")));
    state.set_entry("sharing", text(pool.label(keys::SHARING), &Value::Null));
    state.set_entry("labels", written(&meta.labels, prior.get("labels")));
    let annotation = |key: &str, name: &str| text(pool.annotation(key), prior.get(name));
    state.set_entry("description", annotation(keys::DESCRIPTION, "description"));
    state.set_entry(
        "scheduler_extension",
        annotation(keys::SCHEDULER_EXTENSION, "scheduler_extension"),
    );
    state.set_entry("annotations", written(&meta.annotations, prior.get("annotations")));
    state.set_entry("effective_labels", all(&meta.labels));
    state.set_entry("effective_annotations", all(&meta.annotations));
}

fn spec(pool: &Pool, prior: &Value, state: &mut Value) {
    let spec = &pool.spec;
    let kind = kept(spec.kind.as_deref(), prior.get("type"));
    state.set_entry("type", if kind.is_null() { defaults::TYPE.into() } else { kind });
    let scope = spec.scope.iter().flatten().map(|scope| Value::from(scope.clone()));
    state.set_entry("scope", Value::set(scope));
    state.set_entry("parent", text(spec.parent.as_deref(), prior.get("parent")));
    state.set_entry("driver", driver(pool, prior.get("driver")));
    state.set_entry("resources", resources(&spec.resources, prior.get("resources")));
}

/// Drivers are managed once the user has written the attribute.
fn driver(pool: &Pool, prior: &Value) -> Value {
    if prior.is_null() || prior.is_unknown() {
        return Value::Null;
    }
    let live = pool.spec.driver.clone().unwrap_or_default();
    Value::object([
        ("gpu_version", text(live.gpu_version.as_deref(), prior.get("gpu_version"))),
        ("npu_version", text(live.npu_version.as_deref(), prior.get("npu_version"))),
        ("update_strategy", known(prior.get("update_strategy"))),
    ])
}

/// The entries in the order in which the user wrote them; others come last.
fn resources(live: &[ResourceEntry], prior: &Value) -> Value {
    let prior: Vec<_> = prior
        .elements()
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| Some((Wanted::of_value(entry)?, entry)))
        .collect();
    let wanted: Vec<Wanted> = prior.iter().map(|(wanted, _)| wanted.clone()).collect();
    let found = identity::align(&wanted, live);
    let known = prior
        .iter()
        .zip(&found)
        .filter_map(|((_, prior), at)| Some(entry::shown(live.get((*at)?)?, prior)));
    let rest = live.iter().enumerate().filter(|(index, _)| !found.contains(&Some(*index)));
    let rest = rest.map(|(_, live)| entry::shown(live, &Value::Null));
    Value::List(known.chain(rest).collect())
}

/// The entries of a plan with what the service holds for each; null for one
/// that the service no longer has.
pub fn aligned_resources(live: &[ResourceEntry], planned: &Value) -> Value {
    let Some(items) = planned.elements() else { return Value::Null };
    let nothing = Wanted { id: EntryId::new("", None), any_node_pool: false, is_known: false };
    let wanted: Vec<_> = items
        .iter()
        .map(|item| Wanted::of_value(item).unwrap_or_else(|| nothing.clone()))
        .collect();
    let found = identity::align(&wanted, live).into_iter().zip(items);
    let entries = found.map(|(at, planned)| {
        at.and_then(|at| live.get(at)).map_or(Value::Null, |live| entry::shown(live, planned))
    });
    Value::List(entries.collect())
}

fn computed(pool: &Pool, prior: &Value, state: &mut Value) {
    let meta = &pool.metadata;
    let created = kept(meta.creation_timestamp.as_deref(), prior.get("creation_timestamp"));
    state.set_entry("creation_timestamp", created);
    for (name, key) in [
        ("resource_id", keys::RESOURCE_ID),
        ("order_name", keys::ORDER_NAME),
        ("tenant_domain_id", keys::TENANT_DOMAIN_ID),
        ("tenant_project_id", keys::TENANT_PROJECT_ID),
        ("biz", keys::BIZ),
        ("create_from", keys::CREATE_FROM),
    ] {
        state.set_entry(name, kept(pool.label(key), prior.get(name)));
    }
    let mode = pool.spec.control_mode.unwrap_or(0);
    state.set_entry("control_mode", mode.into());
    let restrictions = control_mode::restrictions(mode).into_iter().map(Value::from);
    state.set_entry("restrictions", Value::List(restrictions.collect()));
    state.set_entry("ready", ready::is_ready(pool).into());
    state.set_entry("status", status::show(pool));
}
