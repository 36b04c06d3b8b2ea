//! Years of China's calendar beyond those that are built in.

use super::district::{Change, Row};
use super::{Connection, StoreError};
use crate::schedule::calendar::Year;

/// Every stored year, in order.
///
/// # Errors
/// Those of the database; [`StoreError::Unreadable`] if a row is damaged.
pub async fn years(conn: &mut Connection) -> Result<Vec<Row<Year>>, StoreError> {
    let rows: Vec<(i64, String, i64)> =
        sqlx::query_as("SELECT year, body, rev FROM calendar_years ORDER BY year").fetch_all(conn).await?;
    rows.into_iter()
        .map(|(year, body, rev)| {
            let year = i32::try_from(year).ok().and_then(|year| Year::parse(year, &body).ok());
            Ok(Row { rev, item: year.ok_or(StoreError::Unreadable("calendar year"))? })
        })
        .collect()
}

/// Adds a year, or replaces it, also one that is built in. Phones hear of it with the next snapshot, whose calendar has
/// another fingerprint then.
///
/// # Errors
/// Those of the database.
pub async fn put_year(change: &mut Change<'_>, year: &Year) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO calendar_years (year, body, rev) VALUES ($1, $2, $3)
         ON CONFLICT (year) DO UPDATE SET body = excluded.body, rev = excluded.rev",
    )
    .bind(i64::from(year.year()))
    .bind(year.body().map_err(|_| StoreError::Unreadable("calendar year"))?)
    .bind(change.rev)
    .execute(&mut *change.conn)
    .await?;
    Ok(())
}
