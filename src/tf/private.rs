//! Private data: what a resource remembers beside its state.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// A small JSON object that Terraform stores with a resource, never shows and
/// does not encrypt. It must hold no secret. Content that cannot be read (an
/// unknown format, written by something else) counts as empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Private(BTreeMap<String, Json>);

impl Private {
    /// Reads the bytes that Terraform stored.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).map(Self).unwrap_or_default()
    }

    /// The bytes for Terraform to store; empty when there is nothing in it.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    /// An entry.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0.get(key)
    }

    /// Sets an entry.
    pub fn set(&mut self, key: &str, value: impl Into<Json>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &str) -> Option<Json> {
        self.0.remove(key)
    }
}
