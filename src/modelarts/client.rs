//! The client: what its calls share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::SecretString;

use super::credentials::Access;
use super::headers::check_header;
use super::http_client::{Http, authorities, identity};
use super::redact::Redactor;
use super::retry::Budget;
use super::settings::{Settings, SettingsError};
use super::throttle::Throttle;

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
    pub(crate) access: Access,
    pub(crate) redactor: Redactor,
    pub(crate) http: Http,
    pub(crate) throttle: Throttle,
    pub(crate) budget: Budget,
    /// Something has answered a request of this client.
    pub(crate) answered: AtomicBool,
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
            access: Access::default(),
            redactor,
            http: Http::default(),
            throttle: Throttle::new(settings.max_requests_per_second)?,
            budget: Budget::new(),
            answered: AtomicBool::new(false),
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Gives the settings the client was made with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Tells whether anything has ever answered a request of this client, well or
    /// badly: the network is there.
    pub fn has_answered(&self) -> bool {
        self.inner.answered.load(Ordering::Relaxed)
    }

    /// Takes a secret that is sent out of every message about an answer.
    pub(crate) fn never_quote(&self, secret: &SecretString) {
        self.inner.redactor.learn(secret);
    }
}
