//! Background work that one copy of the program does for all.

use super::{Connection, StoreError};

/// Takes a job that is due; false if it is not, because this or another copy has taken it. It is due again after `every_ms`,
/// also if whoever took it does not live to end it.
///
/// # Errors
/// Those of the database.
pub async fn take(conn: &mut Connection, name: &str, now_ms: i64, every_ms: i64) -> Result<bool, StoreError> {
    // Whoever writes is alone, so two copies cannot both see it due.
    let taken = sqlx::query(
        "INSERT INTO jobs (name, next_ms) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET next_ms = excluded.next_ms WHERE jobs.next_ms <= $3",
    )
    .bind(name)
    .bind(now_ms.saturating_add(every_ms))
    .bind(now_ms)
    .execute(conn)
    .await?;
    Ok(taken.rows_affected() == 1)
}
