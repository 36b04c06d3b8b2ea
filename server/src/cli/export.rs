//! `waypost export`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{DataDir, block_on, say};
use crate::export::{Format, export};

/// What spreadsheets need to take a CSV file for UTF-8.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The file to write, replacing it; `-` is standard output.
    #[arg(default_value = "-", value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    data: DataDir,
    /// What kind of file; by its name if not given, else CSV.
    #[arg(long = "format")]
    kind: Option<Format>,
}

impl Export {
    fn format(&self) -> Format {
        let by_name = || match self.file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "geojson" => Some(Format::Geojson),
            "json" => Some(Format::Json),
            _ => None,
        };
        self.kind.or_else(by_name).unwrap_or(Format::Csv)
    }
}

/// Writes the file.
pub(super) fn run(asked: Export) -> anyhow::Result<()> {
    let format = asked.format();
    let text = block_on(async { Ok(export(&asked.data.database()?, format).await?) })?;
    if asked.file.as_os_str() == "-" {
        return say(&text);
    }
    // A file is opened in a spreadsheet; a program that reads standard output would stumble over the mark.
    let mark = if format == Format::Csv { BYTE_ORDER_MARK } else { "" };
    std::fs::write(&asked.file, format!("{mark}{text}"))
        .with_context(|| format!("cannot write {}", asked.file.display()))
}
