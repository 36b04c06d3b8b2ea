//! Links with which a unit works on one case without an account. Of the address only a hash is kept.

use sqlx::Row;
use waypost_app::domain::ids::{ReportId, StaffId, UnitId};
use waypost_app::domain::report::ReportState;
use waypost_app::wire::staff::routing::LinkKept;

use super::report_id;
use crate::clock::rfc3339_ms;
use crate::store::reports::event::{self, Current};
use crate::store::{Connection, StoreError};

/// What became of the wish for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    Done,
    /// There is no such case.
    Unknown,
    /// No unit has it.
    NoUnit,
    /// Nobody works on it any more, or it is followed through another.
    NotNow(ReportState),
}

/// Makes a link for the unit that has a case; an earlier one stops working.
///
/// # Errors
/// Those of the database.
pub async fn make(
    conn: &mut Connection,
    case: ReportId,
    token_sha256: &str,
    by: StaffId,
    now_ms: i64,
    expires_at_ms: i64,
) -> Result<Made, StoreError> {
    let Some(current) = Current::of(conn, case).await? else { return Ok(Made::Unknown) };
    if current.merged_into.is_some() || current.state == ReportState::Declined {
        return Ok(Made::NotNow(current.state));
    }
    let Some(unit) = current.unit else { return Ok(Made::NoUnit) };
    revoke(conn, case).await?;
    sqlx::query(
        "INSERT INTO case_links (report, token_sha256, unit, staff, created_at_ms, expires_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(case.to_string())
    .bind(token_sha256)
    .bind(unit.to_string())
    .bind(by.to_string())
    .bind(now_ms)
    .bind(expires_at_ms)
    .execute(conn)
    .await?;
    Ok(Made::Done)
}

/// Ends the link of a case, if there is one.
///
/// # Errors
/// Those of the database.
pub async fn revoke(conn: &mut Connection, case: ReportId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM case_links WHERE report = $1").bind(case.to_string()).execute(conn).await?;
    Ok(())
}

/// Which case a link is for, and for whom; `None` if it is unknown, too old, or the case another's by now.
///
/// # Errors
/// Those of the database.
pub async fn of_token(
    conn: &mut Connection,
    token_sha256: &str,
    now_ms: i64,
) -> Result<Option<(ReportId, UnitId)>, StoreError> {
    let row = sqlx::query(
        "SELECT report, case_links.unit FROM case_links JOIN reports ON reports.id = report
         WHERE token_sha256 = $1 AND expires_at_ms > $2 AND reports.unit = case_links.unit",
    )
    .bind(token_sha256)
    .bind(now_ms)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let unit = event::unit_of(Some(row.try_get("unit")?))?.ok_or(StoreError::Unreadable("unit of a link"))?;
    Ok(Some((report_id(row.try_get("report")?)?, unit)))
}

/// The link of a case that works at a moment.
///
/// # Errors
/// Those of the database.
pub(super) async fn kept(conn: &mut Connection, case: ReportId, now_ms: i64) -> Result<Option<LinkKept>, StoreError> {
    let row = sqlx::query(
        "SELECT unit, created_at_ms, expires_at_ms FROM case_links WHERE report = $1 AND expires_at_ms > $2",
    )
    .bind(case.to_string())
    .bind(now_ms)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(LinkKept {
        unit: event::unit_of(Some(row.try_get("unit")?))?.ok_or(StoreError::Unreadable("unit of a link"))?,
        created_at: rfc3339_ms(row.try_get("created_at_ms")?),
        expires_at: rfc3339_ms(row.try_get("expires_at_ms")?),
    }))
}

/// Drops links that are too old.
///
/// # Errors
/// Those of the database.
pub async fn forget_dead(conn: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM case_links WHERE expires_at_ms <= $1").bind(now_ms).execute(conn).await?;
    Ok(())
}
