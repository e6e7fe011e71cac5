//! From an answer of the service to the state, and from a plan and the truth to
//! what an apply returns.
//!
//! An author only says what an answer says. What becomes of it follows from the
//! behaviours of the schema: absent is not null, of a map only the keys that
//! the user wrote are managed, what the service adds is not shown, order is the
//! user's.

use std::collections::HashSet;

use super::conform::unknowns_to_null;
use super::found::Found;
use super::matching::{counterparts, same_elements};
use super::schema::{Answered, Attribute, Kind, Mode, Nesting, Schema, Side};
use super::value::Value;
use super::walk::{At, Other, change};

/// The state after an answer. `prior` is the object as last known: a state, or
/// a plan (unknowns count as "not known").
pub fn refresh(schema: &Schema, prior: &Value, answer: &Value, found: &Found) -> Value {
    Refresh { found }.object(&schema.attributes, prior, answer, &At::root())
}

/// The state of an object that nobody has known before: everything that the
/// answer says.
pub fn discover(schema: &Schema, answer: &Value) -> Value {
    refresh(schema, &Value::Null, answer, &Found::default())
}

struct Refresh<'a> {
    found: &'a Found,
}

impl Refresh<'_> {
    fn object(&self, members: &[Attribute], prior: &Value, answer: &Value, at: &At<'_>) -> Value {
        Value::object(members.iter().map(|member| {
            let (old, new) = (prior.get(&member.name), answer.get(&member.name));
            let at = at.attribute(&member.name);
            let value = if member.write_only {
                Value::Null
            } else if prior.is_null() {
                self.discovered(member, new, &at)
            } else {
                self.refreshed(member, old, new, &at)
            };
            (member.name.clone(), value)
        }))
    }

    /// An attribute of an object that was not known before.
    fn discovered(&self, attribute: &Attribute, answer: &Value, at: &At<'_>) -> Value {
        let empty = attribute.behaviour.empty_is_null && answer.as_str() == Some("");
        if answer.is_null() || empty {
            let default = attribute.behaviour.default.clone();
            return default.unwrap_or_else(|| attribute.absent());
        }
        self.inside(attribute, &Value::Null, answer, at)
    }

    fn refreshed(
        &self,
        attribute: &Attribute,
        prior: &Value,
        answer: &Value,
        at: &At<'_>,
    ) -> Value {
        let behaviour = &attribute.behaviour;
        if behaviour.answered == Answered::Never || behaviour.means_same(prior, answer) {
            return known(prior);
        }
        if answer.is_null() {
            return match behaviour.answered {
                Answered::Always => behaviour.default.clone().unwrap_or_else(|| attribute.absent()),
                _ => known(prior),
            };
        }
        // What the service or somebody else added to what the user left out.
        let is_users = behaviour.found_stays || attribute.mode == Mode::Optional;
        if prior.is_null() && is_users && !self.found.holds(at) {
            return attribute.absent();
        }
        if behaviour.empty_is_null && answer.as_str() == Some("") {
            return Value::Null;
        }
        if prior.is_null() || prior.is_unknown() {
            return self.discovered(attribute, answer, at);
        }
        if behaviour.unordered && same_elements(prior, answer) {
            return known(prior);
        }
        self.inside(attribute, prior, answer, at)
    }

    fn inside(&self, attribute: &Attribute, prior: &Value, answer: &Value, at: &At<'_>) -> Value {
        let all = prior.is_null() || !attribute.behaviour.only_written;
        match (&attribute.kind, answer) {
            (Kind::Nested(Nesting::Single, members), Value::Object(_)) => {
                self.object(members, prior, answer, at)
            }
            (Kind::Nested(..), Value::List(items)) => {
                Value::List(self.elements(attribute, prior, items, all, at))
            }
            (Kind::Nested(..), Value::Set(items)) => {
                Value::set(self.elements(attribute, prior, items, all, at))
            }
            (_, Value::Map(entries)) => {
                let written =
                    |key: &String| all || prior.entries().is_some_and(|p| p.contains_key(key));
                let shown = entries.iter().filter(|(key, _)| written(key));
                Value::map(shown.map(|(key, entry)| {
                    let value = match (attribute.members(), entry) {
                        (Some(members), Value::Object(_)) => {
                            self.object(members, prior.get(key), entry, &at.key(key))
                        }
                        _ => entry.clone(),
                    };
                    (key.clone(), value)
                }))
            }
            _ => answer.clone(),
        }
    }

    /// The elements in the order of the prior ones; others come last, if all
    /// are shown.
    fn elements(
        &self,
        attribute: &Attribute,
        prior: &Value,
        items: &[Value],
        all: bool,
        at: &At<'_>,
    ) -> Vec<Value> {
        let before = prior.elements().unwrap_or_default();
        let places = counterparts(attribute, before, Side::Known, items);
        let show = |old: &Value, item: &Value, index: usize| match item {
            Value::Object(_) => {
                let at = at.element(attribute, index, if old.is_null() { item } else { old });
                self.object(attribute.members().unwrap_or_default(), old, item, &at)
            }
            other => other.clone(),
        };
        let known = places.iter().zip(before).filter_map(|(place, old)| Some(((*place)?, old)));
        let mut shown: Vec<Value> = known
            .clone()
            .filter_map(|(place, old)| Some(show(old, items.get(place)?, place)))
            .collect();
        if all {
            let taken: HashSet<usize> = known.map(|(place, _)| place).collect();
            let rest = items.iter().enumerate().filter(|(index, _)| !taken.contains(index));
            shown.extend(rest.map(|(index, item)| show(&Value::Null, item, index)));
        }
        shown
    }
}

