//! `html!`: the notation of leptos' `view!`, written out as data (`waypost_app::markup::Node`) instead of as types.
//!
//! `view!` gives every element a type of its own, and the compiler writes the framework's code out again for each. As
//! data, an element costs the phone a few dozen bytes of program. Components are leptos components and are called as
//! `view!` calls them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use rstml::Infallible;
use rstml::node::{KeyedAttribute, Node, NodeAttribute, NodeBlock, NodeElement, NodeName};
use syn::spanned::Spanned;
use syn::{Error, Stmt};

/// Elements of HTML that have no end.
const VOID: [&str; 5] = ["input", "img", "br", "hr", "meta"];

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let nodes = match rstml::parse2(tokens) {
        Ok(nodes) => nodes,
        Err(error) => return error.to_compile_error(),
    };
    let mut written: Vec<TokenStream> = nodes.iter().map(write).collect();
    let only = if written.len() == 1 { written.pop() } else { None };
    if let Some(only) = only { quote!({ #only }) } else { quote!(crate::markup::Node::Many(vec![#(#written),*])) }
}

fn write(node: &Node) -> TokenStream {
    match node {
        Node::Element(element) if is_component(element) => component(element),
        Node::Element(written) => element(written),
        Node::Text(text) => {
            let text = &text.value;
            quote!(crate::markup::Node::Static(#text))
        }
        Node::Block(block) => {
            let value = bare(block);
            quote!(crate::markup::IntoNode::into_node(#value))
        }
        other => {
            Error::new(other.span(), "html! takes elements, components, \"text\" and {expressions}").to_compile_error()
        }
    }
}

/// The expression between the braces, which are needed only around statements.
fn bare(block: &NodeBlock) -> TokenStream {
    if let Some([Stmt::Expr(only, None)]) = block.try_block().map(|block| block.stmts.as_slice()) {
        quote!(#only)
    } else {
        quote!(#block)
    }
}

fn is_component(element: &NodeElement<Infallible>) -> bool {
    element.name().to_string().starts_with(|first: char| first.is_ascii_uppercase())
}

fn component(element: &NodeElement<Infallible>) -> TokenStream {
    if !element.children.is_empty() {
        return Error::new(element.name().span(), "a component takes no children here").to_compile_error();
    }
    let name = element.name();
    let props = element.attributes().iter().map(|attribute| match attribute {
        NodeAttribute::Attribute(attribute) => {
            let key = format_ident!("{}", attribute.key.to_string(), span = attribute.key.span());
            let value = attribute.value().map_or_else(|| quote!(#key), |value| quote!(#value));
            quote!(.#key(#value))
        }
        NodeAttribute::Block(block) => Error::new(block.span(), "name the prop").to_compile_error(),
    });
    quote! {
        crate::markup::IntoNode::into_node(::leptos::component::component_view(
            &#name,
            ::leptos::component::component_props_builder(&#name) #(#props)* .build(),
        ))
    }
}

fn element(element: &NodeElement<Infallible>) -> TokenStream {
    let tag = element.name().to_string();
    // A path would be written as an element that no browser knows, and draw nothing.
    if !tag.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
        let words = "neither an element nor a component that is in scope";
        return Error::new(element.name().span(), words).to_compile_error();
    }
    if VOID.contains(&tag.as_str()) && !element.children.is_empty() {
        return Error::new(element.name().span(), "this element has no content").to_compile_error();
    }
    let attributes = element.attributes().iter().map(|attribute| match attribute {
        NodeAttribute::Attribute(attribute) => put(attribute),
        NodeAttribute::Block(block) => Error::new(block.span(), "name the attribute").to_compile_error(),
    });
    let children = element.children.iter().map(|child| {
        let child = write(child);
        quote!(element.child(#child);)
    });
    quote!({
        let mut element = crate::markup::Element::new(#tag);
        #(#attributes)*
        #(#children)*
        crate::markup::Node::from(element)
    })
}

/// One attribute, property or handler.
fn put(attribute: &KeyedAttribute) -> TokenStream {
    let key = name(&attribute.key);
    let value = attribute.value().map_or_else(|| quote!(true), |value| quote!(#value));
    if key == "on:cancel" {
        // Of dialogs and file inputs; leptos does not name it.
        quote!(element.on(::leptos::ev::Custom::<::leptos::ev::Event>::new("cancel"), #value);)
    } else if let Some(event) = key.strip_prefix("on:") {
        let event = format_ident!("{}", event, span = attribute.key.span());
        quote!(element.on(::leptos::ev::#event, #value);)
    } else if let Some(property) = key.strip_prefix("prop:") {
        quote!(element.property(#property, crate::markup::IntoValue::into_value(#value));)
    } else {
        quote!(element.attribute(#key, crate::markup::IntoValue::into_value(#value));)
    }
}

fn name(name: &NodeName) -> String {
    // `aria-label` is written by the parser with spaces where the source has none.
    let text: String = name.to_string().split_whitespace().collect();
    // `type` and `for` are words of Rust.
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}
