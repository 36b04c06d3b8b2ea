//! What is said once a report is finished: saved here at once, delivered by itself.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use crate::components::erase::{Erase, live};
use leptos::prelude::*;

use super::editor::use_editor;
use crate::components::outbox_status::OutboxStatus;
use crate::local::outbox::item::Stage;

#[component]
pub(super) fn Saved() -> impl IntoView {
    let editor = use_editor();
    let t = editor.t;
    let item = Memo::new(move |_| {
        let id = editor.saved.get()?;
        editor.phone.shelf.with(|shelf| shelf.item(id).cloned())
    });
    let code = Memo::new(move |_| {
        item.with(|item| match item.as_ref().map(|item| &item.stage) {
            Some(Stage::Received { receipt, .. }) => Some(receipt.code.clone()),
            _ => None,
        })
    });
    view! {
        <div class="live-only" role="status" data-testid="saved">
            {live(move || {
                editor
                    .saved
                    .get()
                    .map(|_| {
                        view! {
                            <div class="card card-main stack" id="saved" tabindex="-1">
                                <p class="receipt" data-testid="saved-state">
                                    {live(move || code.get().map_or_else(|| t.saved_here.to_owned(), |code| (t.delivered)(&code)))}
                                </p>
                                <p>{live(move || if code.with(Option::is_some) { t.delivered_text } else { t.saved_text })}</p>
                                {live(move || {
                                    let waiting = code.with(Option::is_none).then(|| item.get()).flatten();
                                    waiting.map(|item| view! { <OutboxStatus item /> }.erase())
                                })}
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
                        .erase()
                    })
            })}
        </div>
    }
    .erase()
}
