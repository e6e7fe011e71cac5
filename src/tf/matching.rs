//! Which element of one collection is which of another.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::schema::{Answered, Attribute, Kind, Mode, Nesting, Side};
use super::value::Value;

/// Where the counterpart of each element of `lead` is in `other`.
///
/// Elements are matched by the keys of their attribute, or else by position in
/// a list that has an order, and by value in any other.
pub fn counterparts(
    attribute: &Attribute,
    lead: &[Value],
    side: Side,
    other: &[Value],
) -> Vec<Option<usize>> {
    let keys = attribute.behaviour.keys;
    if keys.is_some() {
        let of = |items: &[Value], side| {
            items.iter().map(|item| keys.of(item, side)).collect::<Vec<_>>()
        };
        return pair(&of(lead, side), &of(other, Side::Prior));
    }
    match &attribute.kind {
        Kind::Nested(Nesting::Set, members) => by_value(members, lead, side, other),
        Kind::Nested(_, members) if attribute.behaviour.unordered => {
            by_value(members, lead, side, other)
        }
        _ => (0..lead.len()).map(|index| (index < other.len()).then_some(index)).collect(),
    }
}

/// Says whether elements of `lead` stand in other places in `other`.
pub fn is_moved(attribute: &Attribute, lead: &Value, other: &Value) -> bool {
    let (Value::List(lead), Value::List(other)) = (lead, other) else { return false };
    let places = counterparts(attribute, lead, Side::Config, other);
    places.iter().enumerate().any(|(index, at)| at.is_some_and(|at| at != index))
}

/// Pairs things by several keys each, tried in turn.
///
/// A key pairs things that as many on the one side have as on the other, in
/// their order: where the numbers differ, nobody can tell which is which.
pub fn pair(wanted: &[Vec<Option<String>>], there: &[Vec<Option<String>>]) -> Vec<Option<usize>> {
    let mut found = vec![None; wanted.len()];
    let mut taken = vec![false; there.len()];
    let ways = wanted.iter().map(Vec::len).max().unwrap_or(0);
    for way in 0..ways {
        let key = |keys: &Vec<Option<String>>| keys.get(way).cloned().flatten();
        let mut groups: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (index, keys) in wanted.iter().enumerate().filter(|(i, _)| found[*i].is_none()) {
            if let Some(key) = key(keys) {
                groups.entry(key).or_default().0.push(index);
            }
        }
        for (index, keys) in there.iter().enumerate().filter(|(i, _)| !taken[*i]) {
            if let Some(key) = key(keys)
                && let Some(group) = groups.get_mut(&key)
            {
                group.1.push(index);
            }
        }
        for (ours, theirs) in groups.into_values().filter(|(a, b)| a.len() == b.len()) {
            for (index, at) in ours.into_iter().zip(theirs) {
                found[index] = Some(at);
                taken[at] = true;
            }
        }
    }
    found
}

/// Elements that have no keys: what differs in nothing that both sides say is
/// one thing. Most are as they were, so equal ones come first; what is compared
/// after that has a print in common, so that a large set is not compared each
/// with each.
fn by_value(
    members: &[Attribute],
    lead: &[Value],
    side: Side,
    other: &[Value],
) -> Vec<Option<usize>> {
    let mut found = equal(lead, other);
    let mut taken = vec![false; other.len()];
    found.iter().flatten().for_each(|at| taken[*at] = true);
    let mut ways: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for (index, item) in lead.iter().enumerate().filter(|(index, _)| found[*index].is_none()) {
        let way = members.iter().map(|member| is_in_print(member, item, side)).collect();
        ways.entry(way).or_default().push(index);
    }
    for (way, leads) in ways {
        let mut places: HashMap<u64, VecDeque<usize>> = HashMap::new();
        for (at, item) in other.iter().enumerate().filter(|(at, _)| !taken[*at]) {
            places.entry(print(members, &way, item)).or_default().push_back(at);
        }
        for index in leads {
            let Some(item) = lead.get(index) else { continue };
            let Some(candidates) = places.get_mut(&print(members, &way, item)) else { continue };
            let fits = |at: &usize| other.get(*at).is_some_and(|o| agrees(members, item, side, o));
            if let Some(place) = candidates.iter().position(fits)
                && let Some(at) = candidates.remove(place)
            {
                found[index] = Some(at);
                taken[at] = true;
            }
        }
    }
    found
}

