//! The title of a page and whether it exists, told to the server that draws it and to the browser that shows it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::markup::{Node, react};
use leptos::prelude::*;

use crate::text::use_text;

/// What the page being drawn says of itself; the server provides one as context and reads it afterwards.
#[derive(Clone, Debug, Default)]
pub struct ServerPage(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    title: String,
    missing: bool,
}

impl ServerPage {
    /// The title of the page, plain text.
    #[must_use]
    pub fn title(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).title.clone()
    }

    /// The page says that what was asked for does not exist.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).missing
    }
}

/// Sets the title of the page: "`text` · app name", or only the app's name where `text` is empty.
#[component]
pub fn PageTitle(#[prop(into)] text: Signal<String>) -> Node {
    let app_name = use_text().common.app_name;
    let full = move || {
        let text = text.get();
        if text.is_empty() { app_name.to_owned() } else { format!("{text} · {app_name}") }
    };
    if let Some(page) = use_context::<ServerPage>() {
        page.0.lock().unwrap_or_else(PoisonError::into_inner).title = untrack(full);
    }
    react(move || document().set_title(&full()));
    Node::Nothing
}

/// Says that what was asked for does not exist, so that the server answers 404.
#[component]
pub fn MissingPage() -> Node {
    if let Some(page) = use_context::<ServerPage>() {
        page.0.lock().unwrap_or_else(PoisonError::into_inner).missing = true;
    }
    Node::Nothing
}
