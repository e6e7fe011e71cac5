//! Strict reading of request bodies: unknown fields and wrong types are refused by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::answer::{Check, bad};

/// Is a JSON object of a request together with the place where it stands.
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Object<'a> {
    /// Takes a value as an object that has no fields but the known ones.
    pub(super) fn new(value: &'a Value, path: &str, known: &[&str]) -> Check<Self> {
        let object = Self::any(value, path)?;
        match object.map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(bad(format!("unknown field {}", object.at(key)))),
            None => Ok(object),
        }
    }

    /// Takes a value as an object with any fields.
    pub(super) fn any(value: &'a Value, path: &str) -> Check<Self> {
        match value.as_object() {
            Some(map) => Ok(Self { map, path: path.to_owned() }),
            None => Err(bad(format!(
                "{} must be an object",
                if path.is_empty() { "body" } else { path }
            ))),
        }
    }

    pub(super) fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.map.keys().map(String::as_str)
    }

    /// Refuses every one of the given fields.
    pub(super) fn without(&self, keys: &[&str], why: &str) -> Check {
        match keys.iter().find(|key| self.has(key)) {
            Some(key) => Err(bad(format!("{} {why}", self.at(key)))),
            None => Ok(()),
        }
    }

    fn typed<T>(
        &self,
        key: &str,
        kind: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Check<Option<T>> {
        let Some(value) = self.map.get(key) else { return Ok(None) };
        match read(value) {
            Some(value) => Ok(Some(value)),
            None => Err(bad(format!("{} must be {kind}", self.at(key)))),
        }
    }

    fn needed<T>(&self, key: &str, value: Option<T>) -> Check<T> {
        value.ok_or_else(|| bad(format!("{} is required", self.at(key))))
    }

    pub(super) fn text(&self, key: &str) -> Check<Option<&'a str>> {
        self.typed(key, "a string", Value::as_str)
    }

    pub(super) fn need_text(&self, key: &str) -> Check<&'a str> {
        let text = self.needed(key, self.text(key)?)?;
        if text.is_empty() {
            return Err(bad(format!("{} must not be empty", self.at(key))));
        }
        Ok(text)
    }

    pub(super) fn choice(&self, key: &str, allowed: &[&str]) -> Check<Option<&'a str>> {
        match self.text(key)? {
            Some(text) if !allowed.contains(&text) => {
                Err(bad(format!("{} must be one of {}", self.at(key), allowed.join(", "))))
            }
            other => Ok(other),
        }
    }

    pub(super) fn integer(&self, key: &str) -> Check<Option<i64>> {
        self.typed(key, "an integer", Value::as_i64)
    }

    pub(super) fn need_integer(&self, key: &str) -> Check<i64> {
        self.needed(key, self.integer(key)?)
    }

    pub(super) fn boolean(&self, key: &str) -> Check<Option<bool>> {
        self.typed(key, "a boolean", Value::as_bool)
    }

    pub(super) fn list(&self, key: &str) -> Check<Option<&'a Vec<Value>>> {
        self.typed(key, "a list", Value::as_array)
    }

    pub(super) fn need_list(&self, key: &str) -> Check<&'a Vec<Value>> {
        self.needed(key, self.list(key)?)
    }

    /// Reads a list of distinct strings.
    pub(super) fn texts(&self, key: &str) -> Check<Option<Vec<&'a str>>> {
        let Some(list) = self.list(key)? else { return Ok(None) };
        let mut texts = Vec::with_capacity(list.len());
        for item in list {
            let text =
                item.as_str().ok_or_else(|| bad(format!("{} must hold strings", self.at(key))))?;
            if texts.contains(&text) {
                return Err(bad(format!("{} holds {text} twice", self.at(key))));
            }
            texts.push(text);
        }
        Ok(Some(texts))
    }

    pub(super) fn object(&self, key: &str, known: &[&str]) -> Check<Option<Object<'a>>> {
        self.map.get(key).map(|value| Object::new(value, &self.at(key), known)).transpose()
    }

    pub(super) fn need_object(&self, key: &str, known: &[&str]) -> Check<Object<'a>> {
        let value = self.needed(key, self.map.get(key))?;
        Object::new(value, &self.at(key), known)
    }

    /// Reads the objects of a list.
    pub(super) fn objects(&self, key: &str, known: &[&str]) -> Check<Vec<Object<'a>>> {
        let Some(list) = self.list(key)? else { return Ok(Vec::new()) };
        let place = self.at(key);
        let item = |(index, value)| Object::new(value, &format!("{place}[{index}]"), known);
        list.iter().enumerate().map(item).collect()
    }

    /// Reads a map whose values are all strings.
    pub(super) fn text_map(&self, key: &str) -> Check<BTreeMap<&'a str, &'a str>> {
        let Some(value) = self.map.get(key) else { return Ok(BTreeMap::new()) };
        let inner = Object::any(value, &self.at(key))?;
        let entry = |key: &'a str| match inner.get(key).and_then(Value::as_str) {
            Some(text) => Ok((key, text)),
            None => Err(bad(format!("{} must be a string", inner.at(key)))),
        };
        inner.keys().map(entry).collect()
    }
}

/// Takes out the fields of objects that are null, at any depth.
pub(super) fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Tells whether a name has lower-case letters, digits and hyphens, begins with a letter, does
/// not end with a hyphen and has a length in the range.
pub(super) fn is_name(name: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
}

/// Reads an IPv4 block and returns its address and prefix length; host bits must be zero.
pub(super) fn cidr(text: &str) -> Option<(std::net::Ipv4Addr, u32)> {
    let (address, bits) = text.split_once('/')?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    (u32::from(address) & !mask == 0).then_some((address, bits))
}

/// Tells whether an IPv4 block lies inside one of the given ones, written as block, shortest and
/// longest prefix.
pub(super) fn inside(text: &str, allowed: &[([u8; 4], u32, u32)]) -> bool {
    let Some((address, bits)) = cidr(text) else { return false };
    allowed.iter().any(|(base, shortest, longest)| {
        let mask = u32::MAX.checked_shl(32 - shortest).unwrap_or(0);
        (shortest..=longest).contains(&&bits)
            && u32::from(address) & mask == u32::from(std::net::Ipv4Addr::from(*base)) & mask
    })
}

/// Refuses the characters that descriptions may not have.
pub(super) fn check_description(path: &str, text: &str) -> Check {
    match text.chars().find(|c| "!<>=&\"'".contains(*c)) {
        Some(c) => Err(bad(format!("{path} must not contain {c}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_documented_shape() {
        for name in ["pool", "a-b-c-1", "p234567890"] {
            assert!(is_name(name, 4..=64), "{name}");
        }
        for name in ["abc", "Pool", "1pool", "pool-", "po_ol", "-pool", "pöol"] {
            assert!(!is_name(name, 4..=64), "{name}");
        }
    }

    #[test]
    fn blocks_are_compared_by_bits() {
        let allowed = [([172, 16, 0, 0], 12, 24), ([192, 168, 0, 0], 16, 24)];
        for good in ["172.16.0.0/12", "172.31.255.0/24", "192.168.128.0/17"] {
            assert!(inside(good, &allowed), "{good}");
        }
        for wrong in
            ["172.32.0.0/16", "192.168.0.0/25", "10.0.0.0/8", "192.168.1.1/24", "x", "1.2.3.4"]
        {
            assert!(!inside(wrong, &allowed), "{wrong}");
        }
    }
}
