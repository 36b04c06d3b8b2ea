//! Several reports of one defect: which of them the others are followed through.
//!
//! Nothing is ever dropped by it: a merged report keeps its id, code, words and photos. It only shows its reporter what
//! becomes of the other one.

use sqlx::Row;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::ReportId;

use super::{Submission, event};
use crate::store::{Connection, DbRow, StoreError};

/// Pictures of one category with the same bytes, taken so near to each other, show one defect.
const SAME_PHOTO_M: f64 = 250.0;
/// Reports with the same photo that are compared with a new one.
const MOST_COMPARED: i64 = 100;

/// The report through which a new one is followed: the one its reporter names, if it is public, or else the earliest that
/// it says the same as; either only while it still waits for somebody, because a defect that is back is a new one. Never one that is merged itself. `same_device` is the one that
/// its own phone has told before.
///
/// # Errors
/// Those of the database.
pub(super) async fn primary(
    conn: &mut Connection,
    report: &Submission,
    same_device: Option<String>,
) -> Result<Option<String>, StoreError> {
    if let Some(named) = named(conn, report).await? {
        return Ok(Some(named));
    }
    match same_device {
        Some(same) => Ok(Some(same)),
        None => same_photo(conn, report).await,
    }
}

async fn named(conn: &mut Connection, report: &Submission) -> Result<Option<String>, StoreError> {
    let Some(id) = report.content.same_as.filter(|id| *id != report.id) else { return Ok(None) };
    let primary = sqlx::query_scalar(
        "SELECT shown.id FROM reports AS named JOIN reports AS shown ON shown.id = COALESCE(named.merged_into, named.id)
         WHERE named.id = $1 AND shown.is_public = 1 AND shown.state NOT IN ('fixed', 'confirmed')",
    )
    .bind(id.to_string())
    .fetch_optional(conn)
    .await?;
    Ok(primary)
}

async fn same_photo(conn: &mut Connection, report: &Submission) -> Result<Option<String>, StoreError> {
    for photo in &report.content.photos {
        let rows = sqlx::query(
            "SELECT shown.id AS shown, other.lat, other.lng FROM report_photos
               JOIN reports AS other ON other.id = report_photos.report
               JOIN reports AS shown ON shown.id = COALESCE(other.merged_into, other.id)
             WHERE report_photos.photo = $1 AND other.category = $2 AND other.id <> $3
               AND shown.state NOT IN ('declined', 'fixed', 'confirmed')
             ORDER BY other.received_at_ms, other.id LIMIT $4",
        )
        .bind(photo.as_str())
        .bind(report.content.category.code())
        .bind(report.id.to_string())
        .bind(MOST_COMPARED)
        .fetch_all(&mut *conn)
        .await?;
        if let Some(same) = within(&rows, report, SAME_PHOTO_M)? {
            return Ok(Some(same));
        }
    }
    Ok(None)
}

/// The first of these that is no farther away than so many metres.
fn within(rows: &[DbRow], report: &Submission, metres: f64) -> Result<Option<String>, StoreError> {
    for row in rows {
        if is_within(row, report, metres)? {
            return Ok(Some(row.try_get("shown")?));
        }
    }
    Ok(None)
}

/// Whether a row's place is no farther away than so many metres.
pub(super) fn is_within(row: &DbRow, report: &Submission, metres: f64) -> Result<bool, StoreError> {
    let place = Wgs84 { lat: row.try_get("lat")?, lng: row.try_get("lng")? };
    Ok(report.content.position.distance_m(place) <= metres)
}

/// To be called before a report is deleted: the earliest of those that were followed through it takes its place.
///
/// # Errors
/// Those of the database.
pub(super) async fn release(conn: &mut Connection, id: ReportId) -> Result<(), StoreError> {
    let heir: Option<String> =
        sqlx::query_scalar("SELECT id FROM reports WHERE merged_into = $1 ORDER BY received_at_ms, id LIMIT 1")
            .bind(id.to_string())
            .fetch_optional(&mut *conn)
            .await?;
    let Some(heir) = heir else { return Ok(()) };
    // Somebody has to look at it now, by the time it would have had by itself.
    sqlx::query("UPDATE reports SET merged_into = NULL, due_at_ms = received_at_ms + $2 WHERE id = $1")
        .bind(&heir)
        .bind(event::LOOK_MS)
        .execute(&mut *conn)
        .await?;
    sqlx::query("UPDATE reports SET merged_into = $1 WHERE merged_into = $2")
        .bind(&heir)
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
