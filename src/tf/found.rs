//! What an import or a move has found and nobody has written.
//!
//! It stays until an apply writes it. So it is remembered in private data, by
//! names that last when elements move, and forgotten attribute by attribute as
//! the user writes them.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::private::Private;
use super::schema::Attribute;
use super::value::Value;
use super::walk::{At, Other, visit};

const KEY: &str = "found";

/// Attributes that were found and never written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found(BTreeSet<String>);

impl Found {
    /// What private data remembers.
    pub fn of(private: &Private) -> Self {
        let names = private.get(KEY).and_then(Json::as_array).into_iter().flatten();
        Self(names.filter_map(|name| name.as_str().map(str::to_owned)).collect())
    }

    /// Everything in an object that may have been found: what a state holds
    /// right after an import.
    pub fn all_of(attributes: &[Attribute], state: &Value) -> Self {
        let mut found = Self::default();
        found.collect(attributes, state, &At::root());
        found
    }

    fn collect(&mut self, attributes: &[Attribute], object: &Value, at: &At<'_>) {
        for attribute in attributes {
            let (value, at) = (object.get(&attribute.name), at.attribute(&attribute.name));
            if value.is_null() {
                continue;
            }
            if may_be_found(attribute) {
                self.0.insert(at.lasting_name());
            }
            visit(attribute, &at, value, [], |members, at, item, []| {
                self.collect(members, item, at);
            });
        }
    }

    /// Says whether the attribute that is here was found.
    pub fn holds(&self, at: &At<'_>) -> bool {
        !self.0.is_empty() && self.0.contains(&at.lasting_name())
    }

    /// Says whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets what a configuration writes; `prior` is what there is.
    pub fn forget_written(&mut self, attributes: &[Attribute], config: &Value, prior: &Value) {
        if !self.0.is_empty() {
            self.forget(attributes, config, prior, &At::root());
        }
    }

    fn forget(&mut self, attributes: &[Attribute], config: &Value, prior: &Value, at: &At<'_>) {
        for attribute in attributes {
            let at = at.attribute(&attribute.name);
            let (written, before) = (config.get(&attribute.name), prior.get(&attribute.name));
            if written.is_null() {
                continue;
            }
            if may_be_found(attribute) {
                self.0.remove(&at.lasting_name());
            }
            visit(attribute, &at, written, [Other::ByKeys(before)], |members, at, item, [old]| {
                self.forget(members, item, old, at);
            });
        }
    }

    /// Writes it down in private data.
    pub fn remember(&self, private: &mut Private) {
        if self.0.is_empty() {
            private.remove(KEY);
        } else {
            private.set(KEY, json!(self.0));
        }
    }
}

/// The order of elements that are told apart by keys is found as well.
fn may_be_found(attribute: &Attribute) -> bool {
    attribute.behaviour.found_stays || has_order(attribute)
}

/// Says whether an attribute is a list whose elements have keys: their order is
/// the user's, and an import cannot know it.
pub(super) fn has_order(attribute: &Attribute) -> bool {
    attribute.behaviour.keys.is_some() && attribute.nesting() == Some(super::schema::Nesting::List)
}
