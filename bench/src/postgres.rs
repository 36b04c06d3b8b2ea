//! Reports on PostgreSQL, over HTTP to the whole program, beside `pgbench` with prepared statements that puts the same rows
//! into the same server and nothing else.
//!
//! `scripts/with-postgres` says where the server is; with DURABLE=1, or every sync would be free.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::Command;
use uuid::Uuid;

use crate::process::Server;
use crate::table::{Table, median};
use crate::{Setting, load, reports};

const SERVER: &str = "WAYPOST_TEST_POSTGRES";
const CLIENTS: usize = 32;
const ROUNDS: usize = 3;

/// One report as the program stores it: a row of it, and its first event.
const ROWS: &str = "BEGIN;
INSERT INTO reports (id, code, device, content_sha256, state, is_public, category, description, lat, lng, public_lat, public_lng, accuracy_m, captured_at, captured_at_ms, landmark, received_at_ms, same_as, merged_into) SELECT gen_random_uuid(), gen_random_uuid(), token_sha256, token_sha256, 'received', 0, 'road', '路缘石松动，雨天积水，骑车容易摔倒。The kerb is loose and floods when it rains.', 30.5, 120.5, 30.5, 120.5, 12.5, '2026-11-24T08:10:00+08:00', 1795479000000, '远洋乐堤港东门，公交站旁', 1795479000000, NULL, NULL FROM devices LIMIT 1 RETURNING id AS report \\gset
INSERT INTO report_events (report, seq, state, at_ms, note) VALUES (:report, 0, 'received', 1795479000000, '');
COMMIT;
";
/// Only the report's own row, each a transaction of its own.
const ROW: &str = "INSERT INTO reports (id, code, device, content_sha256, state, is_public, category, description, lat, lng, public_lat, public_lng, accuracy_m, captured_at, captured_at_ms, landmark, received_at_ms, same_as, merged_into) SELECT gen_random_uuid(), gen_random_uuid(), token_sha256, token_sha256, 'received', 0, 'road', '路缘石松动，雨天积水，骑车容易摔倒。The kerb is loose and floods when it rains.', 30.5, 120.5, 30.5, 120.5, 12.5, '2026-11-24T08:10:00+08:00', 1795479000000, '远洋乐堤港东门，公交站旁', 1795479000000, NULL, NULL FROM devices LIMIT 1;
";

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let Ok(server) = std::env::var(SERVER) else {
        table
            .figure("reports on PostgreSQL", "not measured: DURABLE=1 scripts/with-postgres bench/run --only postgres");
        return Ok(());
    };
    let data = setting.fresh("postgres")?;
    let name = format!("bench_{}", Uuid::new_v4().simple());
    let url = create(&server, &name, None).await?;
    // The tables and a phone that pgbench's rows belong to; in a database of its own, because so many reports of one phone
    // would be no district that the program ever sees.
    let founder = Server::program_on(&setting.program, &data, &url).await?;
    load::run(founder.addr, 1, Duration::from_millis(200), sending(1)).await?;
    founder.stop().await?;
    let bare = create(&server, &format!("{name}_bare"), Some(&name)).await?;
    let program = Server::program_on(&setting.program, &data, &url).await?;
    let (row, rows) = (data.join("row.sql"), data.join("rows.sql"));
    std::fs::write(&row, ROW)?;
    std::fs::write(&rows, ROWS)?;

    let (mut ours, mut single, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        // The first round only warms everything up.
        let limit = if round == 0 { Duration::from_secs(1) } else { setting.round.max(Duration::from_secs(2)) };
        let tally = load::run(program.addr, CLIENTS, limit, sending(CLIENTS)).await?;
        let of_row = pgbench(&bare, &row, limit).await?;
        let of_rows = pgbench(&bare, &rows, limit).await?;
        if round > 0 {
            ours.push(tally.rate());
            single.push(of_row);
            whole.push(of_rows);
        }
    }
    let ours = median(ours);
    table.rate(format!("reports on PostgreSQL, {CLIENTS} connections; pgbench: its row alone"), ours, median(single));
    table.rate(format!("reports on PostgreSQL, {CLIENTS} connections; pgbench: all its rows"), ours, median(whole));
    program.stop().await
}

fn sending(connections: usize) -> impl Fn(usize) -> anyhow::Result<Option<load::Request>> + Send + Sync + 'static {
    let tokens: Arc<[String]> = (0..connections).map(|_| reports::token()).collect();
    move |connection| {
        let token = tokens.get(connection).context("one token a connection")?;
        reports::report(Uuid::now_v7(), token).map(Some)
    }
}

/// Makes a database, like another one where that is named; its URL.
async fn create(server: &str, name: &str, like: Option<&str>) -> anyhow::Result<String> {
    let mut create = Command::new("createdb");
    create.args(["--maintenance-db", &format!("{server}/postgres")]);
    if let Some(like) = like {
        create.args(["--template", like]);
    }
    ensure!(create.arg(name).status().await?.success(), "createdb failed");
    Ok(format!("{server}/{name}"))
}

/// Transactions a second.
async fn pgbench(url: &str, script: &Path, limit: Duration) -> anyhow::Result<f64> {
    let clients = CLIENTS.to_string();
    let seconds = limit.as_secs().to_string();
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--client", &clients, "--time", &seconds, "--file"])
        .arg(script)
        .arg(url)
        .output()
        .await
        .context("cannot start pgbench")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench says no rate")?;
    Ok(tps.split_whitespace().next().unwrap_or_default().parse()?)
}
