//! What people in front of a station have said of it, and what follows from that.
//!
//! What follows is computed again from what still counts whenever something is said, or the station is changed, so it
//! does not depend on the order in which phones find a network. Phones hear of it as of any change of the station.

use std::collections::HashMap;

use sqlx::Row as _;
use uuid::Uuid;
use waypost_app::domain::station::Station;
use waypost_app::domain::time::{CHINA, DAY, Minute};
use waypost_app::domain::verification::VerificationKind;
use waypost_app::wire::verification::VerificationReceipt;

use super::devices::{self, DeviceId};
use super::district::{Change, Row};
use super::{Connection, StoreError};
use crate::clock;

/// So many devices must find the door locked …
const DEVICES: usize = 3;
/// … within so many milliseconds.
const WITHIN_MS: i64 = 2 * 60 * MINUTE_MS;
/// A door found locked longer ago than this says nothing about now; it is still kept.
const TOO_OLD_MS: i64 = 14 * DAY * MINUTE_MS;
const MINUTE_MS: i64 = 60_000;
/// More reports of one station than this since its last confirmation add nothing.
const MOST_REPORTS: i64 = 2_000;

/// A verification on its way in.
#[derive(Clone, Debug)]
pub struct Submission {
    pub id: Uuid,
    pub device: DeviceId,
    /// The station's.
    pub slug: String,
    pub kind: VerificationKind,
    /// When it was said, by the phone's clock.
    pub said_at_ms: i64,
    pub received_at_ms: i64,
    /// By its stated hours the station was open then.
    pub stated_open: bool,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Stored now.
    New(VerificationReceipt),
    /// This verification from this device was there already; the receipt is the one it got then.
    Again(VerificationReceipt),
    /// This verification was there already, from another device. Nothing was changed.
    FromAnother,
    /// The id belongs to another verification. Nothing was changed.
    Conflict,
    /// There is no station of that slug. Nothing was stored.
    UnknownStation,
}

impl Submission {
    /// When it counts for.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        self.said_at_ms.min(self.received_at_ms)
    }

    fn receipt(&self, received_at_ms: i64) -> VerificationReceipt {
        VerificationReceipt {
            id: self.id,
            station: self.slug.clone(),
            kind: self.kind,
            received_at: clock::rfc3339_ms(received_at_ms),
        }
    }
}

/// Stores a verification once, however often and however concurrently it is sent, and tells phones what follows.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut Connection, said: &Submission) -> Result<Inserted, StoreError> {
    if let Some(settled) = settled(conn, said).await? {
        return Ok(settled);
    }
    let body: Option<String> = sqlx::query_scalar("SELECT body FROM stations WHERE slug = $1")
        .bind(&said.slug)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(body) = body else { return Ok(Inserted::UnknownStation) };
    let station = read(&body)?;
    devices::ensure(conn, &said.device, said.received_at_ms).await?;
    if !insert_row(conn, said, station.id.as_str()).await? {
        // Another copy of the program was faster.
        return Ok(settled(conn, said).await?.unwrap_or(Inserted::Conflict));
    }
    let (before, now) = (Standing::told(conn, station.id.as_str()).await?, Standing::of(conn, &station).await?);
    if now != before {
        let change = Change::begin(conn).await?;
        now.tell(change.conn, change.rev, station.id.as_str()).await?;
    }
    Ok(Inserted::New(said.receipt(said.received_at_ms)))
}

/// Forgets what counts for nothing and was said before a moment: who was where is nobody's business then.
///
/// # Errors
/// Those of the database.
pub async fn forget_uncounted(conn: &mut Connection, before_ms: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM verifications WHERE received_at_ms < $1 AND counts = 0")
        .bind(before_ms)
        .execute(conn)
        .await?;
    Ok(())
}

/// What the row already stored under this id means for the submission; `None` if there is none.
async fn settled(conn: &mut Connection, said: &Submission) -> Result<Option<Inserted>, StoreError> {
    let row = sqlx::query("SELECT device, slug, kind, said_at_ms, received_at_ms FROM verifications WHERE id = $1")
        .bind(said.id.to_string())
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let same = row.try_get::<&str, _>("slug")? == said.slug
        && row.try_get::<&str, _>("kind")? == said.kind.code()
        && row.try_get::<i64, _>("said_at_ms")? == said.said_at_ms;
    let receipt = said.receipt(row.try_get("received_at_ms")?);
    let is_from_it = row.try_get::<&str, _>("device")? == said.device.as_str();
    Ok(Some(match (same, is_from_it) {
        (true, true) => Inserted::Again(receipt),
        (true, false) => Inserted::FromAnother,
        (false, _) => Inserted::Conflict,
    }))
}

