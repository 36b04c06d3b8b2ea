//! Who of the staff changed what of the district, when and why; see migration 0014.

use std::collections::HashMap;

use sqlx::Row as _;
use uuid::Uuid;
use waypost_app::domain::ids::StaffId;

use super::rows::{is_common, keys, padded, padded_len};
use super::{Connection, DbRow, StoreError};

/// What somebody changed at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub rev: i64,
    pub by: StaffId,
    /// As they are called now.
    pub by_name: String,
    pub at_ms: i64,
    pub why: String,
    pub undoes: Option<i64>,
    pub entries: Vec<Entry>,
}

/// One thing in a change, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub entity: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Who changes, when, and why.
#[derive(Clone, Debug)]
pub struct Author {
    pub staff: StaffId,
    pub at_ms: i64,
    pub why: String,
    pub undoes: Option<i64>,
}

const SELECT: &str = "SELECT c.rev, c.staff, s.name, c.at_ms, c.why, c.undoes
                      FROM district_changes c JOIN staff s ON s.id = c.staff";

/// Keeps a change that was made under a revision. Call it in the same write.
///
/// # Errors
/// Those of the database.
pub async fn keep(conn: &mut Connection, rev: i64, author: &Author, entries: &[Entry]) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO district_changes (rev, staff, at_ms, why, undoes) VALUES ($1, $2, $3, $4, $5)")
        .bind(rev)
        .bind(author.staff.to_string())
        .bind(author.at_ms)
        .bind(&author.why)
        .bind(author.undoes)
        .execute(&mut *conn)
        .await?;
    for entry in entries {
        sqlx::query(
            "INSERT INTO district_change_entries (rev, entity, body_before, body_after) VALUES ($1, $2, $3, $4)",
        )
        .bind(rev)
        .bind(&entry.entity)
        .bind(&entry.before)
        .bind(&entry.after)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// One change; `None` if staff made none under that revision.
///
/// # Errors
/// Those of the database.
pub async fn find(conn: &mut Connection, rev: i64) -> Result<Option<Change>, StoreError> {
    let sql = format!("{SELECT} WHERE c.rev = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(rev).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let mut changes = vec![head(&row)?];
    fill(conn, &mut changes).await?;
    Ok(changes.pop())
}

/// The changes before a revision, the latest first, at most so many; only those of one thing if it is named.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut Connection,
    entity: Option<&str>,
    before: i64,
    most: i64,
) -> Result<Vec<Change>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE c.rev < $1 AND ($2 = '' OR EXISTS (
             SELECT 1 FROM district_change_entries e WHERE e.rev = c.rev AND e.entity = $2))
         ORDER BY c.rev DESC LIMIT $3"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(before)
        .bind(entity.unwrap_or_default())
        .bind(most)
        .fetch_all(&mut *conn)
        .await?;
    let mut changes = rows.iter().map(head).collect::<Result<Vec<_>, _>>()?;
    fill(conn, &mut changes).await?;
    Ok(changes)
}

/// Gives changes what is in them, and reads nothing of those between.
async fn fill(conn: &mut Connection, changes: &mut [Change]) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let rows = padded_len(changes.len());
    let sql = format!(
        "SELECT rev, entity, body_before, body_after FROM district_change_entries WHERE rev IN ({}) ORDER BY rev, entity",
        keys(rows, 1, 1)
    );
    let mut select = sqlx::query_as(sqlx::AssertSqlSafe(sql)).persistent(is_common(rows));
    for change in padded(changes) {
        select = select.bind(change.rev);
    }
    let found: Vec<(i64, String, Option<String>, Option<String>)> = select.fetch_all(conn).await?;
    let mut entries: HashMap<i64, Vec<Entry>> = HashMap::new();
    for (rev, entity, before, after) in found {
        entries.entry(rev).or_default().push(Entry { entity, before, after });
    }
    for change in changes {
        change.entries = entries.remove(&change.rev).unwrap_or_default();
    }
    Ok(())
}

fn head(row: &DbRow) -> Result<Change, StoreError> {
    let by = Uuid::parse_str(row.try_get("staff")?).map_err(|_| StoreError::Unreadable("change of the district"))?;
    Ok(Change {
        rev: row.try_get("rev")?,
        by: StaffId(by),
        by_name: row.try_get("name")?,
        at_ms: row.try_get("at_ms")?,
        why: row.try_get("why")?,
        undoes: row.try_get("undoes")?,
        entries: Vec::new(),
    })
}
