//! Photos of which a part has arrived: who sends them, how long they are, and when something last came.

use sqlx::Row;
use waypost_app::domain::ids::PhotoHash;

use super::devices::{self, DeviceId};
use super::{Connection, DbRow, Pool, StoreError};
use crate::photo::PhotoLimits;

/// An upload that is not finished. How many of its bytes are there, their pieces say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub device: DeviceId,
    pub sha256: PhotoHash,
    /// Bytes of the whole photo.
    pub length: u64,
    pub last_byte_ms: i64,
}

/// What became of an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// There is such an upload, now or since before.
    UnderWay(Upload),
    /// One of this name and another length is under way; nothing was changed.
    OtherLength(u64),
    /// The unfinished uploads of the device would be too many, or too large together; nothing was changed.
    TooMuch,
}

/// Announces an upload, within what one device may have unfinished.
///
/// # Errors
/// Those of the database.
pub async fn begin(conn: &mut Connection, upload: Upload, limits: &PhotoLimits) -> Result<Begun, StoreError> {
    if let Some(earlier) = fetch(conn, &upload.device, &upload.sha256).await? {
        let same = earlier.length == upload.length;
        return Ok(if same { Begun::UnderWay(earlier) } else { Begun::OtherLength(earlier.length) });
    }
    let unfinished = sqlx::query(
        "SELECT COUNT(*) AS uploads, CAST(COALESCE(SUM(length), 0) AS BIGINT) AS bytes FROM uploads WHERE device = $1",
    )
    .bind(upload.device.as_str())
    .fetch_one(&mut *conn)
    .await?;
    let bytes = unfinished.try_get::<i64, _>("bytes")?.unsigned_abs().saturating_add(upload.length);
    if bytes > limits.unfinished_bytes || unfinished.try_get::<i64, _>("uploads")? >= i64::from(limits.unfinished) {
        return Ok(Begun::TooMuch);
    }
    devices::ensure(conn, &upload.device, upload.last_byte_ms).await?;
    sqlx::query("INSERT INTO uploads (device, sha256, length, last_byte_ms) VALUES ($1, $2, $3, $4)")
        .bind(upload.device.as_str())
        .bind(upload.sha256.as_str())
        .bind(upload.length as i64)
        .bind(upload.last_byte_ms)
        .execute(conn)
        .await?;
    Ok(Begun::UnderWay(upload))
}

/// Keeps that something came.
///
/// # Errors
/// Those of the database.
pub async fn touch(
    conn: &mut Connection,
    device: &DeviceId,
    sha256: &PhotoHash,
    now_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE uploads SET last_byte_ms = $1 WHERE device = $2 AND sha256 = $3")
        .bind(now_ms)
        .bind(device.as_str())
        .bind(sha256.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets an upload; false if there is none.
///
/// # Errors
/// Those of the database.
pub async fn remove(conn: &mut Connection, device: &DeviceId, sha256: &PhotoHash) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM uploads WHERE device = $1 AND sha256 = $2")
        .bind(device.as_str())
        .bind(sha256.as_str())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets an upload for which nothing has come since `before_ms`; false if there is none or something has.
///
/// # Errors
/// Those of the database.
pub async fn expire(conn: &mut Connection, upload: &Upload, before_ms: i64) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM uploads WHERE device = $1 AND sha256 = $2 AND last_byte_ms <= $3")
        .bind(upload.device.as_str())
        .bind(upload.sha256.as_str())
        .bind(before_ms)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// An upload by the hash of the photo.
///
/// # Errors
/// Those of the database.
pub async fn find(pool: &Pool, device: &DeviceId, sha256: &PhotoHash) -> Result<Option<Upload>, StoreError> {
    let mut conn = pool.acquire().await?;
    fetch(&mut conn, device, sha256).await
}

async fn fetch(conn: &mut Connection, device: &DeviceId, sha256: &PhotoHash) -> Result<Option<Upload>, StoreError> {
    let row = sqlx::query("SELECT device, sha256, length, last_byte_ms FROM uploads WHERE device = $1 AND sha256 = $2")
        .bind(device.as_str())
        .bind(sha256.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(upload).transpose()
}

/// All uploads of a device, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of_device(pool: &Pool, device: &DeviceId) -> Result<Vec<Upload>, StoreError> {
    let rows = sqlx::query(
        "SELECT device, sha256, length, last_byte_ms FROM uploads WHERE device = $1 ORDER BY last_byte_ms, sha256",
    )
    .bind(device.as_str())
    .fetch_all(pool)
    .await?;
    rows.iter().map(upload).collect()
}

/// All uploads for which nothing has come since `before_ms`.
///
/// # Errors
/// Those of the database.
pub async fn silent_since(pool: &Pool, before_ms: i64) -> Result<Vec<Upload>, StoreError> {
    let rows = sqlx::query("SELECT device, sha256, length, last_byte_ms FROM uploads WHERE last_byte_ms <= $1")
        .bind(before_ms)
        .fetch_all(pool)
        .await?;
    rows.iter().map(upload).collect()
}

fn upload(row: &DbRow) -> Result<Upload, StoreError> {
    const UNREADABLE: StoreError = StoreError::Unreadable("upload");
    Ok(Upload {
        device: DeviceId::from_stored(row.try_get("device")?).ok_or(UNREADABLE)?,
        sha256: PhotoHash::parse(row.try_get("sha256")?).map_err(|_| UNREADABLE)?,
        length: u64::try_from(row.try_get::<i64, _>("length")?).map_err(|_| UNREADABLE)?,
        last_byte_ms: row.try_get("last_byte_ms")?,
    })
}
