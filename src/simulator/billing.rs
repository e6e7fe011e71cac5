//! The two billing calls that prepaid pools need (API reference, billing calls).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    check::Object,
    kept::Kept,
    layout::shrink_entries,
    pool_find::leave,
    world::{Leaving, Node, Pool, Scaling, World},
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
    let found = world.pools.iter().position(|pool| owns(pool, resource, call.now).is_some());
    let Some((index, mut pool)) =
        found.and_then(|index| Some((index, Pool::clone(world.pools.get(index)?))))
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
        match owns(&pool, resource, call.now) {
            Some(Owned::Node(name)) => end_node(world, call, &mut pool, &name),
            _ => leave(world, call, &mut pool),
        }
        if let Some(slot) = world.pools.get_mut(index) {
            *slot = pool.into();
        }
    }
    Ok(())
}

/// Says what of a pool a subscription is for.
enum Owned {
    Pool,
    Node(String),
}

fn owns(pool: &Pool, resource: &str, now: i64) -> Option<Owned> {
    if pool.label(RESOURCE) == resource {
        return Some(Owned::Pool);
    }
    let node = pool.nodes.iter().find(|node| node.resource() == resource);
    let node = node.filter(|node| node.phase(now).is_some() && node.stays())?;
    Some(Owned::Node(node.name.clone()))
}

/// Takes a node away; with its last node the pool goes.
fn end_node(world: &mut World, call: &Call<'_>, pool: &mut Pool, name: &str) {
    let from = call.after(call.scenario().durations.pickup);
    let gone = call.later(from, call.scenario().durations.scale_in);
    for node in pool.nodes.iter_mut().filter(|node| node.name == name) {
        node.leaving = Some(Leaving { from, gone });
    }
    let left: Vec<_> = pool.nodes.iter().filter(|node| node.stays()).collect();
    if left.is_empty() {
        return leave(world, call, pool);
    }
    let after = shrink_entries(&pool.resources(), &left);
    pool.set_spec("resources", Value::Array(after));
    pool.scaling = Some(Scaling { ends: gone, failure: None, before: Value::Null });
}

/// Lists the subscriptions that are there.
pub(super) fn query(world: &World, call: &Call<'_>) -> Check<Answer> {
    let body = call.json()?;
    let fields = ["resource_ids", "status_list", "only_main_resource", "limit", "offset"];
    let body = Object::new(&body, "", &fields)?;
    let ids = body.texts("resource_ids")?;
    let is_wanted = |id: &str| ids.as_ref().is_none_or(|ids| ids.contains(&id));
    let mut data = Vec::new();
    let paid = |pool: &&Kept<Pool>| pool.is_prepaid() && pool.deleting.is_none();
    for pool in world.pools.iter().filter(paid) {
        let nodes = pool.nodes.iter().filter(|node| node.phase(call.now).is_some() && node.stays());
        // What nobody has paid for yet is no subscription.
        let own =
            (pool.phase(call.now) != Some("Waiting")).then(|| pool.label(RESOURCE).to_owned());
        let all = own.into_iter().chain(nodes.map(Node::resource));
        data.extend(
            all.filter(|id| is_wanted(id)).map(|id| json!({ "resource_id": id, "status": 2 })),
        );
    }
    Ok(Answer::ok(json!({ "data": data, "total_count": data.len() })))
}
