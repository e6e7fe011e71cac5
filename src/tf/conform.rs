//! Making values fit what the protocol demands of answers.

use super::codec::{CodecError, msgpack};
use super::schema::{Attribute, AttributeKind, Block, BlockNesting, Schema};
use super::ty::Type;
use super::value::Value;

/// Sets every write-only attribute to null: a write-only value in an answer
/// makes Terraform drop the object.
pub fn null_write_only(schema: &Schema, value: &mut Value) {
    clear_block(&schema.block, value);
}

fn clear_block(block: &Block, value: &mut Value) {
    clear_members(&block.attributes, value);
    let Some(entries) = value.entries_mut() else { return };
    for nested in &block.blocks {
        match entries.get_mut(&nested.name) {
            Some(Value::List(items) | Value::Set(items)) => {
                items.iter_mut().for_each(|item| clear_block(&nested.block, item));
            }
            Some(single) => clear_block(&nested.block, single),
            None => {}
        }
    }
}

fn clear_members(attributes: &[Attribute], value: &mut Value) {
    let Some(entries) = value.entries_mut() else { return };
    for attribute in attributes {
        let Some(member) = entries.get_mut(&attribute.name) else { continue };
        if attribute.write_only {
            *member = Value::Null;
        } else if let Some(inner) = attribute.members() {
            each_object(&attribute.kind, member, |object| clear_members(inner, object));
        }
    }
}

fn each_object(kind: &AttributeKind, value: &mut Value, mut act: impl FnMut(&mut Value)) {
    match (kind, value) {
        (AttributeKind::Single(_), object @ Value::Object(_)) => act(object),
        (_, Value::List(items) | Value::Set(items)) => items.iter_mut().for_each(act),
        (AttributeKind::Map(_), Value::Map(entries)) => entries.values_mut().for_each(act),
        _ => {}
    }
}

/// Gives an object every attribute of its schema: missing ones become null,
/// missing lists of blocks empty, unknown names are dropped. Null stays null.
pub fn complete(schema: &Schema, value: &mut Value) {
    complete_block(&schema.block, value);
}

fn complete_block(block: &Block, value: &mut Value) {
    let Value::Object(entries) = value else { return };
    let known = |name: &String| {
        block.attributes.iter().any(|a| a.name == *name)
            || block.blocks.iter().any(|b| b.name == *name)
    };
    entries.retain(|name, _| known(name));
    for attribute in &block.attributes {
        let member = entries.entry(attribute.name.clone()).or_insert(Value::Null);
        complete_attribute(attribute, member);
    }
    for nested in &block.blocks {
        let member = entries.entry(nested.name.clone()).or_insert(Value::Null);
        match (nested.nesting, &mut *member) {
            (BlockNesting::List, Value::Null) => *member = Value::List(Vec::new()),
            (BlockNesting::Set, Value::Null) => *member = Value::Set(Vec::new()),
            (BlockNesting::Single, single) => complete_block(&nested.block, single),
            (_, Value::List(items) | Value::Set(items)) => {
                items.iter_mut().for_each(|item| complete_block(&nested.block, item));
            }
            _ => {}
        }
    }
}

fn complete_attribute(attribute: &Attribute, value: &mut Value) {
    let Some(inner) = attribute.members() else { return };
    each_object(&attribute.kind, value, |object| {
        let Value::Object(entries) = object else { return };
        entries.retain(|name, _| inner.iter().any(|a| a.name == *name));
        for member in inner {
            complete_attribute(member, entries.entry(member.name.clone()).or_insert(Value::Null));
        }
    });
}

/// Checks that a value is one of a type.
///
/// # Errors
/// Where it is not.
pub fn conforms(value: &Value, ty: &Type) -> Result<(), CodecError> {
    msgpack::encode(value, ty).map(|_| ())
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