/// False if the id was taken. Of each device one counts for a station and day, the latest; an earlier report of a locked
/// door still counts for the time until then, so that repeating it takes nothing back.
async fn insert_row(conn: &mut Connection, said: &Submission, station: &str) -> Result<bool, StoreError> {
    let at_ms = said.at_ms();
    let day = CHINA.day(Minute::from_millis(at_ms));
    let counts = match said.kind {
        VerificationKind::Locked => {
            i64::from(said.stated_open && said.received_at_ms.saturating_sub(at_ms) <= TOO_OLD_MS)
        }
        VerificationKind::Confirmed => {
            let later: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM verifications WHERE device = $1 AND station = $2 AND day = $3 AND at_ms > $4
                   AND counts <> 0",
            )
            .bind(said.device.as_str())
            .bind(station)
            .bind(day.0)
            .bind(at_ms)
            .fetch_one(&mut *conn)
            .await?;
            if later == 0 { 1 } else { 2 }
        }
    };
    let done = sqlx::query(
        "INSERT INTO verifications
           (id, device, station, slug, kind, said_at_ms, received_at_ms, at_ms, day, counts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT DO NOTHING",
    )
    .bind(said.id.to_string())
    .bind(said.device.as_str())
    .bind(station)
    .bind(&said.slug)
    .bind(said.kind.code())
    .bind(said.said_at_ms)
    .bind(said.received_at_ms)
    .bind(at_ms)
    .bind(day.0)
    .bind(counts)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    if counts != 1 {
        return Ok(true);
    }
    sqlx::query(
        "UPDATE verifications SET counts = 2
         WHERE device = $1 AND station = $2 AND day = $3 AND at_ms <= $4 AND kind = 'confirmed' AND id <> $5
           AND counts = 1",
    )
    .bind(said.device.as_str())
    .bind(station)
    .bind(day.0)
    .bind(at_ms)
    .bind(said.id.to_string())
    .execute(conn)
    .await?;
    Ok(true)
}

/// What follows for a station from all that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Standing {
    confirmed_at: Option<Minute>,
    locked_at: Option<Minute>,
}

impl Standing {
    async fn of(conn: &mut Connection, station: &Station) -> Result<Self, StoreError> {
        let confirmed: Option<i64> = sqlx::query_scalar(
            "SELECT MAX(at_ms) FROM verifications WHERE station = $1 AND kind = 'confirmed' AND counts = 1",
        )
        .bind(station.id.as_str())
        .fetch_one(&mut *conn)
        .await?;
        let ever: Option<i64> = sqlx::query_scalar(
            "SELECT MAX(at_ms) FROM verifications WHERE station = $1 AND kind = 'confirmed' AND counts <> 0",
        )
        .bind(station.id.as_str())
        .fetch_one(&mut *conn)
        .await?;
        // Whoever was there last and found it right outweighs everything said before, also if the same phone has said
        // something else since.
        let staff = station.verified_at_min.map(|at| at.0.saturating_mul(MINUTE_MS));
        let since = ever.max(staff).unwrap_or(i64::MIN);
        let mut reports: Vec<(String, i64)> = sqlx::query_as(
            "SELECT device, at_ms FROM verifications
             WHERE station = $1 AND kind = 'locked' AND counts = 1 AND at_ms > $2
             ORDER BY at_ms DESC LIMIT $3",
        )
        .bind(station.id.as_str())
        .bind(since)
        .bind(MOST_REPORTS)
        .fetch_all(conn)
        .await?;
        reports.reverse();
        Ok(Self {
            confirmed_at: confirmed.map(Minute::from_millis),
            locked_at: locked_at(&reports).map(Minute::from_millis),
        })
    }

    /// What phones were told.
    async fn told(conn: &mut Connection, station: &str) -> Result<Self, StoreError> {
        let row: Option<(Option<i64>, Option<i64>)> =
            sqlx::query_as("SELECT confirmed_at_min, locked_at_min FROM verified_stations WHERE station = $1")
                .bind(station)
                .fetch_optional(conn)
                .await?;
        let (confirmed_at, locked_at) = row.unwrap_or_default();
        Ok(Self { confirmed_at: confirmed_at.map(Minute), locked_at: locked_at.map(Minute) })
    }

    async fn tell(self, conn: &mut Connection, rev: i64, station: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO verified_stations (station, confirmed_at_min, locked_at_min, rev) VALUES ($1, $2, $3, $4)
             ON CONFLICT (station) DO UPDATE SET confirmed_at_min = excluded.confirmed_at_min,
                 locked_at_min = excluded.locked_at_min, rev = excluded.rev",
        )
        .bind(station)
        .bind(self.confirmed_at.map(|at| at.0))
        .bind(self.locked_at.map(|at| at.0))
        .bind(rev)
        .execute(conn)
        .await?;
        Ok(())
    }
}

/// The first moment at which as many devices as it takes have found the door locked within the time. `reports`: device
/// and moment, oldest first.
fn locked_at(reports: &[(String, i64)]) -> Option<i64> {
    let mut latest: HashMap<&str, i64> = HashMap::new();
    reports.iter().find_map(|(device, at)| {
        latest.insert(device, *at);
        latest.retain(|_, earlier| at.saturating_sub(*earlier) <= WITHIN_MS);
        (latest.len() >= DEVICES).then_some(*at)
    })
}

