//! What an answer must look like to be read at all.
//!
//! Single fields are read leniently, and what cannot be understood counts as
//! absent. But a pool whose entries are absent because they could not be
//! understood is another pool: whoever sends its entries back destroys nodes.
//! The same goes for the connections of a network. So the parts that decisions
//! hang on must be of their kind, or missing.

use serde_json::Value;

use super::lenient;

/// Says what is wrong with the picture of a pool.
pub(crate) fn pool(pool: &Value) -> Result<(), String> {
    object(pool)?;
    entries(pool, "/spec/resources", entry)
}

/// Says what is wrong with the picture of a network.
pub(crate) fn network(network: &Value) -> Result<(), String> {
    object(network)?;
    objects(network, &["/spec/connection", "/status/connectionStatus"])?;
    let list = |name: &str, ids: &'static [&'static str]| {
        let place = format!("/spec/connection/{name}");
        entries(network, &place, |entry| match ids.iter().find(|id| text(entry, id).is_empty()) {
            Some(id) => Err(format!("an entry of {} has no {id}", named(&place))),
            None => Ok(()),
        })
    };
    list("peerConnectionList", &["peerVpcId", "peerSubnetId"])?;
    list("sfsTurboConnectionList", &["sfsId"])
}

/// Says what is wrong with what all objects have.
fn object(object: &Value) -> Result<(), String> {
    let places = ["", "/metadata", "/metadata/labels", "/metadata/annotations", "/spec", "/status"];
    objects(object, &places)?;
    match object.pointer("/status/phase") {
        None | Some(Value::Null | Value::String(_)) => Ok(()),
        Some(_) => Err("its status.phase is no text".to_owned()),
    }
}

/// Says which of these places holds something that is no object.
fn objects(object: &Value, places: &[&str]) -> Result<(), String> {
    for place in places {
        match object.pointer(place) {
            None | Some(Value::Null | Value::Object(_)) => {}
            // Some languages print an object without members this way.
            Some(Value::Array(items)) if items.is_empty() && !place.is_empty() => {}
            Some(_) => return Err(format!("{} is no object", named(place))),
        }
    }
    Ok(())
}

/// Judges the entries of a list, which may be one bare entry.
fn entries(
    object: &Value,
    place: &str,
    judge: impl Fn(&Value) -> Result<(), String>,
) -> Result<(), String> {
    match object.pointer(place) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(entries)) => entries.iter().try_for_each(judge),
        Some(one @ Value::Object(_)) => judge(one),
        Some(_) => Err(format!("{} is no list", named(place))),
    }
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn named(place: &str) -> String {
    if place.is_empty() {
        "it".to_owned()
    } else {
        format!("its {}", place.trim_start_matches('/').replace('/', "."))
    }
}

fn entry(entry: &Value) -> Result<(), String> {
    let flavor = text(entry, "flavor");
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

    #[test]
    fn a_network_has_whole_connections_or_says_nothing_of_them() {
        let spec = |connection: Value| json!({ "spec": { "connection": connection } });
        let peer = json!({ "peerVpcId": "v", "peerSubnetId": "s" });
        for fine in [
            json!({}),
            spec(Value::Null),
            spec(json!({})),
            spec(json!([])),
            spec(json!({ "peerConnectionList": [], "sfsTurboConnectionList": null })),
            spec(json!({ "peerConnectionList": peer })),
            spec(json!({ "sfsTurboConnectionList": [{ "sfsId": "f" }] })),
            json!({ "status": { "phase": "", "connectionStatus": {} } }),
        ] {
            assert_eq!(network(&fine), Ok(()), "{fine}");
        }
        for wrong in [
            json!({ "metadata": "text" }),
            json!({ "status": { "phase": 7 } }),
            json!({ "status": { "connectionStatus": "text" } }),
            spec(json!("text")),
            spec(json!({ "peerConnectionList": "a list of another type" })),
            spec(json!({ "peerConnectionList": [peer, null] })),
            spec(json!({ "peerConnectionList": [{ "peerVpcId": "v" }] })),
            spec(json!({ "sfsTurboConnectionList": [{ "name": "n" }] })),
        ] {
            assert!(network(&wrong).is_err(), "{wrong}");
        }
    }
}
