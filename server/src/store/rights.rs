//! What is stored about a phone, and forgetting it.
//!
//! What everybody may see outlives its phone, without a tie to it; everything else goes with it, or after a time.

use rand::Rng;
use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::case::Says;
use waypost_app::domain::ids::ReportId;
use waypost_app::wire::device::{StoredAnswer, StoredPhoto, StoredVerification};

use super::devices::DeviceId;
use super::people::members;
use super::photos::{self, Files};
use super::reports::{self, Withdrawn};
use super::{Connection, StoreError};
use crate::clock::rfc3339_ms;

/// Whose public reports are that have outlived their phone.
const NOBODY: &str = "-";
/// Most rows that are forgotten in one change, so that nobody else waits for long.
const AT_ONCE: i64 = 200;
/// Most phones: each takes its reports, photos and verifications along.
const PHONES_AT_ONCE: i64 = 20;

/// When a phone was first and last heard of, in milliseconds since 1970; `None` if it is not known.
///
/// # Errors
/// Those of the database.
pub async fn seen(conn: &mut Connection, device: &DeviceId) -> Result<Option<(i64, i64)>, StoreError> {
    let row = sqlx::query_as("SELECT first_seen_ms, last_seen_ms FROM devices WHERE token_sha256 = $1");
    Ok(row.bind(device.as_str()).fetch_optional(conn).await?)
}

/// The photos that a phone has sent, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn photos_of(conn: &mut Connection, device: &DeviceId) -> Result<Vec<StoredPhoto>, StoreError> {
    let rows = sqlx::query(
        "SELECT sha256, width, height, bytes, sent_at_ms FROM photo_devices JOIN photos ON photos.sha256 = photo
         WHERE device = $1 ORDER BY sent_at_ms, sha256",
    )
    .bind(device.as_str())
    .fetch_all(conn)
    .await?;
    let size = |of: i64| u32::try_from(of).map_err(|_| StoreError::Unreadable("photo size"));
    rows.iter()
        .map(|row| {
            Ok(StoredPhoto {
                sha256: row.try_get("sha256")?,
                width: size(row.try_get("width")?)?,
                height: size(row.try_get("height")?)?,
                bytes: row.try_get("bytes")?,
                received_at: rfc3339_ms(row.try_get("sent_at_ms")?),
            })
        })
        .collect()
}

/// What a phone has said of stations, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn verifications_of(conn: &mut Connection, device: &DeviceId) -> Result<Vec<StoredVerification>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, slug, kind, said_at_ms FROM verifications WHERE device = $1 ORDER BY received_at_ms, id",
    )
    .bind(device.as_str())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(StoredVerification {
                id: Uuid::try_parse(row.try_get("id")?).map_err(|_| StoreError::Unreadable("id of a verification"))?,
                station: row.try_get("slug")?,
                kind: row.try_get("kind")?,
                at: rfc3339_ms(row.try_get("said_at_ms")?),
            })
        })
        .collect()
}

/// What a phone has said of repairs, oldest first: nothing that others said of the same.
///
/// # Errors
/// Those of the database.
pub async fn answers_of(conn: &mut Connection, device: &DeviceId) -> Result<Vec<StoredAnswer>, StoreError> {
    let rows = sqlx::query(
        "SELECT said_of, step, internal_note, at_ms FROM report_events JOIN reports ON reports.id = said_of
         WHERE device = $1 AND actor = 'reporter' AND step IN ($2, $3) ORDER BY at_ms, said_of, seq",
    )
    .bind(device.as_str())
    .bind(Says::Confirmed.code())
    .bind(Says::NotFixed.code())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let report = Uuid::try_parse(row.try_get("said_of")?);
            Ok(StoredAnswer {
                report: ReportId(report.map_err(|_| StoreError::Unreadable("id of a report"))?),
                kind: row.try_get("step")?,
                words: row.try_get("internal_note")?,
                at: rfc3339_ms(row.try_get("at_ms")?),
            })
        })
        .collect()
}

/// Deletes some of what is not public of a phone; where nothing of that is left, unties the rest from it and forgets its
/// token. These files may go; `true`: there may be more.
///
/// # Errors
/// Those of the database.
pub async fn erase(conn: &mut Connection, device: &DeviceId, now_ms: i64) -> Result<(bool, Files), StoreError> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM reports WHERE device = $1 AND is_public = 0 LIMIT $2")
        .bind(device.as_str())
        .bind(AT_ONCE)
        .fetch_all(&mut *conn)
        .await?;
    let mut files = Files::default();
    for id in &ids {
        let id = Uuid::try_parse(id).map_err(|_| StoreError::Unreadable("id of a report"))?;
        if let Withdrawn::Gone(of_report) = reports::withdraw(conn, ReportId(id), device, now_ms).await? {
            files.extend(of_report);
        }
    }
    if ids.is_empty() {
        files.extend(forget(conn, device, now_ms).await?);
    }
    Ok((!ids.is_empty(), files))
}

