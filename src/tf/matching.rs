//! Which element of one collection is which of another.

use std::collections::HashMap;

use super::schema::{Attribute, Kind, Nesting, Side};
use super::value::Value;

/// Where the counterpart of each element of `lead` is in `other`.
///
/// Elements are matched by the keys of their attribute, or else by position in
/// a list and by value in a set.
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
        Kind::Nested(Nesting::Set, members) => by_value(members, lead, other),
        _ => (0..lead.len()).map(|index| (index < other.len()).then_some(index)).collect(),
    }
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

/// A counterpart differs from an element only in computed attributes that the
/// element leaves out.
fn by_value(members: &[Attribute], lead: &[Value], other: &[Value]) -> Vec<Option<usize>> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, item) in other.iter().enumerate().rev() {
        places.entry(print(members, item)).or_default().push(index);
    }
    let find = |item: &Value| {
        let candidates = places.get_mut(&print(members, item))?;
        let fits = |at: &&usize| other.get(**at).is_some_and(|other| agrees(members, item, other));
        // From the end: indexes were put there in reverse.
        let place = candidates.iter().rposition(|at| fits(&at))?;
        Some(candidates.remove(place))
    };
    lead.iter().map(find).collect()
}

/// A text that elements which may agree share: their plain members that only
/// the user sets.
fn print(members: &[Attribute], item: &Value) -> String {
    let mut text = String::new();
    for member in members.iter().filter(|member| !member.mode.is_computed()) {
        match item.get(&member.name) {
            Value::String(part) => text.push_str(part),
            Value::Number(number) => text.push_str(&number.to_string()),
            Value::Bool(truth) => text.push(if *truth { '1' } else { '0' }),
            _ => {}
        }
        text.push('\u{0}');
    }
    text
}

/// Says whether a planned element would be this prior one.
fn agrees(members: &[Attribute], item: &Value, prior: &Value) -> bool {
    let (Value::Object(own), Value::Object(_)) = (item, prior) else { return item == prior };
    members.iter().all(|member| {
        let (ours, theirs) =
            (own.get(&member.name).unwrap_or(&Value::Null), prior.get(&member.name));
        (member.mode.is_computed() && ours.is_null())
            || match (&member.kind, ours) {
                (Kind::Nested(Nesting::Single, inner), Value::Object(_)) => {
                    agrees(inner, ours, theirs)
                }
                _ => !ours.is_unknown() && ours == theirs,
            }
    })
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
