//! `/api/v1/photos/{sha256}`: photos by the hash of the bytes they were sent as.

use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router, middleware};
use serde::Deserialize;
use waypost_app::domain::ids::PhotoHash;
use waypost_app::wire::report::PhotoStored;

use super::auth::Device;
use super::body;
use crate::error::{Error, bad_request, later, not_found};
use crate::http::{Network, content_length};
use crate::intake::{IntakeError, Stored};
use crate::photo::{Kept, PhotoError};
use crate::state::AppState;
use crate::store::devices::DeviceId;
use crate::store::photos;

/// A picture runs nothing and loads nothing.
const PICTURE_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

pub fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/photos/{sha256}", put(store).get(show)).layer(middleware::from_fn(body::drain_unread))
}

/// Stores a photo: 201, or 200 if these bytes are already there.
async fn store(
    State(state): State<AppState>,
    device: Device,
    network: Network,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    take(&state, device.0, network, name, &headers, body).await
}

/// Stores a photo that comes in one piece, and answers with [`PhotoStored`]: 201, or 200 if these bytes are already there.
///
/// # Errors
/// Why it is not stored.
pub(super) async fn take(
    state: &AppState,
    sender: DeviceId,
    Network(network): Network,
    name: Result<Path<String>, PathRejection>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let sha256 = photo_hash(name)?;
    let stored = state.intake.whole(sender, sha256.clone(), content_length(headers), network, body).await;
    let Stored { kept, new } = counted(state, stored)?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    let Kept { width, height, .. } = kept;
    Ok((status, Json(PhotoStored { sha256: sha256.to_string(), width, height })).into_response())
}

/// Counts a refusal on its way out.
pub(super) fn counted<T>(state: &AppState, taken: Result<T, IntakeError>) -> Result<T, IntakeError> {
    taken.inspect_err(|fault| {
        if let Some(reason) = fault.reason() {
            state.metrics.photo_refused(reason);
        }
    })
}

#[derive(Debug, Deserialize)]
struct Show {
    size: Option<String>,
}

/// The picture as JPEG (`?size=thumb` for the small one), for whoever sent it, for the reporter to whom staff show it, and
/// for everybody once it belongs to a public report or a station shows it.
async fn show(
    State(state): State<AppState>,
    method: Method,
    device: Option<Device>,
    network: Network,
    name: Result<Path<String>, PathRejection>,
    query: Result<Query<Show>, QueryRejection>,
) -> Result<Response, Error> {
    let sha256 = photo_hash(name)?;
    let Query(Show { size }) = query.map_err(|fault| bad_request(fault.body_text()))?;
    let thumb = match size.as_deref() {
        None | Some("full") => false,
        Some("thumb") => true,
        Some(_) => return Err(bad_request("`size` is either `thumb` or `full`.")),
    };
    if method == Method::HEAD
        && let Some(Device(device)) = &device
    {
        state.intake.rely_on(device, &sha256).await?;
    }
    let missing = || not_found("There is no such photo, or it is not public.");
    if !may_see(&state, &sha256, device.as_ref()).await? {
        return Err(missing());
    }
    picture(&state, &sha256, thumb, network).await?.ok_or_else(missing)
}

/// A stored picture, or its small one, as an answer; `None` if there is none. Who may see it is for the caller to know.
///
/// # Errors
/// 503 if too many are being sent, there or to all, or if it cannot be read.
pub(super) async fn picture(
    state: &AppState,
    sha256: &PhotoHash,
    thumb: bool,
    Network(network): Network,
) -> Result<Option<Response>, Error> {
    let Some(photo) = photos::find(state.store.pool(), sha256).await? else { return Ok(None) };
    let bytes = match state.photos.read_to_send(&photo.kept, thumb, network).await {
        Err(PhotoError::Busy) => return Err(later("Too many pictures are being sent at once; please ask again.")),
        read => read?,
    };
    let bytes = bytes.ok_or_else(|| {
        let Kept { blob, thumb: small, .. } = &photo.kept;
        anyhow::anyhow!("the file {} of photo {sha256} is missing", if thumb { small } else { blob })
    })?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        // By itself a browser draws it with styles of its own, which make it fit the screen.
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PICTURE_POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Never in a shared cache: whether a report is public can change. The bytes behind a hash cannot.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
        (header::VARY, HeaderValue::from_static("Authorization")),
    ];
    Ok(Some((headers, bytes).into_response()))
}

async fn may_see(state: &AppState, sha256: &PhotoHash, device: Option<&Device>) -> Result<bool, Error> {
    let mut conn = state.store.pool().acquire().await.map_err(crate::store::StoreError::from)?;
    if let Some(Device(device)) = device
        && (photos::sent_by(&mut conn, sha256, device).await? || photos::is_shown_to(&mut conn, sha256, device).await?)
    {
        return Ok(true);
    }
    Ok(photos::is_public(&mut conn, sha256).await?)
}

/// The photo that an address names.
///
/// # Errors
/// 400 if it is no hash.
pub(super) fn photo_hash(name: Result<Path<String>, PathRejection>) -> Result<PhotoHash, Error> {
    let Path(name) = name.map_err(|fault| bad_request(fault.body_text()))?;
    PhotoHash::parse(&name).map_err(|fault| bad_request(format!("In the address, `{name}` is no photo: {fault}.")))
}
