//! The rules that Terraform enforces on answers, to be checked before it does.
//!
//! A port of what core checks after a plan and after an apply (plugin
//! protocol, plan validity and object compatibility). The plugin runtime puts
//! every plan through it, so that a mistake of ours is a clear message instead
//! of a confusing one; tests put every answer through it.

use std::collections::HashSet;
use std::fmt;

use super::path::Path;
use super::schema::{Attribute, Kind, Mode, Nesting, Schema};
use super::value::Value;
use super::walk::{At, visit};

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
    plan_members(&schema.attributes, prior, config, planned, &root, &mut found);
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
    if attribute.is_block {
        plan_block(attribute, prior, config, planned, path, found);
        return;
    }
    if attribute.write_only {
        if !planned.is_null() {
            found.add(path, "a write-only value is planned");
        }
        return;
    }
    let equal = planned == config || (planned == prior && !prior.is_null() && !config.is_null());
    let left_out = attribute.mode == Mode::OptionalComputed && config.is_null();
    if equal || left_out || attribute.mode == Mode::Computed {
        // The prior value or the provider's in place of the configured one:
        // write-only members of all are null.
        let at = At::root();
        visit(attribute, &at, planned, [], |members, at, item, []| {
            written(members, item, at, "a write-only value is planned", found);
        });
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

fn plan_block(
    block: &Attribute,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Found,
) {
    if config.is_unknown() {
        if !planned.is_unknown() {
            found.add(path, "an unknown block is planned as known");
        }
        return;
    }
    if config.is_null() && planned.is_null() {
        return;
    }
    plan_nested(block, prior, config, planned, path, found);
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
    let Kind::Nested(nesting, inner) = &attribute.kind else { return };
    match (nesting, config, planned) {
        (Nesting::Single, Value::Object(_), Value::Object(_)) => {
            plan_members(inner, prior, config, planned, path, found);
        }
        (Nesting::List, Value::List(config), Value::List(planned)) => {
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
        (Nesting::Map, Value::Map(config), Value::Map(planned)) => {
            if !config.keys().eq(planned.keys()) {
                found.add(path, "the planned map has other keys than the configured one");
                return;
            }
            for (key, (config, planned)) in config.keys().zip(config.values().zip(planned.values()))
            {
                element(inner, prior.get(key), config, planned, &path.key(key), found);
            }
        }
        (Nesting::Set, Value::Set(config), Value::Set(planned)) => {
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
    written(&schema.attributes, new, &At::root(), "a write-only value is returned", &mut found);
    compatible(planned, new, &root, &mut found);
    found.0
}

/// Finds write-only attributes that are not null.
fn written(members: &[Attribute], object: &Value, at: &At<'_>, text: &str, found: &mut Found) {
    for member in members {
        let (value, at) = (object.get(&member.name), at.attribute(&member.name));
        if member.write_only && !value.is_null() {
            found.add(&at.path(), text);
        }
        visit(member, &at, value, [], |members, at, item, []| {
            written(members, item, at, text, found);
        });
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

/// Elements must correspond both ways; several may have become one. Without
/// unknown parts the two are equal or not, which is told without comparing each
/// with each.
fn sets(planned: &[Value], new: &[Value], path: &Path, found: &mut Found) {
    let fits = |planned: &Value, new: &Value| {
        let mut sub = Found(Vec::new());
        compatible(planned, new, path, &mut sub);
        sub.0.is_empty()
    };
    let different = if planned.iter().all(Value::is_wholly_known) {
        Value::Set(planned.to_vec()) != Value::Set(new.to_vec())
    } else {
        // Elements that are equal correspond; the others are looked for.
        let (ours, theirs): (HashSet<_>, HashSet<_>) =
            (planned.iter().collect(), new.iter().collect());
        let open = |item: &&Value| !theirs.contains(item);
        let unplanned = |other: &&Value| !ours.contains(other);
        planned.iter().filter(open).any(|item| !new.iter().any(|other| fits(item, other)))
            || new
                .iter()
                .filter(unplanned)
                .any(|other| !planned.iter().any(|item| fits(item, other)))
            || new.len() > planned.len()
    };
    if different {
        found.add(path, "the set has other elements than planned");
    }
}
