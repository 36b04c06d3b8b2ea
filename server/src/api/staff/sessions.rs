//! `/api/v1/staff/sessions`: where somebody is signed in, and an end to it.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use waypost_app::wire::staff::people::{DeviceSession, DeviceSessions};

use crate::api::reports::uuid_of;
use crate::clock::rfc3339_ms;
use crate::error::{Error, not_found};
use crate::people::Session;
use crate::people::session::idle_since_ms;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::people::sessions;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/sessions", get(list)).route("/api/v1/staff/sessions/{id}", delete(end))
}

async fn list(State(state): State<AppState>, session: Session) -> Result<Json<DeviceSessions>, Error> {
    let now_ms = state.clock.now_ms();
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let kept = sessions::of_staff(&mut conn, session.staff.id, now_ms, idle_since_ms(now_ms)).await?;
    let sessions = kept.into_iter().map(|kept| DeviceSession {
        id: kept.id,
        current: kept.id == session.id,
        agent: kept.agent,
        signed_in_at: rfc3339_ms(kept.created_at_ms),
        last_seen_at: rfc3339_ms(kept.last_seen_ms),
        expires_at: rfc3339_ms(kept.expires_at_ms),
    });
    Ok(Json(DeviceSessions { sessions: sessions.collect() }))
}

/// Ends one of one's own; somebody else's is as if it were not there.
async fn end(
    State(state): State<AppState>,
    session: Session,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Error> {
    let (staff, id) = (session.staff.id, uuid_of(id)?);
    let ended = state.store.write(move |conn| Box::pin(sessions::end(conn, staff, id))).await?;
    if ended { Ok(StatusCode::NO_CONTENT) } else { Err(not_found("You are not signed in there (any more).")) }
}
