//! What is said once a report is finished: saved here at once, delivered by itself.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use crate::markup::{Node, html, memo};
use leptos::prelude::*;

use super::editor::use_editor;
use crate::components::outbox_status::OutboxStatus;
use crate::local::outbox::item::Stage;

#[component]
pub(super) fn Saved() -> Node {
    let editor = use_editor();
    let t = editor.t;
    let item = memo(move || {
        let id = editor.saved.get()?;
        editor.phone.shelf.look(|shelf| shelf.item(id).cloned())
    });
    let code = memo(move || {
        item.look(|item| match item.as_ref().map(|item| &item.stage) {
            Some(Stage::Received { receipt, .. }) => Some(receipt.code.clone()),
            _ => None,
        })
    });
    html! {
        <div class="live-only" role="status" data-testid="saved">
            {move || {
                editor
                    .saved
                    .get()
                    .map(|_| {
                        html! {
                            <div class="card card-main stack" id="saved" tabindex="-1">
                                <p class="receipt" data-testid="saved-state">
                                    {move || code.get().map_or_else(|| t.saved_here.to_owned(), |code| (t.delivered)(&code))}
                                </p>
                                <p>{move || if code.look(Option::is_some) { t.delivered_text } else { t.saved_text }}</p>
                                {move || {
                                    code.look(Option::is_none).then(|| item.get().map(|item| html! { <OutboxStatus item /> }))
                                }}
                                <p class="btns">
                                    <button class="btn wide" type="button" on:click=move |_| editor.clear()>
                                        {t.another}
                                    </button>
                                    <a class="btn btn-quiet wide" href="/mine">
                                        {t.to_mine}
                                    </a>
                                </p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
