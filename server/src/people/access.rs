//! Who may use which route of the staff: one table, and what keeps to it.
//!
//! A route that is not in the table is closed to everybody, so that a forgotten one is no hole. Whether somebody may see or
//! change a certain row (a unit only its own cases) is for the handlers to say.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use waypost_app::domain::staff::Role::{self, Admin, Unit, Worker};

use super::session::{self, Session};
use crate::api::body;
use crate::error::{Error, named, not_found, refused, unauthorized};
use crate::state::AppState;

/// Everything under it is kept by the table.
const UNDER: &str = "/api/v1/staff/";

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody: whoever is about to prove who they are.
    Anybody,
    /// Everybody on the staff, also while their second factor is still to be set up: what they need for that.
    Myself,
    /// These, once they have set up all that their role asks for.
    Only(&'static [Role]),
}

/// Everybody on the staff; a unit sees only what is its own.
pub const ALL: Who = Who::Only(&[Admin, Worker, Unit]);
/// Those who look after the whole district.
pub const DISTRICT: Who = Who::Only(&[Admin, Worker]);
pub const ADMINS: Who = Who::Only(&[Admin]);

/// A method and a path as the router has it, with who may use it. HEAD is GET.
pub type Row = (Method, &'static str, Who);

/// Every route of the staff. `docs/access.md` says the same to people, and a test walks all of it.
pub const TABLE: &[Row] = &[
    // Signing in, and one's own account.
    (Method::POST, "/api/v1/staff/session", Who::Anybody),
    (Method::POST, "/api/v1/staff/setup", Who::Anybody),
    (Method::GET, "/api/v1/staff/session", Who::Myself),
    (Method::DELETE, "/api/v1/staff/session", Who::Myself),
    (Method::GET, "/api/v1/staff/sessions", Who::Myself),
    (Method::DELETE, "/api/v1/staff/sessions/{id}", Who::Myself),
    (Method::PUT, "/api/v1/staff/password", Who::Myself),
    (Method::POST, "/api/v1/staff/second-factor", Who::Myself),
    (Method::PUT, "/api/v1/staff/second-factor", Who::Myself),
    (Method::DELETE, "/api/v1/staff/second-factor", Who::Myself),
    // People and couriers.
    (Method::GET, "/api/v1/staff/people", ADMINS),
    (Method::POST, "/api/v1/staff/people", ADMINS),
    (Method::PATCH, "/api/v1/staff/people/{id}", ADMINS),
    (Method::POST, "/api/v1/staff/invitations", DISTRICT),
    (Method::GET, "/api/v1/staff/members", DISTRICT),
    // Cases.
    (Method::GET, "/api/v1/staff/cases", ALL),
    (Method::GET, "/api/v1/staff/cases/counts", ALL),
    (Method::GET, "/api/v1/staff/cases/{id}", ALL),
    (Method::GET, "/api/v1/staff/cases/{id}/similar", ALL),
    (Method::POST, "/api/v1/staff/cases/{id}/events", ALL),
    (Method::GET, "/api/v1/staff/cases/{id}/public", DISTRICT),
    (Method::POST, "/api/v1/staff/cases/{id}/redactions", DISTRICT),
    (Method::POST, "/api/v1/staff/cases/{id}/link", DISTRICT),
    (Method::DELETE, "/api/v1/staff/cases/{id}/link", DISTRICT),
    (Method::GET, "/api/v1/staff/photos/{sha256}", ALL),
    (Method::PUT, "/api/v1/staff/photos/{sha256}", ALL),
    (Method::GET, "/api/v1/staff/photos/{sha256}/thumb", ALL),
    (Method::GET, "/api/v1/staff/events", ALL),
    (Method::GET, "/api/v1/staff/templates", ALL),
    (Method::PUT, "/api/v1/staff/templates", DISTRICT),
    (Method::GET, "/api/v1/staff/units", ALL),
    (Method::POST, "/api/v1/staff/units", ADMINS),
    (Method::PATCH, "/api/v1/staff/units/{id}", ADMINS),
    (Method::GET, "/api/v1/staff/routes", DISTRICT),
    (Method::PUT, "/api/v1/staff/routes", ADMINS),
    // Stations.
    (Method::POST, "/api/v1/staff/hours/preview", DISTRICT),
    (Method::GET, "/api/v1/staff/stations", DISTRICT),
    (Method::POST, "/api/v1/staff/stations", DISTRICT),
    (Method::GET, "/api/v1/staff/stations/{id}", DISTRICT),
    (Method::PUT, "/api/v1/staff/stations/{id}", DISTRICT),
    (Method::DELETE, "/api/v1/staff/stations/{id}", DISTRICT),
    (Method::POST, "/api/v1/staff/stations/{id}/verified", DISTRICT),
    (Method::POST, "/api/v1/staff/services", DISTRICT),
    (Method::PUT, "/api/v1/staff/services/{id}", DISTRICT),
    (Method::DELETE, "/api/v1/staff/services/{id}", DISTRICT),
    (Method::GET, "/api/v1/staff/markets", DISTRICT),
    (Method::POST, "/api/v1/staff/markets", DISTRICT),
    (Method::PUT, "/api/v1/staff/markets/{id}", DISTRICT),
    (Method::DELETE, "/api/v1/staff/markets/{id}", DISTRICT),
    (Method::POST, "/api/v1/staff/exceptions", DISTRICT),
    (Method::PUT, "/api/v1/staff/exceptions/{id}", DISTRICT),
    (Method::DELETE, "/api/v1/staff/exceptions/{id}", DISTRICT),
    (Method::GET, "/api/v1/staff/changes", DISTRICT),
    (Method::POST, "/api/v1/staff/changes/{rev}/undo", DISTRICT),
    (Method::POST, "/api/v1/staff/import", DISTRICT),
    (Method::GET, "/api/v1/staff/export", DISTRICT),
    // Numbers.
    (Method::GET, "/api/v1/staff/numbers", DISTRICT),
    (Method::GET, "/api/v1/staff/numbers.csv", DISTRICT),
];

/// Who may use a route; `None` if it is not in the table.
pub fn who(method: &Method, path: &str) -> Option<Who> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    TABLE.iter().find(|(listed, at, _)| listed == method && *at == path).map(|(_, _, who)| *who)
}

