//! Every route, and what stands in front of them.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::error::{not_found, refused};
use crate::http;
use crate::metrics::Place;
use crate::people::access;
use crate::state::AppState;
use crate::{api, public, shell};

/// The whole program as a service.
///
/// # Errors
/// If the configured public address cannot be used.
pub fn router(state: AppState) -> anyhow::Result<Router> {
    let config = state.config.clone();
    let metrics = state.metrics.clone();
    let known = state.known.clone();
    let mut routes = Router::new().merge(api::routes()).merge(public::routes()).merge(shell::routes());
    if config.metrics_addr.is_none() {
        routes = routes.route("/metrics", get(api::metrics::page));
    }
    let routes = routes.fallback(others).method_not_allowed_fallback(wrong_method);
    let routes = access::keep(routes, &state).with_state(state);
    http::guard(routes, &config, &metrics, known)
}

/// Whatever has no route of its own.
async fn others(state: State<AppState>, request: Request) -> Response {
    let (place, mut response) = elsewhere(state, request).await;
    response.extensions_mut().insert(place);
    response
}

/// A file of the site, or a page.
async fn elsewhere(State(state): State<AppState>, request: Request) -> (Place, Response) {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return (Place::Nothing, not_found(format!("There is nothing at {path}.")).into_response());
    }
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(file) = state.site.answer(path, request.headers())
    {
        return (Place::File, file);
    }
    // A script that is gone must fail loudly: HTML in its place would be run as one.
    if path.starts_with("/pkg/") {
        let words = format!("{path} is not part of this or an earlier build.");
        return (Place::File, not_found(words).into_response());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (Place::Nothing, wrong_method().await.into_response());
    }
    if path.starts_with("/staff/") {
        return (Place::Page, shell::staff_page(State(state), request).await);
    }
    (Place::Page, shell::page(state, request).await)
}

async fn wrong_method() -> impl IntoResponse {
    refused(StatusCode::METHOD_NOT_ALLOWED, "This address does not take that method.")
}
