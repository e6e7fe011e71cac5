//! Rust types that a known value can be read as.

use std::collections::BTreeMap;

use super::{List, Map, Mismatch, Model, Secret, Set, Tf};
use crate::tf::number::Number;
use crate::tf::path::Step;
use crate::tf::schema::{Kind, Nesting};
use crate::tf::ty::Type;
use crate::tf::value::Value;

/// A Rust type that a known value can be read as, and written from.
pub trait Shape: Sized {
    /// What the schema says about it.
    fn kind() -> Kind;

    /// Reads a value that is neither null nor unknown.
    ///
    /// # Errors
    /// Where the value is of another shape.
    fn from_known(value: &Value) -> Result<Self, Mismatch>;

    /// Writes it.
    fn to_value(&self) -> Value;
}

/// A value in words, without its content.
pub(super) fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Unknown(_) => "an unknown value",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "another number",
        Value::String(_) => "a text",
        Value::List(_) => "a list",
        Value::Set(_) => "a set",
        Value::Map(_) => "a map",
        Value::Object(_) => "an object",
        Value::Dynamic(_) => "a value with its type",
    }
}

fn expected(what: &str, value: &Value) -> Mismatch {
    Mismatch::new(format!("{what} is expected, not {}", name(value)))
}

impl<M: Model> Shape for M {
    fn kind() -> Kind {
        Kind::Nested(Nesting::Single, M::attributes())
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        M::from_value(value)
    }

    fn to_value(&self) -> Value {
        M::to_value(self)
    }
}

impl Shape for String {
    fn kind() -> Kind {
        Kind::Plain(Type::String)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        value.as_str().map(str::to_owned).ok_or_else(|| expected("a text", value))
    }

    fn to_value(&self) -> Value {
        Value::from(self.clone())
    }
}

impl Shape for Secret {
    fn kind() -> Kind {
        Kind::Plain(Type::String)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        value.as_str().map(Self::new).ok_or_else(|| expected("a text", value))
    }

    fn to_value(&self) -> Value {
        Value::from(self.expose())
    }
}

impl Shape for bool {
    fn kind() -> Kind {
        Kind::Plain(Type::Bool)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        value.as_bool().ok_or_else(|| expected("a bool", value))
    }

    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

/// For numbers that the provider itself sets, or that have been checked. What a
/// user writes may have a fraction and is read as a [`Number`].
impl Shape for i64 {
    fn kind() -> Kind {
        Kind::Plain(Type::Number)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        value.as_i64().ok_or_else(|| expected("a whole number", value))
    }

    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

impl Shape for Number {
    fn kind() -> Kind {
        Kind::Plain(Type::Number)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::Number(number) => Ok(number.clone()),
            other => Err(expected("a number", other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.clone())
    }
}

/// The kind of a collection of `T`.
fn collection<T: Shape>(nesting: Nesting, plain: fn(Type) -> Type) -> Kind {
    match T::kind() {
        Kind::Nested(Nesting::Single, members) => Kind::Nested(nesting, members),
        kind => Kind::Plain(plain(plain_type(kind))),
    }
}

fn plain_type(kind: Kind) -> Type {
    match kind {
        Kind::Plain(ty) => ty,
        Kind::Nested(..) => {
            crate::tf::schema::Attribute::of_kind("", kind, crate::tf::schema::Mode::Optional, "")
                .ty()
        }
    }
}

fn elements<T: Shape>(items: &[Value]) -> Result<Vec<Tf<T>>, Mismatch> {
    let each = items.iter().enumerate();
    each.map(|(index, item)| {
        Tf::from_value(item)
            .map_err(|error| error.inside(Step::Index(i64::try_from(index).unwrap_or(i64::MAX))))
    })
    .collect()
}

impl<T: Shape> Shape for List<T> {
    fn kind() -> Kind {
        collection::<T>(Nesting::List, Type::list)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::List(items) => elements(items).map(Self),
            other => Err(expected("a list", other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(Tf::to_value).collect())
    }
}

impl<T: Shape> Shape for Set<T> {
    fn kind() -> Kind {
        collection::<T>(Nesting::Set, Type::set)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        match value {
            // Elements of sets have no address.
            Value::Set(items) => {
                let read = items.iter().map(|item| Tf::from_value(item).map_err(Mismatch::in_set));
                read.collect::<Result<_, _>>().map(Self)
            }
            other => Err(expected("a set", other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::set(self.iter().map(Tf::to_value))
    }
}

impl<T: Shape> Shape for Map<T> {
    fn kind() -> Kind {
        collection::<T>(Nesting::Map, Type::map)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        let Value::Map(entries) = value else { return Err(expected("a map", value)) };
        let read = |(key, entry): (&String, &Value)| match Tf::from_value(entry) {
            Ok(field) => Ok((key.clone(), field)),
            Err(error) => Err(error.inside(Step::Key(key.clone()))),
        };
        entries.iter().map(read).collect::<Result<BTreeMap<_, _>, _>>().map(Self)
    }

    fn to_value(&self) -> Value {
        Value::map(self.iter().map(|(key, entry)| (key.clone(), entry.to_value())))
    }
}
