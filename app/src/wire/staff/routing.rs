//! Who is asked to repair what, the page for a unit without an account, and what strangers are not shown. Moments are RFC
//! 3339 with offset.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::ids::UnitId;
use crate::domain::report::Category;
use crate::wire::problem::Problem;

/// Answer of `GET` and `PUT /api/v1/staff/routes`: which unit a case is suggested for. The first that fits decides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Routes {
    /// Grows whenever the list is written.
    pub version: i64,
    pub routes: Vec<Route>,
}

/// Cases of a category in an area are for a unit. One whose unit gets no new cases is passed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// `None`: the whole district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Area>,
    pub unit: UnitId,
}

/// What lies around a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// What people call it: 1 to 100 characters.
    pub name: String,
    /// WGS-84 decimal degrees.
    pub lat: f64,
    pub lng: f64,
    /// 10 to 50,000.
    pub radius_m: u32,
}

/// Body of `PUT /api/v1/staff/routes`: the whole list, at most 500, in place of the one that was seen. Answers: 200 with the
/// [`Routes`]; 409 with [`RoutesChanged`] if `version` is no longer theirs; 422 naming the field, such as `routes[3].unit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutesChange {
    /// The [`Routes::version`] that was seen.
    pub version: i64,
    pub routes: Vec<Route>,
}

/// The 409 of the list: somebody else was faster, and this is what they wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutesChanged {
    #[serde(flatten)]
    pub problem: Problem,
    pub changed: Routes,
}

/// Body of `POST /api/v1/staff/cases/{id}/link`, for a case that a unit has: 201 with [`CaseLink`], and an earlier link of the
/// case stops working; 422 naming `days`, `unit` while nobody has the case, or `state` where it is declined or
/// followed through another. `DELETE` of the same address: 204, also where
/// there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCaseLink {
    /// How many days it is good for: 1 to 30.
    pub days: u32,
}

/// An address at which whoever has it sees one case and may begin and report its repair. It is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLink {
    pub url: String,
    pub expires_at: String,
}

impl std::fmt::Debug for CaseLink {
    /// Without what opens it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaseLink")
    }
}

/// The link of a case that works at present: its address is known only to those who have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkKept {
    pub unit: UnitId,
    pub created_at: String,
    pub expires_at: String,
}

/// Body of `POST /api/v1/staff/cases/{id}/redactions`: what strangers are shown from here on instead of what the reporter sent.
/// Answers are those of a step: 200 with the case, 409 with what somebody else did, 422 naming the field. What is left out
/// stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// Made by the client, so that what is sent twice is done once.
    pub event_id: Uuid,
    /// The version of the case that whoever decided this has seen.
    pub version: i64,
    /// In place of the reporter's words; may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoRedaction>,
    /// Why, for staff only; needed.
    pub note_internal: String,
}

/// What is shown instead of one of a case's photos.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoRedaction {
    /// The photo as the case has it now.
    pub photo: String,
    /// A picture sent before with `PUT /api/v1/staff/photos/{sha256}`; `None`: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

/// What the reporter sent, where something else is shown instead; for admins only, and for a limited time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    pub description: String,
    pub photos: Vec<String>,
    /// Until when it is kept.
    pub until: String,
}
