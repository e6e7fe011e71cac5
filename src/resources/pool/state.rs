//! What we remember of a pool.
//!
//! The prior object takes part because order, unset-versus-empty, local
//! attributes and what the service never returns come from the user.

use std::collections::BTreeMap;

use crate::modelarts::keys;
use crate::modelarts::pool::{Cluster, CountEntry, DriverState, NetworkRef, Pool, ResourceEntry};
use crate::tf::conform::unknowns_to_null;
use crate::tf::value::Value;

use super::billing;
use super::control_mode;
use super::defaults;
use super::entry::{self, managed};
use super::identity::{self, EntryId, Wanted};
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
    standing(pool, prior, &mut state);
    billing::show(pool, prior, &mut state);
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
    state.set_entry("network", imported_network(pool));
    let zones = pool.spec.masters.iter().flatten().filter_map(|master| master.az.clone());
    state.set_entry("masters", list_or_null(zones.map(master)));
    // Only a privileged pool has clusters that its owner brought along.
    let own = pool.spec.network.as_ref().is_some_and(|network| network.vpc_id.is_some());
    let clusters = pool.spec.clusters.iter().flatten().filter(|_| own).map(cluster);
    state.set_entry("clusters", list_or_null(clusters));
    let job_flavors = pool.spec.job_flavors.as_ref().filter(|names| !names.is_empty());
    state.set_entry("job_flavors", job_flavors.map_or(Value::Null, |names| text_set(names)));
    state.set_entry("user_login", imported_login(pool));
    billing::found(pool, &mut state);
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
        ("update_strategy", driver.update_strategy.clone().into()),
    ])
}

fn imported_network(pool: &Pool) -> Value {
    let network = pool.spec.network.clone().unwrap_or_default();
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (name, vpc_id) = (filled(network.name), filled(network.vpc_id));
    match (name, vpc_id) {
        (None, None) => Value::Null,
        (Some(name), _) => network_of(&NetworkRef { name: Some(name), ..NetworkRef::default() }),
        (None, vpc_id) => {
            network_of(&NetworkRef { name: None, vpc_id, subnet_id: filled(network.subnet_id) })
        }
    }
}

/// The service never returns a password, and seldom the name of the key pair.
fn imported_login(pool: &Pool) -> Value {
    let login = pool.spec.user_login.as_ref().and_then(|login| login.key_pair_name.clone());
    login.filter(|name| !name.is_empty()).map_or(Value::Null, |name| {
        Value::object([
            ("key_pair_name", Value::from(name)),
            ("password", Value::Null),
            ("password_wo", Value::Null),
            ("password_wo_version", Value::Null),
        ])
    })
}

fn list_or_null(items: impl Iterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.collect();
    if items.is_empty() { Value::Null } else { Value::List(items) }
}

fn master(az: String) -> Value {
    Value::object([("az", Value::from(az))])
}

fn cluster(cluster: &Cluster) -> Value {
    Value::object([
        ("provider_id", cluster.provider_id.clone().into()),
        ("name", cluster.name.clone().filter(|name| !name.is_empty()).into()),
    ])
}

fn network_of(network: &NetworkRef) -> Value {
    Value::object([
        ("name", network.name.clone().into()),
        ("vpc_id", network.vpc_id.clone().into()),
        ("subnet_id", network.subnet_id.clone().into()),
    ])
}

fn text_set(names: &[String]) -> Value {
    Value::set(names.iter().map(|name| Value::from(name.clone())))
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

/// What a pool stands on. The service does not return all of it on every
/// cloud, and none of it can change.
fn standing(pool: &Pool, prior: &Value, state: &mut Value) {
    let spec = &pool.spec;
    let network = spec.network.as_ref().map_or(Value::Null, network_of);
    let prior_network = prior.get("network");
    state.set_entry("network", managed(&network, prior_network));
    let containers = spec.container_network.as_ref().map(|network| {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let prior = prior.get("container_network");
        Value::object([
            ("cidr", kept(filled(&network.cidr).as_deref(), prior.get("cidr"))),
            ("mode", kept(filled(&network.mode).as_deref(), prior.get("mode"))),
        ])
    });
    let containers = containers.unwrap_or_else(|| all_known(prior.get("container_network")));
    state.set_entry("container_network", containers);
    for (name, live) in [
        ("kubernetes_svc_ip_range", &spec.kubernetes_svc_ip_range),
        ("cluster_flavor", &spec.cluster_flavor),
    ] {
        state.set_entry(name, kept(live.as_deref(), prior.get(name)));
    }
    let ipv6 = spec.ipv6_enable.map_or_else(|| known(prior.get("ipv6_enable")), Value::from);
    state.set_entry("ipv6_enable", ipv6);
    state.set_entry("masters", masters(pool, prior.get("masters")));
    state.set_entry("clusters", clusters(pool, prior.get("clusters")));
    state.set_entry("user_login", all_known(prior.get("user_login")));
    let job_flavors = match (&spec.job_flavors, prior.get("job_flavors")) {
        (_, Value::Null) => Value::Null,
        (Some(names), _) => text_set(names),
        (None, prior) => known(prior),
    };
    state.set_entry("job_flavors", job_flavors);
}

fn all_known(prior: &Value) -> Value {
    let mut value = prior.clone();
    unknowns_to_null(&mut value);
    value
}

/// The order of zones means nothing: only other zones are a difference.
fn masters(pool: &Pool, prior: &Value) -> Value {
    let Some(masters) = pool.spec.masters.as_ref().filter(|_| !prior.is_null()) else {
        return all_known(prior);
    };
    let mut live: Vec<String> = masters.iter().filter_map(|master| master.az.clone()).collect();
    let written = prior.elements().unwrap_or_default().iter();
    let mut before: Vec<String> =
        written.filter_map(|master| master.get("az").as_str().map(str::to_owned)).collect();
    live.sort();
    before.sort();
    if live == before {
        all_known(prior)
    } else {
        Value::List(live.into_iter().map(master).collect())
    }
}

/// The clusters in the order in which the user wrote them, with their names.
fn clusters(pool: &Pool, prior: &Value) -> Value {
    let Some(live) = pool.spec.clusters.as_ref().filter(|_| !prior.is_null()) else {
        return all_known(prior);
    };
    let id = |value: &Value| value.get("provider_id").as_str().map(str::to_owned);
    let written: Vec<_> = prior.elements().unwrap_or_default().iter().filter_map(id).collect();
    let place = |cluster: &&Cluster| {
        let at = written.iter().position(|id| Some(id) == cluster.provider_id.as_ref());
        at.unwrap_or(written.len())
    };
    let mut ordered: Vec<&Cluster> = live.iter().collect();
    ordered.sort_by_key(place);
    Value::List(ordered.into_iter().map(cluster).collect())
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
    let nothing = Wanted { id: EntryId::new("", None), any_node_pool: false };
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
            .map(|count| {
                Value::object([
                    ("flavor", Value::from(count.flavor.clone())),
                    ("node_pool", count.node_pool.clone().into()),
                    ("count", count.count.into()),
                    ("max_count", count.max_count.into()),
                    ("azs", entry::azs(&count.azs)),
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
