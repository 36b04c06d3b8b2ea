//! `/api/v1/reports/{id}/answers/{answer}`: what the reporter says of a repair.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::put;
use axum::{Json, Router, middleware};
use waypost_app::domain::case::{MAX_NOTE, Says};
use waypost_app::domain::ids::ReportId;
use waypost_app::wire::problem::FieldError;
use waypost_app::wire::report::ReportView;

use super::auth::Device;
use super::reports::{parse_id, require_json};
use super::{body, json_body};
use crate::error::{Error, bad_request, conflict, field, not_found};
use crate::state::AppState;
use crate::store::reports::{self, Answer, Answered, Viewer};

/// Most bytes of an answer, also where every letter of the note is escaped.
const MAX_BYTES: usize = 16 * 1024;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/reports/{id}/answers/{answer}", put(store))
        .layer(middleware::from_fn(body::drain_unread))
}

async fn store(
    State(state): State<AppState>,
    Device(device): Device,
    ids: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ReportView>, Error> {
    let Path((report, id)) = ids.map_err(|fault| bad_request(fault.body_text()))?;
    let uuid =
        |text: &str| parse_id(text).ok_or_else(|| bad_request(format!("In the address, `{text}` is not a UUID.")));
    let (report, ReportId(id)) = (uuid(&report)?, uuid(&id)?);
    require_json(&headers, "answer")?;
    let bytes = body::read(&headers, body, MAX_BYTES).await?;
    let (says, note) = read(&bytes)?;
    let viewer = Viewer { device: Some(device.clone()), staff: None };
    let answer = Answer { report, device, id, says, note, at_ms: state.clock.now_ms() };
    let answered = state.store.write(move |conn| Box::pin(async move { reports::answer(conn, &answer).await })).await?;
    let missing = || not_found("There is no such report, or it is not yours.");
    match answered {
        Answered::Done => {
            state.store.cases_changed();
            reports::find(&state.store, report, &viewer).await?.map(Json).ok_or_else(missing)
        }
        Answered::NotYours => Err(missing()),
        Answered::NotNow => Err(conflict("That cannot be said of this report now, or it is too late to say it.")),
        Answered::Conflict => Err(conflict("Something else has this id. Nothing was changed.")),
    }
}

fn read(bytes: &[u8]) -> Result<(Says, String), Error> {
    let mut fields = json_body::object(bytes)?;
    let mut errors = Vec::new();
    let says = json_body::take(&mut fields, "says", "`confirmed` or `not_fixed`", &mut errors);
    let note: String = json_body::take(&mut fields, "note", "a text", &mut errors).unwrap_or_default();
    let note = note.trim().to_owned();
    if note.chars().count() > MAX_NOTE {
        errors.push(FieldError { field: "note".to_owned(), message: format!("is longer than {MAX_NOTE} characters") });
    }
    match says {
        Some(says) if errors.is_empty() => Ok((says, note)),
        None if errors.is_empty() => Err(field("says", "is missing")),
        _ => Err(Error::Fields(errors)),
    }
}
