//! The second factor: a secret shared with somebody's authenticator, and codes for when that is lost.

use waypost_app::domain::ids::StaffId;

use crate::store::{Connection, StoreError};

/// Keeps a secret that is not in force yet.
///
/// # Errors
/// Those of the database.
pub async fn propose(conn: &mut Connection, staff: StaffId, secret: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE staff SET totp_pending = $1, totp_pending_at_ms = $2 WHERE id = $3";
    sqlx::query(sql).bind(secret).bind(now_ms).bind(staff.to_string()).execute(conn).await?;
    Ok(())
}

/// The secret that waits for its first code, if it was proposed after a moment.
///
/// # Errors
/// Those of the database.
pub async fn proposed(conn: &mut Connection, staff: StaffId, after_ms: i64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT totp_pending FROM staff WHERE id = $1 AND totp_pending_at_ms > $2";
    let secret = sqlx::query_scalar(sql).bind(staff.to_string()).bind(after_ms).fetch_optional(conn).await?;
    let secret: Option<String> = secret;
    Ok(secret.filter(|secret| !secret.is_empty()))
}

/// Puts the proposed secret in force, whose code of this step has been taken, with these recovery codes instead of all earlier
/// ones; false if another secret has been proposed meanwhile.
///
/// # Errors
/// Those of the database.
pub async fn confirm(
    conn: &mut Connection,
    staff: StaffId,
    secret: &str,
    step: i64,
    codes_sha256: &[String],
) -> Result<bool, StoreError> {
    let sql = "UPDATE staff SET totp_secret = totp_pending, totp_pending = '', totp_step = $1
               WHERE id = $2 AND totp_pending = $3";
    let done = sqlx::query(sql).bind(step).bind(staff.to_string()).bind(secret).execute(&mut *conn).await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    drop_codes(conn, staff).await?;
    for code in codes_sha256 {
        sqlx::query("INSERT INTO recovery_codes (staff, code_sha256) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(staff.to_string())
            .bind(code)
            .execute(&mut *conn)
            .await?;
    }
    Ok(true)
}

/// Takes a code of a step of the clock; false if that or a later one has been taken already.
///
/// # Errors
/// Those of the database.
pub async fn take_step(conn: &mut Connection, staff: StaffId, step: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE staff SET totp_step = $1 WHERE id = $2 AND totp_step < $1";
    let taken = sqlx::query(sql).bind(step).bind(staff.to_string()).execute(conn).await?;
    Ok(taken.rows_affected() == 1)
}

/// Uses up a recovery code; false if there is no such one.
///
/// # Errors
/// Those of the database.
pub async fn take_code(conn: &mut Connection, staff: StaffId, code_sha256: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM recovery_codes WHERE staff = $1 AND code_sha256 = $2";
    let taken = sqlx::query(sql).bind(staff.to_string()).bind(code_sha256).execute(conn).await?;
    Ok(taken.rows_affected() == 1)
}

/// Ends the second factor.
///
/// # Errors
/// Those of the database.
pub async fn drop_all(conn: &mut Connection, staff: StaffId) -> Result<(), StoreError> {
    let sql = "UPDATE staff SET totp_secret = '', totp_pending = '', totp_step = 0 WHERE id = $1";
    sqlx::query(sql).bind(staff.to_string()).execute(&mut *conn).await?;
    drop_codes(conn, staff).await
}

async fn drop_codes(conn: &mut Connection, staff: StaffId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM recovery_codes WHERE staff = $1").bind(staff.to_string()).execute(conn).await?;
    Ok(())
}
