//! Making values fit what the protocol demands of answers.

use super::schema::{Attribute, Schema};
use super::value::Value;
use super::walk::{At, Other, change};

/// Sets every write-only attribute to null: a write-only value in an answer
/// makes Terraform drop the object.
pub fn null_write_only(schema: &Schema, value: &mut Value) {
    clear(&schema.attributes, value);
}

fn clear(members: &[Attribute], value: &mut Value) {
    let Value::Object(entries) = value else { return };
    for member in members {
        let Some(value) = entries.get_mut(&member.name) else { continue };
        if member.write_only {
            *value = Value::Null;
        } else {
            change(member, &At::root(), value, [], |members, _, item, []| clear(members, item));
        }
    }
}

/// Puts the write-only values of a configuration into the object that was
/// planned from it.
pub fn with_write_only(members: &[Attribute], planned: &mut Value, config: &Value) {
    let Value::Object(entries) = planned else { return };
    for member in members {
        let Some(value) = entries.get_mut(&member.name) else { continue };
        let written = config.get(&member.name);
        if member.write_only {
            value.clone_from(written);
            continue;
        }
        // A plan may keep the prior order of elements that have keys.
        let other = if member.behaviour.keys.is_some() {
            Other::ByKeys(written)
        } else {
            Other::ByPosition(written)
        };
        change(member, &At::root(), value, [other], |members, _, item, [written]| {
            with_write_only(members, item, written);
        });
    }
}

/// Gives an object every attribute of its schema: missing ones become null,
/// missing lists of blocks empty, unknown names are dropped. Null stays null.
pub fn complete(schema: &Schema, value: &mut Value) {
    fill(&schema.attributes, value);
}

fn fill(members: &[Attribute], value: &mut Value) {
    let Value::Object(entries) = value else { return };
    if entries.len() != members.len() || members.iter().any(|m| !entries.contains_key(&m.name)) {
        entries.retain(|name, _| members.iter().any(|member| member.name == *name));
    }
    for member in members {
        let value = entries.entry(member.name.clone()).or_insert(Value::Null);
        if value.is_null() {
            *value = member.absent();
        }
        change(member, &At::root(), value, [], |members, _, item, []| fill(members, item));
    }
}

/// Turns every unknown value into null, for an object that has to be saved
/// although not all of it is known. Says whether there was one.
pub fn unknowns_to_null(value: &mut Value) -> bool {
    match value {
        Value::Unknown(_) => {
            *value = Value::Null;
            true
        }
        Value::List(items) | Value::Set(items) => {
            items.iter_mut().map(unknowns_to_null).filter(|was| *was).count() > 0
        }
        Value::Map(entries) | Value::Object(entries) => {
            entries.values_mut().map(unknowns_to_null).filter(|was| *was).count() > 0
        }
        Value::Dynamic(pair) => unknowns_to_null(&mut pair.1),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