/// The same routes, with the table in front of them.
pub fn keep(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    routes.layer(from_fn_with_state(state.clone(), guard))
}

/// Keeps to the table. Answers under it are kept by no cache.
async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    // Whatever has no route of its own has no answer either.
    let route = route.unwrap_or_else(|| request.uri().path().to_owned());
    if !route.starts_with(UNDER) {
        return next.run(request).await;
    }
    let mut response = match admit(&state, &route, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(error) => {
            // Unread bytes would make the sender miss the answer.
            body::drain_refused(request).await;
            error.into_response()
        }
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn admit(state: &AppState, route: &str, request: &mut Request) -> Result<(), Error> {
    let Some(who) = who(request.method(), route) else {
        if TABLE.iter().any(|(_, at, _)| *at == route) {
            return Err(refused(StatusCode::METHOD_NOT_ALLOWED, "This address does not take that method."));
        }
        if request.extensions().get::<MatchedPath>().is_some() {
            tracing::error!(route, "this route is not in the table of access, and closed");
        }
        return Err(not_found("There is nothing at this address."));
    };
    if who == Who::Anybody {
        return Ok(());
    }
    let session = session::of_headers(state, request.headers()).await?;
    let session = session.ok_or_else(|| unauthorized("Sign in first."))?;
    let admitted = is_admitted(who, &session);
    request.extensions_mut().insert(session);
    admitted
}

fn is_admitted(who: Who, session: &Session) -> Result<(), Error> {
    let Who::Only(roles) = who else { return Ok(()) };
    if !session.is_complete() {
        return Err(named(StatusCode::FORBIDDEN, "second_factor", "must be set up first"));
    }
    if roles.contains(&session.staff.role) {
        return Ok(());
    }
    Err(refused(StatusCode::FORBIDDEN, "This is not open to your role."))
}
