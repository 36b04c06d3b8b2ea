//! A report while it is being written. It is kept on the phone from the first word or picture on.

use serde::{Deserialize, Serialize};

use crate::domain::geo::Wgs84;
use crate::domain::ids::{PhotoHash, ReportId};
use crate::domain::report::{FieldFault, ReportContent, Unchecked};
use crate::json::FromJson;

/// A report being written. Missing fields of older builds get their defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
pub struct Draft {
    /// The id the report will be sent under.
    pub id: ReportId,
    /// A code of [`crate::domain::report::Category`], kept as text so that a code this build does not know survives.
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub landmark: String,
    #[serde(default)]
    pub place: Option<Place>,
    /// When the first photo was taken; without photos, when the report was begun. RFC 3339.
    #[serde(default)]
    pub captured_at: Option<String>,
    #[serde(default)]
    pub photos: Vec<PhotoHash>,
    /// Photos that were taken out again: a copy of the draft that still has them does not bring them back.
    #[serde(default)]
    pub removed: Vec<PhotoHash>,
    /// The camera or gallery is open for this report, or what it gave is still being prepared. Found so at start, the page
    /// was thrown away meanwhile and the picture is lost.
    #[serde(default)]
    pub shooting: bool,
    /// The open report that this one is the same as, as its writer says.
    #[serde(default)]
    pub same_as: Option<ReportId>,
    /// Open reports close by that this one is not the same as: they are not asked about again.
    #[serde(default)]
    pub not_same: Vec<ReportId>,
    /// Put aside to be finished later; the report page does not open it by itself.
    #[serde(default)]
    pub parked: bool,
    /// Milliseconds since 1970, this phone's clock: the order of the list.
    #[serde(default)]
    pub changed_at: i64,
    /// What the server said when it refused an earlier form of this report.
    #[serde(default)]
    pub refused: Option<String>,
}

/// Where something is, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, FromJson)]
pub struct Place {
    pub position: Wgs84,
    /// Radius in metres; `None` where a person pointed at the place.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
    pub source: PlaceSource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum PlaceSource {
    /// The phone's position when the photo was taken.
    Fix,
    /// A landmark or station chosen from the list.
    Chosen,
    /// A fix or landmark, moved by hand.
    Moved,
}

/// How well a place is known that somebody only named, in metres.
pub const NAMED_PLACE_ACCURACY_M: f64 = 300.0;

impl Place {
    /// A place chosen by name.
    #[must_use]
    pub const fn named(position: Wgs84) -> Self {
        Self { position, accuracy_m: Some(NAMED_PLACE_ACCURACY_M), source: PlaceSource::Chosen }
    }

    /// A sent place read back. How it was found is not sent, but can be told from how well it is known.
    #[must_use]
    pub fn read_back(position: Wgs84, accuracy_m: Option<f64>) -> Self {
        let source = match accuracy_m {
            None => PlaceSource::Moved,
            Some(NAMED_PLACE_ACCURACY_M) => PlaceSource::Chosen,
            Some(_) => PlaceSource::Fix,
        };
        Self { position, accuracy_m, source }
    }
}

/// What a page has new of a draft. The rest may have been written elsewhere meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// What somebody has written or chosen, also where it is.
    pub words: bool,
    /// Pictures, when the first was taken, and whether one is awaited.
    pub pictures: bool,
    /// Where it is, as the phone has found.
    pub place: bool,
}

impl Fresh {
    pub const WORDS: Self = Self { words: true, pictures: false, place: false };
    pub const PICTURES: Self = Self { words: false, pictures: true, place: false };
    pub const PLACE: Self = Self { words: false, pictures: false, place: true };
    pub const ALL: Self = Self { words: true, pictures: true, place: true };

    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            words: self.words || other.words,
            pictures: self.pictures || other.pictures,
            place: self.place || other.place,
        }
    }
}

