//! `/api/v1/staff/cases`: the queue, one case, and the steps that are taken with it.

use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use uuid::Uuid;
use waypost_app::domain::case::{DeclineReason, MAX_NOTE, Step};
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::{ReportId, UnitId};
use waypost_app::domain::report::{Category, ReportState, check_photos};
use waypost_app::domain::staff::Role;
use waypost_app::wire::staff::cases::{CaseList, CaseView, Changed, Counts};
use waypost_app::wire::staff::routing::Original;

use super::overtaken::overtaken;
use super::read;
use crate::api::reports::{parse_id, uuid_of};
use crate::clock::{DAY_MS, rfc3339_ms};
use crate::error::{Error, bad_request, field, not_found, refused};
use crate::people::Staff;
use crate::snapshots::nearest;
use crate::state::AppState;
use crate::store::cases::{self, Actor, Change, Filter, Taken};
use crate::store::{Connection, StoreError};

/// Most bytes of a step: two notes of the longest kind, also where every letter is escaped.
const MAX_BYTES: usize = 32 * 1024;
/// Cases of a page, and most of them.
const PAGE: u32 = 50;
const MOST: u32 = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/staff/cases", get(list))
        .route("/api/v1/staff/cases/counts", get(counts))
        .route("/api/v1/staff/cases/{id}", get(show))
        .route("/api/v1/staff/cases/{id}/similar", get(similar))
        .route("/api/v1/staff/cases/{id}/events", post(step))
}

/// Whose cases somebody sees.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sight {
    District,
    Own(UnitId),
}

impl Sight {
    /// `None`: nobody's, because they belong to a unit and it is not said to which.
    pub(super) fn of(staff: &Staff) -> Option<Self> {
        match staff.role {
            Role::Admin | Role::Worker => Some(Self::District),
            Role::Unit => staff.unit.map(Self::Own),
        }
    }

    /// The only unit whose cases are seen.
    pub(super) const fn unit(self) -> Option<UnitId> {
        match self {
            Self::District => None,
            Self::Own(unit) => Some(unit),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    unit: String,
    category: String,
    overdue: String,
    q: String,
    after: String,
    limit: String,
}

impl Asked {
    fn filter(&self) -> Result<Filter, Error> {
        let wrong = |name: &str| bad_request(format!("`{name}` is not one that is known."));
        let given = |text: &str| !text.is_empty();
        let state = ReportState::from_code(&self.state);
        let category = Category::from_code(&self.category);
        let unit = Uuid::try_parse(&self.unit).ok().map(UnitId);
        if given(&self.state) && state.is_none() {
            return Err(wrong("state"));
        }
        if given(&self.category) && category.is_none() {
            return Err(wrong("category"));
        }
        if given(&self.unit) && unit.is_none() {
            return Err(wrong("unit"));
        }
        let overdue = match self.overdue.as_str() {
            "" | "false" => false,
            "true" => true,
            _ => return Err(wrong("overdue")),
        };
        if self.q.chars().count() > 100 {
            return Err(bad_request("`q` is longer than 100 characters."));
        }
        let after = match self.after.as_str() {
            "" => None,
            text => Some(cursor(text).ok_or_else(|| wrong("after"))?),
        };
        let limit = match self.limit.as_str() {
            "" => PAGE,
            text => text
                .parse()
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| bad_request(format!("`limit` is not a number from 1 to {MOST}.")))?,
        };
        // Nothing that PostgreSQL could not take.
        Ok(Filter { state, unit, category, overdue, words: self.q.replace('\0', ""), after, limit })
    }
}

fn cursor(text: &str) -> Option<(i64, String)> {
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, parse_id(id)?.to_string()))
}

