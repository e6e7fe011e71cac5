use super::*;
use crate::tf::model::{List, Map, Model, Secret, Set, Tf};
use crate::tf::oracle;

/// A thing.
#[derive(Clone, Model)]
struct Thing {
    #[tf(optional)]
    note: Tf<String>,
    #[tf(optional, always_answered)]
    seen: Tf<String>,
    #[tf(optional, never_answered)]
    token: Tf<String>,
    #[tf(optional, empty_is_null)]
    comment: Tf<String>,
    #[tf(optional, same_when = same_letters)]
    label: Tf<String>,
    #[tf(optional, computed, same_when = same_letters)]
    zone: Tf<String>,
    #[tf(optional, found_stays)]
    alias: Tf<String>,
    #[tf(optional, only_written)]
    tags: Tf<Map<String>>,
    #[tf(optional, unordered)]
    words: Tf<List<String>>,
    #[tf(optional, only_written)]
    by_name: Tf<Map<Part>>,
    #[tf(optional, only_written, keyed_by = "key")]
    parts: Tf<List<Part>>,
    #[tf(optional)]
    kinds: Tf<Set<Kind>>,
    #[tf(optional, keyed_by = "key")]
    peers: Tf<Set<Kind>>,
}

/// A part.
#[derive(Clone, Model)]
struct Part {
    #[tf(required)]
    key: Tf<String>,
    #[tf(optional)]
    note: Tf<String>,
    #[tf(optional, never_answered)]
    token: Tf<String>,
    #[tf(optional, write_only)]
    secret: Tf<Secret>,
}

/// What is in a set.
#[derive(Clone, Model)]
struct Kind {
    #[tf(required)]
    key: Tf<String>,
    #[tf(optional)]
    note: Tf<String>,
    #[tf(optional, never_answered)]
    token: Tf<String>,
    #[tf(computed)]
    state: Tf<String>,
}

fn same_letters(prior: &Value, other: &Value) -> bool {
    let lower = |value: &Value| value.as_str().map(str::to_lowercase).unwrap_or_default();
    lower(prior) == lower(other) || prior.as_str().is_none()
}

fn seen(prior: &Thing, answer: &Thing) -> Value {
    refresh(&Thing::schema(), &prior.to_value(), &answer.to_value(), &Found::default())
}

fn part(key: &str) -> Part {
    Part { key: key.into(), ..Part::default() }
}

fn kind(key: &str) -> Kind {
    Kind { key: key.into(), ..Kind::default() }
}

#[test]
fn what_an_answer_leaves_out_stays_unless_it_would_be_there() {
    let prior = Thing {
        note: "n".into(),
        seen: "s".into(),
        token: "t".into(),
        label: "Ab".into(),
        comment: "".into(),
        ..Thing::default()
    };
    let answer = Thing { token: "other".into(), label: "aB".into(), ..Thing::default() };
    let expected = Thing { seen: Tf::Null, ..prior.clone() };
    assert_eq!(seen(&prior, &answer), expected.to_value());
    let other = Thing { note: "m".into(), label: "x".into(), comment: "c".into(), ..answer };
    let state = seen(&prior, &other);
    for (name, text) in [(Thing::NOTE, "m"), (Thing::LABEL, "x"), (Thing::COMMENT, "c")] {
        assert_eq!(state.get(name).as_str(), Some(text), "{name}");
    }
}

#[test]
fn a_value_that_was_open_is_not_the_same_as_any_other() {
    let prior = Thing { zone: Tf::Unknown, ..Thing::default() };
    let answer = Thing { zone: "z".into(), ..Thing::default() };
    assert_eq!(seen(&prior, &answer).get(Thing::ZONE).as_str(), Some("z"));
}

