//! Gives answers another shape, as a scenario asks for: order, missing and further fields, types.

use serde_json::{Map, Value, json};

use super::{
    digest::scramble,
    scenario::{AnswerOrder, Answers},
};

/// Lists the keys whose lists have no order of their own.
const UNORDERED: &[&str] = &[
    "items",
    "resources",
    "scope",
    "azs",
    "available",
    "creating",
    "abnormal",
    "deleting",
    "jobFlavors",
    "taints",
    "tags",
    "peerConnectionList",
    "sfsTurboConnectionList",
    "peerConnectionStatus",
    "sfsTurboStatus",
];

/// The field that answers carry when a scenario asks for unknown ones.
const UNKNOWN_FIELD: &str = "xFutureField";

/// Lists where a patch replaces a list as a whole.
const LISTS: [&str; 3] = [
    "/spec/resources",
    "/spec/connection/peerConnectionList",
    "/spec/connection/sfsTurboConnectionList",
];

/// Changes every entry of the lists that a patch replaces as a whole.
fn entries(object: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    for place in LISTS {
        let list = object.pointer_mut(place).and_then(Value::as_array_mut);
        list.into_iter().flatten().filter_map(Value::as_object_mut).for_each(&change);
    }
}

/// Takes the unknown field out of lists and entries that come back in a patch: a client resends
/// them with all that the answer held, known to it or not.
pub(super) fn take_back(body: &mut Value) {
    entries(body, |entry| drop(entry.remove(UNKNOWN_FIELD)));
    let connection = body.pointer_mut("/spec/connection").and_then(Value::as_object_mut);
    connection.map(|lists| lists.remove(UNKNOWN_FIELD));
}

/// Shapes the body of an answer; `number` counts the answers.
pub(super) fn apply(body: &mut Value, answers: &Answers, number: u64) {
    each(body, &["Network"], &|network| {
        if answers.terse {
            tidy_network(network);
        }
    });
    each(body, &["Pool"], &|pool| {
        tidy(pool, answers.terse);
        if answers.resources_as_objects {
            as_objects(pool);
        }
        if answers.short_entries {
            shorten_entries(pool);
        }
    });
    reorder(body, answers.order, number);
    if answers.unknown_fields {
        each(body, &["Pool", "Network"], &add_fields);
        if let Some(body) = body.as_object_mut().filter(|body| body.contains_key("kind")) {
            body.insert(UNKNOWN_FIELD.to_owned(), json!({ "nested": [1, null, "text"] }));
        }
    }
    if answers.numbers_as_strings {
        numbers_to_strings(body);
    }
}

fn each(body: &mut Value, kinds: &[&str], change: &impl Fn(&mut Value)) {
    let is = |object: &Value| {
        object.get("kind").and_then(Value::as_str).is_some_and(|kind| kinds.contains(&kind))
    };
    if is(body) {
        change(body);
    }
    let items = body.get_mut("items").and_then(Value::as_array_mut);
    items.into_iter().flatten().filter(|item| is(item)).for_each(change);
}

/// Takes out what the service may leave out of a network.
fn tidy_network(network: &mut Value) {
    let mut absent = |place: &str, key: &str, means: &Value| {
        if let Some(map) = network.pointer_mut(place).and_then(Value::as_object_mut)
            && map.get(key) == Some(means)
        {
            map.remove(key);
        }
    };
    absent("/status", "phase", &json!(""));
    absent("/status", "connectionStatus", &json!({}));
    absent("/spec", "ipv6enable", &json!(false));
    absent("/spec", "connection", &json!({}));
    absent("/metadata", "annotations", &json!({}));
}

/// Takes out what the service never returns, and what it may leave out.
fn tidy(pool: &mut Value, terse: bool) {
    if let Some(annotations) =
        pool.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut)
    {
        annotations.remove("os.modelarts/auto.pay");
        if terse {
            for key in ["period.num", "period.type", "auto.renew", "service.console.url"] {
                annotations.remove(&format!("os.modelarts/{key}"));
            }
        }
    }
    if terse && let Some(status) = pool.get_mut("status").and_then(Value::as_object_mut) {
        status.remove("message");
    }
    if terse && let Some(driver) = pool.pointer_mut("/spec/driver").and_then(Value::as_object_mut) {
        driver.remove("updateStrategy");
    }
}

fn shorten_entries(pool: &mut Value) {
    let entries = pool.pointer_mut("/spec/resources").and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten().filter_map(Value::as_object_mut) {
        entry.retain(|key, _| key == "flavor" || key == "count");
    }
}

fn as_objects(pool: &mut Value) {
    let groups = pool.pointer_mut("/status/resources").and_then(Value::as_object_mut);
    for group in groups.into_iter().flat_map(Map::values_mut) {
        if let Some([only]) = group.as_array().map(Vec::as_slice) {
            *group = only.clone();
        }
    }
}

fn reorder(value: &mut Value, order: AnswerOrder, number: u64) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                reorder(value, order, number);
                if let Some(list) = value.as_array_mut()
                    && UNORDERED.contains(&key.as_str())
                {
                    shuffle(list, order, number);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| reorder(item, order, number)),
        _ => {}
    }
}

fn shuffle(list: &mut [Value], order: AnswerOrder, number: u64) {
    match order {
        AnswerOrder::AsIs => {}
        AnswerOrder::Reversed => list.reverse(),
        AnswerOrder::Random(seed) => {
            for index in (1..list.len()).rev() {
                let draw = scramble(seed ^ number.rotate_left(32), index as u64);
                list.swap(index, (draw % (index as u64 + 1)) as usize);
            }
        }
    }
}

fn add_fields(object: &mut Value) {
    let extra = || json!({ "nested": [1, null, "text"] });
    for place in [
        "/metadata",
        "/spec",
        "/status",
        "/spec/network",
        "/spec/connection",
        "/status/resources",
        "/status/connectionStatus",
    ] {
        // A new kind of nodes beside the known ones would be a list of counts.
        let is_lists = ["/status/resources", "/status/connectionStatus"].contains(&place);
        if let Some(map) = object.pointer_mut(place).and_then(Value::as_object_mut) {
            let value = if is_lists { json!([]) } else { extra() };
            map.insert(UNKNOWN_FIELD.to_owned(), value);
        }
    }
    entries(object, |entry| drop(entry.insert(UNKNOWN_FIELD.to_owned(), extra())));
}

fn numbers_to_strings(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Array(list) => list.iter_mut().for_each(numbers_to_strings),
        Value::Object(map) => map.values_mut().for_each(numbers_to_strings),
        _ => {}
    }
}

/// Gives lists and numbers types that no reader can make sense of.
pub(super) fn wrong_types(value: &mut Value) {
    match value {
        Value::Number(_) => *value = json!({ "number": "of another type" }),
        Value::Array(_) => *value = json!("a list of another type"),
        Value::Object(map) => map.values_mut().for_each(wrong_types),
        _ => {}
    }
}
