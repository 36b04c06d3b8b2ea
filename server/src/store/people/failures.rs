//! How often signing in by a name has failed lately. Kept here and not in memory, so that several copies of the program count
//! together; also for names that nobody has, so that nobody learns which there are.

use sqlx::Row;
use waypost_app::domain::ids::PhotoHash;

use super::name_key;
use crate::store::{Connection, StoreError};

/// The hash by which a name is counted: whoever types their password into the wrong field has not given it away.
fn hash(name: &str) -> String {
    use sha2::{Digest, Sha256};
    PhotoHash::from_digest(&Sha256::digest(format!("name:{}", name_key(name)))).into()
}

/// Counts an attempt before it is looked at, so that many at once cannot slip through; one that comes too early is not counted
/// and gets the milliseconds that are left. `wait_ms` says how long after so many failures nothing is looked at; they are
/// forgotten `forgotten_ms` after the latest.
///
/// # Errors
/// Those of the database.
pub async fn begin(
    conn: &mut Connection,
    name: &str,
    now_ms: i64,
    forgotten_ms: i64,
    wait_ms: fn(u32) -> i64,
) -> Result<Option<i64>, StoreError> {
    let name = hash(name);
    let known = sqlx::query("SELECT failures, last_ms, next_ms FROM sign_in_failures WHERE name_sha256 = $1")
        .bind(&name)
        .fetch_optional(&mut *conn)
        .await?;
    let mut failures = 0_u32;
    if let Some(row) = known {
        let (last_ms, next_ms): (i64, i64) = (row.try_get("last_ms")?, row.try_get("next_ms")?);
        if next_ms > now_ms {
            return Ok(Some(next_ms - now_ms));
        }
        if last_ms > now_ms.saturating_sub(forgotten_ms) {
            failures = u32::try_from(row.try_get::<i64, _>("failures")?).unwrap_or(u32::MAX);
        }
    }
    failures = failures.saturating_add(1);
    sqlx::query(
        "INSERT INTO sign_in_failures (name_sha256, failures, last_ms, next_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name_sha256) DO UPDATE SET
           failures = excluded.failures, last_ms = excluded.last_ms, next_ms = excluded.next_ms",
    )
    .bind(&name)
    .bind(i64::from(failures))
    .bind(now_ms)
    .bind(now_ms.saturating_add(wait_ms(failures)))
    .execute(conn)
    .await?;
    Ok(None)
}

/// An attempt did not fail after all: nothing is held against the name.
///
/// # Errors
/// Those of the database.
pub async fn forgive(conn: &mut Connection, name: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sign_in_failures WHERE name_sha256 = $1").bind(hash(name)).execute(conn).await?;
    Ok(())
}

/// An attempt was only half of one (the password was right, the code is still to come): it alone is not counted.
///
/// # Errors
/// Those of the database.
pub async fn take_back(conn: &mut Connection, name: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE sign_in_failures SET failures = failures - 1, next_ms = last_ms WHERE name_sha256 = $1 AND failures > 0",
    )
    .bind(hash(name))
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what is over.
///
/// # Errors
/// Those of the database.
pub async fn forget_old(conn: &mut Connection, before_ms: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sign_in_failures WHERE last_ms <= $1").bind(before_ms).execute(conn).await?;
    Ok(())
}
