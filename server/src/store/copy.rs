//! Every row of every table, whatever it means: for moving to another database and for backups.

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use sqlx::any::AnyTypeInfoKind;
use sqlx::{AssertSqlSafe, Column, Executor, Row, SqlSafeStr, Statement, ValueRef};

use super::{Connection, DbRow, StoreError};

/// The tables, each after those it refers to.
pub const TABLES: [&str; 35] = [
    "meta",
    "devices",
    "photos",
    "photo_devices",
    "staff",
    "units",
    "answer_templates",
    "routes",
    "reports",
    "report_photos",
    "original_photos",
    "report_events",
    "event_photos",
    "district",
    "schedules",
    "stations",
    "station_photos",
    "services",
    "markets",
    "landmarks",
    "tombstones",
    "calendar_years",
    "exceptions",
    "effective_hours",
    "sent_schedules",
    "imports",
    "verifications",
    "verified_stations",
    "uploads",
    "withdrawn",
    "recovery_codes",
    "invitations",
    "members",
    "district_changes",
    "district_change_entries",
];

/// Rows that are written with one statement.
const AT_ONCE: usize = 100;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Integer(i64),
    Number(f64),
    Text(String),
}

/// The names of a table's columns, in the order of its rows' cells.
pub type Columns = Vec<String>;

/// How many rows, and a sum of their hashes that does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub rows: u64,
    sum: [u64; 4],
}

impl Tally {
    /// Counts one more row.
    pub fn add(&mut self, columns: &[String], cells: &[Cell]) {
        let mut hash = Sha256::new();
        // By name: another database may have them in another order.
        let mut named: Vec<_> = columns.iter().zip(cells).collect();
        named.sort_by_key(|(name, _)| *name);
        for (name, cell) in named {
            let (kind, bytes) = match cell {
                Cell::Null => (0_u8, Vec::new()),
                Cell::Integer(value) => (1, value.to_be_bytes().to_vec()),
                Cell::Number(value) => (2, value.to_bits().to_be_bytes().to_vec()),
                Cell::Text(value) => (3, value.as_bytes().to_vec()),
            };
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
            hash.update([kind]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        for (lane, eight) in self.sum.iter_mut().zip(hash.finalize().chunks_exact(8)) {
            let eight = eight.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            *lane = lane.wrapping_add(eight);
        }
        self.rows += 1;
    }
}

/// The columns of a table.
///
/// # Errors
/// Those of the database.
pub async fn columns(conn: &mut Connection, table: &'static str) -> Result<Columns, StoreError> {
    let statement = conn.prepare(select(table).into_sql_str()).await?;
    Ok(statement.columns().iter().map(|column| column.name().to_owned()).collect())
}

/// A table's rows, one after the other, with their cells in the order of [`columns`]. Items are those of the database's errors,
/// and [`StoreError::Unreadable`] for a kind of value that this program never stores.
pub fn rows<'c>(conn: &'c mut Connection, table: &'static str) -> BoxStream<'c, Result<Vec<Cell>, StoreError>> {
    let cells = |row: DbRow| (0..row.len()).map(|at| cell(&row, at)).collect();
    sqlx::query(select(table)).fetch(conn).map(move |row| cells(row?)).boxed()
}

fn select(table: &'static str) -> AssertSqlSafe<String> {
    // A report follows one that is not merged itself.
    let order = if table == "reports" { " ORDER BY merged_into IS NOT NULL" } else { "" };
    AssertSqlSafe(format!("SELECT * FROM {table}{order}"))
}

fn cell(row: &DbRow, at: usize) -> Result<Cell, StoreError> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().kind();
    Ok(match kind {
        AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
            Cell::Integer(row.try_get(at)?)
        }
        AnyTypeInfoKind::Real | AnyTypeInfoKind::Double => Cell::Number(row.try_get(at)?),
        AnyTypeInfoKind::Text => Cell::Text(row.try_get(at)?),
        _ => return Err(StoreError::Unreadable("kind of a value")),
    })
}

/// Adds rows to a table.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut Connection,
    table: &'static str,
    columns: &[String],
    rows: &[Vec<Cell>],
) -> Result<(), StoreError> {
    if !TABLES.contains(&table) || !columns.iter().all(|name| is_name(name)) {
        return Err(StoreError::Unreadable("name of a table or column"));
    }
    for some in rows.chunks(AT_ONCE) {
        let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        let mut bound = Vec::new();
        for (at, cells) in some.iter().enumerate() {
            if cells.len() != columns.len() {
                return Err(StoreError::Unreadable("number of values"));
            }
            sql.push_str(if at == 0 { "(" } else { ", (" });
            for (at, cell) in cells.iter().enumerate() {
                sql.push_str(if at == 0 { "" } else { ", " });
                // Written out, because it has no type of its own.
                if *cell == Cell::Null {
                    sql.push_str("NULL");
                } else {
                    bound.push(cell);
                    sql.push('$');
                    sql.push_str(&bound.len().to_string());
                }
            }
            sql.push(')');
        }
        let mut insert = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        for cell in bound {
            insert = match cell {
                Cell::Integer(value) => insert.bind(*value),
                Cell::Number(value) => insert.bind(*value),
                Cell::Text(value) => insert.bind(value.as_str()),
                Cell::Null => insert,
            };
        }
        insert.execute(&mut *conn).await?;
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// Whether nobody has used this database yet.
///
/// # Errors
/// Those of the database.
pub async fn is_new(conn: &mut Connection) -> Result<bool, StoreError> {
    let used =
        "SELECT (SELECT COUNT(*) FROM district) + (SELECT COUNT(*) FROM reports) + (SELECT COUNT(*) FROM devices)
         + (SELECT COUNT(*) FROM staff)";
    let used: i64 = sqlx::query_scalar(used).fetch_one(conn).await?;
    Ok(used == 0)
}

/// Makes room for the rows of another database; false, and nothing is done, if this one has been used.
///
/// # Errors
/// Those of the database.
pub async fn clear_new(conn: &mut Connection) -> Result<bool, StoreError> {
    if !is_new(conn).await? {
        return Ok(false);
    }
    // As of an earlier migration not all of them are there.
    let there = tables(conn).await?;
    for table in TABLES.iter().rev().filter(|table| there.iter().any(|name| name == *table)) {
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *conn).await?;
    }
    Ok(true)
}

async fn tables(conn: &mut Connection) -> Result<Vec<String>, StoreError> {
    let sql = match conn.backend_name() {
        "PostgreSQL" => "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    Ok(sqlx::query_scalar(sql).fetch_all(conn).await?)
}

/// Counts a table's rows.
///
/// # Errors
/// Those of [`rows`].
pub async fn tally(conn: &mut Connection, table: &'static str) -> Result<Tally, StoreError> {
    let columns = columns(conn, table).await?;
    let mut tally = Tally::default();
    let mut rows = rows(conn, table);
    while let Some(cells) = rows.try_next().await? {
        tally.add(&columns, &cells);
    }
    Ok(tally)
}
