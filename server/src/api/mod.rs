//! `/api/v1` and the feeds: one file a resource. A handler parses, makes one call, and answers.

mod answers;
pub mod auth;
pub(crate) mod body;
pub mod calendar;
mod case_page;
pub mod device;
pub mod form;
pub mod health;
mod json_body;
mod membership;
pub(crate) mod metrics;
mod photo_fault;
pub mod photos;
pub mod prefs;
mod report_body;
pub mod reports;
pub mod snapshot;
pub mod staff;
pub mod stations;
pub mod uploads;
pub mod verifications;

use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::state::AppState;

/// Every address that other programs may rely on.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/prefs", post(prefs::choose).layer(middleware::from_fn(body::drain_unread)))
        .route("/calendar/market.ics", get(calendar::market))
        .route("/calendar/stations/{file}", get(calendar::station))
        .route("/api/v1/snapshot", get(snapshot::get))
        .route("/api/v1/stations/{slug}/hours", get(stations::hours))
        .merge(photos::routes())
        .merge(uploads::routes())
        .merge(reports::routes())
        .merge(answers::routes())
        .merge(verifications::routes())
        .merge(device::routes())
        .merge(membership::routes())
        .merge(form::routes())
        .merge(case_page::routes())
        .merge(staff::routes())
}
