//! `/api/v1/staff/session`: signing in and out.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};

use super::read;
use crate::error::Error;
use crate::http::Client;
use crate::people::{self, Asked, Session, in_words};
use crate::state::AppState;
use crate::store::people::sessions;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/session", post(sign_in).get(show).delete(sign_out))
}

/// Begins a session, and ends the one that this browser had.
async fn sign_in(
    State(state): State<AppState>,
    Client(from): Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let mut said = read::fields(&headers, body).await?;
    let (name, password, code) = (said.text("name"), said.text("password"), said.take("code", "a text"));
    said.all_right()?;
    let (agent, before) = (in_words(&headers), people::token(&state.config, &headers));
    let (token, session) = people::sign_in(&state, Asked { name, password, code, from, agent, before }).await?;
    Ok(([people::set(&state.config, &token)?], Json(session.view())).into_response())
}

/// Who is signed in.
async fn show(session: Session) -> Response {
    Json(session.view()).into_response()
}

/// Ends the session.
async fn sign_out(State(state): State<AppState>, session: Session) -> Result<Response, Error> {
    let (staff, id) = (session.staff.id, session.id);
    state.store.write(move |conn| Box::pin(sessions::end(conn, staff, id))).await?;
    Ok((StatusCode::NO_CONTENT, [people::clear(&state.config)?]).into_response())
}
