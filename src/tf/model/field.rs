//! A value that may be null or unknown.

use super::shape::Shape;
use super::{List, Map, Mismatch, Secret, Set};
use crate::tf::schema::Kind;
use crate::tf::value::Value;

/// A value that may be null or unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Tf<T> {
    /// Not set.
    #[default]
    Null,
    /// Decided during apply.
    Unknown,
    /// Set.
    Known(T),
}

impl<T> Tf<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value, if it is known, to change.
    pub fn known_mut(&mut self) -> Option<&mut T> {
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

    /// A copy of the value, if it is known.
    pub fn cloned(&self) -> Option<T>
    where
        T: Clone,
    {
        self.known().cloned()
    }

    /// Says whether it is not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Says whether it is decided during apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Says whether it is set.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// What a member of the value is: null or unknown if the value is.
    pub fn and_then<U: Clone>(&self, member: impl FnOnce(&T) -> &Tf<U>) -> Tf<U> {
        match self {
            Self::Null => Tf::Null,
            Self::Unknown => Tf::Unknown,
            Self::Known(value) => member(value).clone(),
        }
    }
}

impl<T: Copy> Tf<T> {
    /// The value, if it is known.
    pub fn get(&self) -> Option<T> {
        self.known().copied()
    }
}

impl Tf<String> {
    /// The text, if it is known.
    pub fn text(&self) -> Option<&str> {
        self.known().map(String::as_str)
    }

    /// The text, if it is known and not empty.
    pub fn filled(&self) -> Option<&str> {
        self.text().filter(|text| !text.is_empty())
    }
}

impl<T: Shape> Tf<T> {
    /// What the schema says about such a field.
    pub fn kind() -> Kind {
        T::kind()
    }

    /// Reads a field.
    ///
    /// # Errors
    /// Where the value is not of the shape.
    pub fn from_value(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Unknown(_) => Ok(Self::Unknown),
            known => T::from_known(known).map(Self::Known),
        }
    }

    /// Writes the field.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::UNKNOWN,
            Self::Known(value) => value.to_value(),
        }
    }
}

impl<T> From<Option<T>> for Tf<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl From<&str> for Tf<String> {
    fn from(text: &str) -> Self {
        Self::Known(text.to_owned())
    }
}

impl From<Option<&str>> for Tf<String> {
    fn from(text: Option<&str>) -> Self {
        text.map(str::to_owned).into()
    }
}

impl From<String> for Tf<String> {
    fn from(text: String) -> Self {
        Self::Known(text)
    }
}

impl From<&str> for Tf<Secret> {
    fn from(text: &str) -> Self {
        Self::Known(Secret::new(text))
    }
}

impl From<i64> for Tf<i64> {
    fn from(number: i64) -> Self {
        Self::Known(number)
    }
}

impl From<bool> for Tf<bool> {
    fn from(truth: bool) -> Self {
        Self::Known(truth)
    }
}

impl<T> From<List<T>> for Tf<List<T>> {
    fn from(list: List<T>) -> Self {
        Self::Known(list)
    }
}

impl<T> From<Vec<T>> for Tf<List<T>> {
    fn from(items: Vec<T>) -> Self {
        Self::Known(List::from_iter(items))
    }
}

impl<T> From<Set<T>> for Tf<Set<T>> {
    fn from(set: Set<T>) -> Self {
        Self::Known(set)
    }
}

impl<T> From<Map<T>> for Tf<Map<T>> {
    fn from(map: Map<T>) -> Self {
        Self::Known(map)
    }
}
