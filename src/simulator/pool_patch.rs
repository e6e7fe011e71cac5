//! Changes pools in place (API reference, patch).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    check::{Object, drop_nulls},
    order::{self, Work},
    pool_find::{busy, find, not_frozen, running},
    pool_resize::resize,
    pool_rules::{
        DRIVER, SERVER_ANNOTATIONS, SHARING, WORKSPACE, check_annotations, check_driver,
        check_scope, check_sharing, check_workspace, flavors_of,
    },
    pool_view::{order_counts, view},
    shape::take_back,
    world::{Driver, Move, Pool, Scope, World, reached, set_entry},
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
    tidy_nulls(&mut body);
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

/// Deals with the nulls of a merge patch: one in a list says nothing, as lists come whole; one
/// for a label is the value that the label has when nobody gives it one. The others remove.
fn tidy_nulls(body: &mut Value) {
    if let Some(entries) = body.pointer_mut("/spec/resources") {
        // A null in place of the whole list is still there to be refused.
        drop_nulls(entries);
    }
    for (label, default) in [(SHARING, "unshared"), (WORKSPACE, "0")] {
        let labels = body.pointer_mut("/metadata/labels").and_then(Value::as_object_mut);
        if let Some(value) = labels.and_then(|labels| labels.get_mut(label))
            && value.is_null()
        {
            *value = json!(default);
        }
    }
}

fn total(entries: &[Value]) -> u64 {
    entries.iter().filter_map(|entry| entry.get("count")?.as_u64()).sum()
}

fn patch_annotations(pool: &mut Pool, metadata: &Object<'_>, grows: bool) -> Check {
    let Some(changes) = metadata.get("annotations") else { return Ok(()) };
    if changes.is_null() {
        keep_annotations(pool);
        return Ok(());
    }
    let changes = Object::any(changes, "metadata.annotations")?;
    let removed = |key: &&str| changes.get(key).is_some_and(Value::is_null);
    let mut texts = std::collections::BTreeMap::new();
    for key in changes.keys() {
        if SERVER_ANNOTATIONS.contains(&key) {
            return Err(bad(format!("annotation {key} is set by the service")));
        }
        if removed(&key) {
            continue;
        }
        if BILLING_KEYS.contains(&key) && !grows {
            return Err(bad(
                "billing annotation must be empty while there is no resources addition",
            ));
        }
        texts.insert(key, changes.text(key)?.unwrap_or_default());
    }
    check_annotations(&texts)?;
    // How new nodes are paid for does not change how the pool is.
    for key in changes.keys().filter(|key| !BILLING_KEYS.contains(key)) {
        set_entry(&mut pool.object, "annotations", key, texts.get(key).copied());
    }
    Ok(())
}

/// Takes away all annotations but those that are not the user's.
fn keep_annotations(pool: &mut Pool) {
    let annotations = pool.object.pointer_mut("/metadata/annotations");
    if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
        annotations.retain(|key, _| {
            BILLING_KEYS.contains(&key.as_str()) || SERVER_ANNOTATIONS.contains(&key.as_str())
        });
    }
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
    let mut there = change.clone();
    drop_nulls(&mut there);
    let driver = Object::new(&there, "spec.driver", DRIVER)?;
    check_driver(&driver, &flavors_of(&Object::any(pool.spec(), "spec")?)?)?;
    let until = call.after(call.scenario().durations.driver);
    let known = pool.spec().get("driver").filter(|driver| driver.is_object());
    let mut merged = known.and_then(Value::as_object).cloned().unwrap_or_default();
    merged.extend(change.as_object().cloned().unwrap_or_default());
    merged.retain(|_, value| !value.is_null());
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
    pool.set_spec("driver", Value::Object(merged));
    Ok(())
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
