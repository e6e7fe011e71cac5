//! Which differences need a new object.

use crate::tf::matching::counterparts;
use crate::tf::path::Path;
use crate::tf::schema::{Attribute, Nesting, Replace, Side};
use crate::tf::value::Value;
use crate::tf::walk::{At, Other, visit};

/// The attributes whose change means a new object.
///
/// Terraform compares the values at each path itself and drops paths at which
/// they are equal, so a path leads only to what stands at one place in both
/// objects: for elements that have moved it ends at their list, for elements of
/// a set at the set.
pub fn replacements(attributes: &[Attribute], prior: &Value, planned: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    object(attributes, prior, planned, &At::root(), &mut found);
    let mut paths: Vec<Path> = Vec::new();
    for path in found {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

fn object(
    members: &[Attribute],
    prior: &Value,
    planned: &Value,
    at: &At<'_>,
    found: &mut Vec<Path>,
) {
    for member in members {
        let (before, after) = (prior.get(&member.name), planned.get(&member.name));
        if before == after {
            continue;
        }
        let at = at.attribute(&member.name);
        if replaces(member, before, after) {
            found.push(at.path());
        }
        inside(member, before, after, &at, found);
    }
}

fn replaces(attribute: &Attribute, before: &Value, after: &Value) -> bool {
    let behaviour = &attribute.behaviour;
    let needs = match behaviour.replace {
        Replace::Never => false,
        Replace::Always => true,
        Replace::UnlessPriorNull => !before.is_null(),
    };
    needs && !behaviour.means_same(before, after)
}

/// An element that is new or gone replaces only if its collection does.
fn inside(
    attribute: &Attribute,
    before: &Value,
    after: &Value,
    at: &At<'_>,
    found: &mut Vec<Path>,
) {
    let moved = has_moved(attribute, before, after);
    let mut inner = Vec::new();
    if let (Some(members), Value::Set(before), Value::Set(after)) =
        (attribute.members(), before, after)
        && !attribute.behaviour.keys.is_some()
    {
        // Nothing says which is which: what has gone has become what has come.
        let gone = before.iter().filter(|item| !after.contains(item));
        let come = after.iter().filter(|item| !before.contains(item));
        gone.zip(come).for_each(|(old, item)| object(members, old, item, at, found));
        return;
    }
    visit(attribute, at, after, [Other::ByKeys(before)], |members, at, item, [old]| {
        if !old.is_null() {
            object(members, old, item, at, &mut inner);
        }
    });
    if moved && !inner.is_empty() {
        found.push(at.path());
    } else {
        found.append(&mut inner);
    }
}

/// Says whether elements of a list stand in other places than before.
fn has_moved(attribute: &Attribute, before: &Value, after: &Value) -> bool {
    if attribute.nesting() != Some(Nesting::List) {
        return false;
    }
    let (Some(before), Some(after)) = (before.elements(), after.elements()) else { return false };
    let places = counterparts(attribute, after, Side::Config, before);
    places.iter().enumerate().any(|(index, at)| at.is_some_and(|at| at != index))
}
