//! Refreshing and importing a pool.

use std::time::Duration;

use crate::modelarts::{Error, Pool, PoolFilter, PoolId};
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::private::Private;
use crate::tf::resource::{ReadRequest, ReadResult};
use crate::tf::value::Value;
use crate::wait::Deadline;

use super::defaults;
use super::found;
use super::marker;
use super::spec::Manner;
use super::state;
use super::wait::{Goal, Readiness, watch};

/// Time for a refresh or an import, all repetitions of calls included.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Refreshes a pool. Only the service's own "not found" makes it null.
pub async fn read(connection: &Connection, cx: &Context, request: ReadRequest) -> ReadResult {
    let call = watch::call(cx, Deadline::after(READ_TIMEOUT));
    let id = PoolId::new(request.state.get("id").as_str().unwrap_or_default());
    let workspace = request.state.get("workspace_id").as_str().unwrap_or(defaults::WORKSPACE);
    match connection.read_pool(&call, workspace, &id).await {
        Ok(Some(pool)) => refreshed(&pool, request),
        Ok(None) => ReadResult {
            state: Value::Null,
            private: request.private,
            diagnostics: Diagnostics::new(),
        },
        Err(error) => {
            let consequence =
                format!("Pool {id} could not be read; what the state says of it is kept.");
            let error = errors::failed_call("Pool could not be read", &consequence, &error);
            ReadResult { state: request.state, private: request.private, diagnostics: error.into() }
        }
    }
}

fn refreshed(pool: &Pool, request: ReadRequest) -> ReadResult {
    let mut private = request.private;
    if marker::is_waiting(&private) {
        let goal = Goal::of_level(Manner::from_value(&request.state).wait_for);
        if goal.check(pool) == Readiness::Ready {
            marker::clear_waiting(&mut private);
        }
    }
    let state = state::from_api(pool, &request.state);
    ReadResult { state, private, diagnostics: Diagnostics::new() }
}

/// What an import id asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted<'a> {
    Id(&'a str),
    Name { workspace: Option<&'a str>, name: &'a str },
}

/// Reads `<pool id>`, `name:<display name>` or
/// `<workspace id>/name:<display name>`.
fn parse(id: &str) -> Option<Wanted<'_>> {
    let id = id.trim();
    let filled = |text: &str| !text.is_empty() && !text.contains(['/', ' ']);
    let wanted = match (id.strip_prefix("name:"), id.split_once("/name:")) {
        (Some(name), _) => Wanted::Name { workspace: None, name },
        (None, Some((workspace, name))) => Wanted::Name { workspace: Some(workspace), name },
        (None, None) => Wanted::Id(id),
    };
    let ok = match &wanted {
        Wanted::Id(id) => filled(id),
        Wanted::Name { workspace, name } => filled(name) && workspace.is_none_or(filled),
    };
    ok.then_some(wanted)
}

/// Finds an existing pool by what the user gave as its id.
pub async fn import(
    connection: &Connection,
    cx: &Context,
    id: &str,
    default_workspace: Option<&str>,
) -> ReadResult {
    let call = watch::call(cx, Deadline::after(READ_TIMEOUT));
    let Some(wanted) = parse(id) else {
        return failed(Diagnostic::error(
            "Invalid import id",
            format!(
                "{id:?} is not an id of a pool. Use `<pool id>`, `name:<display name>` or \
                 `<workspace id>/name:<display name>`."
            ),
        ));
    };
    let found = match wanted {
        Wanted::Id(id) => connection.get_pool(&call, &PoolId::new(id)).await,
        Wanted::Name { workspace, name } => {
            let workspace = workspace.or(default_workspace).unwrap_or(defaults::WORKSPACE);
            by_name(connection, &call, workspace, name).await
        }
    };
    match found {
        Ok(Some(pool)) => {
            let mut private = Private::default();
            marker::set_imported(&mut private);
            let state = state::imported(&pool);
            found::remember(&mut private, &state);
            ReadResult { state, private, diagnostics: Diagnostics::new() }
        }
        Ok(None) => failed(Diagnostic::error(
            "Pool not found",
            format!(
                "No pool is found by {id:?} in this project. Check region, project and \
                 workspace. An id is what the service calls metadata.name, such as \
                 `my-pool-<project id>`; by display name use `name:<display name>`, in another \
                 workspace `<workspace id>/name:<display name>`."
            ),
        )),
        Err(error) => failed(errors::failed_call(
            "Pool could not be imported",
            "Nothing was imported.",
            &error,
        )),
    }
}

async fn by_name(
    connection: &Connection,
    call: &crate::modelarts::Call,
    workspace: &str,
    name: &str,
) -> Result<Option<Pool>, Error> {
    let pools = connection.client().list_pools(call, &PoolFilter::in_workspace(workspace)).await?;
    Ok(pools.into_iter().find(|pool| pool.display_name() == Some(name)))
}

fn failed(error: Diagnostic) -> ReadResult {
    ReadResult { state: Value::Null, private: Private::default(), diagnostics: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_of_import_ids_are_understood() {
        assert_eq!(parse("pool-1-abc"), Some(Wanted::Id("pool-1-abc")));
        assert_eq!(parse("name:pool-1"), Some(Wanted::Name { workspace: None, name: "pool-1" }));
        let full = Wanted::Name { workspace: Some("ws"), name: "pool-1" };
        assert_eq!(parse("ws/name:pool-1"), Some(full));
    }

    #[test]
    fn anything_else_is_not_an_import_id() {
        for id in ["", "name:", "/name:x", "a/b", "ws/name:", "two words"] {
            assert_eq!(parse(id), None, "{id}");
        }
    }
}
