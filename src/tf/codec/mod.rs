//! Values on the wire, directed by their type.

pub mod json;
pub mod msgpack;

use std::collections::BTreeMap;
use std::fmt;

use super::path::Path;
use super::ty::Type;
use super::value::Value;

/// How deep values may be nested. Terraform's own types are far from it; bytes
/// from elsewhere must not exhaust the stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// Why bytes are not a value of a type, or a value not one of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError {
    /// Where.
    pub path: Path,
    /// What is wrong.
    pub text: String,
}

impl CodecError {
    pub(crate) fn new(path: &Path, text: impl Into<String>) -> Self {
        Self { path: path.clone(), text: text.into() }
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_root() {
            f.write_str(&self.text)
        } else {
            write!(f, "{}: {}", self.path, self.text)
        }
    }
}

impl std::error::Error for CodecError {}

/// Reads a protocol `DynamicValue`: msgpack, or JSON when there is no msgpack,
/// or null when there is neither.
///
/// # Errors
/// Where the bytes are not a value of the type.
pub fn decode_dynamic(msgpack: &[u8], json: &[u8], ty: &Type) -> Result<Value, CodecError> {
    match (msgpack.is_empty(), json.is_empty()) {
        (false, _) => msgpack::decode(msgpack, ty),
        (true, false) => json::decode(json, ty, json::Mode::Strict),
        (true, true) => Ok(Value::Null),
    }
}

/// A short name of a type for messages.
pub(crate) fn type_name(ty: &Type) -> &'static str {
    match ty {
        Type::String => "string",
        Type::Number => "number",
        Type::Bool => "bool",
        Type::Dynamic => "any type",
        Type::List(_) => "list",
        Type::Set(_) => "set",
        Type::Map(_) => "map",
        Type::Object(_) => "object",
        Type::Tuple(_) => "tuple",
    }
}

pub(crate) fn value_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Unknown(_) => "an unknown value",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Set(_) => "a set",
        Value::Map(_) => "a map",
        Value::Object(_) => "an object",
        Value::Dynamic(_) => "a value with its type",
    }
}

/// Names which attributes are missing or too many.
pub(crate) fn check_attributes<T>(
    found: &BTreeMap<String, T>,
    wanted: &BTreeMap<String, Type>,
    path: &Path,
) -> Result<(), CodecError> {
    if let Some(missing) = wanted.keys().find(|name| !found.contains_key(*name)) {
        return Err(CodecError::new(path, format!("attribute {missing:?} is missing")));
    }
    if let Some(extra) = found.keys().find(|name| !wanted.contains_key(*name)) {
        return Err(CodecError::new(path, format!("there is no attribute {extra:?}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
