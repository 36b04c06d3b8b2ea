//! JSON bodies, read so that each field of the wrong type is named.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use waypost_app::wire::problem::FieldError;

use crate::error::{Error, bad_request};

/// The fields of a body. Those that nobody takes are ignored: a newer phone may send more than this server knows.
///
/// # Errors
/// 400 if it is not JSON or not an object.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(bad_request("The body is JSON, but not an object.")),
        // The parser's words end with line and column.
        Err(fault) => Err(bad_request(format!("The body is not valid JSON: {fault}."))),
    }
}

/// A field's value; `null` is the same as leaving it out. One of the wrong type is left out and named in `errors`.
pub(crate) fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &str,
    kind: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let mut value = fields.remove(field).filter(|value| !value.is_null())?;
    if let Value::String(text) = &mut value {
        // Says nothing to anybody, and PostgreSQL cannot store it.
        text.retain(|letter| letter != '\0');
    }
    let taken = serde_json::from_value(value).ok();
    if taken.is_none() {
        errors.push(FieldError { field: field.to_owned(), message: format!("must be {kind}") });
    }
    taken
}
