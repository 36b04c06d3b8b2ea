//! What an import says it did, row by row.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use super::columns::Column;
use super::decode::Charset;

/// Something in a row that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands: a column, or `row`.
    pub column: &'static str,
    pub reason: String,
}

impl Fault {
    pub fn new(column: &'static str, reason: String) -> Self {
        Self { column, reason }
    }

    /// The row as a whole.
    pub fn row(reason: String) -> Self {
        Self::new("row", reason)
    }
}

/// What becomes of a row's station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    New,
    Updated(Vec<Column>),
    Unchanged,
    /// It was removed here since it was imported, and stays so.
    StaysRemoved,
    Refused(Vec<Fault>),
}

/// What is said of one row.
#[derive(Clone, Debug)]
pub struct RowReport {
    pub row: usize,
    pub slug: String,
    pub outcome: Outcome,
    /// Columns that people here have changed since, and that the file does not get.
    pub kept: Vec<Column>,
    pub notes: Vec<String>,
}

/// What of the built-in sample goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleGone {
    pub stations: usize,
    pub services: usize,
    pub markets: usize,
    pub landmarks: usize,
}

/// The end of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything is in the database, as this revision.
    Written { rev: i64 },
    /// Everything was there already.
    NothingToDo,
    /// It was only a rehearsal.
    DryRun,
    /// Rows could not be understood, so none was written.
    Refused { rows: usize },
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written { rev } => writeln!(f, "written as revision {rev}"),
            Self::NothingToDo => f.write_str("nothing to write: everything is there already\n"),
            Self::DryRun => f.write_str("nothing was written: --dry-run\n"),
            Self::Refused { .. } => f.write_str("nothing was written: all rows or none\n"),
        }
    }
}

/// A whole import.
#[derive(Clone, Debug)]
pub struct Report {
    pub format: &'static str,
    pub charset: Charset,
    /// In the order of the file.
    pub rows: Vec<RowReport>,
    /// Columns of the file that say nothing we know.
    pub ignored: BTreeSet<String>,
    pub sample: Option<SampleGone>,
    pub ending: Ending,
}

impl Report {
    /// Rows that were refused.
    pub fn refused(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Refused(_)))
    }

    fn count(&self, of: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| of(&row.outcome)).count()
    }
}

/// Names of columns; a place changes as a whole.
fn names(columns: &[Column]) -> String {
    let name = |column: &Column| if *column == Column::Lat { "lat, lng" } else { column.name() };
    columns.iter().map(name).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for RowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slug = if self.slug.is_empty() { "-" } else { &self.slug };
        write!(f, "row {}\t{slug}\t", self.row)?;
        match &self.outcome {
            Outcome::New => f.write_str("new")?,
            Outcome::Updated(columns) => write!(f, "updated: {}", names(columns))?,
            Outcome::Unchanged => f.write_str("unchanged")?,
            Outcome::StaysRemoved => f.write_str("stays removed (it was removed here; --overwrite brings it back)")?,
            Outcome::Refused(faults) => {
                let faults = faults.iter().map(|fault| format!("{}: {}", fault.column, fault.reason));
                write!(f, "error: {}", faults.collect::<Vec<_>>().join("; "))?;
            }
        }
        if !self.kept.is_empty() {
            write!(f, "; kept: {}", names(&self.kept))?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "; {note}"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        if !self.ignored.is_empty() {
            writeln!(f, "ignored: {}", self.ignored.iter().cloned().collect::<Vec<_>>().join(", "))?;
        }
        let mut counts = String::new();
        for (count, what) in [
            (self.count(|outcome| *outcome == Outcome::New), "new"),
            (self.count(|outcome| matches!(outcome, Outcome::Updated(_))), "updated"),
            (self.count(|outcome| *outcome == Outcome::Unchanged), "unchanged"),
            (self.count(|outcome| *outcome == Outcome::StaysRemoved), "stay removed"),
            (self.refused(), "with errors"),
        ] {
            if count > 0 {
                write!(counts, ", {count} {what}")?;
            }
        }
        writeln!(f, "{} ({}), {} rows{counts}", self.format, self.charset, self.rows.len())?;
        if let Some(gone) = self.sample {
            let SampleGone { stations, services, markets, landmarks } = gone;
            let is = if matches!(self.ending, Ending::Written { .. }) { "was removed" } else { "would be removed" };
            writeln!(
                f,
                "the sample district {is}: {stations} stations, {services} services, {markets} markets, {landmarks} landmarks"
            )?;
        }
        write!(f, "{}", self.ending)
    }
}
