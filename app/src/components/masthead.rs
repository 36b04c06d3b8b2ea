//! The head of a page: its title, and one quiet line that tells the truth about the data.

use crate::markup::{IntoNode, Node, html, memo};
use leptos::prelude::*;

use super::page_head::PageTitle;
use crate::local::{SyncState, use_phone};
use crate::text::{use_text, words};

/// The title, the line about the data, and whether it is only a sample.
#[component]
pub fn Masthead(#[prop(into)] title: String) -> Node {
    let heading = title.clone();
    html! {
        <PageTitle text=Signal::stored(title) />
        <header class="page-head">
            <h1 class="page-title" tabindex="-1">
                {heading}
            </h1>
            <SyncLine />
        </header>
        <ClockNotice />
        <SampleNotice />
    }
}

/// "Updated 3 min ago", "offline · data as of 08:10", or that this build is too old.
#[component]
pub fn SyncLine() -> Node {
    let t = &use_text().common;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let state = move || match phone.sync.get() {
        SyncState::Offline => "offline",
        SyncState::TooOld => "old",
        SyncState::Idle | SyncState::Refreshing | SyncState::Fresh => "known",
    };
    let words = move || {
        let now = phone.now.get();
        phone.replica.look(|replica| {
            let made = replica.generated_at();
            let as_of = || words::as_of(lang, replica.offset(), made, now);
            match phone.sync.get() {
                SyncState::TooOld => t.too_old.to_owned(),
                SyncState::Offline if replica.is_blank() => t.offline_blank.to_owned(),
                SyncState::Offline => (t.offline)(&as_of()),
                _ if replica.is_blank() => t.loading.to_owned(),
                SyncState::Idle | SyncState::Refreshing | SyncState::Fresh if now.since(made) < 1 => {
                    t.updated_now.to_owned()
                }
                SyncState::Idle | SyncState::Refreshing | SyncState::Fresh => {
                    (t.updated)(&words::ago(lang, now.since(made)))
                }
            }
        })
    };
    html! {
        <p class="sync" data-state=state>
            {words}
        </p>
    }
}

/// Says that this phone's clock is wrong, as long as it is.
#[component]
fn ClockNotice() -> Node {
    let t = &use_text().common;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let words = move || {
        let minutes = phone.clock_ahead.get() / 60_000;
        let by = words::duration(lang, minutes.abs());
        (minutes != 0).then(|| if minutes > 0 { (t.clock_ahead)(&by) } else { (t.clock_behind)(&by) })
    };
    html! {
        <div role="status" data-testid="clock">
            {move || words().map(|words| html! { <p class="notice">{words}</p> })}
        </div>
    }
}

/// Says that the district is the built-in sample, as long as it is.
#[component]
pub fn SampleNotice() -> Node {
    let t = &use_text().common;
    let phone = use_phone();
    let sample = memo(move || phone.replica.look(|replica| replica.district().sample));
    IntoNode::into_node(move || {
        sample.get().then(|| {
            html! {
                <p class="notice notice-warn sample">
                    <strong>{t.sample_title}</strong>
                    <span>{t.sample_text}</span>
                </p>
            }
        })
    })
}

/// In place of a page's content while this phone has no district at all.
#[component]
pub fn Blank() -> Node {
    let t = &use_text().common;
    let phone = use_phone();
    IntoNode::into_node(move || {
        let (title, text) = match phone.sync.get() {
            SyncState::Offline => (t.blank_offline_title, t.blank_offline_text),
            SyncState::Idle | SyncState::Refreshing | SyncState::Fresh | SyncState::TooOld => {
                (t.blank_title, t.blank_text)
            }
        };
        html! {
            <div class="card empty" role="status">
                <h2>{title}</h2>
                <p>{text}</p>
            </div>
        }
    })
}
