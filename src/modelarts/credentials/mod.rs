//! Credentials: where they come from, and the leases that calls use.
//!
//! Every source is one variant of [`CredentialSource`] and one function that
//! turns it into a [`Lease`]; renewal, sharing and the memory of refusals are
//! the same for all of them (API reference, authentication).

mod assume;
mod gate;
mod lease;
mod leases;
mod metadata;
mod oidc;
mod project;
mod skew;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use super::settings::SettingsError;

pub(crate) use gate::{Gate, Mark};
pub(crate) use lease::{Auth, Lease};
pub(crate) use leases::Leases;
pub(crate) use metadata::TIMEOUT as METADATA_TIMEOUT;
pub(crate) use skew::Skew;

pub use oidc::{IdToken, TokenStore};

/// What a client knows about its right to call.
#[derive(Debug, Default)]
pub(crate) struct Access {
    pub(crate) leases: Leases,
    pub(crate) gate: Gate,
    /// The project's ID, once it has been looked up.
    pub(crate) project: OnceCell<String>,
    pub(crate) skew: Skew,
}

/// What can be set right about a refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Other credentials.
    Renewal,
    /// Another time of day.
    Clock,
}

/// Keys that sign requests. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Access key; no secret, but treated with care.
    pub access_key: String,
    /// Secret key.
    pub secret_key: SecretString,
    /// Security token of temporary keys.
    pub security_token: Option<SecretString>,
}

impl Keys {
    fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        std::iter::once(&self.secret_key).chain(&self.security_token)
    }
}

/// Where credentials come from. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum CredentialSource {
    /// Access key and secret key, with a security token if they are temporary.
    Keys(Keys),
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
    /// Temporary keys of an agency, renewed before they expire.
    AssumeRole {
        /// Credentials that may assume the agency; another agency's for a chain.
        base: Box<CredentialSource>,
        /// The agency.
        agency: Agency,
        /// 15 minutes to 24 hours.
        duration: Duration,
    },
    /// Temporary keys of a user for whom another identity provider vouches with
    /// an ID token.
    Oidc {
        /// ID of the identity provider in IAM.
        idp_id: String,
        /// Its ID token.
        id_token: IdToken,
    },
    /// Temporary keys of the virtual machine's agency.
    Metadata,
}

/// An agency, which lets another account act for the one that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agency {
    /// An agency of IAM (version 3).
    Iam {
        /// Name of the agency.
        name: String,
        /// The account that delegates.
        domain: DomainRef,
    },
    /// A trust agency (version 5), assumed through the security token service.
    Trust {
        /// Name of the agency.
        name: String,
        /// ID of the account that delegates.
        domain_id: String,
    },
}

impl Agency {
    /// Gives the name.
    pub fn name(&self) -> &str {
        match self {
            Self::Iam { name, .. } | Self::Trust { name, .. } => name,
        }
    }
}

impl fmt::Display for Agency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Iam { name, domain: DomainRef::Id(account) | DomainRef::Name(account) } => {
                write!(f, "agency {name:?} of account {account:?}")
            }
            Self::Trust { name, domain_id } => {
                write!(f, "trust agency {name:?} of account {domain_id:?}")
            }
        }
    }
}

/// A place that keys are read from. Its `Debug` must show no secret.
pub trait KeyStore: fmt::Debug + Send + Sync {
    /// Reads the keys. May block for as long as a small file takes.
    ///
    /// # Errors
    /// Why there are none, without quoting secrets.
    fn read(&self) -> Result<Keys, String>;
}

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// By ID.
    Id {
        /// User ID.
        id: String,
        /// The account that owns the user, if it is known.
        domain: Option<DomainRef>,
    },
    /// By name, unique within an account.
    Name {
        /// User name.
        name: String,
        /// The account that owns the user.
        domain: DomainRef,
    },
}

impl UserRef {
    fn domain(&self) -> Option<&DomainRef> {
        match self {
            Self::Id { domain, .. } => domain.as_ref(),
            Self::Name { domain, .. } => Some(domain),
        }
    }
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
            Self::Keys(keys) => {
                present(&keys.access_key, "access_key")?;
                present(keys.secret_key.expose_secret(), "secret_key")
            }
            Self::Token(token) => present(token.expose_secret(), "token"),
            Self::Password { password, .. } => present(password.expose_secret(), "password"),
            Self::AssumeRole { base, agency, .. } => {
                present(agency.name(), "agency_name")?;
                base.check()
            }
            Self::Oidc { idp_id, id_token } => {
                present(idp_id, "idp_id")?;
                match id_token {
                    IdToken::Text(text) => present(text.expose_secret(), "id_token"),
                    IdToken::Stored(_) => Ok(()),
                }
            }
            Self::Stored(_) | Self::Metadata => Ok(()),
        }
    }

    /// Lists the secrets in it, for redaction.
    pub(crate) fn secrets(&self) -> Vec<&SecretString> {
        match self {
            Self::Keys(keys) => keys.secrets().collect(),
            Self::Token(secret) | Self::Password { password: secret, .. } => vec![secret],
            Self::AssumeRole { base, .. } => base.secrets(),
            Self::Oidc { id_token: IdToken::Text(text), .. } => vec![text],
            Self::Oidc { .. } => Vec::new(),
            Self::Stored(_) | Self::Metadata => Vec::new(),
        }
    }

    /// Tells whether new credentials can be had when these are refused.
    fn is_renewable(&self) -> bool {
        !matches!(self, Self::Keys(_) | Self::Token(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let source = CredentialSource::AssumeRole {
            base: Box::new(CredentialSource::Keys(Keys {
                access_key: "AK".into(),
                secret_key: "dummy-secret".to_owned().into(),
                security_token: Some("dummy-token".to_owned().into()),
            })),
            agency: Agency::Iam { name: "agency".into(), domain: DomainRef::Name("domain".into()) },
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
}
