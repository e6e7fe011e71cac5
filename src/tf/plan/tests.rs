use super::*;
use crate::tf::model::{List, Map, Model, Secret, Tf};
use crate::tf::oracle;
use proptest::prelude::*;

/// A thing.
#[derive(Model)]
struct Thing {
    #[tf(computed, not_null)]
    id: Tf<String>,
    #[tf(required, replaces)]
    name: Tf<String>,
    #[tf(optional)]
    note: Tf<String>,
    #[tf(optional, computed, default = "plain")]
    kind: Tf<String>,
    #[tf(optional, computed)]
    zone: Tf<String>,
    #[tf(optional, write_only)]
    secret: Tf<Secret>,
    #[tf(optional, replaces_unless_prior_null)]
    period: Tf<String>,
    #[tf(optional)]
    tags: Tf<Map<String>>,
    #[tf(optional, computed)]
    net: Tf<Net>,
    #[tf(required, keyed_by = "name")]
    items: Tf<List<Item>>,
    #[tf(computed, changes_on_update)]
    status: Tf<String>,
}

/// A network.
#[derive(Model)]
struct Net {
    #[tf(optional)]
    name: Tf<String>,
    #[tf(computed)]
    mode: Tf<String>,
}

/// An item.
#[derive(Model)]
struct Item {
    #[tf(required)]
    name: Tf<String>,
    #[tf(required)]
    count: Tf<i64>,
    #[tf(optional, computed, changes_with = "count")]
    max: Tf<i64>,
    #[tf(optional, computed)]
    pool: Tf<String>,
}

fn schema() -> Schema {
    Thing::schema()
}

fn item(name: &str, count: i64) -> Value {
    Value::object([
        ("name", Value::from(name)),
        ("count", count.into()),
        ("max", Value::Null),
        ("pool", Value::Null),
    ])
}

fn full(name: &str, count: i64) -> Value {
    Value::object([
        ("name", Value::from(name)),
        ("count", count.into()),
        ("max", count.into()),
        ("pool", format!("{name}-default").into()),
    ])
}

fn object(changes: &[(&str, Value)], defaults: &[(&str, Value)]) -> Value {
    let mut object = schema().empty();
    for (name, value) in defaults.iter().chain(changes) {
        object.set_entry(name, value.clone());
    }
    object
}

fn config(changes: &[(&str, Value)]) -> Value {
    let items = Value::List(vec![item("a", 1), item("b", 2)]);
    object(changes, &[("name", "one".into()), ("items", items)])
}

fn prior(changes: &[(&str, Value)]) -> Value {
    let net = Value::object([("name", Value::from("n")), ("mode", "flat".into())]);
    let items = Value::List(vec![full("a", 1), full("b", 2)]);
    let defaults = [
        ("id", Value::from("1")),
        ("name", "one".into()),
        ("kind", "plain".into()),
        ("zone", "z".into()),
        ("net", net),
        ("items", items),
        ("status", "fine".into()),
    ];
    object(changes, &defaults)
}

fn planned(prior: &Value, config: &Value) -> Outline {
    let planned = outline(&schema(), config, prior, &Found::default());
    assert_eq!(oracle::check_plan(&schema(), prior, config, &planned.state), vec![]);
    assert_eq!(
        oracle::check_replacements(prior, &planned.state, &planned.requires_replace),
        vec![]
    );
    planned
}

#[test]
fn a_create_leaves_computed_values_unknown_and_fills_defaults() {
    let state = planned(&Value::Null, &config(&[])).state;
    assert!(matches!(state.get("id"), Value::Unknown(promise) if promise.not_null));
    assert!(state.get("zone").is_unknown());
    assert!(state.get("net").is_unknown());
    assert_eq!(state.get("kind"), &Value::from("plain"));
    assert!(state.get("note").is_null());
    let first = state.get("items").elements().and_then(|items| items.first()).cloned();
    assert!(first.is_some_and(|item| item.get("max").is_unknown()));
}

#[test]
fn no_change_plans_the_prior_object_itself() {
    let before = prior(&[]);
    let after = planned(&before, &config(&[]));
    assert_eq!(after.state, before);
    assert!(after.state.is_wholly_known());
}

#[test]
fn a_change_makes_unknown_only_what_it_can_change() {
    let state = planned(&prior(&[]), &config(&[("note", "new".into())])).state;
    assert!(state.get("status").is_unknown());
    assert_eq!(state.get("zone"), &Value::from("z"));
    assert_eq!(state.get("id"), &Value::from("1"));
    assert_eq!(state.get("items"), prior(&[]).get("items"));
}

#[test]
fn elements_are_matched_by_key_when_one_is_put_in_front() {
    let items = Value::List(vec![item("new", 9), item("a", 1), item("b", 2)]);
    let state = planned(&prior(&[]), &config(&[("items", items)])).state;
    let items = state.get("items").elements().unwrap().to_vec();
    assert!(items[0].get("max").is_unknown());
    assert_eq!(items[1], full("a", 1));
    assert_eq!(items[2], full("b", 2));
}

#[test]
fn a_changed_sibling_makes_a_dependent_value_unknown_in_its_element_alone() {
    let items = Value::List(vec![item("b", 5), item("a", 1)]);
    let state = planned(&prior(&[]), &config(&[("items", items)])).state;
    let items = state.get("items").elements().unwrap().to_vec();
    assert!(items[0].get("max").is_unknown());
    assert_eq!(items[0].get("pool"), &Value::from("b-default"));
    assert_eq!(items[1], full("a", 1));
}

