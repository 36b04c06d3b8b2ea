//! Making, changing and retiring stations, services, markets and exceptions; what was changed, and taking it back.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post, put};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use waypost_app::wire::problem::{FieldError, Problem};
use waypost_app::wire::staff::stations::{Change, ChangedBy, ChangedEntry, Changes, Edit, Entry, Kept, Overtaken};

use super::read;
use crate::api::body;
use crate::api::reports::require_json;
use crate::clock::rfc3339_ms;
use crate::error::{Error, bad_request, conflict, field, named, not_found};
use crate::hours::Asker;
use crate::import::cells;
use crate::keep::{self, Outcome, Ready, Refusal, Since, Undone, Wish, make_ready};
use crate::people::Staff;
use crate::schedule;
use crate::state::AppState;
use crate::store::changes::{self, Author};
use crate::store::{Connection, StoreError};

/// Most bytes of one entry: a station with every text at its longest.
const MAX_BYTES: usize = 256 * 1024;
/// Most changes in one answer.
const MAX_CHANGES: i64 = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/staff/stations", made(Entry::Station))
        .route("/api/v1/staff/stations/{id}", changed(Entry::Station))
        .route("/api/v1/staff/services", made(Entry::Service))
        .route("/api/v1/staff/services/{id}", changed(Entry::Service))
        .route("/api/v1/staff/markets", made(Entry::Market))
        .route("/api/v1/staff/markets/{id}", changed(Entry::Market))
        .route("/api/v1/staff/exceptions", made(Entry::Exception))
        .route("/api/v1/staff/exceptions/{id}", changed(Entry::Exception))
        .route("/api/v1/staff/changes", get(history))
        .route("/api/v1/staff/changes/{rev}/undo", post(take_back))
}

/// `POST`: a new one. One whose id came with it may be asked for again, by whoever has lost the answer.
fn made<T: DeserializeOwned + Send + 'static>(kind: fn(T) -> Entry) -> MethodRouter<AppState> {
    post(move |State(state): State<AppState>, staff: Staff, headers: HeaderMap, body: Body| async move {
        let edit: Edit<T> = edit(&headers, body).await?;
        let ready = ready(&state, kind(edit.entry)).await?;
        let id = edit.id.unwrap_or_else(Uuid::now_v7);
        let (is_new, kept) = carry_out(&state, &staff, edit.why, Wish::Make(id, ready)).await?;
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        Ok::<_, Error>((status, Json(kept)).into_response())
    })
}

/// `PUT`: another version of one; `DELETE ?version=&why=`: retired.
fn changed<T: DeserializeOwned + Send + 'static>(kind: fn(T) -> Entry) -> MethodRouter<AppState> {
    put(
        move |State(state): State<AppState>, staff: Staff, Path(id): Path<String>, headers: HeaderMap, body: Body| async move {
            let edit: Edit<T> = edit(&headers, body).await?;
            let version = edit.version.ok_or_else(|| field("version", "is missing"))?;
            let ready = ready(&state, kind(edit.entry)).await?;
            let (_, kept) = carry_out(&state, &staff, edit.why, Wish::Change(known(id)?, version, ready)).await?;
            Ok::<_, Error>(Json(kept).into_response())
        },
    )
    .delete(retire)
}

#[derive(Debug, Deserialize)]
struct Seen {
    version: i64,
    #[serde(default)]
    why: String,
}

