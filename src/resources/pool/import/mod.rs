//! Importing a pool.

mod of_user;

use std::time::Duration;

use crate::modelarts::{Call, Error, Pool, PoolFilter, PoolId};
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::resource::{Outcome, Saved};
use crate::wait::Deadline;

use super::schema::{DEFAULT_WORKSPACE, PoolModel};
use super::state::picture;
use super::wait::watch;

pub use of_user::{RESERVED_TAG_PREFIXES, entry_of_user, of_user};

/// Time for an import, all repetitions of calls included.
const IMPORT_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// What an import id asks for.
#[derive(Debug, PartialEq, Eq)]
enum ImportId<'a> {
    Id(&'a str),
    Name { workspace: Option<&'a str>, name: &'a str },
}

/// Reads `<pool id>`, `name:<display name>` or
/// `<workspace id>/name:<display name>`.
fn parse(id: &str) -> Option<ImportId<'_>> {
    let id = id.trim();
    let filled = |text: &str| !text.is_empty() && !text.contains(['/', ' ']);
    let asked = match (id.strip_prefix("name:"), id.split_once("/name:")) {
        (Some(name), _) => ImportId::Name { workspace: None, name },
        (None, Some((workspace, name))) => ImportId::Name { workspace: Some(workspace), name },
        (None, None) => ImportId::Id(id),
    };
    let ok = match &asked {
        ImportId::Id(id) => filled(id),
        ImportId::Name { workspace, name } => filled(name) && workspace.is_none_or(filled),
    };
    ok.then_some(asked)
}

/// Finds an existing pool by what the user gave as its id.
pub async fn import(
    connection: &Connection,
    cx: &Context,
    id: &str,
    default_workspace: Option<&str>,
    saved: &Saved<'_, PoolModel>,
) -> Outcome {
    let call = watch::call(cx, Deadline::after(IMPORT_TIMEOUT));
    let found = match parse(id).ok_or_else(|| invalid(id))? {
        ImportId::Id(id) => connection.get_pool(&call, &PoolId::new(id)).await,
        ImportId::Name { workspace, name } => {
            let workspace = workspace.or(default_workspace).unwrap_or(DEFAULT_WORKSPACE);
            by_name(connection, &call, workspace, name).await
        }
    };
    let pool = found.map_err(|error| {
        errors::failed_call("Pool could not be imported", "Nothing was imported.", &error)
    })?;
    saved.imported(&of_user(picture(&pool.ok_or_else(|| missing(id))?)));
    Ok(())
}

async fn by_name(
    connection: &Connection,
    call: &Call,
    workspace: &str,
    name: &str,
) -> Result<Option<Pool>, Error> {
    let pools = connection.client().list_pools(call, &PoolFilter::in_workspace(workspace)).await?;
    Ok(pools.into_iter().find(|pool| pool.display_name() == Some(name)))
}

fn invalid(id: &str) -> Diagnostic {
    let detail = format!(
        "{id:?} is not an id of a pool. Use `<pool id>`, `name:<display name>` or \
         `<workspace id>/name:<display name>`."
    );
    Diagnostic::error("Invalid import id", detail)
}

fn missing(id: &str) -> Diagnostic {
    let detail = format!(
        "No pool is found by {id:?} in this project. Check region, project and workspace. An id \
         is what the service calls metadata.name, such as `my-pool-<project id>`; by display name \
         use `name:<display name>`, in another workspace `<workspace id>/name:<display name>`."
    );
    Diagnostic::error("Pool not found", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_of_import_ids_are_understood() {
        assert_eq!(parse("pool-1-abc"), Some(ImportId::Id("pool-1-abc")));
        assert_eq!(parse("name:pool-1"), Some(ImportId::Name { workspace: None, name: "pool-1" }));
        let full = ImportId::Name { workspace: Some("ws"), name: "pool-1" };
        assert_eq!(parse("ws/name:pool-1"), Some(full));
    }

    #[test]
    fn anything_else_is_not_an_import_id() {
        for id in ["", "name:", "/name:x", "a/b", "ws/name:", "two words"] {
            assert_eq!(parse(id), None, "{id}");
        }
    }
}
