//! `/api/v1/device`: what is stored about the phone that asks, and an end to it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use waypost_app::wire::device::{DeviceView, UnfinishedUpload};

use super::auth::Device;
use super::membership::{self, Membership};
use crate::clock::rfc3339_ms;
use crate::error::Error;
use crate::retention;
use crate::state::AppState;
use crate::store::{reports, rights};

pub fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/device", get(show).delete(erase))
}

/// What the phone's program reads, and what it does not.
#[derive(Debug, Serialize)]
struct Known {
    #[serde(flatten)]
    view: DeviceView,
    /// Of a courier who has joined.
    membership: Option<Membership>,
}

/// Everything that is stored about this phone; nothing, if it is not known.
async fn show(State(state): State<AppState>, device: Device) -> Result<Json<Known>, Error> {
    let mut uploads = Vec::new();
    for (sha256, progress) in state.intake.unfinished_of(&device.0).await? {
        uploads.push(UnfinishedUpload {
            sha256: sha256.to_string(),
            received_bytes: progress.offset as i64,
            length: progress.length as i64,
            expires_at: rfc3339_ms(progress.expires_ms.unwrap_or_default()),
        });
    }
    // So that all of it is of one moment.
    let mut conn = state.store.moment().await?;
    let seen = rights::seen(&mut conn, &device.0).await?;
    let view = DeviceView {
        first_seen_at: seen.map(|(first, _)| rfc3339_ms(first)),
        last_seen_at: seen.map(|(_, last)| rfc3339_ms(last)),
        forgotten_after_days: state.config.retention.device_days,
        reports: reports::of_device(&mut conn, &device.0).await?,
        photos: rights::photos_of(&mut conn, &device.0).await?,
        uploads,
        verifications: rights::verifications_of(&mut conn, &device.0).await?,
        answers: rights::answers_of(&mut conn, &device.0).await?,
    };
    Ok(Json(Known { view, membership: membership::of_device(&mut conn, &device).await? }))
}

/// Deletes everything of this phone that is not public, unties the rest from it, and forgets it. Again is fine.
async fn erase(State(state): State<AppState>, Device(device): Device) -> Result<StatusCode, Error> {
    state.intake.discard_all(&device).await?;
    let now_ms = state.clock.now_ms();
    loop {
        let device = device.clone();
        let erase = state.store.write(move |conn| Box::pin(async move { rights::erase(conn, &device, now_ms).await }));
        let (more, files) = erase.await?;
        state.store.cases_changed();
        retention::drop_surely(&state, files).await?;
        if !more {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
}
