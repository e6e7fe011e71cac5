//! Planning from schema behaviours.
//!
//! A plan is computed from the configuration and the prior object alone, so
//! that lists are matched by key and not by position as Terraform's own
//! proposal does. The result obeys the rules that Terraform enforces on plans
//! (plugin protocol, plan validity).

use std::collections::BTreeMap;

use super::diagnostics::Diagnostics;
use super::path::Path;
use super::resource::{PlanRequest, Planned};
use super::schema::{
    Attribute, AttributeKind, Block, BlockNesting, ElementKey, Mode, OnUpdate, Replace, Schema,
    Side,
};
use super::value::Value;

/// Plans a create or an update as the schema says.
pub fn plan(schema: &Schema, request: &PlanRequest) -> Planned {
    let mut state = block(&schema.block, &request.config, &request.prior);
    let mut requires_replace = Vec::new();
    if !request.prior.is_null() {
        if state == request.prior {
            state.clone_from(&request.prior);
        } else {
            let reordered = only_reordered(&schema.block, &request.prior, &state);
            unsettle_block(&schema.block, &request.config, &request.prior, &mut state, reordered);
            replacements(&schema.block, &request.prior, &state, &mut requires_replace);
        }
    }
    Planned {
        state,
        requires_replace,
        private: request.private.clone(),
        diagnostics: Diagnostics::new(),
    }
}

fn block(block: &Block, config: &Value, prior: &Value) -> Value {
    let mut planned = members(&block.attributes, config, prior);
    for nested in &block.blocks {
        let (config, prior) = (config.get(&nested.name), prior.get(&nested.name));
        let value = match (nested.nesting, config) {
            (BlockNesting::Single, Value::Object(_)) => self::block(&nested.block, config, prior),
            (BlockNesting::List, Value::List(items)) => {
                let before = prior.elements().unwrap_or_default();
                let old = |index: usize| before.get(index).unwrap_or(&Value::Null);
                let each = items.iter().enumerate();
                Value::List(
                    each.map(|(i, item)| self::block(&nested.block, item, old(i))).collect(),
                )
            }
            (BlockNesting::Set, Value::Set(items)) => {
                Value::set(items.iter().map(|item| self::block(&nested.block, item, &Value::Null)))
            }
            _ => config.clone(),
        };
        planned.insert(nested.name.clone(), value);
    }
    Value::Object(planned)
}

fn members(attributes: &[Attribute], config: &Value, prior: &Value) -> BTreeMap<String, Value> {
    attributes
        .iter()
        .map(|a| (a.name.clone(), attribute(a, config.get(&a.name), prior.get(&a.name), prior)))
        .collect()
}

/// `owner` is the prior object that the attribute belongs to, null if new.
fn attribute(attribute: &Attribute, config: &Value, prior: &Value, owner: &Value) -> Value {
    if attribute.write_only {
        return Value::Null;
    }
    match (attribute.mode, config) {
        (Mode::Optional | Mode::Required, Value::Null) => Value::Null,
        (Mode::Computed, _) | (Mode::OptionalComputed, Value::Null) => {
            match &attribute.behaviour.default {
                Some(default) if attribute.mode == Mode::OptionalComputed => default.clone(),
                _ if owner.is_null() => unknown(attribute),
                _ => prior.clone(),
            }
        }
        (_, Value::Unknown(_)) => config.clone(),
        _ => configured(attribute, config, prior),
    }
}

fn unknown(attribute: &Attribute) -> Value {
    if attribute.behaviour.not_null { Value::UNKNOWN_NOT_NULL } else { Value::UNKNOWN }
}

fn configured(attribute: &Attribute, config: &Value, prior: &Value) -> Value {
    match (&attribute.kind, config) {
        (AttributeKind::Single(inner), Value::Object(_)) => {
            Value::Object(members(inner, config, prior))
        }
        (AttributeKind::List(inner), Value::List(items)) => {
            let before = prior.elements().unwrap_or_default();
            let matched = match_lists(items, before, attribute.behaviour.keys);
            let each = items.iter().zip(matched);
            Value::List(each.map(|(item, at)| element(inner, item, old(before, at))).collect())
        }
        (AttributeKind::Set(inner), Value::Set(items)) => set(inner, items, prior),
        (AttributeKind::Map(inner), Value::Map(entries)) => Value::map(
            entries.iter().map(|(key, item)| (key.clone(), element(inner, item, prior.get(key)))),
        ),
        _ => match attribute.behaviour.same {
            Some(same) if config.is_wholly_known() && !prior.is_null() && same(prior, config) => {
                prior.clone()
            }
            _ => config.clone(),
        },
    }
}

fn old(before: &[Value], at: Option<usize>) -> &Value {
    at.and_then(|at| before.get(at)).unwrap_or(&Value::Null)
}

fn element(inner: &[Attribute], config: &Value, prior: &Value) -> Value {
    match config {
        Value::Object(_) => Value::Object(members(inner, config, prior)),
        other => other.clone(),
    }
}

/// A prior element belongs to a configured one when it differs from it only in
/// computed attributes that the configuration leaves out.
fn set(inner: &[Attribute], items: &[Value], prior: &Value) -> Value {
    let before = prior.elements().unwrap_or_default();
    let mut used = vec![false; before.len()];
    Value::set(items.iter().map(|item| {
        let at = before.iter().zip(&used).position(|(prior, used)| {
            !used && element(inner, item, prior) == *prior && item.is_wholly_known()
        });
        if let Some(slot) = at.and_then(|at| used.get_mut(at)) {
            *slot = true;
        }
        element(inner, item, old(before, at))
    }))
}

