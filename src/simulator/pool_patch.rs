//! Changes pools in place (API reference, patch).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    check::Object,
    entry_rules::{check_entries, identity},
    layout::{Timing, fill_entry, rebuild, sold_out},
    order::{self, Work},
    pool_create::{abnormal, between},
    pool_find::{busy, find, not_frozen, running},
    pool_rules::{
        DRIVER, SERVER_ANNOTATIONS, SHARING, WORKSPACE, check_annotations, check_driver,
        check_scope, check_sharing, check_workspace, flavors_of,
    },
    pool_view::{order_counts, view},
    shape::take_back,
    world::{Driver, Leaving, Move, Pool, Scaling, Scope, World, reached, set_entry},
};

/// Lists the annotations that say how new nodes are paid for.
const BILLING_KEYS: &[&str] = &[
    "os.modelarts/billing.mode",
    "os.modelarts/period.num",
    "os.modelarts/period.type",
    "os.modelarts/auto.renew",
    "os.modelarts/auto.pay",
    "os.modelarts/promotion.info",
];

pub(super) fn patch(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    let index = find(world, id)?;
    let mut body = call.json()?;
    take_back(&mut body);
    let Some(mut pool) = world.pools.get(index).cloned() else { return Err(busy(call, "gone")) };
    if pool.deleting.is_some() {
        return Err(busy(call, "the pool is being deleted"));
    }
    not_frozen(&pool)?;
    let body = Object::new(&body, "", &["metadata", "spec"])?;
    let metadata = body.object("metadata", &["labels", "annotations"])?;
    let spec = body.object("spec", &["scope", "resources", "driver", "jobFlavors"]).map_err(|_| {
        bad("spec has a field that cannot be changed; scope, resources, driver and jobFlavors can")
    })?;
    let before = pool.resources();
    if let Some(spec) = &spec {
        patch_spec(world, call, &mut pool, spec)?;
    }
    if let Some(metadata) = &metadata {
        let grows = total(&pool.resources()) > total(&before);
        patch_annotations(&mut pool, metadata, grows)?;
        let alone = spec.is_none() && !metadata.has("annotations");
        patch_labels(world, call, &mut pool, metadata, alone)?;
    }
    let answer = Answer::ok(view(world, &pool, call.now));
    if let Some(slot) = world.pools.get_mut(index) {
        *slot = pool;
    }
    Ok(answer)
}

fn total(entries: &[Value]) -> u64 {
    entries.iter().filter_map(|entry| entry.get("count")?.as_u64()).sum()
}

fn patch_annotations(pool: &mut Pool, metadata: &Object<'_>, grows: bool) -> Check {
    let Some(changes) = metadata.get("annotations") else { return Ok(()) };
    let object = Object::any(changes, "metadata.annotations")?;
    // A null takes an annotation away; everything else is a string.
    let mut kept = serde_json::Map::new();
    for key in object.keys() {
        match object.get(key) {
            Some(Value::Null) => {}
            Some(value) => drop(kept.insert(key.to_owned(), value.clone())),
            None => {}
        }
        if BILLING_KEYS.contains(&key) && !grows {
            return Err(bad(
                "billing annotation must be empty while there is no resources addition",
            ));
        }
        if SERVER_ANNOTATIONS.contains(&key) {
            return Err(bad(format!("annotation {key} is set by the service")));
        }
    }
    let wrapped = json!({ "annotations": kept });
    let texts = Object::any(&wrapped, "metadata")?.text_map("annotations").map(|texts| {
        texts.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<Vec<_>>()
    })?;
    check_annotations(&texts.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect())?;
    for key in object.keys() {
        // How new nodes are paid for does not change how the pool is.
        if !BILLING_KEYS.contains(&key) {
            let value = object.get(key).and_then(Value::as_str);
            set_entry(&mut pool.object, "annotations", key, value);
        }
    }
    Ok(())
}

fn patch_labels(
    world: &mut World,
    call: &Call<'_>,
    pool: &mut Pool,
    metadata: &Object<'_>,
    alone: bool,
) -> Check {
    let labels = metadata.text_map("labels")?;
    if let Some(key) = labels.keys().find(|key| ![WORKSPACE, SHARING].contains(key)) {
        return Err(bad(format!("label {key} cannot be changed")));
    }
    if let Some(sharing) = labels.get(SHARING) {
        check_sharing(sharing)?;
        pool.set_label(SHARING, sharing);
    }
    let Some(workspace) = labels.get(WORKSPACE) else { return Ok(()) };
    if !alone || labels.len() > 1 {
        return Err(bad(format!("label {WORKSPACE} must be the only change in a request")));
    }
    check_workspace(workspace)?;
    running(pool, call)?;
    let ends = call.after(call.scenario().durations.workspace_move);
    pool.moving = Some(Move { workspace: (*workspace).to_owned(), ends });
    let counts = order_counts(&pool.resources());
    let work = Work {
        operation: "modify",
        begins: Some(call.now),
        ends,
        failure: None,
        partial: false,
        init: counts.clone(),
        wanted: counts,
    };
    order::open(world, call, pool, work);
    Ok(())
}

