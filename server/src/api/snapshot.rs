//! `GET /api/v1/snapshot`: the district as one document, whole or as changes since a revision.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use crate::error::{Error, bad_request};
use crate::site;
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
    let not_modified = site::matches_etag(&headers, encoded.etag());
    let encoding = site::choose(&headers, true, true);
    let body = if not_modified {
        Body::empty()
    } else {
        Body::from(encoded.body(encoding).await.map_err(anyhow::Error::from)?)
    };
    let mut response = Response::new(body);
    let out = response.headers_mut();
    out.insert(header::ETAG, HeaderValue::try_from(encoded.etag()).map_err(anyhow::Error::from)?);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if not_modified {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(name) = encoding.name() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Ok(response)
}
