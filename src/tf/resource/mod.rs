//! Managed resources.
//!
//! An author writes a [`Model`] and implements [`Resource`] for it. The
//! runtime sees [`AnyResource`], which [`typed`] makes of it. Where each
//! operation is one request, implementing [`Crud`] is enough.

mod change;
mod crud;
mod erased;
mod import;
mod plan;
mod saved;

use serde_json::Value as Json;

use super::context::Context;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::model::Model;
use super::private::Private;
use super::schema::Schema;
use super::value::Value;

pub use change::Change;
pub use crud::{Answer, Crud, crud};
pub use erased::{AnyResource, ChangeRequest, MoveRequest, PlanRequest, Planned, typed};
pub use import::Import;
pub use plan::Plan;
pub use saved::Saved;

/// How an operation ends. Errors are what the user reads; the object and its
/// private data leave by [`Saved`] either way.
pub type Outcome = Result<(), Diagnostics>;

/// A kind of managed object.
///
/// The runtime catches panics, checks every answer against the protocol's
/// rules, nulls write-only values and adds what is missing, so an
/// implementation states only what is its own.
pub trait Resource: Send + Sync + Sized + 'static {
    /// What it accepts and stores.
    type Model: Model + Send + Sync;

    /// Its name, such as `modelarts_pool`.
    const TYPE_NAME: &'static str;

    /// Version of the state. Raised when its shape changes in a way that needs
    /// an upgrade.
    const VERSION: i64 = 0;

    /// Checks a configuration, which may hold unknowns, without the network.
    /// That mandatory values are there has been checked.
    fn validate(&self, _config: &Self::Model) -> Diagnostics {
        Diagnostics::new()
    }

    /// Adds to a plan what the schema cannot say by itself.
    ///
    /// # Errors
    /// Why there is no plan.
    fn plan(
        &self,
        _cx: &Context,
        _plan: &mut Plan<'_, Self::Model>,
    ) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }

    /// Checks a planned destroy; messages with an error refuse it.
    fn plan_destroy(
        &self,
        _cx: &Context,
        _prior: &Self::Model,
        _private: &Private,
    ) -> impl Future<Output = Diagnostics> + Send {
        async { Diagnostics::new() }
    }

    /// Makes the object. `new.prior` has nothing set.
    ///
    /// # Errors
    /// What went wrong. If an object has been saved by then, Terraform marks it
    /// as tainted.
    fn create(
        &self,
        cx: &Context,
        new: &Change<Self::Model>,
        saved: &Saved<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send;

    /// Changes the object in place.
    ///
    /// # Errors
    /// What went wrong.
    fn update(
        &self,
        cx: &Context,
        change: &Change<Self::Model>,
        saved: &Saved<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send;

    /// Destroys the object; success means that it is gone.
    ///
    /// # Errors
    /// What went wrong; the object stays in the state.
    fn delete(
        &self,
        cx: &Context,
        prior: &Self::Model,
        saved: &Saved<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send;

    /// Looks at the object and saves what it sees: [`Saved::show`], or
    /// [`Saved::remove`] only when the service said that it does not exist.
    ///
    /// # Errors
    /// What went wrong; the object stays as it was.
    fn read(
        &self,
        cx: &Context,
        prior: &Self::Model,
        saved: &Saved<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send;

    /// Finds an existing object by what the user gave, and saves it with
    /// [`Saved::imported`].
    ///
    /// # Errors
    /// Why it was not found.
    fn import(
        &self,
        _cx: &Context,
        _what: Import<'_>,
        _saved: &Saved<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send {
        let detail = format!("{} cannot be imported.", Self::TYPE_NAME);
        async { Err(Diagnostic::error("Import is not supported", detail).into()) }
    }

    /// What names an object for good, so that whoever may see it finds it again
    /// (protocol 6.9, Terraform 1.12). Required attributes are needed for an
    /// import, optional ones may be left out. `None` where there is no such thing.
    fn identity_schema() -> Option<Schema> {
        None
    }

    /// The identity of an object, as far as it is known. Asked for whenever an
    /// object leaves an operation, so the state always has it.
    fn identity(&self, _object: &Self::Model) -> Value {
        Value::Null
    }

    /// Says whether the provider, as configured, is the right one for an object
    /// of this identity. What it cannot see is not gone.
    ///
    /// # Errors
    /// Where the object is, and what to change.
    fn reaches(&self, _cx: &Context, _identity: &Value) -> impl Future<Output = Outcome> + Send {
        async { Ok(()) }
    }

    /// Takes out of a configuration that follows from an object what the user
    /// need not write. What the schema says by itself has been taken out.
    fn generated(&self, config: Self::Model) -> Self::Model {
        config
    }

    /// Brings the state of an older version to the present one. Only called
    /// when the version differs.
    ///
    /// # Errors
    /// Why it cannot.
    fn upgrade(&self, version: i64, _state: Json) -> Result<Json, Diagnostic> {
        Err(Diagnostic::error(
            "Unknown state version",
            format!(
                "The state of this {} has schema version {version}, which no release of this \
                 provider has written. Use the provider version that wrote it.",
                Self::TYPE_NAME
            ),
        ))
    }

    /// Takes over the state of another provider's type, without the network,
    /// and saves it with [`Saved::imported`]; `None` when it does not know the
    /// source.
    fn move_state(&self, _from: &MoveRequest, _saved: &Saved<Self::Model>) -> Option<Outcome> {
        None
    }
}
