//! Creating an object: one request, never blindly repeated.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::modelarts::{Call, Error, ErrorKind, Id, Object};
use crate::resources::errors;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::path::Path;
use crate::tf::resource::Outcome;

use super::ending::Ending;
use super::kind::{Kind, RequestOf};
use super::run::{NotBegun, Run, unstoppable_call};
use super::update::{Changes, Nothing, complete};
use super::watch::Watch;

/// How long an object is looked for after an answer was lost. The service may
/// need a moment to show it.
const SEARCH: Duration = Duration::from_secs(20);
const SEARCH_PAUSE: Duration = Duration::from_secs(2);
/// Time to find whose name it is that is taken.
const LOOK_AROUND: Duration = Duration::from_secs(10);
/// Time for the last look at the objects after the user has interrupted.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// An object to be made.
pub struct Wanted<K: Kind, C = Nothing> {
    /// Its display name, which the service wants to be unique in the project.
    pub name: String,
    /// The workspace that it will be in.
    pub workspace: String,
    /// The request.
    pub request: RequestOf<K>,
    /// What is waited for.
    pub goal: K::Goal,
    /// What the service takes only once the object meets its goal.
    pub afterwards: C,
    /// How long it may wait for a person before the wait is ended.
    pub patience: Duration,
}

/// Carries out a planned create.
pub async fn create<K: Kind, C: Changes<K>>(
    run: Run<'_>,
    wanted: Wanted<K, C>,
    ending: Ending<'_, K>,
) -> Outcome {
    let creation = Creation { run, wanted };
    let object = creation.accepted().await?;
    // From here on, every way out carries the object.
    ending.save_waiting(&object);
    let Wanted { name, workspace, goal, afterwards, patience, .. } = creation.wanted;
    tracing::info!(id = %object.id(), %name, phase = %K::phase(&object), "{} accepted", K::NOUN);
    let watch = Watch::<K> {
        run,
        workspace: object.workspace_id().unwrap_or(&workspace).to_owned(),
        id: object.id(),
        new: true,
        patience,
    };
    match watch.until(&goal, &object).await {
        Ok(object) => complete(watch, ending, (afterwards, goal), object).await,
        Err(ended) => ending.unfinished(ended, &object),
    }
}

struct Creation<'a, K: Kind, C> {
    run: Run<'a>,
    wanted: Wanted<K, C>,
}

