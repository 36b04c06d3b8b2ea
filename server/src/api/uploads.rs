//! `/api/v1/uploads`: photos that come in several parts, by the tus protocol 1.0.0 (<https://tus.io>), so that a cut costs
//! nobody what has already arrived. The address of an upload is the photo's hash, and it is the device's own: a phone
//! that never heard the answer to its first request knows it all the same.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{options, post};
use axum::{Router, middleware};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use waypost_app::domain::ids::PhotoHash;

use super::auth::Device;
use super::body;
use super::photos::{counted, photo_hash};
use crate::error::{Error, bad_request, not_found, refused};
use crate::http::{Network, content_length};
use crate::intake::Progress;
use crate::photo::MAX_BYTES;
use crate::state::AppState;

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue = HeaderValue::from_static("creation,creation-with-upload,expiration,termination");
const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
/// What parts are declared as.
const PART: &str = "application/offset+octet-stream";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/uploads", post(begin).options(discover))
        .route(
            "/api/v1/uploads/{sha256}",
            options(discover).head(progress).patch(append).delete(discard).post(overridden),
        )
        .layer(middleware::from_fn(body::drain_unread))
        .layer(middleware::from_fn(version))
}

/// Every answer names the protocol; a request in another version of it is not looked at. One that names none is taken at
/// its word.
async fn version(request: Request, next: Next) -> Response {
    let asked = request.headers().get(TUS_RESUMABLE);
    let mut response = if asked.is_none_or(|asked| asked == VERSION) || request.method() == axum::http::Method::OPTIONS
    {
        next.run(request).await
    } else {
        let words = "This server speaks version 1.0.0 of the tus protocol.";
        ([(TUS_VERSION, VERSION)], refused(StatusCode::PRECONDITION_FAILED, words)).into_response()
    };
    response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    response
}

/// What of the protocol is spoken here.
async fn discover() -> impl IntoResponse {
    let most = HeaderValue::from(MAX_BYTES as u64);
    (StatusCode::NO_CONTENT, [(TUS_VERSION, VERSION), (TUS_EXTENSION, EXTENSIONS), (TUS_MAX_SIZE, most)])
}

/// Announces a photo, whose first bytes may come along: 201 with how many are there.
async fn begin(
    State(state): State<AppState>,
    Device(device): Device,
    Network(network): Network,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let length = number(&headers, &UPLOAD_LENGTH)?;
    let sha256 = named(&headers)?;
    let comes = content_length(&headers).unwrap_or(0);
    let part = is_part(&headers);
    if comes > 0 && !part {
        return Err(no_part());
    }
    if comes > length {
        return Err(too_long(length));
    }
    let begun = state.intake.begin(&device, &sha256, length, network, part.then_some(body)).await;
    let begun = counted(&state, begun)?;
    let place = HeaderValue::try_from(format!("/api/v1/uploads/{sha256}")).map_err(anyhow::Error::from)?;
    let mut response = (StatusCode::CREATED, [(header::LOCATION, place)]).into_response();
    say(&mut response, begun);
    Ok(response)
}

/// How many bytes are there; of a stored photo, all.
async fn progress(
    State(state): State<AppState>,
    Device(device): Device,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    // Also what is not there yet may be there in a moment.
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let Some(progress) = state.intake.progress(&device, &photo_hash(name)?).await? else {
        return Ok(([no_store], not_found("This device has no such upload.")).into_response());
    };
    let mut response = (StatusCode::OK, [no_store]).into_response();
    say(&mut response, progress);
    response.headers_mut().insert(UPLOAD_LENGTH, progress.length.into());
    Ok(response)
}

/// Goes on with an upload: 204 with how many bytes are there; if these are all, the photo is stored.
async fn append(
    State(state): State<AppState>,
    Device(device): Device,
    Network(network): Network,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let sha256 = photo_hash(name)?;
    if !is_part(&headers) {
        return Err(no_part());
    }
    let offset = number(&headers, &UPLOAD_OFFSET)?;
    let progress = counted(&state, state.intake.append(&device, &sha256, offset, network, body).await)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    say(&mut response, progress);
    Ok(response)
}

