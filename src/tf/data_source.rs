//! Data sources, as the plugin runtime sees them.

use async_trait::async_trait;

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::schema::Schema;
use super::value::Value;

/// A kind of thing that can be looked up.
#[async_trait]
pub trait DataSource: Send + Sync {
    /// Its name, such as `modelarts_flavors`.
    fn type_name(&self) -> &str;

    /// What it accepts and returns.
    fn schema(&self) -> &Schema;

    /// Checks a configuration, which may hold unknowns. Must not use the
    /// network.
    async fn validate(&self, _cx: &Context, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Looks it up. The configuration is wholly known.
    ///
    /// # Errors
    /// The messages to show; at least one of them is an error.
    async fn read(&self, cx: &Context, config: &Value)
    -> Result<(Value, Diagnostics), Diagnostics>;
}
