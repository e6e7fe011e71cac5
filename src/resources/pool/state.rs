//! What we remember of a pool.
//!
//! The prior object takes part because order, unset-versus-empty, local
//! attributes and what the service never returns come from the user.

use std::collections::BTreeMap;

use crate::modelarts::keys;
use crate::modelarts::pool::{AzCount, CountEntry, DriverState, Pool, ResourceEntry};
use crate::tf::value::Value;

use super::control_mode;
use super::defaults;
use super::identity::{self, EntryId};
use super::ready;
use super::schema;

/// The state of a pool. `prior` is the object as last known: a state, a plan
/// (unknowns count as "not known") or null.
pub fn from_api(pool: &Pool, prior: &Value) -> Value {
    let mut state = schema::empty_object();
    for name in schema::LOCAL {
        state.set_entry(name, known(prior.get(name)));
    }
    metadata(pool, prior, &mut state);
    spec(pool, prior, &mut state);
    computed(pool, prior, &mut state);
    state
}

/// The state of a pool that has just been found by an import: local attributes
/// have their defaults, and maps hold what a user may have written.
pub fn imported(pool: &Pool) -> Value {
    let mut state = from_api(pool, &Value::Null);
    state.set_entry("wait_for", defaults::WAIT_FOR.into());
    state.set_entry("on_timeout", defaults::ON_TIMEOUT.into());
    state.set_entry("deletion_protection", false.into());
    state.set_entry("labels", free(&pool.metadata.labels));
    state.set_entry("annotations", free(&pool.metadata.annotations));
    state.set_entry("driver", imported_driver(pool));
    state
}

/// Entries that a person may have written. Keys with a domain in front are
/// the service's own (`os.modelarts/…`).
fn free(entries: &BTreeMap<String, String>) -> Value {
    let plain: Vec<_> = entries
        .iter()
        .filter(|(key, _)| !key.contains('/'))
        .map(|(key, value)| (key.clone(), Value::from(value.clone())))
        .collect();
    if plain.is_empty() { Value::Null } else { Value::map(plain) }
}

