//! Changes the number of a pool's nodes (API reference, semantics of resources).

use serde_json::{Value, json};

use super::{
    answer::{Check, bad},
    call::Call,
    check::Object,
    entry_rules::{check_entries, identity},
    layout::{Timing, fill_entry, rebuild, shrink_entries, sold_out},
    order::{self, Work},
    pool_create::{abnormal, between},
    pool_find::running,
    pool_view::order_counts,
    scenario::{Rules, WhenOmitted},
    world::{Leaving, Pool, Scaling, World, list},
};

pub(super) fn resize(
    world: &mut World,
    call: &Call<'_>,
    pool: &mut Pool,
    spec: &Object<'_>,
) -> Check {
    let rules = &call.scenario().rules;
    check_entries(spec, pool.is_logical(), rules)?;
    let before = pool.resources();
    let volumes = call.scenario().answers.fill_volumes;
    let after = spec.need_list("resources")?.iter().map(|entry| {
        let previous = before.iter().find(|other| identity(other) == identity(entry));
        let entry = take_over(entry, previous, rules)?;
        Ok(fill_entry(&entry, previous, volumes))
    });
    let after = after.collect::<Check<Vec<Value>>>()?;
    let (grows, shrinks) = direction(&before, &after);
    if grows && shrinks {
        return Err(bad("growing and shrinking cannot be mixed in one request"));
    }
    if shrinks && pool.is_prepaid() {
        return Err(bad("nodes of a yearly/monthly pool must be unsubscribed"));
    }
    if control_mode(pool) & 2 != 0 {
        return Err(bad("changing the specifications of this pool is restricted"));
    }
    running(pool, call)?;
    pool.set_spec("resources", Value::Array(after.clone()));
    pool.scaling_failed = None;
    // Everything but the nodes themselves is effective at once.
    if places(&before) == places(&after) {
        return Ok(());
    }
    change_nodes(world, call, pool, &before, &after, grows);
    Ok(())
}

/// Takes over from an entry as it was what the request leaves out, where the rules say so.
fn take_over(entry: &Value, previous: Option<&Value>, rules: &Rules) -> Check<Value> {
    let mut entry = entry.clone();
    let count = entry.get("count").and_then(Value::as_u64).unwrap_or(0);
    let Some(previous) = previous else { return Ok(entry) };
    let old_max = previous.get("maxCount").and_then(Value::as_u64).unwrap_or(count);
    let sum: u64 = list(previous.get("azs")).iter().filter_map(|zone| zone["count"].as_u64()).sum();
    for (key, rule, fits, why) in [
        ("maxCount", rules.old_max_count, count <= old_max, "count is more than the maxCount"),
        ("azs", rules.old_zones, sum == count, "the zones do not add up to the count"),
    ] {
        if entry.get(key).is_some() || rule == WhenOmitted::Moves {
            continue;
        }
        if rule == WhenOmitted::Refused && !fits {
            return Err(bad(format!("{why} that the pool has")));
        }
        if let Some(value) = previous.get(key) {
            entry[key] = value.clone();
        }
    }
    Ok(entry)
}

fn control_mode(pool: &Pool) -> i64 {
    pool.spec().get("controlMode").and_then(Value::as_i64).unwrap_or(0)
}

/// Returns where nodes are wanted, and how many.
fn places(entries: &[Value]) -> Vec<((String, String, String), Value)> {
    let place = |entry: &Value| (identity(entry), json!([entry.get("count"), entry.get("azs")]));
    let mut places: Vec<_> = entries.iter().map(place).collect();
    places.sort_by(|one, other| one.0.cmp(&other.0));
    places
}

