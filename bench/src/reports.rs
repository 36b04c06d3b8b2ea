//! Reports over HTTP, each answered only once it is safe on disk, beside a bare handler that puts the same rows into the
//! same kind of database with group commit and nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::memory::{self, megabytes};
use crate::process::Server;
use crate::table::{Table, median, milliseconds};
use crate::{Setting, http, load};

const CONNECTIONS: [usize; 3] = [1, 32, 256];
const ROUNDS: usize = 3;

/// A new random device token.
pub(crate) fn token() -> String {
    format!("Bearer {}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// A new report without photos, as a phone sends it; each from another place and another day, because nobody reports
/// thousands of defects within ten minutes.
pub(crate) fn report(id: Uuid, token: &str) -> anyhow::Result<load::Request> {
    let at = id.as_u128();
    let (north, east) = ((at & 0xffff) as f64 / 100_000.0, (at >> 16 & 0xffff) as f64 / 100_000.0);
    let day = 1 + (at >> 32) % 28;
    let (month, minute) = (1 + (at >> 40) % 12, (at >> 48) % 60);
    let body = json!({
        "category": "road",
        "description": "路缘石松动，雨天积水，骑车容易摔倒。The kerb is loose and floods when it rains.",
        "lat": 30.0 + north,
        "lng": 120.0 + east,
        "accuracy_m": 12.5,
        "captured_at": format!("2026-{month:02}-{day:02}T08:{minute:02}:00+08:00"),
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
    let copy = setting.fresh("bare")?.join("bare.db");
    copy_database(&database(&data)?, &copy).await?;
    let bare = Server::bare_reports(&copy, first).await?;

    for connections in CONNECTIONS {
        let (mut ours, mut theirs, mut slow) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            // The first round only warms both up.
            let limit = if round == 0 { Duration::from_millis(300) } else { setting.round };
            let tokens: Arc<[String]> = (0..connections).map(|_| token()).collect();
            let sending = |tokens: Arc<[String]>| {
                move |connection: usize| {
                    let token = tokens.get(connection).context("one token a connection")?;
                    report(Uuid::now_v7(), token).map(Some)
                }
            };
            let bare_tally = load::run(bare.addr, connections, limit, sending(tokens.clone())).await?;
            let mut tally = load::run(server.addr, connections, limit, sending(tokens)).await?;
            if round > 0 {
                ours.push(tally.rate());
                theirs.push(bare_tally.rate());
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
    bare.stop().await?;
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

/// Another copy of the whole database, for the bare handler to write into.
async fn copy_database(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut conn = SqliteConnectOptions::new().filename(from).connect().await?;
    let target = to.to_str().context("the scratch folder's name is not text")?.to_owned();
    sqlx::query("VACUUM INTO $1").bind(target).execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}
