//! Terraform values: null, unknown and known are three different things.

use std::collections::{BTreeMap, BTreeSet};

use super::number::Number;
use super::path::{Path, Step};
use super::ty::Type;

/// What is promised about an unknown value. Comparisons ignore it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refinement {
    /// The value will turn out to be something other than null.
    pub not_null: bool,
}

/// One Terraform value, or a tree of them.
///
/// Equality ignores refinements and the order of set elements. Which variants
/// are allowed where is said by a [`Type`]; the codec checks it at the border.
#[derive(Debug, Clone)]
pub enum Value {
    /// No value.
    Null,
    /// A value that is decided during apply.
    Unknown(Refinement),
    /// `true` or `false`.
    Bool(bool),
    /// A decimal number of any size.
    Number(Number),
    /// Text in Unicode normal form C.
    String(String),
    /// A list or a tuple.
    List(Vec<Value>),
    /// A set: no duplicates, order without meaning.
    Set(Vec<Value>),
    /// A map with free keys.
    Map(BTreeMap<String, Value>),
    /// An object: exactly the attributes of its type.
    Object(BTreeMap<String, Value>),
    /// A value of type `dynamic` together with its actual type.
    Dynamic(Box<(Type, Value)>),
}

impl Value {
    /// An unknown value without refinements.
    pub const UNKNOWN: Self = Self::Unknown(Refinement { not_null: false });
    /// An unknown value that will not be null.
    pub const UNKNOWN_NOT_NULL: Self = Self::Unknown(Refinement { not_null: true });

    /// Makes a string value.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// Makes a number value.
    pub fn number(number: impl Into<Number>) -> Self {
        Self::Number(number.into())
    }

    /// Makes an object from pairs.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    /// Makes a map from pairs.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    /// Makes a set, dropping duplicates. Elements that hold unknowns all stay:
    /// they may turn out to differ.
    pub fn set(elements: impl IntoIterator<Item = Self>) -> Self {
        let mut seen = BTreeSet::new();
        let elements = elements.into_iter();
        Self::Set(elements.filter(|e| !e.is_wholly_known() || seen.insert(e.key())).collect())
    }

    /// Bytes that equal values share and others do not. They make looking for
    /// an element of a set quick: bytes from elsewhere may hold large ones.
    fn key(&self) -> Vec<u8> {
        let mut key = Vec::new();
        match self {
            Self::Null => key.push(0),
            Self::Unknown(_) => key.push(1),
            Self::Bool(truth) => key.extend([2, u8::from(*truth)]),
            Self::Number(number) => {
                key.push(3);
                key.extend(number.to_string().into_bytes());
            }
            Self::String(text) => {
                key.push(4);
                key.extend(text.as_bytes());
            }
            Self::List(items) => {
                key.push(5);
                items.iter().for_each(|item| push_part(&mut key, &item.key()));
            }
            Self::Set(elements) => {
                key.push(6);
                keys(elements).iter().for_each(|element| push_part(&mut key, element));
            }
            Self::Map(entries) => {
                key.push(7);
                push_entries(&mut key, entries);
            }
            Self::Object(attributes) => {
                key.push(8);
                push_entries(&mut key, attributes);
            }
            Self::Dynamic(pair) => {
                key.push(9);
                push_part(&mut key, pair.0.to_json().to_string().as_bytes());
                push_part(&mut key, &pair.1.key());
            }
        }
        key
    }