/// A value without its unknown parts.
fn known(value: &Value) -> Value {
    let mut value = value.clone();
    unknowns_to_null(&mut value);
    value
}

/// What an apply that succeeded has to return: what was planned wherever that
/// was known, what is true wherever it was not. A difference between the two
/// is somebody else's change; the next refresh shows it (plugin protocol,
/// rules after apply).
pub fn honour(schema: &Schema, planned: &Value, actual: &Value) -> Value {
    let mut state = planned.clone();
    honour_object(&schema.attributes, &mut state, actual);
    state
}

fn honour_object(members: &[Attribute], planned: &mut Value, actual: &Value) {
    let Value::Object(entries) = planned else { return };
    for member in members {
        let Some(value) = entries.get_mut(&member.name) else { continue };
        let truth = actual.get(&member.name);
        match value {
            Value::Unknown(_) => *value = truth.clone(),
            Value::Set(_) if value.is_wholly_known() => {}
            Value::Set(_) if member.members().is_none() => *value = truth.clone(),
            Value::Set(_) => honour_set(member, value, truth),
            _ if member.members().is_some() => {
                change(
                    member,
                    &At::root(),
                    value,
                    [Other::Again(truth)],
                    |members, _, item, [truth]| {
                        honour_object(members, item, truth);
                    },
                );
            }
            plain => fill(plain, truth),
        }
    }
}

/// What is open in an element of a set is filled from its counterpart. Where
/// one has none, nobody can tell which is which, and the truth counts.
fn honour_set(attribute: &Attribute, planned: &mut Value, actual: &Value) {
    let mut filled = planned.clone();
    let mut lost = false;
    let others = [Other::Again(actual)];
    change(attribute, &At::root(), &mut filled, others, |members, _, item, [truth]| {
        lost |= truth.is_null() && !item.is_wholly_known();
        honour_object(members, item, truth);
    });
    lost |= !filled.is_wholly_known();
    *planned = if lost { actual.clone() } else { filled };
}

/// Fills the unknown parts of a plain value.
fn fill(planned: &mut Value, actual: &Value) {
    match planned {
        Value::Unknown(_) => *planned = actual.clone(),
        Value::List(items) => {
            let others = actual.elements().unwrap_or_default();
            for (index, item) in items.iter_mut().enumerate() {
                fill(item, others.get(index).unwrap_or(&Value::Null));
            }
        }
        Value::Map(entries) | Value::Object(entries) => {
            entries.iter_mut().for_each(|(key, entry)| fill(entry, actual.get(key)));
        }
        _ => {}
    }
}

#[cfg(test)]
#[path = "refresh_tests.rs"]
mod tests;