impl<K: Kind, C: Changes<K>> Creation<'_, K, C> {
    /// Sends the request, once. An error means that there is no object of ours.
    async fn accepted(&self) -> Result<K::Object, Diagnostics> {
        let before = self.those_before().await?;
        let connection = self.run.connection;
        let network = K::stands_on(&self.wanted.request.spec);
        let turn = self.run.turn(connection.turns().on(network.as_ref())).await;
        let turn = turn.map_err(|why| self.not_begun(why))?;
        let answer = connection.client().create(&self.run.call(), &self.wanted.request).await;
        drop(turn);
        connection.note_change();
        match answer {
            Ok(object) => Ok(object),
            Err(error) => match error.kind() {
                ErrorKind::AlreadyExists => {
                    let found = self.find_anywhere().await;
                    Err(self.taken(found.as_ref()).into())
                }
                ErrorKind::Ambiguous | ErrorKind::Undecodable => {
                    Ok(self.adopt(&before, &error).await?)
                }
                _ => {
                    let consequence = format!("{} {} was not created.", K::TITLE, self.wanted.name);
                    Err(errors::failed_call(&self.not_created(), &consequence, &error).into())
                }
            },
        }
    }

    fn not_created(&self) -> String {
        format!("{} could not be created", K::TITLE)
    }

    fn not_begun(&self, why: NotBegun) -> Diagnostic {
        let why = match why {
            NotBegun::Interrupted => "The run was interrupted",
            NotBegun::TimedOut => "Time ran out while the network was being changed",
        };
        let name = &self.wanted.name;
        let detail = format!(
            "{why} before the request was sent. {} {name} was not created; apply again.",
            K::TITLE
        );
        Diagnostic::error(self.not_created(), detail)
    }

    /// The objects that exist before the request: only another one can be ours.
    /// A name that is taken is found out here, without a request.
    async fn those_before(&self) -> Result<Option<BTreeSet<String>>, Diagnostic> {
        let connection = self.run.connection;
        let names = connection.names::<K::Object>(&self.run.call(), &self.wanted.workspace).await;
        let objects = match names {
            Ok(objects) => objects,
            // Creating may be allowed where listing is not.
            Err(error) if error.kind() == ErrorKind::Forbidden => return Ok(None),
            Err(error) => {
                let consequence = format!(
                    "{} {} was not created: nothing was sent yet.",
                    K::TITLE,
                    self.wanted.name
                );
                return Err(errors::failed_call(&self.not_created(), &consequence, &error));
            }
        };
        let name = &self.wanted.name;
        if let Some(object) = objects.iter().find(|object| object.name.as_ref() == Some(name)) {
            return Err(self.taken(Some(&Id::new(&*object.id))));
        }
        Ok(Some(objects.iter().map(|object| object.id.clone()).collect()))
    }

    async fn find(&self, call: &Call) -> Result<Option<K::Object>, Error> {
        let Wanted { name, workspace, .. } = &self.wanted;
        let client = self.run.connection.client();
        let listed = client.list_where::<K::Object>(call, workspace, &|_| true).await?;
        // One that cannot be understood is not known to be ours.
        let objects = listed.objects.into_values().filter_map(Result::ok);
        Ok(objects.into_iter().find(|object| object.display_name() == Some(name)))
    }

    /// The ID of the object of this name, in whatever workspace it is: names are
    /// unique in a project, and a list shows one workspace. For a message alone,
    /// so that not finding it is no failure.
    async fn find_anywhere(&self) -> Option<Id<K::Object>> {
        let time = LOOK_AROUND.min(self.run.deadline.remaining());
        let call = Call::new(self.run.cx.stop.clone(), Some(Instant::now() + time));
        let Wanted { name, workspace, .. } = &self.wanted;
        let client = self.run.connection.client();
        let is_named = |object: &crate::modelarts::ObjectName| object.name.as_ref() == Some(name);
        let near = client.list_names::<K::Object>(&call, workspace).await.unwrap_or_default();
        if let Some(object) = near.into_iter().find(is_named) {
            return Some(Id::new(object.id));
        }
        for workspace in client.list_workspaces(&call, None, None).await.ok()? {
            // One that may not be listed hides no other.
            let names = client.list_names::<K::Object>(&call, &workspace.id).await;
            if let Some(object) = names.unwrap_or_default().into_iter().find(is_named) {
                return Some(Id::new(object.id));
            }
        }
        None
    }

    /// After a lost answer: takes over the object that has appeared since, if it
    /// can only be ours.
    async fn adopt(
        &self,
        before: &Option<BTreeSet<String>>,
        lost: &Error,
    ) -> Result<K::Object, Diagnostic> {
        tracing::warn!(name = %self.wanted.name, error = %lost, "answer lost, looking for the {}", K::NOUN);
        let until = Instant::now() + SEARCH.min(self.run.deadline.remaining());
        let stop = &self.run.cx.stop;
        let mut looked = false;
        while !stop.is_cancelled() {
            match self.find(&self.run.call()).await {
                Ok(Some(object)) => return self.judge(before, object),
                Ok(None) => looked = true,
                Err(error) => tracing::warn!(%error, "the look-up failed too"),
            }
            if Instant::now() + SEARCH_PAUSE >= until {
                return Err(self.lost(lost, looked));
            }
            tokio::select! {
                () = sleep(SEARCH_PAUSE) => {}
                () = stop.cancelled() => {}
            }
        }
        // An object that nobody remembers is worse than an interrupt that takes
        // a moment: one last look, which only its own time ends.
        match self.find(&unstoppable_call(LAST_LOOK)).await {
            Ok(Some(object)) => self.judge(before, object),
            Ok(None) => Err(self.lost(lost, true)),
            Err(error) => {
                tracing::warn!(%error, "the last look-up failed too");
                Err(self.lost(lost, looked))
            }
        }
    }

    fn judge(
        &self,
        before: &Option<BTreeSet<String>>,
        object: K::Object,
    ) -> Result<K::Object, Diagnostic> {
        let id = object.id();
        let new = before.as_ref().is_some_and(|ids| !ids.contains(id.as_str()));
        if new && K::carries(&object, &self.wanted.request) {
            tracing::info!(%id, "{} found and taken over", K::NOUN);
            return Ok(object);
        }
        Err(Diagnostic::error(
            format!("{} may be somebody else's", K::TITLE),
            format!(
                "The answer to the create request was lost. A {noun} named {} exists now, but it \
                 cannot be told whether this run made it. Look at it; if it is yours, import \
                 it:\n\n{}",
                self.wanted.name,
                import_block::<K>(id.as_str()),
                noun = K::NOUN,
            ),
        ))
    }

    fn lost(&self, lost: &Error, looked: bool) -> Diagnostic {
        let noun = K::NOUN;
        let seen = if looked {
            format!("No {noun} of this name has appeared since.")
        } else {
            format!("The {noun}s could not be listed since.")
        };
        let name = &self.wanted.name;
        Diagnostic::error(
            format!("Nobody knows whether the {noun} was created"),
            format!(
                "{lost}.\n\n{seen} The request was not repeated, because that could make two \
                 {noun}s. Wait a few minutes and look whether {noun} {name} exists. If it does, \
                 import it:\n\n{}\n\nIf it does not, apply again.",
                import_block::<K>(&format!("name:{name}")),
            ),
        )
    }

    fn taken(&self, id: Option<&Id<K::Object>>) -> Diagnostic {
        let (name, noun) = (&self.wanted.name, K::NOUN);
        let id = id.map_or_else(|| format!("name:{name}"), Id::to_string);
        Diagnostic::error(
            format!("{} already exists", K::TITLE),
            format!(
                "A {noun} named {name} exists in this project already ({id}); nothing was \
                 created. Choose another name, or import the {noun}:\n\n{}",
                import_block::<K>(&id),
            ),
        )
        .at(Path::of("name"))
    }
}

/// A block to paste. A provider does not know the address of its resource.
pub fn import_block<K: Kind>(id: &str) -> String {
    format!("import {{\n  to = {}.<NAME>\n  id = \"{id}\"\n}}", K::TYPE_NAME)
}
