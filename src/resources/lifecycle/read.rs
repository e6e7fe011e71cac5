//! Refreshing an object.

use std::time::Duration;

use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::resource::{Outcome, Saved};

use super::kind::{Goal, Kind, Readiness};
use super::run::Run;
use super::waiting;

/// Time for a refresh, all repetitions of calls included.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Refreshes an object. Only the service's own "not found" removes it. `goal` is
/// what an open wait is for.
pub async fn read<K: Kind>(
    connection: &Connection,
    cx: &Context,
    prior: &K::Model,
    goal: &K::Goal,
    saved: &Saved<'_, K::Model>,
) -> Outcome {
    let call = Run::new(connection, cx, READ_TIMEOUT).call();
    let id = K::id(prior);
    let seen = connection.read(&call, K::workspace(prior), &id).await.map_err(|error| {
        let title = K::TITLE;
        let consequence =
            format!("{title} {id} could not be read; what the state says of it is kept.");
        errors::failed_call(&format!("{title} could not be read"), &consequence, &error)
    })?;
    let Some(object) = seen else {
        saved.remove();
        return Ok(());
    };
    if waiting::is_open(&saved.private()) && goal.check(&object) == Readiness::Ready {
        saved.change_private(waiting::clear);
    }
    saved.show(&K::picture(&object));
    Ok(())
}
