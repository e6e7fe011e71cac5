//! The client: one place through which every call goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::time::Instant;

use super::call::Call;
use super::credentials::{Auth, Lease, Leases};
use super::error::{Error, ErrorKind};
use super::gate::Gate;
use super::headers::check_header;
use super::http_client::{Http, Lost, Stage, authorities, identity};
use super::project::Project;
use super::redact::Redactor;
use super::refusal::{ErrorBody, classify, is_clock_skew};
use super::retry::{self, Budget};
use super::settings::{Settings, SettingsError};
use super::sign;
use super::throttle::Throttle;
use super::transport::{Answer, Context, Effect, Raw, Request, Service, Target};

/// A clock that is off by less is not what the gateway complains about.
const SKEW_WORTH_CORRECTING: i64 = 60;

/// A client of ModelArts; clones share connections, limits and credentials.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let modelarts = &self.inner.settings.endpoints.modelarts.url;
        f.debug_struct("Client").field("modelarts", &modelarts.as_str()).finish_non_exhaustive()
    }
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) leases: Leases,
    pub(crate) project: Project,
    pub(crate) redactor: Redactor,
    http: Http,
    gate: Gate,
    throttle: Throttle,
    budget: Budget,
    /// Seconds by which the gateway's clock is ahead of ours.
    skew: AtomicI64,
}

/// With what a request is authorised.
pub(crate) enum Authn<'a> {
    /// The client's own credentials.
    Own,
    /// Credentials on the way to the client's own.
    With(&'a Lease),
    /// None.
    Nothing,
}

/// A failed attempt and what it says about trying again.
struct Failed {
    error: Error,
    /// Whether a request went out, or nearly; whatever failed before is final.
    sent: bool,
    /// The renewable credentials that were refused.
    renew: Option<u64>,
    /// The gateway's clock, when ours is said to be off.
    clock: Option<Timestamp>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, sent: false, renew: None, clock: None }
    }
}

/// What is done once at most per call.
#[derive(Default)]
struct Once {
    /// What was said the first time.
    refusal: Option<Error>,
    renewed: bool,
    clock_corrected: bool,
}

