//! A service that keeps objects of the model and answers as behaviours allow:
//! it leaves out, reorders, adds and spells otherwise.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use terraform_provider_modelarts::tf::prelude::*;
use terraform_provider_modelarts::tf::schema::{Answered, Attribute, Mode, Nesting, Schema};
use terraform_provider_modelarts::tf::ty::Type;
use terraform_provider_modelarts::tf::value::Value;

use super::everything::Everything;

/// How the service answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    /// Where chance begins.
    pub(crate) seed: u64,
    /// It leaves out what it may leave out, about one time in three.
    pub(crate) is_sparse: bool,
    /// It adds what nobody asked for.
    pub(crate) adds: bool,
}

pub(crate) struct Service {
    objects: Mutex<BTreeMap<String, Value>>,
    manners: Manners,
    calls: AtomicU64,
}

impl Service {
    pub(crate) fn new(manners: Manners) -> Self {
        Self { objects: Mutex::default(), manners, calls: AtomicU64::default() }
    }

    /// Takes an object as planned; what is open it decides.
    fn put(&self, id: &str, mut object: Value) -> Everything {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        decide(&Everything::attributes(), &mut object, call);
        object.set_entry(Everything::ID, id.into());
        self.objects.lock().unwrap().insert(id.to_owned(), object.clone());
        self.answer(&object, self.manners)
    }

    fn answer(&self, object: &Value, manners: Manners) -> Everything {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let mut chance = fastrand::Rng::with_seed(manners.seed.wrapping_add(call));
        let answer = said(&Everything::attributes(), object, manners, &mut chance, true);
        Everything::from_value(&answer).unwrap()
    }

    fn get(&self, id: &str) -> Option<Value> {
        self.objects.lock().unwrap().get(id).cloned()
    }
}

/// Decides what is unknown.
fn decide(attributes: &[Attribute], object: &mut Value, call: u64) {
    for attribute in attributes {
        let mut value = object.get(&attribute.name).clone();
        if value.is_unknown() {
            value = decided(&attribute.ty(), call);
        }
        inside(attribute, &mut value, &mut |members, item| decide(members, item, call));
        object.set_entry(&attribute.name, value);
    }
}

fn decided(ty: &Type, call: u64) -> Value {
    match ty {
        Type::Number => Value::from(i64::try_from(call).unwrap()),
        Type::Bool => Value::from(call.is_multiple_of(2)),
        Type::List(_) => Value::List(vec![]),
        Type::Set(_) => Value::Set(vec![]),
        Type::Map(_) => Value::map::<String>([]),
        Type::Object(members) => {
            Value::object(members.iter().map(|(name, ty)| (name.clone(), decided(ty, call))))
        }
        _ => Value::from(format!("decided in call {call}")),
    }
}

/// Changes the objects in a value, one by one.
pub(crate) fn inside(
    attribute: &Attribute,
    value: &mut Value,
    act: &mut impl FnMut(&[Attribute], &mut Value),
) {
    let Some(members) = attribute.members() else { return };
    match value {
        Value::Object(_) => act(members, value),
        Value::List(items) => items.iter_mut().for_each(|item| act(members, item)),
        Value::Set(items) => {
            items.iter_mut().for_each(|item| act(members, item));
            *value = Value::set(std::mem::take(items));
        }
        Value::Map(entries) => entries.values_mut().for_each(|item| act(members, item)),
        _ => {}
    }
}

/// What an answer says of an object.
fn said(
    attributes: &[Attribute],
    object: &Value,
    manners: Manners,
    chance: &mut fastrand::Rng,
    is_body: bool,
) -> Value {
    Value::object(attributes.iter().map(|attribute| {
        let name = attribute.name.clone();
        let mut value = object.get(&name).clone();
        let behaviour = &attribute.behaviour;
        // What tells elements apart, and the name of the object, is always said.
        let may_be_left_out = behaviour.answered == Answered::Sometimes
            && name != "key"
            && name != Everything::ID
            && attribute.mode != Mode::Required;
        let is_left_out = may_be_left_out && manners.is_sparse && chance.u8(0..3) == 0;
        if attribute.write_only || behaviour.answered == Answered::Never || is_left_out {
            return (name, Value::Null);
        }
        inside(attribute, &mut value, &mut |members, item| {
            *item = said(members, item, manners, chance, false);
        });
        in_other_words(attribute, &mut value, chance);
        if manners.adds {
            add(attribute, &mut value, is_body);
        }
        (name, value)
    }))
}