#[test]
fn a_mere_reordering_changes_the_order_and_nothing_else() {
    let items = Value::List(vec![item("b", 2), item("a", 1)]);
    let state = planned(&prior(&[]), &config(&[("items", items)])).state;
    assert!(state.is_wholly_known());
    assert_ne!(state, prior(&[]));
    assert_eq!(state.get("status"), &Value::from("fine"));
}

#[test]
fn an_unset_object_that_the_service_filled_stays() {
    let state = planned(&prior(&[]), &config(&[("note", "x".into())])).state;
    assert_eq!(state.get("net"), prior(&[]).get("net"));
}

#[test]
fn taking_out_an_optional_value_clears_it_and_a_computed_one_keeps_it() {
    let before = prior(&[("note", "old".into()), ("zone", "user".into())]);
    let state = planned(&before, &config(&[])).state;
    assert!(state.get("note").is_null());
    assert_eq!(state.get("zone"), &Value::from("user"));
}

#[test]
fn a_default_comes_back_when_its_attribute_is_taken_out() {
    let state = planned(&prior(&[("kind", "odd".into())]), &config(&[])).state;
    assert_eq!(state.get("kind"), &Value::from("plain"));
}

#[test]
fn write_only_values_are_planned_as_null() {
    let state = planned(&prior(&[]), &config(&[("secret", "s".into())])).state;
    assert_eq!(state, prior(&[]));
}

#[test]
fn replacement_is_asked_for_where_the_schema_says_so() {
    let after = planned(&prior(&[]), &config(&[("name", "two".into())]));
    assert_eq!(after.requires_replace, vec![Path::of("name")]);
    assert!(planned(&Value::Null, &config(&[])).requires_replace.is_empty());
}

#[test]
fn a_value_that_the_service_never_returns_is_taken_over_without_replacement() {
    let with = |text: &str| config(&[("period", text.into())]);
    assert!(planned(&prior(&[]), &with("1")).requires_replace.is_empty());
    let known = prior(&[("period", "1".into())]);
    assert_eq!(planned(&known, &with("2")).requires_replace, vec![Path::of("period")]);
}

fn texts() -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), "[a-c]{0,2}".prop_map(Value::from), Just(Value::UNKNOWN),]
}

fn items() -> impl Strategy<Value = Value> {
    proptest::collection::btree_map("[a-d]", 1..4i64, 0..4).prop_flat_map(|all| {
        let all: Vec<_> = all.into_iter().map(|(name, count)| item(&name, count)).collect();
        Just(all).prop_shuffle().prop_map(Value::List)
    })
}

fn configs() -> impl Strategy<Value = Value> {
    (texts(), texts(), texts(), texts(), items()).prop_map(|(note, kind, zone, period, items)| {
        config(&[
            ("note", note),
            ("kind", kind),
            ("zone", zone),
            ("period", period),
            ("items", items),
        ])
    })
}

/// What an apply could return: the plan with every unknown decided.
fn decided(value: &Value) -> Value {
    match value {
        Value::Unknown(_) => Value::from("decided"),
        Value::List(items) => Value::List(items.iter().map(decided).collect()),
        Value::Object(members) => Value::object(members.iter().map(|(name, member)| {
            let number = name == "max" && member.is_unknown();
            (name.clone(), if number { 7i64.into() } else { decided(member) })
        })),
        other => other.clone(),
    }
}

fn resolved(config: &Value) -> Value {
    match config {
        Value::Unknown(_) => Value::from("decided"),
        Value::List(items) => Value::List(items.iter().map(resolved).collect()),
        Value::Object(members) => {
            Value::object(members.iter().map(|(name, m)| (name.clone(), resolved(m))))
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn plans_are_valid_settle_and_agree_with_themselves(first in configs(), second in configs()) {
        let created = planned(&Value::Null, &first).state;
        let mut object = decided(&created);
        if object.get("net") == &Value::from("decided") {
            object.set_entry("net", Value::object([("name", Value::Null), ("mode", "flat".into())]));
        }
        // Applied and planned again with what is now known: nothing to do.
        let first = resolved(&first);
        prop_assert_eq!(&planned(&object, &first).state, &object);
        // Any change is a valid plan, and planning is deterministic.
        let changed = planned(&object, &second).state;
        prop_assert_eq!(&planned(&object, &second).state, &changed);
        // With its unknowns decided, the plan's known values stay what they were.
        let again = planned(&object, &resolved(&second)).state;
        prop_assert_eq!(oracle::check_applied(&schema(), &mask(&changed), &mask(&again)), vec![]);
    }
}

/// Computed values may be unknown in both plans; only known ones must agree.
fn mask(plan: &Value) -> Value {
    let mut plan = plan.clone();
    for name in ["status", "id", "net"] {
        plan.set_entry(name, Value::Null);
    }
    fn decide(value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(decide),
            Value::Object(members) => {
                for (name, member) in members {
                    if name == "max" || name == "pool" || name == "zone" {
                        *member = Value::Null;
                    } else {
                        decide(member);
                    }
                }
            }
            _ => {}
        }
    }
    decide(&mut plan);
    plan
}
