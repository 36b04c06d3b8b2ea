//! Which photos are there, under which file names, and who sent them.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, Row};
use waypost_app::domain::ids::PhotoHash;

use super::devices::{self, DeviceId};
use super::doomed::{self, Doom, Leave};
use super::reports::event;
use super::rows::{is_common, keys, padded, padded_len};
use super::{Connection, DbRow, Pool, StoreError};
use crate::photo::Kept;

/// A photo that is safe on disk: its row, and the only way to its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// The name it was sent under.
    pub sha256: PhotoHash,
    pub kept: Kept,
    /// Bytes as it was sent; `None` for those from before this was kept.
    pub sent_bytes: Option<u64>,
    pub received_at_ms: i64,
}

/// When a device sent a photo, and how many bytes it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub at_ms: i64,
    pub bytes: u64,
}

/// Keeps a photo's row and that `device` has sent it; false if there was a row already. Call it only after the files
/// are safe, and nobody drops them.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut Connection,
    photo: &Photo,
    device: &DeviceId,
    _leave: &Leave,
) -> Result<bool, StoreError> {
    let Kept { blob, thumb, width, height, bytes } = &photo.kept;
    let known = sqlx::query("SELECT 1 FROM photos WHERE sha256 = $1")
        .bind(photo.sha256.as_str())
        .fetch_optional(&mut *conn)
        .await?;
    // The files may differ from those of an earlier row if that one's files were lost or another version encoded them.
    sqlx::query(
        "INSERT INTO photos (sha256, blob_sha256, thumb_sha256, width, height, bytes, received_at_ms, sent_bytes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (sha256) DO UPDATE SET
           blob_sha256 = excluded.blob_sha256, thumb_sha256 = excluded.thumb_sha256,
           width = excluded.width, height = excluded.height, bytes = excluded.bytes, sent_bytes = excluded.sent_bytes",
    )
    .bind(photo.sha256.as_str())
    .bind(blob.as_str())
    .bind(thumb.as_str())
    .bind(i64::from(*width))
    .bind(i64::from(*height))
    .bind(*bytes as i64)
    .bind(photo.received_at_ms)
    .bind(photo.sent_bytes.map(|bytes| bytes as i64))
    .execute(&mut *conn)
    .await?;
    let sent = Sent { at_ms: photo.received_at_ms, bytes: photo.sent_bytes.unwrap_or_default() };
    link(conn, &photo.sha256, device, sent).await?;
    Ok(known.is_none())
}

/// Keeps that `device` has sent a photo that is already there, or sent it again; false if it is not there any more.
///
/// # Errors
/// Those of the database.
pub async fn link(conn: &mut Connection, photo: &PhotoHash, device: &DeviceId, sent: Sent) -> Result<bool, StoreError> {
    let there = sqlx::query("SELECT 1 FROM photos WHERE sha256 = $1").bind(photo.as_str()).fetch_optional(&mut *conn);
    if there.await?.is_none() {
        return Ok(false);
    }
    devices::ensure(conn, device, sent.at_ms).await?;
    sqlx::query(
        "INSERT INTO photo_devices (photo, device, sent_at_ms, sent_bytes, last_seen_ms) VALUES ($1, $2, $3, $4, $3)
         ON CONFLICT (photo, device) DO UPDATE SET last_seen_ms = excluded.last_seen_ms",
    )
    .bind(photo.as_str())
    .bind(device.as_str())
    .bind(sent.at_ms)
    .bind(sent.bytes as i64)
    .execute(conn)
    .await?;
    Ok(true)
}

/// When a device has last sent a photo or was noted to need it, in milliseconds since 1970; `None`: it has not sent it.
///
/// # Errors
/// Those of the database.
pub async fn last_seen(conn: &mut Connection, photo: &PhotoHash, device: &DeviceId) -> Result<Option<i64>, StoreError> {
    let row: Option<(i64, i64)> =
        sqlx::query_as("SELECT sent_at_ms, last_seen_ms FROM photo_devices WHERE photo = $1 AND device = $2")
            .bind(photo.as_str())
            .bind(device.as_str())
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|(sent_at_ms, last_seen_ms)| sent_at_ms.max(last_seen_ms)))
}

