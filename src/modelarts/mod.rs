//! The ModelArts API client; knows nothing of Terraform.
//!
//! [`Client`] is made from [`Settings`], plain data that somebody else has
//! gathered. Every call takes a [`Call`], which says when to stop, and fails
//! with an [`Error`] sorted by what the caller does next.

#[macro_use]
mod lenient;

mod answer;
pub mod billing;
mod call;
mod client;
mod clock;
mod collection;
pub mod credentials;
pub mod driver;
pub mod endpoints;
mod error;
pub mod event;
mod exchange;
pub mod flavor;
mod headers;
mod http_client;
mod id;
pub mod job;
pub mod labels;
pub mod network;
pub mod node;
pub mod order;
mod paging;
pub mod pool;
mod redact;
mod refusal;
mod request;
mod retry;
mod send;
mod settings;
mod shape;
pub mod sign;
mod target;
mod throttle;
pub mod workspace;

pub use call::Call;
pub use client::Client;
pub use clock::Clock;
pub use collection::{Create, Listed, Object, ObjectName, ObjectPages, Patch, Query, Wanted};
pub use credentials::{
    Agency, CredentialSource, DomainRef, IdToken, KeyStore, Keys, TokenStore, UserRef,
};
pub use endpoints::{Endpoint, Endpoints};
pub use error::{Error, ErrorKind};
pub use id::Id;
pub use job::{Job, JobId, JobPhase};
pub use network::{Network, NetworkId};
pub use pool::{CreatePool, PatchPool, PatchSpec, Pool, PoolFilter, PoolId};
pub use settings::{Backoff, ProjectRef, Settings, SettingsError};
