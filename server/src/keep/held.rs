//! What is kept now, in the shape that staff write, and back.

use waypost_app::domain::ids::{MarketId, ScheduleId, ServiceId, StationId};
use waypost_app::domain::market::Market;
use waypost_app::domain::service::Service;
use waypost_app::domain::station::Station;
use waypost_app::wire::staff::stations::{Entry, ExceptionDraft, MarketDraft, ServiceDraft, StationDraft};

use super::ready::{Ready, days_of};
use crate::schedule::exceptions::{Exception, Times};
use crate::store::district::{Change, Kind};
use crate::store::{Connection, StoreError, exceptions};

/// Something as it is kept now.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub id: String,
    /// The revision at which it last changed.
    pub version: i64,
    pub(super) ready: Ready,
}

impl Held {
    pub fn entry(&self) -> &Entry {
        &self.ready.entry
    }

    pub fn into_entry(self) -> Entry {
        self.ready.entry
    }

    /// Whether its hours are a rule.
    pub fn hours_understood(&self) -> bool {
        self.rule().is_some()
    }

    /// When it is open; `None`: its hours are words that nobody understands.
    pub fn rule(&self) -> Option<&str> {
        self.ready.rule.as_deref()
    }
}

type Written = (String, i64, String, Option<String>);

const STATIONS: &str = "SELECT x.id, x.rev, x.body, s.rule FROM stations x LEFT JOIN schedules s ON s.id = x.schedule";
const SERVICES: &str = "SELECT x.id, x.rev, x.body, s.rule FROM services x LEFT JOIN schedules s ON s.id = x.schedule";
const MARKETS: &str = "SELECT x.id, x.rev, x.body, s.rule FROM markets x LEFT JOIN schedules s ON s.id = x.schedule";

/// Everything that staff keep. Call it inside a transaction, so that all is of one moment.
///
/// # Errors
/// Those of the database; [`StoreError::Unreadable`] if a row is damaged.
pub async fn all(conn: &mut Connection) -> Result<Vec<Held>, StoreError> {
    let mut held = Vec::new();
    for (sql, read) in [(STATIONS, station as Read), (SERVICES, service), (MARKETS, market)] {
        let rows: Vec<Written> = sqlx::query_as(sql).fetch_all(&mut *conn).await?;
        for row in rows {
            held.push(read(row)?);
        }
    }
    held.extend(exceptions::list(conn).await?.into_iter().map(|row| exception(row.rev, row.item)));
    Ok(held)
}

/// What has this id; ids are unique over all kinds.
///
/// # Errors
/// Those of [`all`].
pub async fn find(conn: &mut Connection, id: &str) -> Result<Option<Held>, StoreError> {
    for (sql, read) in [(STATIONS, station as Read), (SERVICES, service), (MARKETS, market)] {
        let sql = sqlx::AssertSqlSafe(format!("{sql} WHERE x.id = $1"));
        let row: Option<Written> = sqlx::query_as(sql).bind(id).fetch_optional(&mut *conn).await?;
        if let Some(row) = row {
            return read(row).map(Some);
        }
    }
    let all = exceptions::list(conn).await?;
    Ok(all.into_iter().find(|row| row.item.id == id).map(|row| exception(row.rev, row.item)))
}

type Read = fn(Written) -> Result<Held, StoreError>;

fn station((id, version, body, rule): Written) -> Result<Held, StoreError> {
    let it: Station = serde_json::from_str(&body).map_err(|_| StoreError::Unreadable("station"))?;
    let draft = StationDraft {
        slug: it.slug,
        name: it.name,
        name_en: it.name_en,
        address: it.address,
        address_en: it.address_en,
        landmark: it.landmark,
        landmark_en: it.landmark_en,
        district: it.district,
        district_en: it.district_en,
        lat: it.lat,
        lng: it.lng,
        hours: rule.clone().unwrap_or(it.hours_words),
        facilities: it.facilities,
        access: it.access,
        access_en: it.access_en,
        entrance: it.entrance,
        phone: it.phone,
        operator: it.operator,
        operator_en: it.operator_en,
        about: it.about,
        about_en: it.about_en,
        linked: it.linked,
        source: it.source,
        source_en: it.source_en,
        verified_at_min: it.verified_at_min,
        sample: it.sample,
    };
    Ok(Held { id, version, ready: Ready { entry: Entry::Station(draft), rule } })
}

