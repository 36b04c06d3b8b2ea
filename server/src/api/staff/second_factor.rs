//! `/api/v1/staff/second-factor` and `/api/v1/staff/password`: what somebody proves themselves by.
//!
//! Each change ends all of their sessions and begins a new one for the browser that asks.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router};
use waypost_app::wire::staff::people::{RecoveryCodes, SecondFactor};

use super::read;
use crate::error::{Error, field, unauthorized};
use crate::people::{
    self, PROPOSED_MS, Recovery, Session, Token, check_password, in_words, prove_code, prove_password, prove_proposed,
    session,
};
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::people::{self as kept, Person, factors, failures, sessions};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/staff/second-factor", post(begin).put(confirm).delete(end))
        .route("/api/v1/staff/password", put(password))
}

fn signed_out() -> Error {
    unauthorized("Sign in first.")
}

async fn myself(state: &AppState, session: &Session) -> Result<Person, Error> {
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    kept::find(&mut conn, session.staff.id).await?.ok_or_else(signed_out)
}

/// Proposes a secret. Whoever has a second factor proves it before it is replaced.
async fn begin(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SecondFactor>, Error> {
    let person = myself(&state, &session).await?;
    let name = person.name.clone();
    if person.totp_secret.is_some() {
        prove(&state, person, &headers, body).await?;
    }
    let secret = people::new_secret();
    let uri = people::uri(&secret, &name)?;
    let (staff, proposed, now_ms) = (session.staff.id, secret.clone(), state.clock.now_ms());
    let job =
        state.store.write(move |conn| Box::pin(async move { factors::propose(conn, staff, &proposed, now_ms).await }));
    job.await?;
    Ok(Json(SecondFactor { uri, secret }))
}

async fn prove(state: &AppState, person: Person, headers: &HeaderMap, body: Body) -> Result<(), Error> {
    let mut said = read::fields(headers, body).await?;
    let code = said.text("code");
    said.all_right()?;
    prove_code(state, person, &code).await
}

/// Puts the proposed secret in force once a code shows that the authenticator has it.
async fn confirm(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let mut said = read::fields(&headers, body).await?;
    let code = said.text("code");
    said.all_right()?;
    let (staff, now_ms) = (session.staff.id, state.clock.now_ms());
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let secret = factors::proposed(&mut conn, staff, now_ms.saturating_sub(PROPOSED_MS)).await?;
    drop(conn);
    let none = || field("code", "is too early or too late: begin with POST");
    let secret = secret.ok_or_else(none)?;
    let name = session.staff.name.clone();
    let step = prove_proposed(&state, &name, &secret, &code).await?;
    let codes = people::new_recovery_codes();
    let hashes: Vec<String> = codes.iter().map(Recovery::hash).collect();
    let agent = in_words(&headers);
    let job = state.store.write(move |conn| {
        Box::pin(async move {
            if !sessions::is_there(conn, session.id).await? {
                return Ok(None);
            }
            if !factors::confirm(conn, staff, &secret, step, &hashes).await? {
                return Ok(None);
            }
            failures::forgive(conn, &name).await?;
            session::renew(conn, staff, &agent, now_ms).await.map(Some)
        })
    });
    let token = job.await?.ok_or_else(none)?;
    let codes = RecoveryCodes { recovery_codes: codes.iter().map(Recovery::shown).collect() };
    Ok(([people::set(&state.config, &token)?], Json(codes)).into_response())
}

/// Ends the second factor, for whoever still has it. An admin has to set up another one before anything else.
async fn end(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let person = myself(&state, &session).await?;
    if person.totp_secret.is_none() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    prove(&state, person, &headers, body).await?;
    let (staff, now_ms, agent) = (session.staff.id, state.clock.now_ms(), in_words(&headers));
    let job = state.store.write(move |conn| {
        Box::pin(async move {
            if !sessions::is_there(conn, session.id).await? {
                return Ok(None);
            }
            factors::drop_all(conn, staff).await?;
            session::renew(conn, staff, &agent, now_ms).await.map(Some)
        })
    });
    renewed(&state, job.await?.as_ref())
}

/// Keeps another password, for whoever knows the old one.
async fn password(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let mut said = read::fields(&headers, body).await?;
    let (old, new) = (said.password("old"), said.password("new"));
    said.all_right()?;
    let person = myself(&state, &session).await?;
    let name = person.name.clone();
    prove_password(&state, person.clone(), old).await?;
    let chosen = new.clone();
    let checked = tokio::task::spawn_blocking(move || check_password(&name, &chosen));
    checked.await.map_err(anyhow::Error::from)?.map_err(|fault| field("new", fault.to_string()))?;
    let hash = state.people.passwords.hash(new).await?;
    let (staff, now_ms, agent) = (session.staff.id, state.clock.now_ms(), in_words(&headers));
    let job = state.store.write(move |conn| {
        Box::pin(async move {
            if !kept::replace_password(conn, &person, session.id, &hash).await? {
                return Ok(None);
            }
            session::renew(conn, staff, &agent, now_ms).await.map(Some)
        })
    });
    renewed(&state, job.await?.as_ref())
}

/// The cookie of the new session; without one, they were signed out meanwhile.
fn renewed(state: &AppState, token: Option<&Token>) -> Result<Response, Error> {
    let token = token.ok_or_else(signed_out)?;
    Ok((StatusCode::NO_CONTENT, [people::set(&state.config, token)?]).into_response())
}
