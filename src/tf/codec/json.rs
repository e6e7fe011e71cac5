//! Values as JSON: the state file, and callers that do not speak msgpack.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::msgpack::nfc;
use super::{CodecError, check_attributes, type_name, value_name};
use crate::tf::number::{Number, Wire};
use crate::tf::path::Path;
use crate::tf::ty::Type;
use crate::tf::value::Value;

/// How exact an object has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It has all attributes of its type and no others.
    Strict,
    /// Missing attributes are null, others are dropped: a state file that an
    /// older or newer schema has written.
    Tolerant,
}

/// Reads a value from JSON text.
///
/// # Errors
/// Where the text is not a value of the type.
pub fn decode(bytes: &[u8], ty: &Type, mode: Mode) -> Result<Value, CodecError> {
    let json: Json = serde_json::from_slice(bytes)
        .map_err(|error| CodecError::new(&Path::root(), format!("this is not JSON: {error}")))?;
    from_json(&json, ty, mode)
}

/// Reads a value from JSON.
///
/// # Errors
/// Where the JSON is not a value of the type.
pub fn from_json(json: &Json, ty: &Type, mode: Mode) -> Result<Value, CodecError> {
    value(json, ty, mode, &Path::root())
}

fn value(json: &Json, ty: &Type, mode: Mode, path: &Path) -> Result<Value, CodecError> {
    let refuse = || {
        let found = match json {
            Json::Null => "null",
            Json::Bool(_) => "a bool",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        };
        CodecError::new(path, format!("{} expected, found {found}", type_name(ty)))
    };
    let number = |text: &str| {
        Number::parse(text).map(Value::Number).map_err(|text| CodecError::new(path, text))
    };
    match (json, ty) {
        (Json::Null, _) => Ok(Value::Null),
        (Json::Bool(truth), Type::Bool) => Ok(Value::Bool(*truth)),
        (Json::String(text), Type::String) => Ok(Value::String(nfc(text))),
        (Json::Number(written), Type::Number) => number(&written.to_string()),
        (Json::String(written), Type::Number) => number(written),
        (Json::Array(items), Type::List(element)) => {
            each(items, |_| Some(element), mode, path).map(Value::List)
        }
        (Json::Array(items), Type::Set(element)) => {
            Ok(Value::set(each(items, |_| Some(element), mode, path)?))
        }
        (Json::Array(items), Type::Tuple(elements)) if items.len() == elements.len() => {
            each(items, |index| elements.get(index), mode, path).map(Value::List)
        }
        (Json::Object(entries), Type::Map(element)) => entries
            .iter()
            .map(|(key, entry)| Ok((nfc(key), value(entry, element, mode, &path.key(key))?)))
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (Json::Object(entries), Type::Object(attributes)) => {
            object(entries, attributes, mode, path).map(Value::Object)
        }
        (Json::Object(pair), Type::Dynamic) => {
            let (Some(ty), Some(inner)) = (pair.get("type"), pair.get("value")) else {
                return Err(refuse());
            };
            let ty = Type::parse(ty.to_string().as_bytes())
                .map_err(|text| CodecError::new(path, text))?;
            match value(inner, &ty, mode, path)? {
                Value::Null => Ok(Value::Null),
                inner => Ok(Value::Dynamic(Box::new((ty, inner)))),
            }
        }
        _ => Err(refuse()),
    }
}

fn each<'t>(
    items: &[Json],
    element: impl Fn(usize) -> Option<&'t Type>,
    mode: Mode,
    path: &Path,
) -> Result<Vec<Value>, CodecError> {
    let typed = items.iter().enumerate().filter_map(|(i, item)| Some((i, item, element(i)?)));
    typed.map(|(index, item, ty)| value(item, ty, mode, &path.index(index))).collect()
}

fn object(
    entries: &serde_json::Map<String, Json>,
    attributes: &BTreeMap<String, Type>,
    mode: Mode,
    path: &Path,
) -> Result<BTreeMap<String, Value>, CodecError> {
    let entries: BTreeMap<String, &Json> =
        entries.iter().map(|(name, json)| (nfc(name), json)).collect();
    if mode == Mode::Strict {
        check_attributes(&entries, attributes, path)?;
    }
    attributes
        .iter()
        .map(|(name, ty)| {
            let json = entries.get(name).copied().unwrap_or(&Json::Null);
            Ok((name.clone(), value(json, ty, mode, &path.attribute(name))?))
        })
        .collect()
}

/// Writes a value as JSON.
///
/// # Errors
/// Where the value is unknown, which JSON cannot say.
pub fn encode(value: &Value, ty: &Type) -> Result<Json, CodecError> {
    put(value, ty, &Path::root())
}

fn put(value: &Value, ty: &Type, path: &Path) -> Result<Json, CodecError> {
    let list = |items: &[Value], ty: &Type| {
        let each = items.iter().enumerate().map(|(i, item)| put(item, ty, &path.index(i)));
        each.collect::<Result<Vec<_>, _>>().map(Json::Array)
    };
    match (value, ty) {
        (Value::Null, _) => Ok(Json::Null),
        (Value::Bool(truth), Type::Bool) => Ok(json!(truth)),
        (Value::String(text), Type::String) => Ok(json!(text)),
        (Value::Number(number), Type::Number) => Ok(match number.wire() {
            Wire::Signed(whole) => json!(whole),
            // The shortest text of a double is not always its exact value.
            Wire::Float(float)
                if Number::parse(&json!(float).to_string()).as_ref() == Ok(number) =>
            {
                json!(float)
            }
            Wire::Float(_) => json!(number.to_string()),
            Wire::Text(text) => json!(text),
        }),
        (Value::List(items), Type::List(element)) | (Value::Set(items), Type::Set(element)) => {
            list(items, element)
        }
        (Value::List(items), Type::Tuple(elements)) => {
            let pairs = items.iter().zip(elements).enumerate();
            let each = pairs.map(|(i, (item, ty))| put(item, ty, &path.index(i)));
            each.collect::<Result<Vec<_>, _>>().map(Json::Array)
        }
        (Value::Map(entries), Type::Map(element)) => entries
            .iter()
            .map(|(key, entry)| Ok((key.clone(), put(entry, element, &path.key(key))?)))
            .collect::<Result<serde_json::Map<_, _>, _>>()
            .map(Json::Object),
        (Value::Object(entries), Type::Object(attributes)) => attributes
            .iter()
            .map(|(name, ty)| {
                let entry = entries.get(name).unwrap_or(&Value::Null);
                Ok((name.clone(), put(entry, ty, &path.attribute(name))?))
            })
            .collect::<Result<serde_json::Map<_, _>, _>>()
            .map(Json::Object),
        (Value::Dynamic(pair), Type::Dynamic) => {
            Ok(json!({ "type": pair.0.to_json(), "value": put(&pair.1, &pair.0, path)? }))
        }
        _ => {
            let text = format!("{} expected, found {}", type_name(ty), value_name(value));
            Err(CodecError::new(path, text))
        }
    }
}
