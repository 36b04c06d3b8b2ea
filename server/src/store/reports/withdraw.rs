//! Taking a report back, and what is left of it.

use sha2::{Digest, Sha256};
use sqlx::Row;
use waypost_app::domain::ids::{PhotoHash, ReportId};

use super::merge;
use crate::store::devices::DeviceId;
use crate::store::photos::{self, Files};
use crate::store::{Connection, StoreError};

/// What became of the wish to take a report back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// Nothing of it is stored, and nothing will be if a copy still arrives. These files may go.
    Gone(Files),
    /// Everybody may see it; it stays.
    Public,
    /// It is another phone's.
    NotYours,
}

/// Deletes a report with its photos, unless it is public, and remembers that it was taken back; also if it has not arrived
/// (yet).
///
/// # Errors
/// Those of the database.
pub async fn withdraw(
    conn: &mut Connection,
    id: ReportId,
    device: &DeviceId,
    now_ms: i64,
) -> Result<Withdrawn, StoreError> {
    let row = sqlx::query("SELECT device, is_public FROM reports WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut *conn)
        .await?;
    if let Some(row) = &row {
        if row.try_get::<&str, _>("device")? != device.as_str() {
            return Ok(Withdrawn::NotYours);
        }
        if row.try_get::<i64, _>("is_public")? != 0 {
            return Ok(Withdrawn::Public);
        }
    }
    sqlx::query("INSERT INTO withdrawn (id_device_sha256, at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(key(id, device))
        .bind(now_ms)
        .execute(&mut *conn)
        .await?;
    if row.is_none() {
        return Ok(Withdrawn::Gone(Files::default()));
    }
    merge::release(conn, id).await?;
    let named: Vec<String> = sqlx::query_scalar(
        "SELECT photo FROM report_photos WHERE report = $1 UNION SELECT photo FROM event_photos WHERE report = $1
         UNION SELECT photo FROM original_photos WHERE report = $1",
    )
    .bind(id.to_string())
    .fetch_all(&mut *conn)
    .await?;
    for forget in [
        // What was said of it on the report that it was followed through.
        "UPDATE report_events SET internal_note = '', said_of = NULL WHERE said_of = $1",
        "DELETE FROM case_links WHERE report = $1",
        "DELETE FROM event_photos WHERE report = $1",
        "DELETE FROM original_photos WHERE report = $1",
        "DELETE FROM report_photos WHERE report = $1",
        "DELETE FROM report_events WHERE report = $1",
        "DELETE FROM reports WHERE id = $1",
    ] {
        sqlx::query(forget).bind(id.to_string()).execute(&mut *conn).await?;
    }
    let mut files = Files::default();
    for photo in named {
        files.extend(photos::unsend(conn, &photo, device.as_str(), now_ms).await?);
    }
    Ok(Withdrawn::Gone(files))
}

/// Forgets what was taken back before a moment: no copy is on its way any more.
///
/// # Errors
/// Those of the database.
pub async fn forget_withdrawn(conn: &mut Connection, before_ms: i64) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM withdrawn WHERE at_ms < $1").bind(before_ms).execute(conn).await?;
    Ok(done.rows_affected())
}

/// Under which it is remembered that a device took a report back.
pub(super) fn key(id: ReportId, device: &DeviceId) -> String {
    let mut hasher = Sha256::new();
    hasher.update(id.0.as_bytes());
    hasher.update(device.as_str());
    PhotoHash::from_digest(&hasher.finalize()).into()
}
