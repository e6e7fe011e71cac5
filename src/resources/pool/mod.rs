//! `modelarts_pool`: one file per step between configuration and service.
//!
//! The models ([`schema`]) are what the user writes and what the state holds.
//! A configuration is checked ([`validate`]) and planned ([`plan`]); a plan
//! becomes what is asked for ([`spec`]), that becomes requests ([`request`]),
//! these are waited for ([`ready`]), and what the service answers becomes the
//! state ([`state`]). The operations are those of all objects
//! ([`lifecycle`]); [`kind`], [`create`], [`update`] and [`delete`] say what is
//! particular about pools.

mod control_mode;
mod create;
mod delete;
mod generated;
mod identity;
mod keys;
mod kind;
mod moved;
mod of_user;
mod params;
mod plan;
mod prepaid;
mod private_data;
mod quiet;
mod ready;
mod reasons;
mod request;
mod schema;
mod spec;
mod state;
mod update;
mod validate;
mod volumes;

use std::sync::Arc;

use crate::resources::lifecycle::{self, Ending, Kind, Operation, Run};
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::private::Private;
use crate::tf::resource::{Change, Import, MoveRequest, Outcome, Plan, Resource, Saved};
use crate::tf::schema::Schema;
use crate::tf::value::Value;

use prepaid::Subscriptions;
use ready::Goal;
use spec::WaitOptions;

pub use keys::owner as owner_of_key;
pub use schema::{PoolModel, Status};
pub use state::picture;

/// The resource `modelarts_pool`.
pub struct PoolResource {
    session: Arc<dyn Session>,
}

impl PoolResource {
    /// Makes the resource for a provider.
    pub fn new(session: Arc<dyn Session>) -> Self {
        Self { session }
    }
}

impl Resource for PoolResource {
    type Model = PoolModel;

    const TYPE_NAME: &'static str = <Self as Kind>::TYPE_NAME;
    const VERSION: i64 = schema::VERSION;

    fn validate(&self, config: &PoolModel) -> Diagnostics {
        validate::errors(config)
    }

    async fn plan(&self, cx: &Context, plan: &mut Plan<'_, PoolModel>) -> Outcome {
        plan::plan(plan, &self.session.default_workspace())?;
        plan::check_availability(&*self.session, cx, plan).await
    }

    async fn plan_destroy(&self, _: &Context, prior: &PoolModel, private: &Private) -> Diagnostics {
        plan::destroy(prior, private)
    }

    async fn create(
        &self,
        cx: &Context,
        new: &Change<PoolModel>,
        saved: &Saved<'_, PoolModel>,
    ) -> Outcome {
        saved.change_private(private_data::clear_protected);
        let connection = self.session.connect(cx).await?;
        let options = WaitOptions::of(&new.planned);
        let WaitOptions { create: allowed, on_timeout, .. } = options;
        let run = Run::new(&connection, cx, allowed);
        let wanted = create::wanted(new, &self.session.default_workspace(), &options)?;
        let ending = Ending { saved, operation: Operation::Create, allowed, on_timeout };
        lifecycle::create::create(run, wanted, ending).await
    }

    async fn update(
        &self,
        cx: &Context,
        change: &Change<PoolModel>,
        saved: &Saved<'_, PoolModel>,
    ) -> Outcome {
        if update::is_local(change, saved)? {
            saved.finish_locally();
            return Ok(());
        }
        let connection = self.session.connect(cx).await?;
        let options = WaitOptions::of(&change.planned);
        let run = Run::new(&connection, cx, options.update);
        lifecycle::update::update(run, update::change(change, &options)?, saved).await
    }

    async fn delete(
        &self,
        cx: &Context,
        prior: &PoolModel,
        saved: &Saved<'_, PoolModel>,
    ) -> Outcome {
        let verdict = plan::protect(prior, &saved.private());
        // A pool that stays has its own state to say it.
        saved.change_private(private_data::clear_protected);
        verdict?;
        let connection = self.session.connect(cx).await?;
        let run = Run::new(&connection, cx, WaitOptions::of(prior).delete);
        lifecycle::delete::delete::<Self>(run, prior, Subscriptions::default(), saved).await
    }

    async fn read(&self, cx: &Context, prior: &PoolModel, saved: &Saved<'_, PoolModel>) -> Outcome {
        let connection = self.session.connect(cx).await?;
        let goal = Goal::of_level(WaitOptions::of(prior).wait_for);
        lifecycle::read::read::<Self>(&connection, cx, prior, &goal, saved).await
    }

    async fn import(
        &self,
        cx: &Context,
        what: Import<'_>,
        saved: &Saved<'_, PoolModel>,
    ) -> Outcome {
        let connection = self.session.connect(cx).await?;
        let workspace = self.session.default_workspace().into_known();
        lifecycle::import::import::<Self>(&connection, cx, what, workspace.as_deref(), saved).await
    }

    fn identity_schema() -> Option<Schema> {
        Some(lifecycle::identity::schema())
    }

    fn identity(&self, object: &PoolModel) -> Value {
        lifecycle::identity::of::<Self>(&*self.session, object)
    }

    async fn reaches(&self, cx: &Context, identity: &Value) -> Outcome {
        lifecycle::identity::reaches::<Self>(&*self.session, cx, identity).await
    }

    fn generated(&self, config: PoolModel) -> PoolModel {
        generated::generated(config, &self.session.default_workspace())
    }

    fn move_state(&self, from: &MoveRequest, saved: &Saved<'_, PoolModel>) -> Option<Outcome> {
        moved::move_state(from, saved)
    }
}
