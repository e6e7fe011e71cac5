//! Terraform's ideas as Rust types; no wire, no network, no ModelArts.

pub mod diagnostics;
pub mod number;
pub mod path;
pub mod ty;
pub mod value;
