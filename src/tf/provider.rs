//! Providers, as the plugin runtime sees them.

use std::sync::Arc;

use async_trait::async_trait;

use super::action::AnyAction;
use super::context::Context;
use super::data_source::AnyDataSource;
use super::diagnostics::Diagnostics;
use super::function::Function;
use super::list::AnyListResource;
use super::resource::AnyResource;
use super::schema::Schema;
use super::value::Value;

/// A provider: its configuration and what it offers.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What the `provider` block accepts.
    fn schema(&self) -> &Schema;

    /// Checks a configuration, which may hold unknowns. Must not use the
    /// network.
    async fn validate(&self, _cx: &Context, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Takes a configuration, in place of an earlier one. It may hold unknowns
    /// and must not use the network.
    async fn configure(&self, cx: &Context, config: &Value, terraform_version: &str)
    -> Diagnostics;

    /// Managed resources, known to the runtime by their type names.
    fn resources(&self) -> &[Arc<dyn AnyResource>];

    /// Data sources, known to the runtime by their type names.
    fn data_sources(&self) -> &[Arc<dyn AnyDataSource>];

    /// What can be listed; each has the type name of a managed resource.
    fn list_resources(&self) -> &[Arc<dyn AnyListResource>] {
        &[]
    }

    /// Actions, known to the runtime by their type names.
    fn actions(&self) -> &[Arc<dyn AnyAction>] {
        &[]
    }

    /// Says whether the configuration holds something that is not known yet, and
    /// that the service cannot be asked without.
    fn is_unknown(&self) -> bool {
        false
    }

    /// Functions, known to the runtime by their names.
    fn functions(&self) -> &[Arc<dyn Function>] {
        &[]
    }
}

/// A provider of some resources that needs no configuration.
pub fn simple(resources: impl IntoIterator<Item = Arc<dyn AnyResource>>) -> Arc<dyn Provider> {
    let resources = resources.into_iter().collect();
    Arc::new(Simple { schema: Schema::default(), resources })
}

struct Simple {
    schema: Schema,
    resources: Vec<Arc<dyn AnyResource>>,
}

#[async_trait]
impl Provider for Simple {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn configure(&self, _: &Context, _: &Value, _: &str) -> Diagnostics {
        Diagnostics::new()
    }

    fn resources(&self) -> &[Arc<dyn AnyResource>] {
        &self.resources
    }

    fn data_sources(&self) -> &[Arc<dyn AnyDataSource>] {
        &[]
    }
}
