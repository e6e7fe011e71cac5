//! The tags of pools (API reference, tags). They are kept where the service shows them: in an
//! annotation of the pool.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    check::Object,
    entry_rules::{MOST_TAGS, check_tags},
    pool_find::{find, look},
    world::{Pool, World, entry, set_entry},
};

const TAGS: &str = "os.modelarts/tms.tags";

type Tags = Vec<(String, String)>;

fn tags_of(pool: &Pool) -> Tags {
    let text = entry(&pool.object, "annotations", TAGS);
    let list: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let text = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).map(str::to_owned);
    let tag = |tag: &Value| Some((text(tag, "key")?, text(tag, "value").unwrap_or_default()));
    list.iter().filter_map(tag).collect()
}

fn keep(pool: &mut Pool, tags: &Tags) {
    let tag = |(key, value): &(String, String)| json!({ "key": key, "value": value });
    let text = tags.iter().map(tag).collect::<Value>().to_string();
    let text = (!tags.is_empty()).then_some(text.as_str());
    set_entry(&mut pool.object, "annotations", TAGS, text);
}

/// Writes tags with every value that their key has.
fn view(tags: &Tags) -> Value {
    let mut keys: Vec<(&str, Vec<&str>)> = Vec::new();
    for (key, value) in tags {
        match keys.iter_mut().find(|(known, _)| known == key) {
            Some((_, values)) if values.contains(&value.as_str()) => {}
            Some((_, values)) => values.push(value),
            None => keys.push((key, vec![value])),
        }
    }
    keys.iter().map(|(key, values)| json!({ "key": key, "values": values })).collect()
}

pub(super) fn show(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&[])?;
    Ok(Answer::ok(json!({ "tags": view(&tags_of(look(world, call, id)?)) })))
}

/// Lists the tags of all pools.
pub(super) fn list(world: &World, call: &Call<'_>) -> Check<Answer> {
    call.query.only(&["limit", "offset"])?;
    let limit = call.query.number("limit", 1..=200, 200)?;
    let offset = call.query.number("offset", 0..=1_000_000, 0)?;
    let there = world.pools.iter().filter(|pool| !pool.is_gone(call.now));
    let all: Tags = there.flat_map(|pool| tags_of(pool)).collect();
    let all = view(&all);
    let some = all.as_array().into_iter().flatten().skip(offset).take(limit);
    Ok(Answer::ok(json!({ "tags": some.collect::<Vec<_>>() })))
}

/// Carries out `tags/create`, `tags/delete`, or the action that the body of `tags` names.
pub(super) fn change(
    world: &mut World,
    call: &Call<'_>,
    id: &str,
    action: Option<&str>,
) -> Check<Answer> {
    let index = find(world, id)?;
    let body = call.json()?;
    let body = match action {
        Some(_) => Object::new(&body, "", &["tags"])?,
        None => Object::new(&body, "", &["action", "tags"])?,
    };
    let action = match action {
        Some(action) => action,
        None => body
            .choice("action", &["create", "delete", "reset"])?
            .ok_or_else(|| bad("action is required"))?,
    };
    body.need_list("tags")?;
    check_tags(&body)?;
    let Some(pool) = world.pools.get_mut(index) else { return Err(bad("the pool is gone")) };
    let mut tags = if action == "reset" { Tags::new() } else { tags_of(pool) };
    for tag in body.objects("tags", &["key", "value"])? {
        let (key, value) = (tag.need_text("key")?, tag.text("value")?);
        let is_same = |(old, kept): &(String, String)| {
            old == key && (action != "delete" || value.is_none_or(|value| value == kept))
        };
        tags.retain(|tag| !is_same(tag));
        if action != "delete" {
            tags.push((key.to_owned(), value.unwrap_or_default().to_owned()));
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(bad(format!("a pool has at most {MOST_TAGS} tags")));
    }
    keep(pool, &tags);
    Ok(Answer::ok(json!({ "tags": view(&tags) })))
}
