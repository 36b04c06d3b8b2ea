//! Report: one photo is enough. The same form works as plain HTML, is kept on the phone where the program runs, and is
//! sent by the outbox.

mod brush;
pub(super) mod dom;
mod editor;
mod form;
mod photos;
mod plot;
mod same;
mod saved;

use crate::markup::{Node, html, react};
use crate::router::use_address;
use leptos::prelude::*;

use crate::components::outbox_trouble::TroubleNotice;
use crate::components::page_head::PageTitle;
use crate::local::use_phone;
use crate::text::use_text;
use brush::Brush;
use editor::Editor;
use form::ReportForm;
use saved::Saved;

/// `/report`; `?draft=ID` goes on with a draft.
#[component]
pub fn Report() -> Node {
    let t = &use_text().report;
    let editor = Editor::new(use_phone());
    provide_context(editor);
    let address = use_address();
    react(move || {
        let wanted = address.look(|address| address.get("draft"));
        editor.open(wanted);
    });
    html! {
        <PageTitle text=t.title />
        <header class="page-head">
            <h1 class="page-title">{t.title}</h1>
        </header>
        <div class="stack">
            <details class="notice notice-warn emergency">
                <summary>{t.emergency}</summary>
                <p>{t.emergency_text}</p>
                <ul class="btns">
                    {t
                        .numbers
                        .iter()
                        .map(|(number, what)| {
                            html! {
                                <li class="wide">
                                    <a class="btn" href=format!("tel:{number}") rel="external">
                                        <span class="num">{*number}</span>
                                        {*what}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </details>
            <TroubleNotice />
            <Saved />
            <ReportForm />
            <Brush />
        </div>
    }
}

/// `/report/received?code=`: where the plain form ends.
#[component]
pub fn Received() -> Node {
    let text = use_text();
    let t = &text.report;
    let address = use_address();
    let code = move || address.look(|address| address.get("code")).filter(|code| is_code(code));
    html! {
        <PageTitle text=t.received_title />
        <header class="page-head">
            <h1 class="page-title">{t.received_title}</h1>
        </header>
        <div class="card stack" data-testid="receipt">
            {move || match code() {
                Some(code) => {
                    html! {
                        <p class="receipt" role="status">
                            {(t.delivered)(&code)}
                        </p>
                        <p>{t.received_text}</p>
                    }
                }
                None => html! { <p>{t.received_unknown}</p> },
            }}
            <p class="btns">
                <a class="btn" href="/report">
                    {t.another}
                </a>
                <a class="btn btn-quiet" href="/">
                    {text.common.stations}
                </a>
            </p>
        </div>
    }
}

/// Anybody can write an address: only what looks like one of our codes is shown.
fn is_code(code: &str) -> bool {
    (3..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::is_code;

    #[test]
    fn only_what_looks_like_a_code_is_shown_as_one() {
        assert!(is_code("K7Q2") && is_code("A1-B2C3"));
        for text in ["", "K7", "call 1-800-SCAM now", "<b>", "编号", "K7Q2K7Q2K7Q2K"] {
            assert!(!is_code(text), "{text}");
        }
    }
}
