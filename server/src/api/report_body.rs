//! A report's JSON, read so that each field of the wrong type is named.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use waypost_app::wire::problem::FieldError;
use waypost_app::wire::report::ReportBody;

use crate::error::{Error, bad_request};

/// The body, and the fields whose values are of the wrong type; those are left out of it. Unknown fields are ignored:
/// a newer phone may send more than this server knows.
///
/// # Errors
/// 400 if it is not JSON or not an object.
pub(crate) fn read(bytes: &[u8]) -> Result<(ReportBody, Vec<FieldError>), Error> {
    let mut fields = match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(bad_request("The body is JSON, but not an object.")),
        // The parser's words end with line and column.
        Err(fault) => return Err(bad_request(format!("The body is not valid JSON: {fault}."))),
    };
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
    };
    Ok((body, errors))
}

/// A field's value; `null` is the same as leaving it out.
fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &str,
    kind: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let value = fields.remove(field).filter(|value| !value.is_null())?;
    let taken = serde_json::from_value(value).ok();
    if taken.is_none() {
        errors.push(FieldError { field: field.to_owned(), message: format!("must be {kind}") });
    }
    taken
}
