//! `modelarts_network`: what is particular about networks; their life is that of
//! all objects ([`lifecycle`]).
//!
//! The models ([`schema`]) are checked ([`validate`]) and planned ([`plan`]), asked
//! for ([`request`]), waited for ([`ready`]), and what the service answers becomes
//! the state ([`state`]).

mod kind;
mod moved;
mod plan;
mod ready;
mod request;
mod schema;
mod state;
mod update;
mod users;
mod validate;

use std::sync::Arc;

use crate::resources::lifecycle::{self, Ending, Kind, OnTimeout, Operation, Run};
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::resource::{Change, Import, MoveRequest, Outcome, Plan, Resource, Saved};
use crate::tf::schema::Schema;
use crate::tf::value::Value;

use kind::Deletion;
use ready::Goal;
use schema::Times;

pub use schema::NetworkModel;
pub use state::picture;

/// The resource `modelarts_network`.
pub struct NetworkResource {
    session: Arc<dyn Session>,
}

impl NetworkResource {
    /// Makes the resource for a provider.
    pub fn new(session: Arc<dyn Session>) -> Self {
        Self { session }
    }
}

impl Resource for NetworkResource {
    type Model = NetworkModel;

    const TYPE_NAME: &'static str = <Self as Kind>::TYPE_NAME;

    fn validate(&self, config: &NetworkModel) -> Diagnostics {
        validate::errors(config)
    }

    async fn plan(&self, _cx: &Context, plan: &mut Plan<'_, NetworkModel>) -> Outcome {
        plan::plan(plan, &self.session.default_workspace())
    }

    async fn create(
        &self,
        cx: &Context,
        new: &Change<NetworkModel>,
        saved: &Saved<'_, NetworkModel>,
    ) -> Outcome {
        let connection = self.session.connect(cx).await?;
        let allowed = Times::of(&new.planned).create;
        let run = Run::new(&connection, cx, allowed);
        let wanted = update::wanted(new, &self.session.default_workspace());
        let on_timeout = OnTimeout::Keep;
        let ending = Ending { saved, operation: Operation::Create, allowed, on_timeout };
        lifecycle::create::create(run, wanted, ending).await
    }

    async fn update(
        &self,
        cx: &Context,
        change: &Change<NetworkModel>,
        saved: &Saved<'_, NetworkModel>,
    ) -> Outcome {
        if update::is_local(change, saved) {
            saved.finish_locally();
            return Ok(());
        }
        let connection = self.session.connect(cx).await?;
        let run = Run::new(&connection, cx, Times::of(&change.planned).update);
        lifecycle::update::update(run, update::change(change, saved), saved).await
    }

    async fn delete(
        &self,
        cx: &Context,
        prior: &NetworkModel,
        saved: &Saved<'_, NetworkModel>,
    ) -> Outcome {
        let connection = self.session.connect(cx).await?;
        let run = Run::new(&connection, cx, Times::of(prior).delete);
        lifecycle::delete::delete::<Self>(run, prior, Deletion, saved).await
    }

    async fn read(
        &self,
        cx: &Context,
        prior: &NetworkModel,
        saved: &Saved<'_, NetworkModel>,
    ) -> Outcome {
        let connection = self.session.connect(cx).await?;
        lifecycle::read::read::<Self>(&connection, cx, prior, &Goal::default(), saved).await
    }

    async fn import(
        &self,
        cx: &Context,
        what: Import<'_>,
        saved: &Saved<'_, NetworkModel>,
    ) -> Outcome {
        let connection = self.session.connect(cx).await?;
        let workspace = self.session.default_workspace().into_known();
        lifecycle::import::import::<Self>(&connection, cx, what, workspace.as_deref(), saved).await
    }

    fn identity_schema() -> Option<Schema> {
        Some(lifecycle::identity::schema())
    }

    fn identity(&self, object: &NetworkModel) -> Value {
        lifecycle::identity::of::<Self>(&*self.session, object)
    }

    async fn reaches(&self, cx: &Context, identity: &Value) -> Outcome {
        lifecycle::identity::reaches::<Self>(&*self.session, cx, identity).await
    }

    fn generated(&self, config: NetworkModel) -> NetworkModel {
        plan::generated(config, &self.session.default_workspace())
    }

    fn move_state(&self, from: &MoveRequest, saved: &Saved<'_, NetworkModel>) -> Option<Outcome> {
        moved::move_state(from, saved)
    }
}
