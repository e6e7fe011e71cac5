//! What an answer must look like to be read at all.
//!
//! Single fields are read leniently, and what cannot be understood counts as
//! absent. But a pool whose entries are absent because they could not be
//! understood is another pool: whoever sends its entries back destroys nodes.
//! So the parts that decisions hang on must be of their kind, or missing.

use serde_json::Value;

use super::lenient;

/// Says what is wrong with the picture of a pool.
pub(crate) fn pool(pool: &Value) -> Result<(), String> {
    for place in ["", "/metadata", "/metadata/labels", "/metadata/annotations", "/spec", "/status"]
    {
        match pool.pointer(place) {
            None | Some(Value::Null | Value::Object(_)) => {}
            // Some languages print an object without members this way.
            Some(Value::Array(items)) if items.is_empty() && !place.is_empty() => {}
            Some(_) => return Err(format!("{} is no object", named(place))),
        }
    }
    match pool.pointer("/status/phase") {
        None | Some(Value::Null | Value::String(_)) => {}
        Some(_) => return Err("its status.phase is no text".to_owned()),
    }
    match pool.pointer("/spec/resources") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(entries)) => entries.iter().try_for_each(entry),
        Some(one @ Value::Object(_)) => entry(one),
        Some(_) => Err("its spec.resources is no list".to_owned()),
    }
}

fn named(place: &str) -> String {
    if place.is_empty() {
        "it".to_owned()
    } else {
        format!("its {}", place.trim_start_matches('/').replace('/', "."))
    }
}

fn entry(entry: &Value) -> Result<(), String> {
    let flavor = entry.get("flavor").and_then(Value::as_str).unwrap_or_default();
    if flavor.is_empty() {
        return Err("an entry of its spec.resources has no flavor".to_owned());
    }
    match entry.get("count").and_then(lenient::integer) {
        Some(_) => Ok(()),
        None => Err(format!("its entry of flavor {flavor} has no count")),
    }
}

/// Says what is wrong with a list; its items are judged one by one.
pub(crate) fn list(answer: &Value, field: &str) -> Result<(), String> {
    match answer.get(field) {
        None | Some(Value::Null | Value::Array(_)) => Ok(()),
        Some(_) => Err(format!("its {field} is no list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pool_may_lack_things_but_not_have_others_in_their_place() {
        for fine in [
            json!({}),
            json!({ "metadata": { "labels": null }, "spec": null, "status": { "phase": null } }),
            json!({ "spec": { "resources": [{ "flavor": "f", "count": "2" }] } }),
            json!({ "spec": { "resources": { "flavor": "f", "count": 2.0 } } }),
        ] {
            assert_eq!(pool(&fine), Ok(()), "{fine}");
        }
        for wrong in [
            json!([]),
            json!({ "metadata": { "labels": ["a"] } }),
            json!({ "spec": "text" }),
            json!({ "status": { "phase": 7 } }),
            json!({ "spec": { "resources": "a list of another type" } }),
            json!({ "spec": { "resources": [{ "flavor": "f", "count": { "number": 1 } }] } }),
            json!({ "spec": { "resources": [{ "flavor": "f", "count": 1 }, { "count": 1 }] } }),
            json!({ "spec": { "resources": [null] } }),
        ] {
            assert!(pool(&wrong).is_err(), "{wrong}");
        }
    }
}
