//! The district: stations, services, markets, landmarks, and the rules they keep.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::market::Market;
use waypost_app::domain::service::Service;
use waypost_app::domain::station::{Landmark, Station};
use waypost_app::domain::time::Day;
use waypost_app::wire::snapshot::District;

use super::{Connection, StoreError, next_rev, station_photos, verifications};
use crate::schedule::schedule_id;

/// Something with the revision it last changed at.
#[derive(Clone, Debug)]
pub struct Row<T> {
    pub rev: i64,
    pub item: T,
}

/// Where the district stands; one cheap row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub district: District,
    pub rev: i64,
    /// The local day that phones were last told to move their schedules to.
    pub spans_day: Day,
    /// Under which calendar and evaluation.
    pub spans_fingerprint: String,
    /// The revision of that.
    pub spans_rev: i64,
    /// Which course of revisions this is; see [`begin_epoch`].
    pub epoch: i64,
}

impl Head {
    /// Whether phones were told to move their schedules to that local day, under that calendar and evaluation.
    #[must_use]
    pub fn is_at(&self, day: Day, fingerprint: &str) -> bool {
        self.spans_day == day && self.spans_fingerprint == fingerprint
    }
}

/// Everything, as of one moment.
#[derive(Clone, Debug)]
pub struct Content {
    pub head: Head,
    pub stations: Vec<Row<Station>>,
    pub services: Vec<Row<Service>>,
    pub markets: Vec<Row<Market>>,
    pub landmarks: Vec<Row<Landmark>>,
    /// Rules by the id of their schedule.
    pub rules: Vec<Row<(ScheduleId, String)>>,
    /// Ids of what is gone.
    pub removed: Vec<Row<String>>,
}

/// What can be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Station,
    Service,
    Market,
    Landmark,
    Schedule,
}

impl Kind {
    const fn delete(self) -> &'static str {
        match self {
            Self::Station => "DELETE FROM stations WHERE id = $1",
            Self::Service => "DELETE FROM services WHERE id = $1",
            Self::Market => "DELETE FROM markets WHERE id = $1",
            Self::Landmark => "DELETE FROM landmarks WHERE id = $1",
            Self::Schedule => "DELETE FROM schedules WHERE id = $1",
        }
    }
}

/// Makes the district's one row if this is a new database; true if it was made.
///
/// # Errors
/// Those of the database.
pub async fn found(conn: &mut Connection, day: Day, fingerprint: &str) -> Result<bool, StoreError> {
    let exists: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM district").fetch_one(&mut *conn).await?;
    if exists > 0 {
        return Ok(false);
    }
    let rev = next_rev(conn).await?;
    sqlx::query(
        "INSERT INTO district (id, name, name_en, sample, rev, spans_day, spans_fingerprint, spans_rev)
         VALUES (1, '', '', 0, $1, $2, $3, $1)",
    )
    .bind(rev)
    .bind(day.0)
    .bind(fingerprint)
    .execute(conn)
    .await?;
    Ok(true)
}

