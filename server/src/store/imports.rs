//! What was last imported, station by station.

use serde::Serialize;
use serde::de::DeserializeOwned;
use waypost_app::domain::ids::StationId;

use super::{Connection, StoreError};

/// Everything that imports have said, also of stations that are gone.
///
/// # Errors
/// Those of the database; [`StoreError::Unreadable`] if a row is damaged.
pub async fn all<T: DeserializeOwned>(conn: &mut Connection) -> Result<Vec<(StationId, T)>, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT station, body FROM imports ORDER BY station").fetch_all(conn).await?;
    rows.into_iter()
        .map(|(station, body)| {
            let said = serde_json::from_str(&body).map_err(|_| StoreError::Unreadable("import"))?;
            Ok((StationId(station), said))
        })
        .collect()
}

/// Keeps what an import says of a station, in place of what an earlier one said.
///
/// # Errors
/// Those of the database.
pub async fn keep<T: Serialize + Sync>(conn: &mut Connection, station: &StationId, said: &T) -> Result<(), StoreError> {
    let body = serde_json::to_string(said).map_err(|_| StoreError::Unreadable("import"))?;
    sqlx::query(
        "INSERT INTO imports (station, body) VALUES ($1, $2) ON CONFLICT (station) DO UPDATE SET body = excluded.body",
    )
    .bind(station.as_str())
    .bind(body)
    .execute(conn)
    .await?;
    Ok(())
}
