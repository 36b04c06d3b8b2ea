//! `/api/v1/staff/cases/{id}/redactions` and `…/public`: what strangers are shown of a case.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use waypost_app::domain::case::{MAX_NOTE, Step};
use waypost_app::domain::ids::{PhotoHash, ReportId};
use waypost_app::domain::report::{MAX_DESCRIPTION, MAX_PHOTOS};
use waypost_app::wire::report::ReportView;
use waypost_app::wire::staff::routing::PhotoRedaction;

use super::{cases, read};
use crate::api::reports::uuid_of;
use crate::error::{Error, field, not_found};
use crate::people::Staff;
use crate::state::AppState;
use crate::store::cases::{Actor, Change, PhotoInstead, Redaction, redact};
use crate::store::reports::{self, Viewer};

/// Most bytes of a redaction: a description and a note of the longest kind, also where every letter is escaped.
const MAX_BYTES: usize = 32 * 1024;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/staff/cases/{id}/public", get(public))
        .route("/api/v1/staff/cases/{id}/redactions", post(store))
}

/// The report as a stranger gets it.
async fn public(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<ReportView>, Error> {
    let report = reports::find(&state.store, ReportId(uuid_of(id)?), &Viewer::default()).await?;
    report.map(Json).ok_or_else(|| not_found("Strangers see nothing of this case, or there is no such case."))
}

async fn store(
    State(state): State<AppState>,
    staff: Staff,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let id = ReportId(uuid_of(id)?);
    let redaction = read_redaction(&state, &staff, id, &headers, body).await?;
    let taken = state.store.write(move |conn| Box::pin(async move { redact(conn, &redaction).await })).await?;
    cases::answer(&state, &staff, id, Step::Redact, taken).await
}

async fn read_redaction(
    state: &AppState,
    staff: &Staff,
    case: ReportId,
    headers: &HeaderMap,
    body: Body,
) -> Result<Redaction, Error> {
    let mut fields = read::fields_up_to(headers, body, MAX_BYTES).await?;
    let event_id = fields.needed("event_id", "a UUID");
    let version = fields.needed::<i64>("version", "a whole number");
    let description = fields.take::<String>("description", "a text").map(|text| text.trim().to_owned());
    let photos = fields.take::<Vec<PhotoRedaction>>("photos", "a list of photos, each with what is shown instead");
    let note_internal = fields.text("note_internal").trim().to_owned();
    fields.all_right()?;
    let Some(event_id) = event_id else {
        return Err(anyhow::anyhow!("a field that is there cannot be missing").into());
    };
    let photos = photos.unwrap_or_default();
    if description.is_none() && photos.is_empty() {
        return Err(field("description", "or photos must say what is shown instead"));
    }
    if description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(field("description", format!("is longer than {MAX_DESCRIPTION} characters")));
    }
    if photos.len() > MAX_PHOTOS {
        return Err(field("photos", format!("has more than {MAX_PHOTOS} entries")));
    }
    if note_internal.is_empty() {
        return Err(field("note_internal", "is missing: colleagues want to know why"));
    }
    if note_internal.chars().count() > MAX_NOTE {
        return Err(field("note_internal", format!("is longer than {MAX_NOTE} characters")));
    }
    let hash = |name: &str| PhotoHash::parse(name).map_err(|fault| field("photos", fault.to_string()));
    let photos = photos.iter().map(|one| {
        Ok(PhotoInstead { photo: hash(&one.photo)?, instead: one.instead.as_deref().map(hash).transpose()? })
    });
    let photos = photos.collect::<Result<_, Error>>()?;
    let change = Change {
        case,
        event_id,
        version,
        step: Step::Redact,
        by: Actor::Staff(staff.id),
        only_of: None,
        unit: None,
        note_public: String::new(),
        note_internal,
        reason: None,
        into: None,
        photos: Vec::new(),
        at_ms: state.clock.now_ms(),
        calendar: state.snapshots.calendar().await?,
    };
    Ok(Redaction { change, description, photos })
}
