//! The macros of Waypost's interface. Both write out less code than what they stand in for (leptos' `view!` and
//! serde's `Deserialize`), because a phone on one bar of signal downloads it.

mod from_json;
mod html;

/// A piece of a page, as a `Node`. In `<tag name=value prop:name=value on:event=handler>child</tag>` values and
/// children are expressions; a closure is evaluated again whenever what it reads changes. A name that begins with a
/// capital letter is a component, whose attributes are its props; `name` alone is short for `name=name` there, and for
/// `name=true` on an element.
#[proc_macro]
pub fn html(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    html::expand(tokens.into()).into()
}

/// Reads a type from parsed JSON in the shape that serde's derive gives it. Understands the attributes of serde that
/// Waypost uses: `default` on fields and structs, `transparent`, `other`, `rename_all = "snake_case"` on enums. `#[from_json(fill)]` on a struct that has a
/// default makes the smallest code.
#[proc_macro_derive(FromJson, attributes(serde, from_json))]
pub fn from_json(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(tokens as syn::DeriveInput);
    from_json::expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}
