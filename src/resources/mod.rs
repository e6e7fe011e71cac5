//! Managed resources, and what they share.

pub mod errors;
pub mod pool;
pub mod session;
