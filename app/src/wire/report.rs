//! Reports on the wire.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ReportId;
use crate::domain::report::{Category, ReportContent, ReportState, Unchecked};
use crate::json::FromJson;

/// Body of `PUT /api/v1/reports/{uuid}`. Every field is optional to the parser, so that what is missing is answered
/// by name instead of by a parser's words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct ReportBody {
    /// A code of [`Category`].
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    /// WGS-84 decimal degrees, where the photo was taken.
    #[serde(default)]
    pub lat: Option<f64>,
    #[serde(default)]
    pub lng: Option<f64>,
    /// Radius in metres within which the position was known.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
    /// RFC 3339 with offset: when the photo was taken.
    #[serde(default)]
    pub captured_at: Option<String>,
    #[serde(default)]
    pub landmark: Option<String>,
    /// SHA-256 of each photo's bytes as they were sent, in hex.
    #[serde(default)]
    pub photos: Vec<String>,
    /// The id of the open public report that this one is the same as: it is then followed instead of repaired twice, and
    /// needs neither a photo nor words. A report that is not known or not public is no fault; this one then stands alone.
    #[serde(default)]
    pub same_as: Option<String>,
}

impl ReportBody {
    /// The same content, borrowed, for [`Unchecked::check`].
    #[must_use]
    pub fn unchecked(&self) -> Unchecked<'_> {
        Unchecked {
            category: self.category.as_deref(),
            description: self.description.as_deref().unwrap_or_default(),
            lat: self.lat,
            lng: self.lng,
            accuracy_m: self.accuracy_m,
            captured_at: self.captured_at.as_deref(),
            landmark: self.landmark.as_deref().unwrap_or_default(),
            photos: self.photos.iter().map(String::as_str).collect(),
            same_as: self.same_as.as_deref(),
        }
    }
}

impl From<&ReportContent> for ReportBody {
    fn from(content: &ReportContent) -> Self {
        Self {
            category: Some(content.category.code().to_owned()),
            description: Some(content.description.clone()),
            lat: Some(content.position.lat),
            lng: Some(content.position.lng),
            accuracy_m: content.accuracy_m,
            captured_at: Some(content.captured_at.clone()),
            landmark: Some(content.landmark.clone()),
            photos: content.photos.iter().map(ToString::to_string).collect(),
            same_as: content.same_as.map(|id| id.to_string()),
        }
    }
}

/// The server's word that a report is stored. The same report is always answered with the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct Receipt {
    pub id: ReportId,
    /// Short enough to read out on the phone.
    pub code: String,
    /// Always [`ReportState::Received`]: what it was when the receipt was written.
    pub state: ReportState,
    /// RFC 3339 with offset, the server's clock.
    pub received_at: String,
}

/// Answer of `GET /api/v1/reports/{uuid}`. Strangers get it once the report is public, with the position rounded to
/// about 100 m, without the reporter's words for the place, and with what was done while it was public. The staff of the
/// district gets it whole, with what is shown instead where it was redacted; a unit only what it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
pub struct ReportView {
    pub id: ReportId,
    pub code: String,
    pub state: ReportState,
    pub category: Category,
    #[serde(default)]
    pub description: String,
    pub lat: f64,
    pub lng: f64,
    #[serde(default)]
    pub accuracy_m: Option<f64>,
    #[serde(default)]
    pub captured_at: Option<String>,
    #[serde(default)]
    pub landmark: String,
    #[serde(default)]
    pub photos: Vec<String>,
    pub received_at: String,
    /// Oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The report that this one says the same as. [`ReportView::state`] and [`ReportView::timeline`] are then those of
    /// that report, with what staff said of this one; everything else is still this one's own.
    #[serde(default)]
    pub merged_into: Option<MergedInto>,
}

/// The report that another one is followed through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct MergedInto {
    pub id: ReportId,
    /// Short enough to read out on the phone.
    pub code: String,
}

/// One step in a report's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct TimelineEntry {
    pub state: ReportState,
    /// RFC 3339 with offset.
    pub at: String,
    /// What was said to the public with it; may be empty.
    #[serde(default)]
    pub note: String,
    /// SHA-256 of each photo that staff show with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<String>,
}

/// Answer of `GET /api/v1/reports?near=lat,lng&radius_m=`: public reports, nearest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
pub struct ReportList {
    pub reports: Vec<ReportView>,
}

/// Answer of `PUT /api/v1/photos/{sha256}` and of `PUT /api/v1/staff/photos/{sha256}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct PhotoStored {
    /// The hash it was sent under.
    pub sha256: String,
    /// Size after re-encoding, in pixels.
    pub width: u32,
    pub height: u32,
}
