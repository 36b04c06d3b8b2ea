//! Bodies that staff send.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};
use waypost_app::wire::problem::FieldError;

use crate::api::body;
use crate::api::json_body;
use crate::api::reports::require_json;
use crate::error::Error;
use crate::state::AppState;

/// Most bytes of a body in which there are only names, passwords and codes.
const MAX_BYTES: usize = 8 * 1024;

/// What links begin with: the public address, else the one at which whoever asks has found us.
pub(super) fn site(state: &AppState, headers: &HeaderMap) -> String {
    let host = || headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    state.config.public_url.as_ref().map_or_else(|| format!("http://{}", host()), |url| url.as_str().to_owned())
}

/// The fields of a JSON body.
///
/// # Errors
/// 4xx if it is not JSON, not an object, or larger than names and codes are.
pub(super) async fn fields(headers: &HeaderMap, body: Body) -> Result<Fields, Error> {
    fields_up_to(headers, body, MAX_BYTES).await
}

/// The same of a body of at most so many bytes.
///
/// # Errors
/// 4xx if it is not JSON, not an object, or larger.
pub(super) async fn fields_up_to(headers: &HeaderMap, body: Body, max_bytes: usize) -> Result<Fields, Error> {
    require_json(headers, "body")?;
    let bytes = body::read(headers, body, max_bytes).await?;
    Ok(Fields { fields: json_body::object(&bytes)?, errors: Vec::new() })
}

/// The fields, taken one by one; what is wrong with them is said together.
pub(super) struct Fields {
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// A field that may be left out.
    pub(super) fn take<T: serde::de::DeserializeOwned>(&mut self, name: &str, kind: &str) -> Option<T> {
        json_body::take(&mut self.fields, name, kind, &mut self.errors)
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &str) -> String {
        self.needed(name, "a text").unwrap_or_default()
    }

    /// A password that must be there: letter for letter as it was sent.
    pub(super) fn password(&mut self, name: &str) -> String {
        if let Some(Value::String(text)) = self.fields.get_mut(name) {
            return std::mem::take(text);
        }
        self.text(name)
    }

    /// A field that must be there; its default stands in until [`Fields::all_right`] is asked.
    pub(super) fn needed<T: serde::de::DeserializeOwned>(&mut self, name: &str, kind: &str) -> Option<T> {
        let faults = self.errors.len();
        let taken = self.take(name, kind);
        if taken.is_none() && self.errors.len() == faults {
            self.errors.push(FieldError { field: name.to_owned(), message: "is missing".to_owned() });
        }
        taken
    }

    /// # Errors
    /// 422 with every field that is missing or of the wrong type.
    pub(super) fn all_right(self) -> Result<(), Error> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Fields(self.errors)) }
    }
}
