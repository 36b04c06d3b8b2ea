//! A newer version waits: it is taken on a tap, never by itself under an open draft.

use crate::markup::{Node, html};
use leptos::prelude::*;
use web_sys::CustomEvent;

use crate::local::db::{self, Store};
use crate::local::outbox::ShelfState;
use crate::local::{owed, spawn, use_phone};
use crate::text::use_text;

/// The event on `window` that asks for the waiting version.
pub const APPLY_UPDATE: &str = "waypost:apply-update";
/// The event on `window` before it: the page is about to be loaded anew, and what is due to be kept is to be kept now.
pub const KEEP: &str = "waypost:keep";

fn tell(name: &str) {
    if let Ok(event) = CustomEvent::new(name) {
        // Fails only if the event is already being dispatched.
        let _ = window().dispatch_event(&event);
    }
}

/// Offered at the top of every page once it is there.
#[component]
pub fn UpdateNotice() -> Node {
    let t = &use_text().common;
    let phone = use_phone();
    let apply = move |_| {
        if phone.shelf.look_untracked(|shelf| shelf.state) != ShelfState::Ready {
            // Nothing is kept here, and the new version may do better.
            return tell(APPLY_UPDATE);
        }
        tell(KEEP);
        spawn(async {
            // Begins after whatever has begun to be kept; whether that succeeded is asked below.
            if let Ok(turn) = db::write(&[Store::Drafts]).await {
                let _ = turn.commit().await;
            }
            // The form says what could not be kept, and that its page must stay.
            if !owed::is_owed() {
                tell(APPLY_UPDATE);
            }
        });
    };
    let banner = move || {
        phone.update_ready.get().then(|| {
            html! {
                <div class="notice update">
                    <p>{t.update_ready}</p>
                    <button class="btn" type="button" on:click=apply>
                        {t.update_now}
                    </button>
                </div>
            }
        })
    };
    // The region is there before its words, or screen readers would not read them out.
    html! { <div role="status">{banner}</div> }
}
