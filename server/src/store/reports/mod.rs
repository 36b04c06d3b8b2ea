//! Reports with their photos and their timeline.

mod code;
mod content;
mod insert;
mod known;
mod merge;
mod open;
mod view;
mod withdraw;

use sqlx::Row;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::ReportState;

use super::{Connection, StoreError};
pub use content::ContentHash;
pub use insert::{Inserted, Submission, insert, settled};
pub(super) use insert::{insert_all, together};
pub use open::open;
pub use view::{find, near, of_device};
pub use withdraw::{Withdrawn, forget_withdrawn, withdraw};

/// Moves a report on, adds to its timeline, and lets phones hear of it where it is public. False, and nothing is changed,
/// if there is no such report, its state may not become `next`, or it is merged into another, which moves for both.
///
/// # Errors
/// Those of the database.
pub async fn advance(
    conn: &mut Connection,
    id: ReportId,
    next: ReportState,
    at_ms: i64,
    note: &str,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT state, merged_into, open_rev, (SELECT MAX(seq) FROM report_events WHERE report = id) AS last
         FROM reports WHERE id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let state = ReportState::from_code(row.try_get("state")?).ok_or(StoreError::Unreadable("state of a report"))?;
    if !state.may_become(next) || row.try_get::<Option<&str>, _>("merged_into")?.is_some() {
        return Ok(false);
    }
    append_event(conn, id, row.try_get::<i64, _>("last")? + 1, next, at_ms, note).await?;
    sqlx::query("UPDATE reports SET state = $1, is_public = $2 WHERE id = $3")
        .bind(next.code())
        .bind(i64::from(next.is_public()))
        .bind(id.to_string())
        .execute(&mut *conn)
        .await?;
    open::tell(conn, id, row.try_get::<Option<i64>, _>("open_rev")?.is_some(), next.is_open()).await?;
    Ok(true)
}

async fn append_event(
    conn: &mut Connection,
    id: ReportId,
    seq: i64,
    state: ReportState,
    at_ms: i64,
    note: &str,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO report_events (report, seq, state, at_ms, note) VALUES ($1, $2, $3, $4, $5)")
        .bind(id.to_string())
        .bind(seq)
        .bind(state.code())
        .bind(at_ms)
        .bind(note)
        .execute(conn)
        .await?;
    Ok(())
}