#[test]
fn what_others_add_is_not_shown_unless_it_was_found() {
    let tags = |keys: &[&str]| Map::from_iter(keys.iter().map(|key| (*key, "v".to_owned()))).into();
    let prior = Thing {
        tags: tags(&["a"]),
        by_name: Map::from_iter([("a", part("a"))]).into(),
        parts: vec![part("b"), part("a")].into(),
        ..Thing::default()
    };
    let answer = Thing {
        note: "by somebody".into(),
        alias: "by somebody".into(),
        tags: tags(&["a", "b"]),
        by_name: Map::from_iter([("a", part("a")), ("b", part("b"))]).into(),
        parts: vec![part("a"), part("c"), part("b")].into(),
        ..Thing::default()
    };
    assert_eq!(seen(&prior, &answer), prior.to_value());
    let all = discover(&Thing::schema(), &answer.to_value());
    assert_eq!(all, answer.to_value());
    let found = Found::all_of(&Thing::attributes(), &all);
    let again = refresh(&Thing::schema(), &prior.to_value(), &answer.to_value(), &found);
    assert_eq!(again.get(Thing::ALIAS).as_str(), Some("by somebody"));
}

#[test]
fn elements_keep_what_no_answer_has_in_every_nesting() {
    let part = Part { note: "n".into(), token: "t".into(), ..part("a") };
    let kind = Kind { note: "n".into(), token: "t".into(), state: "s".into(), ..kind("a") };
    let prior = Thing {
        by_name: Map::from_iter([("a", part.clone())]).into(),
        parts: vec![part.clone()].into(),
        kinds: Set::from_iter([kind.clone(), self::kind("b")]).into(),
        peers: Set::from_iter([kind.clone()]).into(),
        ..Thing::default()
    };
    let sparse = Part { secret: "leaked".into(), ..self::part("a") };
    let answer = Thing {
        by_name: Map::from_iter([("a", sparse.clone())]).into(),
        parts: vec![sparse].into(),
        kinds: Set::from_iter([self::kind("b"), self::kind("a")]).into(),
        peers: Set::from_iter([self::kind("a")]).into(),
        ..Thing::default()
    };
    assert_eq!(seen(&prior, &answer), prior.to_value());
}

#[test]
fn a_list_without_order_stays_as_it_was_with_each_element_as_often() {
    let words = |words: &[&str]| Thing {
        words: List::from_iter(words.iter().map(|word| (*word).to_owned())).into(),
        ..Thing::default()
    };
    let prior = words(&["a", "b", "a"]);
    assert_eq!(seen(&prior, &words(&["b", "a", "a"])), prior.to_value());
    let other = words(&["b", "b", "a"]);
    assert_eq!(seen(&prior, &other), other.to_value());
}

#[test]
fn an_apply_returns_what_was_planned_though_others_have_changed_it_since() {
    let open = |key: &str| Kind { note: "n".into(), state: Tf::Unknown, ..kind(key) };
    let planned = Thing {
        kinds: Set::from_iter([open("a"), open("b")]).into(),
        peers: Set::from_iter([open("a")]).into(),
        ..Thing::default()
    };
    let done =
        |key: &str, note: &str| Kind { note: note.into(), state: "done".into(), ..kind(key) };
    let answer = Thing {
        kinds: Set::from_iter([done("b", "n"), done("a", "n")]).into(),
        peers: Set::from_iter([done("a", "changed"), done("c", "added")]).into(),
        ..Thing::default()
    };
    let schema = Thing::schema();
    let actual = refresh(&schema, &planned.to_value(), &answer.to_value(), &Found::default());
    let state = honour(&schema, &planned.to_value(), &actual);
    assert_eq!(oracle::check_applied(&schema, &planned.to_value(), &state), vec![]);
    let expected = Thing {
        kinds: Set::from_iter([done("a", "n"), done("b", "n")]).into(),
        peers: Set::from_iter([done("a", "n")]).into(),
        ..Thing::default()
    };
    assert_eq!(state, expected.to_value());
}

#[test]
fn a_large_collection_is_refreshed_without_comparing_each_with_each() {
    let items = |wanted: std::ops::Range<i64>| wanted.map(|n| kind(&n.to_string()));
    let many = |range: std::ops::Range<i64>| Thing {
        kinds: Set::from_iter(items(range.clone())).into(),
        peers: Set::from_iter(items(range)).into(),
        ..Thing::default()
    };
    // Each with each would be 400 million comparisons: minutes.
    let answer = many(1..20_001);
    let state = seen(&many(0..20_000), &answer);
    assert_eq!(state, answer.to_value());
}
