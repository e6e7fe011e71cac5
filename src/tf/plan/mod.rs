//! Planning from schema behaviours.
//!
//! A plan is computed from the configuration and the prior object alone, so
//! that lists are matched by key and not by position as Terraform's own
//! proposal does. The result obeys the rules that Terraform enforces on plans
//! (plugin protocol, plan validity).

mod replace;
mod unsettle;

use super::found::{Found, has_order};
use super::matching::counterparts;
use super::schema::{Attribute, Mode, Schema, Side};
use super::value::Value;
use super::walk::{At, Other, change};
use crate::tf::path::Path;

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
    let mut state = Planner { found }.object(&schema.attributes, config, prior, &At::root());
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
    fn object(&self, members: &[Attribute], config: &Value, prior: &Value, at: &At<'_>) -> Value {
        Value::object(members.iter().map(|member| {
            let (config, old) = (config.get(&member.name), prior.get(&member.name));
            let at = at.attribute(&member.name);
            (member.name.clone(), self.attribute(member, config, old, prior.is_null(), &at))
        }))
    }

    /// `is_new` says that the object which the attribute belongs to is new.
    fn attribute(
        &self,
        attribute: &Attribute,
        config: &Value,
        prior: &Value,
        is_new: bool,
        at: &At<'_>,
    ) -> Value {
        if attribute.write_only {
            return Value::Null;
        }
        match (attribute.mode, config) {
            (Mode::Optional | Mode::Required, Value::Null) => Value::Null,
            (Mode::Computed, _) | (Mode::OptionalComputed, Value::Null) => {
                self.left_out(attribute, prior, is_new, at)
            }
            (_, Value::Unknown(_)) => config.clone(),
            _ => self.written(attribute, config, prior, at),
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

    fn written(&self, attribute: &Attribute, config: &Value, prior: &Value, at: &At<'_>) -> Value {
        if attribute.members().is_none() {
            let same = !prior.is_null()
                && (attribute.behaviour.means_same(prior, config)
                    || (attribute.behaviour.unordered && same_elements(prior, config)));
            return if same { prior.clone() } else { config.clone() };
        }
        let mut planned = config.clone();
        change(attribute, at, &mut planned, [Other::ByKeys(prior)], |members, at, item, [old]| {
            *item = self.object(members, item, old, at);
        });
        let order_is_free =
            attribute.behaviour.unordered || (has_order(attribute) && self.found.holds(at));
        if order_is_free && same_elements(&planned, prior) { prior.clone() } else { planned }
    }
}

/// Says whether two lists hold the same elements, each as often, in any order.
pub fn same_elements(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && Value::Set(one.clone()) == Value::Set(other.clone())
        }
        _ => false,
    }
}

/// Says whether nothing differs but the order of lists whose elements have
/// keys.
pub fn only_reordered(attributes: &[Attribute], prior: &Value, planned: &Value) -> bool {
    attributes.iter().all(|attribute| {
        let (before, after) = (prior.get(&attribute.name), planned.get(&attribute.name));
        before == after || (has_order(attribute) && same_elements(before, after))
    })
}

/// Where the prior element of each planned or configured one is.
pub fn prior_places(attribute: &Attribute, items: &[Value], prior: &[Value]) -> Vec<Option<usize>> {
    counterparts(attribute, items, Side::Config, prior)
}

#[cfg(test)]
mod tests;
