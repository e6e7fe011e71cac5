//! Jobs: work on nodes that the service does in its own time (API reference,
//! nodes, job state).

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::id::Id;
use super::request::{Effect, Request, path};

/// The identity of a job.
pub type JobId = Id<Job>;

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// How far it is.
    pub phase: JobPhase,
    /// What the service says of it; the reason when it failed.
    pub message: Option<String>,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobPhase {
    /// Not at its end, or in a phase this client does not know.
    Running,
    /// Done.
    Success,
    /// Failed, with the phase as the service prints it.
    Failed(String),
}

impl JobPhase {
    /// Whatever speaks of failing has failed; other words are not the end.
    fn read(word: &str) -> Self {
        if word.eq_ignore_ascii_case("Success") {
            Self::Success
        } else if word.to_ascii_lowercase().contains("failed") {
            Self::Failed(word.to_owned())
        } else {
            Self::Running
        }
    }
}

wire! {
    "camelCase";

    struct Parts {
        job_id: Option<String>,
        phase: Option<String>,
        message: Option<String>,
    }
}

fn job(answer: &Answer) -> Result<Job, Error> {
    let parts: Parts = answer.object()?;
    if parts.job_id.is_none() && parts.phase.is_none() {
        return Err(answer.unusable("it has neither jobId nor phase"));
    }
    Ok(Job {
        phase: JobPhase::read(parts.phase.as_deref().unwrap_or_default()),
        message: parts.message.filter(|message| !message.is_empty()),
    })
}

impl Client {
    /// Reads one job.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](super::ErrorKind::NotFound) for any 404: jobs are
    /// forgotten after a while, and some clouds have no such call at all.
    pub async fn get_job(&self, call: &Call, id: &JobId) -> Result<Job, Error> {
        let target = path("/v2/{project_id}/jobs", id.as_str())?;
        self.send(call, &Request::new(Effect::Read, target, job).about(Subject::Job)).await
    }
}
