//! The command line.

mod hours;
mod serve;

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

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
    Serve(serve::Serve),
    /// Say when a rule is open, in China's calendar of days off and working weekends.
    Hours(hours::Hours),
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

/// Where the district is kept.
#[derive(Debug, Args)]
struct DataDir {
    /// Where the database, the photos and earlier builds of the site are kept.
    #[arg(long, env = "WAYPOST_DATA_DIR", default_value = "data", value_name = "DIR")]
    data_dir: PathBuf,
}

/// Carries out what the command line says.
///
/// # Errors
/// In plain words, for the person at the terminal.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    start_log(&cli.log)?;
    match cli.command {
        Command::Serve(serve) => serve::run(serve),
        Command::Hours(hours) => hours::run(hours),
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

/// Writes an answer. Whoever reads it may stop early (`| head`); that is no error.
fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    enough(out.write_all(text.as_bytes()).and_then(|()| out.flush())).context("cannot write to standard output")
}

/// A reader who has had enough is content.
fn enough(written: std::io::Result<()>) -> std::io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
