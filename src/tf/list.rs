//! List resources: what exists, one after the other (protocol 6.10, Terraform
//! 1.14: `terraform query`).
//!
//! An author writes a [`Model`] of filters and implements [`ListResource`] for it.
//! The runtime sees [`AnyListResource`], which [`listed`] makes of it.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::model::Model;
use super::resource::Outcome;
use super::schema::Schema;
use super::validate::check;
use super::value::Value;

/// A kind of managed object that can be listed.
pub trait ListResource: Send + Sync + 'static {
    /// The filters.
    type Config: Model + Send + Sync;
    /// The model of the managed resource.
    type Model: Model + Send + Sync;

    /// The name of the managed resource, such as `modelarts_pool`.
    const TYPE_NAME: &'static str;

    /// Markdown: what it lists.
    fn description() -> String;

    /// Checks a configuration, which may hold unknowns, without the network.
    fn validate(&self, _config: &Self::Config) -> Diagnostics {
        Diagnostics::new()
    }

    /// Shows all objects that pass the filters, as they come in, until it is told
    /// to stop. The configuration is wholly known.
    ///
    /// # Errors
    /// The messages to show; what has been shown by then counts.
    fn list(
        &self,
        cx: &Context,
        config: Self::Config,
        found: &Listing<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send;
}

/// An object that a list shows.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What people call it.
    pub display_name: String,
    /// What an import would make of it.
    pub object: Value,
}

/// Where a list shows what it finds.
#[derive(Debug)]
pub struct Listing<M> {
    sender: mpsc::Sender<Listed>,
    model: PhantomData<fn(M)>,
}

impl<M: Model> Listing<M> {
    /// Shows an object, as an import would save it, once there is somebody to take
    /// it. Breaks when no more is wanted.
    pub async fn show(&self, display_name: &str, object: &M) -> ControlFlow<()> {
        let display_name = display_name.to_owned();
        let shown = Listed { display_name, object: object.to_value() };
        match self.sender.send(shown).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// A [`ListResource`] of any model.
#[async_trait]
pub trait AnyListResource: Send + Sync {
    /// [`ListResource::TYPE_NAME`]
    fn type_name(&self) -> &str;
    /// The schema of the filters.
    fn schema(&self) -> &Schema;
    /// [`ListResource::validate`]
    fn validate(&self, config: &Value) -> Diagnostics;
    /// [`ListResource::list`]; it stops when nobody receives any more.
    async fn list(&self, cx: &Context, config: &Value, found: mpsc::Sender<Listed>) -> Outcome;
}

/// Makes a list resource fit for the runtime.
pub fn listed<L: ListResource>(list: L) -> Arc<dyn AnyListResource> {
    Arc::new(Typed { list, schema: Schema::new(L::Config::attributes(), L::description()) })
}

struct Typed<L> {
    list: L,
    schema: Schema,
}

#[async_trait]
impl<L: ListResource> AnyListResource for Typed<L> {
    fn type_name(&self) -> &str {
        L::TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        check(&self.schema, config, |config| self.list.validate(config))
    }

    async fn list(&self, cx: &Context, config: &Value, found: mpsc::Sender<Listed>) -> Outcome {
        let config = L::Config::from_value(config)?;
        self.list.list(cx, config, &Listing { sender: found, model: PhantomData }).await
    }
}