async fn list(
    State(state): State<AppState>,
    staff: Staff,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<CaseList>, Error> {
    let Query(asked) = query.map_err(|fault| bad_request(fault.body_text()))?;
    let mut filter = asked.filter()?;
    let Some(sight) = Sight::of(&staff) else { return Ok(Json(CaseList::default())) };
    filter.unit = sight.unit().or(filter.unit);
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    Ok(Json(cases::list(&mut conn, &filter, state.clock.now_ms()).await?))
}

async fn counts(State(state): State<AppState>, staff: Staff) -> Result<Json<Counts>, Error> {
    let Some(sight) = Sight::of(&staff) else { return Ok(Json(Counts::default())) };
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    Ok(Json(cases::counts(&mut conn, sight.unit(), state.clock.now_ms()).await?))
}

async fn similar(
    State(state): State<AppState>,
    staff: Staff,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<CaseList>, Error> {
    let case = view(&state, &staff, ReportId(uuid_of(id)?)).await?;
    let only = Sight::of(&staff).ok_or_else(unknown)?.unit();
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let cases = cases::similar(&mut conn, &case.row, only, state.clock.now_ms()).await?;
    Ok(Json(CaseList { cases, next: None }))
}

async fn show(
    State(state): State<AppState>,
    staff: Staff,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<CaseView>, Error> {
    let id = ReportId(uuid_of(id)?);
    view(&state, &staff, id).await.map(Json)
}

/// A case as somebody sees it; 404 also for one that is not theirs to see.
async fn view(state: &AppState, staff: &Staff, id: ReportId) -> Result<CaseView, Error> {
    // So that the state and the history are of the same moment.
    let mut conn = state.store.moment().await?;
    let mut found = find(&mut conn, staff, id, state.clock.now_ms()).await?.ok_or_else(unknown)?;
    if staff.role == Role::Admin
        && let Some((description, photos, since_ms)) = cases::original(&mut conn, id).await?
    {
        let until = since_ms.saturating_add(i64::from(state.config.retention.original_days).saturating_mul(DAY_MS));
        found.original = Some(Original { description, photos, until: rfc3339_ms(until) });
    }
    drop(conn);
    match state.snapshots.current().await {
        Ok(district) => found.near = nearest(&district, Wgs84 { lat: found.row.lat, lng: found.row.lng }),
        // The step that is answered so was taken all the same.
        Err(error) => tracing::error!(?error, "it is not known what a case is near to"),
    }
    Ok(found)
}

async fn find(conn: &mut Connection, staff: &Staff, id: ReportId, now_ms: i64) -> Result<Option<CaseView>, Error> {
    let Some(sight) = Sight::of(staff) else { return Ok(None) };
    let found = cases::find(conn, id, now_ms).await?;
    let mut found = found.filter(|case| sight.unit().is_none_or(|own| case.row.unit == Some(own)));
    if let Some(case) = &mut found {
        if sight.unit().is_some() {
            case.link = None;
        }
        case.steps = Step::allowed(case.row.state, staff.role, case.merged_into.is_some());
        let taken_down = case.taken_down;
        case.steps.retain(|step| match step {
            Step::Takedown => !taken_down,
            Step::Publish => taken_down,
            _ => true,
        });
    }
    Ok(found)
}

fn unknown() -> Error {
    not_found("There is no such case, or it is not yours.")
}

async fn step(
    State(state): State<AppState>,
    staff: Staff,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let id = ReportId(uuid_of(id)?);
    let change = read_change(&state, &staff, id, &headers, body).await?;
    let step = change.step;
    if !step.is_for(staff.role) {
        return Err(refused(StatusCode::FORBIDDEN, "This step is not open to your role."));
    }
    let taken = state.store.write(move |conn| Box::pin(async move { cases::take(conn, &change).await })).await?;
    if matches!(step, Step::Takedown | Step::Publish) {
        // The next phone that asks is told; other steps can wait for the next look.
        state.snapshots.changed();
    }
    answer(&state, &staff, id, step, taken).await
}

/// What whoever has taken a step hears.
pub(super) async fn answer(
    state: &AppState,
    staff: &Staff,
    id: ReportId,
    step: Step,
    taken: Taken,
) -> Result<Response, Error> {
    match taken {
        Taken::Done | Taken::Again => {
            state.store.cases_changed();
            Ok(Json(view(state, staff, id).await?).into_response())
        }
        Taken::Unknown => Err(unknown()),
        Taken::Changed(changed) => Ok(overtaken("this case", |problem| Changed { problem, changed: *changed })),
        Taken::NotAllowed(from) => {
            let words = format!("`{}` cannot be done with a case that is `{}`", step.code(), from.code());
            Err(field("step", words))
        }
        Taken::Field(name, message) => Err(field(name, message)),
    }
}

async fn read_change(
    state: &AppState,
    staff: &Staff,
    case: ReportId,
    headers: &HeaderMap,
    body: Body,
) -> Result<Change, Error> {
    let mut fields = read::fields_up_to(headers, body, MAX_BYTES).await?;
    let event_id = fields.needed("event_id", "a UUID");
    let version = fields.needed("version", "a whole number");
    let step = fields.needed("step", "the code of a step");
    let unit = fields.take("unit", "the id of a unit");
    let reason = fields.take::<DeclineReason>("reason", "the code of a reason");
    let into = fields.take("into", "the id of a report");
    let [note_public, note_internal] =
        ["note_public", "note_internal"].map(|name| fields.take::<String>(name, "a text").unwrap_or_default());
    let photos = fields.take::<Vec<String>>("photos", "a list of SHA-256 hashes").unwrap_or_default();
    fields.all_right()?;
    let photos = check_photos(&photos).map_err(|fault| field("photos", fault.to_string()))?;
    let (Some(event_id), Some(version), Some(step)) = (event_id, version, step) else {
        return Err(anyhow::anyhow!("a field that is there cannot be missing").into());
    };
    let [note_public, note_internal] = [note_public, note_internal].map(|note| note.trim().to_owned());
    for (name, note) in [("note_public", &note_public), ("note_internal", &note_internal)] {
        if note.chars().count() > MAX_NOTE {
            return Err(field(name, format!("is longer than {MAX_NOTE} characters")));
        }
    }
    match step {
        Step::Redact => return Err(field("step", "`redact` is done at …/redactions")),
        Step::Decline if reason.is_none() => return Err(field("reason", "is missing")),
        Step::Decline if note_public.is_empty() => {
            return Err(field("note_public", "is missing: the reporter wants to know"));
        }
        Step::Fix if note_public.is_empty() && photos.is_empty() => {
            return Err(field("note_public", "or a photo must show what was done: the reporter wants to know"));
        }
        Step::Note if note_public.is_empty() && note_internal.is_empty() && photos.is_empty() => {
            return Err(field("note_public", "or note_internal or photos must say something"));
        }
        _ => {}
    }
    let only_of = Sight::of(staff).ok_or_else(unknown)?.unit();
    Ok(Change {
        case,
        event_id,
        version: Some(version),
        step,
        by: Actor::Staff(staff.id),
        only_of,
        unit,
        note_public,
        note_internal,
        reason: reason.filter(|_| step == Step::Decline),
        into,
        photos,
        at_ms: state.clock.now_ms(),
        calendar: state.snapshots.calendar().await?,
    })
}
