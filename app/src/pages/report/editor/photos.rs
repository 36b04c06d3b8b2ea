//! The pictures of the report: taken, prepared, kept, painted over, taken out.

use web_sys::File;

use super::super::dom;
use super::Editor;
use crate::domain::ids::{PhotoHash, ReportId};
use crate::domain::report::MAX_PHOTOS;
use crate::local::db::DbError;
use crate::local::draft::{Draft, Fresh, PlaceSource};
use crate::local::photo::{self, PhotoError, Shot};
use crate::local::{clock, outbox, spawn};

/// A picture from the gallery younger than this was taken here.
const JUST_TAKEN_MS: f64 = 600_000.0;

impl Editor {
    /// The camera or the gallery opens.
    pub(in crate::pages::report) fn open_camera(self) {
        self.choosing.set(true);
        self.begin_shot();
    }

    /// A picture is awaited. Android may throw the page away meanwhile, so that is kept first, and the draft with it.
    fn begin_shot(self) {
        self.draft.update(|draft| draft.shooting = true);
        self.keep_now(Fresh::PICTURES);
    }

    /// The camera was closed without a picture.
    pub(in crate::pages::report) fn end_shot(self) {
        self.choosing.try_set(false);
        let waiting = self.preparing.try_get_untracked() == Some(0);
        if waiting && self.draft.try_look_untracked(|draft| draft.shooting) == Some(true) {
            self.draft.update(|draft| draft.shooting = false);
            self.keep_soon(Fresh::PICTURES);
        }
    }

    /// Prepares and keeps pictures, one after the other; the place is asked for at once, because that is where the
    /// picture was taken.
    pub(in crate::pages::report) fn add_files(self, files: Vec<File>, from_camera: bool) {
        let Some(first) = files.first() else { return self.end_shot() };
        self.choosing.set(false);
        let taken = if from_camera { js_sys::Date::now() } else { first.last_modified() };
        let here_and_now = js_sys::Date::now() - taken < JUST_TAKEN_MS;
        // What the clock said on an earlier day is all that is known of that day.
        let taken = if here_and_now { taken - clock::ahead_ms() as f64 } else { taken };
        self.photo_note.set(None);
        // Where the phone was before the first picture is not where the picture was taken.
        let fix_is_due = |draft: &Draft| {
            draft.place.is_none_or(|place| place.source == PlaceSource::Fix && draft.photos.is_empty() && here_and_now)
        };
        if self.draft.look_untracked(fix_is_due) {
            if here_and_now {
                self.locate();
            } else {
                self.photo_note.set(Some(self.t.old_photo.to_owned()));
            }
        }
        self.preparing.update(|count| *count += files.len());
        // Until they are kept: a huge picture, too, may be more than the phone bears.
        self.begin_shot();
        let id = self.draft.look_untracked(|draft| draft.id);
        spawn(async move {
            for file in files {
                if let Err(words) = self.add_file(id, &file, taken).await {
                    self.photo_note.set(Some(words));
                    // Whoever has pressed "save" meanwhile is shown first that a picture is missing.
                    self.saving.set(false);
                }
                self.preparing.update(|count| *count = count.saturating_sub(1));
            }
            self.all_kept(id).await;
            if self.preparing.try_get_untracked() == Some(0) && self.saving.try_get_untracked() == Some(true) {
                self.finish();
            }
        });
    }

