//! `/calendar/…`: the coming weeks for people's own calendars (RFC 5545), of the markets and of each station's services.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use serde::Deserialize;
use waypost_app::local::prefs::Lang;
use waypost_app::local::replica::Replica;
use waypost_app::text::calendar::Maker;

use crate::error::{Error, not_found};
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub struct Asked {
    /// `zh` or `en`; Chinese if missing.
    lang: Option<String>,
}

type Feed = ([(HeaderName, HeaderValue); 3], String);

/// `GET /calendar/market.ics`: one event for each session.
///
/// # Errors
/// Those of the snapshot.
pub async fn market(State(state): State<AppState>, Query(asked): Query<Asked>) -> Result<Feed, Error> {
    feed(&state, &asked, |maker| Ok(maker.markets())).await
}

/// `GET /calendar/stations/{slug}.ics`: one event for each time that a service is given.
///
/// # Errors
/// 404 for a station that does not exist.
pub async fn station(
    State(state): State<AppState>,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Feed, Error> {
    feed(&state, &asked, |maker| {
        let slug = file.strip_suffix(".ics").unwrap_or_default();
        let station = maker.replica.station_by_slug(slug);
        let station = station.ok_or_else(|| not_found(format!("There is no station with a calendar {file}.")))?;
        Ok(maker.services(station))
    })
    .await
}

async fn feed(
    state: &AppState,
    asked: &Asked,
    write: impl FnOnce(Maker<'_>) -> Result<String, Error>,
) -> Result<Feed, Error> {
    let view = state.snapshots.view().await?;
    let lang = asked.lang.as_deref().and_then(Lang::from_tag).unwrap_or_default();
    let body = write(Maker {
        replica: &Replica::new(view.snapshot().clone(), false, lang),
        lang,
        origin: state.config.public_url.as_ref().map_or("", |url| url.as_str()),
        rev_of: &|keeper| view.rev_of(keeper),
    })?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    Ok((headers, body))
}
