//! Why a photo is not taken, as an answer.

use std::time::Duration;

use axum::http::StatusCode;

use super::body::went_silent;
use crate::error::{Error, bad_request, conflict, later, not_found, refused, share_used_up};
use crate::intake::IntakeError;
use crate::photo::PhotoError;

const FULL: &str = "The server has no room left; keep the report and try again later.";
const LOW: &str = "The server is nearly full: for now it takes words and no photos. Keep this one and send it later.";

impl From<PhotoError> for Error {
    fn from(error: PhotoError) -> Self {
        let status = match &error {
            PhotoError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            PhotoError::NotAPicture => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            PhotoError::Damaged | PhotoError::TooManyPixels => StatusCode::UNPROCESSABLE_ENTITY,
            PhotoError::Busy => return later("Too many photos are arriving at once; please send this one again."),
            PhotoError::Low => return later(LOW),
            PhotoError::Full => return refused(StatusCode::INSUFFICIENT_STORAGE, FULL),
            PhotoError::File(_) => return Self::Internal(error.into()),
        };
        refused(status, format!("The photo {error}."))
    }
}

impl From<IntakeError> for Error {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Photo(error) => error.into(),
            IntakeError::Store(error) => error.into(),
            IntakeError::OtherHash(actual) => conflict(format!("The bytes that arrived have the hash {actual}.")),
            IntakeError::Unknown => not_found("This device has no such upload."),
            IntakeError::OtherOffset(there) => {
                conflict(format!("{there} bytes of this photo are there; ask with HEAD and go on from there."))
            }
            IntakeError::OtherLength(length) => {
                conflict(format!("This photo was announced with {length} bytes; delete that upload first."))
            }
            IntakeError::TooLong(length) => refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("More bytes came than the {length} that were announced; the upload is dropped."),
            ),
            IntakeError::TakenOver => conflict("Another connection goes on with this upload."),
            IntakeError::Share { wait_ms } => share_used_up(
                "This device has sent as many photos as it may in a day; keep this one and send it later.",
                Duration::from_millis(wait_ms.unsigned_abs()),
            ),
            IntakeError::Unfinished => {
                conflict("This device has too many unfinished uploads; finish or delete some of them first.")
            }
            IntakeError::Crowded => {
                later("Too many photos of all devices are unfinished; keep this one and send it a little later.")
            }
            IntakeError::Going => {
                later("A photo that looks the same is being deleted at this moment; please send this one again.")
            }
            IntakeError::Cut(fault) if went_silent(&fault) => {
                later("The rest of the body did not come; please send it again.")
            }
            IntakeError::Cut(fault) => bad_request(format!("The body broke off: {fault}.")),
            IntakeError::Panicked(fault) => Self::Internal(fault.into()),
        }
    }
}
