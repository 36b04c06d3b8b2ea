//! Sessions: who is signed in with the cookie that came with a request.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use uuid::Uuid;
use waypost_app::domain::ids::StaffId;
use waypost_app::wire::staff::people::{SessionView, StaffView};

use super::secret::Token;
use super::{Staff, cookie};
use crate::clock::{DAY_MS, HOUR_MS, rfc3339_ms};
use crate::error::{Error, unauthorized};
use crate::state::AppState;
use crate::store::people::sessions;
use crate::store::{Connection, StoreError};

/// Unused for so long a session is over: a working day with its breaks goes by, a screen left open overnight does not. In
/// milliseconds, as the others.
pub const IDLE_MS: i64 = 12 * HOUR_MS;
/// So long after signing in it is over in any case.
pub const LONGEST_MS: i64 = 7 * DAY_MS;
/// That it is in use is noted so often, and not with every request.
const NOTED_MS: i64 = 5 * 60 * 1000;

/// A living session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub staff: Staff,
    pub second_factor: bool,
    /// When it ends at the latest, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

impl Session {
    /// Whether everything that their role asks for is set up. Until then nothing but that is open to them.
    pub fn is_complete(&self) -> bool {
        self.second_factor || !self.staff.role.needs_second_factor()
    }

    /// As its owner sees it.
    pub fn view(&self) -> SessionView {
        let Staff { id, name, role, unit } = self.staff.clone();
        let must_set_second_factor = !self.is_complete();
        let staff = StaffView { id, name, role, unit, second_factor: self.second_factor, must_set_second_factor };
        SessionView { staff, expires_at: rfc3339_ms(self.expires_at_ms) }
    }
}

impl From<&sessions::Session> for Session {
    fn from(kept: &sessions::Session) -> Self {
        Self {
            id: kept.id,
            staff: Staff { id: kept.staff, name: kept.name.clone(), role: kept.role, unit: kept.unit },
            second_factor: kept.second_factor,
            expires_at_ms: kept.expires_at_ms,
        }
    }
}

/// Since when a session that is still alive must have been used.
pub(crate) fn idle_since_ms(now_ms: i64) -> i64 {
    now_ms.saturating_sub(IDLE_MS)
}

/// Begins a session for somebody who has proved who they are.
///
/// # Errors
/// Those of the database.
pub async fn begin(
    conn: &mut Connection,
    staff: StaffId,
    token: &Token,
    agent: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    sessions::begin(conn, staff, &token.hash(), agent, now_ms, now_ms.saturating_add(LONGEST_MS)).await
}

/// Ends all sessions of somebody who has changed what they prove themselves by, and begins another one.
///
/// # Errors
/// Those of the database.
pub(crate) async fn renew(
    conn: &mut Connection,
    staff: StaffId,
    agent: &str,
    now_ms: i64,
) -> Result<Token, StoreError> {
    let token = Token::new();
    sessions::end_all(conn, staff).await?;
    begin(conn, staff, &token, agent, now_ms).await?;
    Ok(token)
}

/// The session whose cookie came with a request, if it is alive.
///
/// # Errors
/// Those of the database.
pub(super) async fn of_headers(state: &AppState, headers: &HeaderMap) -> Result<Option<Session>, Error> {
    let Some(token) = cookie::token(&state.config, headers) else { return Ok(None) };
    let now_ms = state.clock.now_ms();
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let kept = sessions::of_token(&mut conn, &token.hash(), now_ms, idle_since_ms(now_ms)).await?;
    drop(conn);
    let Some(kept) = kept else { return Ok(None) };
    if kept.last_seen_ms.saturating_add(NOTED_MS) <= now_ms {
        let id = kept.id;
        let noted = state.store.write(move |conn| Box::pin(sessions::touch(conn, id, now_ms))).await;
        if let Err(error) = noted {
            // A full disk is no reason to keep staff from reading; at worst they sign in again earlier.
            tracing::warn!(%error, "it could not be noted that a session is in use");
        }
    }
    Ok(Some(Session::from(&kept)))
}

/// The same, looked up once a request.
pub(super) async fn of_request(parts: &mut Parts, state: &AppState) -> Result<Option<Session>, Error> {
    if let Some(session) = parts.extensions.get::<Session>() {
        return Ok(Some(session.clone()));
    }
    of_headers(state, &parts.headers).await
}

pub(super) async fn required(parts: &mut Parts, state: &AppState) -> Result<Session, Error> {
    of_request(parts, state).await?.ok_or_else(|| unauthorized("Sign in first."))
}

impl FromRequestParts<AppState> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        required(parts, state).await
    }
}
