//! The provider: its configuration, and what it offers.

mod addresses;
mod agencies;
mod choice;
pub mod config;
mod credentials;
pub mod environment;
mod handle;
mod profile;
mod reader;
mod schema;
mod simulator;

use std::sync::Arc;

use async_trait::async_trait;

use crate::actions;
use crate::data_sources;
use crate::functions::Spread;
use crate::list_resources;
use crate::resources::network::NetworkResource;
use crate::resources::pool::PoolResource;
use crate::resources::session::Session;
use crate::tf::action::AnyAction;
use crate::tf::context::Context;
use crate::tf::data_source::AnyDataSource;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::function::Function;
use crate::tf::list::AnyListResource;
use crate::tf::provider::Provider;
use crate::tf::resource::{AnyResource, typed};
use crate::tf::schema::Schema;
use crate::tf::value::Value;

pub use environment::Environment;
pub use handle::Handle;

use config::{Resolution, Resolved, resolve};

/// The ModelArts provider.
pub struct ModelArtsProvider {
    schema: Schema,
    environment: Environment,
    handle: Arc<Handle>,
    offer: Offer,
}

/// What a provider offers.
#[derive(Default)]
pub struct Offer {
    /// Managed resources.
    pub resources: Vec<Arc<dyn AnyResource>>,
    /// Data sources.
    pub data_sources: Vec<Arc<dyn AnyDataSource>>,
    /// What can be listed.
    pub list_resources: Vec<Arc<dyn AnyListResource>>,
    /// Actions.
    pub actions: Vec<Arc<dyn AnyAction>>,
    /// Functions.
    pub functions: Vec<Arc<dyn Function>>,
}

impl Offer {
    /// Everything that there is.
    fn all(session: &Arc<dyn Session>) -> Self {
        Self {
            resources: vec![
                typed(PoolResource::new(Arc::clone(session))),
                typed(NetworkResource::new(Arc::clone(session))),
            ],
            data_sources: data_sources::all(session),
            list_resources: list_resources::all(session),
            actions: actions::all(session),
            functions: vec![Arc::new(Spread::default())],
        }
    }
}

impl Default for ModelArtsProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl ModelArtsProvider {
    /// Makes the provider with everything it offers, configured from the
    /// environment of this process.
    pub fn new() -> Self {
        Self::with(Environment::of_process(), Offer::all)
    }

    /// Makes a provider that offers what `offer` builds around its connection.
    pub fn with(environment: Environment, offer: impl FnOnce(&Arc<dyn Session>) -> Offer) -> Self {
        let handle = Arc::new(Handle::default());
        let offer = offer(&(Arc::clone(&handle) as Arc<dyn Session>));
        Self { schema: schema::schema(), environment, handle, offer }
    }

    /// What resources and data sources connect through.
    pub fn session(&self) -> Arc<dyn Session> {
        Arc::clone(&self.handle) as Arc<dyn Session>
    }
}

#[async_trait]
impl Provider for ModelArtsProvider {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Finds what is wrong wherever the configuration is used. What is missing
    /// may be in the environment of a later plan, so it is no error here.
    async fn validate(&self, _cx: &Context, config: &Value) -> Diagnostics {
        let Resolution { resolved, mut warnings, .. } = resolve(config, &self.environment, "");
        if let Resolved::Invalid(errors) = resolved {
            warnings.extend(errors);
        }
        warnings
    }

    async fn configure(
        &self,
        _cx: &Context,
        config: &Value,
        terraform_version: &str,
    ) -> Diagnostics {
        let resolution = resolve(config, &self.environment, terraform_version);
        let diagnostics = announce(&resolution);
        self.handle.configure(resolution);
        diagnostics
    }

    fn resources(&self) -> &[Arc<dyn AnyResource>] {
        &self.offer.resources
    }

    fn data_sources(&self) -> &[Arc<dyn AnyDataSource>] {
        &self.offer.data_sources
    }

    fn list_resources(&self) -> &[Arc<dyn AnyListResource>] {
        &self.offer.list_resources
    }

    fn actions(&self) -> &[Arc<dyn AnyAction>] {
        &self.offer.actions
    }

    fn is_unknown(&self) -> bool {
        self.handle.is_unknown()
    }

    fn functions(&self) -> &[Arc<dyn Function>] {
        &self.offer.functions
    }
}

/// What to say about a configuration that is about to be used. Warnings have
/// been given by then, at validation.
fn announce(resolution: &Resolution) -> Diagnostics {
    match &resolution.resolved {
        Resolved::Invalid(errors) | Resolved::Incomplete(errors) => errors.clone(),
        Resolved::Unknown { attributes } => {
            tracing::info!(?attributes, "configured later: not known yet");
            Diagnostics::new()
        }
        Resolved::Known(target) => target
            .simulator
            .as_ref()
            .map(|cloud| Diagnostics::from(simulator::warning(&cloud.file)))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
