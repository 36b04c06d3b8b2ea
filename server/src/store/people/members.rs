//! Couriers who have joined by an invitation, and the invitations.

use sqlx::Row;
use waypost_app::domain::ids::StaffId;

use crate::store::devices::{self, DeviceId};
use crate::store::{Connection, DbRow, StoreError};

/// A courier who has joined.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    /// As it was given; empty if it was not.
    pub phone: String,
    /// In milliseconds since 1970.
    pub joined_at_ms: i64,
}

impl std::fmt::Debug for Member {
    /// Without what is said about them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member").field("joined_at_ms", &self.joined_at_ms).finish_non_exhaustive()
    }
}

/// What became of somebody who wanted to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    New,
    /// They had joined before; name and phone are the new ones.
    Again,
    /// The code is unknown, used up or too old.
    NotInvited,
}

/// Keeps the hash of a code with which so many may join.
///
/// # Errors
/// Those of the database.
pub async fn invite(
    conn: &mut Connection,
    code_sha256: &str,
    staff: StaffId,
    uses: u32,
    now_ms: i64,
    expires_at_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO invitations (code_sha256, staff, uses_left, created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(code_sha256)
    .bind(staff.to_string())
    .bind(i64::from(uses))
    .bind(now_ms)
    .bind(expires_at_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// Joins a phone. A phone that has joined before may change what it said with any code that was ever good for it: none is used up.
///
/// # Errors
/// Those of the database.
pub async fn join(
    conn: &mut Connection,
    device: &DeviceId,
    code_sha256: &str,
    name: &str,
    phone: &str,
    now_ms: i64,
) -> Result<Joined, StoreError> {
    if of_device(conn, device).await?.is_some() {
        sqlx::query("UPDATE members SET name = $1, phone = $2 WHERE device = $3")
            .bind(name)
            .bind(phone)
            .bind(device.as_str())
            .execute(conn)
            .await?;
        return Ok(Joined::Again);
    }
    let by: Option<String> = sqlx::query_scalar(
        "UPDATE invitations SET uses_left = uses_left - 1
         WHERE code_sha256 = $1 AND uses_left > 0 AND expires_at_ms > $2 RETURNING staff",
    )
    .bind(code_sha256)
    .bind(now_ms)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(by) = by else { return Ok(Joined::NotInvited) };
    devices::ensure(conn, device, now_ms).await?;
    sqlx::query("INSERT INTO members (device, name, phone, staff, joined_at_ms) VALUES ($1, $2, $3, $4, $5)")
        .bind(device.as_str())
        .bind(name)
        .bind(phone)
        .bind(by)
        .bind(now_ms)
        .execute(conn)
        .await?;
    Ok(Joined::New)
}

fn member(row: &DbRow) -> Result<Member, StoreError> {
    Ok(Member { name: row.try_get("name")?, phone: row.try_get("phone")?, joined_at_ms: row.try_get("joined_at_ms")? })
}

/// The courier whose phone it is, if they have joined.
///
/// # Errors
/// Those of the database.
pub async fn of_device(conn: &mut Connection, device: &DeviceId) -> Result<Option<Member>, StoreError> {
    let row = sqlx::query("SELECT name, phone, joined_at_ms FROM members WHERE device = $1")
        .bind(device.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(member).transpose()
}

/// The latest who have joined.
///
/// # Errors
/// Those of the database.
pub async fn latest(conn: &mut Connection, most: i64) -> Result<Vec<Member>, StoreError> {
    let rows = sqlx::query("SELECT name, phone, joined_at_ms FROM members ORDER BY joined_at_ms DESC, device LIMIT $1")
        .bind(most)
        .fetch_all(conn)
        .await?;
    rows.iter().map(member).collect()
}

/// Forgets name and phone of a courier. Again is fine.
///
/// # Errors
/// Those of the database.
pub async fn leave(conn: &mut Connection, device: &DeviceId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM members WHERE device = $1").bind(device.as_str()).execute(conn).await?;
    Ok(())
}

/// Forgets invitations that nobody can use any more.
///
/// # Errors
/// Those of the database.
pub async fn forget_dead(conn: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM invitations WHERE expires_at_ms <= $1 OR uses_left <= 0";
    sqlx::query(sql).bind(now_ms).execute(conn).await?;
    Ok(())
}