/// Notes that a device still needs a photo that it has sent; false if it is not there any more.
///
/// # Errors
/// Those of the database.
pub async fn note_seen(
    conn: &mut Connection,
    photo: &PhotoHash,
    device: &DeviceId,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE photo_devices SET last_seen_ms = $1 WHERE photo = $2 AND device = $3")
        .bind(now_ms)
        .bind(photo.as_str())
        .bind(device.as_str())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// What a device has sent after a moment, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn sent_after(conn: &mut Connection, device: &DeviceId, after_ms: i64) -> Result<Vec<Sent>, StoreError> {
    let rows = sqlx::query(
        "SELECT sent_at_ms, sent_bytes FROM photo_devices WHERE device = $1 AND sent_at_ms > $2 ORDER BY sent_at_ms",
    )
    .bind(device.as_str())
    .bind(after_ms)
    .fetch_all(conn)
    .await?;
    let sent = |row: &DbRow| -> Result<Sent, StoreError> {
        Ok(Sent { at_ms: row.try_get("sent_at_ms")?, bytes: row.try_get::<i64, _>("sent_bytes")?.unsigned_abs() })
    };
    rows.iter().map(sent).collect()
}

/// A photo by the name it was sent under.
///
/// # Errors
/// Those of the database.
pub async fn find(pool: &Pool, sha256: &PhotoHash) -> Result<Option<Photo>, StoreError> {
    let row = sqlx::query(
        "SELECT blob_sha256, thumb_sha256, width, height, bytes, received_at_ms, sent_bytes FROM photos WHERE sha256 = $1",
    )
    .bind(sha256.as_str())
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let hash = |column: &str| -> Result<PhotoHash, StoreError> {
        PhotoHash::parse(row.try_get(column)?).map_err(|_| StoreError::Unreadable("photo hash"))
    };
    let pixels = |column: &str| -> Result<u32, StoreError> {
        u32::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Unreadable("photo size"))
    };
    let kept = Kept {
        blob: hash("blob_sha256")?,
        thumb: hash("thumb_sha256")?,
        width: pixels("width")?,
        height: pixels("height")?,
        bytes: u64::try_from(row.try_get::<i64, _>("bytes")?).map_err(|_| StoreError::Unreadable("photo size"))?,
    };
    let sent_bytes = row.try_get::<Option<i64>, _>("sent_bytes")?.map(i64::unsigned_abs);
    Ok(Some(Photo { sha256: sha256.clone(), kept, sent_bytes, received_at_ms: row.try_get("received_at_ms")? }))
}

/// Files that nothing refers to any more, and whose end is decided: they may go once this is committed, and a sweep sees to
/// it where whoever was to drop them crashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(pub Vec<Doom>);

impl Files {
    /// Adds more of them.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }
}

/// Unties a photo from a device unless a report of it still names it, and drops the photo if it then is nobody's and in no
/// report, in no event and of no station.
///
/// # Errors
/// Those of the database.
pub(super) async fn unsend(conn: &mut Connection, photo: &str, device: &str, now_ms: i64) -> Result<Files, StoreError> {
    sqlx::query(
        "DELETE FROM photo_devices WHERE photo = $1 AND device = $2 AND NOT EXISTS
           (SELECT 1 FROM report_photos JOIN reports ON reports.id = report_photos.report
            WHERE report_photos.photo = $1 AND reports.device = $2)
           AND NOT EXISTS
           (SELECT 1 FROM original_photos JOIN reports ON reports.id = original_photos.report
            WHERE original_photos.photo = $1 AND reports.device = $2)",
    )
    .bind(photo)
    .bind(device)
    .execute(&mut *conn)
    .await?;
    let gone = sqlx::query(
        "DELETE FROM photos WHERE sha256 = $1 AND NOT EXISTS (SELECT 1 FROM photo_devices WHERE photo = $1)
           AND NOT EXISTS (SELECT 1 FROM report_photos WHERE photo = $1)
           AND NOT EXISTS (SELECT 1 FROM original_photos WHERE photo = $1)
           AND NOT EXISTS (SELECT 1 FROM event_photos WHERE photo = $1)
           AND NOT EXISTS (SELECT 1 FROM station_photos WHERE photo = $1)
         RETURNING blob_sha256, thumb_sha256",
    )
    .bind(photo)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = gone else { return Ok(Files::default()) };
    let hash = |column| PhotoHash::parse(row.try_get(column)?).map_err(|_| StoreError::Unreadable("photo hash"));
    Ok(Files(doomed::doom(conn, &[hash("blob_sha256")?, hash("thumb_sha256")?], now_ms).await?))
}

