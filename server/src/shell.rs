//! Pages as HTML: the server side of the two doors.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::error::not_found;
use crate::state::AppState;

/// The page at an address.
pub async fn page(_state: AppState, request: Request) -> Response {
    not_found(format!("There is no page at {}.", request.uri().path())).into_response()
}
