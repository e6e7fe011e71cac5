//! Waiting for a pool: how far it has to be ([`ready`]), the wait itself
//! ([`watch`]), and what the service says when it does not get there
//! ([`reasons`]).

pub mod ready;
mod reasons;
pub mod watch;

pub use ready::{Goal, Readiness};
pub use watch::{Tolerance, Unfinished, Watch};
