//! The rules that Terraform enforces on answers, to be checked before it does.
//!
//! A port of what core checks after a plan and after an apply (plugin
//! protocol, plan validity and object compatibility). The plugin runtime puts
//! every plan through it, so that a mistake of ours is a clear message instead
//! of a confusing one; tests put every answer through it.

use std::fmt;

use super::path::Path;
use super::schema::{Attribute, AttributeKind, BlockNesting, Mode, NestedBlock, Schema};
use super::value::Value;

/// A rule that an answer breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub path: Path,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_root() {
            f.write_str(&self.text)
        } else {
            write!(f, "{}: {}", self.path, self.text)
        }
    }
}

struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, path: &Path, text: impl Into<String>) {
        self.0.push(Violation { path: path.clone(), text: text.into() });
    }
}

/// Checks a planned object against the configuration and the prior object.
pub fn check_plan(
    schema: &Schema,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    let root = Path::root();
    if config.is_null() || planned.is_null() {
        if config.is_null() != planned.is_null() {
            found.add(&root, "the planned object is null, or the configuration is, but not both");
        }
        return found.0;
    }
    plan_members(&schema.block.attributes, prior, config, planned, &root, &mut found);
    plan_blocks(&schema.block.blocks, prior, config, planned, &root, &mut found);
    found.0
}

/// Checks that the paths of a replacement exist.
pub fn check_replacements(prior: &Value, planned: &Value, paths: &[Path]) -> Vec<Violation> {
    paths
        .iter()
        .filter(|path| prior.at(path).is_none() && planned.at(path).is_none())
        .map(|path| Violation {
            path: path.clone(),
            text: "no such attribute to replace for".into(),
        })
        .collect()
}

fn plan_members(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Found,
) {
    for attribute in attributes {
        let name = &attribute.name;
        plan_attribute(
            attribute,
            prior.get(name),
            config.get(name),
            planned.get(name),
            &path.attribute(name),
            found,
        );
    }
}

fn plan_attribute(
    attribute: &Attribute,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Found,
) {
    if attribute.write_only {
        if !planned.is_null() {
            found.add(path, "a write-only value is planned");
        }
        return;
    }
    let equal = planned == config || (planned == prior && !prior.is_null() && !config.is_null());
    if equal || attribute.mode == Mode::Computed {
        return;
    }
    if attribute.mode == Mode::OptionalComputed && config.is_null() {
        return;
    }
    if config.is_null() {
        found.add(path, "a value is planned for an attribute that is not computed and not set");
        return;
    }
    if attribute.members().is_some() && !config.is_unknown() {
        plan_nested(attribute, prior, config, planned, path, found);
    } else {
        found.add(path, "the planned value is neither the configured nor the prior one");
    }
}

fn plan_nested(
    attribute: &Attribute,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Found,
) {
    if planned.is_null() || planned.is_unknown() {
        found.add(path, "a configured object is planned as null or unknown");
        return;
    }
    match (&attribute.kind, config, planned) {
        (AttributeKind::Single(inner), _, _) => {
            plan_members(inner, prior, config, planned, path, found);
        }
        (AttributeKind::List(inner), Value::List(config), Value::List(planned)) => {
            if config.len() != planned.len() {
                found.add(path, "the planned list has another length than the configured one");
                return;
            }
            let before = prior.elements().unwrap_or_default();
            for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
                let prior = before.get(index).unwrap_or(&Value::Null);
                element(inner, prior, config, planned, &path.index(index), found);
            }
        }
        (AttributeKind::Map(inner), Value::Map(config), Value::Map(planned)) => {
            if !config.keys().eq(planned.keys()) {
                found.add(path, "the planned map has other keys than the configured one");
                return;
            }
            for (key, (config, planned)) in config.keys().zip(config.values().zip(planned.values()))
            {
                element(inner, prior.get(key), config, planned, &path.key(key), found);
            }
        }
        (AttributeKind::Set(_), Value::Set(config), Value::Set(planned)) => {
            if config.len() != planned.len() {
                found.add(path, "the planned set has another size than the configured one");
            }
        }
        _ => found.add(path, "the planned value is of another kind than the configured one"),
    }
}

fn element(
    inner: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Found,
) {
    match (config, planned) {
        (Value::Object(_), Value::Object(_)) => {
            plan_members(inner, prior, config, planned, path, found);
        }
        _ if config == planned => {}
        _ => found.add(path, "an element is planned that is not the configured one"),
    }
}

