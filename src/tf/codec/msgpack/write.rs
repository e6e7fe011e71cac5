//! From values to msgpack.

use std::collections::BTreeMap;

use rmp::encode;

use crate::tf::codec::{CodecError, misfit, mismatch, value_name};
use crate::tf::number::{Number, Wire};
use crate::tf::path::Step;
use crate::tf::ty::Type;
use crate::tf::value::{Refinement, Value};

/// An unknown value of which nothing is promised.
const UNKNOWN: [u8; 3] = [0xd4, 0x00, 0x00];
/// An unknown value with the refinement "not null".
const UNKNOWN_NOT_NULL: [u8; 6] = [0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2];

/// First size of the buffer, in bytes: enough for most objects. Growing from
/// there is cheaper than a walk over the value that counts its bytes.
const START: usize = 1024;

pub(super) fn value(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::with_capacity(START);
    put(&mut bytes, value, ty)?;
    Ok(bytes)
}

fn put(out: &mut Vec<u8>, value: &Value, ty: &Type) -> Result<(), CodecError> {
    match (value, ty) {
        (Value::Null, _) => encode::write_nil(out).map_err(too_large),
        // Unknown values of any type have no refinements.
        (Value::Unknown(Refinement { not_null: true }), other) if *other != Type::Dynamic => {
            out.extend_from_slice(&UNKNOWN_NOT_NULL);
            Ok(())
        }
        (Value::Unknown(_), _) => {
            out.extend_from_slice(&UNKNOWN);
            Ok(())
        }
        (Value::Bool(truth), Type::Bool) => encode::write_bool(out, *truth).map_err(too_large),
        (Value::String(text), Type::String) => put_text(out, text),
        (Value::Number(number), Type::Number) => put_number(out, number),
        (Value::List(items), Type::List(element)) => put_list(out, items, element),
        (Value::Set(items), Type::Set(element)) => {
            put_list(out, items, element).map_err(CodecError::in_set)
        }
        (Value::List(items), Type::Tuple(elements)) if items.len() == elements.len() => {
            put_length(out, items.len())?;
            for (index, (item, element)) in items.iter().zip(elements).enumerate() {
                put(out, item, element).map_err(|e| e.at_index(index))?;
            }
            Ok(())
        }
        (Value::Map(entries), Type::Map(element)) => {
            put_map_length(out, entries.len())?;
            for (key, entry) in entries {
                put_text(out, key)?;
                put(out, entry, element).map_err(|e| e.below(Step::Key(key.clone())))?;
            }
            Ok(())
        }
        (Value::Object(found), Type::Object(attributes)) => put_object(out, found, attributes),
        (Value::Dynamic(pair), Type::Dynamic) => {
            put_length(out, 2)?;
            let notation = pair.0.to_json().to_string();
            encode::write_bin(out, notation.as_bytes()).map_err(too_large)?;
            put(out, &pair.1, &pair.0)
        }
        _ => Err(mismatch(ty, value_name(value))),
    }
}

fn put_list(out: &mut Vec<u8>, items: &[Value], element: &Type) -> Result<(), CodecError> {
    put_length(out, items.len())?;
    for (index, item) in items.iter().enumerate() {
        put(out, item, element).map_err(|e| e.at_index(index))?;
    }
    Ok(())
}

/// Both have their names in order: an object that fits is gone through once.
fn put_object(
    out: &mut Vec<u8>,
    found: &BTreeMap<String, Value>,
    attributes: &BTreeMap<String, Type>,
) -> Result<(), CodecError> {
    if found.len() != attributes.len() {
        return Err(misfit(found, attributes));
    }
    put_map_length(out, attributes.len())?;
    for ((name, ty), (key, value)) in attributes.iter().zip(found) {
        if key != name {
            return Err(misfit(found, attributes));
        }
        put_text(out, name)?;
        put(out, value, ty).map_err(|e| e.below(Step::Attribute(name.clone())))?;
    }
    Ok(())
}

fn put_text(out: &mut Vec<u8>, text: &str) -> Result<(), CodecError> {
    encode::write_str(out, text).map_err(too_large)
}

fn put_number(out: &mut Vec<u8>, number: &Number) -> Result<(), CodecError> {
    match number.wire() {
        Wire::Signed(n) => encode::write_sint(out, n).map(|_| ()).map_err(too_large),
        Wire::Float(float) => encode::write_f64(out, float).map_err(too_large),
        Wire::Text(text) => put_text(out, &text),
    }
}

fn put_length(out: &mut Vec<u8>, length: usize) -> Result<(), CodecError> {
    let length = u32::try_from(length).map_err(too_large)?;
    encode::write_array_len(out, length).map(|_| ()).map_err(too_large)
}

fn put_map_length(out: &mut Vec<u8>, length: usize) -> Result<(), CodecError> {
    let length = u32::try_from(length).map_err(too_large)?;
    encode::write_map_len(out, length).map(|_| ()).map_err(too_large)
}

fn too_large<E>(_: E) -> CodecError {
    CodecError::new("the value is too large")
}
