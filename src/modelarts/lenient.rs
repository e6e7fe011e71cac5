//! Reading of answers whose types vary between clouds and editions.
//!
//! The API prints numbers as text, text as numbers, one object where a list is
//! meant and null for nothing. Each function here accepts all of that and
//! gives one type; what cannot be understood counts as absent, because a
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

pub(crate) fn opt_string<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(text(Value::deserialize(d)?))
}

pub(crate) fn string<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Ok(text(Value::deserialize(d)?).unwrap_or_default())
}

pub(crate) fn opt_i64<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
    Ok(integer(&Value::deserialize(d)?))
}

pub(crate) fn int<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
    Ok(integer(&Value::deserialize(d)?).unwrap_or_default())
}

pub(crate) fn opt_bool<'de, D: Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
    Ok(boolean(&Value::deserialize(d)?))
}

pub(crate) fn opt_list<'de, D, T>(d: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let Some(values) = items(Value::deserialize(d)?) else { return Ok(None) };
    Ok(Some(values.into_iter().filter_map(|v| serde_json::from_value(v).ok()).collect()))
}

pub(crate) fn list<'de, D, T>(d: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(opt_list(d)?.unwrap_or_default())
}

pub(crate) fn opt_strings<'de, D>(d: D) -> Result<Option<Vec<String>>, D::Error>
where
    D: Deserializer<'de>,
{
    let values = items(Value::deserialize(d)?);
    Ok(values.map(|values| values.into_iter().filter_map(text).collect()))
}

pub(crate) fn strings<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    Ok(opt_strings(d)?.unwrap_or_default())
}

pub(crate) fn ints<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<i64>, D::Error> {
    let values = items(Value::deserialize(d)?).unwrap_or_default();
    Ok(values.iter().filter_map(integer).collect())
}

/// Gives an object, or nothing when something else stands in its place.
pub(crate) fn opt_object<'de, D, T>(d: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(d)?;
    Ok(if value.is_object() { serde_json::from_value(value).ok() } else { None })
}

pub(crate) fn object<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Ok(opt_object(d)?.unwrap_or_default())
}

pub(crate) fn opt_string_map<'de, D>(d: D) -> Result<Option<BTreeMap<String, String>>, D::Error>
where
    D: Deserializer<'de>,
{
    let Value::Object(map) = Value::deserialize(d)? else { return Ok(None) };
    Ok(Some(map.into_iter().filter_map(|(k, v)| Some((k, text(v)?))).collect()))
}

pub(crate) fn string_map<'de, D>(d: D) -> Result<BTreeMap<String, String>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(opt_string_map(d)?.unwrap_or_default())
}

pub(crate) fn opt_value_map<'de, D>(d: D) -> Result<Option<BTreeMap<String, Value>>, D::Error>
where
    D: Deserializer<'de>,
{
    let Value::Object(map) = Value::deserialize(d)? else { return Ok(None) };
    Ok(Some(map.into_iter().filter(|(_, v)| !v.is_null()).collect()))
}

/// Moves a differently spelt key to its usual place, unless that is taken.
pub(crate) fn respell(value: &mut Value, from: &str, to: &str) {
    if let Value::Object(map) = value
        && let Some(found) = map.remove(from)
        && map.get(to).is_none_or(Value::is_null)
    {
        map.insert(to.to_owned(), found);
    }
}
