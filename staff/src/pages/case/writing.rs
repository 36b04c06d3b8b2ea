//! What somebody writes of a step, kept as it is written: a camera, a phone call or a colleague's news may come between.

use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::ids::ReportId;
use waypost_app::local::spawn;

use crate::markup::{RwSignal, react};
use crate::street::{self, Draft};

/// What is being written of a step. It is kept on the device as it is written, and there again when its form is opened again.
#[derive(Clone, Copy)]
pub(super) struct Writing {
    pub(super) public: RwSignal<String>,
    pub(super) internal: RwSignal<String>,
    pub(super) reason: RwSignal<Option<DeclineReason>>,
    pub(super) photos: RwSignal<Vec<String>>,
}

impl Writing {
    /// What was written of a step before, and from here on.
    pub(super) fn of(case: ReportId, step: Step) -> Self {
        let [public, internal] = [(); 2].map(|()| RwSignal::new(String::new()));
        let writing = Self { public, internal, reason: RwSignal::new(None), photos: RwSignal::new(Vec::new()) };
        let is_read = RwSignal::new(false);
        spawn(async move {
            let draft = street::draft(case, step).await;
            // Whoever was faster to write keeps that.
            if let Some(draft) = draft
                && writing.try_draft().is_some_and(|now| now == Draft::default())
            {
                writing.public.try_set(draft.note_public);
                writing.internal.try_set(draft.note_internal);
                writing.reason.try_set(draft.reason);
                writing.photos.try_set(draft.photos);
            }
            is_read.try_set(true);
        });
        react(move || {
            writing.public.track();
            writing.internal.track();
            writing.reason.track();
            writing.photos.track();
            if is_read.get() {
                spawn(async move {
                    if let Some(draft) = writing.try_draft() {
                        // Where nothing is kept, it stands in the form.
                        let _ = street::keep_draft(case, step, &draft).await;
                    }
                });
            }
        });
        writing
    }

    /// As it now is; `None` once its form is gone.
    fn try_draft(self) -> Option<Draft> {
        Some(Draft {
            note_public: self.public.try_get_untracked()?,
            note_internal: self.internal.try_get_untracked()?,
            reason: self.reason.try_get_untracked()?,
            photos: self.photos.try_get_untracked()?,
        })
    }
}
