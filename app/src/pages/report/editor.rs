//! What happens while a report is written: every change is kept, and nothing that fails takes words away.

mod photos;
mod place;
mod same;

pub(super) use same::Near;

use std::cell::RefCell;

use crate::local::spawn;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::dom::{self, Filled};
use crate::domain::ids::ReportId;
use crate::domain::report::FieldFault;
use crate::local::db::DbError;
use crate::local::draft::{Draft, Fresh, Place};
use crate::local::locate::NoFix;
use crate::local::outbox::{self, ShelfState};
use crate::local::{Phone, clock, owed};
use crate::markup::RwSignal;
use crate::text::{ReportText, use_text};

/// Typing is kept this long after the last key, in milliseconds.
const KEEP_AFTER_MS: u32 = 300;

thread_local! {
    /// When what is owed is kept. There is one report page at a time.
    static DUE: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// How far asking for the position has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Locating {
    #[default]
    Idle,
    Asking,
    Failed(NoFix),
}

/// The report being written and everything said about it. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Editor {
    pub(super) phone: Phone,
    pub(super) t: &'static ReportText,
    pub(super) draft: RwSignal<Draft>,
    /// The middle of the plot: the place before it was moved by hand.
    pub(super) centre: RwSignal<Option<Place>>,
    pub(super) locating: RwSignal<Locating>,
    /// The camera or the gallery is open.
    choosing: RwSignal<bool>,
    /// Photos being prepared.
    pub(super) preparing: RwSignal<usize>,
    /// The photo that is being painted over, by its hash.
    pub(super) covering: RwSignal<Option<String>>,
    /// What went wrong with a photo.
    pub(super) photo_note: RwSignal<Option<String>>,
    /// Whether the draft is kept, in words.
    pub(super) note: RwSignal<Option<&'static str>>,
    pub(super) faults: RwSignal<Vec<FieldFault>>,
    /// Being moved into the outbox, or about to be as soon as its photos are ready.
    pub(super) saving: RwSignal<bool>,
    /// On its way into the outbox: nothing more is kept of the draft.
    finishing: RwSignal<bool>,
    /// The report that was finished on this page.
    pub(super) saved: RwSignal<Option<ReportId>>,
    /// Nothing can be kept here: the form is sent as plain HTML.
    pub(super) direct: RwSignal<bool>,
    opened: RwSignal<bool>,
}

/// The editor of the report page being drawn, which provides it.
pub(super) fn use_editor() -> Editor {
    expect_context()
}

impl Editor {
    pub(super) fn new(phone: Phone) -> Self {
        Self {
            phone,
            t: &use_text().report,
            draft: RwSignal::new(Draft::new(outbox::new_id())),
            centre: RwSignal::new(None),
            locating: RwSignal::new(Locating::Idle),
            choosing: RwSignal::new(false),
            preparing: RwSignal::new(0),
            covering: RwSignal::new(None),
            photo_note: RwSignal::new(None),
            note: RwSignal::new(None),
            faults: RwSignal::new(Vec::new()),
            saving: RwSignal::new(false),
            finishing: RwSignal::new(false),
            saved: RwSignal::new(None),
            direct: RwSignal::new(false),
            opened: RwSignal::new(false),
        }
    }

    /// Opens the draft that was asked for, or the one that was left open, as soon as the shelf has been read. Call it
    /// from an effect: it reads what it waits for.
    pub(super) fn open(self, wanted: Option<String>) {
        // At once: whoever is quick is told in our words, too.
        dom::own_validation();
        let state = self.phone.shelf.look(|shelf| shelf.state);
        if self.opened.get_untracked() {
            return self.follow_shelf();
        }
        if state == ShelfState::Unread {
            return;
        }
        self.opened.set(true);
        if state == ShelfState::Unavailable {
            self.direct.set(true);
            dom::set_form_id(&self.draft.look_untracked(|draft| draft.id.to_string()));
            return;
        }
        let left_open = self.phone.shelf.look_untracked(|shelf| {
            let is_wanted = |draft: &&Draft| match &wanted {
                Some(id) => draft.id.to_string() == *id,
                None => !draft.parked,
            };
            shelf.drafts.iter().find(is_wanted).cloned()
        });
        let mut begun = self.draft.get_untracked();
        // A camera that was opened before this could be read is open: its picture is still to come.
        let (begun_id, is_shooting) = (begun.id, begun.shooting);
        if left_open.as_ref().is_none_or(|kept| dom::read().differs(kept)) {
            self.add_typed(&mut begun);
        }
        let draft = if wanted.is_some() { left_open.unwrap_or(begun) } else { begun.or_kept(left_open) };
        let is_another = draft.id != begun_id;
        let lost = draft.shooting && (is_another || !is_shooting);
        // One that is being prepared already is the begun draft's.
        let is_awaited = is_shooting && (!is_another || self.preparing.get_untracked() == 0);
        self.show(draft, is_awaited);
        if is_another && is_awaited {
            // It is to be this one's, and one of the two says so at every moment.
            self.keep_now(Fresh::PICTURES);
            spawn(async move { self.all_kept(begun_id).await });
        }
        for (input, from_camera) in [(dom::CAMERA, true), (dom::GALLERY, false)] {
            let files = dom::take_files(input);
            if !files.is_empty() {
                self.add_files(files, from_camera);
            }
        }
        // Some browsers give the picture to the page that is made anew.
        if lost && self.preparing.get_untracked() == 0 {
            self.photo_note.set(Some(self.t.photo_lost.to_owned()));
        }
    }