fn service((id, version, body, rule): Written) -> Result<Held, StoreError> {
    let it: Service = serde_json::from_str(&body).map_err(|_| StoreError::Unreadable("service"))?;
    let draft = ServiceDraft {
        station: it.station,
        kind: it.kind,
        name: it.name,
        name_en: it.name_en,
        provider: it.provider,
        provider_en: it.provider_en,
        price_fen: it.price_fen,
        note: it.note,
        note_en: it.note_en,
        hours: rule.clone().unwrap_or_default(),
        sample: it.sample,
    };
    Ok(Held { id, version, ready: Ready { entry: Entry::Service(draft), rule } })
}

fn market((id, version, body, rule): Written) -> Result<Held, StoreError> {
    let it: Market = serde_json::from_str(&body).map_err(|_| StoreError::Unreadable("market"))?;
    let draft = MarketDraft {
        name: it.name,
        name_en: it.name_en,
        place: it.place,
        place_en: it.place_en,
        lat: it.lat,
        lng: it.lng,
        station: it.station,
        hours: rule.clone().unwrap_or_default(),
        skills: it.skills,
        last: it.last,
        last_en: it.last_en,
        sample: it.sample,
    };
    Ok(Held { id, version, ready: Ready { entry: Entry::Market(draft), rule } })
}

fn exception(version: i64, it: Exception) -> Held {
    let date = |day: waypost_app::domain::time::Day| {
        let date = day.date();
        format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
    };
    let draft = ExceptionDraft {
        target: it.target,
        first: date(it.days.first()),
        last: date(it.days.last()),
        hours: it.times.to_string(),
        reason: it.reason,
        reason_en: it.reason_en,
    };
    Held { id: it.id, version, ready: Ready { entry: Entry::Exception(draft), rule: None } }
}

/// Adds or replaces something.
pub(super) async fn write(change: &mut Change<'_>, id: &str, ready: &Ready) -> Result<(), StoreError> {
    let schedule = match &ready.rule {
        Some(rule) => Some(change.rule(rule).await?),
        None => None,
    };
    match ready.entry.clone() {
        Entry::Station(it) => change.station(&station_of(id, it, schedule)).await,
        Entry::Service(it) => {
            let service = Service {
                id: ServiceId(id.to_owned()),
                station: it.station,
                kind: it.kind,
                name: it.name,
                name_en: it.name_en,
                provider: it.provider,
                provider_en: it.provider_en,
                price_fen: it.price_fen,
                note: it.note,
                note_en: it.note_en,
                schedule,
                sample: it.sample,
            };
            change.service(&service).await
        }
        Entry::Market(it) => {
            let market = Market {
                id: MarketId(id.to_owned()),
                name: it.name,
                name_en: it.name_en,
                place: it.place,
                place_en: it.place_en,
                lat: it.lat,
                lng: it.lng,
                station: it.station,
                schedule,
                skills: it.skills,
                last: it.last,
                last_en: it.last_en,
                sample: it.sample,
            };
            change.market(&market).await
        }
        Entry::Exception(it) => {
            // Both were read when it was made ready.
            let damaged = || StoreError::Unreadable("exception");
            let days = days_of(&it).ok_or_else(damaged)?;
            let times = Times::parse(&it.hours).map_err(|_| damaged())?;
            let ExceptionDraft { target, reason, reason_en, .. } = it;
            let exception = Exception { id: id.to_owned(), target, days, times, reason, reason_en };
            exceptions::put(change, &exception).await
        }
    }
}

/// Removes something.
pub(super) async fn remove(change: &mut Change<'_>, id: &str, entry: &Entry) -> Result<(), StoreError> {
    let kind = match entry {
        Entry::Station(_) => Kind::Station,
        Entry::Service(_) => Kind::Service,
        Entry::Market(_) => Kind::Market,
        Entry::Exception(_) => return exceptions::remove(change, id).await.map(|_| ()),
    };
    change.remove(kind, id).await.map(|_| ())
}

fn station_of(id: &str, it: StationDraft, schedule: Option<ScheduleId>) -> Station {
    Station {
        id: StationId(id.to_owned()),
        slug: it.slug,
        name: it.name,
        name_en: it.name_en,
        address: it.address,
        address_en: it.address_en,
        landmark: it.landmark,
        landmark_en: it.landmark_en,
        district: it.district,
        district_en: it.district_en,
        lat: it.lat,
        lng: it.lng,
        hours_words: if schedule.is_none() { it.hours } else { String::new() },
        schedule,
        facilities: it.facilities,
        access: it.access,
        access_en: it.access_en,
        entrance: it.entrance,
        phone: it.phone,
        operator: it.operator,
        operator_en: it.operator_en,
        about: it.about,
        about_en: it.about_en,
        linked: it.linked,
        source: it.source,
        source_en: it.source_en,
        verified_at_min: it.verified_at_min,
        locked_at_min: None,
        sample: it.sample,
    }
}
