//! One id and one tracing span a request, so that a complaint ("my request 0193…") finds its lines in the log.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

use super::account::Account;
use crate::metrics::Metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id taken over from a proxy.
const MAX_ID: usize = 64;

/// Names the request (or takes its proxy's name for it), traces and counts it, and answers with the name.
pub(super) async fn trace(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(REQUEST_ID)
        .filter(|id| is_plain(id))
        .cloned()
        .or_else(|| HeaderValue::try_from(Uuid::now_v7().to_string()).ok());
    let words = id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or_default();
    let account = Account::open(metrics, words, &request);
    let request = account.receiving(request);
    let mut response = next.run(request).instrument(account.span()).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    account.answering(response)
}

/// Only what cannot break a log line.
fn is_plain(id: &HeaderValue) -> bool {
    (1..=MAX_ID).contains(&id.len()) && id.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}
