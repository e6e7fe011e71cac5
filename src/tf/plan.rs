//! Planning from schema behaviours.

use super::diagnostics::Diagnostics;
use super::resource::{PlanRequest, Planned};
use super::schema::Schema;

/// Plans a create or an update as the schema says.
pub fn plan(_schema: &Schema, request: &PlanRequest) -> Planned {
    Planned {
        state: request.proposed.clone(),
        requires_replace: Vec::new(),
        private: request.private.clone(),
        diagnostics: Diagnostics::new(),
    }
}
