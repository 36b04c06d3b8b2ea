//! A report's JSON, read so that each field of the wrong type is named.

use waypost_app::wire::problem::FieldError;
use waypost_app::wire::report::ReportBody;

use super::json_body::{object, take};
use crate::error::Error;

/// The body, and the fields whose values are of the wrong type; those are left out of it.
///
/// # Errors
/// 400 if it is not JSON or not an object.
pub(crate) fn read(bytes: &[u8]) -> Result<(ReportBody, Vec<FieldError>), Error> {
    let mut fields = object(bytes)?;
    let mut errors = Vec::new();
    let fields = &mut fields;
    let body = ReportBody {
        category: take(fields, "category", "text", &mut errors),
        description: take(fields, "description", "text", &mut errors),
        lat: take(fields, "lat", "a number", &mut errors),
        lng: take(fields, "lng", "a number", &mut errors),
        accuracy_m: take(fields, "accuracy_m", "a number", &mut errors),
        captured_at: take(fields, "captured_at", "text", &mut errors),
        landmark: take(fields, "landmark", "text", &mut errors),
        photos: take(fields, "photos", "a list of texts", &mut errors).unwrap_or_default(),
        same_as: take(fields, "same_as", "text", &mut errors),
    };
    Ok((body, errors))
}
