//! `#[derive(FromJson)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Error, Fields, FieldsNamed, Ident, Meta, Token, Variant};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let name = &input.ident;
    let body = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if fills(&input.attrs) => {
                let places = fields.named.iter().filter_map(|field| {
                    let ident = field.ident.as_ref()?;
                    let (key, must) = (ident.to_string(), !has(&field.attrs, "default"));
                    Some(quote!(fields.fill(#key, &mut whole.#ident, #must);))
                });
                quote! {
                    let mut fields = crate::json::Fields::of(value)?;
                    let mut whole = Self::default();
                    #(#places)*
                    fields.filled(whole)
                }
            }
            Fields::Named(fields) => {
                let fields = named(fields, has(&input.attrs, "default"));
                let base = has(&input.attrs, "default").then(|| quote!(let base = Self::default();));
                quote! {
                    let mut fields = crate::json::Fields::of(value)?;
                    #base
                    Ok(Self { #fields })
                }
            }
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                quote!(Ok(Self(crate::json::FromJson::from_json(value)?)))
            }
            _ => return Err(Error::new(name.span(), "FromJson reads structs with named fields or one field")),
        },
        Data::Enum(data) => variants(&data.variants)?,
        Data::Union(_) => return Err(Error::new(name.span(), "FromJson does not read unions")),
    };
    Ok(quote! {
        impl crate::json::FromJson for #name {
            fn from_json(value: crate::json::Value) -> Result<Self, crate::json::Unreadable> {
                #body
            }
        }
    })
}

/// `base`: what is missing is taken from a `base` of the whole.
fn named(fields: &FieldsNamed, base: bool) -> TokenStream {
    let mut written = TokenStream::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let key = ident.to_string();
        written.extend(if base {
            quote!(#ident: fields.take_or(#key, base.#ident)?,)
        } else if has(&field.attrs, "default") {
            quote!(#ident: fields.take_or_default(#key)?,)
        } else {
            quote!(#ident: fields.take(#key)?,)
        });
    }
    written
}

fn variants(variants: &Punctuated<Variant, Token![,]>) -> Result<TokenStream, Error> {
    let (mut arms, mut other) = (TokenStream::new(), None);
    for variant in variants {
        let (ident, key) = (&variant.ident, snake_case(&variant.ident));
        if has(&variant.attrs, "other") {
            other = Some(quote!(Ok(Self::#ident)));
            continue;
        }
        arms.extend(match &variant.fields {
            Fields::Unit => quote!(#key => Ok(Self::#ident),),
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                quote!(#key => Ok(Self::#ident(crate::json::FromJson::from_json(content)?)),)
            }
            Fields::Named(fields) => {
                let fields = named(fields, false);
                quote! {
                    #key => {
                        let mut fields = crate::json::Fields::of(content)?;
                        Ok(Self::#ident { #fields })
                    }
                }
            }
            Fields::Unnamed(_) => {
                return Err(Error::new(ident.span(), "FromJson reads variants with named fields or one field"));
            }
        });
    }
    let other = other.unwrap_or_else(|| quote!(Err(crate::json::Unreadable("variant"))));
    let content =
        if variants.iter().all(|variant| matches!(variant.fields, Fields::Unit)) { quote!(_) } else { quote!(content) };
    Ok(quote! {
        let (tag, #content) = crate::json::variant(value)?;
        match tag.as_str() {
            #arms
            _ => #other,
        }
    })
}

/// Whether `#[from_json(fill)]` stands there: the struct begins as its default, and its fields are filled in.
fn fills(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("from_json"))
}

/// Whether `#[serde(word)]` stands there.
fn has(attributes: &[Attribute], word: &str) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).any(|attribute| {
        let words = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        words.is_ok_and(|words| words.iter().any(|found| found.path().is_ident(word)))
    })
}

fn snake_case(name: &Ident) -> String {
    let mut written = String::new();
    for (at, letter) in name.to_string().chars().enumerate() {
        if letter.is_ascii_uppercase() && at > 0 {
            written.push('_');
        }
        written.push(letter.to_ascii_lowercase());
    }
    written
}
