//! Which unit a case is suggested for, by its category and its place.

use sqlx::Row;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::report::Category;
use waypost_app::wire::staff::routing::{Area, Route, Routes};

use super::database::MaybeNumber;
use super::reports::event;
use super::{Connection, DbRow, StoreError, units};

/// What became of a new list.
#[derive(Clone, Debug, PartialEq)]
pub enum Put {
    Done(Routes),
    /// Somebody else was faster: what they wrote.
    Changed(Routes),
    /// The unit of the route at this place is not known.
    UnknownUnit(usize),
}

/// The whole list. To be read in a moment, or where nobody else writes.
///
/// # Errors
/// Those of the database.
pub async fn all(conn: &mut Connection) -> Result<Routes, StoreError> {
    let version: Option<i64> =
        sqlx::query_scalar("SELECT value FROM meta WHERE name = 'routes'").fetch_optional(&mut *conn).await?;
    let rows = sqlx::query("SELECT category, area, lat, lng, radius_m, unit FROM routes ORDER BY position")
        .fetch_all(conn)
        .await?;
    let routes = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Routes { version: version.unwrap_or_default(), routes })
}

/// Writes the list in place of the one that was seen.
///
/// # Errors
/// Those of the database.
pub async fn put(conn: &mut Connection, seen: i64, routes: &[Route]) -> Result<Put, StoreError> {
    let now = all(conn).await?;
    if now.version != seen {
        return Ok(Put::Changed(now));
    }
    for (nth, route) in routes.iter().enumerate() {
        if units::find(conn, route.unit).await?.is_none() {
            return Ok(Put::UnknownUnit(nth));
        }
    }
    sqlx::query("DELETE FROM routes").execute(&mut *conn).await?;
    for (nth, route) in routes.iter().enumerate() {
        let area = route.area.as_ref();
        sqlx::query(
            "INSERT INTO routes (position, category, area, lat, lng, radius_m, unit) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(nth as i64)
        .bind(route.category.map_or("", Category::code))
        .bind(area.map_or("", |area| &area.name))
        .bind(MaybeNumber(area.map(|area| area.lat)))
        .bind(MaybeNumber(area.map(|area| area.lng)))
        .bind(area.map(|area| i64::from(area.radius_m)))
        .bind(route.unit.to_string())
        .execute(&mut *conn)
        .await?;
    }
    let version = seen.saturating_add(1);
    sqlx::query("INSERT INTO meta (name, value) VALUES ('routes', $1) ON CONFLICT (name) DO UPDATE SET value = $1")
        .bind(version)
        .execute(conn)
        .await?;
    Ok(Put::Done(Routes { version, routes: routes.to_vec() }))
}

/// The unit of the first route that fits, of those whose unit gets new cases.
///
/// # Errors
/// Those of the database.
pub async fn suggested(conn: &mut Connection, category: Category, at: Wgs84) -> Result<Option<UnitId>, StoreError> {
    let rows = sqlx::query(
        "SELECT category, area, lat, lng, radius_m, unit FROM routes JOIN units ON units.id = routes.unit
         WHERE closed = 0 AND category IN ('', $1) ORDER BY position",
    )
    .bind(category.code())
    .fetch_all(conn)
    .await?;
    for row in &rows {
        let route = read(row)?;
        if route.area.as_ref().is_none_or(|area| contains(area, at)) {
            return Ok(Some(route.unit));
        }
    }
    Ok(None)
}

fn contains(area: &Area, at: Wgs84) -> bool {
    Wgs84 { lat: area.lat, lng: area.lng }.distance_m(at) <= f64::from(area.radius_m)
}

fn read(row: &DbRow) -> Result<Route, StoreError> {
    let unreadable = |what| StoreError::Unreadable(what);
    let category = match row.try_get("category")? {
        "" => None,
        code => Some(Category::from_code(code).ok_or_else(|| unreadable("category of a route"))?),
    };
    let area = match row.try_get("area")? {
        "" => None,
        name => Some(Area {
            name: name.to_owned(),
            lat: row.try_get("lat")?,
            lng: row.try_get("lng")?,
            radius_m: u32::try_from(row.try_get::<i64, _>("radius_m")?).map_err(|_| unreadable("radius of a route"))?,
        }),
    };
    let unit = event::unit_of(Some(row.try_get("unit")?))?.ok_or_else(|| unreadable("unit of a route"))?;
    Ok(Route { category, area, unit })
}
