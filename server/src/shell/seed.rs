//! The part of the district that a page shows: small enough to travel inside it over one bar of signal.

use std::collections::HashSet;
use std::sync::Arc;

use uuid::Uuid;
use waypost_app::domain::ids::{LandmarkId, ScheduleId};
use waypost_app::domain::schedule::Schedule;
use waypost_app::domain::service::Service;
use waypost_app::domain::station::{Landmark, Station};
use waypost_app::domain::time::Minute;
use waypost_app::local::Seed;
use waypost_app::local::prefs::{Lang, Prefs};
use waypost_app::local::replica::Replica;
use waypost_app::pages::stations::query::{PAGE, Query};
use waypost_app::pages::stations::rows::Rows;
use waypost_app::router::Address;
use waypost_app::wire::snapshot::Snapshot;

use super::Visitor;

/// Days of opening hours on the pages of stations, today included: the week they show, and what "opens next" needs.
const DAYS: i64 = 8;
/// Stations on the plot.
const PLOTTED: usize = 4 * PAGE;

/// What the page at an address is drawn from.
pub(super) fn of_page(whole: &Arc<Snapshot>, visitor: Visitor, address: &Address, form_id: Option<Uuid>) -> Seed {
    let snapshot = match address.path() {
        "/" => stations(whole, address, visitor.lang),
        "/market" => markets(whole),
        "/report" => places(whole),
        _ => match address.slug() {
            Some(slug) => station(whole, &slug),
            None => frame(whole),
        },
    };
    Seed {
        snapshot,
        partial: true,
        now: whole.generated_at_min,
        form_id,
        prefs: Prefs { lang: visitor.lang, theme: visitor.theme, ..Prefs::default() },
    }
}

/// What every page says of the district.
fn frame(whole: &Snapshot) -> Snapshot {
    Snapshot {
        generated_at: whole.generated_at.clone(),
        district: whole.district.clone(),
        removed: Vec::new(),
        stations: Vec::new(),
        services: Vec::new(),
        schedules: Vec::new(),
        markets: Vec::new(),
        landmarks: Vec::new(),
        open_reports: Vec::new(),
        ..*whole
    }
}

/// As many stations as the list or the plot shows, and one more, by which it knows that there are more.
fn stations(whole: &Arc<Snapshot>, address: &Address, lang: Lang) -> Snapshot {
    let query = Query::read(|name| address.get_all(name));
    let filters = query.filters.clone().unwrap_or_default();
    let replica = Replica::new(whole.clone(), true, lang);
    let from = query.near.as_ref().and_then(|near| replica.place(near));
    let rows = Rows::compute(&replica, &filters, from, whole.generated_at_min);
    let most = if query.plot { PLOTTED } else { query.page * PAGE + 2 };
    let mut shown: HashSet<usize> = rows.rows.iter().take(most).map(|row| row.at).collect();
    shown.extend(rows.lead.and_then(|lead| rows.rows.get(lead)).map(|row| row.at));
    // In the district's order, so that ties are broken on the phone as they are here.
    let chosen = |(at, station): (usize, &Station)| {
        (shown.contains(&at) || query.at.as_ref() == Some(&station.slug)).then(|| station.clone())
    };
    let stations = whole.stations.iter().enumerate().filter_map(chosen).collect();
    let mut landmarks = whole.landmarks.clone();
    // The place to measure from may be a station that is not among those shown.
    let near = query.near.as_ref().map(LandmarkId::as_str);
    landmarks.extend(whole.stations.iter().filter(|station| Some(station.id.as_str()) == near).map(as_landmark));
    Snapshot { landmarks, ..around(whole, stations) }
}

fn as_landmark(station: &Station) -> Landmark {
    Landmark {
        id: station.id.as_str().into(),
        name: station.name.clone(),
        name_en: station.name_en.clone(),
        lat: station.lat,
        lng: station.lng,
    }
}

fn station(whole: &Snapshot, slug: &str) -> Snapshot {
    let Some(station) = whole.stations.iter().find(|station| station.slug == slug) else { return frame(whole) };
    let linked = whole.stations.iter().filter(|other| Some(&other.id) == station.linked.as_ref());
    around(whole, std::iter::once(station).chain(linked).cloned().collect())
}

/// These stations with their services and a week of their hours.
fn around(whole: &Snapshot, stations: Vec<Station>) -> Snapshot {
    let ids: HashSet<_> = stations.iter().map(|station| &station.id).collect();
    let services: Vec<Service> =
        whole.services.iter().filter(|service| ids.contains(&service.station)).cloned().collect();
    let named =
        stations.iter().map(|station| &station.schedule).chain(services.iter().map(|service| &service.schedule));
    let end = whole.horizon_end_min.min(whole.utc_offset_min.midnight(today(whole).plus(DAYS)));
    let schedules = schedules(whole, &named.flatten().collect()).map(|schedule| until(schedule, end)).collect();
    Snapshot { stations, services, schedules, horizon_end_min: end, ..frame(whole) }
}

fn markets(whole: &Snapshot) -> Snapshot {
    let held_at: HashSet<_> = whole.markets.iter().filter_map(|market| market.station.as_ref()).collect();
    let named = whole.markets.iter().filter_map(|market| market.schedule.as_ref()).collect();
    Snapshot {
        markets: whole.markets.clone(),
        schedules: schedules(whole, &named).cloned().collect(),
        stations: whole.stations.iter().filter(|station| held_at.contains(&station.id)).map(named_only).collect(),
        ..frame(whole)
    }
}

/// What a report can be said to be near to.
fn places(whole: &Snapshot) -> Snapshot {
    Snapshot {
        landmarks: whole.landmarks.clone(),
        stations: whole.stations.iter().map(named_only).collect(),
        ..frame(whole)
    }
}

/// A station by its name and place.
fn named_only(station: &Station) -> Station {
    Station {
        id: station.id.clone(),
        slug: station.slug.clone(),
        name: station.name.clone(),
        name_en: station.name_en.clone(),
        lat: station.lat,
        lng: station.lng,
        ..Station::default()
    }
}

fn schedules<'a>(whole: &'a Snapshot, named: &HashSet<&ScheduleId>) -> impl Iterator<Item = &'a Schedule> {
    whole.schedules.iter().filter(|schedule| named.contains(&schedule.id))
}

fn until(schedule: &Schedule, end: Minute) -> Schedule {
    Schedule {
        open: schedule.open.iter().filter(|(start, _)| *start < end).copied().collect(),
        unknown: schedule.unknown.iter().filter(|(start, ..)| *start < end).cloned().collect(),
        ..schedule.clone()
    }
}

fn today(whole: &Snapshot) -> waypost_app::domain::time::Day {
    whole.utc_offset_min.day(whole.generated_at_min)
}
