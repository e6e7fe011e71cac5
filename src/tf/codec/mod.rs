//! Values on the wire, directed by their type.

pub mod json;
pub mod msgpack;

use std::collections::{BTreeMap, btree_map};
use std::fmt;

use super::path::{Path, Step};
use super::text::nfc;
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
    /// An error at the value at hand. Whoever called for the value says on the
    /// way back where it is: no path is made for values that are right.
    fn new(text: impl Into<String>) -> Self {
        Self { path: Path::root(), text: text.into() }
    }

    /// The error as it looks from outside a step.
    fn below(self, step: Step) -> Self {
        Self { path: self.path.below(step), text: self.text }
    }

    /// The error as it looks from outside an item of a list.
    fn at_index(self, index: usize) -> Self {
        self.below(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    /// The error as it looks from outside a set, if it was found in an element:
    /// no path can go there.
    fn in_set(self) -> Self {
        if self.path.is_root() {
            return self;
        }
        Self::new(format!("element {self}"))
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
fn type_name(ty: &Type) -> &'static str {
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

fn value_name(value: &Value) -> &'static str {
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

fn mismatch(ty: &Type, found: &str) -> CodecError {
    CodecError::new(format!("{} expected, found {found}", type_name(ty)))
}

fn wrong_count(expected: usize, found: usize) -> CodecError {
    CodecError::new(format!("{expected} elements expected, found {found}"))
}

fn no_attribute(name: &str) -> CodecError {
    CodecError::new(format!("there is no attribute {name:?}"))
}

/// A value of any type with the type that it brought along. Of "any type" are
/// nulls and unknown values alone.
fn dynamic(ty: Type, value: Value) -> Value {
    if ty == Type::Dynamic { value } else { Value::Dynamic(Box::new((ty, value))) }
}

/// The attributes of an object type while an object is read. Attributes mostly
/// come in the order of the type, so the next one is looked at first.
struct Attributes<'t> {
    all: &'t BTreeMap<String, Type>,
    next: btree_map::Iter<'t, String, Type>,
    found: Vec<(String, Value)>,
}

impl<'t> Attributes<'t> {
    /// `length` is how many attributes the bytes claim to hold.
    fn new(all: &'t BTreeMap<String, Type>, length: usize) -> Self {
        Self { all, next: all.iter(), found: Vec::with_capacity(length.min(all.len())) }
    }

    /// Finds an attribute by its name in any composition of letters.
    fn find(&mut self, name: &str) -> Option<(&'t String, &'t Type)> {
        match self.next.next() {
            Some((next, ty)) if next == name => Some((next, ty)),
            _ => self.all.get_key_value(nfc(name).as_ref()),
        }
    }

    fn add(&mut self, name: &str, value: Value) {
        self.found.push((name.to_owned(), value));
    }

    /// The object, if each attribute was there once.
    fn strict(self) -> Result<Value, CodecError> {
        let count = self.found.len();
        let found: BTreeMap<_, _> = self.found.into_iter().collect();
        if count != found.len() {
            return Err(CodecError::new("an attribute is there twice"));
        }
        if found.len() != self.all.len() {
            return Err(misfit(&found, self.all));
        }
        Ok(Value::Object(found))
    }

    /// The object; what is missing is null, the last one of each name counts.
    fn tolerant(self) -> Value {
        let mut found: BTreeMap<_, _> = self.found.into_iter().collect();
        if found.len() != self.all.len() {
            for name in self.all.keys() {
                found.entry(name.clone()).or_insert(Value::Null);
            }
        }
        Value::Object(found)
    }
}

/// Names an attribute that is missing or too many.
fn misfit(found: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Type>) -> CodecError {
    let missing = wanted.keys().find(|name| !found.contains_key(*name));
    let extra = found.keys().find(|name| !wanted.contains_key(*name));
    match (missing, extra) {
        (Some(missing), _) => CodecError::new(format!("attribute {missing:?} is missing")),
        (None, extra) => no_attribute(extra.map_or("", String::as_str)),
    }
}

/// Checks that a value is one of a type.
///
/// # Errors
/// Where it is not.
pub fn conforms(value: &Value, ty: &Type) -> Result<(), CodecError> {
    msgpack::encode(value, ty).map(|_| ())
}

#[cfg(test)]
mod tests;
