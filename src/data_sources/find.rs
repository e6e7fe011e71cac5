//! How things are found: by name, by identity, in a workspace.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::modelarts::{Call, Client, Error, Id, Object};
use crate::resources::errors;
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::{Map, Tf};
use crate::tf::path::Path;

use super::filters::{Filters, query};

/// Time for a look-up, all repetitions of calls included.
const TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// The circumstances of a look-up.
pub fn call(cx: &Context) -> Call {
    Call::new(cx.stop.clone(), Some(Instant::now() + TIMEOUT))
}

/// A failed look-up.
pub fn failed(what: &str, error: &Error) -> Diagnostics {
    errors::failed_call(&format!("{what} could not be read"), "Nothing was found out.", error)
        .into()
}

/// The workspace to look in: the one that is named, otherwise that of the
/// provider; `None` leaves it to the service.
pub fn workspace(named: &Tf<String>, session: &dyn Session) -> Option<String> {
    named.cloned().or_else(|| session.default_workspace().into_known())
}

/// Says whether a filter that is not written, or that a value meets, lets it pass.
pub fn is<T: PartialEq>(filter: &Tf<T>, value: Option<&T>) -> bool {
    filter.known().is_none_or(|wanted| value == Some(wanted))
}

/// What is wrong with an `id` and a `name` of which exactly one is to be written.
pub fn check_one(id: &Tf<String>, name: &Tf<String>) -> Diagnostics {
    let detail = match (id, name) {
        (Tf::Null, Tf::Null) => "Neither id nor name is set. Set one of them.",
        (Tf::Known(_), Tf::Known(_)) => "Both id and name are set. Set one of them.",
        _ => return Diagnostics::new(),
    };
    let error = Diagnostic::error("Set id or name", detail).at(Path::of("id"));
    error.into()
}

/// What is looked for: an object by its identity, or by its name in a workspace.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The kind at the beginning of a sentence, such as `Pool`.
    pub title: &'a str,
    /// Identity.
    pub id: Option<&'a str>,
    /// Display name.
    pub name: Option<&'a str>,
    /// Workspace; `None` leaves it to the service.
    pub workspace: Option<&'a str>,
    /// Whether the user has named the workspace.
    pub is_workspace_written: bool,
}

/// Finds the one object that is looked for.
///
/// # Errors
/// There is none, there are several, or it is in another workspace.
pub async fn one<T: Object>(
    client: &Client,
    call: &Call,
    wanted: &Wanted<'_>,
) -> Result<T, Diagnostics> {
    let title = wanted.title;
    let id = match wanted.id {
        Some(id) => Id::<T>::new(id),
        None => by_name(client, call, wanted).await?,
    };
    let object = match client.get(call, &id).await {
        Ok(object) => object,
        Err(error) if error.is_not_found() => return Err(missing(wanted, &error).into()),
        Err(error) => return Err(failed(title, &error)),
    };
    let (there, here) = (object.workspace_id(), wanted.workspace);
    if wanted.is_workspace_written && there.is_some() && there != here {
        let detail = format!(
            "{title} {id} is in workspace {}, not in {}. Correct workspace_id, or leave it out.",
            there.unwrap_or_default(),
            here.unwrap_or_default()
        );
        let error = Diagnostic::error(format!("{title} is in another workspace"), detail);
        return Err(error.at(Path::of("workspace_id")).into());
    }
    Ok(object)
}

async fn by_name<T: Object>(
    client: &Client,
    call: &Call,
    wanted: &Wanted<'_>,
) -> Result<Id<T>, Diagnostics> {
    let title = wanted.title;
    let name = wanted.name.unwrap_or_default();
    let query = [("workspaceId", wanted.workspace)];
    let listed = client.list_by::<T>(call, &query, &|_| false).await;
    let names = listed.map_err(|error| failed(title, &error))?.names;
    let mut found: Vec<String> = names
        .into_iter()
        .filter(|object| object.name.as_deref() == Some(name))
        .map(|object| object.id)
        .collect();
    found.sort();
    found.dedup();
    match found.as_slice() {
        [] => Err(none(wanted).into()),
        [id] => Ok(Id::new(&**id)),
        several => {
            let detail = format!(
                "{} objects are named {name:?}: {}. Use id instead of name.",
                several.len(),
                several.join(", ")
            );
            let error = Diagnostic::error(format!("{title} is not the only one"), detail);
            Err(error.at(Path::of("name")).into())
        }
    }
}

fn place(wanted: &Wanted<'_>) -> String {
    match wanted.workspace {
        Some(workspace) => format!("workspace {workspace} of this project"),
        None => "the default workspace of this project".to_owned(),
    }
}

fn none(wanted: &Wanted<'_>) -> Diagnostic {
    let name = wanted.name.unwrap_or_default();
    let detail = format!(
        "Nothing is named {name:?} in {}. Check the name, the region and the project; what is in \
         another workspace is found with workspace_id, or by id.",
        place(wanted)
    );
    Diagnostic::error(format!("{} not found", wanted.title), detail).at(Path::of("name"))
}

fn missing(wanted: &Wanted<'_>, error: &Error) -> Diagnostic {
    let consequence = format!(
        "There is no {} {} in this project. Check the id, the region and the project.",
        wanted.title.to_lowercase(),
        wanted.id.or(wanted.name).unwrap_or_default()
    );
    errors::failed_call(&format!("{} not found", wanted.title), &consequence, error)
        .at(Path::of(if wanted.id.is_some() { "id" } else { "name" }))
}

/// All objects that pass the filters, sorted by name; `picture` makes a model of
/// each. One that cannot be understood is an error: a list that leaves it out says
/// what is not so.
///
/// # Errors
/// As any read.
pub async fn all<T: Object, F: Filters>(
    session: &dyn Session,
    cx: &Context,
    title: &str,
    filters: &F,
    picture: impl Fn(&T) -> F::Of,
) -> Result<Vec<T>, Diagnostics> {
    let names = filters.names()?;
    let connection = session.connect(cx).await?;
    let parameters = filters.parameters(session);
    let (client, query) = (connection.client(), query(&parameters));
    let listed = client.list_by::<T>(&call(cx), &query, &|_| true).await;
    let listed = listed.map_err(|error| failed(title, &error))?;
    let mut objects = listed.objects;
    let in_order = listed.names.into_iter().filter_map(|name| objects.remove(&name.id));
    let mut found: Vec<T> =
        in_order.collect::<Result<_, _>>().map_err(|error| failed(title, &error))?;
    found.retain(|object| names.pass(object.display_name()) && filters.pass(&picture(object)));
    found.sort_by_cached_key(|object| {
        (object.display_name().map(str::to_owned), object.id().to_string())
    });
    Ok(found)
}

/// The entries of a map that no attribute stands for.
pub fn free<'a>(
    entries: impl IntoIterator<Item = (&'a String, &'a String)>,
    is_owned: impl Fn(&str) -> bool,
) -> Map<String> {
    let entries = entries.into_iter().filter(|(key, _)| !is_owned(key));
    entries.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// All entries of a map.
pub fn whole(entries: &BTreeMap<String, String>) -> Map<String> {
    free(entries, |_| false)
}

/// A text that says something.
pub fn filled(text: Option<&str>) -> Tf<String> {
    text.filter(|text| !text.is_empty()).into()
}
