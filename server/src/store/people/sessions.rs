//! Where staff are signed in.

use std::collections::HashMap;

use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::ids::{StaffId, UnitId};
use waypost_app::domain::staff::Role;

use super::{id_of, role_of, unit_of};
use crate::store::{Connection, DbRow, StoreError};

/// A session, with whose it is. Times are in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub staff: StaffId,
    pub name: String,
    pub role: Role,
    pub unit: Option<UnitId>,
    pub second_factor: bool,
    pub agent: String,
    pub created_at_ms: i64,
    pub last_seen_ms: i64,
    /// When it ends at the latest.
    pub expires_at_ms: i64,
}

const ALIVE: &str = "SELECT staff_sessions.id, staff, name, role, unit, totp_secret, agent,
        staff_sessions.created_at_ms, last_seen_ms, expires_at_ms
     FROM staff_sessions JOIN staff ON staff.id = staff
     WHERE disabled = 0 AND expires_at_ms > $2 AND last_seen_ms > $3";

fn session(row: &DbRow) -> Result<Session, StoreError> {
    Ok(Session {
        id: id_of(row.try_get("id")?)?,
        staff: StaffId(id_of(row.try_get("staff")?)?),
        name: row.try_get("name")?,
        role: role_of(row.try_get("role")?)?,
        unit: unit_of(row.try_get("unit")?)?,
        second_factor: !row.try_get::<&str, _>("totp_secret")?.is_empty(),
        agent: row.try_get("agent")?,
        created_at_ms: row.try_get("created_at_ms")?,
        last_seen_ms: row.try_get("last_seen_ms")?,
        expires_at_ms: row.try_get("expires_at_ms")?,
    })
}

/// Begins a session under the hash of its token.
///
/// # Errors
/// Those of the database.
pub async fn begin(
    conn: &mut Connection,
    staff: StaffId,
    token_sha256: &str,
    agent: &str,
    now_ms: i64,
    expires_at_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO staff_sessions (id, token_sha256, staff, agent, created_at_ms, last_seen_ms, expires_at_ms)
         VALUES ($1, $2, $3, $4, $5, $5, $6)",
    )
    .bind(Uuid::new_v4().to_string())
    .bind(token_sha256)
    .bind(staff.to_string())
    .bind(agent)
    .bind(now_ms)
    .bind(expires_at_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// The living session of a token: neither over, nor unused since `idle_since_ms`, nor of somebody who is out.
///
/// # Errors
/// Those of the database.
pub async fn of_token(
    conn: &mut Connection,
    token_sha256: &str,
    now_ms: i64,
    idle_since_ms: i64,
) -> Result<Option<Session>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{ALIVE} AND token_sha256 = $1"));
    let row = sqlx::query(sql).bind(token_sha256).bind(now_ms).bind(idle_since_ms).fetch_optional(conn).await?;
    row.as_ref().map(session).transpose()
}

/// All living sessions of somebody, the latest used first.
///
/// # Errors
/// Those of the database.
pub async fn of_staff(
    conn: &mut Connection,
    staff: StaffId,
    now_ms: i64,
    idle_since_ms: i64,
) -> Result<Vec<Session>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{ALIVE} AND staff = $1 ORDER BY last_seen_ms DESC, staff_sessions.id"));
    let rows = sqlx::query(sql).bind(staff.to_string()).bind(now_ms).bind(idle_since_ms).fetch_all(conn).await?;
    rows.iter().map(session).collect()
}

/// When everybody who is signed in somewhere was last seen there.
///
/// # Errors
/// Those of the database.
pub async fn last_seen(conn: &mut Connection) -> Result<HashMap<StaffId, i64>, StoreError> {
    let sql = "SELECT staff, MAX(last_seen_ms) FROM staff_sessions GROUP BY staff";
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(conn).await?;
    rows.iter().map(|(staff, seen)| Ok((StaffId(id_of(staff)?), *seen))).collect()
}

/// Notes that a session is in use.
///
/// # Errors
/// Those of the database.
pub async fn touch(conn: &mut Connection, id: Uuid, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE staff_sessions SET last_seen_ms = $1 WHERE id = $2 AND last_seen_ms < $1";
    sqlx::query(sql).bind(now_ms).bind(id.to_string()).execute(conn).await?;
    Ok(())
}

/// Whether a session has not been ended. How old it may be is for others to say.
///
/// # Errors
/// Those of the database.
pub async fn is_there(conn: &mut Connection, id: Uuid) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM staff_sessions WHERE id = $1").bind(id.to_string()).fetch_optional(conn);
    Ok(row.await?.is_some())
}

/// Ends one session of somebody; false if they have no such session.
///
/// # Errors
/// Those of the database.
pub async fn end(conn: &mut Connection, staff: StaffId, id: Uuid) -> Result<bool, StoreError> {
    let sql = "DELETE FROM staff_sessions WHERE id = $1 AND staff = $2";
    let ended = sqlx::query(sql).bind(id.to_string()).bind(staff.to_string()).execute(conn).await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends the session of a token, whoever's it is.
///
/// # Errors
/// Those of the database.
pub async fn end_token(conn: &mut Connection, token_sha256: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM staff_sessions WHERE token_sha256 = $1").bind(token_sha256).execute(conn).await?;
    Ok(())
}

/// Ends all sessions of somebody.
///
/// # Errors
/// Those of the database.
pub async fn end_all(conn: &mut Connection, staff: StaffId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM staff_sessions WHERE staff = $1").bind(staff.to_string()).execute(conn).await?;
    Ok(())
}

/// Drops sessions that nobody can use any more.
///
/// # Errors
/// Those of the database.
pub async fn forget_dead(conn: &mut Connection, now_ms: i64, idle_since_ms: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM staff_sessions WHERE expires_at_ms <= $1 OR last_seen_ms <= $2";
    sqlx::query(sql).bind(now_ms).bind(idle_since_ms).execute(conn).await?;
    Ok(())
}
