//! The project: given by its ID, by the token, or looked up by its exact name
//! (API reference, project lookup).

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use crate::modelarts::answer::Answer;
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::request::{Effect, Request, Service};
use crate::modelarts::send::Authn;
use crate::modelarts::settings::ProjectRef;

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
        // Boxed, because looking it up is a call and calls need it.
        Box::pin(async move {
            let name = match &self.inner.settings.project {
                ProjectRef::Id(id) => return Ok(id.clone()),
                ProjectRef::Name(name) => name,
            };
            let known = self.inner.access.project.get_or_try_init(|| self.look_up(call, name));
            call.until(known, "waiting for the project ID").await?.cloned()
        })
    }

    /// Gives the ID of the project if that takes no call.
    pub fn known_project_id(&self) -> Option<String> {
        match &self.inner.settings.project {
            ProjectRef::Id(id) => Some(id.clone()),
            ProjectRef::Name(_) => self.inner.access.project.get().cloned(),
        }
    }

    async fn look_up(&self, call: &Call, name: &str) -> Result<String, Error> {
        if let Some(id) = self.lease(call).await?.project_id.clone() {
            return Ok(id);
        }
        let get = Request::new(Effect::Read, "/v3/projects", projects)
            .to(Service::Iam)
            .query([("name", Some(name))]);
        let projects = self.send_as(call, &get, "", &Authn::Own).await?;
        only_one(&projects, name)
    }
}

fn projects(answer: &Answer) -> Result<Vec<Value>, Error> {
    match answer.object::<Value>()?.get_mut("projects").map(Value::take) {
        Some(Value::Array(projects)) => Ok(projects),
        _ => Err(answer.unusable("it has no list of projects")),
    }
}

/// Picks the project of exactly this name; the filter also finds sub-projects.
fn only_one(projects: &[Value], name: &str) -> Result<String, Error> {
    let ids: Vec<&str> = projects
        .iter()
        .filter(|project| project.get("name").and_then(Value::as_str) == Some(name))
        .filter_map(|project| project.get("id")?.as_str())
        .collect();
    let wrong = |what| Err(Error::new(ErrorKind::Invalid, what));
    match ids.as_slice() {
        [id] => Ok((*id).to_owned()),
        [] => wrong(format!(
            "there is no project named {name:?}: the region or project name is wrong, or the \
             credentials have no access to it"
        )),
        _ => wrong(format!("several projects are named {name:?}: the project ID must be given")),
    }
}
