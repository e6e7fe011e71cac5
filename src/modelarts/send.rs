//! Sending a request, and sending it again as long as that is safe and sensible.

use std::time::Duration;

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::credentials::{Lease, Remedy};
use super::error::{Error, ErrorKind};
use super::exchange::{Failed, Outgoing};
use super::request::{Effect, Outline, Request, Service};
use super::retry;
use super::target::{Attempt, Target};

/// With what a request is authorised.
pub(crate) enum Authn<'a> {
    /// The client's own credentials.
    Own,
    /// Credentials on the way to the client's own.
    With(&'a Lease),
    /// None.
    Nothing,
}

/// Reads an answer and keeps what it says.
pub(crate) type Accept<'a> = dyn FnMut(&Answer) -> Result<(), Error> + Send + 'a;

/// What has happened in a call so far.
#[derive(Default)]
pub(crate) struct History {
    /// What was said when something was set right and the request sent again.
    refusal: Option<Error>,
    renewed: bool,
    clock_corrected: bool,
    repeats: u32,
    /// The service may have carried out an attempt that it said has failed.
    maybe_done: bool,
}

impl History {
    /// Tells whether something is set right for the first time.
    pub(crate) fn is_new(&mut self, remedy: Remedy) -> bool {
        let known = match remedy {
            Remedy::Renewal => &mut self.renewed,
            Remedy::Clock => &mut self.clock_corrected,
        };
        !std::mem::replace(known, true)
    }
}

impl Client {
    /// Sends a request with the client's own credentials and reads the answer.
    pub(crate) async fn send<T: Send>(
        &self,
        call: &Call,
        request: &Request<'_, T>,
    ) -> Result<T, Error> {
        let project = if request.outline.service == Service::ModelArts {
            self.project_id(call).await?
        } else {
            String::new()
        };
        self.send_as(call, request, &project, &Authn::Own).await
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn send_as<T: Send>(
        &self,
        call: &Call,
        request: &Request<'_, T>,
        project: &str,
        authn: &Authn<'_>,
    ) -> Result<T, Error> {
        let mut read = None;
        let mut accept = |answer: &Answer| {
            read = Some((request.read)(answer)?);
            Ok(())
        };
        self.dispatch(call, &request.outline, project, authn, &mut accept).await?;
        read.ok_or_else(|| Error::new(ErrorKind::Unexpected, "the answer was not read"))
    }

    /// The same for every type of answer, so that it exists once.
    async fn dispatch(
        &self,
        call: &Call,
        outline: &Outline,
        project: &str,
        authn: &Authn<'_>,
        accept: &mut Accept<'_>,
    ) -> Result<(), Error> {
        if let Some(reason) = &outline.broken {
            let what = format!("the request cannot be written as JSON: {reason}");
            return Err(Error::new(ErrorKind::Invalid, what));
        }
        let target = Target::new(&self.inner.settings.endpoints, outline, project);
        let outgoing = Outgoing { outline, target, project, authn };
        let mut pauses = retry::pauses(self.inner.settings.backoff);
        let mut history = History::default();
        for number in 1.. {
            let at = outgoing.target.at.clone();
            let attempt = Attempt { at, effect: outline.effect, number };
            let failed = match self.attempt(call, &outgoing, attempt, &mut history, accept).await {
                Ok(()) => {
                    self.inner.budget.refill();
                    return Ok(());
                }
                Err(failed) => failed,
            };
            if failed.remedied {
                history.refusal = Some(failed.error);
                continue;
            }
            match self.pause_after(call, outline.effect, &failed, &mut history, pauses.next()) {
                Some(pause) => {
                    let doing = format!("waiting to repeat it after: {}", failed.error.what());
                    let paused = call.pause(pause, &doing).await;
                    paused.map_err(|end| end.while_at(&failed.error))?;
                }
                None => return Err(last_word(failed, history)),
            }
        }
        // Reached after four thousand million attempts.
        Err(Error::new(ErrorKind::Unexpected, "the attempts ran out"))
    }

    /// Gives the pause after which a failed request is repeated, if it is.
    fn pause_after(
        &self,
        call: &Call,
        effect: Effect,
        failed: &Failed,
        history: &mut History,
        ours: Option<Duration>,
    ) -> Option<Duration> {
        let kind = failed.error.kind();
        if matches!(kind, ErrorKind::Throttled { .. }) && failed.sent {
            self.inner.throttle.hold(retry::hold(ours, failed.retry_after));
        }
        history.repeats += 1;
        let most = retry::most(kind, self.inner.settings.max_retries);
        if !failed.sent || call.is_single() || history.repeats > most {
            return None;
        }
        let cost = retry::cost(effect, kind)?;
        let pause = retry::pause(ours?, failed.retry_after)?;
        if call.ends_within(pause) || !self.inner.budget.take(cost) {
            return None;
        }
        // Without a connection nothing was carried out.
        history.maybe_done |= kind != ErrorKind::Unreachable;
        Some(pause)
    }
}

/// Gives the error that a call ends with.
fn last_word(failed: Failed, history: History) -> Error {
    let kind = failed.error.kind();
    if !failed.sent
        && kind == ErrorKind::Unauthorized
        && let Some(refusal) = history.refusal
    {
        // There were no other credentials to try: the refusal is what there is
        // to say.
        return refusal;
    }
    let mut error = failed.error;
    let conflict = error.status() == Some(409);
    if failed.effect == Effect::Create && conflict && history.maybe_done {
        let facts = error.facts_mut();
        facts.kind = ErrorKind::Ambiguous;
        facts.what = "the service failed, and when asked again it said that there is a conflict, \
                      so the object may have been made or not"
            .to_owned();
    }
    error
}