/// Pairs elements that are wholly equal.
fn equal(lead: &[Value], other: &[Value]) -> Vec<Option<usize>> {
    let mut places: HashMap<&Value, VecDeque<usize>> = HashMap::with_capacity(other.len());
    for (at, item) in other.iter().enumerate() {
        places.entry(item).or_default().push_back(at);
    }
    let find = |item: &Value| {
        if item.is_wholly_known() { places.get_mut(item)?.pop_front() } else { None }
    };
    lead.iter().map(find).collect()
}

/// Says whether elements that agree are surely equal in this member.
fn is_in_print(member: &Attribute, item: &Value, side: Side) -> bool {
    let behaviour = &member.behaviour;
    let strict = member.members().is_none()
        && behaviour.same.is_none()
        && !behaviour.empty_is_null
        && !behaviour.unordered;
    strict && !is_silent(member, item.get(&member.name), side) && {
        // An answer may leave out what is not mandatory.
        side != Side::Known || member.mode == Mode::Required
    }
}

fn print(members: &[Attribute], way: &[bool], item: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    let shown = members.iter().zip(way).filter(|(_, shown)| **shown);
    shown.for_each(|(member, _)| item.get(&member.name).hash(&mut hasher));
    hasher.finish()
}

/// Says whether a value of an element that is looked for tells nothing about
/// which element it is.
fn is_silent(member: &Attribute, ours: &Value, side: Side) -> bool {
    match side {
        Side::Known => {
            member.write_only
                || member.behaviour.answered == Answered::Never
                || ours.is_null()
                || ours.is_unknown()
        }
        Side::Config | Side::Prior => {
            member.write_only || (member.mode.is_computed() && ours.is_null())
        }
    }
}

/// Says whether an element that is looked for may be this one.
fn agrees(members: &[Attribute], item: &Value, side: Side, other: &Value) -> bool {
    let (Value::Object(_), Value::Object(_)) = (item, other) else { return item == other };
    members.iter().all(|member| {
        let (ours, theirs) = (item.get(&member.name), other.get(&member.name));
        let left_out = side == Side::Known
            && theirs.is_null()
            && member.behaviour.answered == Answered::Sometimes;
        is_silent(member, ours, side) || left_out || is_alike(member, ours, side, theirs)
    })
}

fn is_alike(member: &Attribute, ours: &Value, side: Side, theirs: &Value) -> bool {
    let behaviour = &member.behaviour;
    let same = match side {
        Side::Known => behaviour.means_same(ours, theirs),
        Side::Config | Side::Prior => behaviour.means_same(theirs, ours),
    };
    if same || (ours.is_wholly_known() && ours == theirs) {
        return true;
    }
    let Some(members) = member.members() else {
        return behaviour.unordered && same_elements(ours, theirs);
    };
    match (ours, theirs) {
        (Value::Object(_), Value::Object(_)) => agrees(members, ours, side, theirs),
        (Value::Map(ours), Value::Map(theirs)) => {
            ours.keys().eq(theirs.keys())
                && ours.values().zip(theirs.values()).all(|(a, b)| agrees(members, a, side, b))
        }
        (Value::List(ours), Value::List(theirs)) | (Value::Set(ours), Value::Set(theirs)) => {
            let places = counterparts(member, ours, side, theirs);
            let fits = |(item, at): (&Value, Option<usize>)| {
                at.and_then(|at| theirs.get(at)).is_some_and(|o| agrees(members, item, side, o))
            };
            ours.len() == theirs.len() && ours.iter().zip(places).all(fits)
        }
        _ => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(texts: &[&str]) -> Vec<Vec<Option<String>>> {
        texts.iter().map(|text| vec![Some((*text).to_owned())]).collect()
    }

    #[test]
    fn things_with_one_key_are_paired_in_their_order_if_there_are_as_many() {
        assert_eq!(pair(&keys(&["b", "a"]), &keys(&["a", "b"])), [Some(1), Some(0)]);
        assert_eq!(pair(&keys(&["a", "a"]), &keys(&["a", "a"])), [Some(0), Some(1)]);
        assert_eq!(pair(&keys(&["a"]), &keys(&["a", "a"])), [None]);
    }

    #[test]
    fn a_second_key_is_for_what_the_first_did_not_pair() {
        let ours = vec![vec![Some("a".to_owned()), None], vec![None, Some("x".to_owned())]];
        let theirs = vec![
            vec![Some("c".to_owned()), Some("x".to_owned())],
            vec![Some("a".to_owned()), Some("x".to_owned())],
        ];
        assert_eq!(pair(&ours, &theirs), [Some(1), Some(0)]);
    }
}
