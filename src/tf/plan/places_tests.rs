//! Which element is which, and what may stay where.

use super::*;
use crate::tf::model::{List, Map, Model, Secret, Set, Tf};
use crate::tf::oracle;

/// A thing.
#[derive(Clone, Model)]
struct Thing {
    #[tf(optional)]
    note: Tf<String>,
    #[tf(computed, changes_on_update)]
    state: Tf<String>,
    #[tf(optional)]
    one: Tf<Part>,
    #[tf(optional, keyed_by = "key")]
    list: Tf<List<Part>>,
    #[tf(optional)]
    map: Tf<Map<Part>>,
    #[tf(optional)]
    set: Tf<Set<Member>>,
    #[tf(optional, keyed_by = "key")]
    keyed: Tf<Set<Member>>,
    #[tf(optional, unordered)]
    heap: Tf<List<Member>>,
    #[tf(block)]
    frame: Tf<Part>,
    #[tf(block, keyed_by = "key")]
    steps: Tf<List<Part>>,
    #[tf(block)]
    rules: Tf<Set<Member>>,
}

/// A part.
#[derive(Clone, Model)]
struct Part {
    #[tf(required)]
    key: Tf<String>,
    #[tf(optional, replaces)]
    fixed: Tf<String>,
    #[tf(optional, same_when = same_letters)]
    label: Tf<String>,
    #[tf(optional, computed, changes_with = "label")]
    digest: Tf<String>,
    #[tf(computed, changes_on_update)]
    state: Tf<String>,
    #[tf(optional, write_only)]
    secret: Tf<Secret>,
    #[tf(optional, keyed_by = "key")]
    inner: Tf<List<Inner>>,
}

/// What may be in a set.
#[derive(Clone, Model)]
struct Member {
    #[tf(required)]
    key: Tf<String>,
    #[tf(optional, replaces)]
    fixed: Tf<String>,
    #[tf(optional)]
    note: Tf<String>,
    #[tf(optional, empty_is_null)]
    comment: Tf<String>,
    #[tf(optional, computed, changes_with = "note")]
    digest: Tf<String>,
    #[tf(optional)]
    inner: Tf<Set<Inner>>,
}

/// What is deep inside.
#[derive(Clone, Model)]
struct Inner {
    #[tf(required)]
    key: Tf<String>,
    #[tf(computed)]
    state: Tf<String>,
}

fn same_letters(prior: &Value, other: &Value) -> bool {
    prior.as_str().map(str::to_lowercase) == other.as_str().map(str::to_lowercase)
}

fn part(key: &str) -> Part {
    Part { key: key.into(), fixed: "f".into(), label: "l".into(), ..Part::default() }
}

fn old_part(key: &str) -> Part {
    Part { digest: "d".into(), state: "s".into(), ..part(key) }
}

fn member(key: &str) -> Member {
    Member { key: key.into(), fixed: "f".into(), note: "n".into(), ..Member::default() }
}

fn old_member(key: &str) -> Member {
    Member { digest: format!("d-{key}").into(), ..member(key) }
}

fn set(members: impl IntoIterator<Item = Member>) -> Tf<Set<Member>> {
    Set::from_iter(members).into()
}

fn thing(thing: &Thing) -> Value {
    let mut value = thing.to_value();
    crate::tf::conform::complete(&Thing::schema(), &mut value);
    value
}

fn planned(prior: &Thing, config: &Thing) -> (Thing, Vec<String>) {
    let (schema, prior, config) = (Thing::schema(), thing(prior), thing(config));
    let planned = outline(&schema, &config, &prior, &Found::default());
    assert_eq!(oracle::check_plan(&schema, &prior, &config, &planned.state), vec![]);
    let paths = &planned.requires_replace;
    assert_eq!(oracle::check_replacements(&prior, &planned.state, paths), vec![]);
    let paths = paths.iter().map(ToString::to_string).collect();
    (Thing::from_value(&planned.state).unwrap(), paths)
}

