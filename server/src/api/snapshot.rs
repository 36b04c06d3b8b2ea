//! `GET /api/v1/snapshot`: the district as one document, whole or as changes since a revision.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use serde::Deserialize;

use crate::error::{Error, bad_request};
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub struct Asked {
    since: Option<String>,
}

/// The snapshot, 304 if the phone has it already, or the changes since `?since=REV`.
///
/// # Errors
/// 400 for a `since` that is not a revision.
pub async fn get(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let since = match asked.since.as_deref() {
        None => 0,
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|rev| *rev >= 0)
            .ok_or_else(|| bad_request("since must be a revision: a whole number, 0 or more"))?,
    };
    let view = state.snapshots.view().await?;
    let encoded = view.encoded_since(since).map_err(anyhow::Error::from)?;
    Ok(encoded.answer(&headers, HeaderValue::from_static("application/json")).await?)
}
