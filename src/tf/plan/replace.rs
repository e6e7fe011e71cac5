//! Which differences need a new object.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::tf::matching::is_moved;
use crate::tf::path::Path;
use crate::tf::schema::{Attribute, Replace};
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
    let mut seen = HashSet::with_capacity(found.len());
    found.retain(|path: &Path| seen.insert(path.clone()));
    found
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
        Replace::When(needs) => needs(before, after),
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
    let moved = is_moved(attribute, after, before);
    let mut inner = Vec::new();
    if let (Some(members), Value::Set(before), Value::Set(after)) =
        (attribute.members(), before, after)
        && !attribute.behaviour.keys.is_some()
    {
        // Nothing says which is which: what has gone has become what has come.
        let (gone, come) = exchanged(members, before, after);
        for (index, (old, item)) in gone.into_iter().zip(come).enumerate() {
            object(members, old, item, &at.element(attribute, index, item), found);
        }
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

/// Of two sets the elements that are not in the other, where others that differ
/// in nothing that replaces are taken for the same.
fn exchanged<'v>(
    members: &[Attribute],
    before: &'v [Value],
    after: &'v [Value],
) -> (Vec<&'v Value>, Vec<&'v Value>) {
    if !members.iter().any(may_replace) {
        return (Vec::new(), Vec::new());
    }
    let mut left: HashMap<Value, VecDeque<usize>> = HashMap::with_capacity(before.len());
    for (index, item) in before.iter().enumerate() {
        left.entry(what_replaces(members, item)).or_default().push_back(index);
    }
    let stays = |item: &&Value| {
        left.get_mut(&what_replaces(members, item)).is_some_and(|same| same.pop_front().is_some())
    };
    let (_, come): (Vec<_>, Vec<_>) = after.iter().partition(stays);
    let mut gone: Vec<usize> = left.into_values().flatten().collect();
    gone.sort_unstable();
    (gone.into_iter().filter_map(|index| before.get(index)).collect(), come)
}

fn may_replace(attribute: &Attribute) -> bool {
    !attribute.behaviour.replace.is_never()
        || attribute.members().is_some_and(|members| members.iter().any(may_replace))
}

/// The part of an element whose change means a new object.
fn what_replaces(members: &[Attribute], item: &Value) -> Value {
    let part = members.iter().filter(|member| may_replace(member));
    Value::object(part.map(|member| (member.name.clone(), item.get(&member.name).clone())))
}
