//! The project: given by its ID, by the token, or looked up by its exact name
//! (API reference, project lookup).

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;

use http::Method;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::call::Call;
use super::client::{Authn, Client};
use super::error::{Error, ErrorKind};
use super::settings::ProjectRef;
use super::transport::{Answer, Request, Service};

/// The project's ID once it is known.
#[derive(Debug)]
pub(crate) struct Project {
    turn: Semaphore,
    known: OnceLock<String>,
}

impl Project {
    pub(crate) fn new(project: &ProjectRef) -> Self {
        let known = OnceLock::new();
        if let ProjectRef::Id(id) = project {
            // A new cell is empty.
            let _ = known.set(id.clone());
        }
        Self { turn: Semaphore::new(1), known }
    }
}

impl Client {
    /// Gives the ID of the project, looking it up at the first call.
    ///
    /// # Errors
    /// `Invalid` when there is no such project or more than one; otherwise as
    /// any call.
    pub fn project_id<'a>(
        &'a self,
        call: &'a Call,
    ) -> Pin<Box<dyn Future<Output = Result<String, Error>> + Send + 'a>> {
        Box::pin(async move {
            let project = &self.inner.project;
            if let Some(id) = project.known.get() {
                return Ok(id.clone());
            }
            let _turn = call.until(project.turn.acquire(), "waiting for the project ID").await?;
            if let Some(id) = project.known.get() {
                return Ok(id.clone());
            }
            let id = self.look_up_project(call).await?;
            Ok(project.known.get_or_init(|| id).clone())
        })
    }

    async fn look_up_project(&self, call: &Call) -> Result<String, Error> {
        let name = match &self.inner.settings.project {
            ProjectRef::Id(id) => return Ok(id.clone()),
            ProjectRef::Name(name) => name,
        };
        if let Some(id) = self.lease(call).await?.project_id.clone() {
            return Ok(id);
        }
        let request = Request::reading(Method::GET, "/v3/projects")
            .to(Service::Iam)
            .query(vec![("name".to_owned(), name.clone())]);
        let answer = self.dispatch(call, &request, "", &Authn::Own).await?;
        only_one(&answer, name)
    }
}

/// Picks the project of exactly this name; the filter also finds sub-projects.
fn only_one(answer: &Answer, name: &str) -> Result<String, Error> {
    let projects = answer.value().and_then(|value| value.get("projects")).and_then(Value::as_array);
    let projects = projects.ok_or_else(|| answer.unusable("it has no list of projects"))?;
    let ids: Vec<&str> = projects
        .iter()
        .filter(|project| project.get("name").and_then(Value::as_str) == Some(name))
        .filter_map(|project| project.get("id")?.as_str())
        .collect();
    match ids.as_slice() {
        [id] => Ok((*id).to_owned()),
        [] => Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "there is no project named {name:?}: the region or project name is wrong, or the \
                 credentials have no access to it"
            ),
        )),
        _ => Err(Error::new(
            ErrorKind::Invalid,
            format!("several projects are named {name:?}: the project ID must be given"),
        )),
    }
}
