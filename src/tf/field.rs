//! Reading typed values out of a [`Value`].

use std::collections::BTreeMap;

use super::number::Number;
use super::value::Value;

/// A value that may be null or unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not set.
    #[default]
    Null,
    /// Decided during apply.
    Unknown,
    /// Set.
    Known(T),
}

impl<T> Field<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value, if it is known, as owned.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Says whether it is not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Says whether it is decided during apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

/// A Rust type that a known [`Value`] can be read as.
///
/// The codec has already checked values against their schema's type, so a
/// mismatch means that schema and reader disagree; it reads as null.
pub trait FromValue: Sized {
    /// Reads a known value; `None` when it is of another kind.
    fn from_known(value: &Value) -> Option<Self>;
}

impl<T: FromValue> From<&Value> for Field<T> {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Unknown(_) => Self::Unknown,
            known => T::from_known(known).map_or(Self::Null, Self::Known),
        }
    }
}

impl FromValue for String {
    fn from_known(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl FromValue for bool {
    fn from_known(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl FromValue for i64 {
    fn from_known(value: &Value) -> Option<Self> {
        value.as_i64()
    }
}

impl FromValue for Number {
    fn from_known(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        }
    }
}

/// Lists and sets; elements may be null or unknown.
impl<T: FromValue> FromValue for Vec<Field<T>> {
    fn from_known(value: &Value) -> Option<Self> {
        Some(value.elements()?.iter().map(Field::from).collect())
    }
}

/// Maps; entries may be null or unknown.
impl<T: FromValue> FromValue for BTreeMap<String, Field<T>> {
    fn from_known(value: &Value) -> Option<Self> {
        Some(value.entries()?.iter().map(|(key, entry)| (key.clone(), entry.into())).collect())
    }
}
