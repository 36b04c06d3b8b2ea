//! A street defect on its way from a courier's phone to its repair.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::geo::Wgs84;
use super::ids::{PhotoHash, ReportId};
use crate::json::FromJson;

/// Most photos one report may carry.
pub const MAX_PHOTOS: usize = 5;
/// Most characters of description.
pub const MAX_DESCRIPTION: usize = 1000;
/// Most characters of landmark.
pub const MAX_LANDMARK: usize = 200;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 路面破损: potholes, broken kerbs and paving
    Road,
    /// 井盖
    Manhole,
    /// 路灯
    Lighting,
    /// 积水
    Flooding,
    /// 占道堵塞
    Obstruction,
    /// 标志标线
    Sign,
    /// 充电设施
    Charging,
    /// 垃圾
    Rubbish,
    /// 树木
    Tree,
    /// 其他. Also what a newer server's category is read as, so an older phone still shows the report.
    #[serde(other)]
    Other,
}

impl Category {
    /// Every category, in the order the tiles are shown.
    pub const ALL: [Self; 10] = [
        Self::Road,
        Self::Manhole,
        Self::Lighting,
        Self::Flooding,
        Self::Obstruction,
        Self::Sign,
        Self::Charging,
        Self::Rubbish,
        Self::Tree,
        Self::Other,
    ];

    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Road => "road",
            Self::Manhole => "manhole",
            Self::Lighting => "lighting",
            Self::Flooding => "flooding",
            Self::Obstruction => "obstruction",
            Self::Sign => "sign",
            Self::Charging => "charging",
            Self::Rubbish => "rubbish",
            Self::Tree => "tree",
            Self::Other => "other",
        }
    }

    /// The category a code names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }
}

/// Where a report stands. The order of events is append-only; see [`ReportState::may_become`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    /// On the server; nobody has looked yet. Not public.
    Received,
    /// A community worker agrees that it is real. Public from here on.
    Accepted,
    /// A unit has been made responsible.
    Assigned,
    /// The unit is at work.
    InProgress,
    /// The unit says it is repaired.
    Fixed,
    /// The reporter agrees that it is repaired.
    Confirmed,
    /// Not taken on, with a reason for the reporter. Not public.
    Declined,
    /// The reporter says it is not repaired after all.
    Reopened,
}

impl ReportState {
    /// Every state, in the order of a report's ordinary life.
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Accepted,
        Self::Assigned,
        Self::InProgress,
        Self::Fixed,
        Self::Confirmed,
        Self::Declined,
        Self::Reopened,
    ];

    /// Whether a report in this state may next be in `next`. A state never follows itself.
    ///
    /// A reporter may say "not repaired" ([`ReportState::Reopened`], which is public) only of a report that a worker
    /// once accepted. What was declined comes back by a worker's hand alone, or declining would be a way around
    /// moderation.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use ReportState as S;
        matches!(
            (self, next),
            (S::Received | S::Reopened, S::Accepted | S::Declined)
                | (S::Accepted | S::Reopened, S::Assigned)
                | (S::Accepted, S::Declined)
                | (S::Assigned, S::InProgress | S::Fixed | S::Declined | S::Accepted)
                | (S::InProgress, S::Fixed | S::Assigned)
                | (S::Fixed, S::Confirmed | S::Reopened)
                | (S::Confirmed, S::Reopened)
                | (S::Declined, S::Accepted)
        )
    }

    /// Whether anybody but the reporter and staff may see the report.
    #[must_use]
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Received | Self::Declined)
    }

    /// Whether everybody may see the report and it still waits for its repair: somebody who meets the same defect follows
    /// it instead of telling it again.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Accepted | Self::Assigned | Self::InProgress | Self::Reopened)
    }

    /// Whether a unit has the report: from when it is given to one until it is declined or taken on anew. One that is
    /// opened again is still with whoever repaired it.
    #[must_use]
    pub const fn has_unit(self) -> bool {
        !matches!(self, Self::Received | Self::Accepted | Self::Declined)
    }

    /// The code on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Assigned => "assigned",
            Self::InProgress => "in_progress",
            Self::Fixed => "fixed",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
            Self::Reopened => "reopened",
        }
    }

    /// The state a code names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// One field of a report that cannot be accepted, and why. `field` is the name on the wire; the phone has its own
/// words for each [`Fault`], the server answers with [`Fault`]'s English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    pub field: &'static str,
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("is required")]
    Missing,
    #[error("is not one of the known codes")]
    UnknownCode,
    #[error("is out of range")]
    OutOfRange,
    #[error("is longer than {0} characters")]
    TooLong(usize),
    #[error("has more than {0} entries")]
    TooMany(usize),
    #[error("names the same photo twice")]
    Repeated,
    #[error("is not a time in RFC 3339 form with an offset")]
    NotATime,
    #[error("is not the 64 hex digits of a SHA-256")]
    NotAHash,
    #[error("is not a UUID")]
    NotAnId,
}

