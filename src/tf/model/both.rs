//! Two models side by side as one object.

use super::{Mismatch, Model};
use crate::tf::schema::Attribute;
use crate::tf::value::Value;

/// An object with the attributes of two models, such as filters and what they find.
#[derive(Debug, Clone)]
pub struct Both<A, B> {
    /// The attributes that come first.
    pub first: A,
    /// The others.
    pub second: B,
}

impl<A: Model, B: Model> Model for Both<A, B> {
    /// The second says what the whole is.
    const DESCRIPTION: &'static str = B::DESCRIPTION;

    fn attributes() -> Vec<Attribute> {
        let mut all = A::attributes();
        all.extend(B::attributes());
        all
    }

    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        Ok(Self {
            first: A::from_value(&part(&A::attributes(), value))?,
            second: B::from_value(&part(&B::attributes(), value))?,
        })
    }

    fn to_value(&self) -> Value {
        let mut object = self.first.to_value();
        if let (Value::Object(members), Value::Object(more)) = (&mut object, self.second.to_value())
        {
            members.extend(more);
        }
        object
    }

    fn null() -> Self {
        Self { first: A::null(), second: B::null() }
    }

    fn unknown() -> Self {
        Self { first: A::unknown(), second: B::unknown() }
    }
}

fn part(attributes: &[Attribute], object: &Value) -> Value {
    Value::object(
        attributes.iter().map(|member| (member.name.clone(), object.get(&member.name).clone())),
    )
}
