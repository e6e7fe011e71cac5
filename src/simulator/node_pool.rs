//! Node pools: the entries of a pool, one by one (API reference, node pools).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::{Call, page},
    check::{Object, drop_nulls},
    entry_rules::identity,
    node,
    pool_find::{busy, find, look, not_frozen},
    pool_resize::resize,
    pool_view::node_groups,
    world::{Pool, World},
};

/// Returns the name of the node pool that an entry is.
fn name_of(entry: &Value) -> String {
    identity(entry).1
}

fn missing(name: &str) -> Answer {
    Answer::error(404, "50015001", format!("Nodepool {name} not found."))
}

fn view(pool: &Pool, entry: &Value, now: i64) -> Value {
    let name = name_of(entry);
    // Other than in a pool, each state has one count.
    let groups = node_groups(pool, now).into_iter().filter_map(|(state, counts)| {
        let counts = counts.as_array()?;
        let own = counts.iter().find(|count| count.get("nodePool") == Some(&json!(name)))?;
        Some((state, own.clone()))
    });
    json!({
        "apiVersion": "v2",
        "kind": "NodePool",
        "metadata": { "name": name },
        "spec": { "resources": entry },
        "status": { "resources": groups.collect::<serde_json::Map<_, _>>() },
    })
}

fn entry(pool: &Pool, name: &str) -> Check<Value> {
    let found = pool.resources().into_iter().find(|entry| name_of(entry) == name);
    found.ok_or_else(|| missing(name))
}

pub(super) fn list(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&["limit", "continue"])?;
    let pool = look(world, call, id)?.settled(call.now);
    let items = pool.resources().iter().map(|entry| view(&pool, entry, call.now)).collect();
    page(call, "v2", "NodePoolList", items)
}

pub(super) fn show(world: &World, call: &Call<'_>, id: &str, name: &str) -> Check<Answer> {
    call.query.only(&["limit", "continue"])?;
    let pool = look(world, call, id)?.settled(call.now);
    Ok(Answer::ok(view(&pool, &entry(&pool, name)?, call.now)))
}

pub(super) fn nodes(world: &World, call: &Call<'_>, id: &str, name: &str) -> Check<Answer> {
    entry(&look(world, call, id)?.settled(call.now), name)?;
    node::list_of(world, call, id, Some(name))
}

pub(super) fn create(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    let body = call.json()?;
    let body = Object::new(&body, "", &["apiVersion", "kind", "metadata", "spec"])?;
    if body.need_text("apiVersion")? != "v2" || body.need_text("kind")? != "NodePool" {
        return Err(bad("apiVersion must be v2 and kind must be NodePool"));
    }
    let metadata = body.need_object("metadata", &["name", "annotations"])?;
    metadata.text_map("annotations")?;
    let name = metadata.need_text("name")?.to_owned();
    let mut new = wanted(&body)?;
    new["nodePool"] = json!(name);
    change(world, call, id, &name, |entries| {
        if entries.iter().any(|entry| name_of(entry) == name) {
            return Err(bad(format!("nodepool {name} exists already")));
        }
        entries.push(new);
        Ok(())
    })
}

/// Returns the entry of a request; its counts are mandatory.
fn wanted(body: &Object<'_>) -> Check<Value> {
    let spec = body.need_object("spec", &["resources"])?;
    let entry = Object::any(spec.get("resources").unwrap_or(&Value::Null), "spec.resources")?;
    entry.need_text("flavor")?;
    entry.need_integer("count")?;
    entry.need_integer("maxCount")?;
    Ok(spec.get("resources").cloned().unwrap_or_default())
}

pub(super) fn patch(world: &mut World, call: &Call<'_>, id: &str, name: &str) -> Check<Answer> {
    let body = call.json()?;
    let body = Object::new(&body, "", &["metadata", "spec"])?;
    if let Some(metadata) = body.object("metadata", &["annotations"])? {
        metadata.text_map("annotations")?;
    }
    let change_of = wanted(&body)?;
    change(world, call, id, name, |entries| {
        let found = entries.iter_mut().find(|entry| name_of(entry) == name);
        let found = found.ok_or_else(|| missing(name))?;
        let before = identity(found);
        if let (Some(old), Some(new)) = (found.as_object_mut(), change_of.as_object()) {
            // Zones that nobody names again would no longer fit.
            old.remove("azs");
            old.extend(new.clone());
        }
        drop_nulls(found);
        match identity(found) == before {
            true => Ok(()),
            false => Err(bad("flavor, node pool and creating step cannot be changed")),
        }
    })
}

pub(super) fn delete(world: &mut World, call: &Call<'_>, id: &str, name: &str) -> Check<Answer> {
    change(world, call, id, name, |entries| {
        let before = entries.len();
        entries.retain(|entry| name_of(entry) != name);
        if entries.len() == before { Err(missing(name)) } else { Ok(()) }
    })
}

/// Changes the entries of a pool and answers the node pool as it is then, or as it was last.
fn change(
    world: &mut World,
    call: &Call<'_>,
    id: &str,
    name: &str,
    edit: impl FnOnce(&mut Vec<Value>) -> Check,
) -> Check<Answer> {
    let index = find(world, id)?;
    let Some(mut pool) = world.pools.get(index).cloned() else { return Err(busy(call, "gone")) };
    if pool.deleting.is_some() {
        return Err(busy(call, "the pool is being deleted"));
    }
    not_frozen(&pool)?;
    let last = entry(&pool, name);
    let mut entries = pool.resources();
    edit(&mut entries)?;
    let spec = json!({ "resources": entries });
    resize(world, call, &mut pool, &Object::any(&spec, "spec")?)?;
    let now = entry(&pool, name).or(last)?;
    let answer = Answer::ok(view(&pool, &now, call.now));
    if let Some(slot) = world.pools.get_mut(index) {
        *slot = pool;
    }
    Ok(answer)
}
