//! Importing an object.

use std::time::Duration;

use crate::modelarts::workspace::DEFAULT_WORKSPACE;
use crate::modelarts::{Call, Error, Id};
use crate::resources::errors;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::resource::{Import, Outcome, Saved};

use super::identity::Identity;
use super::kind::Kind;
use super::run::Run;

/// Time for an import, all repetitions of calls included.
const IMPORT_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// What an import id asks for.
#[derive(Debug, PartialEq, Eq)]
enum ImportId<'a> {
    Id(&'a str),
    Name { workspace: Option<&'a str>, name: &'a str },
}

/// Reads `<id>`, `name:<display name>` or `<workspace id>/name:<display name>`.
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

/// Finds an existing object by what the user gave as its id or as its identity,
/// which is one that this provider reaches.
pub async fn import<K: Kind>(
    connection: &Connection,
    cx: &Context,
    what: Import<'_>,
    default_workspace: Option<&str>,
    saved: &Saved<'_, K::Model>,
) -> Outcome {
    let call = Run::new(connection, cx, IMPORT_TIMEOUT).call();
    let (id, asked) = match what {
        Import::Id(id) => (id, parse(id)),
        Import::Identity(identity) => {
            let id = identity.get(Identity::ID).as_str().unwrap_or_default();
            (id, Some(ImportId::Id(id)).filter(|_| !id.is_empty()))
        }
    };
    let found = match asked.ok_or_else(|| invalid::<K>(id))? {
        ImportId::Id(id) => connection.get(&call, &Id::new(id)).await,
        ImportId::Name { workspace, name } => {
            let workspace = workspace.or(default_workspace).unwrap_or(DEFAULT_WORKSPACE);
            by_name::<K>(connection, &call, workspace, name).await
        }
    };
    let found = found.map_err(|error| {
        let summary = format!("{} could not be imported", K::TITLE);
        errors::failed_call(&summary, "Nothing was imported.", &error)
    })?;
    let object = found.ok_or_else(|| missing::<K>(id))?;
    saved.imported(&K::of_user(K::picture(&object)));
    Ok(())
}

async fn by_name<K: Kind>(
    connection: &Connection,
    call: &Call,
    workspace: &str,
    name: &str,
) -> Result<Option<K::Object>, Error> {
    let names = connection.client().list_names::<K::Object>(call, workspace).await?;
    let named = names.into_iter().find(|object| object.name.as_deref() == Some(name));
    match named {
        Some(object) => connection.get(call, &Id::new(object.id)).await,
        None => Ok(None),
    }
}

fn invalid<K: Kind>(id: &str) -> Diagnostic {
    let noun = K::NOUN;
    let detail = format!(
        "{id:?} is not an id of a {noun}. Use `<{noun} id>`, `name:<display name>` or \
         `<workspace id>/name:<display name>`."
    );
    Diagnostic::error("Invalid import id", detail)
}

fn missing<K: Kind>(id: &str) -> Diagnostic {
    let noun = K::NOUN;
    let detail = format!(
        "No {noun} is found by {id:?} in this project. Check region, project and workspace. An id \
         is what the service calls metadata.name, such as `my-{noun}-<project id>`; by display \
         name use `name:<display name>`, in another workspace `<workspace id>/name:<display \
         name>`."
    );
    Diagnostic::error(format!("{} not found", K::TITLE), detail)
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
