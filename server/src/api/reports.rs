//! `/api/v1/reports`: sent by phones, as often as it takes; read by their reporter and, once accepted, by everybody.

use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Extension, Json, Router, middleware};
use chrono::DateTime;
use serde::Deserialize;
use uuid::Uuid;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::{PhotoHash, ReportId};
use waypost_app::domain::report::{Fault, FieldFault, ReportContent};
use waypost_app::domain::staff::Role;
use waypost_app::wire::problem::FieldError;
use waypost_app::wire::report::{ReportBody, ReportList};

use super::auth::Device;
use super::{body, report_body};
use crate::error::{Error, bad_request, conflict, named, not_found, refused};
use crate::metrics::Outcome;
use crate::people::Staff;
use crate::retention;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::devices::{self, DeviceId};
use crate::store::reports::{self, ContentHash, Inserted, Sight, Submission, Viewer, Withdrawn};

/// Of one report.
pub(crate) const ROUTE: &str = "/api/v1/reports/{id}";
/// Most bytes of a report's JSON: ten times what its longest fields come to.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most reports in one answer.
const MAX_FOUND: u32 = 50;
const DEFAULT_RADIUS_M: f64 = 1_000.0;
const MAX_RADIUS_M: f64 = 20_000.0;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/reports", get(near))
        .route(ROUTE, put(store).get(show).delete(withdraw))
        .layer(middleware::from_fn(body::drain_unread))
}

/// Stores a report: 201 the first time, 200 with the same receipt for the same report again.
async fn store(
    State(state): State<AppState>,
    device: Device,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let id = report_id(id)?;
    require_json(&headers, "report")?;
    let bytes = body::read(&headers, body, MAX_BYTES).await?;
    let (content, captured_at_ms) = checked(&bytes)?;
    let submission = Submission {
        id,
        device: device.0,
        content_hash: ContentHash::of(&content, Some(captured_at_ms)),
        content,
        captured_at_ms,
        received_at_ms: state.clock.now_ms(),
    };
    let inserted = state.store.insert_report(submission).await?;
    if matches!(inserted, Inserted::New(_)) {
        state.store.cases_changed();
    }
    match inserted {
        Inserted::New(receipt) => Ok((StatusCode::CREATED, Json(receipt)).into_response()),
        Inserted::Merged(receipt) => {
            Ok((StatusCode::CREATED, Extension(Outcome::Merged), Json(receipt)).into_response())
        }
        Inserted::Again(receipt) => Ok((StatusCode::OK, Json(receipt)).into_response()),
        Inserted::Conflict => {
            Err(conflict("Another report has this id. Nothing was changed; send this one under a new id."))
        }
        Inserted::FromAnother => {
            Err(named(StatusCode::CONFLICT, "device", "is another one than the one from which this report has come"))
        }
        Inserted::Withdrawn => Err(refused(StatusCode::GONE, "This report was taken back; it is not stored.")),
        Inserted::UnknownPhotos(photos) => Err(Error::Fields(photos.iter().map(unknown_photo).collect())),
    }
}

fn unknown_photo(photo: &PhotoHash) -> FieldError {
    FieldError {
        field: "photos".to_owned(),
        message: format!("names a photo that this device has not sent yet: {photo}"),
    }
}

/// The content of a report's JSON and the moment its `captured_at` means, or everything that is wrong with it.
fn checked(bytes: &[u8]) -> Result<(ReportContent, i64), Error> {
    let (body, mut errors) = report_body::read(bytes)?;
    match check(&body) {
        Ok(checked) if errors.is_empty() => return Ok(checked),
        Ok(_) => {}
        Err(faults) => {
            // A field of the wrong type counts as missing to the rules; saying so as well would only confuse.
            let more = faults.into_iter().filter(|fault| !errors.iter().any(|error| error.field == fault.field));
            let more: Vec<_> = more
                .map(|fault| FieldError { field: fault.field.to_owned(), message: fault.fault.to_string() })
                .collect();
            errors.extend(more);
        }
    }
    Err(Error::Fields(errors))
}

fn check(body: &ReportBody) -> Result<(ReportContent, i64), Vec<FieldFault>> {
    let checked = body.unchecked().check();
    // In the future is fine: phones' clocks are wrong by hours and years, and the report is true all the same.
    let captured_at = body.captured_at.as_deref().map(DateTime::parse_from_rfc3339);
    match (checked, captured_at) {
        (Ok(content), Some(Ok(captured_at))) => Ok((content, captured_at.timestamp_millis())),
        (checked, _) => {
            let mut faults = checked.err().unwrap_or_default();
            // The right shape, but no real date.
            if !faults.iter().any(|fault| fault.field == "captured_at") && !matches!(captured_at, Some(Ok(_))) {
                faults.push(FieldFault { field: "captured_at", fault: Fault::NotATime });
            }
            Err(faults)
        }
    }
}

