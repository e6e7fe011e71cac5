//! `status`: what the service says about a pool.

use crate::modelarts::pool::{CountEntry, DriverState, Pool};
use crate::tf::value::Value;

use super::super::entry;

pub(super) fn show(pool: &Pool) -> Value {
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
