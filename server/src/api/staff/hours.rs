//! `POST /api/v1/staff/hours/preview`: what typed hours mean, before anybody keeps them.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use waypost_app::wire::staff::stations::HoursPreview;

use super::read;
use crate::error::{Error, field};
use crate::hours::preview::preview;
use crate::state::AppState;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/hours/preview", post(show))
}

async fn show(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Result<Json<HoursPreview>, Error> {
    let mut said = read::fields(&headers, body).await?;
    let words = said.text("words");
    said.all_right()?;
    if words.trim().is_empty() {
        return Err(field("words", "is empty"));
    }
    let (calendar, now) = (state.snapshots.calendar().await?, state.clock.minute());
    let read = tokio::task::spawn_blocking(move || preview(&words, &calendar, now));
    Ok(Json(read.await.map_err(anyhow::Error::from)?))
}
