//! Terraform's ideas as Rust types; no wire, no network, no ModelArts.

pub mod checkpoint;
pub mod codec;
pub mod conform;
pub mod context;
pub mod data_source;
pub mod diagnostics;
pub mod duration;
pub mod field;
pub mod function;
pub mod number;
pub mod oracle;
pub mod path;
pub mod plan;
pub mod private;
pub mod provider;
pub mod resource;
pub mod schema;
pub mod schema_check;
pub mod ty;
pub mod value;
