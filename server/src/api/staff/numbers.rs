//! `GET /api/v1/staff/numbers` and `…/numbers.csv`: what the district's reports and stations come to.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use waypost_app::domain::time::{CHINA, Day};
use waypost_app::wire::staff::numbers::Numbers;

use crate::clock::parse_moment;
use crate::error::{Error, bad_request, field};
use crate::numbers::{self, Sheet, Span, written};
use crate::state::AppState;
use crate::store::StoreError;

/// Weeks that are counted where nobody says which, with the one that is under way.
const WEEKS: i64 = 8;
/// Longest period, in days.
const MOST_DAYS: i64 = 366;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/numbers", get(show)).route("/api/v1/staff/numbers.csv", get(sheet))
}

#[derive(Debug, Deserialize)]
struct Asked {
    from: Option<String>,
    to: Option<String>,
    week: Option<String>,
}

impl Asked {
    fn span(&self, today: Day) -> Result<Span, Error> {
        let last = day("to", self.to.as_deref())?.unwrap_or(today);
        let first = match day("from", self.from.as_deref())? {
            Some(first) => first,
            None => Span::week(last).first.plus(-7 * (WEEKS - 1)),
        };
        let span = Span { first, last };
        if span.days() < 1 {
            return Err(field("to", "is before from"));
        }
        if span.days() > MOST_DAYS {
            return Err(field("from", format!("is more than {MOST_DAYS} days before to")));
        }
        Ok(span)
    }
}

fn day(name: &str, text: Option<&str>) -> Result<Option<Day>, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let date = parse_moment(text).ok().filter(|_| text.len() == 10);
    let at = date.ok_or_else(|| field(name, "must be a date, 2026-11-24"))?;
    Ok(Some(CHINA.day(at)))
}

async fn show(
    State(state): State<AppState>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Numbers>, Error> {
    let Query(asked) = asked.map_err(|fault| bad_request(fault.body_text()))?;
    let today = CHINA.day(state.clock.minute());
    let (span, week) = (asked.span(today)?, Span::week(day("week", asked.week.as_deref())?.unwrap_or(today)));
    let view = state.snapshots.view().await?;
    let mut conn = state.store.moment().await?;
    let mut found = numbers::of_reports(&mut conn, span, view.calendar(), state.clock.now_ms()).await?;
    drop(conn);
    let covered = tokio::task::spawn_blocking(move || numbers::coverage(&view, week));
    found.coverage = covered.await.map_err(anyhow::Error::from)?;
    Ok(Json(found))
}

async fn sheet(State(state): State<AppState>, asked: Result<Query<Asked>, QueryRejection>) -> Result<Response, Error> {
    let Query(asked) = asked.map_err(|fault| bad_request(fault.body_text()))?;
    let span = asked.span(CHINA.day(state.clock.minute()))?;
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    match numbers::sheet(&mut conn, span, state.clock.now_ms()).await? {
        Sheet::TooMany(most) => Err(field("from", format!("leaves more than {most} reports; ask for fewer days"))),
        Sheet::Csv(text) => {
            let name = format!("attachment; filename=\"reports-{}-{}.csv\"", written(span.first), written(span.last));
            let headers =
                [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
            Ok((headers, text).into_response())
        }
    }
}
