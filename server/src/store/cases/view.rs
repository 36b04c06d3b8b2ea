//! One case, whole.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;
use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::{PhotoHash, ReportId, StaffId, UnitId};
use waypost_app::wire::report::MergedInto;
use waypost_app::wire::staff::cases::{By, CaseEvent, CaseView, MergedReport};

use super::{COLUMNS, links, report_id, state};
use crate::clock::rfc3339_ms;
use crate::store::reports::event;
use crate::store::{Connection, DbRow, StoreError, routes};

/// A case with its history; without the steps that may follow, which depend on who asks.
///
/// # Errors
/// Those of the database.
pub async fn find(conn: &mut Connection, id: ReportId, now_ms: i64) -> Result<Option<CaseView>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, accuracy_m, captured_at, merged_into, taken_down,
           (SELECT code FROM reports AS shown WHERE shown.id = reports.merged_into) AS merged_code
         FROM reports WHERE id = $1"
    );
    let row = sqlx::query(AssertSqlSafe(sql)).bind(id.to_string()).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let photos = sqlx::query_scalar("SELECT photo FROM report_photos WHERE report = $1 ORDER BY position")
        .bind(id.to_string())
        .fetch_all(&mut *conn)
        .await?;
    let merged_into = match row.try_get::<Option<&str>, _>("merged_into")? {
        Some(into) => Some(MergedInto { id: report_id(into)?, code: row.try_get("merged_code")? }),
        None => None,
    };
    let shown = super::row(&row, now_ms)?;
    let suggested_unit = routes::suggested(conn, shown.category, Wgs84 { lat: shown.lat, lng: shown.lng }).await?;
    Ok(Some(CaseView {
        row: shown,
        accuracy_m: row.try_get("accuracy_m")?,
        captured_at: row.try_get("captured_at")?,
        photos,
        merged_into,
        merged: merged(conn, id).await?,
        events: events(conn, id, i64::MIN).await?,
        steps: Vec::new(),
        suggested_unit,
        link: links::kept(conn, id, now_ms).await?,
        taken_down: row.try_get::<i64, _>("taken_down")? != 0,
        near: None,
        original: None,
    }))
}

/// The reports that are followed through a case, oldest first.
async fn merged(conn: &mut Connection, id: ReportId) -> Result<Vec<MergedReport>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, code, description, received_at_ms, photo
         FROM reports LEFT JOIN report_photos ON report_photos.report = reports.id
         WHERE merged_into = $1 ORDER BY received_at_ms, id, position",
    )
    .bind(id.to_string())
    .fetch_all(conn)
    .await?;
    let mut merged: Vec<MergedReport> = Vec::new();
    for row in &rows {
        let id = report_id(row.try_get("id")?)?;
        let photo: Option<String> = row.try_get("photo")?;
        match merged.last_mut() {
            Some(last) if last.id == id => last.photos.extend(photo),
            _ => merged.push(MergedReport {
                id,
                code: row.try_get("code")?,
                description: row.try_get("description")?,
                received_at: rfc3339_ms(row.try_get("received_at_ms")?),
                photos: photo.into_iter().collect(),
            }),
        }
    }
    Ok(merged)
}

/// A case's events after one of them, oldest first.
///
/// # Errors
/// Those of the database.
pub(super) async fn events(conn: &mut Connection, id: ReportId, after: i64) -> Result<Vec<CaseEvent>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, state, at_ms, note, step, actor, staff, internal_note, reason, report_events.unit AS given_to, name
         FROM report_events LEFT JOIN staff ON staff.id = report_events.staff
         WHERE report = $1 AND seq > $2 ORDER BY seq",
    )
    .bind(id.to_string())
    .bind(after)
    .fetch_all(&mut *conn)
    .await?;
    let mut photos = event::photos(conn, &id.to_string()).await?;
    rows.iter().map(|row| read(row, &mut photos)).collect()
}

fn read(row: &DbRow, photos: &mut HashMap<i64, Vec<String>>) -> Result<CaseEvent, StoreError> {
    let given_to: Option<&str> = row.try_get("given_to")?;
    let by = match (row.try_get("actor")?, row.try_get::<Option<&str>, _>("staff")?) {
        ("reporter", _) => By::Reporter,
        ("staff", Some(id)) => {
            let id = Uuid::try_parse(id).map_err(|_| StoreError::Unreadable("id of somebody"))?;
            By::Staff { id: StaffId(id), name: row.try_get("name")? }
        }
        ("link", _) => match event::unit_of(given_to)? {
            Some(unit) => By::Link { unit },
            None => By::Unknown,
        },
        _ => By::Unknown,
    };
    let unit = if matches!(by, By::Link { .. }) { None } else { event::unit_of(given_to)? };
    let version = row.try_get("seq")?;
    Ok(CaseEvent {
        version,
        state: state(row.try_get("state")?)?,
        step: Step::from_code(row.try_get("step")?),
        at: rfc3339_ms(row.try_get("at_ms")?),
        by,
        note_public: row.try_get("note")?,
        note_internal: row.try_get("internal_note")?,
        reason: DeclineReason::from_code(row.try_get("reason")?),
        unit,
        photos: photos.remove(&version).unwrap_or_default(),
    })
}

/// Whether a photo belongs to a case, to a report that is followed through it, or to what was done with it; with a unit, to one
/// of its own. What is not shown any more
/// only where `originals` are asked for.
///
/// # Errors
/// Those of the database.
pub async fn photo_is_of(
    conn: &mut Connection,
    photo: &PhotoHash,
    unit: Option<UnitId>,
    originals: bool,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM report_photos JOIN reports ON reports.id = report_photos.report
           LEFT JOIN reports AS followed ON followed.id = reports.merged_into
         WHERE report_photos.photo = $1 AND ($2 = '' OR reports.unit = $2 OR followed.unit = $2)
         UNION ALL
         SELECT 1 FROM original_photos WHERE photo = $1 AND $3 = 1
         UNION ALL
         SELECT 1 FROM event_photos JOIN reports ON reports.id = event_photos.report
         WHERE event_photos.photo = $1 AND ($2 = '' OR reports.unit = $2) LIMIT 1",
    )
    .bind(photo.as_str())
    .bind(unit.map(|unit| unit.to_string()).unwrap_or_default())
    .bind(i64::from(originals))
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Whether a photo is among those that a case shows: to the unit that has it.
///
/// # Errors
/// Those of the database.
pub async fn shows(conn: &mut Connection, case: ReportId, photo: &PhotoHash) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM report_photos WHERE report = $1 AND photo = $2
         UNION ALL SELECT 1 FROM event_photos WHERE report = $1 AND photo = $2 LIMIT 1",
    )
    .bind(case.to_string())
    .bind(photo.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}
