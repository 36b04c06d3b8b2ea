//! The command line.

mod backup;
mod export;
mod hours;
mod import;
mod migrate;
mod serve;
mod staff;

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::photo::PhotosUrl;
use crate::store::Database;

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
    /// Bring stations from a file (CSV, GeoJSON, JSON) into the district: every row, or none.
    Import(import::Import),
    /// Write the district's stations to a file that import reads back.
    Export(export::Export),
    /// Write everything to one file, also while servers run.
    Backup(backup::Backup),
    /// Bring a backup back into an empty database.
    Restore(backup::Restore),
    /// Add people to the staff, and help those who cannot sign in any more.
    Staff(staff::Staff),
    /// Copy a whole database into another, empty one, of either kind.
    Migrate(migrate::Migrate),
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
#[expect(clippy::struct_field_names, reason = "the fields are named as the flags, by which people know them")]
struct DataDir {
    /// Where the database, the photos and earlier builds of the site are kept.
    #[arg(long, env = "WAYPOST_DATA_DIR", default_value = "data", value_name = "DIR")]
    data_dir: PathBuf,
    /// Where the data is, if not in a file of the data directory: `postgres://USER@HOST/NAME`, or `sqlite://FILE`. A
    /// password is better kept in the environment, or in a file that PGPASSFILE names.
    // As text; see `database`.
    #[arg(long, env = "WAYPOST_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Keep photos and unfinished uploads in a bucket of an S3-compatible store, as `s3://BUCKET` or `s3://BUCKET/PREFIX`,
    /// instead of the data directory. It is reached as the environment says: `AWS_ENDPOINT`, `AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ALLOW_HTTP`, `AWS_VIRTUAL_HOSTED_STYLE_REQUEST` …
    // As text: clap would repeat what it cannot read, and somebody may have put a secret into it.
    #[arg(long, env = "WAYPOST_PHOTOS_URL", value_name = "URL", hide_env_values = true)]
    photos_url: Option<String>,
}

impl DataDir {
    fn photos_url(&self) -> anyhow::Result<Option<PhotosUrl>> {
        // Left empty in a file of settings is not set.
        let url = self.photos_url.as_ref().filter(|url| !url.is_empty());
        url.map(|url| url.parse()).transpose().context("--photos-url is not a place")
    }

    fn database(&self) -> anyhow::Result<Database> {
        let named = self.database_url.as_deref().map(database).transpose()?;
        Ok(named.flatten().unwrap_or_else(|| Database::in_dir(&self.data_dir)))
    }
}

/// Reads where a database is; nowhere, if it was left empty. Not by clap, which would repeat what it cannot read, and the
/// password in it.
fn database(url: &str) -> anyhow::Result<Option<Database>> {
    if url.is_empty() { Ok(None) } else { Ok(Some(url.parse().context("the URL names no database")?)) }
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
        Command::Import(import) => import::run(import),
        Command::Export(export) => export::run(export),
        Command::Backup(asked) => backup::save(asked),
        Command::Restore(asked) => backup::bring_back(asked),
        Command::Staff(staff) => staff::run(staff),
        Command::Migrate(migrate) => migrate::run(migrate),
    }
}

fn start_log(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter)
        .with_context(|| format!("cannot understand the log filter {:?}; try --log info", log.filter))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        // There is one span, the request's.
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).init(),
    }
    Ok(())
}

/// Carries out a command that does one thing and ends.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the program's clock and files")?
        .block_on(work)
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_commands_and_their_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
