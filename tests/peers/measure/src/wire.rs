//! Values and schemas as they are on the wire, written from the protocol alone.

use rmpv::Value;
use serde_json::Value as Json;

use crate::proto::tfplugin6 as pb;
use pb::schema::nested_block::NestingMode;

/// A value that is not known yet.
pub fn unknown() -> Value {
    Value::Ext(0, vec![0])
}

pub fn object<N: Into<Value>>(members: impl IntoIterator<Item = (N, Value)>) -> Value {
    let mut members: Vec<_> =
        members.into_iter().map(|(name, value)| (name.into(), value)).collect();
    members.sort_by(|one, other| one.0.as_str().cmp(&other.0.as_str()));
    Value::Map(members)
}

/// The member of an object; null when there is none.
pub fn get<'a>(object: &'a Value, name: &str) -> &'a Value {
    let mut members = object.as_map().into_iter().flatten();
    members.find(|(key, _)| key.as_str() == Some(name)).map_or(&Value::Nil, |(_, value)| value)
}

/// The object with other values for some members.
pub fn with<const N: usize>(object: &Value, members: [(&str, Value); N]) -> Value {
    let mut object = object.clone();
    for (name, new) in members {
        if let Value::Map(all) = &mut object {
            match all.iter_mut().find(|(key, _)| key.as_str() == Some(name)) {
                Some((_, value)) => *value = new,
                None => all.push((name.into(), new)),
            }
        }
    }
    object
}

pub fn is_known(value: &Value) -> bool {
    match value {
        Value::Ext(..) => false,
        Value::Array(elements) => elements.iter().all(is_known),
        Value::Map(members) => members.iter().all(|(_, value)| is_known(value)),
        _ => true,
    }
}

/// Whether two values say the same: the order of members and the width of
/// numbers do not count, nor what an unknown value promises.
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Ext(..), Value::Ext(..)) => true,
        (Value::Map(a), Value::Map(_)) => {
            let keys = |value: &Value| value.as_map().map_or(0, Vec::len);
            keys(one) == keys(other)
                && a.iter().all(|(key, value)| same(value, get(other, key.as_str().unwrap_or(""))))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => one == other || (one.as_f64().is_some() && one.as_f64() == other.as_f64()),
    }
}

pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("memory does not fail");
    bytes
}

pub fn dynamic(value: &Value) -> pb::DynamicValue {
    pb::DynamicValue { msgpack: encode(value), json: Vec::new() }
}

/// A value of an answer; null when there is none.
pub fn value(dynamic: Option<&pb::DynamicValue>) -> Result<Value, String> {
    let Some(dynamic) = dynamic else { return Ok(Value::Nil) };
    if dynamic.msgpack.is_empty() {
        return match dynamic.json.is_empty() {
            true => Ok(Value::Nil),
            false => {
                let json: Json = serde_json::from_slice(&dynamic.json)
                    .map_err(|error| format!("an answer in JSON that is none: {error}"))?;
                Ok(from_json(&json))
            }
        };
    }
    rmpv::decode::read_value(&mut dynamic.msgpack.as_slice()).map_err(|error| error.to_string())
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(elements) => Value::Array(elements.iter().map(from_json).collect()),
        Json::Object(members) => {
            object(members.iter().map(|(name, value)| (name.as_str(), from_json(value))))
        }
    }
}

pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Boolean(flag) => (*flag).into(),
        Value::Integer(number) => number.as_i64().into(),
        Value::F64(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::Array(elements) => elements.iter().map(to_json).collect(),
        Value::Map(members) => members
            .iter()
            .map(|(name, value)| (name.as_str().unwrap_or_default().to_owned(), to_json(value)))
            .collect(),
        _ => Json::Null,
    }
}

// === Schemas ===

/// An object of this block in which nothing is set.
pub fn empty(block: &pb::schema::Block) -> Value {
    let attributes = block.attributes.iter().map(|a| (a.name.as_str(), Value::Nil));
    let blocks = block.block_types.iter().map(|nested| {
        let value = match nested.nesting() {
            NestingMode::List | NestingMode::Set => Value::Array(Vec::new()),
            NestingMode::Map => Value::Map(Vec::new()),
            NestingMode::Group => empty(&nested.block.clone().unwrap_or_default()),
            NestingMode::Single | NestingMode::Invalid => Value::Nil,
        };
        (nested.type_name.as_str(), value)
    });
    object(attributes.chain(blocks))
}

/// A nested block with these members set, in the shape that its nesting asks for.
pub fn block_of(nested: &pb::schema::NestedBlock, members: &[(&str, Value)]) -> Value {
    let mut inner = empty(&nested.block.clone().unwrap_or_default());
    for (name, value) in members {
        inner = with(&inner, [(*name, value.clone())]);
    }
    match nested.nesting() {
        NestingMode::List | NestingMode::Set => Value::Array(vec![inner]),
        _ => inner,
    }
}

pub fn attribute<'a>(schema: &'a pb::Schema, name: &str) -> Option<&'a pb::schema::Attribute> {
    schema.block.as_ref()?.attributes.iter().find(|attribute| attribute.name == name)
}

/// A path in words: `items[1].key`.
pub fn words(path: Option<&pb::AttributePath>) -> String {
    use pb::attribute_path::step::Selector;
    let mut words = String::new();
    for step in path.iter().flat_map(|path| &path.steps) {
        match &step.selector {
            Some(Selector::AttributeName(name)) if words.is_empty() => words.push_str(name),
            Some(Selector::AttributeName(name)) => words.push_str(&format!(".{name}")),
            Some(Selector::ElementKeyString(key)) => words.push_str(&format!("[{key:?}]")),
            Some(Selector::ElementKeyInt(index)) => words.push_str(&format!("[{index}]")),
            None => words.push('?'),
        }
    }
    words
}
