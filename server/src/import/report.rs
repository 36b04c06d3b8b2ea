//! What an import says it did, row by row.

mod words;

use std::collections::BTreeSet;

use super::columns::Column;
use super::decode::Charset;
use super::reason::{Note, Reason};

/// Where in a row something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The row as a whole.
    Row,
    Column(Column),
    /// `lat` and `lng` together.
    Place,
    /// What GeoJSON has instead.
    Geometry,
}

impl From<Column> for Spot {
    fn from(column: Column) -> Self {
        Self::Column(column)
    }
}

/// Something in a row that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub at: Spot,
    pub reason: Reason,
}

impl Fault {
    pub fn new(at: impl Into<Spot>, reason: Reason) -> Self {
        Self { at: at.into(), reason }
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
    pub notes: Vec<Note>,
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
