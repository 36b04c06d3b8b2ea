//! `/api/v1/staff/setup`: choosing a password with a link that works once.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use waypost_app::domain::staff::Role;
use waypost_app::wire::staff::people::SetUpDone;

use super::read;
use crate::error::{Error, field};
use crate::people::{Token, check_name, check_password};
use crate::state::AppState;
use crate::store::people::links::{self, For};
use crate::store::people::{self, failures, sessions};
use crate::store::{Connection, StoreError};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/setup", post(set_up))
}

/// Keeps the password, for the first admin also the name, and ends all sessions of before. Whoever has a second factor still
/// needs it: a link is no way around it.
async fn set_up(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Result<Json<SetUpDone>, Error> {
    let mut said = read::fields(&headers, body).await?;
    let (token, password) = (said.text("token"), said.text("password"));
    let name: Option<String> = said.take("name", "a text");
    said.all_right()?;
    let now_ms = state.clock.now_ms();
    let token = Token::parse(&token).ok_or_else(dead)?;
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let name = match links::find(&mut conn, &token.hash(), now_ms).await?.ok_or_else(dead)? {
        For::First => {
            let name = name.ok_or_else(|| field("name", "is missing"))?;
            check_name(&name).map_err(|fault| field("name", fault.to_string()))?.to_owned()
        }
        For::Person(staff) => {
            let person = people::find(&mut conn, staff).await?.filter(|person| !person.disabled).ok_or_else(dead)?;
            if name.is_some_and(|name| people::name_key(&name) != people::name_key(&person.name)) {
                return Err(field("name", format!("must be left out, or be {}: this link is theirs", person.name)));
            }
            person.name
        }
    };
    drop(conn);
    let checked = (name.clone(), password.clone());
    let checked = tokio::task::spawn_blocking(move || check_password(&checked.0, &checked.1));
    checked.await.map_err(anyhow::Error::from)?.map_err(|fault| field("password", fault.to_string()))?;
    let hash = state.people.passwords.hash(password).await?;
    let job = state.store.write(move |conn| {
        Box::pin(async move {
            let kept = keep(conn, &token, &name, &hash, now_ms).await?;
            Ok(kept.map(|()| SetUpDone { name }))
        })
    });
    job.await?.map(Json).ok_or_else(dead)
}

/// Nothing, if the link has been used meanwhile.
async fn keep(
    conn: &mut Connection,
    token: &Token,
    name: &str,
    hash: &str,
    now_ms: i64,
) -> Result<Option<()>, StoreError> {
    let staff = match links::find(conn, &token.hash(), now_ms).await? {
        None => return Ok(None),
        Some(For::Person(staff)) => staff,
        Some(For::First) => match people::add(conn, name, Role::Admin, None, now_ms).await? {
            Some(staff) => staff,
            None => return Ok(None),
        },
    };
    people::set_password(conn, staff, hash).await?;
    links::used(conn, &token.hash()).await?;
    sessions::end_all(conn, staff).await?;
    failures::forgive(conn, name).await?;
    Ok(Some(()))
}

fn dead() -> Error {
    field("token", "does not work (any more): a link works once and for a day. Ask an admin for another one")
}