/// Where the prior element of each configured one is: by the keys in turn, or
/// by position when there are none.
pub fn match_lists(config: &[Value], prior: &[Value], keys: &[ElementKey]) -> Vec<Option<usize>> {
    if keys.is_empty() {
        return (0..config.len()).map(|index| (index < prior.len()).then_some(index)).collect();
    }
    let mut found: Vec<Option<usize>> = vec![None; config.len()];
    for key in keys {
        let taken: Vec<usize> = found.iter().flatten().copied().collect();
        let open: Vec<(usize, String)> = prior
            .iter()
            .enumerate()
            .filter(|(index, _)| !taken.contains(index))
            .filter_map(|(index, item)| Some((index, key(item, Side::Prior)?)))
            .collect();
        let wanted: Vec<(usize, String)> = config
            .iter()
            .enumerate()
            .filter(|(index, _)| found.get(*index).is_some_and(Option::is_none))
            .filter_map(|(index, item)| Some((index, key(item, Side::Config)?)))
            .collect();
        for (index, text) in &wanted {
            let unique = wanted.iter().filter(|(_, other)| other == text).count() == 1;
            let mut fitting = open.iter().filter(|(_, other)| other == text);
            if let (true, Some((at, _)), None) = (unique, fitting.next(), fitting.next())
                && let Some(slot) = found.get_mut(*index)
            {
                *slot = Some(*at);
            }
        }
    }
    found
}

/// Says whether nothing differs but the order of lists that have keys.
fn only_reordered(block: &Block, prior: &Value, planned: &Value) -> bool {
    let attributes = block.attributes.iter().all(|attribute| {
        let (before, after) = (prior.get(&attribute.name), planned.get(&attribute.name));
        before == after || (!attribute.behaviour.keys.is_empty() && same_elements(before, after))
    });
    attributes && block.blocks.iter().all(|b| prior.get(&b.name) == planned.get(&b.name))
}

fn same_elements(before: &Value, after: &Value) -> bool {
    let (Value::List(before), Value::List(after)) = (before, after) else { return false };
    before.len() == after.len() && after.iter().all(|item| before.contains(item))
}

fn unsettle_block(
    block: &Block,
    config: &Value,
    prior: &Value,
    planned: &mut Value,
    reordered: bool,
) {
    unsettle(&block.attributes, config, prior, planned, reordered);
}

/// Makes unknown what the change may change.
fn unsettle(
    attributes: &[Attribute],
    config: &Value,
    prior: &Value,
    planned: &mut Value,
    reordered: bool,
) {
    if prior.is_null() || !matches!(planned, Value::Object(_)) {
        return;
    }
    // Elements first, then what depends on them.
    for attribute in attributes {
        unsettle_inner(
            attribute,
            config.get(&attribute.name),
            prior.get(&attribute.name),
            planned,
            reordered,
        );
    }
    // As often as there are attributes: one may depend on another.
    for _ in attributes {
        let mut moved = false;
        for attribute in attributes {
            let open = attribute.mode.is_computed() && config.get(&attribute.name).is_null();
            let settled = planned.get(&attribute.name) == prior.get(&attribute.name);
            if !open || !settled || attribute.behaviour.default.is_some() {
                continue;
            }
            let changes = match attribute.behaviour.on_update {
                OnUpdate::Keep => false,
                OnUpdate::Unknown => !reordered,
                OnUpdate::UnknownWhen(siblings) => {
                    !reordered && siblings.iter().any(|name| prior.get(name) != planned.get(name))
                }
            };
            if changes && !planned.get(&attribute.name).is_unknown() {
                planned.set_entry(&attribute.name, unknown(attribute));
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
}

fn unsettle_inner(
    attribute: &Attribute,
    config: &Value,
    prior: &Value,
    planned: &mut Value,
    reordered: bool,
) {
    let Some(inner) = attribute.members() else { return };
    let Some(value) = planned.entries_mut().and_then(|all| all.get_mut(&attribute.name)) else {
        return;
    };
    match (&attribute.kind, value) {
        (AttributeKind::Single(_), value @ Value::Object(_)) if *value != *prior => {
            unsettle(inner, config, prior, value, reordered);
        }
        (AttributeKind::List(_), Value::List(items)) => {
            let before = prior.elements().unwrap_or_default();
            let written = config.elements().unwrap_or_default();
            let matched = match_lists(written, before, attribute.behaviour.keys);
            for (index, item) in items.iter_mut().enumerate() {
                let old = old(before, matched.get(index).copied().flatten());
                if item != old {
                    let config = written.get(index).unwrap_or(&Value::Null);
                    unsettle(inner, config, old, item, reordered);
                }
            }
        }
        (AttributeKind::Map(_), Value::Map(entries)) => {
            for (key, item) in entries {
                if item != prior.get(key) {
                    unsettle(inner, config.get(key), prior.get(key), item, reordered);
                }
            }
        }
        _ => {}
    }
}

fn replacements(block: &Block, prior: &Value, planned: &Value, found: &mut Vec<Path>) {
    replaced(&block.attributes, prior, planned, &Path::root(), found);
}

fn replaced(
    attributes: &[Attribute],
    prior: &Value,
    planned: &Value,
    at: &Path,
    found: &mut Vec<Path>,
) {
    for attribute in attributes {
        let (before, after) = (prior.get(&attribute.name), planned.get(&attribute.name));
        if before == after {
            continue;
        }
        let path = at.attribute(&attribute.name);
        let replaces = match attribute.behaviour.replace {
            Replace::Never => false,
            Replace::Always => true,
            Replace::UnlessPriorNull => !before.is_null(),
        };
        if replaces {
            found.push(path.clone());
        }
        if let (AttributeKind::Single(inner), Value::Object(_), Value::Object(_)) =
            (&attribute.kind, before, after)
        {
            replaced(inner, before, after, &path, found);
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