/// Where the district stands; `None` before [`found`].
///
/// # Errors
/// Those of the database.
pub async fn head(conn: &mut Connection) -> Result<Option<Head>, StoreError> {
    let row = sqlx::query(
        "SELECT name, name_en, sample, rev, spans_day, spans_fingerprint, spans_rev, epoch FROM district WHERE id = 1",
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let district = District {
        name: row.try_get("name")?,
        name_en: row.try_get("name_en")?,
        sample: row.try_get::<i64, _>("sample")? != 0,
    };
    Ok(Some(Head {
        district,
        rev: row.try_get("rev")?,
        spans_day: Day(row.try_get("spans_day")?),
        spans_fingerprint: row.try_get("spans_fingerprint")?,
        spans_rev: row.try_get("spans_rev")?,
        epoch: row.try_get("epoch")?,
    }))
}

/// Says that revisions count on from an earlier one: a backup was restored. Any number that was never used does; the moment is
/// one.
///
/// # Errors
/// Those of the database.
pub async fn begin_epoch(conn: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE district SET epoch = $1").bind(now_ms).execute(conn).await?;
    Ok(())
}

/// Everything, as of one moment: call it inside a transaction. `None` before [`found`].
///
/// # Errors
/// Those of the database; [`StoreError::Unreadable`] if a row is damaged.
pub async fn load(conn: &mut Connection) -> Result<Option<Content>, StoreError> {
    let Some(head) = head(conn).await? else { return Ok(None) };
    let rules: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT id, rule, rev FROM schedules ORDER BY id").fetch_all(&mut *conn).await?;
    let removed: Vec<(String, i64)> =
        sqlx::query_as("SELECT id, rev FROM tombstones ORDER BY id").fetch_all(&mut *conn).await?;
    Ok(Some(Content {
        head,
        stations: bodies(conn, "SELECT body, rev FROM stations ORDER BY id", "station").await?,
        services: bodies(conn, "SELECT body, rev FROM services ORDER BY id", "service").await?,
        markets: bodies(conn, "SELECT body, rev FROM markets ORDER BY id", "market").await?,
        landmarks: bodies(conn, "SELECT body, rev FROM landmarks ORDER BY id", "landmark").await?,
        rules: rules.into_iter().map(|(id, rule, rev)| Row { rev, item: (ScheduleId(id), rule) }).collect(),
        removed: removed.into_iter().map(|(id, rev)| Row { rev, item: id }).collect(),
    }))
}

async fn bodies<T: DeserializeOwned>(
    conn: &mut Connection,
    select: &'static str,
    what: &'static str,
) -> Result<Vec<Row<T>>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(select).fetch_all(conn).await?;
    rows.into_iter()
        .map(|(body, rev)| {
            let item = serde_json::from_str(&body).map_err(|_| StoreError::Unreadable(what))?;
            Ok(Row { rev, item })
        })
        .collect()
}

/// A set of changes that phones hear of together, under one revision. Everything that changes the district goes
/// through it.
#[derive(Debug)]
pub struct Change<'c> {
    pub(super) conn: &'c mut Connection,
    pub(super) rev: i64,
}

impl<'c> Change<'c> {
    /// Takes the next revision. The district must have been [`found`].
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin(conn: &'c mut Connection) -> Result<Self, StoreError> {
        let rev = next_rev(conn).await?;
        sqlx::query("UPDATE district SET rev = $1").bind(rev).execute(&mut *conn).await?;
        Ok(Self { conn, rev })
    }

    /// The revision of these changes.
    pub fn rev(&self) -> i64 {
        self.rev
    }

