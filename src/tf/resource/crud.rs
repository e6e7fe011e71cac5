//! Resources of which each operation is one request.

use crate::tf::conform::with_write_only;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::{Mismatch, Model};
use crate::tf::schema::{Attribute, Mode, Schema};
use crate::tf::value::Value;

use super::{Change, Import, Outcome, Resource, Saved};

/// What a request brings, or the messages to show.
pub type Answer<T> = Result<T, Diagnostics>;

/// A kind of object that is made, changed and deleted by one request each;
/// [`crud`] makes a [`Resource`] of it. What lasts longer, or can fail half-way,
/// implements [`Resource`] itself and saves what it learns as it learns it.
///
/// Answers say what the service says; what of it reaches the state follows from
/// the behaviours of the model.
pub trait Crud: Send + Sync + 'static {
    /// What it accepts and stores.
    type Model: Model + Send + Sync;

    /// Its name, such as `modelarts_network`.
    const TYPE_NAME: &'static str;

    /// The attribute that names an object.
    const ID: &'static str = "id";

    /// Makes an object; `new` is what is planned, write-only values included.
    ///
    /// # Errors
    /// Nothing was made.
    fn create(
        &self,
        cx: &Context,
        new: Self::Model,
    ) -> impl Future<Output = Answer<Self::Model>> + Send;

    /// Looks an object up; `None` when the service says that there is none.
    ///
    /// # Errors
    /// Nobody knows.
    fn read(
        &self,
        cx: &Context,
        id: &str,
    ) -> impl Future<Output = Answer<Option<Self::Model>>> + Send;

    /// Changes an object to what is planned, write-only values included.
    ///
    /// # Errors
    /// It is as it was.
    fn update(
        &self,
        cx: &Context,
        id: &str,
        new: Self::Model,
    ) -> impl Future<Output = Answer<Self::Model>> + Send;

    /// Deletes an object; that there is none is a success.
    ///
    /// # Errors
    /// It still exists.
    fn delete(&self, cx: &Context, id: &str) -> impl Future<Output = Answer<()>> + Send;
}

/// Makes a resource of single requests. It is imported by its id, which is its
/// identity.
pub fn crud<C: Crud>(service: C) -> impl Resource<Model = C::Model> {
    Requests(service)
}

struct Requests<C>(C);

impl<C: Crud> Resource for Requests<C> {
    type Model = C::Model;
    const TYPE_NAME: &'static str = C::TYPE_NAME;

    async fn create(
        &self,
        cx: &Context,
        new: &Change<C::Model>,
        saved: &Saved<'_, C::Model>,
    ) -> Outcome {
        saved.finish(&self.0.create(cx, wanted(new)?).await?);
        Ok(())
    }

    async fn update(
        &self,
        cx: &Context,
        change: &Change<C::Model>,
        saved: &Saved<'_, C::Model>,
    ) -> Outcome {
        let id = id::<C>(&change.prior)?;
        saved.finish(&self.0.update(cx, &id, wanted(change)?).await?);
        Ok(())
    }

    async fn delete(&self, cx: &Context, prior: &C::Model, _: &Saved<'_, C::Model>) -> Outcome {
        self.0.delete(cx, &id::<C>(prior)?).await
    }

    async fn read(&self, cx: &Context, prior: &C::Model, saved: &Saved<'_, C::Model>) -> Outcome {
        match self.0.read(cx, &id::<C>(prior)?).await? {
            Some(answer) => saved.show(&answer),
            None => saved.remove(),
        }
        Ok(())
    }

    async fn import(&self, cx: &Context, what: Import<'_>, saved: &Saved<'_, C::Model>) -> Outcome {
        let id = match what {
            Import::Id(id) => id,
            Import::Identity(identity) => identity.get(C::ID).as_str().unwrap_or_default(),
        };
        match self.0.read(cx, id).await? {
            Some(answer) => saved.imported(&answer),
            None => return Err(unknown::<C>(id)),
        }
        Ok(())
    }

    fn identity_schema() -> Option<Schema> {
        let id = C::Model::schema().attribute(C::ID).cloned()?;
        let id = Attribute::new(&id.name, id.ty(), Mode::Required, &id.description);
        Some(Schema::new(vec![id], ""))
    }

    fn identity(&self, object: &C::Model) -> Value {
        Value::object([(C::ID, object.to_value().get(C::ID).clone())])
    }
}

/// The planned object with the write-only values that the user wrote.
fn wanted<M: Model>(change: &Change<M>) -> Result<M, Mismatch> {
    let mut planned = change.planned.to_value();
    with_write_only(&M::attributes(), &mut planned, &change.config.to_value());
    M::from_value(&planned)
}

fn id<C: Crud>(object: &C::Model) -> Result<String, Mismatch> {
    let object = object.to_value();
    let id = object.get(C::ID).as_str().map(str::to_owned);
    id.ok_or_else(|| Mismatch::new(format!("the object has no {}", C::ID)))
}

fn unknown<C: Crud>(id: &str) -> Diagnostics {
    let detail = format!("There is no {} with the {} {id:?}. Check it.", C::TYPE_NAME, C::ID);
    Diagnostic::error("Nothing to import", detail).into()
}