/// A report's content with every rule checked, whoever made it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportContent {
    pub category: Category,
    pub description: String,
    pub position: Wgs84,
    /// Radius in metres within which the position was known when the photo was taken; `None`: not said.
    pub accuracy_m: Option<f64>,
    /// When the photo was taken, RFC 3339 with offset, as the phone said it.
    pub captured_at: String,
    pub landmark: String,
    pub photos: Vec<PhotoHash>,
    /// The open public report that the reporter says this one is the same as.
    pub same_as: Option<ReportId>,
}

/// The same content before it is checked: what a form, a draft or a request holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unchecked<'a> {
    pub category: Option<&'a str>,
    pub description: &'a str,
    pub lat: Option<f64>,
    pub lng: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub captured_at: Option<&'a str>,
    pub landmark: &'a str,
    pub photos: Vec<&'a str>,
    pub same_as: Option<&'a str>,
}

impl Unchecked<'_> {
    /// Checks every field and names all that are wrong, not only the first.
    ///
    /// A report needs a category, a place, a time, and a photo or some words, unless it is the same as another, which
    /// has them. White space around words is dropped.
    /// Whether `captured_at` is a real time is only checked in shape here; the server parses it.
    ///
    /// # Errors
    /// One entry for each field that cannot be accepted.
    pub fn check(&self) -> Result<ReportContent, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut wrong = |field, fault| faults.push(FieldFault { field, fault });

        let category = match self.category.filter(|code| !code.is_empty()) {
            None => {
                wrong("category", Fault::Missing);
                None
            }
            Some(code) => {
                let category = Category::from_code(code);
                if category.is_none() {
                    wrong("category", Fault::UnknownCode);
                }
                category
            }
        };
        let description = self.description.trim();
        if description.chars().count() > MAX_DESCRIPTION {
            wrong("description", Fault::TooLong(MAX_DESCRIPTION));
        }
        if description.is_empty() && self.photos.is_empty() && self.same_as.is_none() {
            wrong("description", Fault::Missing);
        }
        let landmark = self.landmark.trim();
        if landmark.chars().count() > MAX_LANDMARK {
            wrong("landmark", Fault::TooLong(MAX_LANDMARK));
        }
        for (field, value, limit) in [("lat", self.lat, 90.0), ("lng", self.lng, 180.0)] {
            match value {
                None => wrong(field, Fault::Missing),
                Some(degrees) if !(-limit..=limit).contains(&degrees) => wrong(field, Fault::OutOfRange),
                Some(_) => {}
            }
        }
        if self.accuracy_m.is_some_and(|metres| !(0.0..=1_000_000.0).contains(&metres)) {
            wrong("accuracy_m", Fault::OutOfRange);
        }
        let captured_at = self.captured_at.unwrap_or_default();
        if captured_at.is_empty() {
            wrong("captured_at", Fault::Missing);
        } else if !looks_like_rfc3339(captured_at) {
            wrong("captured_at", Fault::NotATime);
        }
        let photos = check_photos(&self.photos).unwrap_or_else(|fault| {
            wrong("photos", fault);
            Vec::new()
        });
        let same_as = self.same_as.and_then(|text| {
            let id = Uuid::try_parse(text).ok().map(ReportId);
            if id.is_none() {
                wrong("same_as", Fault::NotAnId);
            }
            id
        });

        let position = self.lat.zip(self.lng).and_then(|(lat, lng)| Wgs84::new(lat, lng));
        match (category, position) {
            (Some(category), Some(position)) if faults.is_empty() => Ok(ReportContent {
                category,
                description: description.to_owned(),
                position,
                accuracy_m: self.accuracy_m,
                captured_at: captured_at.to_owned(),
                landmark: landmark.to_owned(),
                photos,
                same_as,
            }),
            _ => Err(faults),
        }
    }
}

/// The photos' names, or the first thing wrong with them.
///
/// # Errors
/// If there are too many, one is no hash, or one is named twice.
pub fn check_photos<T: AsRef<str>>(names: &[T]) -> Result<Vec<PhotoHash>, Fault> {
    if names.len() > MAX_PHOTOS {
        return Err(Fault::TooMany(MAX_PHOTOS));
    }
    let mut photos = Vec::with_capacity(names.len());
    for text in names {
        let hash = PhotoHash::parse(text.as_ref()).map_err(|_| Fault::NotAHash)?;
        if photos.contains(&hash) {
            return Err(Fault::Repeated);
        }
        photos.push(hash);
    }
    Ok(photos)
}

/// `2026-11-24T08:10:00+08:00`, with optional fraction, `Z` or an offset; digits are not checked for being a real date.
pub fn looks_like_rfc3339(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    if bytes.len() <= SHAPE.len() || bytes.len() > 40 {
        return false;
    }
    let (head, tail) = bytes.split_at(SHAPE.len());
    let head_fits = head.iter().zip(SHAPE).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't'),
        other => byte == other,
    });
    let offset = match tail {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &rest[digits..]
        }
        other => other,
    };
    head_fits
        && match offset {
            [b'Z' | b'z'] => true,
            [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()),
            _ => false,
        }
}

#[cfg(test)]
mod tests;
