//! What leaves an operation, however it ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::diagnostics::{Diagnostic, Diagnostics};
use super::private::Private;
use super::value::Value;

/// What an operation leaves behind.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The object; null when there is none.
    pub state: Value,
    /// Private data to store with it.
    pub private: Private,
    /// What the user should know although it went well.
    pub warnings: Diagnostics,
}

/// The place where an operation puts what it learns, as it learns it. Whatever
/// was put there last leaves with every exit: an error, a panic, a stop, a
/// deadline. Cloning shares the place.
#[derive(Debug, Clone, Default)]
pub struct Keeper(Arc<Mutex<Kept>>);

impl Keeper {
    /// A place that holds an object with its private data.
    pub fn new(state: Value, private: Private) -> Self {
        Self(Arc::new(Mutex::new(Kept { state, private, warnings: Diagnostics::new() })))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an object there, in place of the earlier one. It may hold unknown
    /// parts; they become null if this is the last that is known.
    pub fn set_state(&self, state: Value) {
        self.lock().state = state;
    }

    /// The object as last put there.
    pub fn state(&self) -> Value {
        self.lock().state.clone()
    }

    /// The private data.
    pub fn private(&self) -> Private {
        self.lock().private.clone()
    }

    /// Changes the private data.
    pub fn change_private(&self, change: impl FnOnce(&mut Private)) {
        change(&mut self.lock().private);
    }

    /// Adds a warning.
    pub fn warn(&self, warning: Diagnostic) {
        self.lock().warnings.push(warning);
    }

    /// Takes out everything.
    pub fn take(&self) -> Kept {
        std::mem::take(&mut *self.lock())
    }
}
