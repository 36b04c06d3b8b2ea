//! `/api/v1/staff/invitations` and `/api/v1/staff/members`: couriers whom staff invite to say who they are.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use waypost_app::domain::staff::Role;
use waypost_app::wire::staff::people::{Invitation as Invited, Member, Members};

use super::read::{self, site};
use crate::clock::{DAY_MS, rfc3339_ms};
use crate::error::{Error, field};
use crate::people::{Invitation, Staff, masked};
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::people::members;

/// Most who may join with one code, and most days for which it is good.
const MOST_USES: u32 = 200;
const MOST_DAYS: u32 = 30;
/// What is meant where nothing is said.
const USES: u32 = 1;
const DAYS: u32 = 7;
/// Most members that are shown.
const SHOWN: i64 = 500;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/invitations", post(invite)).route("/api/v1/staff/members", get(list))
}

async fn invite(
    State(state): State<AppState>,
    staff: Staff,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let mut said = read::fields(&headers, body).await?;
    let (uses, days) = (said.take("uses", "a whole number"), said.take("days", "a whole number"));
    said.all_right()?;
    let (uses, days) = (uses.unwrap_or(USES), days.unwrap_or(DAYS));
    for (name, said, most) in [("uses", uses, MOST_USES), ("days", days, MOST_DAYS)] {
        if !(1..=most).contains(&said) {
            return Err(field(name, format!("must be from 1 to {most}")));
        }
    }
    let (code, now_ms) = (Invitation::new(), state.clock.now_ms());
    let expires_at_ms = now_ms.saturating_add(i64::from(days) * DAY_MS);
    let hash = code.hash();
    let job = state.store.write(move |conn| {
        Box::pin(async move { members::invite(conn, &hash, staff.id, uses, now_ms, expires_at_ms).await })
    });
    job.await?;
    let code = code.shown();
    let url = format!("{}/join?code={code}", site(&state, &headers));
    let answer = Invited { code, url, uses, expires_at: rfc3339_ms(expires_at_ms) };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Phone numbers are whole for admins only.
async fn list(State(state): State<AppState>, staff: Staff) -> Result<Json<Members>, Error> {
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let members = members::latest(&mut conn, SHOWN).await?;
    let members = members.into_iter().map(|member| Member {
        name: member.name,
        phone: if staff.role == Role::Admin { member.phone } else { masked(&member.phone) },
        joined_at: rfc3339_ms(member.joined_at_ms),
    });
    Ok(Json(Members { members: members.collect() }))
}
