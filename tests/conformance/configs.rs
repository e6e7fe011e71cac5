//! Configurations of any schema, at random.

use fastrand::Rng;
use serde_json::{Map, Value as Json};
use terraform_provider_modelarts::tf::model::Model;
use terraform_provider_modelarts::tf::schema::{Attribute, Mode, Nesting};
use terraform_provider_modelarts::tf::ty::Type;
use terraform_provider_modelarts::tf::value::Value;

use super::everything::Everything;

/// What may stand in a configuration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Making {
    /// Of how many attributes one is written.
    pub(crate) rarity: u8,
    /// Whether something may be unknown.
    pub(crate) unknowns: bool,
}

/// A configuration of everything.
pub(crate) fn config(making: Making, chance: &mut Rng) -> Value {
    object(&Everything::attributes(), making, chance)
}

fn object(attributes: &[Attribute], making: Making, chance: &mut Rng) -> Value {
    Value::object(
        attributes
            .iter()
            .map(|attribute| (attribute.name.clone(), attribute_value(attribute, making, chance))),
    )
}

fn attribute_value(attribute: &Attribute, making: Making, chance: &mut Rng) -> Value {
    if attribute.mode == Mode::Computed {
        return Value::Null;
    }
    let is_key = attribute.name == "key";
    if making.unknowns && !is_key && chance.u8(0..8) == 0 {
        return Value::UNKNOWN;
    }
    if attribute.mode != Mode::Required && chance.u8(0..making.rarity) != 0 {
        return attribute.absent();
    }
    let Some(members) = attribute.members() else { return plain(&attribute.ty(), chance) };
    let items = |chance: &mut Rng| {
        let mut keys = vec!["a", "b", "c", "d"];
        chance.shuffle(&mut keys);
        let some = keys.into_iter().take(chance.usize(0..4));
        some.map(|key| {
            let mut item = object(members, making, chance);
            item.set_entry("key", key.into());
            (key, item)
        })
        .collect::<Vec<_>>()
    };
    match attribute.nesting().unwrap() {
        Nesting::Single => object(members, making, chance),
        Nesting::List => Value::List(items(chance).into_iter().map(|(_, item)| item).collect()),
        Nesting::Set => Value::set(items(chance).into_iter().map(|(_, item)| item)),
        Nesting::Map => Value::map(items(chance)),
    }
}

fn plain(ty: &Type, chance: &mut Rng) -> Value {
    let count = chance.usize(0..4);
    match ty {
        Type::Number => Value::from(chance.i64(0..3)),
        Type::Bool => Value::from(chance.bool()),
        Type::List(element) => Value::List((0..count).map(|_| plain(element, chance)).collect()),
        Type::Set(element) => Value::set((0..count).map(|_| plain(element, chance))),
        Type::Map(element) => {
            let keys = ["a", "b", "c", "d"].into_iter().take(count);
            Value::map(keys.map(|key| (key, plain(element, chance))).collect::<Vec<_>>())
        }
        _ => Value::from(*chance.choice(&["", "a", "b", "A"]).unwrap()),
    }
}

/// The same with some of it changed.
pub(crate) fn changed(config: &Value, making: Making, chance: &mut Rng) -> Value {
    let mut changed = config.clone();
    let other = self::config(making, chance);
    let attributes = Everything::attributes();
    for _ in 0..chance.usize(1..4) {
        let attribute = chance.choice(&attributes).unwrap();
        changed.set_entry(&attribute.name, other.get(&attribute.name).clone());
    }
    if chance.bool() {
        let lists = attributes.iter().map(|attribute| &attribute.name);
        for name in lists {
            if let Value::List(items) | Value::Set(items) =
                &mut changed.entries_mut().unwrap().get_mut(name).unwrap()
            {
                chance.shuffle(items);
            }
        }
    }
    changed
}

/// What is written, to read.
pub(crate) fn shown(value: &Value) -> Json {
    match value {
        Value::Object(entries) | Value::Map(entries) => {
            let written = entries.iter().filter(|(_, value)| !value.is_null());
            Json::Object(written.map(|(k, v)| (k.clone(), shown(v))).collect::<Map<_, _>>())
        }
        Value::List(items) | Value::Set(items) => Json::Array(items.iter().map(shown).collect()),
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => number.as_i64().into(),
        Value::Bool(truth) => (*truth).into(),
        Value::Unknown(_) => "(unknown)".into(),
        _ => Json::Null,
    }
}
