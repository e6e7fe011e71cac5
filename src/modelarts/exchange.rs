//! One attempt: authorised, sent, judged.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::answer::{Answer, Raw};
use super::call::Call;
use super::client::Client;
use super::credentials::{Auth, Lease, Mark, Remedy};
use super::error::{Error, ErrorKind};
use super::http_client::{Lost, Stage};
use super::refusal::{ErrorBody, classify, is_clock_skew, is_cut, sentence};
use super::request::{Effect, Outline, Service};
use super::retry;
use super::send::{Accept, Authn, History};
use super::target::{Attempt, Target};

/// A request with an address.
pub(crate) struct Outgoing<'a> {
    pub(crate) outline: &'a Outline,
    pub(crate) target: Target,
    pub(crate) project: &'a str,
    pub(crate) authn: &'a Authn<'a>,
}

/// A failed attempt and what it says about trying again.
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) effect: Effect,
    /// Whether a request went out, or nearly; whatever failed before is final.
    pub(crate) sent: bool,
    /// Something was set right, so that it is worth sending again.
    pub(crate) remedied: bool,
    /// How long the service asks to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// With what an attempt was signed.
struct Signed<'a> {
    lease: Option<&'a Lease>,
    /// Seconds by which the clock was corrected.
    skew: i64,
}

impl Client {
    /// Sends a request once.
    pub(crate) async fn attempt(
        &self,
        call: &Call,
        outgoing: &Outgoing<'_>,
        attempt: Attempt,
        history: &mut History,
        accept: &mut Accept<'_>,
    ) -> Result<(), Failed> {
        let effect = attempt.effect;
        let unsent = |error| Failed::of(error, effect, false);
        call.check().map_err(unsent)?;
        let access = &self.inner.access;
        let own = matches!(outgoing.authn, Authn::Own);
        // Held until everything is stored that the next request should know.
        let _pass = match own {
            true => Some(access.gate.enter(call).await.map_err(unsent)?),
            false => None,
        };
        let held = match own {
            true => Some(self.lease(call).await.map_err(unsent)?),
            false => None,
        };
        let lease = match outgoing.authn {
            Authn::With(lease) => Some(*lease),
            Authn::Own | Authn::Nothing => held.as_deref(),
        };
        self.inner.throttle.ready(call).await.map_err(unsent)?;
        call.check().map_err(unsent)?;
        let signed = Signed { lease, skew: access.skew.seconds() };
        let result = self.exchange(call, outgoing, &attempt, &signed, history).await;
        let result = result.and_then(|raw| {
            let answer = Answer { raw, attempt, now: self.now() };
            accept(&answer).map_err(|error| Failed::of(error, effect, true))
        });
        if own {
            self.report(outgoing.outline.service, &result, &signed);
        }
        result
    }

    /// Sends the request and gives a successful answer.
    async fn exchange(
        &self,
        call: &Call,
        outgoing: &Outgoing<'_>,
        attempt: &Attempt,
        signed: &Signed<'_>,
        history: &mut History,
    ) -> Result<Raw, Failed> {
        let unsent = |error| Failed::of(error, attempt.effect, false);
        let now = self.inner.access.skew.correct(self.inner.settings.clock.now(), signed.skew);
        let headers = self.headers(outgoing, signed.lease, now).map_err(unsent)?;
        let started = Instant::now();
        let exchange = self.inner.http.exchange(&self.inner.settings, outgoing, headers);
        let outcome = if attempt.effect == Effect::Read {
            let answered = call.until(exchange, "waiting for the answer").await;
            answered.map_err(|end| unsent(attempt.explain(end)))?
        } else {
            exchange.await
        };
        log(attempt, &outcome, started.elapsed());
        if outcome.is_ok() {
            self.inner.answered.store(true, Ordering::Relaxed);
        }
        match outcome {
            Ok(raw) if raw.status.is_success() => Ok(raw),
            Ok(raw) => Err(self.refusal(outgoing.outline, attempt, &raw, signed, history)),
            Err(lost) => Err(self.lost(attempt, &lost)),
        }
    }

    /// Gives the time as the gateway sees it.
    fn now(&self) -> Timestamp {
        let skew = &self.inner.access.skew;
        skew.correct(self.inner.settings.clock.now(), skew.seconds())
    }

