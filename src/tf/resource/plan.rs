//! A plan that the schema has made and a resource adds to.

use std::marker::PhantomData;

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::found::Found;
use crate::tf::model::{Mismatch, Model};
use crate::tf::path::Path;
use crate::tf::plan::only_reordered;
use crate::tf::private::Private;
use crate::tf::schema::{Attribute, Behaviour, Schema};
use crate::tf::value::Value;
use crate::tf::walk::{self, At};

/// A plan as the schema has made it: to look at, to add to and to refuse.
pub struct Plan<'a, M> {
    schema: &'a Schema,
    prior: &'a Value,
    config: &'a Value,
    state: Value,
    found: &'a Found,
    /// Attributes whose change means a new object.
    pub requires_replace: Vec<Path>,
    /// Private data for the apply.
    pub private: Private,
    diagnostics: Diagnostics,
    model: PhantomData<fn() -> M>,
}

impl<'a, M: Model> Plan<'a, M> {
    pub(super) fn new(
        schema: &'a Schema,
        prior: &'a Value,
        config: &'a Value,
        state: Value,
        requires_replace: Vec<Path>,
        private: Private,
        found: &'a Found,
    ) -> Self {
        let diagnostics = Diagnostics::new();
        let model = PhantomData;
        Self { schema, prior, config, state, found, requires_replace, private, diagnostics, model }
    }

    pub(super) fn into_parts(self) -> (Value, Vec<Path>, Private, Diagnostics) {
        (self.state, self.requires_replace, self.private, self.diagnostics)
    }

    /// Says whether the object is to be made.
    pub fn is_create(&self) -> bool {
        self.prior.is_null()
    }

    /// Says whether nothing changes.
    pub fn is_noop(&self) -> bool {
        self.state == *self.prior
    }

    /// Says whether nothing changes but the order of elements.
    pub fn only_reorders(&self) -> bool {
        !self.is_noop() && only_reordered(&self.schema.attributes, self.prior, &self.state)
    }

    /// The object as it is; nothing is set in it on create.
    ///
    /// # Errors
    /// The value is not what the model says.
    pub fn prior(&self) -> Result<M, Mismatch> {
        if self.prior.is_null() { Ok(M::null()) } else { M::from_value(self.prior) }
    }

    /// What the user wrote.
    ///
    /// # Errors
    /// The value is not what the model says.
    pub fn config(&self) -> Result<M, Mismatch> {
        M::from_value(self.config)
    }

    /// The object as planned so far.
    ///
    /// # Errors
    /// The value is not what the model says.
    pub fn planned(&self) -> Result<M, Mismatch> {
        M::from_value(&self.state)
    }

    /// What the user can set and is planned otherwise than it is.
    pub fn changed(&self) -> impl Iterator<Item = &'a Attribute> {
        let (prior, state) = (self.prior, &self.state);
        self.schema.attributes.iter().filter(move |attribute| {
            let (before, after) = (prior.get(&attribute.name), state.get(&attribute.name));
            attribute.mode.is_configurable()
                && before != after
                && !attribute.behaviour.means_same(before, after)
        })
    }

    /// Says whether anything changes that has this behaviour.
    pub fn changes(&self, has: impl Fn(&Behaviour) -> bool) -> bool {
        self.changed().any(|attribute| has(&attribute.behaviour))
    }

    /// Says whether the attribute of this name is planned otherwise than it is.
    pub fn changes_attribute(&self, name: &str) -> bool {
        self.prior.get(name) != self.state.get(name)
    }

    /// Says whether an attribute of the body was found by an import or a move
    /// and has not been written by an apply yet.
    pub fn was_found(&self, name: &str) -> bool {
        let root = At::root();
        self.found.holds(&root.attribute(name))
    }

    /// Changes computed values that the configuration leaves out, as a model.
    ///
    /// # Errors
    /// The value is not what the model says.
    pub fn change(&mut self, change: impl FnOnce(&mut M)) -> Result<(), Mismatch> {
        let mut planned = self.planned()?;
        change(&mut planned);
        let mut state = planned.to_value();
        keep_promises(&self.schema.attributes, &mut state);
        // The order of sets and what was promised stay as they were.
        if state != self.state {
            self.state = state;
        }
        Ok(())
    }

    /// Plans a value for a computed attribute that the configuration leaves
    /// out.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.state.set_entry(name, value.into());
    }

    /// Leaves a computed attribute, or a member of it, to the apply.
    pub fn open(&mut self, path: &[&str]) {
        open(&self.schema.attributes, &mut self.state, path);
    }

    /// Takes back that an attribute needs a new object.
    pub fn does_not_replace(&mut self, name: &str) {
        self.requires_replace.retain(|path| *path != Path::of(name));
    }

    /// Adds a message; an error means that there is no plan.
    pub fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds messages.
    pub fn say_all(&mut self, diagnostics: Diagnostics) {
        self.diagnostics.extend(diagnostics);
    }
}

/// A model does not hold what is promised about an unknown value.
fn keep_promises(members: &[Attribute], object: &mut Value) {
    let Value::Object(entries) = object else { return };
    for member in members {
        match entries.get_mut(&member.name) {
            Some(value @ Value::Unknown(_)) => *value = member.unknown(),
            Some(value) => walk::change(member, &At::root(), value, [], |members, _, item, []| {
                keep_promises(members, item);
            }),
            None => {}
        }
    }
}

fn open(attributes: &[Attribute], object: &mut Value, path: &[&str]) {
    let Some((name, rest)) = path.split_first() else { return };
    let Some(attribute) = attributes.iter().find(|attribute| attribute.name == **name) else {
        return;
    };
    let Some(value) = object.entries_mut().and_then(|all| all.get_mut(*name)) else { return };
    match attribute.members() {
        Some(members) if !rest.is_empty() && value.entries().is_some() => {
            open(members, value, rest);
        }
        _ => *value = attribute.unknown(),
    }
}