/// The same in the service's own way.
fn in_other_words(attribute: &Attribute, value: &mut Value, chance: &mut fastrand::Rng) {
    let behaviour = &attribute.behaviour;
    match value {
        Value::Set(items) => chance.shuffle(items),
        Value::List(items) if behaviour.unordered || behaviour.keys.is_some() => {
            chance.shuffle(items);
        }
        Value::String(text) if behaviour.same.is_some() => *text = text.to_uppercase(),
        Value::String(text) if behaviour.empty_is_null && text.is_empty() => *value = Value::Null,
        Value::Null if behaviour.empty_is_null && chance.bool() => *value = Value::from(""),
        _ => {}
    }
}

/// What somebody else has added.
fn add(attribute: &Attribute, value: &mut Value, is_body: bool) {
    let behaviour = &attribute.behaviour;
    let is_managed = behaviour.answered == Answered::Always || behaviour.empty_is_null;
    match value {
        Value::Map(entries) if behaviour.only_written && attribute.members().is_none() => {
            entries.insert("added".to_owned(), Value::from("by somebody"));
        }
        Value::Map(entries) if behaviour.only_written => {
            if let Some(one) = entries.values().next().cloned() {
                entries.insert("added".to_owned(), one);
            }
        }
        Value::Null
            if attribute.mode == Mode::Optional
                && !is_managed
                && is_body
                && attribute.ty() == Type::String =>
        {
            *value = Value::from("added");
        }
        Value::Null if behaviour.found_stays && attribute.ty() == Type::String => {
            *value = Value::from("added");
        }
        _ => {}
    }
    debug_assert!(
        attribute.nesting() != Some(Nesting::Set) || value.elements().is_some() || value.is_null()
    );
}

impl Resource for Service {
    type Model = Everything;
    const TYPE_NAME: &'static str = "test_everything";

    async fn create(
        &self,
        _: &Context,
        new: &Change<Everything>,
        saved: &Saved<'_, Everything>,
    ) -> Outcome {
        let id = format!("thing-{}", self.calls.fetch_add(1, Ordering::Relaxed));
        saved.finish(&self.put(&id, new.planned.to_value()));
        Ok(())
    }

    async fn update(
        &self,
        _: &Context,
        change: &Change<Everything>,
        saved: &Saved<'_, Everything>,
    ) -> Outcome {
        let id = change.prior.id.text().unwrap();
        assert_eq!(change.prior.name, change.planned.name, "it should have been replaced");
        saved.finish(&self.put(id, change.planned.to_value()));
        Ok(())
    }

    async fn delete(&self, _: &Context, prior: &Everything, _: &Saved<'_, Everything>) -> Outcome {
        self.objects.lock().unwrap().remove(prior.id.text().unwrap());
        Ok(())
    }

    async fn read(
        &self,
        _: &Context,
        prior: &Everything,
        saved: &Saved<'_, Everything>,
    ) -> Outcome {
        match self.get(prior.id.text().unwrap()) {
            Some(object) => saved.show(&self.answer(&object, self.manners)),
            None => saved.remove(),
        }
        Ok(())
    }

    async fn import(
        &self,
        _: &Context,
        what: Import<'_>,
        saved: &Saved<'_, Everything>,
    ) -> Outcome {
        let id = match what {
            Import::Id(id) => id,
            Import::Identity(identity) => identity.get(Everything::ID).as_str().unwrap(),
        };
        let manners = Manners { is_sparse: false, ..self.manners };
        let found =
            self.get(id).ok_or_else(|| Diagnostic::error("Nothing there", "Try another."))?;
        saved.imported(&self.answer(&found, manners));
        Ok(())
    }

    fn identity_schema() -> Option<Schema> {
        let id = Attribute::string(Everything::ID, Mode::Required, "");
        Some(Schema::new(vec![id], ""))
    }

    fn identity(&self, object: &Everything) -> Value {
        Value::object([(Everything::ID, object.id.to_value())])
    }
}
