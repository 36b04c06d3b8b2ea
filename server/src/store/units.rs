//! Units: who repairs.

use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::wire::staff::cases::UnitView;

use super::{Connection, DbRow, StoreError};

const COLUMNS: &str = "SELECT id, name, contact, phone, closed FROM units";

fn read(row: &DbRow) -> Result<UnitView, StoreError> {
    let id = Uuid::try_parse(row.try_get("id")?).map_err(|_| StoreError::Unreadable("id of a unit"))?;
    Ok(UnitView {
        id: UnitId(id),
        name: row.try_get("name")?,
        contact: row.try_get("contact")?,
        phone: row.try_get("phone")?,
        closed: row.try_get::<i64, _>("closed")? != 0,
    })
}

/// All of them, by name.
///
/// # Errors
/// Those of the database.
pub async fn all(conn: &mut Connection) -> Result<Vec<UnitView>, StoreError> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY name, id"))).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// One of them.
///
/// # Errors
/// Those of the database.
pub async fn find(conn: &mut Connection, id: UnitId) -> Result<Option<UnitView>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1"));
    let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Adds one, or changes the one that has its id. False, and nothing is changed, if another has its name.
///
/// # Errors
/// Those of the database.
pub async fn put(conn: &mut Connection, unit: &UnitView, now_ms: i64) -> Result<bool, StoreError> {
    let taken = sqlx::query("SELECT 1 FROM units WHERE name = $1 AND id <> $2")
        .bind(&unit.name)
        .bind(unit.id.to_string())
        .fetch_optional(&mut *conn)
        .await?;
    if taken.is_some() {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO units (id, name, contact, phone, closed, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, contact = excluded.contact, phone = excluded.phone,
           closed = excluded.closed",
    )
    .bind(unit.id.to_string())
    .bind(&unit.name)
    .bind(&unit.contact)
    .bind(&unit.phone)
    .bind(i64::from(unit.closed))
    .bind(now_ms)
    .execute(conn)
    .await?;
    Ok(true)
}
