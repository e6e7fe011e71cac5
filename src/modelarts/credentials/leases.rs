//! The lease in use: fetched once for all calls and renewed in time. Refusals
//! are remembered, because asking again could lock the user or the key.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::token::Scope;
use super::{Auth, CredentialSource, KeyStore, Lease, assume, metadata, oidc, token};
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};

/// After a renewal that failed, old credentials that still work are used for
/// this long before new ones are asked for again.
const PAUSE: Duration = Duration::from_secs(60);
/// Refused renewals in a row after which no more are tried. The first
/// credentials are asked for once.
const MOST_REFUSALS: u32 = 2;

/// The current lease and the memory of refusals.
#[derive(Debug)]
pub(crate) struct Leases {
    turn: Semaphore,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    lease: Option<Arc<Lease>>,
    generation: u64,
    refusals: u32,
    refusal: Option<Error>,
    not_before: Option<Instant>,
    /// What was refused last: there is no point in sending it again.
    refused: Option<Auth>,
}

impl Held {
    /// Gives the refusal after which nothing more is tried.
    fn final_refusal(&self) -> Option<&Error> {
        let most = if self.generation == 0 { 1 } else { MOST_REFUSALS };
        self.refusal.as_ref().filter(|_| self.refusals >= most)
    }

    fn alive(&self) -> Option<Arc<Lease>> {
        self.lease.clone().filter(|lease| !lease.is_dead())
    }
}

impl Default for Leases {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), held: Mutex::default() }
    }
}

impl Leases {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a refused lease, unless a newer one has taken its place.
    pub(crate) fn forget(&self, generation: u64) {
        let mut held = self.held();
        if held.lease.as_ref().is_some_and(|lease| lease.generation == generation) {
            held.refused = held.lease.take().map(|lease| lease.auth.clone());
        }
    }

    /// Fails when new credentials are those that were just refused: whoever
    /// keeps them has not replaced them. Who asks again may try them again.
    fn is_news(&self, lease: &Lease) -> Result<(), Error> {
        let refused = self.held().refused.take();
        if refused.is_some_and(|refused| refused.is_same(&lease.auth)) {
            let what = "the credentials were refused, and the place that they are read from still \
                        holds the same ones";
            return Err(Error::new(ErrorKind::Unauthorized, what));
        }
        Ok(())
    }

    /// Gives the lease in use if it is good for a while, or as long as it
    /// lives while there is no other to be had.
    fn fresh(&self) -> Result<Option<Arc<Lease>>, Error> {
        let held = self.held();
        let last = held.final_refusal();
        let settled = last.is_some() || held.not_before.is_some_and(|at| Instant::now() < at);
        match held.alive().filter(|lease| settled || !lease.is_stale()) {
            Some(lease) => Ok(Some(lease)),
            None => last.map_or(Ok(None), |refusal| Err(refusal.clone())),
        }
    }

    fn keep(&self, mut lease: Lease, source: &CredentialSource) -> Arc<Lease> {
        let mut held = self.held();
        held.generation += 1;
        lease.generation = held.generation;
        lease.renewable = source.is_renewable();
        let lease = Arc::new(lease);
        held.lease = Some(Arc::clone(&lease));
        held.refusals = 0;
        held.not_before = None;
        lease
    }

    /// Decides what a failed renewal means: refusals are counted, and old
    /// credentials that still work are used on.
    fn make_do(&self, error: Error) -> Result<Arc<Lease>, Error> {
        use ErrorKind::{
            Credentials, DeadlineExceeded, Forbidden, Interrupted, Invalid, Unauthorized,
        };
        let mut held = self.held();
        let refused = match error.kind() {
            Interrupted | DeadlineExceeded => return Err(error),
            Unauthorized | Forbidden | Invalid => true,
            // Whoever never had any need not ask again.
            Credentials => held.generation == 0,
            _ => false,
        };
        if refused {
            held.refusals += 1;
            held.refusal = Some(error.clone());
        }
        held.not_before = Some(Instant::now() + PAUSE);
        held.alive().ok_or(error)
    }
}

impl Client {
    /// Gives credentials that are good for a while, fetching them if need be.
    pub(crate) fn lease<'a>(
        &'a self,
        call: &'a Call,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<Lease>, Error>> + Send + 'a>> {
        // Boxed, because fetching is a call and calls need a lease.
        Box::pin(async move {
            let leases = &self.inner.access.leases;
            if let Some(lease) = leases.fresh()? {
                return Ok(lease);
            }
            let _turn = call.until(leases.turn.acquire(), "waiting for credentials").await?;
            if let Some(lease) = leases.fresh()? {
                return Ok(lease);
            }
            let source = &self.inner.settings.credentials;
            match self.fetch(call, source, Scope::Project).await {
                Ok(lease) => {
                    leases.is_news(&lease)?;
                    Ok(leases.keep(lease, source))
                }
                Err(error) => leases.make_do(error),
            }
        })
    }

    /// Turns a source into a lease.
    pub(super) fn fetch<'a>(
        &'a self,
        call: &'a Call,
        source: &'a CredentialSource,
        scope: Scope,
    ) -> Pin<Box<dyn Future<Output = Result<Lease, Error>> + Send + 'a>> {
        Box::pin(async move {
            let lease = match source {
                CredentialSource::Keys(keys) => Lease::new(Auth::Keys(keys.clone()), None),
                CredentialSource::Stored(store) => Lease::new(stored(call, store).await?, None),
                CredentialSource::Token(token) => Lease::new(Auth::Token(token.clone()), None),
                CredentialSource::Password { user, password } => {
                    token::by_password(self, call, user, password, scope).await?
                }
                CredentialSource::AssumeRole { base, agency, duration } => {
                    let base = self.fetch(call, base, Scope::Domain).await?;
                    assume::by_agency(self, call, &base, agency, *duration).await?
                }
                CredentialSource::Oidc { idp_id, id_token } => {
                    let lease = oidc::by_id_token(self, call, idp_id, id_token).await;
                    let what = format!("signing in with an ID token of {idp_id:?}");
                    lease.map_err(|error| error.while_doing(&what))?
                }
                CredentialSource::Metadata => metadata::of_machine(self, call).await?,
            };
            lease.auth.secrets().into_iter().for_each(|secret| self.never_quote(secret));
            Ok(lease)
        })
    }
}

async fn stored(call: &Call, store: &Arc<dyn KeyStore>) -> Result<Auth, Error> {
    let store = Arc::clone(store);
    let read = tokio::task::spawn_blocking(move || store.read());
    let keys = call.until(read, "reading the keys").await?;
    let keys = keys.unwrap_or_else(|_| Err("reading the keys ended suddenly".to_owned()));
    keys.map(Auth::Keys).map_err(|why| Error::new(ErrorKind::Credentials, why))
}
