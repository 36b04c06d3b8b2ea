//! How much there is to do.

use sqlx::Row;
use waypost_app::domain::ids::UnitId;
use waypost_app::wire::staff::cases::{Counts, StateCount};

use super::state;
use crate::store::{Connection, StoreError};

/// Cases by state, and how many wait too long; with a unit, its own.
///
/// # Errors
/// Those of the database.
pub async fn counts(conn: &mut Connection, unit: Option<UnitId>, now_ms: i64) -> Result<Counts, StoreError> {
    let unit = unit.map(|unit| unit.to_string()).unwrap_or_default();
    let rows = sqlx::query(
        "SELECT state, COUNT(*) AS cases FROM reports
         WHERE merged_into IS NULL AND ($1 = '' OR unit = $1) GROUP BY state ORDER BY state",
    )
    .bind(&unit)
    .fetch_all(&mut *conn)
    .await?;
    let read = |row: &crate::store::DbRow| {
        Ok::<_, StoreError>(StateCount { state: state(row.try_get("state")?)?, cases: row.try_get("cases")? })
    };
    let overdue = sqlx::query_scalar(
        "SELECT COUNT(*) FROM reports
         WHERE merged_into IS NULL AND due_at_ms IS NOT NULL AND due_at_ms < $2 AND ($1 = '' OR unit = $1)",
    )
    .bind(&unit)
    .bind(now_ms)
    .fetch_one(conn)
    .await?;
    Ok(Counts { states: rows.iter().map(read).collect::<Result<_, _>>()?, overdue })
}
