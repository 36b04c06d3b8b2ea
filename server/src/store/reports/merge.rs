//! Several reports of one defect: which of them the others are followed through.
//!
//! Nothing is ever dropped by it: a merged report keeps its id, code, words and photos. It only shows its reporter what
//! becomes of the other one.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Row};
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::ReportId;

use super::{Submission, event};
use crate::store::rows::{is_common, keys, padded, padded_len};
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
        .filter_map(|(nth, report)| Some((nth, report.content.same_as.filter(|id| *id != report.id)?.to_string())))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows = padded_len(wanted.len());
    let sql = format!(
        "SELECT named.id, shown.id FROM reports AS named
           JOIN reports AS shown ON shown.id = COALESCE(named.merged_into, named.id)
         WHERE named.id IN ({}) AND shown.is_public = 1 AND shown.state NOT IN ('fixed', 'confirmed')",
        keys(rows, 1, 1)
    );
    let mut select = sqlx::query_as(AssertSqlSafe(sql)).persistent(is_common(rows));
    for (_, id) in padded(&wanted) {
        select = select.bind(id);
    }
    let found: HashMap<String, String> = select.fetch_all(conn).await?.into_iter().collect();
    let shown = |(nth, id): (usize, String)| Some((nth, found.get(&id)?.clone()));
    // Who says the same as the one that is followed through theirs has said nothing.
    Ok(wanted.into_iter().filter_map(shown).filter(|(nth, id)| *id != reports[*nth].id.to_string()).collect())
}

/// For those of the reports that are `alone`: whose photos they show again, the earliest first.
async fn same_photo(
    conn: &mut Connection,
    reports: &[&Submission],
    alone: &[usize],
) -> Result<Vec<(usize, String)>, StoreError> {
    let mut photos = Vec::new();
    for nth in alone {
        photos.extend(&reports[*nth].content.photos);
    }
    if photos.is_empty() {
        return Ok(Vec::new());
    }
    let rows = padded_len(photos.len());
    let sql = format!(
        "SELECT photo, category, id, shown, lat, lng FROM (
           SELECT report_photos.photo, other.category, other.id, shown.id AS shown, other.lat, other.lng,
                  ROW_NUMBER() OVER (
                    PARTITION BY report_photos.photo, other.category ORDER BY other.received_at_ms, other.id) AS place
           FROM report_photos
             JOIN reports AS other ON other.id = report_photos.report
             JOIN reports AS shown ON shown.id = COALESCE(other.merged_into, other.id)
           WHERE report_photos.photo IN ({}) AND shown.state NOT IN ('declined', 'fixed', 'confirmed')
         ) AS told WHERE place <= {MOST_COMPARED} ORDER BY place",
        keys(rows, 1, 1)
    );
    let mut select = sqlx::query(AssertSqlSafe(sql)).persistent(is_common(rows));
    for photo in padded(&photos) {
        select = select.bind(photo.as_str());
    }
    let told = select.fetch_all(conn).await?;
    let mut same = Vec::new();
    for nth in alone {
        if let Some(shown) = shown_before(&told, reports[*nth])? {
            same.push((*nth, shown));
        }
    }
    Ok(same)
}

/// Which of those that were told before a report shows again: by its first photo that tells.
fn shown_before(told: &[DbRow], report: &Submission) -> Result<Option<String>, StoreError> {
    let (own, category) = (report.id.to_string(), report.content.category.code());
    for photo in &report.content.photos {
        for row in told {
            let [of, kind, id, shown]: [&str; 4] =
                [row.try_get("photo")?, row.try_get("category")?, row.try_get("id")?, row.try_get("shown")?];
            let is_other = of == photo.as_str() && kind == category && id != own && shown != own;
            if is_other && is_within(row, report, SAME_PHOTO_M)? {
                return Ok(Some(shown.to_owned()));
            }
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
    stand_alone(conn, &heir).await?;
    sqlx::query("UPDATE reports SET merged_into = $1 WHERE merged_into = $2")
        .bind(&heir)
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// A report is followed by itself again. Somebody has to look at it now, by the time it would have had by itself.
///
/// # Errors
/// Those of the database.
pub(in crate::store) async fn stand_alone(conn: &mut Connection, id: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE reports SET merged_into = NULL, due_at_ms = received_at_ms + $2 WHERE id = $1")
        .bind(id)
        .bind(event::LOOK_MS)
        .execute(conn)
        .await?;
    Ok(())
}
