//! A line of the queue.

use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::ReportState;
use waypost_app::wire::staff::cases::CaseRow;

use crate::markup::{Memo, Node, html};
use crate::work::Work;

pub(super) fn draw(work: Work, row: CaseRow, open: Memo<Option<ReportId>>) -> Node {
    let t = work.t;
    let id = row.id;
    let title = work.title(&row);
    let due = row.due_at.clone();
    let unit = row.unit;
    let waits = move || {
        let count = work.held.look(|steps| steps.iter().filter(|step| step.case == id).count());
        (count > 0).then(|| html! { <span class="tag">{(t.waiting)(count)}</span> })
    };
    let is_chosen = move || work.chosen.look(|chosen| chosen.contains(&id));
    html! {
        <li
            id=format!("row-{id}")
            class="case-row"
            data-testid="case-row"
            data-here=move || (open.get() == Some(id)).then_some("")
        >
            <label class="choose">
                <input
                    r#type="checkbox"
                    aria-label=(t.choose_case)(&row.code)
                    prop:checked=is_chosen
                    on:change=move |_| {
                        work.chosen
                            .update(|chosen| match chosen.iter().position(|other| *other == id) {
                                Some(at) => {
                                    chosen.remove(at);
                                }
                                None => chosen.push(id),
                            });
                    }
                />
            </label>
            <a href=format!("/staff/cases/{id}") aria-current=move || (open.get() == Some(id)).then_some("true")>
                {thumb(row.photo.as_deref())}
                <span class="what">
                    <span class="words">{title}</span>
                    <span class="line small">
                        {state(work, row.state)} <span>{work.category_name(row.category)}</span>
                        <span class="muted">{move || work.unit_name(unit)}</span> <span class="muted code">{row.code}</span>
                        {waits}
                    </span>
                    {move || {
                        work.deadline(due.as_deref())
                            .map(|(words, late)| html! { <span class=if late { "due late" } else { "due" }>{words}</span> })
                    }}
                </span>
            </a>
        </li>
    }
}

/// A small picture of a photo; a frame where there is none.
pub(crate) fn thumb(photo: Option<&str>) -> Node {
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
pub(crate) fn state(work: Work, state: ReportState) -> Node {
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
