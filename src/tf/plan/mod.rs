//! Planning from schema behaviours.
//!
//! A plan is computed from the configuration and the prior object alone, so
//! that lists are matched by key and not by position as Terraform's own
//! proposal does. The result obeys the rules that Terraform enforces on plans
//! (plugin protocol, plan validity).

mod replace;
mod unsettle;

use super::found::{Found, has_order};
use super::schema::{Attribute, Mode, Nesting, Schema};
use super::value::Value;
use super::walk::{At, Other, change};
use crate::tf::path::Path;

pub use super::matching::same_elements;
pub use replace::replacements;
pub use unsettle::unsettle;

/// A planned object.
#[derive(Debug, Clone)]
pub struct Outline {
    /// The object as it will be. Equal to the prior one if nothing changes.
    pub state: Value,
    /// Attributes whose change means a new object.
    pub requires_replace: Vec<Path>,
}

/// Plans a create (`prior` is null) or an update as the schema says.
pub fn outline(schema: &Schema, config: &Value, prior: &Value, found: &Found) -> Outline {
    let mut state =
        Planner { found }.object(&schema.attributes, config, Before::of(prior), &At::root());
    let mut requires_replace = Vec::new();
    if !prior.is_null() {
        if state == *prior {
            // The order of sets is the prior one too.
            state.clone_from(prior);
        } else {
            unsettle(schema, config, prior, &mut state);
            requires_replace = replacements(&schema.attributes, prior, &state);
        }
    }
    Outline { state, requires_replace }
}

struct Planner<'a> {
    found: &'a Found,
}

impl Planner<'_> {
    fn object(
        &self,
        members: &[Attribute],
        config: &Value,
        before: Before<'_>,
        at: &At<'_>,
    ) -> Value {
        let is_new = before.prior.is_null();
        Value::object(members.iter().map(|member| {
            let name = &member.name;
            let at = at.attribute(name);
            let planned = self.attribute(member, config.get(name), before.get(name), is_new, &at);
            (name.clone(), planned)
        }))
    }

    /// `is_new` says that the object which the attribute belongs to is new.
    fn attribute(
        &self,
        attribute: &Attribute,
        config: &Value,
        before: Before<'_>,
        is_new: bool,
        at: &At<'_>,
    ) -> Value {
        if attribute.write_only {
            return Value::Null;
        }
        match (attribute.mode, config) {
            (Mode::Optional | Mode::Required, Value::Null) => Value::Null,
            (Mode::Computed, _) | (Mode::OptionalComputed, Value::Null) => {
                self.left_out(attribute, before.prior, is_new, at)
            }
            (_, Value::Unknown(_)) => config.clone(),
            _ => self.written(attribute, config, before, at),
        }
    }

    fn left_out(&self, attribute: &Attribute, prior: &Value, is_new: bool, at: &At<'_>) -> Value {
        let configurable = attribute.mode.is_configurable();
        match &attribute.behaviour.default {
            Some(default) if configurable => default.clone(),
            _ if attribute.behaviour.found_stays => {
                if !is_new && self.found.holds(at) {
                    prior.clone()
                } else {
                    Value::Null
                }
            }
            _ if is_new => attribute.unknown(),
            _ => prior.clone(),
        }
    }

    fn written(
        &self,
        attribute: &Attribute,
        config: &Value,
        before: Before<'_>,
        at: &At<'_>,
    ) -> Value {
        let Before { prior, in_place } = before;
        // Terraform lets the prior value stand in for the configured one, but
        // only in its place: not in an element that has moved.
        let may_stay = !prior.is_null() && prior == in_place;
        let behaviour = &attribute.behaviour;
        if attribute.members().is_none() {
            let same = behaviour.means_same(prior, config)
                || (behaviour.unordered && same_elements(prior, config));
            return if may_stay && same { prior.clone() } else { config.clone() };
        }
        let is_set = attribute.nesting() == Some(Nesting::Set);
        let mut planned = config.clone();
        let others = [Other::ByKeys(prior), Other::ByPosition(in_place)];
        change(attribute, at, &mut planned, others, |members, at, item, [prior, in_place]| {
            // Nobody can tell where elements of a set are.
            let in_place = if is_set { prior } else { in_place };
            *item = self.object(members, item, Before { prior, in_place }, at);
        });
        // Of blocks Terraform compares each with the one that is written there.
        let order_is_free = behaviour.unordered || (has_order(attribute) && self.found.holds(at));
        if may_stay && order_is_free && !attribute.is_block && same_elements(&planned, prior) {
            prior.clone()
        } else {
            planned
        }
    }
}

/// What there is before the change.
#[derive(Clone, Copy)]
struct Before<'a> {
    /// The thing itself.
    prior: &'a Value,
    /// What stands where it is going to stand.
    in_place: &'a Value,
}

impl<'a> Before<'a> {
    fn of(prior: &'a Value) -> Self {
        Self { prior, in_place: prior }
    }

    fn get(self, name: &str) -> Self {
        Self { prior: self.prior.get(name), in_place: self.in_place.get(name) }
    }
}

/// Says whether nothing differs but the order of lists whose elements have
/// keys, at any depth.
pub fn only_reordered(attributes: &[Attribute], prior: &Value, planned: &Value) -> bool {
    attributes.iter().all(|attribute| {
        let (before, after) = (prior.get(&attribute.name), planned.get(&attribute.name));
        before == after || without_order(attribute, before) == without_order(attribute, after)
    })
}

/// The value with sets in place of lists whose elements have keys.
fn without_order(attribute: &Attribute, value: &Value) -> Value {
    let mut value = value.clone();
    change(attribute, &At::root(), &mut value, [], |members, _, item, []| {
        for member in members {
            let inner = without_order(member, item.get(&member.name));
            item.set_entry(&member.name, inner);
        }
    });
    match value {
        Value::List(items) if has_order(attribute) => Value::Set(items),
        other => other,
    }
}

#[cfg(test)]
mod places_tests;
#[cfg(test)]
mod tests;
