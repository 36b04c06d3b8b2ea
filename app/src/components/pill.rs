//! A state as word, shape and colour together, so that none of the three is needed to read it.

use crate::markup::{Node, html};
use leptos::prelude::*;

use crate::domain::schedule::Status;
use crate::local::prefs::Lang;
use crate::text::words;

/// "● 营业中 · 20:00 关". `next` is what happens next, or empty; `big` for the one state a page is about.
#[component]
pub fn Pill(lang: Lang, status: Status, #[prop(into)] next: String, #[prop(optional)] big: bool) -> Node {
    let kind = match status {
        Status::Open { .. } => "pill-open",
        Status::ClosingSoon { .. } => "pill-soon",
        Status::Closed { .. } => "pill-closed",
        Status::Unknown { .. } => "pill-unknown",
    };
    let shape = match status {
        Status::Open { .. } => html! { <path class="full" d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1" /> },
        Status::ClosingSoon { .. } => {
            html! { <path class="half" d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2" /><path class="full" d="M8 2a6 6 0 0 0 0 12z" /> }
        }
        Status::Closed { .. } => html! { <path d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2" /> },
        Status::Unknown { .. } => html! { <path class="dash" d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2" /> },
    };
    // Broken before the change, if at all, not within it.
    let after = (!next.is_empty()).then(|| html! { <span class="next"><span class="dot">"· "</span>{next}</span> });
    html! {
        <span class=if big { format!("pill pill-big {kind}") } else { format!("pill {kind}") }>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                {shape}
            </svg>
            <span>{words::state(lang, &status)} " " {after}</span>
        </span>
    }
}
