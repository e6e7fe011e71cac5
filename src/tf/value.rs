//! Terraform values: null, unknown and known are three different things.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::mem;
use std::sync::LazyLock;

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
/// Equality ignores refinements and the order of set elements, and so does the
/// hash. Which variants are allowed where is said by a [`Type`]; the codec
/// checks it at the border.
///
/// `Debug` shows the shape alone, as any text, number or key of a map may be a
/// secret.
#[derive(Clone)]
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
    /// A value of type `dynamic` together with its actual type. The value may
    /// be null or unknown, and is then still of that type.
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
        let mut elements: Vec<_> = elements.into_iter().collect();
        let mut seen = HashSet::with_capacity(elements.len());
        let stays: Vec<bool> = elements
            .iter()
            .map(|element| seen.insert(element) || !element.is_wholly_known())
            .collect();
        let mut stays = stays.into_iter();
        elements.retain(|_| stays.next().unwrap_or(true));
        Self::Set(elements)
    }

    /// Says whether this is null, also if it is a null of some type in a place
    /// for any type.
    pub fn is_null(&self) -> bool {
        matches!(self.untyped(), Self::Null)
    }

    /// Says whether this value itself (not something inside it) is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self.untyped(), Self::Unknown(_))
    }

    /// The value without the type that it brings along; any other value as it
    /// is.
    pub fn untyped(&self) -> &Self {
        match self {
            Self::Dynamic(pair) => pair.1.untyped(),
            other => other,
        }
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
        path.steps().iter().try_fold(self, |value, step| match (value.untyped(), step) {
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

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) | (Self::Unknown(_), Self::Unknown(_)) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Set(a), Self::Set(b)) => same_elements(a, b),
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

/// Compares sets. Most come in the same order; what does not is counted. No
/// pair of equal elements is compared twice: in sets of sets that would double
/// the time at each level.
fn same_elements(a: &[Value], b: &[Value]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (Some(a), Some(b)) = (a.get(same..), b.get(same..)) else { return false };
    if a.len() == 1 {
        return false;
    }
    let mut left: HashMap<&Value, usize> = HashMap::with_capacity(a.len());
    a.iter().for_each(|element| *left.entry(element).or_default() += 1);
    b.iter().all(|element| match left.get_mut(element) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    })
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        mem::discriminant(self).hash(state);
        match self {
            Self::Null | Self::Unknown(_) => {}
            Self::Bool(truth) => truth.hash(state),
            Self::Number(number) => number.hash(state),
            Self::String(text) => text.hash(state),
            Self::List(items) => items.hash(state),
            Self::Set(elements) => {
                // Bytes from elsewhere must not be able to collide on purpose.
                static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
                let mut hashes: Vec<_> = elements.iter().map(|e| KEYS.hash_one(e)).collect();
                hashes.sort_unstable();
                hashes.hash(state);
            }
            Self::Map(entries) | Self::Object(entries) => entries.hash(state),
            Self::Dynamic(pair) => pair.hash(state),
        }
    }
}

/// Whether `Debug` shows contents. It does in the unit tests of this crate
/// alone, whose values are made up.
const SHOWN: bool = cfg!(test);

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Unknown(Refinement { not_null: true }) => f.write_str("unknown, not null"),
            Self::Unknown(_) => f.write_str("unknown"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Number(number) if SHOWN => fmt::Display::fmt(number, f),
            Self::Number(_) => f.write_str("a number"),
            Self::String(text) if SHOWN => text.fmt(f),
            Self::String(_) => f.write_str("a string"),
            Self::List(items) => items.fmt(f),
            Self::Set(elements) => f.debug_set().entries(elements).finish(),
            Self::Map(entries) if SHOWN => entries.fmt(f),
            Self::Map(entries) => f.debug_list().entries(entries.values()).finish(),
            Self::Object(attributes) => attributes.fmt(f),
            Self::Dynamic(pair) => f.debug_tuple("Dynamic").field(&pair.0).field(&pair.1).finish(),
        }
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
#[path = "value_tests.rs"]
mod tests;
