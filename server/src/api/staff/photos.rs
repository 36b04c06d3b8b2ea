//! `/api/v1/staff/photos/{sha256}`: what reporters show of a case, and what staff show of its repair or of the way into a
//! station.

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use waypost_app::domain::staff::Role;

use super::cases::Sight;
use crate::api::photos::{photo_hash, picture, take};
use crate::error::{Error, not_found};
use crate::http::Network;
use crate::people::Staff;
use crate::state::AppState;
use crate::store::devices::DeviceId;
use crate::store::{StoreError, cases, station_photos};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/staff/photos/{sha256}", get(show).put(store))
        .route("/api/v1/staff/photos/{sha256}/thumb", get(thumb))
}

/// Stores a photo as one of a phone is stored. It is dropped after a time unless a step of a case or a station names it.
async fn store(
    State(state): State<AppState>,
    staff: Staff,
    network: Network,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    take(&state, DeviceId::of_staff(staff.id), network, name, &headers, body).await
}

async fn show(
    state: State<AppState>,
    staff: Staff,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    shown(state, staff, name, false).await
}

async fn thumb(
    state: State<AppState>,
    staff: Staff,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    shown(state, staff, name, true).await
}

/// A photo of a case that somebody may see, one of a station, or one that they have sent themselves.
async fn shown(
    State(state): State<AppState>,
    staff: Staff,
    name: Result<Path<String>, PathRejection>,
    thumb: bool,
) -> Result<Response, Error> {
    let sha256 = photo_hash(name)?;
    let missing = || not_found("There is no such photo, or it is not yours to see.");
    let sight = Sight::of(&staff).ok_or_else(missing)?;
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let may_see = cases::photo_is_of(&mut conn, &sha256, sight.unit(), staff.role == Role::Admin).await?
        || station_photos::may_be_shown(&mut conn, &sha256, &DeviceId::of_staff(staff.id)).await?;
    drop(conn);
    if !may_see {
        return Err(missing());
    }
    // Whoever else is at their address takes nothing from those who work on it.
    picture(&state, &sha256, thumb, Network(None)).await?.ok_or_else(missing)
}
