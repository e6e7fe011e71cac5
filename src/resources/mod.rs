//! Managed resources, and what they share.

pub mod errors;
pub(crate) mod lifecycle;
pub mod network;
pub mod offer;
pub mod pool;
pub mod rules;
pub mod session;
mod takeover;
