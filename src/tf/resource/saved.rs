//! Where an operation puts what it learns.

use std::fmt;
use std::marker::PhantomData;

use crate::tf::conform::unknowns_to_null;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::found::Found;
use crate::tf::keeper::Keeper;
use crate::tf::model::Model;
use crate::tf::private::Private;
use crate::tf::refresh::{discover, honour, refresh};
use crate::tf::schema::Schema;
use crate::tf::value::Value;

/// State and private data of an object, filled by an operation as it learns.
/// What was saved last leaves with every exit: `?`, a panic, a stop, a
/// deadline.
///
/// An operation saves what an *answer* says, as a model; what the state makes
/// of it follows from the behaviours of the schema.
pub struct Saved<'a, M> {
    keeper: &'a Keeper,
    schema: &'a Schema,
    /// What the state is made from together with an answer.
    prior: &'a Value,
    /// Null unless something is planned.
    planned: &'a Value,
    model: PhantomData<fn() -> M>,
}

impl<'a, M: Model> Saved<'a, M> {
    pub(super) fn new(
        keeper: &'a Keeper,
        schema: &'a Schema,
        prior: &'a Value,
        planned: &'a Value,
    ) -> Self {
        Self { keeper, schema, prior, planned, model: PhantomData }
    }

    /// Saves what an answer says of an object that is as it was before: after a
    /// refresh, or when a change did not come about.
    pub fn show(&self, answer: &M) {
        let base = if self.prior.is_null() { self.planned } else { self.prior };
        self.save(base, answer);
    }

    /// Saves what an answer says of an object that takes the plan on: what no
    /// answer returns is as planned.
    pub fn show_planned(&self, answer: &M) {
        self.save(self.planned, answer);
    }

    fn save(&self, base: &Value, answer: &M) {
        let found = Found::of(&self.keeper.private());
        self.keeper.set_state(refresh(self.schema, base, &answer.to_value(), &found));
    }

    /// Saves the object after the plan has been carried out: what was planned,
    /// and where that was open what the answer says.
    pub fn finish(&self, answer: &M) {
        let found = Found::of(&self.keeper.private());
        let actual = refresh(self.schema, self.planned, &answer.to_value(), &found);
        self.keeper.set_state(honour(self.schema, self.planned, &actual));
    }

    /// Says whether the plan leaves nothing to the apply.
    pub fn is_wholly_planned(&self) -> bool {
        self.planned.is_wholly_known()
    }

    /// Saves the object as planned: the change was Terraform's own affair.
    pub fn finish_locally(&self) {
        let mut state = self.planned.clone();
        unknowns_to_null(&mut state);
        self.keeper.set_state(state);
    }

    /// Saves an object that an import or a move has found. What of it is the
    /// user's stays until it is written.
    pub fn imported(&self, answer: &M) {
        let state = discover(self.schema, &answer.to_value());
        let found = Found::all_of(&self.schema.attributes, &state);
        self.keeper.change_private(|private| found.remember(private));
        self.keeper.set_state(state);
    }

    /// Saves that there is no object.
    pub fn remove(&self) {
        self.keeper.set_state(Value::Null);
    }

    /// The private data.
    pub fn private(&self) -> Private {
        self.keeper.private()
    }

    /// Changes the private data.
    pub fn change_private(&self, change: impl FnOnce(&mut Private)) {
        self.keeper.change_private(change);
    }

    /// Adds a warning for the user.
    pub fn warn(&self, warning: Diagnostic) {
        self.keeper.warn(warning);
    }
}

impl<M> fmt::Debug for Saved<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Saved").finish_non_exhaustive()
    }
}
