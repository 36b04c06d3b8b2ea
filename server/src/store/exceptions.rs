//! Days on which stations, services and markets do not keep their rule.
//!
//! Writing one is a change of the district like any other: it takes a revision, and the next snapshot finds out whose
//! schedule is another now (`store::effective`).

use waypost_app::domain::time::Day;

use super::district::{Change, Row};
use super::{Connection, StoreError, verifications};
use crate::schedule::exceptions::{Days, Exception, Times};

/// Every exception, also past ones, in the order in which they count: the last one wins.
///
/// # Errors
/// Those of the database; [`StoreError::Unreadable`] if a row is damaged.
pub async fn list(conn: &mut Connection) -> Result<Vec<Row<Exception>>, StoreError> {
    type Written = (String, String, i64, i64, String, String, String, i64);
    let rows: Vec<Written> = sqlx::query_as(
        "SELECT id, target, first_day, last_day, hours, reason, reason_en, rev FROM exceptions ORDER BY rev, id",
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(id, target, first, last, hours, reason, reason_en, rev)| {
            let damaged = |_| StoreError::Unreadable("exception");
            let days = Days::new(Day(first), Day(last)).map_err(damaged)?;
            let times = Times::parse(&hours).map_err(damaged)?;
            Ok(Row { rev, item: Exception { id, target, days, times, reason, reason_en } })
        })
        .collect()
}

/// Adds an exception, or replaces the one of that id.
///
/// # Errors
/// Those of the database.
pub async fn put(change: &mut Change<'_>, exception: &Exception) -> Result<(), StoreError> {
    let Exception { id, target, days, times, reason, reason_en } = exception;
    sqlx::query(
        "INSERT INTO exceptions (id, target, first_day, last_day, hours, reason, reason_en, rev)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET target = excluded.target, first_day = excluded.first_day,
             last_day = excluded.last_day, hours = excluded.hours, reason = excluded.reason,
             reason_en = excluded.reason_en, rev = excluded.rev",
    )
    .bind(id)
    .bind(target)
    .bind(days.first().0)
    .bind(days.last().0)
    .bind(times.to_string())
    .bind(reason)
    .bind(reason_en)
    .bind(change.rev)
    .execute(&mut *change.conn)
    .await?;
    verifications::hours_change(change.conn, change.rev, target).await
}

/// Removes an exception, so that the rule counts again; false if there was none of that id.
///
/// # Errors
/// Those of the database.
pub async fn remove(change: &mut Change<'_>, id: &str) -> Result<bool, StoreError> {
    let target: Option<String> = sqlx::query_scalar("DELETE FROM exceptions WHERE id = $1 RETURNING target")
        .bind(id)
        .fetch_optional(&mut *change.conn)
        .await?;
    let Some(target) = target else { return Ok(false) };
    verifications::hours_change(change.conn, change.rev, &target).await?;
    Ok(true)
}
