//! Data sources.
//!
//! An author writes a [`Model`] and implements [`DataSource`] for it. The
//! runtime sees [`AnyDataSource`], which [`typed`] makes of it.

use std::sync::Arc;

use async_trait::async_trait;

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::model::Model;
use super::schema::Schema;
use super::validate::check;
use super::value::Value;

/// A kind of thing that can be looked up.
pub trait DataSource: Send + Sync + 'static {
    /// What it accepts and returns.
    type Model: Model + Send + Sync;

    /// Its name, such as `modelarts_flavors`.
    const TYPE_NAME: &'static str;

    /// Checks a configuration, which may hold unknowns, without the network.
    fn validate(&self, _config: &Self::Model) -> Diagnostics {
        Diagnostics::new()
    }

    /// Looks it up. The configuration is wholly known.
    ///
    /// # Errors
    /// The messages to show.
    fn read(
        &self,
        cx: &Context,
        config: Self::Model,
    ) -> impl Future<Output = Result<Self::Model, Diagnostics>> + Send;
}

/// A [`DataSource`] of any model.
#[async_trait]
pub trait AnyDataSource: Send + Sync {
    /// [`DataSource::TYPE_NAME`]
    fn type_name(&self) -> &str;
    /// The schema of the model.
    fn schema(&self) -> &Schema;
    /// [`DataSource::validate`]
    fn validate(&self, config: &Value) -> Diagnostics;
    /// [`DataSource::read`]
    async fn read(&self, cx: &Context, config: &Value) -> Result<Value, Diagnostics>;
}

/// Makes a data source fit for the runtime.
pub fn typed<D: DataSource>(source: D) -> Arc<dyn AnyDataSource> {
    Arc::new(Typed { source, schema: D::Model::schema() })
}

struct Typed<D> {
    source: D,
    schema: Schema,
}

#[async_trait]
impl<D: DataSource> AnyDataSource for Typed<D> {
    fn type_name(&self) -> &str {
        D::TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        check(&self.schema, config, |config| self.source.validate(config))
    }

    async fn read(&self, cx: &Context, config: &Value) -> Result<Value, Diagnostics> {
        let config = D::Model::from_value(config)?;
        self.source.read(cx, config).await.map(|found| found.to_value())
    }
}
