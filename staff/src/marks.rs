//! What stands for a case wherever one is listed: its state, and a small picture.

use waypost_app::domain::report::ReportState;

use crate::markup::{Node, html};
use crate::work::Work;

/// A small picture of a photo; a frame where there is none.
#[must_use]
pub fn thumb(photo: Option<&str>) -> Node {
    match photo {
        Some(hash) => html! {
            <img
                class="thumb"
                src=format!("/api/v1/staff/photos/{hash}/thumb")
                alt=""
                width="72"
                height="72"
                loading="lazy"
                decoding="async"
            />
        },
        None => html! { <span class="thumb"></span> },
    }
}

/// A state as word, shape and colour.
#[must_use]
pub fn state(work: Work, state: ReportState) -> Node {
    let (kind, shape) = match state {
        ReportState::Received => {
            ("pill-unknown", html! { <path class="dash" d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2" /> })
        }
        ReportState::Accepted | ReportState::Assigned | ReportState::Reopened => {
            ("pill-soon", html! { <path d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2" /> })
        }
        ReportState::InProgress => (
            "pill-soon",
            html! { <path class="half" d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2" /><path class="full" d="M8 2a6 6 0 0 0 0 12z" /> },
        ),
        ReportState::Fixed | ReportState::Confirmed => {
            ("pill-open", html! { <path class="full" d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1" /> })
        }
        ReportState::Declined => ("pill-closed", html! { <path d="M4 4l8 8M12 4l-8 8" /> }),
    };
    html! {
        <span class=format!("pill {kind}")>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                {shape}
            </svg>
            <span>{work.state_name(state)}</span>
        </span>
    }
}
