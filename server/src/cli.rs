//! The command line.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::clock::Clock;
use crate::config::{Config, Limits, PublicUrl};
use crate::serve::start;

/// Stations, street reports and skills markets for a city district's couriers.
#[derive(Debug, Parser)]
#[command(name = "waypost", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    log: Log,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server. With nothing configured it keeps everything in ./data and shows a sample district.
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Log {
    /// What to log, e.g. `info` or `waypost_server=debug,info`.
    #[arg(long = "log", env = "WAYPOST_LOG", default_value = "info", value_name = "FILTER", global = true)]
    filter: String,
    /// How to write the log, which goes to standard error.
    #[arg(long = "log-format", env = "WAYPOST_LOG_FORMAT", default_value = "text", global = true)]
    format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Args)]
struct Serve {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, env = "WAYPOST_ADDR", default_value = "127.0.0.1:3000", value_name = "HOST:PORT")]
    addr: SocketAddr,
    /// Where the database, the photos and earlier builds of the site are kept.
    #[arg(long, env = "WAYPOST_DATA_DIR", default_value = "data", value_name = "DIR")]
    data_dir: PathBuf,
    /// Start a new database empty, without the sample district.
    #[arg(long, env = "WAYPOST_NO_SAMPLE", value_parser = clap::builder::FalseyValueParser::new())]
    no_sample: bool,
    /// Serve the site from this directory instead of the one built into the program.
    #[arg(long, env = "WAYPOST_SITE_DIR", value_name = "DIR")]
    site_dir: Option<PathBuf>,
    /// What people type to get here, e.g. `https://waypost.example`, where a proxy stands in front.
    #[arg(long, env = "WAYPOST_PUBLIC_URL", value_name = "URL")]
    public_url: Option<PublicUrl>,
}

impl Serve {
    fn config(self) -> Config {
        Config {
            addr: self.addr,
            data_dir: self.data_dir,
            sample: !self.no_sample,
            site_dir: self.site_dir.or_else(default_site_dir),
            public_url: self.public_url,
            clock: Clock::System,
            limits: Limits::default(),
        }
    }
}

/// Where cargo-leptos leaves the site, for a program that has none built in.
fn default_site_dir() -> Option<PathBuf> {
    (!cfg!(feature = "embed-site")).then(|| PathBuf::from("target/site"))
}

/// Carries out what the command line says.
///
/// # Errors
/// In plain words, for the person at the terminal.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    start_log(&cli.log)?;
    match cli.command {
        Command::Serve(serve) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("cannot start the threads of the server")?
            .block_on(run_server(serve.config())),
    }
}

fn start_log(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter)
        .with_context(|| format!("cannot understand the log filter {:?}; try --log info", log.filter))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}

async fn run_server(config: Config) -> anyhow::Result<()> {
    // Registered before the address is announced: whoever reads the line may send a signal at once.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let running = start(config).await?;
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
