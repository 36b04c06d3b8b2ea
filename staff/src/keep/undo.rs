//! "已保存 · 撤销": what was kept last can be taken back, wherever one has gone since.

use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use serde::Serialize;
use waypost_app::domain::ids::StaffId;
use waypost_app::local::spawn;
use waypost_app::wire::staff::stations::{Change, Changes};

use super::unsaved::Unsaved;
use crate::ask::{self, Trouble};
use crate::desk::{Desk, use_desk};
use crate::markup::{Node, RwSignal, html};

/// How long the offer stands there, in milliseconds; later on the list of versions has it.
const OFFER_MS: u32 = 60_000;

/// What was done last.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Last {
    rev: i64,
    words: &'static str,
    /// What the button says.
    back: &'static str,
}

/// Handles to what was kept last; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Keeping {
    pub(super) desk: Desk,
    last: RwSignal<Option<Last>>,
    /// Grows with all that is kept or taken back here, so that pages read again what they show.
    changes: RwSignal<u32>,
    fault: RwSignal<String>,
    pub(super) unsaved: Unsaved,
}

#[derive(Debug, Serialize)]
struct Nothing {}

/// What the page being drawn keeps with.
///
/// # Panics
/// Outside [`crate::App`], which provides it.
#[must_use]
pub fn use_keeping() -> Keeping {
    expect_context()
}

impl Keeping {
    pub fn provide(desk: Desk) -> Self {
        let keeping = Self {
            desk,
            last: RwSignal::new(None),
            changes: RwSignal::new(0),
            fault: RwSignal::new(String::new()),
            unsaved: Unsaved::default(),
        };
        provide_context(keeping);
        keeping
    }

    /// Somebody else is here, or nobody: what was done last is not theirs to take back. What somebody was typing when their
    /// session ended waits for them until another comes.
    pub fn empty(self, now: Option<StaffId>) {
        self.dismiss();
        if now.is_some() {
            self.unsaved.keep_only(now);
        }
    }

    /// Whether something that whoever is here has typed waits for a form.
    #[must_use]
    pub fn has_unsaved(self, key: &str) -> bool {
        self.desk.person().is_some_and(|by| self.unsaved.has(by, key))
    }

    /// Somebody signs out: nothing that they typed waits for them.
    pub fn forget(self) {
        self.unsaved.keep_only(None);
    }

    /// Whoever asks is told when something was kept or taken back.
    pub fn follow(self) {
        self.changes.track();
    }

    /// Something was kept as a revision.
    pub fn kept(self, rev: i64, words: &'static str) {
        self.offer(Last { rev, words, back: self.desk.t.stations.keep.undo });
    }

    /// Something was kept whose revision the answer does not say: that of its latest change.
    pub async fn kept_latest(self, entity: &str, words: &'static str) {
        let person = self.desk.person();
        let url = format!("/api/v1/staff/changes?entity={entity}&limit=1");
        let found = ask::get::<Changes>(&url).await;
        if self.desk.person() != person {
            return;
        }
        match found {
            Ok(Changes { changes, .. }) if !changes.is_empty() => {
                changes.first().inspect(|change| self.kept(change.rev, words));
            }
            // It is kept all the same; only the offer to take it back is missing.
            _ => {
                self.desk.say(words);
                self.again();
            }
        }
    }

    /// Pages read again what they show.
    pub fn again(self) {
        self.changes.update(|count| *count = count.wrapping_add(1));
    }

    fn offer(self, last: Last) {
        self.fault.set(String::new());
        self.last.set(Some(last.clone()));
        self.again();
        spawn(async move {
            TimeoutFuture::new(OFFER_MS).await;
            if self.last.try_look_untracked(|now| now.as_ref() == Some(&last)).unwrap_or_default() {
                self.dismiss();
            }
        });
    }

    pub fn dismiss(self) {
        self.last.set(None);
        self.fault.set(String::new());
    }

    /// Takes a change back. What is left of it may be taken back in turn.
    pub fn undo(self, rev: i64) {
        let t = &self.desk.t.stations.keep;
        let redo = self.last.look_untracked(|last| last.as_ref().is_some_and(|last| last.back == t.redo));
        let person = self.desk.person();
        spawn(async move {
            let url = format!("/api/v1/staff/changes/{rev}/undo");
            let outcome: Result<Change, _> = ask::send(Method::POST, &url, &Nothing {}).await;
            self.desk.note(&outcome);
            if self.desk.person() != person {
                return;
            }
            match outcome {
                Ok(change) => {
                    let (words, back) = if redo { (t.saved, t.undo) } else { (t.undone, t.redo) };
                    self.offer(Last { rev: change.rev, words, back });
                }
                Err(Trouble::Conflict(_)) => self.fault.set(t.undo_late.to_owned()),
                Err(trouble) => self.fault.set(self.desk.words(&trouble)),
            }
        });
    }
}

/// What was kept last, with the way back, at the lower edge.
#[component]
pub fn UndoBar() -> Node {
    let keeping = use_keeping();
    let t = &use_desk().t.stations.keep;
    html! {
        <div class="undo" role="status" data-testid="undo">
            {move || {
                keeping
                    .last
                    .get()
                    .map(|Last { rev, words, back }| {
                        html! {
                            <p>{words}</p>
                            <button class="btn" type="button" on:click=move |_| keeping.undo(rev)>
                                {back}
                            </button>
                            <button class="btn btn-quiet" type="button" on:click=move |_| keeping.dismiss()>
                                {t.dismiss}
                            </button>
                        }
                    })
            }}
            {move || {
                let fault = keeping.fault.get();
                (!fault.is_empty()).then(|| html! { <p class="notice notice-danger">{fault}</p> })
            }}
        </div>
    }
}