    /// What was put into the form before the program ran, where the draft says nothing yet.
    fn add_typed(self, draft: &mut Draft) {
        let typed = dom::read();
        draft.category = draft.category.take().or(typed.category);
        if draft.description.is_empty() {
            draft.description = typed.description;
        }
        if draft.landmark.is_empty() {
            draft.landmark = typed.landmark;
        }
        draft.place = draft.place.or_else(|| self.named(&typed.near));
    }

    fn show(self, mut draft: Draft, is_awaited: bool) {
        let before = self.phone.shelf.look_untracked(|shelf| shelf.drafts.iter().find(|it| it.id == draft.id).cloned());
        draft.parked = false;
        draft.shooting = is_awaited;
        self.add_typed(&mut draft);
        let changed = before.map_or(!draft.is_empty(), |before| draft != Draft { parked: false, ..before });
        self.centre.set(draft.place);
        dom::write(&Filled {
            category: draft.category.clone(),
            description: draft.description.clone(),
            landmark: draft.landmark.clone(),
            near: self.near_value(draft.place),
        });
        self.draft.set(draft);
        if changed {
            self.keep_soon(Fresh::ALL);
        }
    }

    /// Changes the draft and keeps it a moment later.
    pub(super) fn change(self, change: impl FnOnce(&mut Draft)) {
        self.draft.update(change);
        self.keep_soon(Fresh::WORDS);
    }

    fn keep_soon(self, fresh: Fresh) {
        if !self.direct.get_untracked() {
            // Not said of a draft that has changed since.
            self.note.set(None);
            owed::owe(fresh);
            DUE.set(Some(Timeout::new(KEEP_AFTER_MS, move || self.keep_due())));
        }
    }

    /// Keeps what has been changed and not kept yet: before the page is hidden or left.
    pub(super) fn keep_due(self) {
        DUE.set(None);
        if owed::is_owed() {
            self.keep();
        }
    }

    /// The page is left: nothing is owed any more once this has been tried.
    pub(super) fn leave(self) {
        self.keep_due();
        owed::forget();
    }

    /// Keeps the draft at once.
    pub(super) fn keep_now(self, fresh: Fresh) {
        owed::owe(fresh);
        self.keep_due();
    }

    fn keep(self) {
        // The page may be gone by the time the timer fires; then it has kept the draft when it was left.
        let Some(draft) = self.draft.try_get_untracked() else { return };
        if self.finishing.try_get_untracked() != Some(false) {
            return;
        }
        if self.direct.try_get_untracked() != Some(false) || self.saved.try_get_untracked() != Some(None) {
            // Nothing can be kept, or nothing is left to keep.
            owed::forget();
            return;
        }
        let Some(fresh) = owed::take() else { return };
        spawn(async move {
            match outbox::save_draft(self.phone, &draft, fresh).await {
                Ok(kept) => {
                    self.adopt(draft.id, &kept);
                    self.say_kept(!draft.is_empty());
                }
                Err(error) => {
                    // With its page, whoever could try again is gone.
                    if self.draft.try_look_untracked(|now| now.id) == Some(draft.id) {
                        owed::owe(fresh);
                    }
                    self.note.set(Some(self.words_for(&error)));
                }
            }
        });
    }

    /// Says that the draft is kept, if all of it is.
    fn say_kept(self, is_anything: bool) {
        if !owed::is_owed() {
            self.note.set(is_anything.then_some(self.t.draft_kept));
        }
    }

    /// Whether its page is still there.
    fn is_open(self) -> bool {
        self.saving.try_get_untracked().is_some()
    }

