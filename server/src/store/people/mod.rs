//! Staff: who they are and how they prove it. Nothing here says what they may do.

pub mod factors;
pub mod failures;
pub mod links;
pub mod members;
pub mod sessions;

use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::ids::{StaffId, UnitId};
use waypost_app::domain::staff::Role;

use super::{Connection, DbRow, StoreError};

/// Somebody on the staff, with what they prove themselves by.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    pub unit: Option<UnitId>,
    /// Argon2id in PHC's form; `None` until it is chosen.
    pub password: Option<String>,
    /// Secret of the second factor in base32.
    pub totp_secret: Option<String>,
    pub disabled: bool,
    /// In milliseconds since 1970.
    pub created_at_ms: i64,
}

impl std::fmt::Debug for Person {
    /// Without what they prove themselves by.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

const COLUMNS: &str = "SELECT id, name, role, unit, password, totp_secret, disabled, created_at_ms FROM staff";

/// What a name is looked up by: people do not remember their capitals.
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

pub(super) fn id_of(text: &str) -> Result<Uuid, StoreError> {
    Uuid::try_parse(text).map_err(|_| StoreError::Unreadable("id of somebody"))
}

pub(super) fn unit_of(text: &str) -> Result<Option<UnitId>, StoreError> {
    if text.is_empty() { Ok(None) } else { Ok(Some(UnitId(id_of(text)?))) }
}

pub(super) fn role_of(code: &str) -> Result<Role, StoreError> {
    Role::from_code(code).ok_or(StoreError::Unreadable("role"))
}

fn person(row: &DbRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: StaffId(id_of(row.try_get("id")?)?),
        name: row.try_get("name")?,
        role: role_of(row.try_get("role")?)?,
        unit: unit_of(row.try_get("unit")?)?,
        password: some(row.try_get("password")?),
        totp_secret: some(row.try_get("totp_secret")?),
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        created_at_ms: row.try_get("created_at_ms")?,
    })
}

/// Whether there is anybody.
///
/// # Errors
/// Those of the database.
pub async fn is_anybody(conn: &mut Connection) -> Result<bool, StoreError> {
    Ok(sqlx::query("SELECT 1 FROM staff LIMIT 1").fetch_optional(conn).await?.is_some())
}

/// Adds somebody who has no password yet; `None` if the name is taken.
///
/// # Errors
/// Those of the database.
pub async fn add(
    conn: &mut Connection,
    name: &str,
    role: Role,
    unit: Option<UnitId>,
    now_ms: i64,
) -> Result<Option<StaffId>, StoreError> {
    let id = StaffId(Uuid::now_v7());
    let added = sqlx::query(
        "INSERT INTO staff (id, name, name_key, role, unit, password, totp_secret, totp_pending, totp_step, disabled, created_at_ms)
         VALUES ($1, $2, $3, $4, $5, '', '', '', 0, 0, $6) ON CONFLICT DO NOTHING",
    )
    .bind(id.to_string())
    .bind(name.trim())
    .bind(name_key(name))
    .bind(role.code())
    .bind(unit.map(|unit| unit.to_string()).unwrap_or_default())
    .bind(now_ms)
    .execute(conn)
    .await?;
    Ok((added.rows_affected() == 1).then_some(id))
}

/// Somebody by their id.
///
/// # Errors
/// Those of the database.
pub async fn find(conn: &mut Connection, id: StaffId) -> Result<Option<Person>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1"));
    let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(conn).await?;
    row.as_ref().map(person).transpose()
}

/// Somebody by their name.
///
/// # Errors
/// Those of the database.
pub async fn named(conn: &mut Connection, name: &str) -> Result<Option<Person>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE name_key = $1"));
    let row = sqlx::query(sql).bind(name_key(name)).fetch_optional(conn).await?;
    row.as_ref().map(person).transpose()
}

/// Everybody, by name.
///
/// # Errors
/// Those of the database.
pub async fn all(conn: &mut Connection) -> Result<Vec<Person>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY name_key"));
    sqlx::query(sql).fetch_all(conn).await?.iter().map(person).collect()
}

/// How many admins could sign in.
///
/// # Errors
/// Those of the database.
pub async fn admins(conn: &mut Connection) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM staff WHERE role = 'admin' AND disabled = 0 AND password <> ''";
    Ok(sqlx::query_scalar(sql).fetch_one(conn).await?)
}

/// Keeps a password's hash.
///
/// # Errors
/// Those of the database.
pub async fn set_password(conn: &mut Connection, id: StaffId, hash: &str) -> Result<(), StoreError> {
    let sql = "UPDATE staff SET password = $1 WHERE id = $2";
    sqlx::query(sql).bind(hash).bind(id.to_string()).execute(conn).await?;
    Ok(())
}

/// Keeps another password for somebody who has proved the old one in a session: false, and nothing is changed, if they are not
/// what they were when it was looked at, or the session has been ended meanwhile. Looking takes a while.
///
/// # Errors
/// Those of the database.
pub async fn replace_password(
    conn: &mut Connection,
    seen: &Person,
    session: Uuid,
    hash: &str,
) -> Result<bool, StoreError> {
    if !sessions::is_there(conn, session).await? || find(conn, seen.id).await?.as_ref() != Some(seen) {
        return Ok(false);
    }
    set_password(conn, seen.id, hash).await?;
    Ok(true)
}

/// Changes what somebody may do. Their sessions are the caller's to end.
///
/// # Errors
/// Those of the database.
pub async fn set_rights(
    conn: &mut Connection,
    id: StaffId,
    role: Role,
    unit: Option<UnitId>,
    disabled: bool,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE staff SET role = $1, unit = $2, disabled = $3 WHERE id = $4")
        .bind(role.code())
        .bind(unit.map(|unit| unit.to_string()).unwrap_or_default())
        .bind(i64::from(disabled))
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
