//! `waypost import`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use waypost_app::local::prefs::Lang;

use super::{DataDir, block_on, say};
use crate::clock::Clock;
use crate::import::report::Ending;
use crate::import::{FileError, ImportError, MAX_FILE, Options, import};

#[derive(Debug, Args)]
pub(super) struct Import {
    /// Stations as CSV, GeoJSON or JSON, in UTF-8 or GB18030; or years of the calendar of days off as JSON.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    data: DataDir,
    /// Say what would happen, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Take the file's word also where people here have changed what an earlier import said.
    #[arg(long)]
    overwrite: bool,
}

/// Imports, and says what became of each row.
pub(super) fn run(asked: Import) -> anyhow::Result<()> {
    let shown = asked.file.display();
    let bytes = read(&asked.file).with_context(|| format!("cannot read {shown}"))?;
    let options = Options { overwrite: asked.overwrite, dry_run: asked.dry_run };
    let database = asked.data.database()?;
    let report = block_on(async {
        import(&database, &bytes, options, Clock::System.minute()).await.map_err(|error| match error {
            ImportError::File(error) => anyhow::Error::new(error).context(format!("cannot import {shown}")),
            error => anyhow::Error::new(error).context(format!("cannot import into {database}")),
        })
    })?;
    say(&report.in_words(Lang::En))?;
    if let Ending::Refused { rows } = report.ending() {
        bail!("{shown} was not imported: {rows} rows cannot be understood");
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(FileError::TooLong.into());
    }
    Ok(bytes)
}
