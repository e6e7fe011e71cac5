//! The lease in use: fetched once for all calls, renewed in time, and never
//! fetched again after a refusal.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::{Auth, CredentialSource, KeyStore, Lease, assume, metadata, token};
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};

/// The current lease and the memory of a refusal.
#[derive(Debug)]
pub(crate) struct Leases {
    turn: Semaphore,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    lease: Option<Arc<Lease>>,
    generation: u64,
    refusal: Option<Error>,
    /// What was refused last: there is no point in sending it again.
    refused: Option<Auth>,
}

impl Leases {
    pub(crate) fn new() -> Self {
        Self { turn: Semaphore::new(1), held: Mutex::new(Held::default()) }
    }

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
    /// lives when there will be no other.
    fn fresh(&self) -> Result<Option<Arc<Lease>>, Error> {
        let held = self.held();
        let now = Timestamp::now();
        let last = held.refusal.is_some();
        let usable = |lease: &Arc<Lease>| {
            if last { !lease.is_dead(now) } else { !lease.is_stale(now) }
        };
        match (held.lease.clone().filter(usable), &held.refusal) {
            (None, Some(refusal)) => Err(refusal.clone()),
            (lease, _) => Ok(lease),
        }
    }

    fn keep(&self, mut lease: Lease, source: &CredentialSource) -> Arc<Lease> {
        let mut held = self.held();
        held.generation += 1;
        lease.generation = held.generation;
        lease.renewable = source.is_renewable();
        let lease = Arc::new(lease);
        held.lease = Some(Arc::clone(&lease));
        lease
    }

    /// Decides what a failed renewal means: a refusal is remembered for good,
    /// and an old lease that still works is used on.
    fn make_do(&self, error: Error) -> Result<Arc<Lease>, Error> {
        use ErrorKind::{
            Credentials, DeadlineExceeded, Forbidden, Interrupted, Invalid, Unauthorized,
        };
        let mut held = self.held();
        let now = Timestamp::now();
        let alive = held.lease.clone().filter(|lease| !lease.is_dead(now));
        match error.kind() {
            Interrupted | DeadlineExceeded => return Err(error),
            Unauthorized | Forbidden | Invalid => held.refusal = Some(error.clone()),
            // Whoever never had any need not ask again.
            Credentials if alive.is_none() => held.refusal = Some(error.clone()),
            _ => {}
        }
        alive.ok_or(error)
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
            let leases = &self.inner.leases;
            if let Some(lease) = leases.fresh()? {
                return Ok(lease);
            }
            let _turn = call.until(leases.turn.acquire(), "waiting for credentials").await?;
            if let Some(lease) = leases.fresh()? {
                return Ok(lease);
            }
            let source = &self.inner.settings.credentials;
            match self.fetch(call, source).await {
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
    ) -> Pin<Box<dyn Future<Output = Result<Lease, Error>> + Send + 'a>> {
        Box::pin(async move {
            let lease = match source {
                CredentialSource::Keys { access_key, secret_key, security_token } => {
                    let auth = Auth::Keys {
                        access_key: access_key.clone(),
                        secret_key: secret_key.clone(),
                        security_token: security_token.clone(),
                    };
                    Lease::new(auth, None)
                }
                CredentialSource::Stored(store) => Lease::new(stored(call, store).await?, None),
                CredentialSource::Token(token) => Lease::new(Auth::Token(token.clone()), None),
                CredentialSource::Password { user, password } => {
                    token::by_password(self, call, user, password).await?
                }
                CredentialSource::AssumeRole { base, agency_name, domain, duration } => {
                    let base = self.fetch(call, base).await?;
                    assume::by_agency(self, call, &base, agency_name, domain, *duration).await?
                }
                CredentialSource::Metadata => metadata::of_machine(self, call).await?,
            };
            self.learn(&lease.auth);
            Ok(lease)
        })
    }

    fn learn(&self, auth: &Auth) {
        let redactor = &self.inner.redactor;
        match auth {
            Auth::Token(token) => redactor.learn(token),
            Auth::Keys { secret_key, security_token, .. } => {
                redactor.learn(secret_key);
                security_token.iter().for_each(|token| redactor.learn(token));
            }
        }
    }
}

async fn stored(call: &Call, store: &Arc<dyn KeyStore>) -> Result<Auth, Error> {
    let store = Arc::clone(store);
    let read = tokio::task::spawn_blocking(move || store.read());
    let keys = call.until(read, "reading the keys").await?;
    let keys = keys.unwrap_or_else(|_| Err("reading the keys ended suddenly".to_owned()));
    let keys = keys.map_err(|why| Error::new(ErrorKind::Credentials, why))?;
    Ok(Auth::Keys {
        access_key: keys.access_key,
        secret_key: keys.secret_key,
        security_token: keys.security_token,
    })
}