/// Gives stations, as staff keep them, what follows from what people have said of them.
///
/// # Errors
/// Those of the database.
pub async fn apply(conn: &mut Connection, stations: &mut [Row<Station>]) -> Result<(), StoreError> {
    let told: Vec<(String, Option<i64>, Option<i64>, i64)> =
        sqlx::query_as("SELECT station, confirmed_at_min, locked_at_min, rev FROM verified_stations")
            .fetch_all(conn)
            .await?;
    let told: HashMap<_, _> =
        told.into_iter().map(|(station, confirmed, locked, rev)| (station, (confirmed, locked, rev))).collect();
    for Row { rev, item } in stations {
        if let Some((confirmed, locked, since)) = told.get(item.id.as_str()) {
            *rev = (*rev).max(*since);
            item.verified_at_min = item.verified_at_min.max(confirmed.map(Minute));
            item.locked_at_min = locked.map(Minute);
        }
    }
    Ok(())
}

/// To be called before a station is changed to this: doors found locked during hours that it no longer states count no
/// more, and neither does what was said of the sample's station whose id it takes over.
pub(super) async fn station_changes(conn: &mut Connection, rev: i64, station: &Station) -> Result<(), StoreError> {
    let id = station.id.as_str();
    if !has_any(conn, id).await? {
        return Ok(());
    }
    let body: Option<String> =
        sqlx::query_scalar("SELECT body FROM stations WHERE id = $1").bind(id).fetch_optional(&mut *conn).await?;
    if let Some(before) = body.as_deref().map(read).transpose()? {
        if before.sample && !station.sample {
            void_all(conn, id).await?;
        } else if before.schedule != station.schedule || before.hours_words != station.hours_words {
            void_locked(conn, id).await?;
        }
    }
    Standing::of(conn, station).await?.tell(conn, rev, id).await
}

/// To be called when the hours of something are changed by an exception.
pub(super) async fn hours_change(conn: &mut Connection, rev: i64, keeper: &str) -> Result<(), StoreError> {
    if !has_any(conn, keeper).await? {
        return Ok(());
    }
    void_locked(conn, keeper).await?;
    let told = Standing::told(conn, keeper).await?;
    Standing { locked_at: None, ..told }.tell(conn, rev, keeper).await
}

/// To be called when a station is removed: if it comes back, it is not the one that people have seen.
pub(super) async fn station_goes(conn: &mut Connection, station: &str) -> Result<(), StoreError> {
    void_all(conn, station).await?;
    sqlx::query("DELETE FROM verified_stations WHERE station = $1").bind(station).execute(conn).await?;
    Ok(())
}

async fn has_any(conn: &mut Connection, station: &str) -> Result<bool, StoreError> {
    let any: Option<i64> = sqlx::query_scalar("SELECT at_ms FROM verifications WHERE station = $1 LIMIT 1")
        .bind(station)
        .fetch_optional(conn)
        .await?;
    Ok(any.is_some())
}

async fn void_all(conn: &mut Connection, station: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE verifications SET counts = 0 WHERE station = $1 AND counts <> 0")
        .bind(station)
        .execute(conn)
        .await?;
    Ok(())
}

async fn void_locked(conn: &mut Connection, station: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE verifications SET counts = 0 WHERE station = $1 AND kind = 'locked' AND counts = 1")
        .bind(station)
        .execute(conn)
        .await?;
    Ok(())
}

fn read(body: &str) -> Result<Station, StoreError> {
    serde_json::from_str(body).map_err(|_| StoreError::Unreadable("station"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(reports: &[(&str, i64)]) -> Option<i64> {
        let reports: Vec<_> =
            reports.iter().map(|(device, minute)| ((*device).to_owned(), minute * MINUTE_MS)).collect();
        locked_at(&reports).map(|at| at / MINUTE_MS)
    }

    #[test]
    fn three_devices_within_two_hours_lock_a_door_at_the_third() {
        for (reports, at) in [
            (&[("a", 0), ("b", 60), ("c", 120)][..], Some(120)),
            (&[("a", 0), ("b", 60), ("c", 121)], None),
            (&[("a", 0), ("b", 60), ("c", 121), ("a", 150)], Some(150)),
            (&[("a", 0), ("b", 0), ("c", 0)], Some(0)),
            (&[("a", 0), ("b", 60)], None),
            (&[("a", 0), ("a", 1), ("a", 2), ("b", 3), ("b", 4)], None),
            (&[("a", 0), ("b", 60), ("c", 120), ("a", 300)], Some(120)),
            (&[("a", 0), ("a", 90), ("b", 130), ("c", 200)], Some(200)),
            (&[], None),
        ] {
            assert_eq!(locked(reports), at, "{reports:?}");
        }
    }
}
