//! From JSON text to values, in one go: the type says what comes next, so no
//! tree of JSON is made, and numbers are taken as they are written.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Mode;
use crate::tf::codec::{
    self, Attributes, CodecError, MAX_DEPTH, no_attribute, type_name, wrong_count,
};
use crate::tf::number::Number;
use crate::tf::path::Step;
use crate::tf::text::nfc;
use crate::tf::ty::Type;
use crate::tf::value::Value;

pub(super) fn value(bytes: &[u8], ty: &Type, mode: Mode) -> Result<Value, CodecError> {
    text(bytes, ty, mode, 0)
}

fn text(bytes: &[u8], ty: &Type, mode: Mode, depth: usize) -> Result<Value, CodecError> {
    let refused = RefCell::new(None);
    let mut text = serde_json::Deserializer::from_slice(bytes);
    Seed { ty, mode, depth, refused: &refused }
        .deserialize(&mut text)
        .and_then(|value| text.end().map(|()| value))
        .map_err(|error| {
            let other = || CodecError::new(format!("this is not JSON: {error}"));
            refused.take().unwrap_or_else(other)
        })
}

/// Reads one value of a type.
#[derive(Clone, Copy)]
struct Seed<'s> {
    ty: &'s Type,
    mode: Mode,
    depth: usize,
    /// Why the value is refused. The errors of the JSON library have no place
    /// for a path, and some of them would repeat the text that they refuse.
    refused: &'s RefCell<Option<CodecError>>,
}

impl<'s> Seed<'s> {
    fn refuse<E: Error>(self, error: CodecError) -> E {
        self.refused.replace(Some(error));
        E::custom("refused")
    }

    fn mismatch<E: Error>(self, found: &str) -> E {
        self.refuse(codec::mismatch(self.ty, found))
    }

    /// The seed of a value within this one.
    fn of(self, ty: &'s Type) -> Self {
        Self { ty, depth: self.depth + 1, ..self }
    }

    /// Says on the way back of an error where it was.
    fn outside(self, change: impl FnOnce(CodecError) -> CodecError) {
        self.refused.replace_with(|refused| refused.take().map(change));
    }

    fn list<'de, A: SeqAccess<'de>>(
        self,
        mut items: A,
        element: &'s Type,
    ) -> Result<Vec<Value>, A::Error> {
        let mut values = Vec::new();
        loop {
            let next = items.next_element_seed(self.of(element));
            match next.inspect_err(|_| self.outside(|e| e.at_index(values.len())))? {
                Some(value) => values.push(value),
                None => return Ok(values),
            }
        }
    }

    fn tuple<'de, A: SeqAccess<'de>>(
        self,
        mut items: A,
        elements: &'s [Type],
    ) -> Result<Value, A::Error> {
        let mut values = Vec::with_capacity(elements.len());
        for (index, ty) in elements.iter().enumerate() {
            let next = items.next_element_seed(self.of(ty));
            match next.inspect_err(|_| self.outside(|e| e.at_index(index)))? {
                Some(value) => values.push(value),
                None => return Err(self.refuse(wrong_count(elements.len(), index))),
            }
        }
        let mut count = elements.len();
        while items.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        if count > elements.len() {
            return Err(self.refuse(wrong_count(elements.len(), count)));
        }
        Ok(Value::List(values))
    }

    fn map<'de, A: MapAccess<'de>>(
        self,
        mut entries: A,
        element: &'s Type,
    ) -> Result<Value, A::Error> {
        // As in msgpack, a map is made at the end; the last of each key counts.
        let mut values = Vec::new();
        while let Some(key) = entries.next_key_seed(Key(|key: &str| nfc(key).into_owned()))? {
            match entries.next_value_seed(self.of(element)) {
                Ok(value) => values.push((key, value)),
                Err(error) => {
                    self.outside(|e| e.below(Step::Key(key)));
                    return Err(error);
                }
            }
        }
        Ok(Value::Map(values.into_iter().collect()))
    }

