//! What is answered to whoever was overtaken.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use waypost_app::wire::problem::{FieldError, Problem};

/// 409 for `what` somebody else has changed meanwhile, such as "this list"; `with` adds what they made of it.
pub(super) fn overtaken<T: Serialize>(what: &str, with: impl FnOnce(Problem) -> T) -> Response {
    let status = StatusCode::CONFLICT;
    let problem = Problem {
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: format!("Somebody else has changed {what} meanwhile. Nothing was changed; look again."),
        errors: vec![FieldError { field: "version".to_owned(), message: "is no longer the latest".to_owned() }],
    };
    let mut response = (status, Json(with(problem))).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
