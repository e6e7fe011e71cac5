//! Checks of a configuration before anything is asked of the service.
//!
//! The rules are those that the API documents (API reference, restrictions).
//! Where its documents disagree there is a warning instead of an error.
//! Unknown values are not judged, nor is what depends on one.

mod billing;
mod entry;
mod keys;
mod kind;
mod missing;
mod network;
mod report;
mod texts;
mod volumes;

#[cfg(test)]
mod tests;

use crate::tf::diagnostics::Diagnostics;
use crate::tf::value::Value;

use super::config::PoolConfig;

/// New nodes per request (user guide).
pub const SAFE_GROWTH: i64 = 30;

/// Finds everything that is wrong with a configuration.
pub fn validate(config: &Value) -> Diagnostics {
    let pool = PoolConfig::from_value(config);
    let mut found = Diagnostics::new();
    missing::check(config, &mut found);
    texts::check(&pool, &mut found);
    keys::check(&pool, &mut found);
    kind::check(&pool, &mut found);
    network::check(&pool, &mut found);
    billing::check(&pool, &mut found);
    entry::check(&pool, &mut found);
    found
}
