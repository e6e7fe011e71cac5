//! Everything a client needs to know, gathered by somebody else.

use std::time::Duration;

use secrecy::SecretString;

use super::clock::Clock;
use super::credentials::CredentialSource;
use super::endpoints::Endpoints;

/// Settings of a [`Client`](super::Client); plain data, nothing is read from
/// the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Region name, such as `eu-west-101`.
    pub region: Option<String>,
    /// The project all calls work in.
    pub project: ProjectRef,
    /// Where credentials come from.
    pub credentials: CredentialSource,
    /// Base addresses.
    pub endpoints: Endpoints,
    /// Cloud domain, such as `myhuaweicloud.com`; informative.
    pub cloud: Option<String>,
    /// Accepts any server certificate, and plain http to any host.
    pub insecure: bool,
    /// Further certificate authorities, PEM.
    pub cacert_pem: Option<Vec<u8>>,
    /// Client certificate, PEM; goes with `client_key_pem`.
    pub client_cert_pem: Option<Vec<u8>>,
    /// Key of the client certificate, PEM.
    pub client_key_pem: Option<SecretString>,
    /// Repetitions after the first attempt; transient failures only.
    pub max_retries: u32,
    /// Limit of requests per second; evenly spaced, no bursts.
    pub max_requests_per_second: Option<f64>,
    /// Further request headers.
    pub extra_headers: Vec<(String, String)>,
    /// Value of the User-Agent header.
    pub user_agent: String,
    /// Pauses between attempts.
    pub backoff: Backoff,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for one whole exchange.
    pub request_timeout: Duration,
    /// The time of day.
    pub clock: Clock,
}

impl Settings {
    /// Makes settings with the documented defaults: 5 retries, 10 s to
    /// connect, 60 s for an answer, no rate limit.
    pub fn new(project: ProjectRef, credentials: CredentialSource, endpoints: Endpoints) -> Self {
        Self {
            region: None,
            project,
            credentials,
            endpoints,
            cloud: None,
            insecure: false,
            cacert_pem: None,
            client_cert_pem: None,
            client_key_pem: None,
            max_retries: 5,
            max_requests_per_second: None,
            extra_headers: Vec::new(),
            user_agent: concat!("terraform-provider-modelarts/", env!("CARGO_PKG_VERSION")).into(),
            backoff: Backoff::default(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            clock: Clock::default(),
        }
    }
}

/// The project all calls work in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRef {
    /// Its ID, 32 hexadecimal characters.
    Id(String),
    /// Its exact name, looked up once; usually the region name.
    Name(String),
}

/// Pauses between attempts: doubling, with jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Shortest pause before the first repetition.
    pub first: Duration,
    /// Longest pause.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), cap: Duration::from_secs(60) }
    }
}

/// A setting that cannot work; the text names the setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// An address is no base URL.
    #[error("{origin}: {reason}")]
    Endpoint {
        /// The setting the address came from.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A header cannot be sent.
    #[error("request header {name:?}: {reason}")]
    Header {
        /// The header's name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A certificate or key cannot be used.
    #[error("{what}: {reason}")]
    Tls {
        /// Which one.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The rate limit is not a positive number.
    #[error("max_requests_per_second must be a number above 0 and at most 1000000")]
    Rate,
    /// A credential is incomplete.
    #[error("{0} is empty")]
    Empty(&'static str),
}
