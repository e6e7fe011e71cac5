//! The ModelArts API client; knows nothing of Terraform.
//!
//! [`Client`] is made from [`Settings`], plain data that somebody else has
//! gathered. Every call takes a [`Call`], which says when to stop, and fails
//! with an [`Error`] sorted by what the caller does next.

pub mod billing;
mod body;
mod call;
mod client;
pub mod credentials;
pub mod endpoints;
mod error;
pub mod event;
pub mod flavor;
mod gate;
mod headers;
mod http_client;
pub mod labels;
mod lenient;
pub mod network;
pub mod node;
pub mod order;
mod paging;
pub mod pool;
mod project;
mod redact;
mod refusal;
mod retry;
mod settings;
mod shape;
pub mod sign;
mod throttle;
mod transport;
pub mod workspace;

pub use call::Call;
pub use client::Client;
pub use credentials::{CredentialSource, DomainRef, KeyStore, StoredKeys, UserRef};
pub use endpoints::{Endpoint, Endpoints};
pub use error::{Error, ErrorKind};
pub use pool::{CreatePool, PatchPool, PatchSpec, Pool, PoolFilter, PoolId};
pub use settings::{Backoff, ProjectRef, Settings, SettingsError};