fn patch_spec(world: &mut World, call: &Call<'_>, pool: &mut Pool, spec: &Object<'_>) -> Check {
    if spec.has("resources") {
        resize(world, call, pool, spec)?;
    }
    if spec.has("scope") {
        patch_scope(call, pool, spec)?;
    }
    if let Some(driver) = spec.get("driver") {
        patch_driver(call, pool, driver)?;
    }
    if spec.has("jobFlavors") {
        let value = spec.get("jobFlavors").cloned().unwrap_or_default();
        if !value.is_null() {
            spec.texts("jobFlavors")?;
        }
        pool.set_spec("jobFlavors", value);
    }
    Ok(())
}

fn patch_scope(call: &Call<'_>, pool: &mut Pool, spec: &Object<'_>) -> Check {
    if pool.is_logical() || pool.spec().pointer("/network/vpcId").is_some() {
        return Err(bad("spec.scope is only allowed for a standard pool"));
    }
    check_scope(spec)?;
    running_or_resized(pool, call)?;
    let wanted = spec.texts("scope")?.unwrap_or_default();
    let until = call.after(call.scenario().durations.scope);
    for scope in &mut pool.scopes {
        if scope.enabling && !wanted.contains(&scope.name.as_str()) {
            *scope = Scope { name: scope.name.clone(), enabling: false, until, failure: None };
        }
    }
    let is_on = |scope: &Scope| scope.enabling;
    let on: Vec<String> =
        pool.scopes.iter().filter(|s| is_on(s)).map(|scope| scope.name.clone()).collect();
    for name in wanted.iter().filter(|name| !on.contains(&(**name).to_owned())) {
        let failure = call.live.failure("enable", &call.scenario().outcomes.enable_failed);
        pool.scopes.retain(|scope| scope.name != *name);
        pool.scopes.push(Scope {
            name: (*name).to_owned(),
            enabling: true,
            until,
            failure: failure.map(|failure| failure.message.clone()),
        });
    }
    pool.set_spec("scope", json!(wanted));
    Ok(())
}

/// Accepts a change that comes together with, or while, a change of size.
fn running_or_resized(pool: &Pool, call: &Call<'_>) -> Check {
    match pool.phase(call.now) {
        Some("Running" | "ScalingFailed") => Ok(()),
        phase => Err(busy(call, &format!("the pool is {}", phase.unwrap_or("not there yet")))),
    }
}

fn patch_driver(call: &Call<'_>, pool: &mut Pool, change: &Value) -> Check {
    running_or_resized(pool, call)?;
    if change.is_null() {
        pool.set_spec("driver", Value::Null);
        return Ok(());
    }
    let driver = Object::new(change, "spec.driver", DRIVER)?;
    check_driver(&driver, &flavors_of(&Object::any(pool.spec(), "spec")?)?)?;
    let until = call.after(call.scenario().durations.driver);
    let known = pool.spec().get("driver").filter(|driver| driver.is_object());
    let mut merged = known.cloned().unwrap_or_else(|| json!({}));
    for key in driver.keys() {
        merged[key] = driver.get(key).cloned().unwrap_or_default();
    }
    for card in ["gpu", "npu"] {
        let Some(version) = driver.text(&format!("{card}Version"))? else { continue };
        if pool.drivers.iter().any(|driver| driver.card == card && driver.version == version) {
            continue;
        }
        pool.drivers.retain(|driver| driver.card != card);
        pool.drivers.push(Driver {
            card: card.to_owned(),
            version: version.to_owned(),
            upgrading: true,
            until,
        });
    }
    pool.set_spec("driver", merged);
    Ok(())
}

fn resize(world: &mut World, call: &Call<'_>, pool: &mut Pool, spec: &Object<'_>) -> Check {
    check_entries(spec, pool.is_logical())?;
    let before = pool.resources();
    let volumes = call.scenario().answers.fill_volumes;
    let after: Vec<Value> = spec
        .need_list("resources")?
        .iter()
        .map(|entry| {
            let previous = before.iter().find(|other| identity(other) == identity(entry));
            fill_entry(entry, previous, volumes)
        })
        .collect();
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
        Some(_) => super::layout::shrink_entries(after, &doomed),
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
        None => sold_out(after).map(|message| (message, 0)),
    }
}

/// Tries again to enable a job type that could not be enabled.
pub(super) fn retry_scope(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    let index = find(world, id)?;
    let body = call.json()?;
    let name = Object::new(&body, "", &["scope"])?.need_text("scope")?.to_owned();
    let until = call.after(call.scenario().durations.scope);
    let failure = |call: &Call<'_>| {
        let failure = call.live.failure("enable", &call.scenario().outcomes.enable_failed);
        failure.map(|failure| failure.message.clone())
    };
    let failed = world.pools.get_mut(index).and_then(|pool| {
        pool.scopes.iter_mut().find(|scope| {
            scope.name == name && scope.failure.is_some() && reached(scope.until, call.now)
        })
    });
    let Some(scope) = failed else {
        return Err(bad(format!("The pool {id} scope {name} cannot be enabled.")));
    };
    *scope = Scope { name, enabling: true, until, failure: failure(call) };
    Ok(Answer::ok(json!({})))
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
    let after = super::layout::shrink_entries(&before, &left);
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
