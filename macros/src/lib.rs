//! `#[derive(Model)]`: one declaration of an object gives its schema, its
//! strict reader and its writer.
//!
//! The documentation of the derive, with all that may stand in `#[tf(…)]`, is
//! at `tf::model::Model` of the crate that uses this one.

mod field;
mod model;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Declares an object of a schema. Each field is a `Tf<…>` and says in
/// `#[tf(…)]` who sets it and how it behaves; doc comments are descriptions.
#[proc_macro_derive(Model, attributes(tf))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    model::expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}