    /// Names the district, and says whether sample data is part of it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn name(&mut self, district: &District) -> Result<(), StoreError> {
        sqlx::query("UPDATE district SET name = $1, name_en = $2, sample = $3")
            .bind(&district.name)
            .bind(&district.name_en)
            .bind(i64::from(district.sample))
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Keeps a rule and names its schedule; a rule that is there already is left alone. Phones hear of the schedule once
    /// somebody keeps it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rule(&mut self, rule: &str) -> Result<ScheduleId, StoreError> {
        let id = schedule_id(rule);
        sqlx::query("INSERT INTO schedules (id, rule, rev) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING")
            .bind(id.as_str())
            .bind(rule.trim())
            .bind(self.rev)
            .execute(&mut *self.conn)
            .await?;
        Ok(id)
    }

    /// Adds or replaces a station.
    ///
    /// # Errors
    /// Those of the database: another station has this slug, the schedule is not kept.
    pub async fn station(&mut self, station: &Station) -> Result<(), StoreError> {
        verifications::station_changes(self.conn, self.rev, station).await?;
        station_photos::show(self.conn, station).await?;
        sqlx::query(
            "INSERT INTO stations (id, slug, schedule, body, rev) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, schedule = excluded.schedule,
                 body = excluded.body, rev = excluded.rev",
        )
        .bind(station.id.as_str())
        .bind(&station.slug)
        .bind(station.schedule.as_ref().map(ScheduleId::as_str))
        .bind(body(station, "station")?)
        .bind(self.rev)
        .execute(&mut *self.conn)
        .await?;
        unbury(self.conn, station.id.as_str()).await
    }

    /// Adds or replaces a service.
    ///
    /// # Errors
    /// Those of the database: the station or the schedule is not kept.
    pub async fn service(&mut self, service: &Service) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO services (id, station, schedule, body, rev) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET station = excluded.station, schedule = excluded.schedule,
                 body = excluded.body, rev = excluded.rev",
        )
        .bind(service.id.as_str())
        .bind(service.station.as_str())
        .bind(service.schedule.as_ref().map(ScheduleId::as_str))
        .bind(body(service, "service")?)
        .bind(self.rev)
        .execute(&mut *self.conn)
        .await?;
        unbury(self.conn, service.id.as_str()).await
    }

    /// Adds or replaces a market.
    ///
    /// # Errors
    /// Those of the database: the schedule is not kept.
    pub async fn market(&mut self, market: &Market) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO markets (id, schedule, body, rev) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET schedule = excluded.schedule, body = excluded.body, rev = excluded.rev",
        )
        .bind(market.id.as_str())
        .bind(market.schedule.as_ref().map(ScheduleId::as_str))
        .bind(body(market, "market")?)
        .bind(self.rev)
        .execute(&mut *self.conn)
        .await?;
        unbury(self.conn, market.id.as_str()).await
    }

    /// Adds or replaces a landmark.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn landmark(&mut self, landmark: &Landmark) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO landmarks (id, body, rev) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET body = excluded.body, rev = excluded.rev",
        )
        .bind(landmark.id.as_str())
        .bind(body(landmark, "landmark")?)
        .bind(self.rev)
        .execute(&mut *self.conn)
        .await?;
        unbury(self.conn, landmark.id.as_str()).await
    }

    /// Drops the rules that nobody keeps any more.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_unused_rules(&mut self) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM schedules
             WHERE NOT EXISTS (SELECT 1 FROM stations WHERE stations.schedule = schedules.id)
               AND NOT EXISTS (SELECT 1 FROM services WHERE services.schedule = schedules.id)
               AND NOT EXISTS (SELECT 1 FROM markets WHERE markets.schedule = schedules.id)",
        )
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Removes something, so that phones drop it; false if there was no such thing.
    ///
    /// # Errors
    /// Those of the database: something else still refers to it.
    pub async fn remove(&mut self, kind: Kind, id: &str) -> Result<bool, StoreError> {
        let gone = sqlx::query(kind.delete()).bind(id).execute(&mut *self.conn).await?.rows_affected() > 0;
        // Phones drop a schedule when nobody keeps it any more, which may be earlier or, after an exception, later.
        if gone && kind != Kind::Schedule {
            bury(self.conn, id, self.rev).await?;
        }
        if kind == Kind::Station {
            verifications::station_goes(self.conn, id).await?;
            station_photos::hide(self.conn, id).await?;
        }
        Ok(gone)
    }
}

/// Leaves a tombstone, so that phones drop what is gone.
pub(super) async fn bury(conn: &mut Connection, id: &str, rev: i64) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO tombstones (id, rev) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET rev = excluded.rev")
        .bind(id)
        .bind(rev)
        .execute(conn)
        .await?;
    Ok(())
}

/// What was gone has come back.
pub(super) async fn unbury(conn: &mut Connection, id: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM tombstones WHERE id = $1").bind(id).execute(conn).await?;
    Ok(())
}

fn body<T: Serialize>(item: &T, what: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(item).map_err(|_| StoreError::Unreadable(what))
}
