//! What is not known yet is not judged.

use super::*;

#[test]
fn unknown_values_are_not_judged() {
    let stepping = node(json!({ "creating_step": { "step": 2, "type": "rack" } }));
    let good = [standard(), logical(), privileged(), everything(), disk(json!({})), stepping];
    for config in good {
        let config = value(&config);
        let variants = obscured_object(&PoolModel::attributes(), &config);
        assert!(variants.len() > 30, "{}", variants.len());
        for (place, variant) in variants {
            assert_eq!(found(&variant), vec![], "{place} is unknown");
        }
    }
}

/// An object with one thing unknown, once for each attribute that a user may
/// set and for everything inside of it.
fn obscured_object(attributes: &[Attribute], object: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for attribute in attributes.iter().filter(|a| a.mode.is_configurable()) {
        for (place, value) in obscured(attribute, object.get(&attribute.name)) {
            let mut variant = object.clone();
            variant.set_entry(&attribute.name, value);
            all.push((format!("{}{place}", attribute.name), variant));
        }
    }
    all
}

fn obscured(attribute: &Attribute, value: &Value) -> Vec<(String, Value)> {
    let mut all = vec![(String::new(), Value::UNKNOWN)];
    let part = |part: &Value| {
        let inside = match (part, attribute.members()) {
            (Value::Object(_), Some(members)) => obscured_object(members, part),
            _ => vec![],
        };
        let inside = inside.into_iter().map(|(place, value)| (format!(".{place}"), value));
        std::iter::once((String::new(), Value::UNKNOWN)).chain(inside)
    };
    match (&attribute.kind, value) {
        (Kind::Nested(Nesting::Single, _), object) => all.extend(part(object)),
        (_, Value::List(items) | Value::Set(items)) => {
            for (index, item) in items.iter().enumerate() {
                for (place, changed) in part(item) {
                    let mut items = items.clone();
                    items[index] = changed;
                    let set = matches!(value, Value::Set(_));
                    let changed = if set { Value::Set(items) } else { Value::List(items) };
                    all.push((format!("[{index}]{place}"), changed));
                }
            }
        }
        (_, Value::Map(entries)) => {
            for key in entries.keys() {
                let mut changed = value.clone();
                changed.set_entry(key, Value::UNKNOWN);
                all.push((format!("[{key:?}]"), changed));
            }
        }
        _ => {}
    }
    all
}

#[test]
fn what_depends_on_an_unknown_is_not_judged() {
    let unknown = |config: Json, name: &str| {
        let mut config = value(&config);
        config.set_entry(name, Value::UNKNOWN);
        found(&config)
    };
    let none: Vec<Finding> = vec![];
    // Whether these are mistakes is decided by what is unknown.
    assert_eq!(unknown(pool(json!({ "parent": "pool-0" })), "type"), none);
    assert_eq!(unknown(pool(json!({ "scope": null })), "network"), none);
    assert_eq!(unknown(pool(json!({ "clusters": [{ "provider_id": "c" }] })), "network"), none);
    assert_eq!(unknown(pool(json!({ "period": 1, "auto_pay": true })), "charging_mode"), none);
    assert_eq!(unknown(prepaid(json!({ "auto_pay": null })), "order_id"), none);
    assert_eq!(unknown(node(json!({ "max_count": 3 })), "type"), none);

    let mut login = value(&login(json!({})));
    let later = Value::object([("password", Value::UNKNOWN)]);
    login.set_entry("user_login", later);
    assert_eq!(found(&login), none);

    // Whatever a period turns out to be of, this one is too long.
    let long = unknown(prepaid(json!({ "period": 10 })), "period_unit");
    assert_eq!(long.len(), 1, "{long:?}");
}

#[test]
fn entries_with_unknown_identity_are_not_called_equal() {
    let step = |step: Value| {
        let members =
            [("flavor", "cpu".into()), ("count", Value::from(2)), ("creating_step", step)];
        Value::object(members)
    };
    let known = Value::object([("step", Value::from(2)), ("type", Value::Null)]);
    let open = Value::object([("step", Value::from(2)), ("type", Value::UNKNOWN)]);
    for other in [Value::UNKNOWN, open] {
        let mut config = value(&standard());
        config.set_entry("resources", Value::List(vec![step(known.clone()), step(other)]));
        assert_eq!(found(&config), vec![]);
    }
}

#[test]
fn entries_of_one_flavor_may_differ_by_node_pool_or_step() {
    let config = pool(json!({ "resources": [
        { "flavor": "cpu", "count": 2 },
        { "flavor": "cpu", "count": 2, "node_pool": "second" },
        { "flavor": "cpu", "count": 2, "creating_step": { "step": 2 } },
    ] }));
    assert_eq!(found(&value(&config)), vec![]);
}
