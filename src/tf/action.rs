//! Actions: work on objects that leaves no trace in the state (protocol 6.10,
//! Terraform 1.14).
//!
//! An author writes a [`Model`] and implements [`Action`] for it. The runtime sees
//! [`AnyAction`], which [`act`] makes of it.

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

/// A kind of work.
pub trait Action: Send + Sync + 'static {
    /// What it is told.
    type Model: Model + Send + Sync;

    /// Its name, such as `modelarts_reboot_nodes`.
    const TYPE_NAME: &'static str;

    /// Markdown: what it does.
    const DESCRIPTION: &'static str;

    /// Checks a configuration, which may hold unknowns, without the network.
    fn validate(&self, _config: &Self::Model) -> Diagnostics {
        Diagnostics::new()
    }

    /// Does the work; success means that it is done. The configuration is wholly
    /// known.
    ///
    /// # Errors
    /// What went wrong, and what goes on all the same.
    fn invoke(
        &self,
        cx: &Context,
        config: Self::Model,
        progress: &Progress,
    ) -> impl Future<Output = Outcome> + Send;
}

/// Where work says how far it is.
#[derive(Debug, Clone)]
pub struct Progress(mpsc::Sender<String>);

impl Progress {
    /// Progress that goes to whoever receives it.
    pub fn new(sender: mpsc::Sender<String>) -> Self {
        Self(sender)
    }

    /// Tells the user something, in a line.
    pub async fn say(&self, text: impl Into<String>) {
        // Work goes on when nobody listens any more; its end is told elsewhere.
        let _ = self.0.send(text.into()).await;
    }
}

/// An [`Action`] of any model.
#[async_trait]
pub trait AnyAction: Send + Sync {
    /// [`Action::TYPE_NAME`]
    fn type_name(&self) -> &str;
    /// The schema of the model.
    fn schema(&self) -> &Schema;
    /// [`Action::validate`]
    fn validate(&self, config: &Value) -> Diagnostics;
    /// [`Action::invoke`]
    async fn invoke(&self, cx: &Context, config: &Value, progress: &Progress) -> Outcome;
}

/// Makes an action fit for the runtime.
pub fn act<A: Action>(action: A) -> Arc<dyn AnyAction> {
    Arc::new(Typed { action, schema: Schema::new(A::Model::attributes(), A::DESCRIPTION) })
}

struct Typed<A> {
    action: A,
    schema: Schema,
}

#[async_trait]
impl<A: Action> AnyAction for Typed<A> {
    fn type_name(&self) -> &str {
        A::TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        check(&self.schema, config, |config| self.action.validate(config))
    }

    async fn invoke(&self, cx: &Context, config: &Value, progress: &Progress) -> Outcome {
        self.action.invoke(cx, A::Model::from_value(config)?, progress).await
    }
}