    /// Tells the gate what an attempt showed about the credentials.
    fn report(&self, service: Service, result: &Result<(), Failed>, signed: &Signed<'_>) {
        let gate = &self.inner.access.gate;
        let here = service == Service::ModelArts;
        match result {
            Ok(()) => gate.accepted(here),
            Err(failed) if failed.error.kind() == ErrorKind::Unauthorized && failed.sent => {
                let lease = signed.lease.filter(|lease| lease.is_renewable());
                let lease = lease.map(|lease| Mark::Lease(lease.generation()));
                let mark =
                    if failed.remedied { lease.or(Some(Mark::Clock(signed.skew))) } else { lease };
                gate.refused(&failed.error, mark);
            }
            // The service itself has looked at the request, so it got through.
            Err(failed) if failed.error.code().is_some_and(|c| c.starts_with("ModelArts.")) => {
                gate.accepted(here);
            }
            Err(_) => {}
        }
    }

    fn lost(&self, attempt: &Attempt, lost: &Lost) -> Failed {
        let (kind, what) = match lost.stage {
            Stage::Setup => (ErrorKind::Unexpected, "the request could not be tried"),
            Stage::Untrusted => (ErrorKind::Unreachable, "the service's certificate is refused"),
            Stage::Connect => (ErrorKind::Unreachable, "the service cannot be reached"),
            Stage::Exchange if attempt.effect.is_repeatable() => {
                (ErrorKind::Unavailable, "the connection was lost before the answer came")
            }
            Stage::Exchange => (
                ErrorKind::Ambiguous,
                "the answer was lost, so the change may have been made or not",
            ),
        };
        let mut facts = attempt.facts(kind, what);
        facts.message = Some(self.inner.redactor.excerpt(&lost.reason));
        let sent = matches!(lost.stage, Stage::Connect | Stage::Exchange);
        Failed::of(facts.into(), attempt.effect, sent)
    }

    /// Reads an answer that is no success, and sets right what can be.
    fn refusal(
        &self,
        outline: &Outline,
        attempt: &Attempt,
        raw: &Raw,
        signed: &Signed<'_>,
        history: &mut History,
    ) -> Failed {
        let body = ErrorBody::read(&raw.body);
        let date = raw.date();
        let now = date.unwrap_or_else(|| self.now());
        let retry_after = raw.header("retry-after").and_then(|v| retry::retry_after(v, now));
        let kind = match classify(raw.status, &body, retry_after, outline.effect, outline.subject) {
            // Half an error does not say what it is about.
            ErrorKind::Unexpected if outline.effect == Effect::Read && is_cut(&raw.body) => {
                ErrorKind::Undecodable
            }
            kind => kind,
        };
        let mut facts = attempt.facts(kind, sentence(kind, raw.status.as_u16()));
        facts.status = Some(raw.status.as_u16());
        facts.request_id = raw.request_id().map(str::to_owned).or(body.request_id.clone());
        let excerpt = |text: &String| self.inner.redactor.excerpt(text);
        facts.message = body.message.as_ref().map(excerpt).filter(|text| !text.is_empty());
        facts.code = body.code.as_ref().map(excerpt);
        let keys = signed.lease.is_some_and(|lease| matches!(lease.auth, Auth::Keys(_)));
        let remedied = match date.filter(|_| keys && is_clock_skew(&body)) {
            _ if kind != ErrorKind::Unauthorized => false,
            Some(theirs) => {
                let ours = self.inner.settings.clock.now();
                self.inner.access.skew.learn(theirs, ours, signed.skew)
                    && history.is_new(Remedy::Clock)
            }
            None => self.renew(signed.lease, history),
        };
        Failed { remedied, retry_after, ..Failed::of(facts.into(), attempt.effect, true) }
    }

    /// Gives refused credentials up if there may be others; once per call.
    fn renew(&self, lease: Option<&Lease>, history: &mut History) -> bool {
        let Some(lease) = lease.filter(|lease| lease.is_renewable()) else { return false };
        let new = history.is_new(Remedy::Renewal);
        if new {
            self.inner.access.leases.forget(lease.generation());
        }
        new
    }
}

impl Failed {
    fn of(error: Error, effect: Effect, sent: bool) -> Self {
        Self { error, effect, sent, remedied: false, retry_after: None }
    }
}

/// Logs an attempt: circumstances only, no query, header or body.
fn log(attempt: &Attempt, outcome: &Result<Raw, Lost>, took: Duration) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (status, request_id) = match outcome {
        Ok(raw) => (raw.status.as_u16(), raw.request_id().unwrap_or_default()),
        Err(_) => (0, ""),
    };
    let lost = outcome.as_ref().err().map(|lost| lost.reason.as_str()).unwrap_or_default();
    tracing::debug!(
        method = %attempt.at.method,
        path = attempt.at.path,
        host = attempt.at.host,
        status,
        duration_ms,
        request_id,
        attempt = attempt.number,
        lost,
        "call"
    );
}
