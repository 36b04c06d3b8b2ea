//! `/api/v1/staff`: for people on the staff. Who may use which route says [`crate::people::access`].

mod case_link;
mod cases;
mod entries;
mod files;
mod hours;
mod invitations;
mod live;
mod numbers;
mod overtaken;
mod people;
mod photos;
mod read;
mod redactions;
mod routes;
mod second_factor;
mod session;
mod sessions;
mod setup;
mod stations;
mod templates;
mod units;

use axum::{Router, middleware};

use super::body;
use crate::state::AppState;

pub fn routes() -> Router<AppState> {
    Router::new()
        .merge(session::routes())
        .merge(sessions::routes())
        .merge(setup::routes())
        .merge(second_factor::routes())
        .merge(people::routes())
        .merge(invitations::routes())
        .merge(cases::routes())
        .merge(live::routes())
        .merge(templates::routes())
        .merge(case_link::routes())
        .merge(redactions::routes())
        .merge(photos::routes())
        .merge(units::routes())
        .merge(routes::routes())
        .merge(hours::routes())
        .merge(stations::routes())
        .merge(entries::routes())
        .merge(files::routes())
        .merge(numbers::routes())
        .layer(middleware::from_fn(body::drain_unread))
}