    /// Says whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Says whether this value itself (not something inside it) is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Says whether neither this value nor anything inside it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(items) | Self::Set(items) => items.iter().all(Self::is_wholly_known),
            Self::Map(entries) | Self::Object(entries) => {
                entries.values().all(Self::is_wholly_known)
            }
            Self::Dynamic(pair) => pair.1.is_wholly_known(),
        }
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth of a known bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// A known number that is a whole number of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The elements of a known list or set.
    pub fn elements(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) | Self::Set(items) => Some(items),
            _ => None,
        }
    }

    /// The attributes of a known object, or the entries of a known map.
    pub fn entries(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Map(entries) | Self::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The attributes of a known object or entries of a known map, to change.
    pub fn entries_mut(&mut self) -> Option<&mut BTreeMap<String, Self>> {
        match self {
            Self::Map(entries) | Self::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// An attribute of an object or an entry of a map.
    ///
    /// Null when it is absent or when this value is null; unknown when this
    /// value is unknown.
    pub fn get(&self, name: &str) -> &Self {
        match self {
            Self::Map(entries) | Self::Object(entries) => entries.get(name).unwrap_or(&Self::Null),
            Self::Unknown(_) => &Self::UNKNOWN,
            _ => &Self::Null,
        }
    }

    /// Sets an attribute of an object or an entry of a map; nothing happens to
    /// any other kind of value.
    pub fn set_entry(&mut self, name: &str, value: Self) {
        if let Some(entries) = self.entries_mut() {
            entries.insert(name.to_owned(), value);
        }
    }

    /// Finds the value at a path. `None` when a step does not exist.
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path.steps().iter().try_fold(self, |value, step| match (value, step) {
            (Self::Object(entries), Step::Attribute(name)) => entries.get(name),
            (Self::Map(entries), Step::Key(key)) => entries.get(key),
            (Self::List(items), Step::Index(index)) => {
                usize::try_from(*index).ok().and_then(|i| items.get(i))
            }
            (Self::Unknown(_), _) => Some(value),
            _ => None,
        })
    }
}

/// The keys of the elements of a set, in an order of their own.
fn keys(elements: &[Value]) -> Vec<Vec<u8>> {
    let mut keys: Vec<_> = elements.iter().map(Value::key).collect();
    keys.sort();
    keys
}

fn push_entries(key: &mut Vec<u8>, entries: &BTreeMap<String, Value>) {
    for (name, value) in entries {
        push_part(key, name.as_bytes());
        push_part(key, &value.key());
    }
}

/// Adds a part that cannot run into the next one.
fn push_part(key: &mut Vec<u8>, part: &[u8]) {
    key.extend(part.len().to_be_bytes());
    key.extend(part);
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) | (Self::Unknown(_), Self::Unknown(_)) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Set(a), Self::Set(b)) => a.len() == b.len() && keys(a) == keys(b),
            (Self::Map(a), Self::Map(b)) | (Self::Object(a), Self::Object(b)) => a == b,
            (Self::Dynamic(a), Self::Dynamic(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Default for Value {
    /// Null.
    fn default() -> Self {
        Self::Null
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_equal_whatever_their_order_and_from_either_side() {
        let set = |items: &[Value]| Value::Set(items.to_vec());
        let (a, b) = (Value::from("a"), Value::from("b"));
        assert_eq!(set(&[a.clone(), b.clone()]), set(&[b.clone(), a.clone()]));
        let inner = [set(&[a.clone(), b.clone()]), set(&[b.clone(), a.clone()])];
        assert_eq!(Value::set(inner).elements().map(<[Value]>::len), Some(1));
        let unknowns = set(&[Value::UNKNOWN, Value::UNKNOWN]);
        let one_known = set(&[Value::UNKNOWN, a]);
        assert_ne!(unknowns, one_known);
        assert_ne!(one_known, unknowns);
    }

    #[test]
    fn elements_of_sets_that_look_alike_are_told_apart() {
        let different = [
            Value::Null,
            Value::from(true),
            Value::from(""),
            Value::from("1"),
            Value::from(1),
            Value::List(vec![]),
            Value::Set(vec![]),
            Value::map([("a", Value::from("bc"))]),
            Value::map([("ab", Value::from("c"))]),
            Value::object([("a", Value::from("bc"))]),
            Value::List(vec![Value::from("ab"), Value::from("c")]),
            Value::List(vec![Value::from("a"), Value::from("bc")]),
        ];
        let count = different.len();
        assert_eq!(Value::set(different).elements().map(<[Value]>::len), Some(count));
        let one = |text| Number::parse(text).map(Value::Number).unwrap();
        assert_eq!(Value::set([one("1"), one("1.0")]).elements().map(<[Value]>::len), Some(1));
    }
}
