//! `/api/v1/staff/units`: who repairs.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, patch};
use axum::{Json, Router};
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::wire::staff::cases::{UnitView, Units};

use super::read::{self, Fields};
use crate::api::reports::uuid_of;
use crate::error::{Error, field, named, not_found};
use crate::state::AppState;
use crate::store::{StoreError, units};

/// Most characters of a unit's name, of whom to ask for, and of a phone number.
const MAX_TEXT: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/units", get(list).post(add)).route("/api/v1/staff/units/{id}", patch(change))
}

async fn list(State(state): State<AppState>) -> Result<Json<Units>, Error> {
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    Ok(Json(Units { units: units::all(&mut conn).await? }))
}

async fn add(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<UnitView>), Error> {
    let fields = read::fields(&headers, body).await?;
    let new = UnitView {
        id: UnitId(Uuid::now_v7()),
        name: String::new(),
        contact: String::new(),
        phone: String::new(),
        closed: false,
    };
    let unit = changed(new, fields)?;
    put(&state, unit).await.map(|unit| (StatusCode::CREATED, Json(unit)))
}

async fn change(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<UnitView>, Error> {
    let id = UnitId(uuid_of(id)?);
    let fields = read::fields(&headers, body).await?;
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let unit = units::find(&mut conn, id).await?;
    drop(conn);
    let unit = unit.ok_or_else(|| not_found("There is no such unit."))?;
    put(&state, changed(unit, fields)?).await.map(Json)
}

/// A unit as a body changes it.
fn changed(mut unit: UnitView, mut fields: Fields) -> Result<UnitView, Error> {
    let (name, contact, phone) =
        (fields.take("name", "a text"), fields.take("contact", "a text"), fields.take("phone", "a text"));
    let closed = fields.take("closed", "true or false");
    fields.all_right()?;
    for (name, text, kept) in
        [("name", name, &mut unit.name), ("contact", contact, &mut unit.contact), ("phone", phone, &mut unit.phone)]
    {
        let Some(text) = text.map(|text: String| text.trim().to_owned()) else { continue };
        if text.chars().count() > MAX_TEXT || text.chars().any(char::is_control) {
            return Err(field(name, format!("must have at most {MAX_TEXT} characters, on one line")));
        }
        *kept = text;
    }
    if unit.name.is_empty() {
        return Err(field("name", "is missing"));
    }
    unit.closed = closed.unwrap_or(unit.closed);
    Ok(unit)
}

async fn put(state: &AppState, unit: UnitView) -> Result<UnitView, Error> {
    let now_ms = state.clock.now_ms();
    let kept = unit.clone();
    let done = state.store.write(move |conn| Box::pin(async move { units::put(conn, &kept, now_ms).await })).await?;
    if done { Ok(unit) } else { Err(named(StatusCode::CONFLICT, "name", "is that of another unit")) }
}