    /// Nothing more is awaited for a draft.
    pub(super) async fn all_kept(self, id: ReportId) {
        let shown = self.draft.try_look_untracked(|draft| draft.id == id) == Some(true);
        if shown {
            // The camera may be open for the next one.
            if self.choosing.try_get_untracked() == Some(false) {
                self.end_shot();
            }
            return;
        }
        let outcome = match outbox::draft(id).await {
            Ok(Some(draft)) if draft.shooting => {
                let draft = Draft { shooting: false, ..draft };
                outbox::save_draft(self.phone, &draft, Fresh::PICTURES).await.map(|_| ())
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            crate::local::log::error("a draft still awaits a picture", &error);
        }
    }

    async fn add_file(self, id: ReportId, file: &File, taken: f64) -> Result<(), String> {
        let t = self.t;
        let shot = photo::prepare(file).await.map_err(|error| match error {
            PhotoError::Unreadable => (t.photo_unreadable)(&file.name()),
            PhotoError::Heic => (t.photo_heic)(&file.name()),
            PhotoError::NotDrawn => t.photo_not_drawn.to_owned(),
        })?;
        // Whoever has left the page or put the draft aside while the picture was prepared finds it there all the same.
        let shown = self.draft.try_get_untracked().filter(|draft| draft.id == id);
        let is_shown = shown.is_some();
        let mut draft = match shown {
            Some(draft) => draft,
            None => outbox::draft(id).await.ok().flatten().unwrap_or_else(|| Draft::new(id)),
        };
        if draft.photos.len() >= MAX_PHOTOS {
            return Err((t.photo_many)(MAX_PHOTOS));
        }
        if draft.photos.contains(&shot.hash) {
            return Err(t.photo_twice.to_owned());
        }
        if draft.photos.is_empty() {
            draft.captured_at = Some(clock::rfc3339(taken as i64, clock::zone_offset()));
        }
        draft.add_photo(shot.hash.clone());
        if is_shown {
            // Shown before it is kept, so that a second picture prepared meanwhile is added to this one.
            self.draft.set(draft.clone());
            self.faults.update(|faults| faults.retain(|fault| !matches!(fault.field, "description" | "photos")));
        }
        match outbox::save_photo(self.phone, &draft, &shot).await {
            Ok(kept) => self.adopt(draft.id, &kept),
            Err(error) => {
                if is_shown {
                    self.draft.update(|draft| draft.remove_photo(&shot.hash));
                }
                let words = if error == DbError::Full { t.photo_no_room } else { self.words_for(&error) };
                return Err(words.to_owned());
            }
        }
        if is_shown {
            self.say_kept(true);
        }
        Ok(())
    }

    pub(in crate::pages::report) fn remove_photo(self, hash: &PhotoHash) {
        self.draft.update(|draft| draft.remove_photo(hash));
        self.keep_soon(Fresh::PICTURES);
        let phone = self.phone;
        let draft = self.draft.get_untracked();
        spawn(async move {
            let removed = match outbox::save_draft(phone, &draft, Fresh::PICTURES).await {
                Ok(_) => outbox::drop_unneeded_photos(outbox::Keep::Recent).await,
                Err(error) => Err(error),
            };
            if let Err(error) = removed {
                crate::local::log::error("photo bytes stay for now", &error);
            }
        });
    }

    /// Keeps a picture as it was painted over, in the place of the original. Fails with the reason in words; then the
    /// original stays.
    pub(in crate::pages::report) async fn cover(
        self,
        id: ReportId,
        old: &PhotoHash,
        shot: &Shot,
    ) -> Result<(), &'static str> {
        // Whoever has left the page while it was made does not want the original to stay either.
        let shown = self.draft.try_get_untracked().filter(|draft| draft.id == id);
        let draft = match shown {
            Some(draft) => Some(draft),
            None => outbox::draft(id).await.map_err(|error| self.words_for(&error))?,
        };
        let Some(mut draft) = draft else { return Ok(()) };
        // Taken out in another tab meanwhile: there is nothing to paint over any more.
        if draft.replace_photo(old, shot.hash.clone()) {
            let kept = outbox::replace_photo(self.phone, &draft, shot).await.map_err(|error| self.words_for(&error))?;
            self.draft.update(|draft| {
                draft.replace_photo(old, shot.hash.clone());
            });
            self.adopt(draft.id, &kept);
            self.say_kept(true);
        }
        Ok(())
    }

    /// Closes the brush; the focus goes back to the button that opened it.
    pub(in crate::pages::report) fn put_brush_away(self, hash: &str) {
        let at = self.draft.try_look_untracked(|draft| draft.photos.iter().position(|photo| photo.as_str() == hash));
        self.covering.set(None);
        dom::focus(&dom::cover(at.flatten().unwrap_or_default()));
    }
}
