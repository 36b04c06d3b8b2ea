//! Pieces of a page as data: what `html!` makes, drawn on the server as HTML and on the phone as a document that
//! changes with the signals it reads.
//!
//! leptos draws from types: each element, with its attributes and children, is one, for which the compiler writes
//! building, rebuilding and hydrating out again. A phone on one bar of signal pays for every byte of that. Here they
//! are written once, for every element. Effects, components and contexts are leptos' own, and so are the signals and memos
//! behind those here.

mod each;
mod element;
#[cfg(feature = "live")]
mod listener;
mod memo;
mod node;
mod react;
mod setting;
mod signal;
mod state;
mod value;
mod view;
mod write;

pub use each::each;
pub use memo::{Memo, memo};
pub use node::{Element, IntoNode, Node};
pub use react::react;
pub use signal::RwSignal;
pub use value::{IntoValue, Value};
pub use waypost_macros::html;
pub use write::escape;
