//! What cannot be undone takes two taps, the second under a sentence that says what is lost.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::local::db::DbError;
use crate::local::spawn;
use crate::markup::{IntoNode, Node, RwSignal, html};
use crate::text::use_text;

/// Something under way that may fail.
pub type Act = Pin<Box<dyn Future<Output = Result<(), DbError>>>>;

/// A quiet button; after it the question, `yes` and a way back. What fails is said below them.
#[component]
pub fn AskTwice(
    label: &'static str,
    question: Arc<dyn Fn() -> String + Send + Sync>,
    yes: &'static str,
    act: Arc<dyn Fn() -> Act + Send + Sync>,
) -> Node {
    let t = &use_text().mine;
    let asked = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let ask = move |event: MouseEvent| swap(&event, asked, true);
    let keep = move |event: MouseEvent| swap(&event, asked, false);
    IntoNode::into_node(move || {
        if !asked.get() {
            return html! {
                <button class="btn btn-quiet" type="button" data-testid="delete" on:click=ask>
                    {label}
                </button>
            };
        }
        let words = question();
        let act = act.clone();
        let run = move |_| {
            failed.set(None);
            let act = act();
            spawn(async move {
                if let Err(error) = act.await {
                    failed.try_set(Some((t.failed)(&error.to_string())));
                }
            });
        };
        html! {
            <div class="notice notice-danger" role="alertdialog" aria-label=words.clone() tabindex="-1">
                <p>{words}</p>
                <button class="btn btn-danger" type="button" data-testid="delete-yes" on:click=run>
                    {yes}
                </button>
                <button class="btn" type="button" on:click=keep>
                    {t.delete_no}
                </button>
                <p role="status">{move || failed.get()}</p>
            </div>
        }
    })
}

/// Asks, or takes the question back; the focus goes along, or it would fall to the top of the page with the button that
/// is gone.
fn swap(event: &MouseEvent, asked: RwSignal<bool>, ask: bool) {
    let button = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    let gone = if ask { button } else { button.and_then(|button| button.parent_element()) };
    let around = gone.and_then(|gone| gone.parent_element());
    asked.set(ask);
    request_animation_frame(move || {
        let next = around.and_then(|around| {
            around.query_selector(if ask { "[role=alertdialog]" } else { "[data-testid=delete]" }).ok().flatten()
        });
        if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
            // Only fails for an element that cannot have the focus.
            let _ = next.focus();
        }
    });
}
