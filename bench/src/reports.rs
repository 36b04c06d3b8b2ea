//! Reports over HTTP, each answered only once it is safe on disk, beside a loop that puts the same rows into the same
//! kind of database with group commit and nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::memory::{self, megabytes};
use crate::process::Server;
use crate::table::{Table, median, milliseconds};
use crate::{Setting, http, load};

const CONNECTIONS: [usize; 3] = [1, 32, 256];
const ROUNDS: usize = 3;
/// Most rows one transaction of the bare loop takes.
const BATCH: usize = 256;

/// A new random device token.
pub(crate) fn token() -> String {
    format!("Bearer {}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// A new report without photos, as a phone sends it.
fn report(id: Uuid, token: &str) -> anyhow::Result<Request<Full<Bytes>>> {
    let body = json!({
        "category": "road",
        "description": "路缘石松动，雨天积水，骑车容易摔倒。The kerb is loose and floods when it rains.",
        "lat": 30.317_24,
        "lng": 120.138_61,
        "accuracy_m": 12.5,
        "captured_at": "2026-11-24T08:10:00+08:00",
        "landmark": "远洋乐堤港东门，公交站旁",
        "photos": [],
    });
    Ok(Request::put(format!("/api/v1/reports/{id}"))
        .header(CONTENT_TYPE, "application/json")
        .header(AUTHORIZATION, token)
        .body(Full::from(serde_json::to_vec(&body)?))?)
}

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let data = setting.fresh("reports")?;
    let server = Server::program(&setting.program, &data).await?;
    let first = Uuid::now_v7();
    http::fetch(server.addr, report(first, &token())?).await?;
    let copy = setting.fresh("raw")?.join("raw.db");
    let rows = Rows::of(&database(&data)?, first, &copy).await?;

    for connections in CONNECTIONS {
        let (mut ours, mut theirs, mut slow) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            // The first round only warms both up.
            let limit = if round == 0 { Duration::from_millis(300) } else { setting.round };
            let bare_rate = raw(&copy, &rows, connections, limit).await?;
            let tokens: Vec<String> = (0..connections).map(|_| token()).collect();
            let next = move |connection: usize| {
                let token = tokens.get(connection).context("one token a connection")?;
                report(Uuid::now_v7(), token).map(Some)
            };
            let mut tally = load::run(server.addr, connections, limit, next).await?;
            if round > 0 {
                ours.push(tally.rate());
                theirs.push(bare_rate);
                slow.push(tally.within(0.99));
            }
        }
        let how = if connections == 1 { "1 connection".to_owned() } else { format!("{connections} connections") };
        table.rate(format!("durable reports, {how}"), median(ours), median(theirs));
        table.figure(format!("a report, {how}: 99 of 100 within"), milliseconds(median(slow)));
    }
    let after = memory::of(server.id()?)?;
    table.figure(
        "memory after the reports' load (peak)",
        format!("{} ({})", megabytes(after.now), megabytes(after.peak)),
    );
    server.stop().await
}

/// The program's database file.
pub(crate) fn database(data: &Path) -> anyhow::Result<PathBuf> {
    for entry in std::fs::read_dir(data)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "db") {
            return Ok(path);
        }
    }
    bail!("no database in {}", data.display())
}

#[derive(Clone, Debug)]
enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// The report's own id, new for each.
    Id,
    /// Its code, as long as the program makes them but never the same twice.
    Code,
}

/// The rows that one report is: read back from what the program stored, so that both loops always write the same.
#[derive(Debug)]
struct Rows(Vec<(Arc<str>, Vec<Value>)>);

impl Rows {
    /// Reads the rows of report `id`, and makes a copy of the whole database for the bare loop to write into.
    async fn of(database: &Path, id: Uuid, copy: &Path) -> anyhow::Result<Self> {
        let mut conn = SqliteConnectOptions::new().filename(database).connect().await?;
        let mut rows = Vec::new();
        for (table, select) in [
            ("reports", "SELECT * FROM reports WHERE id = $1"),
            ("report_events", "SELECT * FROM report_events WHERE report = $1"),
        ] {
            for row in sqlx::query(select).bind(id.to_string()).fetch_all(&mut conn).await? {
                rows.push(insert(table, &row, id)?);
            }
        }
        let target = copy.to_str().context("the scratch folder's name is not text")?.to_owned();
        sqlx::query("VACUUM INTO $1").bind(target).execute(&mut conn).await?;
        conn.close().await?;
        Ok(Self(rows))
    }

    async fn put(&self, conn: &mut SqliteConnection, id: &str) -> anyhow::Result<()> {
        for (sql, values) in &self.0 {
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
            for value in values {
                query = match value {
                    Value::Null => query.bind(None::<String>),
                    Value::Integer(number) => query.bind(*number),
                    Value::Real(number) => query.bind(*number),
                    Value::Text(text) => query.bind(text.as_str()),
                    Value::Id | Value::Code => query.bind(id),
                };
            }
            query.execute(&mut *conn).await?;
        }
        Ok(())
    }
}

/// The statement that stores a row like this one, and its values.
fn insert(table: &str, row: &SqliteRow, id: Uuid) -> anyhow::Result<(Arc<str>, Vec<Value>)> {
    let (mut names, mut places, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (index, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(index)?;
        let value = match raw.type_info().name() {
            _ if raw.is_null() => Value::Null,
            "INTEGER" => Value::Integer(row.try_get(index)?),
            "REAL" => Value::Real(row.try_get(index)?),
            _ if column.name() == "code" => Value::Code,
            _ => match row.try_get::<String, _>(index)? {
                text if text == id.to_string() => Value::Id,
                text => Value::Text(text),
            },
        };
        names.push(column.name());
        places.push(format!("${}", index + 1));
        values.push(value);
    }
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
    Ok((sql.into(), values))
}

type Order = (String, oneshot::Sender<()>);

/// Reports a second that so many callers get stored by one writer that commits everything waiting at once.
async fn raw(database: &Path, rows: &Rows, callers: usize, limit: Duration) -> anyhow::Result<f64> {
    let mut conn = SqliteConnectOptions::new()
        .filename(database)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .connect()
        .await?;
    let (orders, mut waiting) = mpsc::channel::<Order>(BATCH);
    let over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (orders, over) = (orders.clone(), over.clone());
        tasks.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let (done, stored) = oneshot::channel();
                if orders.send((Uuid::now_v7().to_string(), done)).await.is_err() || stored.await.is_err() {
                    break;
                }
            }
        });
    }
    drop(orders);

    let started = Instant::now();
    let (mut batch, mut stored) = (Vec::with_capacity(BATCH), 0_usize);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await?;
        for (id, _) in &batch {
            rows.put(&mut conn, id).await?;
        }
        sqlx::query("COMMIT").execute(&mut conn).await?;
        stored += batch.len();
        over.store(started.elapsed() >= limit, Ordering::Relaxed);
        for (_, done) in batch.drain(..) {
            // A caller that has stopped waiting does not mind.
            let _ = done.send(());
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    tasks.join_all().await;
    conn.close().await?;
    Ok(stored as f64 / seconds)
}