/// Things with one object each, at every place that there is.
fn at_every_place(part: &Part, member: &Member) -> Vec<(&'static str, Thing)> {
    let (part, member) = (|| part.clone(), || member.clone());
    let empty = Thing::default();
    vec![
        ("one.fixed", Thing { one: Tf::Known(part()), ..empty.clone() }),
        ("list[0].fixed", Thing { list: vec![part()].into(), ..empty.clone() }),
        (
            "map[\"k\"].fixed",
            Thing { map: Map::from_iter([("k", part())]).into(), ..empty.clone() },
        ),
        ("set", Thing { set: set([member()]), ..empty.clone() }),
        ("keyed", Thing { keyed: set([member()]), ..empty.clone() }),
        ("frame.fixed", Thing { frame: Tf::Known(part()), ..empty.clone() }),
        ("steps[0].fixed", Thing { steps: vec![part()].into(), ..empty.clone() }),
        ("rules", Thing { rules: set([member()]), ..empty }),
    ]
}

#[test]
fn a_member_that_replaces_does_so_in_every_nesting_and_block() {
    let prior = at_every_place(&old_part("a"), &old_member("a"));
    let other =
        (Part { fixed: "g".into(), ..part("a") }, Member { fixed: "g".into(), ..member("a") });
    for ((path, prior), (_, config)) in prior.into_iter().zip(at_every_place(&other.0, &other.1)) {
        assert_eq!(planned(&prior, &config).1, [path]);
    }
}

#[test]
fn a_member_that_changes_with_another_is_opened_in_every_nesting_and_block_that_is_told_apart() {
    let prior = at_every_place(&old_part("a"), &old_member("a"));
    let other =
        (Part { label: "m".into(), ..part("a") }, Member { note: "m".into(), ..member("a") });
    for ((path, prior), (_, config)) in prior.into_iter().zip(at_every_place(&other.0, &other.1)) {
        let planned = thing(&planned(&prior, &config).0);
        let unknowns = format!("{planned:?}").matches("unknown").count();
        // The body's state, and the digest; the state of a part as well.
        let expected = if path.contains("fixed") { 3 } else { 2 };
        assert_eq!(unknowns, expected, "{path}");
    }
}

#[test]
fn a_write_only_value_makes_no_difference_in_any_nesting_or_block() {
    let prior = at_every_place(&old_part("a"), &old_member("a"));
    let with_secret = Part { secret: "s".into(), ..part("a") };
    for ((path, prior), (_, config)) in
        prior.into_iter().zip(at_every_place(&with_secret, &member("a")))
    {
        assert_eq!(thing(&planned(&prior, &config).0), thing(&prior), "{path}");
    }
}

#[test]
fn the_oracle_sees_a_planned_write_only_value_in_every_nesting_and_block() {
    let config = at_every_place(&part("a"), &member("a"));
    let leaking = Part { secret: "s".into(), ..part("a") };
    for ((path, config), (_, leaked)) in
        config.into_iter().zip(at_every_place(&leaking, &member("a")))
    {
        let (config, leaked) = (thing(&config), thing(&leaked));
        let broken = oracle::check_plan(&Thing::schema(), &Value::Null, &config, &leaked);
        let told = broken.iter().filter(|rule| rule.text.contains("write-only")).count();
        assert_eq!(told, usize::from(path.contains("fixed")), "{path}: {broken:?}");
        let broken = oracle::check_applied(&Thing::schema(), &leaked, &leaked);
        assert_eq!(broken.len(), usize::from(path.contains("fixed")), "{path}: {broken:?}");
    }
}

