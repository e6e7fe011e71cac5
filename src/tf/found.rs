//! What an import or a move has found and nobody has written.
//!
//! It stays until an apply writes it. So it is remembered in private data, by
//! names that last when elements move, and forgotten attribute by attribute as
//! the user writes them.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::matching::counterparts;
use super::private::Private;
use super::schema::{Attribute, Side};
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

    /// Forgets what a configuration writes; `prior` is what there is, `planned`
    /// what will be.
    pub fn forget_written(
        &mut self,
        attributes: &[Attribute],
        config: &Value,
        prior: &Value,
        planned: &Value,
    ) {
        if !self.0.is_empty() {
            self.forget(attributes, config, [prior, planned], &At::root());
        }
    }

    fn forget(
        &mut self,
        attributes: &[Attribute],
        config: &Value,
        [prior, planned]: [&Value; 2],
        at: &At<'_>,
    ) {
        for attribute in attributes {
            let name = &attribute.name;
            let (at, written) = (at.attribute(name), config.get(name));
            let (before, after) = (prior.get(name), planned.get(name));
            if written.is_null() {
                continue;
            }
            // An order that was found stays for as long as it is in the state.
            if may_be_found(attribute) && !is_in_another_order(attribute, written, after) {
                self.0.remove(&at.lasting_name());
            }
            let others = [Other::ByKeys(before), Other::ByKeys(after)];
            visit(attribute, &at, written, others, |members, at, item, others| {
                self.forget(members, item, others, at);
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

/// Says whether the elements are planned in another order than the user's.
fn is_in_another_order(attribute: &Attribute, written: &Value, planned: &Value) -> bool {
    let (Some(items), Some(there)) = (written.elements(), planned.elements()) else { return false };
    let places = counterparts(attribute, items, Side::Config, there);
    has_order(attribute)
        && places.iter().enumerate().any(|(index, at)| at.is_some_and(|at| at != index))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::schema::{Mode, Nesting};

    fn item(key: &str, alias: Option<&str>) -> Value {
        Value::object([("key", key.into()), ("alias", alias.into())])
    }

    fn items(items: Vec<Value>) -> Value {
        Value::object([("items", Value::List(items))])
    }

    fn attributes() -> Vec<Attribute> {
        let key = Attribute::string("key", Mode::Required, "");
        let alias = Attribute::string("alias", Mode::OptionalComputed, "").found_stays();
        let list = Attribute::nested("items", Nesting::List, vec![key, alias], Mode::Optional, "");
        vec![list.keyed_by_members(&["key"])]
    }

    #[test]
    fn what_was_found_is_remembered_by_keys_and_forgotten_when_it_is_written() {
        let state = items(vec![item("a", Some("x")), item("b", Some("y"))]);
        let mut found = Found::all_of(&attributes(), &state);
        let names = ["items", "items[\"a\\n\"].alias", "items[\"b\\n\"].alias"];
        assert_eq!(found.0.iter().collect::<Vec<_>>(), names);
        let mut private = Private::default();
        found.remember(&mut private);
        assert_eq!(Found::of(&private), found);
        // The elements have moved, and one alias is written.
        let config = items(vec![item("b", Some("y")), item("a", None)]);
        let planned = items(vec![item("b", Some("y")), item("a", Some("x"))]);
        found.forget_written(&attributes(), &config, &state, &planned);
        assert_eq!(found.0.iter().collect::<Vec<_>>(), ["items[\"a\\n\"].alias"]);
    }

    #[test]
    fn an_order_that_was_found_is_remembered_for_as_long_as_it_stays() {
        let state = items(vec![item("a", None), item("b", None)]);
        let config = items(vec![item("b", None), item("a", None)]);
        let mut found = Found::all_of(&attributes(), &state);
        found.forget_written(&attributes(), &config, &state, &state);
        assert!(!found.is_empty());
        found.forget_written(&attributes(), &config, &state, &config);
        assert!(found.is_empty());
        found.remember(&mut Private::default());
    }
}
