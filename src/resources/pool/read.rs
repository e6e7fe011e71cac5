//! Refreshing a pool.

use std::time::Duration;

use crate::modelarts::PoolId;
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::resource::{Outcome, Saved};
use crate::wait::Deadline;

use super::private_data;
use super::schema::{DEFAULT_WORKSPACE, PoolModel};
use super::spec::WaitOptions;
use super::state::picture;
use super::wait::{Goal, Readiness, watch};

/// Time for a refresh, all repetitions of calls included.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Refreshes a pool. Only the service's own "not found" removes it.
pub async fn read(
    connection: &Connection,
    cx: &Context,
    prior: &PoolModel,
    saved: &Saved<'_, PoolModel>,
) -> Outcome {
    let call = watch::call(cx, Deadline::after(READ_TIMEOUT));
    let id = PoolId::new(prior.id.text().unwrap_or_default());
    let workspace = prior.workspace_id.text().unwrap_or(DEFAULT_WORKSPACE);
    let pool = connection.read_pool(&call, workspace, &id).await.map_err(|error| {
        let consequence =
            format!("Pool {id} could not be read; what the state says of it is kept.");
        errors::failed_call("Pool could not be read", &consequence, &error)
    })?;
    let Some(pool) = pool else {
        saved.remove();
        return Ok(());
    };
    let goal = Goal::of_level(WaitOptions::of(prior).wait_for);
    if private_data::is_waiting(&saved.private()) && goal.check(&pool) == Readiness::Ready {
        saved.change_private(private_data::clear_waiting);
    }
    saved.show(&picture(&pool));
    Ok(())
}
