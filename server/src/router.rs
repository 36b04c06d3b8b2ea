//! Every route, and what stands in front of them.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::error::{not_found, refused};
use crate::http;
use crate::state::AppState;
use crate::{api, shell};

/// The whole program as a service.
///
/// # Errors
/// If the configured public address cannot be used.
pub fn router(state: AppState) -> anyhow::Result<Router> {
    let config = state.config.clone();
    let routes = Router::new()
        .merge(api::routes())
        .merge(shell::routes())
        .fallback(others)
        .method_not_allowed_fallback(wrong_method)
        .with_state(state);
    http::guard(routes, &config)
}

/// Whatever has no route of its own: a file of the site, or a page.
async fn others(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return not_found(format!("There is nothing at {path}.")).into_response();
    }
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(file) = state.site.answer(path, request.headers())
    {
        return file;
    }
    // A script that is gone must fail loudly: HTML in its place would be run as one.
    if path.starts_with("/pkg/") {
        return not_found(format!("{path} is not part of this or an earlier build.")).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return wrong_method().await.into_response();
    }
    shell::page(state, request).await
}

async fn wrong_method() -> impl IntoResponse {
    refused(StatusCode::METHOD_NOT_ALLOWED, "This address does not take that method.")
}
