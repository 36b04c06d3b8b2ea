//! 500 stations on a slow phone: how long a touch on a filter takes, measured in a real browser.

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::process::Server;
use crate::table::{Table, milliseconds};
use crate::{Setting, district};

const STATIONS: usize = 500;

/// What `bench/list.mjs` prints; milliseconds.
#[derive(Debug, Deserialize)]
struct Measured {
    stations: usize,
    /// How many times slower the processor was made.
    slowdown: u32,
    /// From a touch on a filter until the new list stands in the page.
    drawn: Spread,
    /// Until it has been painted.
    painted: Spread,
    /// From opening the page until the list answers to a touch.
    opened: Spread,
    /// The longest task in that.
    longest: Spread,
}

#[derive(Debug, Deserialize)]
struct Spread {
    median: f64,
    slowest: f64,
}

impl Spread {
    fn words(&self) -> String {
        format!("{} ({})", milliseconds(self.median / 1e3), milliseconds(self.slowest / 1e3))
    }
}

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let data = setting.fresh("browser")?;
    // The program makes the database, so that it is the one it would have made.
    Server::program(&setting.program, &data).await?.stop().await?;
    district::fill(&data, STATIONS).await?;
    let server = Server::program(&setting.program, &data).await?;
    let output = Command::new("node").arg("bench/list.mjs").arg(format!("http://{}", server.addr)).output().await?;
    server.stop().await?;
    ensure!(output.status.success(), "bench/list.mjs: {}", String::from_utf8_lossy(&output.stderr));
    let measured: Measured = serde_json::from_slice(&output.stdout).context("bench/list.mjs printed no figures")?;
    let how = format!("{} stations, {}× slower processor", measured.stations, measured.slowdown);
    table.figure(format!("{how}: filter touched to list changed (slowest)"), measured.drawn.words());
    table.figure(format!("{how}: filter touched to list painted (slowest)"), measured.painted.words());
    table.figure(format!("{how}: opened to list usable (slowest)"), measured.opened.words());
    table.figure(format!("{how}: longest task while opening (slowest)"), measured.longest.words());
    Ok(())
}