#[test]
fn what_means_the_same_stays_in_its_place_and_gives_way_when_the_element_moves() {
    let written = |label: &str, key: &str| Part { label: label.into(), ..part(key) };
    let prior = Thing {
        list: vec![old_part("a"), Part { label: "x".into(), ..old_part("b") }].into(),
        ..Thing::default()
    };
    let spelled =
        Thing { list: vec![written("L", "a"), written("x", "b")].into(), ..Thing::default() };
    assert_eq!(thing(&planned(&prior, &spelled).0), thing(&prior));
    let moved =
        Thing { list: vec![written("x", "b"), written("L", "a")].into(), ..Thing::default() };
    let list = planned(&prior, &moved).0.list.into_known().unwrap();
    let last = list.known().last().unwrap();
    assert_eq!(last.label, Tf::from("L"));
}

#[test]
fn a_reordering_deep_inside_is_a_mere_reordering_too() {
    let inner = |key: &str| Inner { key: key.into(), state: "s".into() };
    let of = |keys: [&str; 2], part: Part| Thing {
        one: Tf::Known(Part { inner: keys.map(inner).to_vec().into(), ..part }),
        state: "s".into(),
        ..Thing::default()
    };
    let bare = |config: Thing| config;
    let prior = of(["a", "b"], old_part("a"));
    let state = planned(&prior, &bare(of(["b", "a"], old_part("a")))).0;
    assert_eq!(state.state, Tf::from("s"));
    assert_ne!(thing(&state), thing(&prior));
}

#[test]
fn elements_of_a_set_are_known_again_by_all_that_is_written() {
    let inner = |state: Tf<String>| Set::from_iter([Inner { key: "i".into(), state }]).into();
    let old = Member { inner: inner("s".into()), ..old_member("a") };
    let prior = Thing { set: set([old, old_member("b")]), ..Thing::default() };
    // What the service decides deep inside, and an empty text, are no difference.
    let new = Member { inner: inner(Tf::Null), comment: "".into(), ..member("a") };
    let config =
        Thing { set: set([member("b"), Member { comment: Tf::Null, ..new }]), ..Thing::default() };
    assert_eq!(thing(&planned(&prior, &config).0), thing(&prior));
}

#[test]
fn a_list_without_order_takes_what_is_left_out_from_the_element_that_it_is() {
    let prior = Thing { heap: vec![old_member("a"), old_member("b")].into(), ..Thing::default() };
    let config = Thing { heap: vec![member("b"), member("a")].into(), ..Thing::default() };
    assert_eq!(thing(&planned(&prior, &config).0), thing(&prior));
    let twice = Thing { heap: vec![member("b"), member("b")].into(), ..Thing::default() };
    assert_ne!(thing(&planned(&prior, &twice).0), thing(&prior));
}

#[test]
fn elements_of_a_set_that_trade_what_does_not_replace_replace_nothing() {
    let of =
        |fixed: &str, note: &str| Member { fixed: fixed.into(), note: note.into(), ..member("k") };
    let old = |member: Member| Member { digest: "d".into(), ..member };
    let prior = Thing { set: set([old(of("f", "1")), old(of("g", "2"))]), ..Thing::default() };
    let config = Thing { set: set([of("g", "3"), of("f", "4")]), ..Thing::default() };
    assert_eq!(planned(&prior, &config).1, Vec::<String>::new());
    let config = Thing { set: set([of("g", "3"), of("h", "4")]), ..Thing::default() };
    assert_eq!(planned(&prior, &config).1, ["set"]);
}

#[test]
fn large_sets_are_planned_without_comparing_each_with_each() {
    let many = |one: fn(&str) -> Member, range: std::ops::Range<i64>| {
        set(range.map(|n| one(&n.to_string())))
    };
    let prior = Thing { set: many(old_member, 0..20_000), ..Thing::default() };
    let same = Thing { set: many(member, 0..20_000), ..Thing::default() };
    assert_eq!(thing(&planned(&prior, &same).0), thing(&prior));
    // Each with each would be 400 million comparisons: minutes.
    let replaced = |key: &str| Member { fixed: "g".into(), ..member(key) };
    let other = Thing { set: many(replaced, 1..20_001), ..Thing::default() };
    assert_eq!(planned(&prior, &other).1, ["set"]);
}
