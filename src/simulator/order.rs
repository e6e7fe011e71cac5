//! Orders: the records of what was asked for (API reference, orders).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    check::Object,
    digest::tag,
    kept::Kept,
    pool_find::find,
    pool_rules::WORKSPACE,
    pool_view::display_name,
    world::{Moment, Pool, World, reached},
};

/// Is an order: the record of one piece of work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) name: String,
    pub(super) pool: String,
    pub(super) display_name: String,
    pub(super) workspace: String,
    /// `apply`, `modify` or `delete`.
    pub(super) operation: String,
    pub(super) created: i64,
    pub(super) begins: Moment,
    pub(super) ends: Moment,
    pub(super) failure: Option<String>,
    /// Some nodes came up although it failed.
    pub(super) partial: bool,
    pub(super) init: Value,
    pub(super) wanted: Value,
    pub(super) prepaid: bool,
    /// The billing order; empty where there is none.
    #[serde(default)]
    pub(super) order_id: String,
    /// `period.type` and `period.num` of the pool; empty where it has none.
    #[serde(default)]
    pub(super) period: (String, String),
    #[serde(default)]
    pub(super) nodes: Vec<OrderedNode>,
}

/// Is a node that comes or goes by an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OrderedNode {
    pub(super) name: String,
    pub(super) comes: bool,
    /// When it is there, or gone.
    pub(super) ends: Moment,
    /// It does not come.
    pub(super) fails: bool,
}

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
        order_id: billing_order(pool, number),
        period: (
            pool.annotation("os.modelarts/period.type").to_owned(),
            pool.annotation("os.modelarts/period.num").to_owned(),
        ),
        nodes: Vec::new(),
    }));
    list_nodes(world, pool);
}

/// Returns the number under which billing knows an order; only prepaid ones have one.
fn billing_order(pool: &Pool, number: u64) -> String {
    match (pool.is_prepaid(), pool.annotation("os.modelarts/order.id")) {
        (false, _) => String::new(),
        (true, "") => format!("CS{}", tag(&format!("billing {number}")).to_uppercase()),
        (true, given) => given.to_owned(),
    }
}

/// Writes down which nodes come and go by the last order of a pool: those that no order before
/// was about.
pub(super) fn list_nodes(world: &mut World, pool: &Pool) {
    let Some(index) = world.orders.iter().rposition(|order| order.pool == pool.id) else { return };
    let known = |name: &str, comes: bool| {
        let before = world.orders.iter().take(index).filter(|order| order.pool == pool.id);
        before.flat_map(|order| &order.nodes).any(|node| node.comes == comes && node.name == name)
    };
    let created = world.orders.get(index).map_or(0, |order| order.created);
    let mut nodes = Vec::new();
    for node in &pool.nodes {
        let entry =
            |comes, ends, fails| OrderedNode { name: node.name.clone(), comes, ends, fails };
        if let Some(leaving) = node.leaving.filter(|_| !known(&node.name, false)) {
            nodes.push(entry(false, leaving.gone, false));
        } else if node.created.is_none_or(|at| at >= created) && !known(&node.name, true) {
            nodes.push(entry(true, node.available, node.doomed));
        }
    }
    if let Some(order) = world.orders.get_mut(index) {
        order.nodes = nodes;
    }
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
    for (key, text) in [
        ("orderId", &order.order_id),
        ("periodType", &order.period.0),
        ("periodNum", &order.period.1),
    ] {
        if !text.is_empty() {
            view[key] = json!(text);
        }
    }
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
    let nodes = order.nodes.iter().map(|node| node_view(order, node, call.now));
    // A change of size is all about its nodes.
    let own =
        (order.operation != "modify" || order.nodes.is_empty()).then(|| pool_item(order, call.now));
    let items: Vec<Value> = own.into_iter().chain(nodes).collect();
    Ok(Answer::ok(json!({ "count": items.len(), "items": items })))
}

/// Makes the number of the order by which a pool would change to yearly/monthly billing. Nobody
/// can pay it here, so that nothing comes of it.
pub(super) fn number(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    let action = "toPeriod";
    call.query.only(&["actionType", "workspaceId"])?;
    let body = call.json()?;
    let body = Object::new(&body, "", &["actionType"])?;
    let given = body.choice("actionType", &[action])?.or(call.query.get("actionType"));
    if given != Some(action) {
        return Err(bad(format!("actionType must be {action}")));
    }
    find(world, id)?;
    let number = world.next();
    Ok(Answer::ok(
        json!({ "id": format!("CS{}", tag(&format!("billing {number}")).to_uppercase()) }),
    ))
}

/// Writes what an order does to the pool as a whole.
fn pool_item(order: &Order, now: i64) -> Value {
    let status = match phase(order, now) {
        "successed" | "partialSuccessed" => "succeed",
        "failed" => "failed",
        _ => "processing",
    };
    let action = match order.operation.as_str() {
        "apply" => "createPool",
        "delete" => "deletePool",
        _ => "createNode",
    };
    item(order, (&order.pool, action, status), order.ends, now)
}

/// Writes what an order does to one node.
fn node_view(order: &Order, node: &OrderedNode, now: i64) -> Value {
    let over = reached(order.ends, now);
    let fails = node.fails || (order.failure.is_some() && !order.partial);
    let status = match (fails, over || reached(node.ends, now)) {
        (true, _) if over => "failed",
        (false, true) => "succeed",
        _ => "processing",
    };
    let action = if node.comes { "createNode" } else { "deleteNode" };
    item(order, (&node.name, action, status), node.ends, now)
}

fn item(
    order: &Order,
    (name, action, status): (&str, &str, &str),
    ends: Moment,
    now: i64,
) -> Value {
    let moment = |moment: Moment| moment.filter(|at| *at <= now).unwrap_or(0).to_string();
    json!({
        "resourceName": name,
        "action": action,
        "status": status,
        "phase": phase(order, now),
        "orderName": order.name,
        "beginTimestamp": moment(order.begins),
        "updateTimestamp": moment(if status == "failed" { order.ends } else { ends }),
        "message": order.failure.as_deref().filter(|_| status == "failed").unwrap_or(""),
    })
}
