//! What happens when the person arrives at another page of the program.

use crate::markup::{Memo, Node, memo, react};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::local::replica::Replica;
use crate::local::{SyncState, use_phone};
use crate::router::use_path;

/// The path the program was opened at: what the server drew, it knew all about.
#[derive(Clone, Debug)]
pub struct OpenedAt(pub String);

/// Moves the focus to the heading of each page that is gone to, as a browser does with a page it loads, and marks the
/// document as live so that what needs the program shows itself. Draws nothing.
#[component]
pub fn Arrival() -> Node {
    let pathname = use_path();
    react(|| {
        if let Some(root) = document().document_element() {
            // Fails only for a name that is not an attribute's.
            let _ = root.set_attribute("data-live", "");
        }
    });
    Effect::new(move |before: Option<String>| {
        let path = pathname.get();
        if before.is_some_and(|before| before != path) {
            // The page is drawn in the task after the path changes.
            request_animation_frame(focus_heading);
        }
        path
    });
    Node::Nothing
}

fn focus_heading() {
    let target = document().query_selector("main h1").ok().flatten().or_else(|| document().get_element_by_id("main"));
    if let Some(target) = target.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // A heading takes the focus only when told that it may. Neither call fails on an element of the page.
        let _ = target.set_attribute("tabindex", "-1");
        let _ = target.focus();
    }
}

/// True while this page's part of the district is on its way: the phone holds only what another page was drawn from.
/// What the server drew this page from is complete for it, and with the network gone nothing more is coming.
#[must_use]
pub fn use_still_coming() -> Memo<bool> {
    let phone = use_phone();
    let pathname = use_path();
    let opened_at = use_context::<OpenedAt>();
    memo(move || {
        phone.replica.look(Replica::is_partial)
            && phone.sync.get() != SyncState::Offline
            && opened_at.as_ref().is_some_and(|opened_at| pathname.look(|path| *path != opened_at.0))
    })
}
