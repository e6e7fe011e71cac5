//! Finds, lists and deletes pools, and says when they cannot be changed.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    order::{self, Work},
    pool_rules::{WORKSPACE, check_workspace},
    pool_view::{order_counts, view, view_all},
    selector::Selector,
    world::{Leaving, Moment, Pool, World},
};

/// Returns the place of a pool.
pub(super) fn find(world: &World, id: &str) -> Check<usize> {
    world
        .pools
        .iter()
        .position(|pool| pool.id == id)
        .ok_or_else(|| Answer::error(404, "50015001", "pool not found"))
}

/// Returns a pool that is there at the moment.
pub(super) fn look<'a>(world: &'a World, call: &Call<'_>, id: &str) -> Check<&'a Pool> {
    let pool = world.pools.iter().find(|pool| pool.id == id && !pool.is_gone(call.now));
    pool.map(|pool| &**pool).ok_or_else(|| Answer::error(404, "50015001", "pool not found"))
}

/// Says that a pool cannot be changed just now.
pub(super) fn busy(call: &Call<'_>, why: &str) -> Answer {
    let status = call.scenario().rules.busy_status;
    Answer::error(status, "5044", format!("Operations conflict, try again later: {why}."))
}

/// Refuses changes of pools that the service holds fast.
pub(super) fn not_frozen(pool: &Pool) -> Check {
    let mode = pool.spec().get("controlMode").and_then(Value::as_i64).unwrap_or(0);
    match mode & (4 | 8 | 16) {
        0 => Ok(()),
        _ => Err(bad(format!("the pool is restricted, controlMode is {mode}"))),
    }
}

/// Refuses a resize or a move of pools that are not at rest.
pub(super) fn running(pool: &Pool, call: &Call<'_>) -> Check {
    match pool.phase(call.now) {
        // A failed growing leaves a working pool, and trying again is the way out of it.
        Some("Running" | "ScalingFailed") => {}
        phase => return Err(busy(call, &format!("the pool is {}", phase.unwrap_or("new")))),
    }
    match pool.is_changing(call.now) {
        true => Err(busy(call, "another change is under way")),
        false => Ok(()),
    }
}

pub(super) fn show(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&[])?;
    Ok(Answer::ok(view(world, look(world, call, id)?, call.now)))
}

pub(super) fn list(world: &World, call: &Call<'_>) -> Check<Answer> {
    let query = &call.query;
    query.only(&["workspaceId", "labelSelector", "status", "parent"])?;
    let workspace = query.get("workspaceId").unwrap_or("0");
    check_workspace(workspace)?;
    let status = query.get("status");
    if status.is_some_and(|status| !["created", "failed", "creating"].contains(&status)) {
        return Err(bad("query parameter status must be created, failed or creating"));
    }
    let selector = Selector::parse(query.get("labelSelector").unwrap_or(""))?;
    let parent = query.get("parent");
    let wanted = world.pools.iter().map(|pool| &**pool).filter(|pool| {
        !pool.is_gone(call.now)
            && status.is_none_or(|status| status_of(pool, call.now) == status)
            && parent.is_none_or(|id| pool.spec().get("parent").is_some_and(|own| own == id))
    });
    let items: Vec<Value> = view_all(world, wanted, call.now)
        .into_iter()
        .filter(|item| {
            // A move that has ended shows in the view, not yet in the record.
            super::world::entry(item, "labels", WORKSPACE) == workspace && selector.matches(item)
        })
        .collect();
    Ok(Answer::ok(json!({ "apiVersion": "v2", "kind": "PoolList", "items": items })))
}

/// Returns the word that the list's filter has for the phase.
fn status_of(pool: &Pool, now: i64) -> &'static str {
    match pool.phase(now) {
        None | Some("Waiting" | "Creating") => "creating",
        Some("CreationFailed") => "failed",
        Some(_) => "created",
    }
}

pub(super) fn delete(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&[])?;
    if !matches!(call.signed.body.trim_ascii(), b"") && call.json()? != json!({}) {
        return Err(bad("a DELETE of a pool has no body"));
    }
    let index = find(world, id)?;
    let Some(mut pool) = world.pools.get(index).cloned() else { return Ok(Answer::ok(json!({}))) };
    let mode = pool.spec().get("controlMode").and_then(Value::as_i64).unwrap_or(0);
    if mode & 16 != 0 {
        return Err(bad("the pool is frozen by public security and cannot be unsubscribed"));
    }
    let phase = pool.phase(call.now).map(str::to_owned);
    let nothing_paid = matches!(phase.as_deref(), Some("Waiting" | "CreationFailed"));
    if pool.is_prepaid() && !nothing_paid && pool.deleting.is_none() {
        return Err(bad("a yearly/monthly pool must be unsubscribed"));
    }
    let creating = matches!(phase.as_deref(), None | Some("Creating"));
    if call.scenario().rules.creating_is_busy && creating {
        return Err(busy(call, "the pool is being created"));
    }
    if pool.deleting.is_none() {
        leave(world, call, &mut pool);
    }
    let answer = Answer::ok(view(world, &pool, call.now));
    if let Some(slot) = world.pools.get_mut(index) {
        *slot = pool;
    }
    Ok(answer)
}

/// Says until when a pool that is gone keeps its network in use.
pub(super) fn held(call: &Call<'_>, gone: Moment) -> Leaving {
    Leaving { from: gone, gone: call.later(gone, call.scenario().durations.network_held) }
}

/// Begins to delete a pool.
pub(super) fn leave(world: &mut World, call: &Call<'_>, pool: &mut Pool) {
    let from = call.after(call.scenario().durations.pickup);
    let gone = call.later(from, call.scenario().durations.delete);
    pool.deleting = Some(Leaving { from, gone });
    world.hold_network(pool, held(call, gone));
    let work = Work {
        operation: "delete",
        begins: from,
        ends: gone,
        failure: None,
        partial: false,
        init: order_counts(&pool.resources()),
        wanted: json!([]),
    };
    order::open(world, call, pool, work);
}
