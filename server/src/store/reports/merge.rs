//! Several reports of one defect: which of them the others are followed through.
//!
//! Nothing is ever dropped by it: a merged report keeps its id, code, words and photos. It only shows its reporter what
//! becomes of the other one.

use sqlx::{AssertSqlSafe, Row};
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::ReportId;

use super::Submission;
use crate::store::rows::{is_common, places};
use crate::store::{Connection, DbRow, StoreError};

/// Pictures of one category with the same bytes, taken so near to each other, show one defect.
const SAME_PHOTO_M: f64 = 250.0;
/// Reports with one same photo that are compared with a new one.
const MOST_COMPARED: i64 = 100;

/// The report through which each new one is followed: the one its reporter names, if it is public, or else the earliest that
/// it says the same as; either only while it still waits for somebody, because a defect that is back is a new one. Never one
/// that is merged itself. `same_device` are those that its own phone has told before.
///
/// # Errors
/// Those of the database.
pub(super) async fn primaries(
    conn: &mut Connection,
    reports: &[&Submission],
    same_device: Vec<Option<String>>,
) -> Result<Vec<Option<String>>, StoreError> {
    let mut primaries = same_device;
    for (nth, named) in named(conn, reports).await? {
        primaries[nth] = Some(named);
    }
    let alone: Vec<_> = (0..reports.len()).filter(|nth| primaries[*nth].is_none()).collect();
    for (nth, same) in same_photo(conn, reports, &alone).await? {
        primaries[nth].get_or_insert(same);
    }
    Ok(primaries)
}

/// What the reporters themselves name, and for which of the reports.
async fn named(conn: &mut Connection, reports: &[&Submission]) -> Result<Vec<(usize, String)>, StoreError> {
    let wanted: Vec<_> = reports
        .iter()
        .enumerate()
        .filter_map(|(nth, report)| Some((nth, report.content.same_as.filter(|id| *id != report.id)?)))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "WITH sent (nth, id, wanted) AS (VALUES {})
         SELECT sent.nth, shown.id FROM sent CROSS JOIN reports AS named
           CROSS JOIN reports AS shown
         WHERE named.id = sent.wanted AND shown.id = COALESCE(named.merged_into, named.id)
           AND shown.id <> sent.id AND shown.is_public = 1 AND shown.state NOT IN ('fixed', 'confirmed')",
        places(wanted.len(), 3)
    );
    let mut select = sqlx::query_as(AssertSqlSafe(sql)).persistent(is_common(wanted.len()));
    for (nth, id) in &wanted {
        select = select.bind(*nth as i64).bind(reports[*nth].id.to_string()).bind(id.to_string());
    }
    let rows: Vec<(i64, String)> = select.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(nth, id)| (nth as usize, id)).collect())
}

/// For those of the reports that are `alone`: whose photos they show again, the earliest first.
async fn same_photo(
    conn: &mut Connection,
    reports: &[&Submission],
    alone: &[usize],
) -> Result<Vec<(usize, String)>, StoreError> {
    let rows = alone.iter().map(|nth| reports[*nth].content.photos.len()).sum();
    if rows == 0 {
        return Ok(Vec::new());
    }
    let places = places(rows, 5);
    let sql = format!(
        "WITH sent (nth, id, category, position, photo) AS (VALUES {places})
         SELECT told.nth, told.shown, told.lat, told.lng FROM (
           SELECT sent.nth, sent.position, shown.id AS shown, other.lat, other.lng,
                  ROW_NUMBER() OVER (
                    PARTITION BY sent.nth, sent.position ORDER BY other.received_at_ms, other.id) AS place
           FROM sent CROSS JOIN report_photos CROSS JOIN reports AS other CROSS JOIN reports AS shown
           WHERE report_photos.photo = sent.photo AND other.id = report_photos.report
             AND other.category = sent.category AND other.id <> sent.id
             AND shown.id = COALESCE(other.merged_into, other.id) AND shown.id <> sent.id
             AND shown.state NOT IN ('declined', 'fixed', 'confirmed')
         ) AS told WHERE told.place <= {MOST_COMPARED}
         ORDER BY told.nth, told.position, told.place"
    );
    let mut select = sqlx::query(AssertSqlSafe(sql)).persistent(is_common(rows));
    for nth in alone {
        let report = reports[*nth];
        for (position, photo) in report.content.photos.iter().enumerate() {
            select = select
                .bind(*nth as i64)
                .bind(report.id.to_string())
                .bind(report.content.category.code())
                .bind(position as i64)
                .bind(photo.as_str());
        }
    }
    let mut same = Vec::new();
    for row in &select.fetch_all(conn).await? {
        let nth = row.try_get::<i64, _>("nth")? as usize;
        if is_within(row, reports[nth], SAME_PHOTO_M)? {
            same.push((nth, row.try_get("shown")?));
        }
    }
    Ok(same)
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
    sqlx::query("UPDATE reports SET merged_into = NULL WHERE id = $1").bind(&heir).execute(&mut *conn).await?;
    sqlx::query("UPDATE reports SET merged_into = $1 WHERE merged_into = $2")
        .bind(&heir)
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