fn plan_blocks(
    blocks: &[NestedBlock],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Found,
) {
    for nested in blocks {
        let path = path.attribute(&nested.name);
        let (prior, config, planned) =
            (prior.get(&nested.name), config.get(&nested.name), planned.get(&nested.name));
        if config.is_unknown() {
            if !planned.is_unknown() {
                found.add(&path, "an unknown block is planned as known");
            }
            continue;
        }
        match (nested.nesting, config, planned) {
            (BlockNesting::Single, Value::Null, Value::Null) => {}
            (BlockNesting::Single, Value::Object(_), Value::Object(_)) => {
                plan_members(&nested.block.attributes, prior, config, planned, &path, found);
                plan_blocks(&nested.block.blocks, prior, config, planned, &path, found);
            }
            (BlockNesting::List, Value::List(config), Value::List(planned))
                if config.len() == planned.len() =>
            {
                let before = prior.elements().unwrap_or_default();
                for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
                    let prior = before.get(index).unwrap_or(&Value::Null);
                    let at = path.index(index);
                    plan_members(&nested.block.attributes, prior, config, planned, &at, found);
                    plan_blocks(&nested.block.blocks, prior, config, planned, &at, found);
                }
            }
            (BlockNesting::Set, Value::Set(config), Value::Set(planned))
                if config.len() == planned.len() => {}
            _ => found.add(&path, "blocks are planned in another number than configured"),
        }
    }
}

/// Checks the object after a successful apply against the planned one.
pub fn check_applied(schema: &Schema, planned: &Value, new: &Value) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    let root = Path::root();
    if planned.is_null() != new.is_null() {
        found.add(
            &root,
            "the object is null although the planned one is not, or the other way round",
        );
        return found.0;
    }
    if !new.is_wholly_known() {
        found.add(&root, "the object holds unknown values");
    }
    written(&schema.block.attributes, new, &root, &mut found);
    compatible(planned, new, &root, &mut found);
    found.0
}

fn written(attributes: &[Attribute], value: &Value, path: &Path, found: &mut Found) {
    for attribute in attributes {
        let (member, path) = (value.get(&attribute.name), path.attribute(&attribute.name));
        if attribute.write_only && !member.is_null() {
            found.add(&path, "a write-only value is returned");
        }
        if let Some(inner) = attribute.members() {
            match member {
                Value::Object(_) => written(inner, member, &path, found),
                Value::List(items) | Value::Set(items) => {
                    items.iter().for_each(|item| written(inner, item, &path, found));
                }
                _ => {}
            }
        }
    }
}

fn compatible(planned: &Value, new: &Value, path: &Path, found: &mut Found) {
    match (planned, new) {
        (Value::Unknown(promise), _) => {
            if promise.not_null && new.is_null() {
                found.add(path, "null is returned where the plan promised a value");
            }
        }
        (Value::Object(members), Value::Object(others)) => {
            if !members.keys().eq(others.keys()) {
                found.add(path, "the object has other attributes than planned");
                return;
            }
            for (name, member) in members {
                compatible(member, new.get(name), &path.attribute(name), found);
            }
        }
        (Value::Map(entries), Value::Map(others)) => {
            if !entries.keys().eq(others.keys()) {
                found.add(path, "the map has other keys than planned");
                return;
            }
            for (key, entry) in entries {
                compatible(entry, new.get(key), &path.key(key), found);
            }
        }
        (Value::List(items), Value::List(others)) => {
            if items.len() != others.len() {
                found.add(path, "the list has another length than planned");
                return;
            }
            for (index, (item, other)) in items.iter().zip(others).enumerate() {
                compatible(item, other, &path.index(index), found);
            }
        }
        (Value::Set(items), Value::Set(others)) => sets(items, others, path, found),
        _ if planned == new => {}
        _ => found.add(path, "another value is returned than planned"),
    }
}

/// Elements must correspond both ways; several may have become one.
fn sets(planned: &[Value], new: &[Value], path: &Path, found: &mut Found) {
    let fits = |planned: &Value, new: &Value| {
        let mut sub = Found(Vec::new());
        compatible(planned, new, path, &mut sub);
        sub.0.is_empty()
    };
    let missing = planned.iter().any(|item| !new.iter().any(|other| fits(item, other)));
    let extra = new.iter().any(|other| !planned.iter().any(|item| fits(item, other)));
    if missing || extra || new.len() > planned.len() {
        found.add(path, "the set has other elements than planned");
    }
}
