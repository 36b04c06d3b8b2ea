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
    /// A step a line, in each language.
    pub entrance: String,
    pub entrance_en: String,
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
        "entrance_en",
        "operator_en",
        "about_en",
        "source_en",
        "why",
    ];

    fn of(draft: &StationDraft) -> Self {
        let is_new = *draft == StationDraft::default();
        let steps = |text: fn(&EntranceStep) -> &str| {
            let lines: Vec<&str> = draft.entrance.iter().map(text).collect();
            lines.join("\n").trim_end().to_owned()
        };
        let at = waypost_app::domain::geo::Wgs84 { lat: draft.lat, lng: draft.lng };
        Self {
            position: if is_new { String::new() } else { place::written(at) },
            datum: Datum::Wgs84,
            entrance: steps(|step| &step.text),
            entrance_en: steps(|step| &step.text_en),
            draft: draft.clone(),
        }
    }

    fn draft(&self) -> Result<StationDraft, Wrong> {
        let wrong = Wrong { field: "position", words: |t| t.station.place_bad };
        let at = place::read(&self.position, self.datum).ok_or(wrong)?;
        Ok(StationDraft {
            lat: at.lat,
            lng: at.lng,
            entrance: steps(&self.entrance, &self.entrance_en),
            ..self.draft.clone()
        })
    }

    fn entry(draft: StationDraft) -> Entry {
        Entry::Station(draft)
    }

    fn take(entry: Entry) -> Option<StationDraft> {
        if let Entry::Station(draft) = entry { Some(draft) } else { None }
    }
}

/// Steps from their lines; the English of a step stands on the line of the same number. Lines that are empty in Chinese are
/// no steps.
fn steps(zh: &str, en: &str) -> Vec<EntranceStep> {
    let mut en = en.lines();
    zh.lines()
        .map(|text| EntranceStep {
            text: text.trim().to_owned(),
            text_en: en.next().unwrap_or_default().trim().to_owned(),
        })
        .filter(|step| !step.text.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station() -> StationDraft {
        let step = |text: &str, text_en: &str| EntranceStep { text: text.to_owned(), text_en: text_en.to_owned() };
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
    fn each_line_is_a_step_and_its_english_is_the_line_of_the_same_number() {
        let found = steps("进大门\n\n上二楼\n", "Through the gate\n\nUpstairs\nLeft over");
        let found: Vec<(&str, &str)> = found.iter().map(|step| (step.text.as_str(), step.text_en.as_str())).collect();
        assert_eq!(found, [("进大门", "Through the gate"), ("上二楼", "Upstairs")]);
    }
}