/// Takes a report back until it is public; again, or before it has arrived, is fine.
async fn withdraw(
    State(state): State<AppState>,
    Device(device): Device,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Error> {
    let id = report_id(id)?;
    let now_ms = state.clock.now_ms();
    let withdrawn = state
        .store
        .write(move |conn| Box::pin(async move { reports::withdraw(conn, id, &device, now_ms).await }))
        .await?;
    match withdrawn {
        Withdrawn::Gone(files) => {
            state.store.cases_changed();
            retention::drop_surely(&state, files).await?;
            Ok(StatusCode::NO_CONTENT)
        }
        Withdrawn::Public => Err(conflict("Everybody can see this report by now; it cannot be taken back.")),
        Withdrawn::NotYours => Err(not_found("There is no such report, or it is not yours.")),
    }
}

/// The report with its timeline, for its reporter, staff and, once it is public, everybody.
async fn show(
    State(state): State<AppState>,
    device: Option<Device>,
    staff: Option<Staff>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    let id = report_id(id)?;
    let sight = staff.as_ref().and_then(sight);
    let viewer = Viewer { device: device.map(|Device(device)| device), staff: sight };
    let report = reports::find(&state.store, id, &viewer).await?;
    // Only noted: what can be read is read, also while nothing can be written.
    if let Some(device) = viewer.device
        && let Err(error) = note_seen(&state, device).await
    {
        tracing::warn!(?error, "that a phone was seen is not noted");
    }
    let report = report.ok_or_else(|| not_found("There is no such report, or it is not public."))?;
    let mut response = Json(report).into_response();
    if sight.is_some() {
        // What the cookie shows is kept by no cache.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// What somebody of the staff sees; `None`: what everybody does, because it is not said to which unit they belong.
fn sight(staff: &Staff) -> Option<Sight> {
    match staff.role {
        Role::Admin | Role::Worker => Some(Sight::District),
        Role::Unit => staff.unit.map(Sight::Unit),
    }
}

/// A phone that only asks what has become of its reports is not forgotten either.
async fn note_seen(state: &AppState, device: DeviceId) -> Result<(), Error> {
    let now_ms = state.clock.now_ms();
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let due = devices::is_due(&mut conn, &device, now_ms).await?;
    drop(conn);
    if due {
        state.store.write(move |conn| Box::pin(async move { devices::ensure(conn, &device, now_ms).await })).await?;
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Near {
    near: Option<String>,
    radius_m: Option<String>,
}

/// Public reports around a place, nearest first.
async fn near(
    State(state): State<AppState>,
    query: Result<Query<Near>, QueryRejection>,
) -> Result<Json<ReportList>, Error> {
    let Query(query) = query.map_err(|fault| bad_request(fault.body_text()))?;
    let near = query.near.ok_or_else(|| bad_request("`near` is missing: give it as `near=LAT,LNG`."))?;
    let centre = place(&near)
        .ok_or_else(|| bad_request("`near` is not a place: give it as `near=LAT,LNG` in WGS-84 decimal degrees."))?;
    let radius_m = match query.radius_m {
        None => DEFAULT_RADIUS_M,
        Some(text) => text
            .parse()
            .ok()
            .filter(|metres| (1.0..=MAX_RADIUS_M).contains(metres))
            .ok_or_else(|| bad_request(format!("`radius_m` is not a number from 1 to {MAX_RADIUS_M}.")))?,
    };
    let reports = reports::near(&state.store, centre, radius_m, MAX_FOUND).await?;
    Ok(Json(ReportList { reports }))
}

fn place(text: &str) -> Option<Wgs84> {
    let (lat, lng) = text.split_once(',')?;
    Wgs84::new(lat.trim().parse().ok()?, lng.trim().parse().ok()?)
}

/// A UUID in its usual form; the nil one is what a broken phone would send for every report.
pub(crate) fn parse_id(text: &str) -> Option<ReportId> {
    parse_uuid(text).map(ReportId)
}

fn parse_uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().filter(|id| !id.is_nil())
}

fn report_id(id: Result<Path<String>, PathRejection>) -> Result<ReportId, Error> {
    uuid_of(id).map(ReportId)
}

/// The UUID under which a phone sends something.
///
/// # Errors
/// 400 if it is not one.
pub(super) fn uuid_of(id: Result<Path<String>, PathRejection>) -> Result<Uuid, Error> {
    let Path(text) = id.map_err(|fault| bad_request(fault.body_text()))?;
    parse_uuid(&text).ok_or_else(|| bad_request(format!("In the address, `{text}` is not a UUID.")))
}

/// # Errors
/// 415 if the body is not declared to be JSON.
pub(super) fn require_json(headers: &HeaderMap, what: &str) -> Result<(), Error> {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let words = format!("Send the {what} as JSON, with `Content-Type: application/json`.");
    Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, words))
}
