//! Measures the built program beside the least that could do the same work, in the same run and on the same machine,
//! and prints one table. It asserts nothing: figures of a shared machine are for reading, not for passing or failing.

mod bare;
mod bare_photos;
mod bare_reports;
mod browser;
mod cases;
mod district;
mod http;
mod load;
mod lookup;
mod memory;
mod overload;
mod pages;
mod photos;
mod picture;
mod postgres;
mod process;
mod queue;
mod reports;
mod schedules;
mod sizes;
mod soak;
mod startup;
mod table;
// The faulty wire that the server's tests use, too.
#[allow(dead_code, unreachable_pub, reason = "a module of several programs, each of which uses its own part")]
#[path = "../../server/tests/support/wire.rs"]
mod wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand, ValueEnum};

use table::Table;
use uuid::Uuid;

/// What to measure, and how long.
#[derive(Debug, Parser)]
#[command(name = "waypost-bench", version, about)]
struct Arguments {
    /// The program, as `make build` leaves it.
    #[arg(long, default_value = "target/release/waypost")]
    program: PathBuf,
    /// The site it was built with.
    #[arg(long, default_value = "target/site")]
    site: PathBuf,
    /// The phone's lookups as a module for node; see `bench/run`.
    #[arg(long, default_value = "target/bench-phone")]
    phone: PathBuf,
    /// Scratch space, on the kind of disk the program will run on: a RAM disk makes every sync free.
    #[arg(long, default_value = "target/bench")]
    scratch: PathBuf,
    /// Seconds of load for each figure that is counted over time, for each of three rounds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Only these parts (all if none is named).
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Serves recorded replies from memory: what the program's pages are compared with.
    #[command(hide = true)]
    Bare {
        /// The folder of the recorded replies.
        replies: PathBuf,
    },
    /// Sends reports through a faulty wire to a server that is killed again and again, and counts them on both sides.
    /// Fails if one is lost, doubled or stuck, or if the server was killed less often than asked.
    Soak(soak::Options),
    /// Takes reports into a database: what the program's reports are compared with.
    #[command(hide = true)]
    BareReports {
        /// A copy of a database of the program.
        database: PathBuf,
        /// A report in it: those that are taken become the same rows.
        like: Uuid,
    },
    /// Takes photos into a folder: what the program's photos are compared with.
    #[command(hide = true)]
    BarePhotos {
        /// An empty folder.
        folder: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Sizes,
    Schedules,
    Startup,
    Pages,
    Reports,
    Postgres,
    Photos,
    Overload,
    Cases,
    Lookup,
    Browser,
    Queue,
}

/// Where everything is and how long to look at it.
#[derive(Debug)]
struct Setting {
    program: PathBuf,
    site: PathBuf,
    phone: PathBuf,
    scratch: PathBuf,
    round: Duration,
}

impl Setting {
    /// An empty folder below the scratch space.
    fn fresh(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.scratch.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let soaking = match arguments.role {
        Some(Role::Bare { replies }) => return bare::serve(&replies).await,
        Some(Role::BareReports { database, like }) => return bare_reports::serve(&database, like).await,
        Some(Role::BarePhotos { folder }) => return bare_photos::serve(&folder).await,
        Some(Role::Soak(options)) => Some(options),
        None => None,
    };
    ensure!(arguments.program.is_file(), "{} is missing: run `make build` first", arguments.program.display());
    std::fs::create_dir_all(&arguments.scratch)?;
    let setting = Setting {
        program: absolute(&arguments.program)?,
        site: arguments.site,
        phone: arguments.phone,
        scratch: absolute(&arguments.scratch)?,
        round: Duration::try_from_secs_f64(arguments.seconds)?,
    };
    if let Some(options) = soaking {
        let count = soak::run(&setting, options).await?;
        print(&count);
        return count.verdict();
    }
    let chosen = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut table = Table::default();
    if chosen(Part::Sizes) {
        say("sizes");
        sizes::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Schedules) {
        say("schedules of a large district");
        schedules::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Startup) {
        say("start and first byte");
        startup::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Pages) {
        say("pages and snapshot under load");
        pages::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Reports) {
        say("reports");
        reports::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Postgres) {
        say("reports on PostgreSQL");
        postgres::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Photos) {
        say("photos");
        photos::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Overload) {
        say("more photos at once than can be decoded");
        overload::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Cases) {
        say("the staff's queue");
        cases::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Lookup) {
        say("3,000 stations looked up");
        lookup::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Browser) {
        say("500 stations in a slow browser");
        browser::measure(&setting, &mut table).await?;
    }
    if chosen(Part::Queue) {
        say("50 photos queued in a browser");
        queue::measure(&setting, &mut table).await?;
    }
    print(&table);
    Ok(())
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    path.canonicalize().with_context(|| format!("cannot find {}", path.display()))
}

#[expect(clippy::print_stderr, reason = "somebody waits a few minutes in front of this")]
pub(crate) fn say(what: &str) {
    eprintln!("bench: {what}");
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn print(result: &impl std::fmt::Display) {
    println!("{result}");
}
