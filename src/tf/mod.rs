//! Terraform's ideas as Rust types; no wire, no network, no ModelArts.

pub mod checkpoint;
pub mod context;
pub mod data_source;
pub mod diagnostics;
pub mod field;
pub mod function;
pub mod number;
pub mod path;
pub mod plan;
pub mod private;
pub mod provider;
pub mod resource;
pub mod schema;
pub mod ty;
pub mod value;
