//! `/api/v1/staff/people`: who is on the staff, for admins.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch};
use axum::{Json, Router};
use waypost_app::domain::ids::{StaffId, UnitId};
use waypost_app::domain::staff::Role;
use waypost_app::wire::staff::people::{Link, People, Person as View, PersonAndLink, PersonChange};

use super::read::{self, site};
use crate::api::reports::uuid_of;
use crate::clock::rfc3339_ms;
use crate::error::{Error, field, not_found};
use crate::people::{self, LINK_MS, Staff, Token, check_name};
use crate::state::AppState;
use crate::store::people::{self as kept, Person, factors, sessions};
use crate::store::{Connection, StoreError, units};

const ROLES: &str = "admin, worker or unit";

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/people", get(list).post(add)).route("/api/v1/staff/people/{id}", patch(change))
}

async fn list(State(state): State<AppState>) -> Result<Json<People>, Error> {
    let mut conn = state.store.moment().await?;
    let seen = sessions::last_seen(&mut conn).await?;
    let people = kept::all(&mut conn).await?;
    Ok(Json(People { people: people.iter().map(|person| view(person, &seen)).collect() }))
}

fn view(person: &Person, seen: &HashMap<StaffId, i64>) -> View {
    View {
        id: person.id,
        name: person.name.clone(),
        role: person.role,
        unit: person.unit,
        second_factor: person.totp_secret.is_some(),
        joined: person.password.is_some(),
        disabled: person.disabled,
        created_at: rfc3339_ms(person.created_at_ms),
        last_seen_at: seen.get(&person.id).copied().map(rfc3339_ms),
    }
}

/// Adds somebody, and gives the link with which they choose a password.
async fn add(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let mut said = read::fields(&headers, body).await?;
    let (name, role) = (said.text("name"), said.needed::<Role>("role", ROLES));
    let unit: Option<UnitId> = said.take("unit", "the id of a unit");
    said.all_right()?;
    let name = check_name(&name).map_err(|fault| field("name", fault.to_string()))?.to_owned();
    let role = role.ok_or_else(|| field("role", "is missing"))?;
    fits(role, unit)?;
    let now_ms = state.clock.now_ms();
    let job = state.store.write(move |conn| {
        Box::pin(async move {
            if !is_known(conn, unit).await? {
                return Ok(Err(unknown_unit()));
            }
            let other = || field("name", "is somebody else's already");
            let Some(id) = kept::add(conn, &name, role, unit, now_ms).await? else { return Ok(Err(other())) };
            let token = people::link(conn, id, now_ms).await?;
            Ok(kept::find(conn, id).await?.map(|person| (person, token)).ok_or_else(other))
        })
    });
    let (person, token) = job.await??;
    let answer = PersonAndLink {
        person: view(&person, &HashMap::new()),
        link: Some(link(&site(&state, &headers), &token, now_ms)),
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn link(site: &str, token: &Token, now_ms: i64) -> Link {
    Link { url: people::url(site, token), expires_at: rfc3339_ms(now_ms.saturating_add(LINK_MS)) }
}

fn fits(role: Role, unit: Option<UnitId>) -> Result<(), Error> {
    if unit.is_some() && role != Role::Unit { Err(field("unit", "is for the role unit only")) } else { Ok(()) }
}

/// Whether a unit is there, if one is named.
async fn is_known(conn: &mut Connection, unit: Option<UnitId>) -> Result<bool, StoreError> {
    let Some(unit) = unit else { return Ok(true) };
    Ok(units::find(conn, unit).await?.is_some())
}

fn unknown_unit() -> Error {
    field("unit", "is not known")
}

/// Nobody takes away what they prove themselves by with nothing but a session: whoever finds a screen open could.
fn not_oneself(asked: &PersonChange) -> Result<(), Error> {
    for (name, wanted) in [("reset", asked.reset), ("drop_second_factor", asked.drop_second_factor)] {
        if wanted == Some(true) {
            return Err(field(name, "is for another admin to do: nobody does it for themselves"));
        }
    }
    Ok(())
}

/// Changes what somebody may do, and helps them in again. Whatever it is, they are signed out everywhere.
async fn change(
    State(state): State<AppState>,
    by: Staff,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<PersonAndLink>, Error> {
    let id = StaffId(uuid_of(id)?);
    let mut said = read::fields(&headers, body).await?;
    let asked = PersonChange {
        role: said.take("role", ROLES),
        unit: said.take("unit", "the id of a unit"),
        disabled: said.take("disabled", "true or false"),
        reset: said.take("reset", "true or false"),
        drop_second_factor: said.take("drop_second_factor", "true or false"),
    };
    said.all_right()?;
    if by.id == id {
        not_oneself(&asked)?;
    }
    let now_ms = state.clock.now_ms();
    let job = state.store.write(move |conn| Box::pin(async move { carry_out(conn, id, &asked, now_ms).await }));
    let (person, token) = job.await??;
    let link = token.map(|token| link(&site(&state, &headers), &token, now_ms));
    Ok(Json(PersonAndLink { person: view(&person, &HashMap::new()), link }))
}

async fn carry_out(
    conn: &mut Connection,
    id: StaffId,
    asked: &PersonChange,
    now_ms: i64,
) -> Result<Result<(Person, Option<Token>), Error>, StoreError> {
    let unknown = || not_found("There is nobody with this id.");
    let Some(before) = kept::find(conn, id).await? else { return Ok(Err(unknown())) };
    let role = asked.role.unwrap_or(before.role);
    let unit = asked.unit.or(before.unit.filter(|_| role == Role::Unit));
    let disabled = asked.disabled.unwrap_or(before.disabled);
    if let Err(fault) = fits(role, unit) {
        return Ok(Err(fault));
    }
    if !is_known(conn, asked.unit).await? {
        return Ok(Err(unknown_unit()));
    }
    let is_admin = |role, disabled: bool| role == Role::Admin && !disabled;
    let was_admin = is_admin(before.role, before.disabled) && before.password.is_some();
    if was_admin && !is_admin(role, disabled) && kept::admins(conn).await? <= 1 {
        let named = if disabled { "disabled" } else { "role" };
        return Ok(Err(field(named, "cannot be changed: this is the last admin who can sign in")));
    }
    kept::set_rights(conn, id, role, unit, disabled).await?;
    sessions::end_all(conn, id).await?;
    if asked.drop_second_factor == Some(true) {
        factors::drop_all(conn, id).await?;
    }
    let token = match asked.reset {
        Some(true) if !disabled => Some(people::link(conn, id, now_ms).await?),
        _ => None,
    };
    let after = kept::find(conn, id).await?;
    Ok(after.map(|person| (person, token)).ok_or_else(unknown))
}
