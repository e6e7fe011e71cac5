//! How a provider becomes a process that Terraform drives.
//!
//! [`serve`] runs the life of the process: it tells the host where to connect
//! (`handshake`, `listener`), lets nobody else in (`tls`, `incoming`), answers
//! the host's calls (`service`, `host_services`) and leaves in time
//! (`shutdown`). What the calls mean is said by a
//! [`Provider`](crate::tf::provider::Provider); this module adds what is the
//! same for all providers, above all that a change always ends with the object
//! as it is best known.

mod convert;
mod environment;
mod handshake;
mod host_services;
mod incoming;
mod listener;
mod logging;
mod panics;
pub mod proto;
mod reattach;
mod serve;
mod service;
mod shutdown;
mod tls;

pub use crate::platform::SocketError;
pub use environment::{Launch, Lookup, check_launch, process_environment};
pub use listener::ListenError;
pub use logging::init_logging;
pub use reattach::REGISTRY_HOSTS;
pub use serve::{Options, ServeError, serve};
pub use tls::TlsSetupError;