fn imported_driver(pool: &Pool) -> Value {
    let Some(driver) = &pool.spec.driver else { return Value::Null };
    if driver.gpu_version.is_none() && driver.npu_version.is_none() {
        return Value::Null;
    }
    Value::object([
        ("gpu_version", driver.gpu_version.clone().into()),
        ("npu_version", driver.npu_version.clone().into()),
        ("update_strategy", Value::Null),
    ])
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
fn managed(live: &BTreeMap<String, String>, prior: &Value) -> Value {
    let Value::Map(written) = prior else { return Value::Null };
    Value::map(written.keys().filter_map(|key| Some((key.clone(), live.get(key)?.clone().into()))))
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
    state.set_entry("labels", managed(&meta.labels, prior.get("labels")));
    let annotation = |key: &str, name: &str| text(pool.annotation(key), prior.get(name));
    state.set_entry("description", annotation(keys::DESCRIPTION, "description"));
    state.set_entry(
        "scheduler_extension",
        annotation(keys::SCHEDULER_EXTENSION, "scheduler_extension"),
    );
    state.set_entry("annotations", managed(&meta.annotations, prior.get("annotations")));
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
    state.set_entry("network", network(pool, prior.get("network")));
    state.set_entry("driver", driver(pool, prior.get("driver")));
    state.set_entry("resources", resources(&spec.resources, prior.get("resources")));
}

fn network(pool: &Pool, prior: &Value) -> Value {
    match pool.spec.network.as_ref().and_then(|network| network.name.clone()) {
        Some(name) if !name.is_empty() => Value::object([("name", name.into())]),
        _ => known(prior),
    }
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
    let prior = prior.elements().unwrap_or_default();
    let wanted: Vec<_> = prior
        .iter()
        .filter_map(|entry| {
            Some((EntryId::of_value(entry)?, entry.get("node_pool").as_str().is_none()))
        })
        .collect();
    let order: Vec<usize> = identity::align(&wanted, live).into_iter().flatten().collect();
    let rest = (0..live.len()).filter(|index| !order.contains(index));
    let all = order.iter().copied().chain(rest);
    Value::List(all.filter_map(|index| live.get(index)).map(entry).collect())
}

/// The entries of a plan with what the service holds for each; null for one
/// that the service no longer has.
pub fn aligned_resources(live: &[ResourceEntry], planned: &Value) -> Value {
    let Some(items) = planned.elements() else { return Value::Null };
    let wanted: Vec<_> = items
        .iter()
        .map(|item| {
            let id = EntryId::of_value(item).unwrap_or_else(|| EntryId::new("", None));
            (id, item.get("node_pool").as_str().is_none())
        })
        .collect();
    let found = identity::align(&wanted, live).into_iter();
    let entries = found.map(|at| at.and_then(|at| live.get(at)).map_or(Value::Null, entry));
    Value::List(entries.collect())
}

fn entry(entry: &ResourceEntry) -> Value {
    Value::object([
        ("flavor", entry.flavor.clone().into()),
        ("count", entry.count.into()),
        ("max_count", entry.max_count.into()),
        ("azs", entry.azs.as_deref().map_or(Value::Null, azs)),
        ("node_pool", entry.node_pool.clone().into()),
    ])
}

fn azs(azs: &[AzCount]) -> Value {
    Value::set(
        azs.iter()
            .map(|az| Value::object([("az", az.az.clone().into()), ("count", az.count.into())])),
    )
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
    state.set_entry("status", status(pool));
}

fn status(pool: &Pool) -> Value {
    let status = &pool.status;
    let optional = |text: &Option<String>| Value::from(text.clone().filter(|t| !t.is_empty()));
    let driver = |state: Option<&DriverState>| {
        state.map_or(Value::Null, |driver| {
            Value::object([
                ("version", optional(&driver.version)),
                ("state", optional(&driver.state)),
            ])
        })
    };
    let counts = &status.resources;
    Value::object([
        ("phase", optional(&status.phase)),
        ("message", optional(&status.message)),
        ("parent", optional(&status.parent)),
        ("root", optional(&status.root)),
        (
            "resources",
            Value::object([
                ("creating", count_list(&counts.creating)),
                ("available", count_list(&counts.available)),
                ("abnormal", count_list(&counts.abnormal)),
                ("deleting", count_list(&counts.deleting)),
            ]),
        ),
        (
            "scope",
            Value::List(
                in_order(&status.scope, |scope| scope.scope_type.clone())
                    .map(|scope| {
                        Value::object([
                            ("scope_type", optional(&scope.scope_type)),
                            ("state", optional(&scope.state)),
                            ("message", optional(&scope.message)),
                        ])
                    })
                    .collect(),
            ),
        ),
        (
            "driver",
            status.driver.as_ref().map_or(Value::Null, |drivers| {
                Value::object([
                    ("gpu", driver(drivers.gpu.as_ref())),
                    ("npu", driver(drivers.npu.as_ref())),
                ])
            }),
        ),
        (
            "clusters",
            Value::List(
                in_order(&status.clusters, |cluster| cluster.provider_id.clone())
                    .map(|cluster| {
                        Value::object([
                            ("name", optional(&cluster.name)),
                            ("provider_id", optional(&cluster.provider_id)),
                        ])
                    })
                    .collect(),
            ),
        ),
    ])
}

fn count_list(entries: &[CountEntry]) -> Value {
    Value::List(
        in_order(entries, |entry| (entry.flavor.clone(), entry.node_pool.clone()))
            .map(|entry| {
                Value::object([
                    ("flavor", Value::from(entry.flavor.clone())),
                    ("node_pool", entry.node_pool.clone().into()),
                    ("count", entry.count.into()),
                    ("max_count", entry.max_count.into()),
                    ("azs", azs(&entry.azs)),
                ])
            })
            .collect(),
    )
}

/// The service answers lists in any order; a fixed one keeps refreshes quiet.
fn in_order<T, K: Ord>(items: &[T], key: impl Fn(&T) -> K) -> impl Iterator<Item = &T> {
    let mut sorted: Vec<&T> = items.iter().collect();
    sorted.sort_by_key(|item| key(item));
    sorted.into_iter()
}
