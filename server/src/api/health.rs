//! For whatever watches the server: is it alive, can it work.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::state::AppState;

/// What [`ready`] found out.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// `reachable`, or what the database says.
    database: String,
    /// The district's revision, where the database could be asked.
    rev: Option<i64>,
    /// What works but needs somebody's attention, in words.
    warnings: Vec<String>,
    version: &'static str,
    build: String,
}

/// The process runs and answers.
pub async fn alive() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], "ok\n")
}

/// The database can be read and the snapshot made: 200, with what needs attention all the same; or 503 with the reason.
pub async fn ready(State(state): State<AppState>) -> Response {
    let asked = async {
        let mut conn = state.store.pool().acquire().await?;
        crate::store::current_rev(&mut conn).await
    };
    let (mut status, database, rev) = match asked.await {
        Ok(rev) => (StatusCode::OK, "reachable".to_owned(), Some(rev)),
        Err(error) => {
            tracing::error!(%error, "the database cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, error.to_string(), None)
        }
    };
    let warnings = match state.snapshots.view().await {
        Ok(view) => view.warnings().to_vec(),
        Err(error) => {
            tracing::error!(error = ?error, "the snapshot cannot be made");
            status = StatusCode::SERVICE_UNAVAILABLE;
            vec![format!("the snapshot cannot be made: {error:#}")]
        }
    };
    let readiness = Readiness {
        ready: status == StatusCode::OK,
        database,
        rev,
        warnings,
        version: env!("CARGO_PKG_VERSION"),
        build: state.site.build_id().to_owned(),
    };
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(readiness)).into_response()
}
