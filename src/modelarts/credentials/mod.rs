//! Credentials: where they come from, and the leases that calls use.
//!
//! Every source is one variant of [`CredentialSource`] and one function that
//! turns it into a [`Lease`]; renewal, sharing and the memory of refusals are
//! the same for all of them (API reference, authentication).

mod assume;
mod leases;
mod metadata;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::settings::SettingsError;

pub(crate) use leases::Leases;
pub(crate) use metadata::TIMEOUT as METADATA_TIMEOUT;

/// Where credentials come from. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum CredentialSource {
    /// Access key and secret key, with a security token if they are temporary.
    Keys {
        /// Access key; no secret, but treated with care.
        access_key: String,
        /// Secret key.
        secret_key: SecretString,
        /// Security token of temporary keys.
        security_token: Option<SecretString>,
    },
    /// Keys in a place where somebody may replace them, such as a profile:
    /// read when they are needed, and again when they are refused.
    Stored(Arc<dyn KeyStore>),
    /// A ready-made IAM token; cannot be renewed.
    Token(SecretString),
    /// An IAM token got by password, renewed before it expires.
    Password {
        /// The IAM user.
        user: UserRef,
        /// The password.
        password: SecretString,
    },
    /// Temporary keys of an agency in another account, renewed before they expire.
    AssumeRole {
        /// Credentials that may assume the agency.
        base: Box<CredentialSource>,
        /// Name of the agency.
        agency_name: String,
        /// The account that delegates.
        domain: DomainRef,
        /// 15 minutes to 24 hours.
        duration: Duration,
    },
    /// Temporary keys of the virtual machine's agency.
    Metadata,
}

/// A place that keys are read from. Its `Debug` must show no secret.
pub trait KeyStore: fmt::Debug + Send + Sync {
    /// Reads the keys. May block for as long as a small file takes.
    ///
    /// # Errors
    /// Why there are none, without quoting secrets.
    fn read(&self) -> Result<StoredKeys, String>;
}

/// Keys as they were read. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct StoredKeys {
    /// Access key.
    pub access_key: String,
    /// Secret key.
    pub secret_key: SecretString,
    /// Security token of temporary keys.
    pub security_token: Option<SecretString>,
}

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// By ID.
    Id(String),
    /// By name, unique within an account.
    Name {
        /// User name.
        name: String,
        /// The account that owns the user.
        domain: DomainRef,
    },
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainRef {
    /// By ID.
    Id(String),
    /// By name.
    Name(String),
}

impl CredentialSource {
    /// Refuses what cannot work, before anything is sent.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let present = |text: &str, what| {
            if text.trim().is_empty() { Err(SettingsError::Empty(what)) } else { Ok(()) }
        };
        match self {
            Self::Keys { access_key, secret_key, .. } => {
                present(access_key, "access_key")?;
                present(secret_key.expose_secret(), "secret_key")
            }
            Self::Token(token) => present(token.expose_secret(), "token"),
            Self::Password { password, .. } => present(password.expose_secret(), "password"),
            Self::AssumeRole { base, agency_name, .. } => {
                present(agency_name, "agency_name")?;
                base.check()
            }
            Self::Stored(_) | Self::Metadata => Ok(()),
        }
    }

    /// Lists the secrets in it, for redaction.
    pub(crate) fn secrets(&self) -> Vec<&SecretString> {
        match self {
            Self::Keys { secret_key, security_token, .. } => {
                std::iter::once(secret_key).chain(security_token).collect()
            }
            Self::Token(secret) | Self::Password { password: secret, .. } => vec![secret],
            Self::AssumeRole { base, .. } => base.secrets(),
            Self::Stored(_) | Self::Metadata => Vec::new(),
        }
    }

    /// Tells whether new credentials can be had when these are refused.
    fn is_renewable(&self) -> bool {
        !matches!(self, Self::Keys { .. } | Self::Token(_))
    }
}

/// With what one request is authorised.
#[derive(Clone, Debug)]
pub(crate) enum Auth {
    Keys { access_key: String, secret_key: SecretString, security_token: Option<SecretString> },
    Token(SecretString),
}

impl Auth {
    /// Says whether two are the same credentials.
    fn is_same(&self, other: &Self) -> bool {
        let text = |secret: &Option<SecretString>| {
            secret.as_ref().map(|secret| secret.expose_secret().to_owned())
        };
        match (self, other) {
            (
                Self::Keys { access_key: a, secret_key: b, security_token: c },
                Self::Keys { access_key: x, secret_key: y, security_token: z },
            ) => a == x && b.expose_secret() == y.expose_secret() && text(c) == text(z),
            (Self::Token(a), Self::Token(b)) => a.expose_secret() == b.expose_secret(),
            _ => false,
        }
    }
}

/// Credentials for the time being.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub(crate) auth: Auth,
    /// The project the token was made for.
    pub(crate) project_id: Option<String>,
    issued: Timestamp,
    expires: Option<Timestamp>,
    renewable: bool,
    generation: u64,
}

impl Lease {
    fn new(auth: Auth, expires: Option<Timestamp>) -> Self {
        Self {
            auth,
            project_id: None,
            issued: Timestamp::now(),
            expires,
            renewable: false,
            generation: 0,
        }
    }

    pub(crate) fn is_renewable(&self) -> bool {
        self.renewable
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Tells whether it is time for new ones: ten minutes before the end, or
    /// when two thirds of a short life are over.
    fn is_stale(&self, now: Timestamp) -> bool {
        let Some(expires) = self.expires else { return false };
        let life = expires.duration_since(self.issued).as_secs();
        let margin = (10 * 60).min(life / 3);
        expires.duration_since(now).as_secs() <= margin
    }

    /// Tells whether they cannot be used any more.
    fn is_dead(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let source = CredentialSource::AssumeRole {
            base: Box::new(CredentialSource::Keys {
                access_key: "AK".into(),
                secret_key: "dummy-secret".to_owned().into(),
                security_token: Some("dummy-token".to_owned().into()),
            }),
            agency_name: "agency".into(),
            domain: DomainRef::Name("domain".into()),
            duration: Duration::from_secs(900),
        };
        for text in [
            format!("{source:?}"),
            format!("{:?}", CredentialSource::Token("dummy-token".to_owned().into())),
            format!("{:?}", Auth::Token("dummy-token".to_owned().into())),
        ] {
            assert!(!text.contains("dummy"), "{text}");
        }
    }

    #[test]
    fn leases_are_renewed_ten_minutes_before_their_end() {
        let lease = |life: i64| Lease {
            issued: Timestamp::from_second(0).unwrap(),
            expires: Some(Timestamp::from_second(life).unwrap()),
            ..Lease::new(Auth::Token("t".to_owned().into()), None)
        };
        let stale = |life, at| lease(life).is_stale(Timestamp::from_second(at).unwrap());
        assert!(!stale(86400, 86400 - 601) && stale(86400, 86400 - 600));
        assert!(!stale(900, 599) && stale(900, 600));
        assert!(!lease(900).is_dead(Timestamp::from_second(899).unwrap()));
        assert!(lease(900).is_dead(Timestamp::from_second(900).unwrap()));
    }
}
