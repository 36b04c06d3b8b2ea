//! Every route, and what stands in front of them.

use axum::Router;

use crate::state::AppState;

/// The whole program as a service.
pub fn router(state: AppState) -> Router {
    Router::new().with_state(state)
}
