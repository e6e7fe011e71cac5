//! Schemas: what a resource, data source or provider accepts, and how its
//! attributes behave.
//!
//! A schema is usually derived from a model ([`super::model`]). Behaviours are
//! facts stated once per attribute; planning, refreshing, the documentation and
//! the protocol messages follow from them. A nested block is an attribute with
//! another syntax: everything that walks over a schema treats both alike.

mod attribute;
mod behaviour;
pub mod check;

use std::sync::OnceLock;

use super::ty::Type;
use super::value::Value;

pub use attribute::{Attribute, Kind, Mode, Nesting};
pub use behaviour::{Answered, Behaviour, Keys, OnUpdate, Replace, Side};

/// A schema with its version.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Version of the state that this schema writes. Raised when the shape of
    /// the state changes in a way that needs an upgrade.
    pub version: i64,
    /// Attributes and blocks, in the order in which they are documented.
    pub attributes: Vec<Attribute>,
    /// Markdown.
    pub description: String,
    /// What to use instead, if this is deprecated.
    pub deprecation: Option<String>,
    ty: OnceLock<Type>,
}

impl Schema {
    /// A schema of version 0.
    pub fn new(attributes: Vec<Attribute>, description: impl Into<String>) -> Self {
        Self { attributes, description: description.into(), ..Self::default() }
    }

    /// This schema with another version.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// The object type that values of this schema have, made once.
    pub fn ty(&self) -> &Type {
        self.ty.get_or_init(|| attribute::object_of(&self.attributes))
    }

    /// Finds an attribute or block of the body by name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The only attribute that has a certain behaviour; the first if there are
    /// several.
    pub fn find(&self, has: impl Fn(&Behaviour) -> bool) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| has(&attribute.behaviour))
    }

    /// An object in which nothing is set.
    pub fn empty(&self) -> Value {
        Value::object(self.attributes.iter().map(|a| (a.name.clone(), a.absent())))
    }
}
