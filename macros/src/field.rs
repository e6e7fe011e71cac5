//! One field: who sets it, and how it behaves.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Meta, Result, Token, Type, Visibility,
};

/// A field of a model.
pub(crate) struct Field<'a> {
    /// Name of the field.
    pub(crate) ident: &'a Ident,
    /// Name of the attribute.
    pub(crate) name: String,
    visibility: &'a Visibility,
    ty: &'a Type,
    description: String,
    facts: Facts,
}

/// What stands in `#[tf(…)]`.
#[derive(Default)]
struct Facts {
    required: bool,
    optional: bool,
    computed: bool,
    block: bool,
    name: Option<String>,
    /// Calls of the builder, in order.
    calls: Vec<TokenStream>,
}

impl<'a> Field<'a> {
    /// Reads a field.
    pub(crate) fn parse(field: &'a syn::Field) -> Result<Self> {
        let Some(ident) = &field.ident else {
            return Err(Error::new_spanned(field, "a field of a model has a name"));
        };
        let mut facts = Facts::default();
        let mut seen = false;
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("tf")) {
            seen = true;
            let list =
                attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
            list.iter().try_for_each(|meta| facts.take(meta))?;
        }
        facts.check(ident, seen)?;
        let plain = ident.to_string();
        let name = facts.name.clone();
        Ok(Self {
            ident,
            name: name.unwrap_or_else(|| plain.trim_start_matches("r#").to_owned()),
            visibility: &field.vis,
            ty: &field.ty,
            description: description(&field.attrs),
            facts,
        })
    }

    /// The attribute of the schema.
    pub(crate) fn attribute(&self) -> TokenStream {
        let Self { name, ty, description, .. } = self;
        let mode = self.facts.mode();
        let block = self.facts.block.then(|| quote! { .as_block() });
        let calls = &self.facts.calls;
        // The span of the type: what is no `Tf` of a shape is told there.
        quote::quote_spanned! { ty.span() =>
            ::terraform_provider_modelarts::tf::schema::Attribute::of_kind(
                #name,
                <#ty>::kind(),
                ::terraform_provider_modelarts::tf::schema::Mode::#mode,
                #description,
            )#block #(#calls)*
        }
    }

    /// The attribute's name as a constant of the struct.
    pub(crate) fn constant(&self) -> TokenStream {
        let Self { name, visibility, .. } = self;
        let constant = format_ident!("{}", name.to_uppercase(), span = self.ident.span());
        let doc = format!("Name of the attribute `{name}`.");
        quote! {
            #[doc = #doc]
            #visibility const #constant: &'static str = #name;
        }
    }
}

impl Facts {
    fn take(&mut self, meta: &Meta) -> Result<()> {
        let word = meta.path().require_ident()?.to_string();
        match (word.as_str(), meta) {
            ("required", Meta::Path(_)) => self.required = true,
            ("optional", Meta::Path(_)) => self.optional = true,
            ("computed", Meta::Path(_)) => self.computed = true,
            ("block", Meta::Path(_)) => self.block = true,
            // Found by an import, it stays: only what is computed may.
            ("found_stays", Meta::Path(_)) => {
                self.computed = true;
                self.calls.push(quote! { .found_stays() });
            }
            (
                "replaces"
                | "replaces_unless_prior_null"
                | "not_null"
                | "sensitive"
                | "write_only"
                | "changes_on_update"
                | "local"
                | "never_answered"
                | "always_answered"
                | "only_written"
                | "unordered"
                | "empty_is_null"
                | "sets_to_work",
                Meta::Path(path),
            ) => self.calls.push(quote! { .#path() }),
            ("name", Meta::NameValue(pair)) => self.name = Some(text(&pair.value)?.value()),
            ("default", Meta::NameValue(pair)) => {
                let value = &pair.value;
                self.calls.push(quote! { .default_value(#value) });
            }
            ("keyed_by", Meta::NameValue(pair)) => self.keyed_by(&pair.value),
            ("changes_with", Meta::NameValue(pair)) => {
                let names = texts(&pair.value)?;
                self.calls.push(quote! { .changes_with(&[#(#names),*]) });
            }
            (
                "same_when" | "changes_when" | "replaces_when" | "deprecated" | "owns_key",
                Meta::NameValue(pair),
            ) => {
                let (call, value) = (&pair.path, &pair.value);
                self.calls.push(quote! { .#call(#value) });
            }
            _ => return Err(Error::new_spanned(meta, format!("`{word}` is not understood here"))),
        }
        Ok(())
    }

    /// Names of members, or a function that makes keys.
    fn keyed_by(&mut self, value: &Expr) {
        match texts(value) {
            Ok(names) => self.calls.push(quote! { .keyed_by_members(&[#(#names),*]) }),
            Err(_) => self.calls.push(quote! { .keyed_by(#value) }),
        }
    }

    fn check(&self, ident: &Ident, seen: bool) -> Result<()> {
        let refuse = |text: &str| Err(Error::new_spanned(ident, text));
        if !seen {
            return refuse("say in #[tf(…)] who sets it: required, optional, computed or block");
        }
        match (self.required, self.optional, self.computed, self.block) {
            (false, false, false, true) | (true, false, false, false) => Ok(()),
            (false, optional, computed, false) if optional || computed => Ok(()),
            (false, false, false, false) => {
                refuse("say who sets it: required, optional, computed or block")
            }
            _ => {
                refuse("required, optional (with or without computed) and block exclude each other")
            }
        }
    }

    fn mode(&self) -> Ident {
        let word = match (self.required, self.optional || self.block, self.computed) {
            (true, ..) => "Required",
            (_, true, true) => "OptionalComputed",
            (_, true, false) => "Optional",
            _ => "Computed",
        };
        format_ident!("{word}")
    }
}

/// A text literal.
fn text(value: &Expr) -> Result<&LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        other => Err(Error::new_spanned(other, "a text in quotes is expected")),
    }
}

/// A text literal, or several in parentheses or brackets.
fn texts(value: &Expr) -> Result<Vec<&LitStr>> {
    match value {
        Expr::Tuple(tuple) => tuple.elems.iter().map(text).collect(),
        Expr::Array(array) => array.elems.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

/// The doc comment as Markdown: lines of a paragraph joined, paragraphs apart.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let mut paragraphs = vec![Vec::new()];
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attribute.meta else { continue };
        let Ok(line) = text(&pair.value) else { continue };
        let line = line.value().trim().to_owned();
        if line.is_empty() {
            paragraphs.push(Vec::new());
        } else if let Some(paragraph) = paragraphs.last_mut() {
            paragraph.push(line);
        }
    }
    let joined = paragraphs.into_iter().filter(|p| !p.is_empty()).map(|p| p.join(" "));
    joined.collect::<Vec<_>>().join("\n\n")
}