impl Client {
    /// Checks the settings; makes no network call and builds nothing heavy.
    ///
    /// # Errors
    /// Names the setting that cannot work.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let endpoints = &settings.endpoints;
        for endpoint in [&endpoints.modelarts, &endpoints.iam, &endpoints.bss, &endpoints.sts] {
            endpoint.check(settings.insecure)?;
        }
        for (name, value) in &settings.extra_headers {
            check_header(name, value)?;
        }
        settings.credentials.check()?;
        authorities(&settings)?;
        identity(&settings)?;
        let redactor = Redactor::default();
        settings.credentials.secrets().into_iter().for_each(|secret| redactor.learn(secret));
        let inner = Inner {
            leases: Leases::new(),
            project: Project::new(&settings.project),
            redactor,
            http: Http::new(),
            gate: Gate::new(),
            throttle: Throttle::new(settings.max_requests_per_second)?,
            budget: Budget::new(),
            skew: AtomicI64::new(0),
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Gives the settings the client was made with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Takes a secret that is sent out of every message about an answer.
    pub(crate) fn never_quote(&self, secret: &SecretString) {
        self.inner.redactor.learn(secret);
    }

    /// Sends a request with the client's own credentials.
    pub(crate) async fn send(&self, call: &Call, request: Request) -> Result<Answer, Error> {
        let project = if request.needs_project() || request.service == Service::ModelArts {
            self.project_id(call).await?
        } else {
            String::new()
        };
        self.dispatch(call, &request, &project, &Authn::Own).await
    }

    /// Sends a request, repeating it as long as that is safe and sensible.
    pub(crate) async fn dispatch(
        &self,
        call: &Call,
        request: &Request,
        project: &str,
        authn: &Authn<'_>,
    ) -> Result<Answer, Error> {
        if let Some(reason) = &request.broken {
            let what = format!("the request cannot be written as JSON: {reason}");
            return Err(Error::new(ErrorKind::Invalid, what));
        }
        let target = Target::new(&self.inner.settings.endpoints, request, project);
        let mut pauses = retry::pauses(self.inner.settings.backoff);
        let mut once = Once::default();
        let mut repeats = 0;
        for attempt in 1.. {
            let context = Context::new(request, &target, attempt);
            let failed = match self.attempt(call, request, &target, project, authn, context).await {
                Ok(answer) => {
                    self.inner.budget.refill();
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            if self.remedy(&failed, &mut once) {
                once.refusal = Some(failed.error);
                continue;
            }
            // There were no others to try: the refusal is what there is to say.
            if !failed.sent
                && failed.error.kind() == ErrorKind::Unauthorized
                && let Some(refusal) = once.refusal
            {
                return Err(refusal);
            }
            repeats += 1;
            let Some(pause) = self.repeat_after(call, request, &failed, repeats, pauses.next())
            else {
                return Err(failed.error);
            };
            call.pause(pause, &format!("waiting to repeat it after: {}", failed.error.what()))
                .await
                .map_err(|end| with_circumstances(end, &failed.error))?;
        }
        // Reached after four thousand million attempts.
        Err(Error::new(ErrorKind::Unexpected, "the attempts ran out"))
    }

    /// Sends a request without credentials, once and no more.
    pub(crate) async fn once(&self, call: &Call, request: &Request) -> Result<Answer, Error> {
        let target = Target::new(&self.inner.settings.endpoints, request, "");
        let context = Context::new(request, &target, 1);
        let attempt = self.attempt(call, request, &target, "", &Authn::Nothing, context);
        attempt.await.map_err(|failed| failed.error)
    }

    /// Renews refused credentials or corrects the clock, each once; tells
    /// whether the request should be sent again for that.
    fn remedy(&self, failed: &Failed, once: &mut Once) -> bool {
        if let Some(generation) = failed.renew
            && !once.renewed
        {
            once.renewed = true;
            self.inner.leases.forget(generation);
            return true;
        }
        let Some(theirs) = failed.clock.filter(|_| !once.clock_corrected) else { return false };
        let offset = theirs.as_second() - Timestamp::now().as_second();
        let known = self.inner.skew.swap(offset, Ordering::Relaxed);
        once.clock_corrected = true;
        (offset - known).abs() > SKEW_WORTH_CORRECTING
    }

    /// Gives the pause after which a failed request is repeated, if it is.
    fn repeat_after(
        &self,
        call: &Call,
        request: &Request,
        failed: &Failed,
        repeats: u32,
        ours: Option<Duration>,
    ) -> Option<Duration> {
        let kind = failed.error.kind();
        if call.is_single_attempt()
            || !failed.sent
            || repeats > retry::most(kind, self.inner.settings.max_retries)
        {
            return None;
        }
        let cost = retry::cost(request.effect, kind)?;
        let theirs = match kind {
            ErrorKind::Throttled { retry_after } => retry_after,
            _ => None,
        };
        let pause = retry::pause(ours?, theirs)?;
        (!call.ends_within(pause) && self.inner.budget.take(cost)).then_some(pause)
    }

    /// Sends a request once.
    async fn attempt(
        &self,
        call: &Call,
        request: &Request,
        target: &Target,
        project: &str,
        authn: &Authn<'_>,
        context: Context,
    ) -> Result<Answer, Failed> {
        call.check()?;
        let own = match authn {
            Authn::Own => Some(self.lease(call).await?),
            Authn::With(_) | Authn::Nothing => None,
        };
        let lease = match authn {
            Authn::With(lease) => Some(*lease),
            _ => own.as_deref(),
        };
        let _pass = match own {
            Some(_) => Some(self.inner.gate.enter(call).await?),
            None => None,
        };
        self.inner.throttle.ready(call).await?;
        call.check()?;
        let headers = self.headers(request, target, project, lease)?;
        let started = Instant::now();
        let exchange = self.inner.http.exchange(&self.inner.settings, target, request, headers);
        let outcome = if request.effect == Effect::Read {
            let end = call.until(exchange, "waiting for the answer").await;
            end.map_err(|end| {
                with_circumstances(end, &context.facts(ErrorKind::Interrupted, "").into())
            })?
        } else {
            exchange.await
        };
        log(&context, &outcome, started.elapsed());
        let result = self.judge(request, context, outcome, lease);
        if own.is_some() {
            self.report(request, &result, lease);
        }
        result
    }

    /// Tells the gate what an attempt showed about the credentials.
    fn report(&self, request: &Request, result: &Result<Answer, Failed>, lease: Option<&Lease>) {
        let here = request.service == Service::ModelArts;
        match result {
            Ok(_) => self.inner.gate.accepted(here),
            Err(failed) if failed.error.kind() == ErrorKind::Unauthorized => {
                let generation = lease.filter(|l| l.is_renewable()).map(Lease::generation);
                self.inner.gate.refused(&failed.error, generation);
            }
            // The service itself has looked at the request, so it got through.
            Err(failed) if failed.error.code().is_some_and(|c| c.starts_with("ModelArts.")) => {
                self.inner.gate.accepted(here);
            }
            Err(_) => {}
        }
    }

    /// Turns what came back, or did not, into an answer or a typed failure.
    fn judge(
        &self,
        request: &Request,
        context: Context,
        outcome: Result<Raw, Lost>,
        lease: Option<&Lease>,
    ) -> Result<Answer, Failed> {
        let sent = |error: Error| Failed { error, sent: true, renew: None, clock: None };
        let raw = match outcome {
            Ok(raw) => raw,
            Err(lost) => return Err(self.lost(&context, &lost)),
        };
        if !raw.status.is_success() {
            return Err(self.refusal(request, &context, &raw, lease));
        }
        let answer = Answer::new(raw, context);
        match &answer.malformed {
            // Its session token is plain text.
            Some(_) if request.service == Service::Metadata => Ok(answer),
            Some(reason) if matches!(request.effect, Effect::Read | Effect::Create) => {
                Err(sent(answer.unusable(reason)))
            }
            _ => match request.shape.zip(answer.value()).map(|(shape, value)| shape(value)) {
                Some(Err(reason)) => Err(sent(answer.unusable(&reason))),
                _ => Ok(answer),
            },
        }
    }

    fn lost(&self, context: &Context, lost: &Lost) -> Failed {
        let (kind, what) = match lost.stage {
            Stage::Setup => (ErrorKind::Unexpected, "the request could not be tried"),
            Stage::Untrusted => (ErrorKind::Unreachable, "the service's certificate is refused"),
            Stage::Connect => (ErrorKind::Unreachable, "the service cannot be reached"),
            Stage::Exchange if context.effect.is_repeatable() => {
                (ErrorKind::Unavailable, "the connection was lost before the answer came")
            }
            Stage::Exchange => (
                ErrorKind::Ambiguous,
                "the answer was lost, so the change may have been made or not",
            ),
        };
        let mut facts = context.facts(kind, what);
        facts.message = Some(self.inner.redactor.excerpt(&lost.reason));
        let sent = matches!(lost.stage, Stage::Connect | Stage::Exchange);
        Failed { sent, ..Failed::from(Error::from(facts)) }
    }

    fn refusal(
        &self,
        request: &Request,
        context: &Context,
        raw: &Raw,
        lease: Option<&Lease>,
    ) -> Failed {
        let body = ErrorBody::read(&raw.body);
        let retry_after =
            raw.header("retry-after").and_then(|v| retry::retry_after(&v, Timestamp::now()));
        let kind = match classify(raw.status, &body, retry_after, request.effect, request.subject) {
            // Half an error does not say what it is about.
            ErrorKind::Unexpected if request.effect == Effect::Read && is_cut(&raw.body) => {
                ErrorKind::Undecodable
            }
            kind => kind,
        };
        let mut facts = context.facts(kind, sentence(kind, raw.status.as_u16()));
        facts.status = Some(raw.status.as_u16());
        facts.request_id = raw.request_id().or_else(|| body.request_id.clone());
        let excerpt = |text: &String| self.inner.redactor.excerpt(text);
        facts.message = body.message.as_ref().map(excerpt).filter(|text| !text.is_empty());
        facts.code = body.code.as_ref().map(excerpt);
        let refused = kind == ErrorKind::Unauthorized;
        let signed = lease.is_some_and(|lease| matches!(lease.auth, Auth::Keys { .. }));
        let renewable = lease.filter(|lease| lease.is_renewable());
        let skewed = refused && signed && is_clock_skew(&body);
        Failed {
            error: facts.into(),
            sent: true,
            renew: renewable.filter(|_| refused && !skewed).map(Lease::generation),
            clock: skewed.then(|| raw.date()).flatten(),
        }
    }

    /// Gives the time as the gateway sees it.
    pub(super) fn now(&self) -> Timestamp {
        let skew = SignedDuration::from_secs(self.inner.skew.load(Ordering::Relaxed));
        let now = Timestamp::now();
        now.checked_add(skew).unwrap_or(now)
    }
}

/// Says whether a body is JSON that ends too early.
fn is_cut(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err_and(|error| error.is_eof())
}

/// Joins a collection's path and the identity of one of its members.
pub(crate) fn path(collection: &str, id: &str) -> Result<String, Error> {
    // Without a segment of its own a request would hit the whole collection.
    if id.trim().is_empty() || matches!(id, "." | "..") || id.contains('/') {
        let what = format!("{id:?} cannot be the ID of anything");
        return Err(Error::new(ErrorKind::Invalid, what));
    }
    Ok(format!("{collection}/{}", sign::encode_segment(id)))
}

/// Adds to the end of a call what it was doing when it ended.
fn with_circumstances(end: Error, of: &Error) -> Error {
    let mut end = end;
    let facts = end.facts_mut();
    facts.method = of.method().map(str::to_owned);
    facts.path = of.path().map(str::to_owned);
    facts.host = of.host().map(str::to_owned);
    facts.origin = of.origin().map(str::to_owned);
    facts.status = of.status();
    facts.code = of.code().map(str::to_owned);
    facts.request_id = of.request_id().map(str::to_owned);
    facts.attempts = of.attempts();
    end
}

fn sentence(kind: ErrorKind, status: u16) -> String {
    let text = match kind {
        ErrorKind::NotFound => "the object does not exist",
        ErrorKind::AlreadyExists => "the name is already taken",
        ErrorKind::Unauthorized => "the credentials were refused",
        ErrorKind::Forbidden => "the credentials have no right to do this",
        ErrorKind::Throttled { .. } => "the service limits the number of requests",
        ErrorKind::Busy => "the object is busy or in use",
        ErrorKind::QuotaExceeded => "a quota is used up",
        ErrorKind::SoldOut => "there is no such capacity at the moment",
        ErrorKind::Invalid => "the service does not accept the request",
        ErrorKind::Ambiguous => "the service failed, so the change may have been made or not",
        ErrorKind::Unavailable => "the service failed",
        _ if status == 404 => "the service does not know this address",
        _ if (300..400).contains(&status) => "the service redirects, which is not followed",
        _ => "the service gave an unexpected answer",
    };
    text.to_owned()
}

/// Logs an attempt: circumstances only, no query, header or body.
fn log(context: &Context, outcome: &Result<Raw, Lost>, took: Duration) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (status, request_id) = match outcome {
        Ok(raw) => (raw.status.as_u16(), raw.request_id().unwrap_or_default()),
        Err(_) => (0, String::new()),
    };
    let lost = outcome.as_ref().err().map(|lost| lost.reason.as_str()).unwrap_or_default();
    tracing::debug!(
        method = %context.method,
        path = context.path,
        host = context.host,
        status,
        duration_ms,
        request_id,
        attempt = context.attempts,
        lost,
        "call"
    );
}
