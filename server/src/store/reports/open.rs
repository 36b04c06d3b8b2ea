//! The defects that phones know of, so that they can ask "the same?" without a network.

use sqlx::Row as _;
use uuid::Uuid;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::domain::time::Minute;
use waypost_app::wire::snapshot::OpenReport;

use crate::store::district::{self, Change, Row};
use crate::store::{Connection, StoreError};

/// Most that a phone carries about, the newest: 200 KB.
const MOST: i64 = 1_000;

/// Every open report with the revision at which it last changed, the newest first.
///
/// # Errors
/// Those of the database.
pub async fn open(conn: &mut Connection) -> Result<Vec<Row<OpenReport>>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, code, category, state, public_lat, public_lng, received_at_ms, open_rev FROM reports
         WHERE open_rev IS NOT NULL ORDER BY received_at_ms DESC, id LIMIT $1",
    )
    .bind(MOST)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let unreadable = |what| StoreError::Unreadable(what);
            let item = OpenReport {
                id: ReportId(Uuid::try_parse(row.try_get("id")?).map_err(|_| unreadable("id of a report"))?),
                code: row.try_get("code")?,
                category: Category::from_code(row.try_get("category")?)
                    .ok_or_else(|| unreadable("category of a report"))?,
                state: ReportState::from_code(row.try_get("state")?).ok_or_else(|| unreadable("state of a report"))?,
                lat: row.try_get("public_lat")?,
                lng: row.try_get("public_lng")?,
                received_at_min: Minute::from_millis(row.try_get("received_at_ms")?),
            };
            Ok(Row { rev: row.try_get("open_rev")?, item })
        })
        .collect()
}

/// Lets phones hear that a report has come to be open, has moved on while open, or is open no more.
///
/// # Errors
/// Those of the database.
pub(super) async fn tell(conn: &mut Connection, id: ReportId, was_open: bool, is_open: bool) -> Result<(), StoreError> {
    if !was_open && !is_open {
        return Ok(());
    }
    let Change { conn, rev } = Change::begin(conn).await?;
    sqlx::query("UPDATE reports SET open_rev = $1 WHERE id = $2")
        .bind(is_open.then_some(rev))
        .bind(id.to_string())
        .execute(&mut *conn)
        .await?;
    if is_open {
        district::unbury(conn, &id.to_string()).await
    } else {
        district::bury(conn, &id.to_string(), rev).await
    }
}
