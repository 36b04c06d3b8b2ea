//! 50 photos that wait on a phone without a network: what they cost in memory, measured in a real browser.

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::Setting;
use crate::process::Server;
use crate::table::Table;

/// What `bench/queue.mjs` prints; megabytes.
#[derive(Debug, Deserialize)]
struct Measured {
    photos: u32,
    /// Of all the pictures, as the camera gave them.
    bytes: f64,
    /// The list of reports with nothing on it.
    idle: Memory,
    /// The form, most of what it was after each report.
    shooting: Memory,
    /// The list with every photo on it, in a browser that was started for it.
    queued: Memory,
}

/// The processes' own share of the machine's memory (Linux' Pss).
#[derive(Debug, Deserialize)]
struct Memory {
    tab: f64,
    browser: f64,
}

impl Memory {
    fn over(&self, idle: &Self) -> String {
        let more = |now: f64, before: f64| format!("{:+.1} MB", now - before);
        format!("{} ({})", more(self.tab, idle.tab), more(self.browser, idle.browser))
    }
}

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let data = setting.fresh("queue")?;
    let server = Server::program(&setting.program, &data).await?;
    let output = Command::new("node").arg("bench/queue.mjs").arg(format!("http://{}", server.addr)).output().await?;
    server.stop().await?;
    ensure!(output.status.success(), "bench/queue.mjs: {}", String::from_utf8_lossy(&output.stderr));
    let measured: Measured = serde_json::from_slice(&output.stdout).context("bench/queue.mjs printed no figures")?;
    let how = format!("{} photos, {:.0} MB, queued on the phone", measured.photos, measured.bytes / 1e6);
    table.figure(
        format!("{how}: memory of the tab (of the browser) while idle"),
        format!("{:.1} MB ({:.1} MB)", measured.idle.tab, measured.idle.browser),
    );
    table.figure(format!("{how}: over idle, while taking them"), measured.shooting.over(&measured.idle));
    table.figure(format!("{how}: over idle, on the list"), measured.queued.over(&measured.idle));
    Ok(())
}
