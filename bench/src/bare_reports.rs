//! The least that could take reports durably: an axum handler that reads the JSON, hands it to one writer, which commits
//! everything waiting at once, and answers with a receipt.

use std::path::Path;
use std::sync::Arc;

use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Row, TypeInfo, ValueRef};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::bare::announce;

/// Most reports of one transaction, as many as the program's.
const BATCH: usize = 256;

/// A report as it comes.
#[derive(Debug, Deserialize)]
struct Sent {
    category: String,
    description: String,
    lat: f64,
    lng: f64,
    accuracy_m: Option<f64>,
    captured_at: String,
    landmark: String,
}

#[derive(Clone, Debug)]
enum Value {
    /// As the program stored it for the report that these are like.
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// The report's own id, new for each; also where its code goes, which is never the same twice.
    Id,
    /// What its sender says.
    Category,
    Description,
    Lat,
    Lng,
    Accuracy,
    CapturedAt,
    Landmark,
}

/// The rows that one report is: read back from what the program stored, so that both write the same.
#[derive(Debug)]
struct Rows(Vec<(Arc<str>, Vec<Value>)>);

impl Rows {
    async fn like(conn: &mut SqliteConnection, id: Uuid) -> anyhow::Result<Self> {
        let mut rows = Vec::new();
        for (table, select) in [
            ("reports", "SELECT * FROM reports WHERE id = $1"),
            ("report_events", "SELECT * FROM report_events WHERE report = $1"),
        ] {
            for row in sqlx::query(select).bind(id.to_string()).fetch_all(&mut *conn).await? {
                rows.push(insert(table, &row, id)?);
            }
        }
        Ok(Self(rows))
    }

    async fn put(&self, conn: &mut SqliteConnection, id: &str, sent: &Sent) -> anyhow::Result<()> {
        for (sql, values) in &self.0 {
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
            for value in values {
                query = match value {
                    Value::Null => query.bind(None::<String>),
                    Value::Integer(number) => query.bind(*number),
                    Value::Real(number) => query.bind(*number),
                    Value::Text(text) => query.bind(text.as_str()),
                    Value::Id => query.bind(id),
                    Value::Category => query.bind(&sent.category),
                    Value::Description => query.bind(&sent.description),
                    Value::Lat => query.bind(sent.lat),
                    Value::Lng => query.bind(sent.lng),
                    Value::Accuracy => query.bind(sent.accuracy_m),
                    Value::CapturedAt => query.bind(&sent.captured_at),
                    Value::Landmark => query.bind(&sent.landmark),
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
        let value = match (column.name(), raw.type_info().name()) {
            ("code", _) => Value::Id,
            ("category", _) => Value::Category,
            ("description", _) => Value::Description,
            ("lat" | "public_lat", _) => Value::Lat,
            ("lng" | "public_lng", _) => Value::Lng,
            ("accuracy_m", _) => Value::Accuracy,
            ("captured_at", _) => Value::CapturedAt,
            ("landmark", _) => Value::Landmark,
            _ if raw.is_null() => Value::Null,
            (_, "INTEGER") => Value::Integer(row.try_get(index)?),
            (_, "REAL") => Value::Real(row.try_get(index)?),
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

type Order = (String, Sent, oneshot::Sender<()>);

/// Serves until it is killed.
pub(crate) async fn serve(database: &Path, like: Uuid) -> anyhow::Result<()> {
    let mut conn = SqliteConnectOptions::new()
        .filename(database)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .connect()
        .await?;
    let rows = Rows::like(&mut conn, like).await?;
    let (orders, waiting) = mpsc::channel::<Order>(BATCH);
    let writer = tokio::spawn(write(conn, rows, waiting));
    let router = Router::new().route("/api/v1/reports/{id}", put(take)).with_state(orders);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(&format!("listening on http://{}", listener.local_addr()?));
    tokio::select! {
        served = axum::serve(listener, router) => Ok(served?),
        written = writer => written?,
    }
}

async fn take(
    State(orders): State<mpsc::Sender<Order>>,
    UrlPath(id): UrlPath<Uuid>,
    Json(sent): Json<Sent>,
) -> Response {
    let (done, stored) = oneshot::channel();
    let order = (id.to_string(), sent, done);
    if orders.send(order).await.is_err() || stored.await.is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let receipt = json!({ "id": id, "code": "K7Q2", "state": "received", "received_at": "2026-11-24T08:10:00+08:00" });
    (StatusCode::CREATED, Json(receipt)).into_response()
}

async fn write(mut conn: SqliteConnection, rows: Rows, mut waiting: mpsc::Receiver<Order>) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await?;
        for (id, sent, _) in &batch {
            rows.put(&mut conn, id, sent).await?;
        }
        sqlx::query("COMMIT").execute(&mut conn).await?;
        for (_, _, done) in batch.drain(..) {
            // A caller that has stopped waiting does not mind.
            let _ = done.send(());
        }
    }
    Ok(())
}
