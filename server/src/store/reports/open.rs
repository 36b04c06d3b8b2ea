//! The defects that phones know of, so that they can ask "the same?" without a network.

use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::domain::time::Minute;
use waypost_app::wire::snapshot::OpenReport;

use crate::store::district::{self, Change, Row};
use crate::store::{Connection, StoreError};

/// Most that a phone carries about, the newest: 200 KB. Which these are is settled with each change and not by whoever asks:
/// one that gives way to a newer one is gone for those who ask for changes, too, and comes back like a new one. Where an earlier
/// version has told of more, nobody gets more until the next change settles it.
const MOST: i64 = 1_000;

/// The open reports that phones carry about, each with the revision at which it last changed, the newest first.
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

/// Lets phones hear that a report has come to be open, has moved on while open, or is open no more; and of what gives way to
/// it, or takes its place. `was_told`: phones carry it about.
///
/// # Errors
/// Those of the database.
pub(super) async fn tell(conn: &mut Connection, id: ReportId, was_told: bool, is_open: bool) -> Result<(), StoreError> {
    if !was_told && !is_open {
        return Ok(());
    }
    let Change { conn, rev } = Change::begin(conn).await?;
    if is_open {
        show(conn, &id.to_string(), rev).await?;
    } else {
        hide(conn, &id.to_string(), rev).await?;
    }
    let told: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM reports WHERE open_rev IS NOT NULL").fetch_one(&mut *conn).await?;
    if told > MOST {
        hide_oldest(conn, told - MOST, rev).await?;
    }
    for one in left_out(conn, MOST - told).await? {
        show(conn, &one, rev).await?;
    }
    Ok(())
}

async fn show(conn: &mut Connection, id: &str, rev: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE reports SET open_rev = $1 WHERE id = $2").bind(rev).bind(id).execute(&mut *conn).await?;
    district::unbury(conn, id).await
}

async fn hide(conn: &mut Connection, id: &str, rev: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE reports SET open_rev = NULL WHERE id = $1").bind(id).execute(&mut *conn).await?;
    district::bury(conn, id, rev).await
}

/// Lets the oldest of those that phones carry about give way, all at once: an earlier version may have told of very many.
async fn hide_oldest(conn: &mut Connection, count: i64, rev: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO tombstones (id, rev)
         SELECT id, $1 FROM reports WHERE open_rev IS NOT NULL ORDER BY received_at_ms, id DESC LIMIT $2
         ON CONFLICT (id) DO UPDATE SET rev = excluded.rev",
    )
    .bind(rev)
    .bind(count)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE reports SET open_rev = NULL WHERE id IN
           (SELECT id FROM reports WHERE open_rev IS NOT NULL ORDER BY received_at_ms, id DESC LIMIT $1)",
    )
    .bind(count)
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest of those that phones do not carry about, as many as there is room for.
async fn left_out(conn: &mut Connection, room: i64) -> Result<Vec<String>, StoreError> {
    if room <= 0 {
        return Ok(Vec::new());
    }
    let open = ReportState::ALL.into_iter().filter(|state| state.is_open());
    let open: Vec<_> = open.map(|state| format!("'{}'", state.code())).collect();
    // The sign keeps SQLite from going through everything that was ever public.
    let sql = format!(
        "SELECT id FROM reports WHERE state IN ({}) AND +is_public = 1 AND open_rev IS NULL
         ORDER BY received_at_ms DESC, id LIMIT $1",
        open.join(", ")
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(room).fetch_all(conn).await?)
}
