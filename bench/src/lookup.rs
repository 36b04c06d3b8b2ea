//! Which of 3,000 stations are open, asked as the phone does, beside a plain loop over the same arrays.

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::Setting;
use crate::table::{Table, milliseconds};

/// What `bench/lookup.mjs` prints; milliseconds.
#[derive(Debug, Deserialize)]
struct Measured {
    stations: usize,
    wasm: Spread,
    plain: Spread,
}

#[derive(Debug, Deserialize)]
struct Spread {
    median: f64,
    slowest: f64,
}

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let output = Command::new("node").arg("bench/lookup.mjs").arg(&setting.phone).output().await?;
    ensure!(output.status.success(), "bench/lookup.mjs: {}", String::from_utf8_lossy(&output.stderr));
    let Measured { stations, wasm, plain } =
        serde_json::from_slice(&output.stdout).context("bench/lookup.mjs printed no figures")?;
    let words =
        |spread: &Spread| format!("{} ({})", milliseconds(spread.median / 1e3), milliseconds(spread.slowest / 1e3));
    table.figure(format!("{stations} stations: open or not, and until when, in WASM (slowest)"), words(&wasm));
    table.figure(format!("{stations} stations: open or not, in a plain JavaScript loop (slowest)"), words(&plain));
    Ok(())
}
