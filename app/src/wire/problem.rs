//! Errors as `application/problem+json` (RFC 9457).

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

/// What went wrong, for a program and for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct Problem {
    /// A short name that stays the same for this kind of problem.
    pub title: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// What happened this time, in words.
    #[serde(default)]
    pub detail: String,
    /// For 422: which fields cannot be accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One field that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}
