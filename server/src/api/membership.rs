//! `/api/v1/device/membership`: a courier says who they are, with a code from the staff. Nobody has to.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router, middleware};
use serde::Serialize;

use super::auth::Device;
use super::{body, json_body};
use crate::api::reports::require_json;
use crate::clock::rfc3339_ms;
use crate::error::{Error, field};
use crate::people::{Code, check_name, masked, parse_phone};
use crate::state::AppState;
use crate::store::people::members::{self, Joined, Member};
use crate::store::{Connection, StoreError};

/// Most bytes of its JSON.
const MAX_BYTES: usize = 4 * 1024;

/// What is kept about a courier who has joined, as they see it.
#[derive(Debug, Serialize)]
pub(super) struct Membership {
    name: String,
    /// Masked: whoever holds the phone need not be its owner.
    phone: String,
    joined_at: String,
}

impl From<Member> for Membership {
    fn from(member: Member) -> Self {
        Self { name: member.name, phone: masked(&member.phone), joined_at: rfc3339_ms(member.joined_at_ms) }
    }
}

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/device/membership", put(join).delete(leave))
        .layer(middleware::from_fn(body::drain_unread))
}

/// What is kept about whoever holds this phone, if they have joined.
pub(super) async fn of_device(conn: &mut Connection, device: &Device) -> Result<Option<Membership>, StoreError> {
    Ok(members::of_device(conn, &device.0).await?.map(Membership::from))
}

/// 201 for whoever was not a member, 200 for one who changes name or phone.
async fn join(
    State(state): State<AppState>,
    device: Device,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    require_json(&headers, "membership")?;
    let mut fields = json_body::object(&body::read(&headers, body, MAX_BYTES).await?)?;
    let mut errors = Vec::new();
    let mut take = |name| json_body::take::<String>(&mut fields, name, "a text", &mut errors);
    let (code, name, phone) = (take("code"), take("name"), take("phone"));
    if !errors.is_empty() {
        return Err(Error::Fields(errors));
    }
    let name = name.ok_or_else(|| field("name", "is missing"))?;
    let name = check_name(&name).map_err(|fault| field("name", fault.to_string()))?.to_owned();
    let phone = phone.filter(|phone| !phone.trim().is_empty());
    let phone = phone.map_or(Ok(String::new()), |phone| parse_phone(&phone));
    let phone = phone.map_err(|fault| field("phone", fault.to_string()))?;
    // Who has joined may leave it out; a code that cannot be one is as good as none.
    let code = code.and_then(|code| Code::parse(&code)).map(|code| code.hash()).unwrap_or_default();
    let now_ms = state.clock.now_ms();
    let job = state.store.write(move |conn| {
        Box::pin(async move {
            let joined = members::join(conn, &device.0, &code, &name, &phone, now_ms).await?;
            Ok((joined, members::of_device(conn, &device.0).await?.map(Membership::from)))
        })
    });
    let (joined, member) = job.await?;
    let status = match joined {
        Joined::New => StatusCode::CREATED,
        Joined::Again => StatusCode::OK,
        Joined::NotInvited => return Err(field("code", "is not good (any more); ask the staff for another one")),
    };
    Ok((status, Json(member)).into_response())
}

/// Forgets name and phone. Again is fine.
async fn leave(State(state): State<AppState>, device: Device) -> Result<StatusCode, Error> {
    state.store.write(move |conn| Box::pin(async move { members::leave(conn, &device.0).await })).await?;
    Ok(StatusCode::NO_CONTENT)
}
