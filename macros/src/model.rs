//! What is written for a struct.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::field::{Field, description};

/// Writes the implementations for a struct with named fields.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a model is a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a model is a struct with named fields"));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "a model has no type parameters"));
    }
    let fields: Vec<Field> = fields.named.iter().map(Field::parse).collect::<Result<_>>()?;
    let name = &input.ident;
    let description = description(&input.attrs);
    let attributes = fields.iter().map(Field::attribute);
    let names: Vec<_> = fields.iter().map(|field| &field.name).collect();
    let idents: Vec<_> = fields.iter().map(|field| field.ident).collect();
    let constants = fields.iter().map(Field::constant);
    Ok(quote! {
        #[automatically_derived]
        impl ::terraform_provider_modelarts::tf::model::Model for #name {
            const DESCRIPTION: &'static str = #description;

            fn attributes() -> ::std::vec::Vec<
                ::terraform_provider_modelarts::tf::schema::Attribute,
            > {
                ::std::vec![#(#attributes),*]
            }

            fn from_value(
                value: &::terraform_provider_modelarts::tf::value::Value,
            ) -> ::std::result::Result<Self, ::terraform_provider_modelarts::tf::model::Mismatch>
            {
                let members =
                    ::terraform_provider_modelarts::tf::model::members(value, &[#(#names),*])?;
                ::std::result::Result::Ok(Self {
                    #(#idents: ::terraform_provider_modelarts::tf::model::member(
                        members, #names,
                    )?,)*
                })
            }

            fn to_value(&self) -> ::terraform_provider_modelarts::tf::value::Value {
                ::terraform_provider_modelarts::tf::value::Value::object::<&'static str>([
                    #((#names, self.#idents.to_value()),)*
                ])
            }

            fn null() -> Self {
                Self { #(#idents: ::terraform_provider_modelarts::tf::model::Tf::Null,)* }
            }

            fn unknown() -> Self {
                Self { #(#idents: ::terraform_provider_modelarts::tf::model::Tf::Unknown,)* }
            }
        }

        #[automatically_derived]
        impl ::std::default::Default for #name {
            /// An object in which nothing is set.
            fn default() -> Self {
                <Self as ::terraform_provider_modelarts::tf::model::Model>::null()
            }
        }

        #[allow(dead_code)] // not every name is needed by every author
        impl #name {
            #(#constants)*
        }
    })
}
