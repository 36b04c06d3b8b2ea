//! The head of a page: its title, and one quiet line that tells the truth about the data.

use crate::components::erase::{Erase, live};
use leptos::prelude::*;

use super::page_head::PageTitle;
use crate::local::{SyncState, use_phone};
use crate::text::{use_text, words};

/// The title, the line about the data, and whether it is only a sample.
#[component]
pub fn Masthead(#[prop(into)] title: String) -> impl IntoView {
    let heading = title.clone();
    view! {
        <PageTitle text=Signal::stored(title) />
        <header class="page-head">
            <h1 class="page-title" tabindex="-1">
                {heading}
            </h1>
            <SyncLine />
        </header>
        <SampleNotice />
    }
    .erase()
}

/// "Updated 3 min ago", "offline · data as of 08:10", or that this build is too old.
#[component]
pub fn SyncLine() -> impl IntoView {
    let t = &use_text().common;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let state = Signal::derive(move || match phone.sync.get() {
        SyncState::Offline => "offline",
        SyncState::TooOld => "old",
        SyncState::Idle | SyncState::Refreshing | SyncState::Fresh => "known",
    });
    let words = live(move || {
        let now = phone.now.get();
        phone.replica.with(|replica| {
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
    });
    view! {
        <p class="sync" data-state=state>
            {words}
        </p>
    }
    .erase()
}

/// Says that the district is the built-in sample, as long as it is.
#[component]
pub fn SampleNotice() -> impl IntoView {
    let t = &use_text().common;
    let phone = use_phone();
    let sample = Memo::new(move |_| phone.replica.with(|replica| replica.district().sample));
    live(move || {
        sample.get().then(|| {
            view! {
                <p class="notice notice-warn sample">
                    <strong>{t.sample_title}</strong>
                    <span>{t.sample_text}</span>
                </p>
            }
            .erase()
        })
    })
}

/// In place of a page's content while this phone has no district at all.
#[component]
pub fn Blank() -> impl IntoView {
    let t = &use_text().common;
    let phone = use_phone();
    live(move || {
        let (title, text) = match phone.sync.get() {
            SyncState::Offline => (t.blank_offline_title, t.blank_offline_text),
            SyncState::Idle | SyncState::Refreshing | SyncState::Fresh | SyncState::TooOld => {
                (t.blank_title, t.blank_text)
            }
        };
        view! {
            <div class="card empty" role="status">
                <h2>{title}</h2>
                <p>{text}</p>
            </div>
        }
        .erase()
    })
}
