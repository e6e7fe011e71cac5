//! Checks of a configuration before anything is asked of the service.
//!
//! The rules are those that the API documents (API reference, restrictions).
//! Where its documents disagree there is a warning instead of an error.
//! Unknown values are not judged, nor is what depends on one.

mod billing;
mod entry;
mod keys;
mod kind;
mod network;
mod texts;
mod volumes;

#[cfg(test)]
mod tests;

use super::schema::PoolModel;
use crate::tf::diagnostics::{Diagnostics, Severity};

/// New nodes per request (user guide).
pub const SAFE_GROWTH: i64 = 30;

/// Finds everything that is wrong with a configuration.
pub fn validate(pool: &PoolModel) -> Diagnostics {
    let mut found = Diagnostics::new();
    texts::check(pool, &mut found);
    keys::check(pool, &mut found);
    kind::check(pool, &mut found);
    network::check(pool, &mut found);
    billing::check(pool, &mut found);
    entry::check(pool, &mut found);
    found
}

/// What is wrong with a configuration. Warnings belong to the plan that they are
/// about, not to every run.
pub fn errors(pool: &PoolModel) -> Diagnostics {
    let found = validate(pool).into_iter();
    found.filter(|finding| finding.severity == Severity::Error).collect()
}

/// Finds what is wrong with a planned object: what the plan filled in has not
/// been judged before. Rules about ordering and logging in hold for a pool that is
/// still to be made: what was ordered once is ordered, and what the service does not
/// tell is no mistake in a configuration that was generated.
pub fn judge_planned(pool: &PoolModel, is_new: bool) -> Diagnostics {
    let mut found = validate(pool);
    if is_new {
        billing::check_order(pool, &mut found);
        kind::check_login(pool, &mut found);
    }
    found
}
