//! `/api/v1/verifications`: what people in front of a station say of it, sent by phones as often as it takes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router, middleware};
use chrono::DateTime;
use waypost_app::domain::report::looks_like_rfc3339;
use waypost_app::domain::schedule::{Horizon, State as Is};
use waypost_app::domain::time::Minute;
use waypost_app::domain::verification::VerificationKind;
use waypost_app::wire::problem::FieldError;

use super::auth::Device;
use super::reports::{require_json, uuid_of};
use super::{body, json_body};
use crate::error::{Error, conflict, field, named};
use crate::schedule::effective::Base;
use crate::snapshots::View;
use crate::state::AppState;
use crate::store::verifications::{self, Inserted, Submission};

/// Of one verification.
pub(crate) const ROUTE: &str = "/api/v1/verifications/{id}";
/// Most bytes of a verification's JSON: ten times what its fields come to.
pub const MAX_BYTES: usize = 4 * 1024;

pub fn routes() -> Router<AppState> {
    Router::new().route(ROUTE, put(store)).layer(middleware::from_fn(body::drain_unread))
}

/// Stores a verification: 201 the first time, 200 with the same receipt for the same one again.
async fn store(
    State(state): State<AppState>,
    device: Device,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let id = uuid_of(id)?;
    require_json(&headers, "verification")?;
    let bytes = body::read(&headers, body, MAX_BYTES).await?;
    let said = Said::read(&bytes)?;
    let mut submission = Submission {
        id,
        device: device.0,
        slug: said.station,
        kind: said.kind,
        said_at_ms: said.at_ms,
        received_at_ms: state.clock.now_ms(),
        stated_open: false,
    };
    if submission.kind == VerificationKind::Locked {
        let view = state.snapshots.view().await?;
        submission.stated_open = stated_open(view, &submission.slug, Minute::from_millis(submission.at_ms())).await?;
    }
    let inserted =
        state.store.write(move |conn| Box::pin(async move { verifications::insert(conn, &submission).await })).await?;
    match inserted {
        Inserted::New(receipt) => {
            state.snapshots.changed();
            Ok((StatusCode::CREATED, Json(receipt)).into_response())
        }
        Inserted::Again(receipt) => Ok((StatusCode::OK, Json(receipt)).into_response()),
        Inserted::Conflict => {
            Err(conflict("Another verification has this id. Nothing was changed; send this one under a new id."))
        }
        Inserted::FromAnother => Err(named(
            StatusCode::CONFLICT,
            "device",
            "is another one than the one from which this verification has come",
        )),
        Inserted::UnknownStation => Err(field("station", "names no station")),
    }
}

/// Whether a station was open at a minute, by its rule and its exceptions.
async fn stated_open(view: Arc<View>, slug: &str, at: Minute) -> Result<bool, Error> {
    let Some(station) = view.snapshot().stations.iter().find(|station| station.slug == slug) else { return Ok(false) };
    let window = Horizon { start: at, end: at.plus(1) };
    let (rule, stretches) = view.hours(station.id.as_str(), window);
    let (rule, calendar) = (rule.map(str::to_owned), view.calendar().clone());
    let open = tokio::task::spawn_blocking(move || {
        let base =
            rule.and_then(|rule| Base::read(&rule, &calendar).ok()).unwrap_or_else(|| Base::Unknown(String::new()));
        let intervals = base.intervals_or_unknown(&stretches, window, |_| String::new());
        intervals.iter().any(|interval| interval.state == Is::Open)
    });
    Ok(open.await.map_err(anyhow::Error::from)?)
}

/// What a phone says, with every field checked.
struct Said {
    station: String,
    kind: VerificationKind,
    at_ms: i64,
}

impl Said {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut fields = json_body::object(bytes)?;
        let mut errors = Vec::new();
        let mut text = |name| json_body::take::<String>(&mut fields, name, "text", &mut errors);
        let (station, kind, at) = (text("station"), text("kind"), text("at"));
        let mut check = |name: &str, given: Option<String>, why: &str| {
            // A field of the wrong type is named already.
            if !errors.iter().any(|error| error.field == name) {
                let message = if given.is_none() { "is missing" } else { why };
                errors.push(FieldError { field: name.to_owned(), message: message.to_owned() });
            }
        };
        // Whether there is such a station is for the store to say.
        let named = station.clone().filter(|slug| !slug.trim().is_empty());
        let known = kind.as_deref().and_then(VerificationKind::from_code);
        // In the future is fine: phones' clocks are wrong by hours and years.
        let moment =
            at.as_deref().filter(|at| looks_like_rfc3339(at)).and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        if named.is_none() {
            check("station", station, "names no station");
        }
        if known.is_none() {
            check("kind", kind, "is neither `confirmed` nor `locked`");
        }
        if moment.is_none() {
            check("at", at, "is not a time such as 2026-11-24T08:10:00+08:00");
        }
        match (named, known, moment) {
            (Some(station), Some(kind), Some(at)) => Ok(Self { station, kind, at_ms: at.timestamp_millis() }),
            _ => Err(Error::Fields(errors)),
        }
    }
}
