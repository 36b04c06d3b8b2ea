//! A multipart form, read part by part; photos go to files as they come.

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use bytes::Bytes;
use waypost_app::domain::ids::PhotoHash;
use waypost_app::domain::report::{Fault, FieldFault, MAX_PHOTOS};

use super::FormFault;
use crate::api::body::went_silent;
use crate::http::Network;
use crate::photo::{Archive, Arrived, MAX_BYTES, PhotoError, Picture, Sender};

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

/// Text fields by their names in a form; empty if absent.
pub(in crate::api) trait Named: Default {
    fn named(&mut self, name: &str) -> Option<&mut String>;
}

impl Named for Fields {
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

/// A photo that can be stored.
#[derive(Debug)]
pub(in crate::api) struct SentPhoto {
    /// Of the bytes it was sent as.
    pub(in crate::api) sha256: PhotoHash,
    pub(in crate::api) sent_bytes: u64,
    pub(in crate::api) picture: Picture,
}

/// A form as it came; nothing of it is stored yet.
#[derive(Debug, Default)]
pub(in crate::api) struct Form<F> {
    pub(in crate::api) fields: F,
    /// Each photo once.
    pub(in crate::api) photos: Vec<SentPhoto>,
    pub(in crate::api) faults: Vec<FormFault>,
}

/// Reads all parts; unknown ones are skipped.
///
/// # Errors
/// The status to refuse with, if the form breaks off or is too large as a whole.
pub(in crate::api) async fn read<F: Named>(
    mut parts: Multipart,
    archive: &Archive,
    Network(network): Network,
) -> Result<Form<F>, StatusCode> {
    let sender = Sender { device: None, network };
    let mut form = Form::<F>::default();
    let mut left = MAX_FORM;
    let mut photos = 0;
    while let Some(mut part) = parts.next_field().await.map_err(status)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "photo" {
            let Some(arrived) = photo(&mut part, &mut left, archive, &sender).await? else { continue };
            photos += 1;
            if photos <= MAX_PHOTOS {
                add_photo(&mut form, photos, arrived, archive).await?;
            }
        } else {
            let text = text(&mut part, &mut left).await?;
            if let Some(field) = form.fields.named(&name) {
                *field = text;
            }
        }
    }
    if photos > MAX_PHOTOS {
        form.faults.push(FormFault::Field(FieldFault { field: "photos", fault: Fault::TooMany(MAX_PHOTOS) }));
    }
    Ok(form)
}

/// A photo in a file of its own, or why it is not taken; `None` for the empty part that a browser sends for a file field
/// that was left alone.
async fn photo(
    part: &mut Field<'_>,
    left: &mut usize,
    archive: &Archive,
    sender: &Sender,
) -> Result<Option<Result<Arrived, PhotoError>>, StatusCode> {
    // Words go through also where there is no room for a photo.
    let Some(first) = next(part, left).await? else { return Ok(None) };
    let _room = archive.room(sender).await.map_err(refusal)?;
    let mut incoming = archive.incoming().await.map_err(refusal)?;
    let mut fault = incoming.write(&first).await.err();
    while let Some(chunk) = next(part, left).await? {
        // The rest is read all the same: the other parts come after it.
        if fault.is_none() {
            fault = incoming.write(&chunk).await.err();
        }
    }
    Ok(Some(match fault {
        None => incoming.finish().await,
        Some(fault) => Err(fault),
    }))
}

/// The next bytes of a part; `None` at its end. `left` is what the whole form may still bring.
async fn next(part: &mut Field<'_>, left: &mut usize) -> Result<Option<Bytes>, StatusCode> {
    while let Some(chunk) = part.chunk().await.map_err(status)? {
        *left = left.checked_sub(chunk.len()).ok_or(StatusCode::PAYLOAD_TOO_LARGE)?;
        if !chunk.is_empty() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

async fn add_photo<F>(
    form: &mut Form<F>,
    nth: usize,
    arrived: Result<Arrived, PhotoError>,
    archive: &Archive,
) -> Result<(), StatusCode> {
    let prepared = async {
        let arrived = arrived?;
        let facts = archive.look(arrived.path()).await?;
        let sha256 = facts.sha256.clone();
        if form.photos.iter().any(|known| known.sha256 == sha256) {
            return Ok(None);
        }
        let picture = archive.prepare(arrived.path(), facts).await?;
        Ok(Some(SentPhoto { sha256, sent_bytes: arrived.bytes, picture }))
    };
    match prepared.await {
        Ok(photo) => form.photos.extend(photo),
        // Ours to mend, not the sender's.
        Err(fault @ (PhotoError::Busy | PhotoError::Low | PhotoError::Full | PhotoError::File(_))) => {
            return Err(refusal(fault));
        }
        Err(fault) => form.faults.push(FormFault::Photo(nth, fault)),
    }
    Ok(())
}

fn refusal(fault: PhotoError) -> StatusCode {
    match fault {
        PhotoError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        PhotoError::Low | PhotoError::Full => StatusCode::INSUFFICIENT_STORAGE,
        fault => {
            tracing::error!(error = ?fault, "a form's photo could not be kept");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// Reads a part to its end and keeps its beginning; `left` is what the whole form may still bring.
async fn text(part: &mut Field<'_>, left: &mut usize) -> Result<String, StatusCode> {
    let mut kept = Vec::new();
    while let Some(chunk) = next(part, left).await? {
        let room = MAX_TEXT - kept.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    // Without what PostgreSQL cannot store.
    Ok(String::from_utf8_lossy(&kept).replace('\0', ""))
}

fn status(fault: MultipartError) -> StatusCode {
    tracing::debug!(%fault, "a form could not be read");
    if went_silent(&fault) { StatusCode::SERVICE_UNAVAILABLE } else { fault.status() }
}
