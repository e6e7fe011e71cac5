//! The two billing calls that prepaid pools need (API reference, billing calls).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    check::Object,
    kept::Kept,
    pool_find::leave,
    world::{Pool, World},
};

const RESOURCE: &str = "os.modelarts/resource.id";

/// Ends subscriptions; resources that are not there come back as failed.
pub(super) fn unsubscribe(world: &mut World, call: &Call<'_>) -> Check<Answer> {
    let body = call.json()?;
    let fields = ["resource_ids", "unsubscribe_type", "unsubscribe_reason_type"];
    let body = Object::new(&body, "", &fields)?;
    if body.need_integer("unsubscribe_type")? != 1 {
        return Err(bad("unsubscribe_type must be 1"));
    }
    let ids = body.texts("resource_ids")?.unwrap_or_default();
    if ids.is_empty() {
        return Err(bad("resource_ids must not be empty"));
    }
    let mut failed = Vec::new();
    for id in ids {
        if let Err(why) = end(world, call, id) {
            failed.push(json!({ "resource_id": id, "error_msg": why }));
        }
    }
    Ok(Answer::ok(json!({ "order_ids": [], "fail_resource_infos": failed })))
}

fn end(world: &mut World, call: &Call<'_>, resource: &str) -> Result<(), &'static str> {
    let found = world.pools.iter().position(|pool| pool.label(RESOURCE) == resource);
    let Some((index, mut pool)) =
        found.and_then(|index| Some((index, world.pools.get(index)?.clone())))
    else {
        return Err("the resource does not exist");
    };
    let mode = pool.spec().get("controlMode").and_then(Value::as_i64).unwrap_or(0);
    if !pool.is_prepaid() {
        return Err("the resource is not billed yearly or monthly");
    }
    if mode & 16 != 0 {
        return Err("the resource is frozen and cannot be unsubscribed");
    }
    if pool.deleting.is_none() {
        leave(world, call, &mut pool);
        if let Some(slot) = world.pools.get_mut(index) {
            *slot = pool;
        }
    }
    Ok(())
}

/// Lists the subscriptions that are there.
pub(super) fn query(world: &World, call: &Call<'_>) -> Check<Answer> {
    let body = call.json()?;
    let fields = ["resource_ids", "status_list", "only_main_resource", "limit", "offset"];
    let body = Object::new(&body, "", &fields)?;
    let ids = body.texts("resource_ids")?;
    let wanted = |pool: &&Kept<Pool>| {
        pool.is_prepaid()
            && !pool.is_gone(call.now)
            && ids.as_ref().is_none_or(|ids| ids.contains(&pool.label(RESOURCE)))
    };
    let view = |pool: &Kept<Pool>| json!({ "resource_id": pool.label(RESOURCE), "status": 2 });
    let data: Vec<Value> = world.pools.iter().filter(wanted).map(view).collect();
    Ok(Answer::ok(json!({ "data": data, "total_count": data.len() })))
}
