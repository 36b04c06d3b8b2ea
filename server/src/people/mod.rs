//! Who is on the staff and what they may do: passwords, sessions, the second factor, and one table of access.
//!
//! [`access::guard`] stands in front of everything under `/api/v1/staff`; a handler takes [`Staff`] for whoever asks.

pub mod access;
mod agent;
mod backoff;
mod cookie;
mod factor;
mod link;
mod name;
mod password;
mod phone;
mod secret;
pub mod session;
mod sign_in;

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use waypost_app::domain::ids::{StaffId, UnitId};
use waypost_app::domain::staff::Role;

pub use agent::in_words;
pub use backoff::wait_ms;
pub(crate) use cookie::{clear, set, token};
pub use factor::{PROPOSED_MS, new_recovery_codes, new_secret, uri};
pub use link::{LINK_MS, first_link, link, url};
pub use name::{MAX_NAME, NameFault, check as check_name};
pub use password::{MAX_PASSWORD, MIN_PASSWORD, PasswordFault, Passwords, check as check_password};
pub use phone::{NotAPhone, masked, parse as parse_phone};
pub use secret::{Code, Invitation, Recovery, Token};
pub use session::Session;
pub(crate) use sign_in::{Asked, prove_code, prove_password, prove_proposed, sign_in};

use crate::error::Error;
use crate::state::AppState;
use crate::store::people::{failures, links, members, sessions};
use crate::store::{Connection, StoreError};

/// What is kept in memory about people who sign in; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct People {
    pub passwords: Passwords,
    /// Addresses from which signing in has failed.
    addresses: Arc<backoff::Addresses>,
}

/// Forgets sessions, links, invitations and failures that say nothing any more.
///
/// # Errors
/// Those of the database.
pub(crate) async fn forget_dead(conn: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
    sessions::forget_dead(conn, now_ms, session::idle_since_ms(now_ms)).await?;
    links::forget_dead(conn, now_ms).await?;
    members::forget_dead(conn, now_ms).await?;
    failures::forget_old(conn, now_ms.saturating_sub(backoff::FORGOTTEN_MS)).await
}

/// Whoever on the staff asks; 401 without a session. `Option<Staff>` where strangers are welcome as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    /// Whose cases they see and act on, for the role `unit`: without one, nobody's.
    pub unit: Option<UnitId>,
}

impl FromRequestParts<AppState> for Staff {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        Ok(session::required(parts, state).await?.staff)
    }
}

impl OptionalFromRequestParts<AppState> for Staff {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, Error> {
        let session = session::of_request(parts, state).await?;
        // Outside the table of access nobody else asks whether they have set up all they need.
        Ok(session.filter(Session::is_complete).map(|session| session.staff))
    }
}
