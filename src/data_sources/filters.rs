//! What narrows a list down, for data sources and list resources alike.

use crate::resources::session::Session;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::Model;

use super::names::Names;

/// Parameters of a list call; those that are `None` are left out.
pub type Parameters = Vec<(&'static str, Option<String>)>;

/// What the user says about the objects of a kind that are looked for.
pub trait Filters: Model + Send + Sync + 'static {
    /// The model of the objects.
    type Of: Model;

    /// What is wrong with them.
    fn check(&self) -> Diagnostics;

    /// The filter on names.
    ///
    /// # Errors
    /// The pattern is none.
    fn names(&self) -> Result<Names, Diagnostic>;

    /// What the service filters itself.
    fn parameters(&self, session: &dyn Session) -> Parameters;

    /// Says whether an object passes what the service does not filter, besides
    /// names.
    fn pass(&self, object: &Self::Of) -> bool;
}

/// Parameters as a call takes them.
pub fn query(parameters: &Parameters) -> Vec<(&'static str, Option<&str>)> {
    parameters.iter().map(|(key, value)| (*key, value.as_deref())).collect()
}
