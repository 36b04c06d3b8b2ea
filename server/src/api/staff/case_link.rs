//! `/api/v1/staff/cases/{id}/link`: a link with which a unit without an account works on a case.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use waypost_app::domain::ids::ReportId;
use waypost_app::wire::staff::routing::CaseLink;

use super::read;
use crate::api::case_page;
use crate::api::reports::uuid_of;
use crate::clock::{DAY_MS, rfc3339_ms};
use crate::error::{Error, field, not_found};
use crate::people::{Staff, Token};
use crate::state::AppState;
use crate::store::cases::links::{self, Made};

/// How many days a link may be good for.
const DAYS: std::ops::RangeInclusive<u32> = 1..=30;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/cases/{id}/link", post(make).delete(revoke))
}

async fn make(
    State(state): State<AppState>,
    staff: Staff,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<CaseLink>), Error> {
    let case = ReportId(uuid_of(id)?);
    let mut fields = read::fields(&headers, body).await?;
    let days = fields.needed::<u32>("days", "a whole number");
    fields.all_right()?;
    let days = days.filter(|days| DAYS.contains(days));
    let days = days.ok_or_else(|| field("days", format!("must be from {} to {}", DAYS.start(), DAYS.end())))?;
    let (token, now_ms) = (Token::new(), state.clock.now_ms());
    let expires_at_ms = now_ms.saturating_add(i64::from(days).saturating_mul(DAY_MS));
    let (hash, by) = (token.hash(), staff.id);
    let made = state
        .store
        .write(move |conn| Box::pin(async move { links::make(conn, case, &hash, by, now_ms, expires_at_ms).await }));
    match made.await? {
        Made::Done => {
            let url = case_page::url(&read::site(&state, &headers), &token);
            Ok((StatusCode::CREATED, Json(CaseLink { url, expires_at: rfc3339_ms(expires_at_ms) })))
        }
        Made::Unknown => Err(not_found("There is no such case.")),
        Made::NoUnit => Err(field("unit", "is not chosen yet: give the case to one first")),
        Made::NotNow(at) => Err(field("state", format!("is `{}`, or the case is followed through another", at.code()))),
    }
}

async fn revoke(State(state): State<AppState>, id: Result<Path<String>, PathRejection>) -> Result<StatusCode, Error> {
    let case = ReportId(uuid_of(id)?);
    state.store.write(move |conn| Box::pin(async move { links::revoke(conn, case).await })).await?;
    Ok(StatusCode::NO_CONTENT)
}
