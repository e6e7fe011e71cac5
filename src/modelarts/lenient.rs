//! Reading of answers whose types vary between clouds and editions.
//!
//! The API prints numbers as text, text as numbers, one object where a list is
//! meant and null for nothing. All of that is accepted and gives one type; what cannot be understood counts as absent, because a
//! field nobody needs must not make a whole answer unreadable.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Turns a scalar into its text; objects and lists become compact JSON.
fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(s) => Some(s),
        Value::Bool(b) => Some(b.to_string()),
        Value::Number(n) => Some(n.to_string()),
        other => serde_json::to_string(&other).ok(),
    }
}

/// Reads a whole number from a number or a text.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().and_then(whole)),
        Value::String(s) => {
            let s = s.trim();
            s.parse::<i64>().ok().or_else(|| s.parse::<f64>().ok().and_then(whole))
        }
        _ => None,
    }
}

/// Accepts `2.0` as 2 and refuses 2.5, infinities and what i64 cannot hold.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn whole(number: f64) -> Option<i64> {
    let fits = number.fract() == 0.0 && number.abs() < 9.0e15;
    fits.then_some(number as i64)
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::Number(n) => n.as_i64().map(|n| n != 0),
        Value::String(s) => match s.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Some(true),
            "false" | "0" | "off" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Gives a list from an array, one bare item, or null.
fn items(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Null => None,
        Value::Array(items) => Some(items.into_iter().filter(|v| !v.is_null()).collect()),
        Value::Object(map) if map.is_empty() => Some(Vec::new()),
        one => Some(vec![one]),
    }
}

/// A type that is read from whatever an answer holds in its place.
pub(crate) trait Lenient: Sized {
    /// Gives nothing for null and for what cannot be understood.
    fn read(value: Value) -> Option<Self>;

    /// Tells whether a request leaves the field out.
    fn is_absent(&self) -> bool {
        false
    }
}

impl Lenient for Value {
    fn read(value: Value) -> Option<Self> {
        (!value.is_null()).then_some(value)
    }
}

impl Lenient for String {
    fn read(value: Value) -> Option<Self> {
        text(value)
    }
}

impl Lenient for i64 {
    fn read(value: Value) -> Option<Self> {
        integer(&value)
    }
}

impl Lenient for bool {
    fn read(value: Value) -> Option<Self> {
        boolean(&value)
    }
}

impl<T: Lenient> Lenient for Option<T> {
    fn read(value: Value) -> Option<Self> {
        Some(T::read(value))
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Lenient> Lenient for Vec<T> {
    fn read(value: Value) -> Option<Self> {
        Some(items(value)?.into_iter().filter_map(T::read).collect())
    }
}

impl<T: Lenient> Lenient for BTreeMap<String, T> {
    fn read(value: Value) -> Option<Self> {
        let Value::Object(map) = value else { return None };
        Some(map.into_iter().filter_map(|(key, value)| Some((key, T::read(value)?))).collect())
    }
}

/// Reads a field; what cannot be understood is as if it were missing.
pub(crate) fn read<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Lenient + Default,
{
    Ok(T::read(Value::deserialize(d)?).unwrap_or_default())
}

/// Gives an object, or nothing when something else stands in its place. Keys
/// spelt like the first of a pair are read as the second, unless that is there.
pub(crate) fn object<T: DeserializeOwned>(
    mut value: Value,
    spellings: &[(&str, &str)],
) -> Option<T> {
    let map = value.as_object_mut()?;
    for (from, to) in spellings {
        if let Some(found) = map.remove(*from)
            && map.get(*to).is_none_or(Value::is_null)
        {
            map.insert((*to).to_owned(), found);
        }
    }
    serde_json::from_value(value).ok()
}

/// Declares types of the API. Every field is read leniently; in a request, one
/// that is `None` is left out. The names on the wire follow from the fields'
/// names by the given rule. `..extra` keeps the fields that are not declared,
/// `reading("from" as "to")` accepts another spelling of a key.
macro_rules! wire {
    (
        $case:literal;
        $(
            $(#[$about:meta])*
            $vis:vis struct $name:ident $(reading($from:literal as $to:literal))? {
                $(
                    $(#[$note:meta])*
                    $field_vis:vis $field:ident: $type:ty,
                )*
                $(..$extra:ident)?
            }
        )+
    ) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, rename_all = $case)]
        $vis struct $name {
            $(
                $(#[$note])*
                #[serde(deserialize_with = "crate::modelarts::lenient::read")]
                #[serde(skip_serializing_if = "crate::modelarts::lenient::Lenient::is_absent")]
                $field_vis $field: $type,
            )*
            $(
                /// Fields this client does not know; sent back as they came.
                #[serde(flatten)]
                pub $extra: serde_json::Map<String, serde_json::Value>,
            )?
        }

        impl crate::modelarts::lenient::Lenient for $name {
            fn read(value: serde_json::Value) -> Option<Self> {
                let spellings: &[(&str, &str)] = &[$(($from, $to))?];
                crate::modelarts::lenient::object(value, spellings)
            }
        }
    )+};
}
