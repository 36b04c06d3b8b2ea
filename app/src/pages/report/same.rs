//! "The same?": open reports close by, to be followed instead of being told again.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use crate::markup::{Node, html, memo};
use leptos::prelude::*;

use super::dom;
use super::editor::{Near, use_editor};
use crate::domain::ids::ReportId;
use crate::text::{use_text, words};
use crate::wire::snapshot::OpenReport;

#[component]
pub(super) fn Same() -> Node {
    let editor = use_editor();
    let near = memo(move || editor.near());
    let followed = memo(move || editor.draft.look(|draft| draft.same_as));
    html! {
        <div class="live-only" role="status" data-testid="similar">
            {move || match followed.get() {
                Some(id) => Some(html! { <Followed id /> }),
                None => near.look(|near| (!near.is_empty()).then(|| html! { <Question near=near.clone() /> })),
            }}
        </div>
    }
}

/// "K7Q2 · about 120 m · assigned · 3 days ago", as far as it is asked for.
fn facts(open: &OpenReport, metres: Option<f64>) -> String {
    let editor = use_editor();
    let mine = &use_text().mine;
    let lang = editor.phone.prefs.look_untracked(|prefs| prefs.lang);
    let age = words::ago(lang, editor.phone.now.get_untracked().since(open.received_at_min));
    let mut facts = vec![(mine.code)(&open.code)];
    facts.extend(metres.map(|metres| (editor.t.about)(&words::distance(lang, metres.max(10.0)))));
    facts.extend([(mine.state)(open.state).to_owned(), age]);
    facts.join(" · ")
}

#[component]
fn Question(near: Near) -> Node {
    let editor = use_editor();
    let t = editor.t;
    let one = move |(open, metres): (OpenReport, f64)| {
        let id = open.id;
        html! {
            <li>
                <p>{facts(&open, Some(metres))}</p>
                <button class="btn" type="button" data-testid="follow" on:click=move |_| editor.follow(Some(id))>
                    {t.same_yes}
                    <span class="sr-only">{open.code.clone()}</span>
                </button>
            </li>
        }
    };
    html! {
        <div class="card same" id=dom::SAME tabindex="-1">
            <h2>{t.same_question}</h2>
            <ul>{near.into_iter().map(one).collect_view()}</ul>
            <button class="btn btn-quiet" type="button" data-testid="another" on:click=move |_| editor.is_another()>
                {t.same_no}
            </button>
        </div>
    }
}

#[component]
fn Followed(id: ReportId) -> Node {
    let editor = use_editor();
    let t = editor.t;
    // Nothing is known of it once the district has closed it; the server then decides.
    let known = editor.phone.replica.look(|replica| {
        let open = replica.snapshot().open_reports.iter().find(|open| open.id == id);
        open.map(|open| facts(open, None))
    });
    html! {
        <div class="card same" id=dom::SAME tabindex="-1">
            <h2>{t.same_followed}</h2>
            {known.map(|known| html! { <p>{known}</p> })}
            <p class="small">{t.same_text}</p>
            <button class="btn btn-primary" type="submit" data-testid="save-same" disabled=move || editor.saving.get()>
                {t.same_save}
            </button>
            <button class="btn btn-quiet" type="button" data-testid="unfollow" on:click=move |_| editor.follow(None)>
                {t.same_undo}
            </button>
        </div>
    }
}
