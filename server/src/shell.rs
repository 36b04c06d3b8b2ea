//! Pages as HTML: the server side of the two doors.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::error::not_found;
use crate::state::AppState;

/// The page at an address.
pub fn page(_state: AppState, request: Request) -> impl Future<Output = Response> {
    std::future::ready(not_found(format!("There is no page at {}.", request.uri().path())).into_response())
}