    fn object<'de, A: MapAccess<'de>>(
        self,
        mut entries: A,
        attributes: &'s BTreeMap<String, Type>,
    ) -> Result<Value, A::Error> {
        let mut attributes = Attributes::new(attributes, usize::MAX);
        loop {
            let find = |key: &str| attributes.find(key).ok_or_else(|| no_attribute(key));
            match entries.next_key_seed(Key(find))? {
                Some(Ok((name, ty))) => {
                    let value = entries.next_value_seed(self.of(ty));
                    let at = || Step::Attribute(name.clone());
                    attributes.add(name, value.inspect_err(|_| self.outside(|e| e.below(at())))?);
                }
                Some(Err(error)) if self.mode == Mode::Strict => return Err(self.refuse(error)),
                Some(Err(_)) => drop(entries.next_value::<IgnoredAny>()?),
                None => break,
            }
        }
        match self.mode {
            Mode::Strict => attributes.strict().map_err(|error| self.refuse(error)),
            Mode::Tolerant => Ok(attributes.tolerant()),
        }
    }

    /// The type may stand behind the value, so both are taken as text first.
    fn dynamic<'de, A: MapAccess<'de>>(self, mut pair: A) -> Result<Value, A::Error> {
        let (mut ty, mut value): (Option<&RawValue>, Option<&RawValue>) = (None, None);
        while let Some(key) = pair.next_key_seed(Key(str::to_owned))? {
            match key.as_str() {
                "type" => ty = Some(pair.next_value()?),
                "value" => value = Some(pair.next_value()?),
                _ => drop(pair.next_value::<IgnoredAny>()?),
            }
        }
        let (Some(ty), Some(value)) = (ty, value) else { return Err(self.mismatch("an object")) };
        let ty = Type::parse(ty.get().as_bytes());
        let ty = ty.map_err(|text| self.refuse(CodecError::new(text)))?;
        match text(value.get().as_bytes(), &ty, self.mode, self.depth + 1) {
            Ok(value) => Ok(codec::dynamic(ty, value)),
            Err(error) => Err(self.refuse(error)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(self.refuse(CodecError::new("the value is nested too deep")));
        }
        if *self.ty == Type::Number {
            let written: &RawValue = serde::Deserialize::deserialize(json)?;
            return number(written.get()).map_err(|error| self.refuse(error));
        }
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(type_name(self.ty))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        match self.ty {
            Type::Bool => Ok(Value::Bool(truth)),
            _ => Err(self.mismatch("a bool")),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.ty {
            Type::String => Ok(Value::String(nfc(text).into_owned())),
            _ => Err(self.mismatch("a string")),
        }
    }

    // Where a number belongs, none of these is called.

    fn visit_i64<E: Error>(self, _: i64) -> Result<Value, E> {
        Err(self.mismatch("a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Value, E> {
        Err(self.mismatch("a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Err(self.mismatch("a number"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Value, A::Error> {
        match self.ty {
            Type::List(element) => self.list(items, element).map(Value::List),
            Type::Set(element) => self
                .list(items, element)
                .map(Value::set)
                .inspect_err(|_| self.outside(CodecError::in_set)),
            Type::Tuple(elements) => self.tuple(items, elements),
            _ => Err(self.mismatch("an array")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Value, A::Error> {
        match self.ty {
            Type::Map(element) => self.map(entries, element),
            Type::Object(attributes) => self.object(entries, attributes),
            Type::Dynamic => self.dynamic(entries),
            _ => Err(self.mismatch("an object")),
        }
    }
}

/// Reads a number from the text of any JSON value. A number in quotes is one,
/// too: Terraform writes those that others would round.
fn number(written: &str) -> Result<Value, CodecError> {
    let parse = |text: &str| Number::parse(text).map(Value::Number).map_err(CodecError::new);
    match written.as_bytes().first() {
        Some(b'n') => Ok(Value::Null),
        Some(b'"') => serde_json::from_str::<String>(written)
            .map_err(|error| CodecError::new(format!("this is not JSON: {error}")))
            .and_then(|text| parse(&text)),
        Some(b't' | b'f') => Err(codec::mismatch(&Type::Number, "a bool")),
        Some(b'[') => Err(codec::mismatch(&Type::Number, "an array")),
        Some(b'{') => Err(codec::mismatch(&Type::Number, "an object")),
        _ => parse(written),
    }
}

/// Makes something of a key without keeping its text.
struct Key<F>(F);

impl<'de, T, F: FnOnce(&str) -> T> DeserializeSeed<'de> for Key<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<T, D::Error> {
        key.deserialize_str(self)
    }
}

impl<T, F: FnOnce(&str) -> T> Visitor<'_> for Key<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<T, E> {
        Ok(self.0(key))
    }
}
