//! Work on nodes that the service does in its own time (API reference, nodes).

use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::id::Id;
use super::request::{Effect, Request, path};

wire! {
    "camelCase";

    /// A piece of work.
    pub struct Job {
        /// `Success`, a word that contains `Failed`, or anything else while it goes on.
        pub phase: Option<String>,
        /// Why it failed.
        pub message: Option<String>,
    }
}

/// The identity of a [`Job`].
pub type JobId = Id<Job>;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// It goes on.
    Pending,
    /// It is done.
    Success,
    /// It failed.
    Failed,
}

impl Job {
    /// Tells how far the job is.
    pub fn end(&self) -> JobEnd {
        match self.phase.as_deref() {
            Some("Success") => JobEnd::Success,
            Some(phase) if phase.contains("Failed") => JobEnd::Failed,
            _ => JobEnd::Pending,
        }
    }
}

impl Client {
    /// Reads a job.
    ///
    /// # Errors
    /// `NotFound` when the service does not know it, which some clouds say of every
    /// job.
    pub async fn get_job(&self, call: &Call, id: &JobId) -> Result<Job, Error> {
        let target = path("/v2/{project_id}/jobs", id.as_str())?;
        let get = Request::new(Effect::Read, target, |answer| answer.object::<Job>());
        self.send(call, &get.about(Subject::Other)).await
    }
}
