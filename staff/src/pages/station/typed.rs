//! What somebody types of a station.

use waypost_app::domain::station::EntranceStep;
use waypost_app::wire::staff::stations::{Entry, StationDraft};

use crate::keep::editor::{Typed, Wrong};
use crate::place::{self, Datum};

/// A station as its form holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypedStation {
    /// The fields that are typed as they are kept.
    pub draft: StationDraft,
    pub position: String,
    pub datum: Datum,
}

impl Typed for TypedStation {
    type Draft = StationDraft;

    const PATH: &'static str = "stations";
    const FIELDS: &'static [&'static str] = &[
        "name",
        "hours",
        "position",
        "address",
        "landmark",
        "district",
        "facilities",
        "access",
        "entrance",
        "phone",
        "linked",
        "operator",
        "about",
        "source",
        "slug",
        "name_en",
        "address_en",
        "landmark_en",
        "district_en",
        "access_en",
        "operator_en",
        "about_en",
        "source_en",
        "why",
    ];

    fn of(draft: &StationDraft) -> Self {
        let is_new = *draft == StationDraft::default();
        let at = waypost_app::domain::geo::Wgs84 { lat: draft.lat, lng: draft.lng };
        Self {
            position: if is_new { String::new() } else { place::written(at) },
            datum: Datum::Wgs84,
            draft: draft.clone(),
        }
    }

    fn draft(&self) -> Result<StationDraft, Wrong> {
        let wrong = Wrong { field: "position", words: |t| t.station.place_bad };
        let at = place::read(&self.position, self.datum).ok_or(wrong)?;
        let mut draft = StationDraft { lat: at.lat, lng: at.lng, ..self.draft.clone() };
        draft.entrance.retain(|step| *step != EntranceStep::default());
        if draft.entrance.iter().any(|step| step.text.trim().is_empty()) {
            return Err(Wrong { field: "entrance", words: |t| t.station.step_bad });
        }
        Ok(draft)
    }

    fn entry(draft: StationDraft) -> Entry {
        Entry::Station(draft)
    }

    fn take(entry: Entry) -> Option<StationDraft> {
        if let Entry::Station(draft) = entry { Some(draft) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use waypost_app::domain::ids::PhotoHash;

    use super::*;

    fn station() -> StationDraft {
        let step = |text: &str, text_en: &str| EntranceStep {
            text: text.to_owned(),
            text_en: text_en.to_owned(),
            photo: None,
        };
        StationDraft {
            name: "桥西小站".to_owned(),
            lat: 30.3172,
            lng: 120.1386,
            entrance: vec![step("进大门", ""), step("上二楼", "Up to the second floor")],
            ..StationDraft::default()
        }
    }

    #[test]
    fn a_station_that_nobody_has_touched_is_the_same_after_a_journey_through_the_form() {
        assert_eq!(TypedStation::of(&station()).draft().expect("a station"), station());
        let bare = StationDraft { entrance: Vec::new(), ..station() };
        assert_eq!(TypedStation::of(&bare).draft().expect("a station"), bare);
    }

    #[test]
    fn a_new_station_has_no_position_until_somebody_gives_one() {
        let mut typed = TypedStation::of(&StationDraft::default());
        assert_eq!(typed.position, "");
        assert_eq!(typed.draft().expect_err("no position").field, "position");
        typed.position = "120.1386,30.3172".to_owned();
        let draft = typed.draft().expect("a station");
        assert_eq!((draft.lat, draft.lng), (30.3172, 120.1386));
    }

    #[test]
    fn a_step_of_which_nothing_is_said_is_none_and_a_photo_needs_words() {
        let mut typed = TypedStation::of(&station());
        typed.draft.entrance.push(EntranceStep::default());
        assert_eq!(typed.draft().expect("a station"), station());
        let photo = PhotoHash::parse(&"a".repeat(64)).ok();
        typed.draft.entrance.push(EntranceStep { photo, ..EntranceStep::default() });
        assert_eq!(typed.draft().expect_err("no words").field, "entrance");
    }
}
