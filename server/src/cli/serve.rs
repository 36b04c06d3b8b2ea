//! `waypost serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::DataDir;
use crate::clock::Clock;
use crate::config::{Config, Limits, PublicUrl, Rates};
use crate::photo::PhotoLimits;
use crate::retention::Retention;
use crate::serve::start;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, env = "WAYPOST_ADDR", default_value = "127.0.0.1:3000", value_name = "HOST:PORT")]
    addr: SocketAddr,
    #[command(flatten)]
    data: DataDir,
    /// Start a new database empty, without the sample district.
    #[arg(long, env = "WAYPOST_NO_SAMPLE", value_parser = clap::builder::FalseyValueParser::new())]
    no_sample: bool,
    /// Serve the site from this directory instead of the one built into the program.
    #[arg(long, env = "WAYPOST_SITE_DIR", value_name = "DIR")]
    site_dir: Option<PathBuf>,
    /// What people type to get here, e.g. `https://waypost.example`, where a proxy stands in front.
    #[arg(long, env = "WAYPOST_PUBLIC_URL", value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Take the client's address from the last entry of `X-Forwarded-For`; only behind a proxy that writes it.
    #[arg(long, env = "WAYPOST_TRUST_PROXY", value_parser = clap::builder::FalseyValueParser::new())]
    trust_proxy: bool,
    /// Serve /metrics at an address of its own, for whoever reaches it, instead of for programs on this machine.
    #[arg(long, env = "WAYPOST_METRICS_ADDR", value_name = "HOST:PORT")]
    metrics_addr: Option<SocketAddr>,
    /// Let everybody come as often as they like; for measuring.
    #[arg(long, env = "WAYPOST_NO_RATE_LIMITS", value_parser = clap::builder::FalseyValueParser::new())]
    no_rate_limits: bool,
}

impl Serve {
    fn config(self) -> anyhow::Result<Config> {
        let (database, photos_url) = (self.data.database()?, self.data.photos_url()?);
        Ok(Config {
            addr: self.addr,
            data_dir: self.data.data_dir,
            database: Some(database),
            photos_url,
            sample: !self.no_sample,
            site_dir: self.site_dir.or_else(default_site_dir),
            public_url: self.public_url,
            clock: Clock::System,
            limits: Limits::default(),
            rates: (!self.no_rate_limits).then(Rates::default),
            trust_proxy: self.trust_proxy,
            metrics_addr: self.metrics_addr,
            retention: Retention::default(),
            photos: PhotoLimits::default(),
        })
    }
}

/// Where cargo-leptos leaves the site, for a program that has none built in.
fn default_site_dir() -> Option<PathBuf> {
    (!cfg!(feature = "embed-site")).then(|| PathBuf::from("target/site"))
}

/// Runs until it is told to stop.
pub(super) fn run(serve: Serve) -> anyhow::Result<()> {
    let config = serve.config()?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the server")?
        .block_on(run_server(config))
}

async fn run_server(config: Config) -> anyhow::Result<()> {
    // Registered before the address is announced: whoever reads the line may send a signal at once.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let running = start(config).await?;
    if let Some(addr) = running.metrics_addr() {
        tracing::info!("metrics on http://{addr}/metrics");
    }
    if let Some(link) = running.first_link() {
        tracing::warn!("there is no staff yet. Whoever opens this link within a day is the first admin: {link}");
    }
    announce(running.addr())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("finishing the requests under way");
    running.stop().await
}

/// Tells scripts and people where the server is; nothing else is ever written to standard output.
fn announce(addr: SocketAddr) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{addr}").and_then(|()| out.flush()).context("cannot write to standard output")
}