/// Tells whether some entry grows and whether some entry shrinks.
fn direction(before: &[Value], after: &[Value]) -> (bool, bool) {
    let count = |entries: &[Value], wanted: &Value| {
        let found = entries.iter().find(|entry| identity(entry) == identity(wanted));
        found.and_then(|entry| entry.get("count")?.as_u64()).unwrap_or(0)
    };
    let changes = |entry: &Value| (count(before, entry), count(after, entry));
    let all: Vec<(u64, u64)> = before.iter().chain(after).map(changes).collect();
    (all.iter().any(|(old, new)| new > old), all.iter().any(|(old, new)| new < old))
}

fn change_nodes(
    world: &mut World,
    call: &Call<'_>,
    pool: &mut Pool,
    before: &[Value],
    after: &[Value],
    grows: bool,
) {
    let durations = &call.scenario().durations;
    let from = call.after(durations.pickup);
    let arrived = call.later(from, durations.scale_out);
    let gone = call.later(from, durations.scale_in);
    let failure = if grows { scaling_failure(call, after) } else { None };
    if !pool.is_logical() {
        rebuild(
            pool,
            &Timing {
                arrive: &|index, total| (from, between(from, arrived, index + 1, total + 1)),
                leave: Leaving { from, gone },
                abnormal: abnormal(call, arrived),
                failing: failure.as_ref().map(|(_, nodes)| *nodes),
            },
        );
    }
    let ends = if grows { arrived } else { gone };
    let doomed: Vec<_> = pool.nodes.iter().filter(|node| node.stays() && !node.doomed).collect();
    let back = match failure {
        Some(_) => shrink_entries(after, &doomed),
        None => before.to_vec(),
    };
    let (message, came) = failure.unzip();
    // What fails does not come, however long it takes to find out.
    for node in pool.nodes.iter_mut().filter(|node| node.doomed) {
        node.available = None;
    }
    pool.scaling = Some(Scaling { ends, failure: message.clone(), before: Value::Array(back) });
    let work = Work {
        operation: "modify",
        begins: from,
        ends,
        failure: message,
        partial: came.is_some_and(|nodes| nodes > 0),
        init: order_counts(before),
        wanted: order_counts(after),
    };
    order::open(world, call, pool, work);
}

/// Returns why growing fails, if it does, and how many nodes come all the same.
fn scaling_failure(call: &Call<'_>, after: &[Value]) -> Option<(String, u32)> {
    let failure = call.live.failure("scaling", &call.scenario().outcomes.scaling_failed);
    match failure {
        Some(failure) => Some((failure.message.clone(), failure.nodes)),
        None => sold_out(after, &call.scenario().offer).map(|message| (message, 0)),
    }
}

/// Removes nodes by name; the pool's counts follow by themselves.
pub(super) fn remove_nodes(
    world: &mut World,
    call: &Call<'_>,
    index: usize,
    names: &[&str],
) -> Check {
    let Some(mut pool) = world.pools.get(index).cloned() else { return Ok(()) };
    running(&pool, call)?;
    if pool.is_prepaid() {
        return Err(bad("nodes of a yearly/monthly pool must be unsubscribed"));
    }
    let before = pool.resources();
    let from = call.after(call.scenario().durations.pickup);
    let gone = call.later(from, call.scenario().durations.scale_in);
    for node in pool.nodes.iter_mut().filter(|node| names.contains(&node.name.as_str())) {
        node.leaving = Some(Leaving { from, gone });
    }
    let left: Vec<_> = pool.nodes.iter().filter(|node| node.stays()).collect();
    if left.is_empty() {
        return Err(bad("at least one node must stay"));
    }
    let after = shrink_entries(&before, &left);
    pool.set_spec("resources", Value::Array(after.clone()));
    pool.scaling = Some(Scaling { ends: gone, failure: None, before: Value::Null });
    let work = Work {
        operation: "modify",
        begins: from,
        ends: gone,
        failure: None,
        partial: false,
        init: order_counts(&before),
        wanted: order_counts(&after),
    };
    order::open(world, call, &mut pool, work);
    if let Some(slot) = world.pools.get_mut(index) {
        *slot = pool;
    }
    Ok(())
}
