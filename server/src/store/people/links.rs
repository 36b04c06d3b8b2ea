//! Links that work once, with which people choose their password.

use waypost_app::domain::ids::StaffId;

use super::id_of;
use crate::store::{Connection, StoreError};

/// Whom a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// The first admin, who has no name yet.
    First,
    Person(StaffId),
}

/// Keeps the hash of a link's token. Earlier links of the same person stop working.
///
/// # Errors
/// Those of the database.
pub async fn make(conn: &mut Connection, token_sha256: &str, whom: For, expires_at_ms: i64) -> Result<(), StoreError> {
    let staff = match whom {
        // Another copy of the program may have shown one a moment ago: it stays good.
        For::First => None,
        For::Person(staff) => Some(staff.to_string()),
    };
    if let Some(staff) = &staff {
        sqlx::query("DELETE FROM staff_links WHERE staff = $1").bind(staff).execute(&mut *conn).await?;
    }
    sqlx::query("INSERT INTO staff_links (token_sha256, staff, expires_at_ms) VALUES ($1, $2, $3)")
        .bind(token_sha256)
        .bind(staff)
        .bind(expires_at_ms)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whom a link is for; `None` if it is unknown, used or too old.
///
/// # Errors
/// Those of the database.
pub async fn find(conn: &mut Connection, token_sha256: &str, now_ms: i64) -> Result<Option<For>, StoreError> {
    let sql = "SELECT staff FROM staff_links WHERE token_sha256 = $1 AND expires_at_ms > $2";
    let staff: Option<Option<String>> =
        sqlx::query_scalar(sql).bind(token_sha256).bind(now_ms).fetch_optional(&mut *conn).await?;
    match staff {
        None => Ok(None),
        Some(Some(staff)) => Ok(Some(For::Person(StaffId(id_of(&staff)?)))),
        Some(None) => Ok((!super::is_anybody(conn).await?).then_some(For::First)),
    }
}

/// Drops a link that was used, and with the first admin all links that would make another.
///
/// # Errors
/// Those of the database.
pub async fn used(conn: &mut Connection, token_sha256: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM staff_links WHERE token_sha256 = $1 OR staff IS NULL";
    sqlx::query(sql).bind(token_sha256).execute(conn).await?;
    Ok(())
}

/// Drops links that are too old.
///
/// # Errors
/// Those of the database.
pub async fn forget_dead(conn: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM staff_links WHERE expires_at_ms <= $1").bind(now_ms).execute(conn).await?;
    Ok(())
}
