//! Cases that may be about the same defect.

use sqlx::AssertSqlSafe;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::similar::RADIUS_M;
use waypost_app::wire::staff::cases::CaseRow;

use super::COLUMNS;
use crate::store::{Connection, StoreError};

/// Nobody compares more than this many.
const MOST: usize = 8;
/// Degrees of latitude in [`RADIUS_M`], and a little more.
const SPAN: f64 = 0.002_3;

/// Cases of the same category within [`RADIUS_M`] that wait for somebody or were repaired and not yet confirmed, nearest
/// first; with a unit, its own.
///
/// # Errors
/// Those of the database.
pub async fn similar(
    conn: &mut Connection,
    case: &CaseRow,
    unit: Option<UnitId>,
    now_ms: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    let wide = SPAN / case.lat.to_radians().cos().max(0.01);
    let sql = format!(
        "SELECT {COLUMNS} FROM reports
         WHERE merged_into IS NULL AND id <> $1 AND category = $2 AND state NOT IN ('declined', 'confirmed')
           AND lat BETWEEN $3 AND $4 AND lng BETWEEN $5 AND $6 AND ($7 = '' OR unit = $7)"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(case.id.to_string())
        .bind(case.category.code())
        .bind(case.lat - SPAN)
        .bind(case.lat + SPAN)
        .bind(case.lng - wide)
        .bind(case.lng + wide)
        .bind(unit.map(|unit| unit.to_string()).unwrap_or_default())
        .fetch_all(conn)
        .await?;
    let here = Wgs84 { lat: case.lat, lng: case.lng };
    let mut found = Vec::new();
    for row in &rows {
        let row = super::row(row, now_ms)?;
        let metres = here.distance_m(Wgs84 { lat: row.lat, lng: row.lng });
        if metres <= RADIUS_M {
            found.push((metres, row));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    found.truncate(MOST);
    Ok(found.into_iter().map(|(_, row)| row).collect())
}
