//! What the author of a resource needs, for one `use`.

pub use super::context::Context;
pub use super::diagnostics::{Diagnostic, Diagnostics};
pub use super::model::{List, Map, Model, Secret, Set, Tf, Timeouts};
pub use super::resource::{
    Answer, Change, Crud, Import, Outcome, Plan, Resource, Saved, crud, typed,
};
pub use super::testing::live;
