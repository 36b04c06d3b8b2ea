//! What staff see of stations and markets, and "somebody of us was there".

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::schedule::{Schedule, State as Is, Status};
use waypost_app::domain::station::Station;
use waypost_app::domain::time::Minute;
use waypost_app::wire::snapshot::Snapshot;
use waypost_app::wire::staff::stations::{
    Entry, ExceptionDraft, Kept, MarketList, StationDraft, StationList, StationRow, StationView,
};

use super::{entries, read};
use crate::clock::rfc3339_minute;
use crate::error::{Error, bad_request, field, not_found};
use crate::keep::{self, Held};
use crate::people::Staff;
use crate::schedule::ordinary_week;
use crate::state::AppState;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/staff/stations", get(list))
        .route("/api/v1/staff/stations/{id}", get(show))
        .route("/api/v1/staff/stations/{id}/verified", post(verified))
        .route("/api/v1/staff/markets", get(markets))
}

/// In which order a list is.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    Name,
    /// What to look at next: reported locked first, then never verified, then the longest ago.
    Worklist,
}

#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(default)]
    order: Order,
}

async fn list(
    State(state): State<AppState>,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<StationList>, Error> {
    let Query(listed) = listed.map_err(|fault| bad_request(fault.body_text()))?;
    let (held, told) = both(&state).await?;
    let rules: HashSet<String> = held
        .iter()
        .filter(|held| matches!(held.entry(), Entry::Station(_)))
        .filter_map(|held| held.rule().map(str::to_owned))
        .collect();
    let said = |rule: String| ordinary_week(&rule).map(|said| (rule, said));
    let usual = tokio::task::spawn_blocking(move || rules.into_iter().filter_map(said).collect::<HashMap<_, _>>());
    let usual = usual.await.map_err(anyhow::Error::from)?;
    let now = state.clock.minute();
    let mut rows = Vec::new();
    for held in held {
        let (id, version, understood) = (held.id.clone(), held.version, held.hours_understood());
        let usual = held.rule().and_then(|rule| usual.get(rule));
        let (usual, usual_en) = usual.map(|usual| (usual.zh.clone(), usual.en.clone())).unwrap_or_default();
        let Entry::Station(draft) = held.into_entry() else { continue };
        let (verified, locked) = standing(&told, &id, &draft);
        let (is, until) = told.doing(&id, now);
        let row = StationRow {
            id: id.as_str().into(),
            version,
            slug: draft.slug,
            name: draft.name,
            name_en: draft.name_en,
            district: draft.district,
            lat: draft.lat,
            lng: draft.lng,
            hours: draft.hours,
            hours_understood: understood,
            usual,
            usual_en,
            facilities: draft.facilities,
            linked: draft.linked,
            verified_at: verified.map(rfc3339_minute),
            locked_at: locked.map(rfc3339_minute),
            state: is,
            until_min: until,
            sample: draft.sample,
        };
        rows.push((row, (verified, locked)));
    }
    rows.sort_by(|(one, (verified, locked)), (other, (other_verified, other_locked))| {
        let by_name = || one.name.cmp(&other.name).then_with(|| one.id.cmp(&other.id));
        match listed.order {
            Order::Name => by_name(),
            // Of those that are locked the longest locked first; `None` (never verified) comes before any moment.
            Order::Worklist => (locked.is_none(), locked, verified)
                .cmp(&(other_locked.is_none(), other_locked, other_verified))
                .then_with(by_name),
        }
    });
    let rev = told.snapshot.rev;
    Ok(Json(StationList { rev, stations: rows.into_iter().map(|(row, _)| row).collect() }))
}

async fn show(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<StationView>, Error> {
    let (held, told) = both(&state).await?;
    let nothing = || not_found("There is no such station.");
    let (mut found, mut services, mut exceptions) = (None, Vec::new(), Vec::new());
    for held in held {
        let (of, version, understood) = (held.id.clone(), held.version, held.hours_understood());
        match held.into_entry() {
            Entry::Station(draft) if of == id => found = Some((draft, version, understood)),
            Entry::Service(entry) if entry.station.as_str() == id => services.push(Kept { id: of, version, entry }),
            Entry::Exception(entry) => exceptions.push(Kept { id: of, version, entry }),
            _ => {}
        }
    }
    let (station, version, hours_understood) = found.ok_or_else(nothing)?;
    exceptions.retain(|one| one.entry.target == id || services.iter().any(|service| service.id == one.entry.target));
    let (verified, locked) = standing(&told, &id, &station);
    Ok(Json(StationView {
        id: id.as_str().into(),
        version,
        station,
        hours_understood,
        verified_at: verified.map(rfc3339_minute),
        locked_at: locked.map(rfc3339_minute),
        services,
        exceptions,
    }))
}

/// Somebody of the staff was there now, and what is written is right. Body: `{version, why?}`.
async fn verified(
    State(state): State<AppState>,
    staff: Staff,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<StationDraft>, Error> {
    let mut said = read::fields(&headers, body).await?;
    let version: Option<i64> = said.needed("version", "a whole number");
    let why: Option<String> = said.take("why", "a text");
    said.all_right()?;
    let version = version.ok_or_else(|| field("version", "is missing"))?;
    let (held, _) = both(&state).await?;
    let station = held.into_iter().find(|held| held.id == id).map(Held::into_entry);
    let Some(Entry::Station(mut station)) = station else { return Err(not_found("There is no such station.")) };
    station.verified_at_min = Some(state.clock.minute());
    let entry = Entry::Station(station);
    match entries::change(&state, &staff, id, version, entry, why.unwrap_or_default()).await? {
        Some(Entry::Station(station)) => Ok(Json(station)),
        _ => Err(not_found("There is no such station.")),
    }
}

async fn markets(State(state): State<AppState>) -> Result<Json<MarketList>, Error> {
    let (held, _) = both(&state).await?;
    let (mut markets, mut exceptions): (Vec<_>, Vec<Kept<ExceptionDraft>>) = (Vec::new(), Vec::new());
    for held in held {
        let (id, version) = (held.id.clone(), held.version);
        match held.into_entry() {
            Entry::Market(entry) => markets.push(Kept { id, version, entry }),
            Entry::Exception(entry) => exceptions.push(Kept { id, version, entry }),
            _ => {}
        }
    }
    exceptions.retain(|one| markets.iter().any(|market| market.id == one.entry.target));
    Ok(Json(MarketList { markets, exceptions }))
}

/// The district as phones see it.
struct Told {
    snapshot: Arc<Snapshot>,
    /// Where each station stands in it.
    at: HashMap<String, usize>,
    schedules: HashMap<ScheduleId, usize>,
}

impl Told {
    fn new(snapshot: Arc<Snapshot>) -> Self {
        let at = snapshot.stations.iter().enumerate().map(|(at, station)| (station.id.to_string(), at)).collect();
        let schedules = snapshot.schedules.iter().enumerate().map(|(at, schedule)| (schedule.id.clone(), at)).collect();
        Self { snapshot, at, schedules }
    }

    fn station(&self, id: &str) -> Option<&Station> {
        self.snapshot.stations.get(*self.at.get(id)?)
    }

    fn schedule(&self, station: &Station) -> Option<&Schedule> {
        self.snapshot.schedules.get(*self.schedules.get(station.schedule.as_ref()?)?)
    }

    /// What a station is at a moment, and when that changes.
    fn doing(&self, id: &str, now: Minute) -> (Is, Option<Minute>) {
        let station = self.station(id).filter(|station| station.locked_at_min.is_none());
        let Some(schedule) = station.and_then(|station| self.schedule(station)) else { return (Is::Unknown, None) };
        match schedule.status(now, self.snapshot.horizon()) {
            Status::Open { until } => (Is::Open, until),
            Status::ClosingSoon { until } => (Is::Open, Some(until)),
            Status::Closed { opens } => (Is::Closed, opens),
            Status::Unknown { .. } => (Is::Unknown, None),
        }
    }
}

/// Everything as staff write it, and as phones see it.
async fn both(state: &AppState) -> Result<(Vec<Held>, Told), Error> {
    let view = state.snapshots.view().await?;
    let told = Told::new(view.snapshot().clone());
    let mut conn = state.store.moment().await?;
    let held = keep::all(&mut conn).await?;
    Ok((held, told))
}

/// When it was last verified and since when it is locked, as phones were told.
fn standing(told: &Told, id: &str, draft: &StationDraft) -> (Option<Minute>, Option<Minute>) {
    let seen = told.station(id);
    (
        seen.and_then(|station| station.verified_at_min).max(draft.verified_at_min),
        seen.and_then(|station| station.locked_at_min),
    )
}
