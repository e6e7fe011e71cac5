//! From an object to the configuration that a user would have written for it
//! (protocol: `GenerateResourceConfig`, Terraform 1.14).
//!
//! What only the provider sets, what is not set and what has its default anyway is
//! left out: the plan of the rest is empty, and it reads like written by hand.

use super::schema::{Attribute, Nesting, Schema};
use super::value::Value;
use super::walk::{At, change};

/// The configuration that follows from an object as the state holds it.
pub fn generate(schema: &Schema, object: &Value) -> Value {
    let mut config = object.clone();
    members(&schema.attributes, &mut config);
    config
}

fn members(attributes: &[Attribute], object: &mut Value) {
    let Value::Object(entries) = object else { return };
    for attribute in attributes {
        let Some(value) = entries.get_mut(&attribute.name) else { continue };
        if goes_without_saying(attribute, value) {
            *value = attribute.absent();
            continue;
        }
        change(attribute, &At::root(), value, [], |inner, _, item, []| members(inner, item));
        // An object of which nothing is left is there anyway, if the provider sets it.
        let is_bare = attribute.nesting() == Some(Nesting::Single) && says_nothing(value);
        if is_bare && attribute.mode.is_computed() {
            *value = attribute.absent();
        }
    }
}

fn goes_without_saying(attribute: &Attribute, value: &Value) -> bool {
    let behaviour = &attribute.behaviour;
    !attribute.mode.is_configurable()
        || attribute.write_only
        || value.is_null()
        || behaviour.default.as_ref() == Some(value)
        || (behaviour.empty_is_null && value.as_str() == Some(""))
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries.values().all(Value::is_null),
        other => other.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::schema::Mode;

    fn text(name: &str, mode: Mode) -> Attribute {
        Attribute::string(name, mode, "")
    }

    #[test]
    fn what_a_user_need_not_write_is_left_out() {
        let inner = || vec![text("a", Mode::OptionalComputed), text("b", Mode::Computed)];
        let nested = |name, mode| Attribute::nested(name, Nesting::Single, inner(), mode, "");
        let attributes = vec![
            text("id", Mode::Computed),
            text("name", Mode::Required),
            text("kind", Mode::OptionalComputed).default_value("x"),
            text("other", Mode::OptionalComputed).default_value("x"),
            text("note", Mode::Optional).empty_is_null(),
            text("secret", Mode::Optional).write_only(),
            nested("bare", Mode::OptionalComputed),
            nested("full", Mode::Optional),
            nested("needed", Mode::Required),
        ];
        let pair = |a: Value, b: Value| Value::object([("a", a), ("b", b)]);
        let config = generate(
            &Schema::new(attributes, ""),
            &Value::object([
                ("id", "1".into()),
                ("name", "n".into()),
                ("kind", "x".into()),
                ("other", "y".into()),
                ("note", "".into()),
                ("secret", "s".into()),
                ("bare", pair(Value::Null, "b".into())),
                ("full", pair("a".into(), "b".into())),
                ("needed", pair(Value::Null, "b".into())),
            ]),
        );
        let none = Value::Null;
        assert_eq!(
            config,
            Value::object([
                ("id", none.clone()),
                ("name", "n".into()),
                ("kind", none.clone()),
                ("other", "y".into()),
                ("note", none.clone()),
                ("secret", none.clone()),
                ("bare", none.clone()),
                ("full", pair("a".into(), none.clone())),
                ("needed", pair(none.clone(), none)),
            ])
        );
    }
}
