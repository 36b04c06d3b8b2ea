//! Files of photos that are being dropped, or have been: what keeps apart the copy of the program that drops a file nobody
//! names, and the one that has just put the same file and is about to name it.
//!
//! Whoever drops a file decides so here ([`doom`]), where nobody else writes and so no row can begin to name it; then drops
//! it; then notes that it is gone ([`note_gone`]). Whoever stores a row that names a file asks in the same change ([`leave`]):
//! while the file is going it has to wait; where it is gone it has to put the file again, and names the end that it knows of.
//! So the note stays for as long as anybody may have put the file before it.

use rand::Rng;
use waypost_app::domain::ids::PhotoHash;

use super::photos;
use super::{Connection, Pool, StoreError};
use crate::clock::DAY_MS;

/// Whoever has decided to drop a file and has not done so by then has crashed. Much longer than a file may take to go.
pub const ABANDONED_AFTER_MS: i64 = 5 * 60 * 1000;
/// Whoever has put a file and not named it by then never will. Much longer than any request takes.
const NOTED_FOR_MS: i64 = DAY_MS;

/// The end of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doom {
    pub file: PhotoHash,
    id: String,
}

/// Whether rows may name some files.
#[derive(Debug)]
pub enum Claim {
    /// In this change.
    Free(Leave),
    /// These have gone: put all of the files again, and ask again with these.
    Gone(Vec<Doom>),
    /// One is going: ask again in a moment.
    Going,
}

/// Leave to name files, in the change in which it was given.
#[derive(Debug)]
pub struct Leave(());

/// Asks whether rows may name these files, which were all put after those of `gone` were gone.
///
/// # Errors
/// Those of the database.
pub async fn leave(conn: &mut Connection, files: &[PhotoHash], gone: &[Doom]) -> Result<Claim, StoreError> {
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for file in files {
        let row: Option<(String, i64)> = sqlx::query_as("SELECT doom, gone FROM doomed WHERE file = $1")
            .bind(file.as_str())
            .fetch_optional(&mut *conn)
            .await?;
        match row {
            None => {}
            Some((_, 0)) => return Ok(Claim::Going),
            Some((id, _)) => {
                let doom = Doom { file: file.clone(), id };
                if gone.contains(&doom) { known.push(doom) } else { new.push(doom) }
            }
        }
    }
    if !new.is_empty() {
        new.append(&mut known);
        return Ok(Claim::Gone(new));
    }
    for doom in known {
        sqlx::query("DELETE FROM doomed WHERE file = $1 AND doom = $2")
            .bind(doom.file.as_str())
            .bind(&doom.id)
            .execute(&mut *conn)
            .await?;
    }
    Ok(Claim::Free(Leave(())))
}

/// Decides the end of those of these files that no row names and that nobody else is dropping.
///
/// # Errors
/// Those of the database.
pub async fn doom(conn: &mut Connection, files: &[PhotoHash], now_ms: i64) -> Result<Vec<Doom>, StoreError> {
    let mut doomed = Vec::new();
    for file in files {
        if photos::names(conn, file).await? {
            continue;
        }
        let id = format!("{:032x}", rand::rng().random::<u128>());
        let decided = sqlx::query(
            "INSERT INTO doomed (file, doom, at_ms, gone) VALUES ($1, $2, $3, 0)
             ON CONFLICT (file) DO UPDATE SET doom = excluded.doom, at_ms = excluded.at_ms, gone = 0
             WHERE doomed.gone = 1 OR doomed.at_ms <= $4",
        )
        .bind(file.as_str())
        .bind(&id)
        .bind(now_ms)
        .bind(now_ms.saturating_sub(ABANDONED_AFTER_MS))
        .execute(&mut *conn)
        .await?;
        if decided.rows_affected() > 0 {
            doomed.push(Doom { file: file.clone(), id });
        }
    }
    Ok(doomed)
}

/// Notes that files are gone.
///
/// # Errors
/// Those of the database.
pub async fn note_gone(conn: &mut Connection, dooms: &[Doom]) -> Result<(), StoreError> {
    for Doom { file, id } in dooms {
        sqlx::query("UPDATE doomed SET gone = 1 WHERE file = $1 AND doom = $2")
            .bind(file.as_str())
            .bind(id)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Files whose end was decided so long ago that whoever did has crashed.
///
/// # Errors
/// Those of the database.
pub async fn abandoned(pool: &Pool, now_ms: i64) -> Result<Vec<PhotoHash>, StoreError> {
    let files: Vec<String> = sqlx::query_scalar("SELECT file FROM doomed WHERE gone = 0 AND at_ms <= $1")
        .bind(now_ms.saturating_sub(ABANDONED_AFTER_MS))
        .fetch_all(pool)
        .await?;
    let hash = |file: &String| PhotoHash::parse(file).map_err(|_| StoreError::Unreadable("doomed file"));
    files.iter().map(hash).collect()
}

/// Forgets the ends of files that nobody needs to know of any more.
///
/// # Errors
/// Those of the database.
pub async fn forget(conn: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM doomed WHERE gone = 1 AND at_ms < $1")
        .bind(now_ms.saturating_sub(NOTED_FOR_MS))
        .execute(conn)
        .await?;
    Ok(())
}
