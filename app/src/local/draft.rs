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
        }
        if !fresh.pictures {
            self.shooting = kept.shooting;
        }
        if !fresh.words && !fresh.pictures {
            self.parked = kept.parked;
        }
        // Of a place and a moment nobody says that there is none: one that was found while this page was away stays.
        let (mine, theirs) = (self.captured_at.take(), kept.captured_at.clone());
        self.captured_at = if fresh.pictures { mine.or(theirs) } else { theirs.or(mine) };
        // A person who has pointed at the place knows better than the phone.
        let is_found = kept.place.is_none_or(|place| place.source == PlaceSource::Fix);
        let is_newer = fresh.words || (fresh.place && is_found);
        self.place = if is_newer { self.place.or(kept.place) } else { kept.place.or(self.place) };
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
mod tests;
