//! `/api/v1/staff/units`: who repairs.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, patch};
use axum::{Json, Router};
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::wire::staff::cases::{UnitChange, UnitView, Units};

use super::read;
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
    let change = read_change(&headers, body).await?;
    put(&state, None, change).await.map(|unit| (StatusCode::CREATED, Json(unit)))
}

async fn change(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<UnitView>, Error> {
    let id = UnitId(uuid_of(id)?);
    let change = read_change(&headers, body).await?;
    put(&state, Some(id), change).await.map(Json)
}

/// What a body changes, with every text as it is kept.
async fn read_change(headers: &HeaderMap, body: Body) -> Result<UnitChange, Error> {
    let mut fields = read::fields(headers, body).await?;
    let mut change = UnitChange {
        name: fields.take("name", "a text"),
        contact: fields.take("contact", "a text"),
        phone: fields.take("phone", "a text"),
        closed: fields.take("closed", "true or false"),
    };
    fields.all_right()?;
    for (name, text) in [("name", &mut change.name), ("contact", &mut change.contact), ("phone", &mut change.phone)] {
        let Some(text) = text else { continue };
        *text = text.trim().to_owned();
        if text.chars().count() > MAX_TEXT || text.chars().any(char::is_control) {
            return Err(field(name, format!("must have at most {MAX_TEXT} characters, on one line")));
        }
    }
    Ok(change)
}

/// A unit as it is after a change.
fn changed(unit: UnitView, change: UnitChange) -> Result<UnitView, Error> {
    let unit = UnitView {
        id: unit.id,
        name: change.name.unwrap_or(unit.name),
        contact: change.contact.unwrap_or(unit.contact),
        phone: change.phone.unwrap_or(unit.phone),
        closed: change.closed.unwrap_or(unit.closed),
    };
    if unit.name.is_empty() { Err(field("name", "is missing")) } else { Ok(unit) }
}

/// Changes a unit, or makes a new one, in one write: what somebody else changes of it at the same time stays.
async fn put(state: &AppState, id: Option<UnitId>, change: UnitChange) -> Result<UnitView, Error> {
    let now_ms = state.clock.now_ms();
    let job = state.store.write(move |conn| {
        Box::pin(async move {
            let before = match id {
                Some(id) => units::find(conn, id).await?,
                None => Some(new()),
            };
            let Some(before) = before else { return Ok(Err(not_found("There is no such unit."))) };
            let unit = match changed(before, change) {
                Ok(unit) => unit,
                Err(fault) => return Ok(Err(fault)),
            };
            if units::put(conn, &unit, now_ms).await? {
                Ok(Ok(unit))
            } else {
                Ok(Err(named(StatusCode::CONFLICT, "name", "is that of another unit")))
            }
        })
    });
    job.await?
}

fn new() -> UnitView {
    UnitView {
        id: UnitId(Uuid::now_v7()),
        name: String::new(),
        contact: String::new(),
        phone: String::new(),
        closed: false,
    }
}