    /// Takes over what the kept copy of the draft has of its own: photos from elsewhere, where and when they were taken, or
    /// another id.
    fn adopt(self, id: ReportId, kept: &Draft) {
        let Some(before) = self.draft.try_get_untracked().filter(|draft| draft.id == id) else { return };
        let mut draft = Draft { id: kept.id, ..before.clone() };
        draft.take_photos_of(kept, None);
        draft.place = draft.place.or(kept.place);
        draft.captured_at = draft.captured_at.or_else(|| kept.captured_at.clone());
        if before.place != draft.place {
            self.centre.set(draft.place);
        }
        if draft != before {
            self.draft.set(draft);
        }
    }

    /// The same draft was changed in another tab, or by a picture that was still being prepared when a page was left.
    fn follow_shelf(self) {
        let id = self.draft.look_untracked(|draft| draft.id);
        let kept = self.phone.shelf.look_untracked(|shelf| shelf.drafts.iter().find(|draft| draft.id == id).cloned());
        if let Some(kept) = kept {
            self.adopt(id, &kept);
        }
    }

    fn words_for(self, error: &DbError) -> &'static str {
        crate::local::log::error("not kept", &error);
        if *error == DbError::Full { self.t.no_room } else { self.t.not_kept }
    }

    /// Puts the draft aside, to be finished when there is time.
    pub(super) fn park(self) {
        DUE.set(None);
        // In the draft itself, so that a picture which is kept meanwhile does not bring it back.
        self.draft.update(|draft| draft.parked = true);
        let draft = self.draft.get_untracked();
        spawn(async move {
            match outbox::save_draft(self.phone, &draft, Fresh::ALL).await {
                // The form that is open now, if any, is another one's.
                _ if !self.is_open() => {}
                Ok(kept) => {
                    // Found while it was being put aside.
                    let found = self.draft.look_untracked(|now| now.place).filter(|_| draft.place.is_none());
                    self.clear();
                    self.note.set(Some(self.t.parked));
                    if let Some(place) = found {
                        self.place_aside(kept.id, place).await;
                    }
                }
                Err(error) => {
                    owed::owe(Fresh::ALL);
                    self.draft.update(|draft| draft.parked = false);
                    self.note.set(Some(self.words_for(&error)));
                }
            }
        });
    }

    /// Finishes the report, at once or as soon as its photos are ready. Says "saved" only when it is on the disk.
    pub(super) fn save(self) {
        if self.saving.get_untracked() {
            return;
        }
        if self.preparing.get_untracked() > 0 {
            // The last words, in case the page does not live to finish.
            self.keep_now(Fresh::WORDS);
            self.saving.set(true);
            return;
        }
        self.finish();
    }

    fn finish(self) {
        DUE.set(None);
        self.draft.update(|draft| {
            let now = || clock::rfc3339(clock::true_millis(), clock::zone_offset());
            draft.captured_at.get_or_insert_with(now);
        });
        let draft = self.draft.get_untracked();
        let content = match draft.content() {
            Ok(content) => content,
            Err(faults) => {
                if let Some(first) = faults.first() {
                    dom::focus_field(first.field);
                }
                self.faults.set(faults);
                self.saving.set(false);
                self.keep_soon(Fresh::ALL);
                return;
            }
        };
        self.faults.set(Vec::new());
        self.saving.set(true);
        self.finishing.set(true);
        spawn(async move {
            match outbox::enqueue(self.phone, &draft, &content).await {
                _ if !self.is_open() => return,
                Ok(id) => {
                    owed::forget();
                    self.saved.set(Some(id));
                    dom::focus("saved");
                }
                Err(error) => {
                    owed::owe(Fresh::ALL);
                    self.note.set(Some(self.words_for(&error)));
                }
            }
            self.finishing.set(false);
            self.saving.set(false);
        });
    }

    /// An empty form for another report.
    pub(super) fn clear(self) {
        DUE.set(None);
        owed::forget();
        self.saved.set(None);
        self.draft.set(Draft::new(outbox::new_id()));
        self.centre.set(None);
        self.locating.set(Locating::Idle);
        self.choosing.set(false);
        self.note.set(None);
        self.photo_note.set(None);
        self.faults.set(Vec::new());
        dom::write(&Filled::default());
    }

    /// What is wrong with a field, in words; empty if nothing.
    pub(super) fn fault_words(self, fields: &[&str]) -> String {
        self.faults.look(|faults| {
            faults.iter().find(|fault| fields.contains(&fault.field)).map(|it| (self.t.fault)(it)).unwrap_or_default()
        })
    }
}
