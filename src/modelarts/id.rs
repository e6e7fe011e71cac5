//! Identities of objects.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// The identity of an object: `metadata.name` of its answers, not its display
/// name. That of a pool is never taken for that of a network.
pub struct Id<T>(String, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// Takes the text as it is; the service decides whether there is such an
    /// object.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into(), PhantomData)
    }

    /// Gives the text of the identity.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// By hand, because a derive would ask the same of the object.

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        Self::new(&*self.0)
    }
}

impl<T> Default for Id<T> {
    fn default() -> Self {
        Self::new("")
    }
}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Id<T> {}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Id").field(&self.0).finish()
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T> From<&str> for Id<T> {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl<T> From<String> for Id<T> {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}
