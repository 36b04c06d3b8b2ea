//! Refusals that the framework writes itself (a query that cannot be read, a body over the limit) come as plain text;
//! callers are promised a problem document.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::refused;

/// Longest text that is taken over.
const MAX_TEXT: usize = 2048;

/// Turns a plain-text refusal into a problem document with the same words.
pub(super) async fn to_problem(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !plain {
        return response;
    }
    let (head, body) = response.into_parts();
    let words = to_bytes(body, MAX_TEXT).await.unwrap_or_default();
    let mut problem = refused(status, String::from_utf8_lossy(&words)).into_response();
    // What answered is counted farther out.
    problem.extensions_mut().extend(head.extensions);
    for (name, value) in &head.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            problem.headers_mut().append(name, value.clone());
        }
    }
    problem
}
