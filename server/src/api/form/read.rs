//! A multipart form, read part by part: at most one photo as it was sent is in memory at a time.

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use waypost_app::domain::ids::PhotoHash;
use waypost_app::domain::report::{Fault, FieldFault, MAX_PHOTOS};

use super::FormFault;
use crate::api::body::went_silent;
use crate::api::photos::hash;
use crate::photo::{Archive, MAX_BYTES, PhotoError, Picture};

/// Most bytes of all parts together: as many photos as a report may have, as large as they may be, and words.
const MAX_FORM: usize = (MAX_PHOTOS + 1) * MAX_BYTES;
/// Most bytes of a text field that are looked at: more than any field may have, so that too long stays too long.
const MAX_TEXT: usize = 16 * 1024;

/// The text fields, empty if absent.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) id: String,
    pub(super) category: String,
    pub(super) description: String,
    pub(super) landmark: String,
    pub(super) near: String,
    pub(super) lat: String,
    pub(super) lng: String,
}

impl Fields {
    fn named(&mut self, name: &str) -> Option<&mut String> {
        match name {
            "id" => Some(&mut self.id),
            "category" => Some(&mut self.category),
            "description" => Some(&mut self.description),
            "landmark" => Some(&mut self.landmark),
            "near" => Some(&mut self.near),
            "lat" => Some(&mut self.lat),
            "lng" => Some(&mut self.lng),
            _ => None,
        }
    }
}

/// A form as it came; nothing of it is stored yet.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) fields: Fields,
    /// Each photo once, under the hash of the bytes it was sent as.
    pub(super) pictures: Vec<(PhotoHash, Picture)>,
    pub(super) faults: Vec<FormFault>,
}

/// Reads all parts; unknown ones are skipped.
///
/// # Errors
/// The status to refuse with, if the form breaks off or is too large as a whole.
pub(super) async fn read(mut parts: Multipart, archive: &Archive) -> Result<Form, StatusCode> {
    let mut form = Form::default();
    let mut left = MAX_FORM;
    let mut photos = 0;
    while let Some(mut part) = parts.next_field().await.map_err(status)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "photo" {
            let _room = archive.room_for(None).await.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
            let bytes = match collect(&mut part, MAX_BYTES, &mut left).await? {
                // A browser sends an empty part for a file field that was left alone.
                Part { bytes, cut: false } if bytes.is_empty() => continue,
                Part { bytes, cut } => (!cut).then_some(bytes),
            };
            photos += 1;
            if photos <= MAX_PHOTOS {
                add_photo(&mut form, photos, bytes, archive).await?;
            }
        } else {
            let Part { bytes, .. } = collect(&mut part, MAX_TEXT, &mut left).await?;
            if let Some(field) = form.fields.named(&name) {
                *field = String::from_utf8_lossy(&bytes).into_owned();
            }
        }
    }
    if photos > MAX_PHOTOS {
        form.faults.push(FormFault::Field(FieldFault { field: "photos", fault: Fault::TooMany(MAX_PHOTOS) }));
    }
    Ok(form)
}

/// `bytes` is `None` if there were too many of them.
async fn add_photo(form: &mut Form, nth: usize, bytes: Option<Bytes>, archive: &Archive) -> Result<(), StatusCode> {
    let Some(bytes) = bytes else {
        form.faults.push(FormFault::Photo(nth, PhotoError::TooLarge));
        return Ok(());
    };
    let sha256 = hash(bytes.clone()).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    if form.pictures.iter().any(|(known, _)| *known == sha256) {
        return Ok(());
    }
    match archive.prepare(bytes).await {
        Ok(picture) => form.pictures.push((sha256, picture)),
        Err(fault) => form.faults.push(FormFault::Photo(nth, fault)),
    }
    Ok(())
}

struct Part {
    bytes: Bytes,
    /// There were more bytes than are kept.
    cut: bool,
}

/// Reads a part to its end and keeps the first `keep` bytes; `left` is what the whole form may still bring.
async fn collect(part: &mut Field<'_>, keep: usize, left: &mut usize) -> Result<Part, StatusCode> {
    let mut kept = BytesMut::new();
    let mut cut = false;
    while let Some(chunk) = part.chunk().await.map_err(status)? {
        *left = left.checked_sub(chunk.len()).ok_or(StatusCode::PAYLOAD_TOO_LARGE)?;
        let room = keep - kept.len();
        cut |= chunk.len() > room;
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(Part { bytes: kept.freeze(), cut })
}

fn status(fault: MultipartError) -> StatusCode {
    tracing::debug!(%fault, "a form could not be read");
    if went_silent(&fault) { StatusCode::SERVICE_UNAVAILABLE } else { fault.status() }
}