async fn retire(
    State(state): State<AppState>,
    staff: Staff,
    Path(id): Path<String>,
    seen: Result<Query<Seen>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(seen) = seen.map_err(|fault| bad_request(fault.body_text()))?;
    carry_out(&state, &staff, seen.why, Wish::Retire(known(id)?, seen.version)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What everybody has changed, or what was changed of one thing.
#[derive(Debug, Deserialize)]
struct Asked {
    entity: Option<String>,
    before: Option<i64>,
    limit: Option<i64>,
}

async fn history(
    State(state): State<AppState>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Changes>, Error> {
    let Query(asked) = asked.map_err(|fault| bad_request(fault.body_text()))?;
    let entity = asked.entity.map(known).transpose()?;
    let most = asked.limit.unwrap_or(MAX_CHANGES).clamp(1, MAX_CHANGES);
    let mut conn = state.store.moment().await?;
    let mut found =
        changes::list(&mut conn, entity.as_deref(), asked.before.unwrap_or(i64::MAX), most.saturating_add(1)).await?;
    let more = i64::try_from(found.len()).is_ok_and(|count| count > most);
    if more {
        found.pop();
    }
    let next = found.last().filter(|_| more).map(|change| change.rev);
    let changes = found.into_iter().map(shown).collect::<Result<_, _>>()?;
    Ok(Json(Changes { changes, next }))
}

/// Another change with what was before one, if that still stands.
async fn take_back(
    State(state): State<AppState>,
    staff: Staff,
    Path(rev): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Change>, Error> {
    let mut said = read::fields(&headers, body).await?;
    let why: Option<String> = said.take("why", "a text");
    said.all_right()?;
    let nothing = || not_found("Staff have changed nothing under that revision.");
    let rev: i64 = rev.parse().map_err(|_| nothing())?;
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let change = changes::find(&mut conn, rev).await?.ok_or_else(nothing)?;
    drop(conn);
    let mut undone = Vec::new();
    for entry in shown(change)?.entries {
        let ChangedEntry { id, before, after } = entry;
        let before = match before {
            Some(before) => Some(ready(&state, before).await?),
            None => None,
        };
        undone.push(Undone { id, before, after });
    }
    let author = author(&state, &staff, why.unwrap_or_default(), Some(rev))?;
    let outcome = state
        .store
        .write(move |conn: &mut Connection| Box::pin(async move { keep::undo(conn, undone, &author).await }))
        .await?;
    let rev = done(outcome)?.ok_or_else(|| conflict("There is nothing to take back."))?;
    state.snapshots.changed();
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let change = changes::find(&mut conn, rev).await?.ok_or(StoreError::Unreadable("change"))?;
    Ok(Json(shown(change)?))
}

/// Does it, and answers with whether anything was to be done, and what is kept then; `null` where it is gone.
async fn carry_out(
    state: &AppState,
    staff: &Staff,
    why: String,
    wish: Wish,
) -> Result<(bool, Option<Kept<Bare>>), Error> {
    let author = author(state, staff, why, None)?;
    let id = wish.id();
    let (outcome, held) = state
        .store
        .write(move |conn: &mut Connection| {
            Box::pin(async move {
                let outcome = keep::carry_out(conn, wish, &author).await?;
                Ok((outcome, keep::find(conn, &id).await?))
            })
        })
        .await?;
    if let Outcome::Refused(Refusal::Changed(since)) = outcome {
        return Err(overtaken(since, held));
    }
    let is_done = done(outcome)?.is_some();
    if is_done {
        state.snapshots.changed();
    }
    let kept = held.map(|held| Kept { id: held.id.clone(), version: held.version, entry: Bare(held.into_entry()) });
    Ok((is_done, kept))
}

/// Gives something another version, as it stands in code rather than in a body.
pub(super) async fn change(
    state: &AppState,
    staff: &Staff,
    id: String,
    version: i64,
    entry: Entry,
    why: String,
) -> Result<Option<Entry>, Error> {
    let ready = ready(state, entry).await?;
    let (_, kept) = carry_out(state, staff, why, Wish::Change(known(id)?, version, ready)).await?;
    Ok(kept.map(|kept| kept.entry.0))
}

/// An entry without its kind, which its address has said.
struct Bare(Entry);

impl Serialize for Bare {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Entry::Station(it) => it.serialize(serializer),
            Entry::Service(it) => it.serialize(serializer),
            Entry::Market(it) => it.serialize(serializer),
            Entry::Exception(it) => it.serialize(serializer),
        }
    }
}

/// The revision of what was done; `None` where everything was so already.
fn done(outcome: Outcome) -> Result<Option<i64>, Error> {
    match outcome {
        Outcome::Done { rev } => Ok(Some(rev)),
        Outcome::Same => Ok(None),
        Outcome::Refused(Refusal::Gone) => Err(not_found("There is no such entry.")),
        Outcome::Refused(Refusal::Field(name, message)) => Err(field(name, message)),
        Outcome::Refused(Refusal::Changed(since)) => {
            Err(named(StatusCode::CONFLICT, "version", not_the_latest(&since)))
        }
    }
}

fn not_the_latest(Since { version, by }: &Since) -> String {
    let who = match by {
        Some((_, name, at_ms)) => format!("changed by {name} at {}", rfc3339_ms(*at_ms)),
        None => "changed by an import".to_owned(),
    };
    let now = version.map_or_else(|| "retired".to_owned(), |version| format!("version {version}"));
    format!("is not the latest: {who}, now {now}")
}

/// What it is now goes with the refusal, so that nobody has to ask for it before they can decide.
fn overtaken(since: Since, held: Option<keep::Held>) -> Error {
    let (status, message) = (StatusCode::CONFLICT, not_the_latest(&since));
    let problem = Problem {
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: format!("version {message}"),
        errors: vec![FieldError { field: "version".to_owned(), message }],
    };
    let now = held.map(|held| Kept { id: held.id.clone(), version: held.version, entry: held.into_entry() });
    let by = since.by.map(|(id, name, at_ms)| ChangedBy { id, name, at: rfc3339_ms(at_ms) });
    Error::Overtaken(Box::new(Overtaken { problem, now, by }))
}

fn author(state: &AppState, staff: &Staff, why: String, undoes: Option<i64>) -> Result<Author, Error> {
    let why = cells::text(&why).map_err(|reason| field("why", reason.to_string()))?;
    Ok(Author { staff: staff.id, at_ms: state.clock.now_ms(), why, undoes })
}

/// Hours are read where nobody waits for an answer.
async fn ready(state: &AppState, entry: Entry) -> Result<Ready, Error> {
    let (calendar, window) = (state.snapshots.calendar().await?, schedule::horizon(state.clock.minute()));
    let made = tokio::task::spawn_blocking(move || {
        let calendar = Arc::unwrap_or_clone(calendar);
        make_ready(entry, &mut Asker::new(calendar), window)
    });
    made.await.map_err(anyhow::Error::from)?.map_err(Error::Fields)
}

/// A body with one entry; a field of the wrong type is named.
async fn edit<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<Edit<T>, Error> {
    require_json(headers, "entry")?;
    let bytes = body::read(headers, body, MAX_BYTES).await?;
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|fault| {
        let path = fault.path().to_string();
        let inner = fault.into_inner();
        if inner.is_syntax() || inner.is_eof() {
            return bad_request(format!("The body is not valid JSON: {inner}."));
        }
        let name = path.strip_prefix("entry.").unwrap_or(&path).to_owned();
        Error::Fields(vec![FieldError { field: name, message: inner.to_string() }])
    })
}

/// An id that something may have; PostgreSQL takes no NUL in a text.
fn known(id: String) -> Result<String, Error> {
    if id.contains('\0') { Err(not_found("There is no such entry.")) } else { Ok(id) }
}

fn shown(change: changes::Change) -> Result<Change, Error> {
    let entry = |body: Option<String>| {
        body.map(|body| serde_json::from_str(&body)).transpose().map_err(|_| StoreError::Unreadable("change"))
    };
    let changes::Change { rev, by, by_name, at_ms, why, undoes, entries } = change;
    let entries = entries
        .into_iter()
        .map(|one| Ok(ChangedEntry { id: one.entity, before: entry(one.before)?, after: entry(one.after)? }))
        .collect::<Result<_, StoreError>>()?;
    Ok(Change { rev, at: rfc3339_ms(at_ms), by, by_name, why, undoes, entries })
}