/// Gives an upload up. A photo that is stored stays.
async fn discard(
    State(state): State<AppState>,
    Device(device): Device,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Error> {
    if state.intake.discard(&device, &photo_hash(name)?).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_found("This device has no such upload."))
    }
}

/// For clients behind a proxy that knows no PATCH.
async fn overridden(
    state: State<AppState>,
    device: Device,
    network: Network,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    match headers.get(METHOD_OVERRIDE).map(HeaderValue::as_bytes) {
        Some(b"PATCH") => append(state, device, network, name, headers, body).await,
        Some(b"DELETE") => discard(state, device, name).await.map(IntoResponse::into_response),
        _ => Err(refused(StatusCode::METHOD_NOT_ALLOWED, "This address does not take that method.")),
    }
}

fn say(response: &mut Response, progress: Progress) {
    let headers = response.headers_mut();
    headers.insert(UPLOAD_OFFSET, progress.offset.into());
    let until = progress.expires_ms.and_then(DateTime::from_timestamp_millis);
    if let Some(Ok(until)) = until.map(|until| http_date(until).try_into()) {
        headers.insert(UPLOAD_EXPIRES, until);
    }
}

fn http_date(at: DateTime<chrono::Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The photo's name, from the metadata of its announcement.
fn named(headers: &HeaderMap) -> Result<PhotoHash, Error> {
    let given = headers.get(UPLOAD_METADATA).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = given.split(',').find_map(|pair| match pair.trim().split_once(' ') {
        Some(("sha256", value)) => Some(value.trim()),
        _ => None,
    });
    let decoded = value.and_then(|value| STANDARD.decode(value).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let text = decoded.ok_or_else(|| {
        bad_request("`Upload-Metadata` must name the photo: `sha256`, and the 64 hex digits of its hash in base64.")
    })?;
    PhotoHash::parse(&text)
        .map_err(|fault| bad_request(format!("In `Upload-Metadata`, `{text}` is no photo: {fault}.")))
}

/// A header that is a number of bytes.
fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Error> {
    let digits = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    // Not the standard library's whole grammar, which takes a plus sign.
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = plain.then(|| digits.parse().ok()).flatten();
    number.ok_or_else(|| bad_request(format!("`{name}` must be a number of bytes.")))
}

fn is_part(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    declared.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(PART)
}

fn no_part() -> Error {
    refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("Send a photo's bytes as `{PART}`."))
}

fn too_long(length: u64) -> Error {
    refused(StatusCode::PAYLOAD_TOO_LARGE, format!("More bytes come than the {length} that were announced."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_written_as_http_writes_dates() {
        let at = DateTime::from_timestamp(784_111_777, 0).unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn numbers_are_digits_only() {
        let with = |value: &'static str| HeaderMap::from_iter([(UPLOAD_OFFSET, HeaderValue::from_static(value))]);
        assert_eq!(number(&with("0"), &UPLOAD_OFFSET).unwrap(), 0);
        assert_eq!(number(&with("12582912"), &UPLOAD_OFFSET).unwrap(), 12_582_912);
        for wrong in ["", "-1", "+1", "1.5", "1e3", "0x10", "18446744073709551616"] {
            assert!(number(&with(wrong), &UPLOAD_OFFSET).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_name_is_found_among_other_metadata() {
        let hash = "ab".repeat(32);
        let named_by = |text: String| named(&HeaderMap::from_iter([(UPLOAD_METADATA, text.try_into().unwrap())]));
        let value = STANDARD.encode(&hash);
        for text in [format!("sha256 {value}"), format!("filename a2VyYg==, sha256 {value},empty")] {
            assert_eq!(named_by(text).unwrap().as_str(), hash);
        }
        for text in ["sha256", "sha256 !", "sha256 a2VyYg==", "SHA256x a2VyYg=="] {
            assert!(named_by(text.to_owned()).is_err(), "{text}");
        }
    }
}
