//! Terraform's ideas as Rust types; no wire, no network, no ModelArts.

pub mod codec;
pub mod conform;
pub mod context;
pub mod data_source;
pub mod diagnostics;
pub mod duration;
pub mod found;
pub mod function;
pub mod keeper;
pub mod matching;
pub mod model;
pub mod number;
pub mod oracle;
pub mod path;
pub mod plan;
pub mod prelude;
pub mod private;
pub mod provider;
pub mod refresh;
pub mod resource;
pub mod schema;
pub mod testing;
mod text;
pub mod ty;
pub mod validate;
pub mod value;
pub mod walk;
