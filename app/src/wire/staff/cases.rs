//! Reports as staff work on them. Moments are RFC 3339 with offset.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::case::{DeclineReason, Step};
use crate::domain::ids::{ReportId, StaffId, UnitId};
use crate::domain::report::{Category, ReportState};
use crate::domain::station::Landmark;
use crate::wire::problem::Problem;
use crate::wire::report::MergedInto;
use crate::wire::staff::routing::{LinkKept, Original};

/// Answer of `GET /api/v1/staff/cases`: what waits for somebody, the earliest deadline first.
///
/// Query, all optional: `state`, `unit`, `category`, `overdue=true`, `q` (a piece of a code, the description or the
/// landmark), `after` ([`CaseList::next`] of the page before), `limit` (1 to 100, 50 if left out). With `state` also
/// what waits for nobody, such as `fixed`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseList {
    pub cases: Vec<CaseRow>,
    /// What to ask for as `after` for the next page; `None`: this is the last one.
    #[serde(default)]
    pub next: Option<String>,
}

/// A line of the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRow {
    pub id: ReportId,
    pub code: String,
    pub state: ReportState,
    pub category: Category,
    pub description: String,
    pub landmark: String,
    /// Exact, WGS-84 decimal degrees.
    pub lat: f64,
    pub lng: f64,
    /// SHA-256 of the first photo.
    #[serde(default)]
    pub photo: Option<String>,
    #[serde(default)]
    pub unit: Option<UnitId>,
    pub received_at: String,
    /// When the next step is due; `None`: nobody has to do anything.
    #[serde(default)]
    pub due_at: Option<String>,
    pub overdue: bool,
    /// Grows with every event.
    pub version: i64,
}

/// Answer of `GET /api/v1/staff/cases/counts`; a unit is told of its own cases only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// States without a case are left out.
    pub states: Vec<StateCount>,
    /// How many are past their deadline.
    pub overdue: i64,
}

/// How many cases are in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCount {
    pub state: ReportState,
    pub cases: i64,
}

impl Counts {
    /// How many cases are in one of these states.
    #[must_use]
    pub fn of(&self, states: &[ReportState]) -> i64 {
        self.states.iter().filter(|count| states.contains(&count.state)).map(|count| count.cases).sum()
    }
}

/// Answer of `GET /api/v1/staff/cases/{id}`, and of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseView {
    #[serde(flatten)]
    pub row: CaseRow,
    /// Radius in metres within which the place was known.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
    pub captured_at: String,
    /// The landmark or station that is nearest, where one is near enough to go by.
    #[serde(default)]
    pub near: Option<Landmark>,
    /// SHA-256 of each of the reporter's photos.
    pub photos: Vec<String>,
    #[serde(default)]
    pub merged_into: Option<MergedInto>,
    /// Reports that say the same and are followed through this one, oldest first. When one is separated from it, that is an
    /// event of both, here with the other's code as `note_internal`.
    #[serde(default)]
    pub merged: Vec<MergedReport>,
    /// Oldest first.
    pub events: Vec<CaseEvent>,
    /// What the one who asks may do now. `redact` has an address of its own, see
    /// [`Redaction`](crate::wire::staff::routing::Redaction).
    pub steps: Vec<Step>,
    /// Who would get it by the district's rules.
    #[serde(default)]
    pub suggested_unit: Option<UnitId>,
    /// With which its unit works on it without an account; for the district's staff only.
    #[serde(default)]
    pub link: Option<LinkKept>,
    /// Strangers see nothing of it, although its state is public.
    #[serde(default)]
    pub taken_down: bool,
    /// Where something else is shown instead; for admins only.
    #[serde(default)]
    pub original: Option<Original>,
}

/// A report that is followed through another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedReport {
    pub id: ReportId,
    pub code: String,
    pub description: String,
    pub received_at: String,
    /// SHA-256 of each photo.
    pub photos: Vec<String>,
}

/// One event of a case's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseEvent {
    /// The case's version from here on.
    pub version: i64,
    /// What the report is from here on.
    pub state: ReportState,
    /// `None`: not by staff.
    #[serde(default)]
    pub step: Option<Step>,
    pub at: String,
    pub by: By,
    #[serde(default)]
    pub note_public: String,
    #[serde(default)]
    pub note_internal: String,
    #[serde(default)]
    pub reason: Option<DeclineReason>,
    /// Who is responsible from here on, where the step says so.
    #[serde(default)]
    pub unit: Option<UnitId>,
    /// SHA-256 of each photo that is shown with it.
    #[serde(default)]
    pub photos: Vec<String>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum By {
    Reporter,
    Staff {
        id: StaffId,
        name: String,
    },
    /// Somebody of a unit, through the link that it was sent.
    Link {
        unit: UnitId,
    },
    /// By whoever moved it before names were kept.
    Unknown,
}

/// Body of `POST /api/v1/staff/cases/{id}/events`. Answers: 200 with the [`CaseView`], again for the same `event_id`; 409
/// with [`Changed`] if `version` is no longer the case's; 422 naming `step` if it may not be taken from this state, or
/// the field that it needs; 403 if it is not for the role. With a case that is followed through another only `separate`
/// and `note` may be taken; `separate` puts it back into the queue by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseChange {
    /// Made by the client, so that what is sent twice is done once.
    pub event_id: Uuid,
    /// The [`CaseRow::version`] that whoever decided this has seen.
    pub version: i64,
    pub step: Step,
    /// For `assign` and `hand_over`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// The reporter sees it, and everybody while the report is public. `decline` needs it, and `fix` without a photo.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note_public: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note_internal: String,
    /// For `decline`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeclineReason>,
    /// For `merge`: the report through which this one is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<ReportId>,
    /// SHA-256 of photos that whoever takes the step has sent with `PUT /api/v1/staff/photos/{sha256}`, at most
    /// [`MAX_PHOTOS`](crate::domain::report::MAX_PHOTOS). Seen by whoever sees `note_public`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<String>,
}

/// The 409 of a step: somebody else was faster, and this is the last thing that they did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    #[serde(flatten)]
    pub problem: Problem,
    pub changed: CaseEvent,
}

/// Somebody who repairs: a department or a firm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitView {
    pub id: UnitId,
    pub name: String,
    /// Whom to ask for; may be empty.
    pub contact: String,
    /// May be empty.
    pub phone: String,
    /// Gets no new cases.
    pub closed: bool,
}

/// Answer of `GET /api/v1/staff/units`, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub units: Vec<UnitView>,
}

/// Body of `POST /api/v1/staff/units` (201 with the [`UnitView`]; needs `name`) and of `PATCH /api/v1/staff/units/{id}` (200),
/// where what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<bool>,
}

/// A sentence that staff say often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// With which it is offered: `fix`, `decline`, `note`, `accept` or `reopen`.
    pub step: Step,
    pub words: String,
}

/// Answer of `GET /api/v1/staff/templates`, and body and answer of `PUT`, which puts these in the place of all others. `PUT`
/// answers 409 with [`TemplatesChanged`] if `version` is no longer the latest, 422 naming the field otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateList {
    /// Grows with each change; `PUT` takes the one that was seen.
    pub version: i64,
    pub templates: Vec<Template>,
}

/// The 409 of a list: somebody else was faster, and this is what they wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatesChanged {
    #[serde(flatten)]
    pub problem: Problem,
    pub changed: TemplateList,
}