impl Draft {
    #[must_use]
    pub fn new(id: ReportId) -> Self {
        Self {
            id,
            category: None,
            description: String::new(),
            landmark: String::new(),
            place: None,
            captured_at: None,
            photos: Vec::new(),
            removed: Vec::new(),
            shooting: false,
            same_as: None,
            not_same: Vec::new(),
            parked: false,
            changed_at: 0,
            refused: None,
        }
    }

    /// Nothing that a person would miss. A position alone is none; a picture that is being taken is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.category.is_none()
            && self.description.trim().is_empty()
            && self.landmark.trim().is_empty()
            && self.photos.is_empty()
            && !self.shooting
    }

    pub fn add_photo(&mut self, hash: PhotoHash) {
        self.removed.retain(|removed| *removed != hash);
        if !self.photos.contains(&hash) {
            self.photos.push(hash);
        }
    }

    pub fn remove_photo(&mut self, hash: &PhotoHash) {
        self.photos.retain(|photo| photo != hash);
        if !self.removed.contains(hash) {
            self.removed.push(hash.clone());
        }
    }

    /// Puts a changed picture where `old` was. False, and nothing is changed, if `old` is no longer there.
    pub fn replace_photo(&mut self, old: &PhotoHash, new: PhotoHash) -> bool {
        let Some(place) = self.photos.iter_mut().find(|photo| *photo == old) else { return false };
        if *place != new {
            *place = new.clone();
            self.removed.retain(|removed| *removed != new);
            self.removed.push(old.clone());
        }
        true
    }

    /// Takes over the photos of the kept copy of the same draft, changed in another tab or by a page that was left while
    /// a picture was prepared: words can be written again, a picture cannot. What was taken out there is out here, too,
    /// unless it is the `fresh` one.
    pub fn take_photos_of(&mut self, other: &Self, fresh: Option<&PhotoHash>) {
        for hash in other.removed.iter().filter(|hash| Some(*hash) != fresh) {
            self.remove_photo(hash);
        }
        for hash in &other.photos {
            if !self.removed.contains(hash) {
                self.add_photo(hash.clone());
            }
        }
    }

    /// Takes over what is kept of the same draft, written in another tab or by a page that was left, but for what is new
    /// here. Photos: see [`Self::take_photos_of`].
    pub fn take_rest_of(&mut self, kept: &Self, fresh: Fresh) {
        if !fresh.words {
            self.category.clone_from(&kept.category);
            self.description.clone_from(&kept.description);
            self.landmark.clone_from(&kept.landmark);
            self.same_as = kept.same_as;
            self.not_same.clone_from(&kept.not_same);
            self.refused.clone_from(&kept.refused);
            // A person who has pointed at the place knows better than the phone.
            let is_found = kept.place.is_none_or(|place| place.source == PlaceSource::Fix);
            if !(fresh.place && is_found) {
                self.place = kept.place.or(self.place);
            }
        }
        if !fresh.pictures {
            self.captured_at = kept.captured_at.clone().or_else(|| self.captured_at.take());
            self.shooting = kept.shooting;
        }
        if !fresh.words && !fresh.pictures {
            self.parked = kept.parked;
        }
        // Found for it while its page was not there: nobody takes them back.
        self.place = self.place.or(kept.place);
        self.captured_at = self.captured_at.take().or_else(|| kept.captured_at.clone());
    }

    /// What a person goes on with who has begun this draft while `kept`, an earlier one, was still being read. What is
    /// begun is never taken away, and the earlier one stays on the shelf; a begun draft without content gives way, but
    /// for a place that was already found for it.
    #[must_use]
    pub fn or_kept(self, kept: Option<Self>) -> Self {
        match kept {
            Some(kept) if self.is_empty() => Self { place: kept.place.or(self.place), ..kept },
            _ => self,
        }
    }

    /// The content if it is complete.
    ///
    /// # Errors
    /// Every field that is missing or wrong.
    pub fn content(&self) -> Result<ReportContent, Vec<FieldFault>> {
        let same_as = self.same_as.map(|id| id.to_string());
        Unchecked {
            category: self.category.as_deref(),
            description: &self.description,
            lat: self.place.map(|place| place.position.lat),
            lng: self.place.map(|place| place.position.lng),
            accuracy_m: self.place.and_then(|place| place.accuracy_m),
            captured_at: self.captured_at.as_deref(),
            landmark: &self.landmark,
            photos: self.photos.iter().map(PhotoHash::as_str).collect(),
            same_as: same_as.as_deref(),
        }
        .check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_of_an_older_build_is_read() {
        let row = r#"{"id":"0193a2b0-0000-7000-8000-000000000001","description":"坑"}"#;
        let draft: Draft = serde_json::from_str(row).unwrap();
        assert_eq!(draft.description, "坑");
        assert!(!draft.is_empty() && draft.photos.is_empty());
    }

    #[test]
    fn what_was_begun_before_the_earlier_draft_was_read_is_never_taken_away() {
        let draft = |id: u128, words: &str, place: Option<f64>| Draft {
            description: words.to_owned(),
            place: place.map(|lat| Place::named(Wgs84 { lat, lng: 120.0 })),
            ..Draft::new(ReportId(uuid::Uuid::from_u128(id)))
        };
        for (begun, kept, expected) in [
            (draft(1, "", None), None, draft(1, "", None)),
            (draft(1, "", None), Some(draft(2, "坑", Some(30.0))), draft(2, "坑", Some(30.0))),
            // The place of a picture that is still being prepared.
            (draft(1, "", Some(31.0)), Some(draft(2, "坑", None)), draft(2, "坑", Some(31.0))),
            (draft(1, "", Some(31.0)), Some(draft(2, "坑", Some(30.0))), draft(2, "坑", Some(30.0))),
            // The same draft, kept a moment ago, before its place was found.
            (draft(1, "沟", Some(31.0)), Some(draft(1, "沟", None)), draft(1, "沟", Some(31.0))),
            (draft(1, "沟", None), Some(draft(2, "坑", Some(30.0))), draft(1, "沟", None)),
        ] {
            assert_eq!(begun.clone().or_kept(kept.clone()), expected, "{begun:?} over {kept:?}");
        }
    }

    #[test]
    fn two_copies_of_a_draft_lose_no_photo_and_bring_none_back() {
        let hash = |digit: &str| PhotoHash::parse(&digit.repeat(64)).unwrap();
        let copy = |photos: &[&str]| Draft {
            photos: photos.iter().map(|digit| hash(digit)).collect(),
            ..Draft::new(ReportId(uuid::Uuid::nil()))
        };
        let mut here = copy(&["a", "b"]);
        here.remove_photo(&hash("a"));
        here.take_photos_of(&copy(&["a", "c"]), None);
        assert_eq!(here.photos, [hash("b"), hash("c")]);
        // A copy that still has it gives it up.
        let mut other = copy(&["a"]);
        other.take_photos_of(&here, None);
        assert_eq!(other.photos, [hash("b"), hash("c")]);
        // Taken once more, it is wanted again.
        here.add_photo(hash("a"));
        here.take_photos_of(&other, Some(&hash("a")));
        assert_eq!((here.photos.len(), here.removed.len()), (3, 0));
    }

    #[test]
    fn a_copy_gives_way_to_what_was_kept_elsewhere_but_for_what_is_new_in_it() {
        let id = ReportId(uuid::Uuid::nil());
        let at = |lat, source| Place { position: Wgs84 { lat, lng: 120.0 }, accuracy_m: Some(9.0), source };
        let kept = Draft {
            category: Some("road".to_owned()),
            description: "桥头往南".to_owned(),
            landmark: "桥".to_owned(),
            place: Some(at(30.0, PlaceSource::Fix)),
            captured_at: Some("2026-11-24T08:10:00+08:00".to_owned()),
            same_as: Some(ReportId(uuid::Uuid::from_u128(2))),
            not_same: vec![ReportId(uuid::Uuid::from_u128(3))],
            refused: Some("太长".to_owned()),
            parked: true,
            ..Draft::new(id)
        };
        let here = Draft {
            description: "桥头".to_owned(),
            place: Some(at(31.0, PlaceSource::Fix)),
            captured_at: Some("2026-11-24T09:00:00+08:00".to_owned()),
            shooting: true,
            ..Draft::new(id)
        };
        let merged = |kept: &Draft, fresh| {
            let mut merged = here.clone();
            merged.take_rest_of(kept, fresh);
            merged
        };
        assert_eq!(merged(&kept, Fresh::ALL), here);
        assert_eq!(
            merged(&kept, Fresh::WORDS),
            Draft { captured_at: kept.captured_at.clone(), shooting: false, ..here.clone() }
        );
        let pictures = Draft { captured_at: here.captured_at.clone(), shooting: true, parked: false, ..kept.clone() };
        assert_eq!(merged(&kept, Fresh::PICTURES), pictures);
        assert_eq!(merged(&kept, Fresh::PLACE), Draft { place: here.place, ..kept.clone() });
        assert_eq!(merged(&kept, Fresh::PICTURES.and(Fresh::PLACE)), Draft { place: here.place, ..pictures });
        let blank = Draft { place: None, captured_at: None, ..here.clone() };
        let mut late = blank.clone();
        late.take_rest_of(&kept, Fresh::ALL);
        assert_eq!(late, Draft { place: kept.place, captured_at: kept.captured_at.clone(), ..blank });
        // What nobody else has said is kept, and a place that a person has pointed at stays.
        let bare = Draft { place: None, captured_at: None, ..kept.clone() };
        assert_eq!(merged(&bare, Fresh::PICTURES).place, here.place);
        assert_eq!(merged(&bare, Fresh::PLACE).captured_at, here.captured_at);
        let pointed = Draft { place: Some(at(30.5, PlaceSource::Moved)), ..kept };
        assert_eq!(merged(&pointed, Fresh::PLACE).place, pointed.place);
    }

    #[test]
    fn a_covered_photo_takes_the_place_of_the_original_and_no_copy_brings_that_back() {
        let hash = |digit: &str| PhotoHash::parse(&digit.repeat(64)).unwrap();
        let copy = Draft { photos: vec![hash("a"), hash("b")], ..Draft::new(ReportId(uuid::Uuid::nil())) };
        let mut here = copy.clone();
        assert!(here.replace_photo(&hash("a"), hash("c")));
        here.take_photos_of(&copy, Some(&hash("c")));
        assert_eq!((here.photos.clone(), here.removed.clone()), (vec![hash("c"), hash("b")], vec![hash("a")]));
        let mut other = copy;
        other.take_photos_of(&here, None);
        assert_eq!(other.photos, [hash("b"), hash("c")]);
        // Taken out in another tab while it was painted over.
        assert!(!here.replace_photo(&hash("a"), hash("d")));
        assert!(here.replace_photo(&hash("b"), hash("b")) && !here.removed.contains(&hash("b")));
    }

    #[test]
    fn a_picture_that_is_being_taken_is_something_to_miss() {
        let draft = Draft { shooting: true, ..Draft::new(ReportId(uuid::Uuid::nil())) };
        assert!(!draft.is_empty());
    }

    #[test]
    fn a_report_that_follows_another_needs_neither_photo_nor_words() {
        let other = ReportId(uuid::Uuid::from_u128(9));
        let draft = Draft {
            category: Some("road".to_owned()),
            place: Some(Place::named(Wgs84 { lat: 30.0, lng: 120.0 })),
            captured_at: Some("2026-11-24T08:10:00+08:00".to_owned()),
            same_as: Some(other),
            ..Draft::new(ReportId(uuid::Uuid::nil()))
        };
        assert_eq!(draft.content().unwrap().same_as, Some(other));
        let faults = Draft { same_as: None, ..draft }.content().unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), ["description"]);
    }

    #[test]
    fn an_unfinished_draft_names_all_that_is_missing() {
        let draft = Draft::new(ReportId(uuid::Uuid::nil()));
        assert!(draft.is_empty());
        let faults = draft.content().unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["category", "description", "lat", "lng", "captured_at"]);
    }
}
