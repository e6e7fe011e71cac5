//! Orders: the records of what was asked for (API reference, orders).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    digest::tag,
    kept::Kept,
    pool_rules::WORKSPACE,
    pool_view::display_name,
    world::{Moment, Order, Pool, World, reached},
};

/// Is what an order is made of.
pub(super) struct Work<'a> {
    pub(super) operation: &'a str,
    pub(super) begins: Moment,
    pub(super) ends: Moment,
    pub(super) failure: Option<String>,
    pub(super) partial: bool,
    pub(super) init: Value,
    pub(super) wanted: Value,
}

/// Opens an order for a pool and returns its name, which becomes the pool's label.
pub(super) fn open(world: &mut World, call: &Call<'_>, pool: &mut Pool, work: Work<'_>) {
    let number = world.next();
    let display = display_name(&pool.object).to_owned();
    let name = format!("order.{display}-{}", tag(&format!("order {number} {}", call.now)));
    pool.set_label("os.modelarts/order.name", &name);
    world.orders.push(Kept::from(Order {
        name,
        pool: pool.id.clone(),
        display_name: display,
        workspace: pool.label(WORKSPACE).to_owned(),
        operation: work.operation.to_owned(),
        created: call.now,
        begins: work.begins,
        ends: call.later(work.ends, call.scenario().durations.order),
        failure: work.failure,
        partial: work.partial,
        init: work.init,
        wanted: work.wanted,
        prepaid: pool.is_prepaid(),
    }));
}

fn phase(order: &Order, now: i64) -> &'static str {
    match (reached(order.begins, now), reached(order.ends, now), &order.failure) {
        (_, true, None) => "successed",
        (_, true, Some(_)) if order.partial => "partialSuccessed",
        (_, true, Some(_)) => "failed",
        (true, false, _) => "processing",
        (false, false, _) => "pending",
    }
}

fn view(order: &Order, now: i64) -> Value {
    let moment = |moment: Moment| moment.filter(|moment| *moment <= now).unwrap_or(0);
    let phase = phase(order, now);
    let mut view = json!({
        "creationTimestamp": order.created,
        "beginTimestamp": moment(order.begins),
        "endTimestamp": moment(order.ends),
        "orderName": order.name,
        "resourceName": order.pool,
        "resourceDisplayName": order.display_name,
        "workspaceId": order.workspace,
        "initCount": order.init,
        "specCount": order.wanted,
        "resultCount": if phase == "successed" { order.wanted.clone() } else { json!([]) },
        "operation": order.operation,
        "phase": phase,
        "billingMode": if order.prepaid { "1" } else { "0" },
    });
    if let (true, Some(reason)) = (reached(order.ends, now), &order.failure) {
        view["failReason"] = json!(reason);
    }
    view
}

pub(super) fn list(world: &World, call: &Call<'_>) -> Check<Answer> {
    let query = &call.query;
    query.only(&[
        "workspaceId",
        "involvedName",
        "limit",
        "offset",
        "since",
        "until",
        "phase",
        "resource",
    ])?;
    if query.get("resource").is_some_and(|resource| resource != "pools") {
        return Err(bad("query parameter resource must be pools"));
    }
    let wanted = query.get("phase");
    if wanted.is_some_and(|p| !["pending", "running", "successed", "failed"].contains(&p)) {
        return Err(bad("query parameter phase is not known"));
    }
    let limit = query.number("limit", 1..=500, 100)?;
    let offset = query.number("offset", 0..=500, 0)?;
    let moment = |key, default| match query.get(key) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| bad(format!("{key} must be milliseconds"))),
    };
    let (since, until): (i64, i64) = (moment("since", 0)?, moment("until", i64::MAX)?);
    let workspace = query.get("workspaceId").unwrap_or("0");
    let found = world.orders.iter().rev().filter(|order| {
        // The pool may have moved since.
        let pool = world.pools.iter().find(|pool| pool.id == order.pool);
        pool.map_or(order.workspace.as_str(), |pool| pool.label(WORKSPACE)) == workspace
            && query.get("involvedName").is_none_or(|n| n == order.pool || n == order.display_name)
            && (since..=until).contains(&order.created)
            && wanted.is_none_or(|wanted| filter_name(phase(order, call.now)) == wanted)
    });
    let all: Vec<Value> = found.map(|order| view(order, call.now)).collect();
    let count = all.len();
    let items: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
    Ok(Answer::ok(json!({ "count": count, "items": items })))
}

/// Returns the name under which the list's filter knows a phase.
fn filter_name(phase: &str) -> &str {
    match phase {
        "processing" => "running",
        "partialSuccessed" => "successed",
        other => other,
    }
}

pub(super) fn show(world: &World, call: &Call<'_>, name: &str) -> Check<Answer> {
    let Some(order) = world.orders.iter().find(|order| order.name == name) else {
        return Err(Answer::error(404, "50015001", format!("Order {name} not found.")));
    };
    let phase = phase(order, call.now);
    let status = match phase {
        "successed" | "partialSuccessed" => "succeed",
        "failed" => "failed",
        _ => "processing",
    };
    let action = match order.operation.as_str() {
        "apply" => "createPool",
        "delete" => "deletePool",
        _ => "createNode",
    };
    let item = json!({
        "resourceName": order.pool,
        "action": action,
        "status": status,
        "phase": phase,
        "orderName": order.name,
        "beginTimestamp": order.begins.unwrap_or(0).to_string(),
        "updateTimestamp": order.ends.unwrap_or(0).to_string(),
        "message": order.failure.as_deref().unwrap_or(""),
    });
    Ok(Answer::ok(json!({ "count": 1, "items": [item] })))
}
