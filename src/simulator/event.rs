//! What happened to a pool (API reference, events).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::{Call, page},
    pool_find::look,
    world::{Moment, Node, Pool, World, timestamp},
};

/// Is something that happened.
struct Event {
    at: i64,
    warning: bool,
    reason: &'static str,
    message: String,
}

pub(super) fn list(world: &World, call: &Call<'_>) -> Check<Answer> {
    let query = &call.query;
    query.only(&[
        "resource", "name", "limit", "continue", "offset", "since", "until", "type", "ascend",
    ])?;
    if query.get("resource") != Some("pools") {
        return Err(bad("query parameter resource must be pools"));
    }
    let kind = query.get("type");
    if kind.is_some_and(|kind| !["Normal", "Warning"].contains(&kind)) {
        return Err(bad("query parameter type must be Normal or Warning"));
    }
    let moment = |key, default| match query.get(key) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| bad(format!("{key} must be milliseconds"))),
    };
    let (since, until): (i64, i64) = (moment("since", i64::MIN)?, moment("until", i64::MAX)?);
    let name = query.get("name").ok_or_else(|| bad("query parameter name is required"))?;
    let pool = look(world, call, name)?.settled(call.now);
    let mut events = events(&pool, call.now);
    events.retain(|event| {
        event.at <= call.now
            && (since..=until).contains(&event.at)
            && kind.is_none_or(|kind| (kind == "Warning") == event.warning)
    });
    events.sort_by_key(|event| event.at);
    if query.get("ascend") != Some("true") {
        events.reverse();
    }
    page(call, "v1", "EventList", events.iter().map(view).collect())
}

fn view(event: &Event) -> Value {
    let time = timestamp(event.at);
    json!({
        "kind": "Event",
        "apiVersion": "v1",
        "type": if event.warning { "Warning" } else { "Normal" },
        "count": 1,
        "firstTimestamp": time,
        "lastTimestamp": time,
        "reason": event.reason,
        "message": event.message,
    })
}

fn events(pool: &Pool, now: i64) -> Vec<Event> {
    let mut events = Vec::new();
    let mut phase = |at: Moment, warning: bool, text: String| {
        let message = format!("Pool status changed, {text}.");
        let event = |at| Event { at, warning, reason: "PoolStatusChange", message };
        events.extend(at.map(event));
    };
    phase(pool.released, false, "to Creating".to_owned());
    match &pool.failure {
        Some(why) => {
            phase(pool.running, true, format!("from Creating to CreationFailed, details: {why}"));
        }
        None => phase(pool.running, false, "from Creating to Running".to_owned()),
    }
    if let Some(why) = &pool.scaling_failed {
        phase(Some(now), true, format!("from Running to ScalingFailed, details: {why}"));
    }
    if let Some(put) = pool.overrides.get("phase").and_then(Value::as_str) {
        let why = pool.overrides.get("message").and_then(Value::as_str).unwrap_or("");
        phase(Some(now), put != "Running", format!("from Running to {put}, details: {why}"));
    }
    if let Some(leaving) = &pool.deleting {
        phase(leaving.from, false, "from Running to Deleting".to_owned());
    }
    events.extend(nodes_turned_abnormal(pool));
    events
}

/// Tells of the first node that turned out abnormal.
fn nodes_turned_abnormal(pool: &Pool) -> Option<Event> {
    let is_ill = |node: &&Node| node.abnormal.is_some();
    let ill = pool.nodes.iter().filter(is_ill).count();
    let at = pool.nodes.iter().filter(is_ill).filter_map(|node| node.available).min()?;
    let well = pool.nodes.len() - ill;
    let message = format!(
        "Pool resources status changed, available/abnormal/creating/deleting count \
         from 0/0/{}/0 to {well}/{ill}/0/0, timestamp: {}.",
        pool.nodes.len(),
        at.div_euclid(1000),
    );
    Some(Event { at, warning: true, reason: "PoolResourcesStatusChange", message })
}