/// Whether a photo's row names this file.
///
/// # Errors
/// Those of the database.
pub async fn names(conn: &mut Connection, file: &PhotoHash) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM photos WHERE blob_sha256 = $1 UNION ALL SELECT 1 FROM photos WHERE thumb_sha256 = $1 LIMIT 1",
    )
    .bind(file.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Whether `device` has sent this photo.
///
/// # Errors
/// Those of the database.
pub async fn sent_by(conn: &mut Connection, photo: &PhotoHash, device: &DeviceId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM photo_devices WHERE photo = $1 AND device = $2")
        .bind(photo.as_str())
        .bind(device.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Those of these photos that the device beside them has not sent.
///
/// # Errors
/// Those of the database.
pub(super) async fn unsent<'a>(
    conn: &mut Connection,
    named: Vec<(&'a PhotoHash, &'a DeviceId)>,
) -> Result<HashSet<(&'a PhotoHash, &'a DeviceId)>, StoreError> {
    if named.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = padded_len(named.len());
    let sql = format!(
        "SELECT photo, device FROM photo_devices WHERE photo IN ({}) AND device IN ({})",
        keys(rows, 2, 1),
        keys(rows, 2, 2)
    );
    let mut select = sqlx::query_as(AssertSqlSafe(sql)).persistent(is_common(rows));
    for (photo, device) in padded(&named) {
        select = select.bind(photo.as_str()).bind(device.as_str());
    }
    let sent: HashSet<(String, String)> = select.fetch_all(conn).await?.into_iter().collect();
    let is_sent = |(photo, device): &(&PhotoHash, &DeviceId)| {
        sent.contains(&(photo.as_str().to_owned(), device.as_str().to_owned()))
    };
    Ok(named.into_iter().filter(|one| !is_sent(one)).collect())
}

/// Whether a station shows a photo, or it belongs to a report that everybody may see, or to what everybody may know of what was
/// done with that. Of a report never again once it was replaced, in whatever report.
///
/// # Errors
/// Those of the database.
pub async fn is_public(conn: &mut Connection, photo: &PhotoHash) -> Result<bool, StoreError> {
    // The sign keeps SQLite from going through all public reports, where the photo leads to the few that show it.
    let sql = format!(
        "SELECT 1 FROM report_photos JOIN reports ON reports.id = report_photos.report
           JOIN photos ON photos.sha256 = report_photos.photo
         WHERE report_photos.photo = $1 AND +reports.is_public = 1 AND photos.replaced = 0
         UNION ALL
         SELECT 1 FROM event_photos JOIN reports ON reports.id = event_photos.report
           JOIN report_events ON report_events.report = event_photos.report AND report_events.seq = event_photos.seq
           JOIN photos ON photos.sha256 = event_photos.photo
         WHERE event_photos.photo = $1 AND reports.is_public = 1 AND photos.replaced = 0 AND {}
         UNION ALL
         SELECT 1 FROM station_photos WHERE photo = $1 AND shown = 1 LIMIT 1",
        event::for_strangers()
    );
    let row = sqlx::query(AssertSqlSafe(sql)).bind(photo.as_str()).fetch_optional(conn).await?;
    Ok(row.is_some())
}

/// Whether staff show a photo to the reporter who has this device: of a report, or of the one it is followed through.
///
/// # Errors
/// Those of the database.
pub async fn is_shown_to(conn: &mut Connection, photo: &PhotoHash, device: &DeviceId) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM event_photos
           JOIN reports ON reports.id = event_photos.report OR reports.merged_into = event_photos.report
         WHERE event_photos.photo = $1 AND reports.device = $2 LIMIT 1",
    )
    .bind(photo.as_str())
    .bind(device.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// The names of all files of photos, each once.
///
/// # Errors
/// Those of the database.
pub async fn all_files(conn: &mut Connection) -> Result<Vec<PhotoHash>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar("SELECT blob_sha256 FROM photos UNION SELECT thumb_sha256 FROM photos")
        .fetch_all(conn)
        .await?;
    let hash = |name: &String| PhotoHash::parse(name).map_err(|_| StoreError::Unreadable("hash of a photo"));
    names.iter().map(hash).collect()
}