/// Forgets a phone's token; its reports stay, and what it has said of stations still counts, but neither says any more
/// whose they were. These files may go.
async fn forget(conn: &mut Connection, device: &DeviceId, now_ms: i64) -> Result<Files, StoreError> {
    // Only where it is somebody: the table of phones is otherwise one of phones.
    sqlx::query(
        "INSERT INTO devices (token_sha256, first_seen_ms, last_seen_ms)
         SELECT $1, 0, 0 WHERE EXISTS (SELECT 1 FROM reports WHERE device = $2) ON CONFLICT DO NOTHING",
    )
    .bind(NOBODY)
    .bind(device.as_str())
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE reports SET device = $1 WHERE device = $2")
        .bind(NOBODY)
        .bind(device.as_str())
        .execute(&mut *conn)
        .await?;
    let sent: Vec<String> = sqlx::query_scalar("SELECT photo FROM photo_devices WHERE device = $1")
        .bind(device.as_str())
        .fetch_all(&mut *conn)
        .await?;
    let mut files = Files::default();
    for photo in sent {
        files.extend(photos::unsend(conn, &photo, device.as_str(), now_ms).await?);
    }
    sqlx::query("DELETE FROM verifications WHERE device = $1 AND counts = 0")
        .bind(device.as_str())
        .execute(&mut *conn)
        .await?;
    let stations: Vec<String> = sqlx::query_scalar("SELECT DISTINCT station FROM verifications WHERE device = $1")
        .bind(device.as_str())
        .fetch_all(&mut *conn)
        .await?;
    for station in stations {
        // Somebody else for each station: doors are found locked by several people, and nobody's way is told.
        let somebody = format!("-{:032x}", rand::rng().random::<u128>());
        sqlx::query("INSERT INTO devices (token_sha256, first_seen_ms, last_seen_ms) VALUES ($1, 0, 0)")
            .bind(&somebody)
            .execute(&mut *conn)
            .await?;
        sqlx::query("UPDATE verifications SET device = $1 WHERE device = $2 AND station = $3")
            .bind(&somebody)
            .bind(device.as_str())
            .bind(&station)
            .execute(&mut *conn)
            .await?;
    }
    // One that has begun meanwhile; the sweep of files without rows drops its bytes.
    sqlx::query("DELETE FROM uploads WHERE device = $1").bind(device.as_str()).execute(&mut *conn).await?;
    members::leave(conn, device).await?;
    sqlx::query("DELETE FROM devices WHERE token_sha256 = $1").bind(device.as_str()).execute(conn).await?;
    Ok(files)
}

/// Forgets some of the phones that were last heard of before a moment and have no unfinished upload; how many, and the
/// files that may go.
///
/// # Errors
/// Those of the database.
pub async fn forget_unseen(conn: &mut Connection, before_ms: i64, now_ms: i64) -> Result<(usize, Files), StoreError> {
    let unseen: Vec<String> = sqlx::query_scalar(
        "SELECT token_sha256 FROM devices
         WHERE last_seen_ms < $1 AND token_sha256 NOT LIKE '-%'
           AND NOT EXISTS (SELECT 1 FROM uploads WHERE device = token_sha256)
         ORDER BY last_seen_ms LIMIT $2",
    )
    .bind(before_ms)
    .bind(PHONES_AT_ONCE)
    .fetch_all(&mut *conn)
    .await?;
    let mut files = Files::default();
    for token in &unseen {
        let device = DeviceId::from_stored(token).ok_or(StoreError::Unreadable("device"))?;
        files.extend(forget(conn, &device, now_ms).await?);
    }
    // Those that stood for somebody of whom nothing is left.
    sqlx::query(
        "DELETE FROM devices WHERE token_sha256 LIKE '-%'
           AND NOT EXISTS (SELECT 1 FROM verifications WHERE device = token_sha256)
           AND NOT EXISTS (SELECT 1 FROM reports WHERE device = token_sha256)",
    )
    .execute(conn)
    .await?;
    Ok((unseen.len(), files))
}

/// Drops some of the photos that no report of their sender names, and that were last sent or asked for before a moment; how
/// many, and the files that may go.
///
/// # Errors
/// Those of the database.
pub async fn drop_unnamed(conn: &mut Connection, before_ms: i64, now_ms: i64) -> Result<(usize, Files), StoreError> {
    let unnamed: Vec<(String, String)> = sqlx::query_as(
        "SELECT photo, device FROM photo_devices
         WHERE sent_at_ms < $1 AND last_seen_ms < $1 AND NOT EXISTS
           (SELECT 1 FROM report_photos JOIN reports ON reports.id = report_photos.report
            WHERE report_photos.photo = photo_devices.photo AND reports.device = photo_devices.device)
           AND NOT EXISTS
           (SELECT 1 FROM original_photos JOIN reports ON reports.id = original_photos.report
            WHERE original_photos.photo = photo_devices.photo AND reports.device = photo_devices.device)
         LIMIT $2",
    )
    .bind(before_ms)
    .bind(AT_ONCE)
    .fetch_all(&mut *conn)
    .await?;
    let mut files = Files::default();
    for (photo, device) in &unnamed {
        files.extend(photos::unsend(conn, photo, device, now_ms).await?);
    }
    Ok((unnamed.len(), files))
}
