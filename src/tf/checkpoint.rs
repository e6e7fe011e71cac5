//! The object as it is best known while an apply runs.

use std::sync::{Arc, Mutex, PoisonError};

use super::private::Private;
use super::value::Value;

/// A place where an apply puts the object as soon as the service may have
/// accepted it, so that a panic or any other unplanned end still carries it
/// into the state. Cloning shares the place.
#[derive(Debug, Clone, Default)]
pub struct Checkpoint(Arc<Mutex<Option<(Value, Private)>>>);

impl Checkpoint {
    /// An empty place.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the object there, in place of an earlier one. The object must be
    /// complete for its schema; unknown members are allowed and become null if
    /// this is the last that is known.
    pub fn record(&self, state: Value, private: Private) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((state, private));
    }

    /// Takes out the last object put there.
    pub fn take(&self) -> Option<(Value, Private)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
