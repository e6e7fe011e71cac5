//! Managed resources, and what they share.

pub mod errors;
mod lifecycle;
pub mod network;
pub mod pool;
mod rules;
pub mod session;
mod takeover;
