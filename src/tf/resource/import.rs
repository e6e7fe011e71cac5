//! What an import asks for.

use crate::tf::value::Value;

/// By what an object is to be found.
#[derive(Debug, Clone, Copy)]
pub enum Import<'a> {
    /// The text that the user gave as its id.
    Id(&'a str),
    /// An identity, as [`Resource::identity_schema`](super::Resource::identity_schema)
    /// describes it; what may be left out may be null.
    Identity(&'a Value),
}
