//! Where the report is: found by the phone, chosen by name, or moved by hand.

use super::super::dom;
use super::{Editor, Locating};
use crate::components::places::places;
use crate::domain::geo::Wgs84;
use crate::domain::ids::ReportId;
use crate::local::draft::{Fresh, Place, PlaceSource};
use crate::local::locate::locate;
use crate::local::outbox;
use crate::local::prefs::Lang;
use crate::local::spawn;

impl Editor {
    /// Asks the phone where it is, for the draft that is shown now and no other. What a person has pointed at meanwhile
    /// counts more than the answer.
    pub(in crate::pages::report) fn locate(self) {
        if self.locating.get_untracked() == Locating::Asking {
            return;
        }
        self.locating.set(Locating::Asking);
        let (id, before) = self.draft.look_untracked(|draft| (draft.id, draft.place));
        spawn(async move {
            let outcome = locate().await.map(|fix| {
                let accuracy_m = Some(fix.accuracy_m);
                Place { position: fix.position, accuracy_m, source: PlaceSource::Fix }
            });
            let shown = self.draft.try_look_untracked(|draft| (draft.id == id).then_some(draft.place)).flatten();
            match (shown, outcome) {
                (Some(place), Ok(found)) => {
                    self.locating.set(Locating::Idle);
                    if place == before {
                        self.put_place(found);
                        // Who asks for it in the place of what was pointed at has chosen it.
                        let is_found = before.is_none_or(|place| place.source == PlaceSource::Fix);
                        self.keep_soon(if is_found { Fresh::PLACE } else { Fresh::WORDS });
                    }
                }
                (Some(_), Err(error)) => self.locating.set(Locating::Failed(error)),
                // Put aside or left meanwhile.
                (None, Ok(found)) => self.place_aside(id, found).await,
                (None, Err(_)) => {}
            }
        });
    }

    /// A place for a draft that is not shown any more.
    pub(super) async fn place_aside(self, id: ReportId, place: Place) {
        if let Err(error) = outbox::place_draft(self.phone, id, place).await {
            crate::local::log::error("a place that was found is not kept", &error);
        }
    }

    /// A new place, from the phone or the list.
    fn put_place(self, place: Place) {
        self.centre.set(Some(place));
        self.faults.update(|faults| faults.retain(|fault| !matches!(fault.field, "lat" | "lng")));
        self.draft.update(|draft| draft.place = Some(place));
    }

    /// The landmark or station with an id.
    pub(super) fn named(self, id: &str) -> Option<Place> {
        let all = self.phone.replica.look_untracked(|replica| places(replica, Lang::Zh));
        all.into_iter().flatten().find(|(known, ..)| known == id).map(|(_, position, _)| Place::named(position))
    }

    /// The entry of the list that a place was chosen by; empty if it was not.
    pub(in crate::pages::report) fn near_value(self, place: Option<Place>) -> String {
        let Some(place) = place.filter(|place| place.source == PlaceSource::Chosen) else { return String::new() };
        let all = self.phone.replica.look_untracked(|replica| places(replica, Lang::Zh));
        let mut all = all.into_iter().flatten();
        all.find(|(_, position, _)| *position == place.position).map(|(id, ..)| id).unwrap_or_default()
    }

    /// Moved on the plot.
    pub(in crate::pages::report) fn move_to(self, position: Wgs84) {
        self.change(|draft| {
            draft.place = Some(Place { position, accuracy_m: None, source: PlaceSource::Moved });
        });
    }

    /// Somebody chose from the list.
    pub(in crate::pages::report) fn choose(self, id: &str) {
        let Some(place) = self.named(id) else { return };
        self.put_place(place);
        self.keep_soon(Fresh::WORDS);
        self.locating.set(Locating::Idle);
        if self.draft.look_untracked(|draft| draft.landmark.trim().is_empty())
            && let Some(label) = dom::near_label()
        {
            dom::set_landmark(&label);
            self.change(|draft| draft.landmark = label);
        }
    }
}
