//! Managed resources, and what they share.

pub mod errors;
pub mod honour;
pub mod pool;
pub mod session;
