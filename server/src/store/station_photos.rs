//! Photos of the way into stations; see migration 0019.

use waypost_app::domain::ids::PhotoHash;
use waypost_app::domain::station::Station;

use super::devices::DeviceId;
use super::{Connection, StoreError, photos};

/// A station shows the photos of its steps, and no others.
///
/// # Errors
/// Those of the database: there is no such photo.
pub(super) async fn show(conn: &mut Connection, station: &Station) -> Result<(), StoreError> {
    hide(conn, station.id.as_str()).await?;
    for photo in station.entrance.iter().filter_map(|step| step.photo.as_ref()) {
        sqlx::query(
            "INSERT INTO station_photos (photo, station, shown) VALUES ($1, $2, 1)
             ON CONFLICT (photo, station) DO UPDATE SET shown = 1",
        )
        .bind(photo.as_str())
        .bind(station.id.as_str())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// A station shows no photos any more.
///
/// # Errors
/// Those of the database.
pub(super) async fn hide(conn: &mut Connection, station: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE station_photos SET shown = 0 WHERE station = $1").bind(station).execute(conn).await?;
    Ok(())
}

/// Whether a photo is or was one of a station.
///
/// # Errors
/// Those of the database.
pub async fn is_of_a_station(conn: &mut Connection, photo: &PhotoHash) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM station_photos WHERE photo = $1 LIMIT 1").bind(photo.as_str());
    Ok(row.fetch_optional(conn).await?.is_some())
}

/// Whether whoever has this device may let a station show a photo: they have sent it, or a station has shown it before. What
/// reporters have sent is not theirs to show.
///
/// # Errors
/// Those of the database.
pub async fn may_be_shown(conn: &mut Connection, photo: &PhotoHash, by: &DeviceId) -> Result<bool, StoreError> {
    Ok(photos::sent_by(conn, photo, by).await? || is_of_a_station(conn, photo).await?)
}
