//! Years of the calendar from a file, into the database that adds to the one that is built in.

use std::fmt;

use serde_json::{Map, Value};

use super::report::Ending;
use super::{FileError, Options};
use crate::schedule::calendar::{Calendar, Year};
use crate::store::district::Change;
use crate::store::{Connection, StoreError, calendar};

/// What becomes of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody knew its days off before.
    New,
    /// It is announced anew.
    Changed,
    Unchanged,
    /// It cannot be right, for this reason.
    Refused(String),
}

/// A whole import of years.
#[derive(Clone, Debug)]
pub struct CalendarReport {
    /// As they stand in the file.
    pub years: Vec<(String, Outcome)>,
    pub ending: Ending,
}

impl CalendarReport {
    /// Years that were refused.
    pub fn refused(&self) -> usize {
        self.years.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Refused(_))).count()
    }
}

impl fmt::Display for CalendarReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (year, outcome) in &self.years {
            match outcome {
                Outcome::New => writeln!(f, "year {year}\tnew"),
                Outcome::Changed => writeln!(f, "year {year}\tupdated"),
                Outcome::Unchanged => writeln!(f, "year {year}\tunchanged"),
                Outcome::Refused(reason) => writeln!(f, "year {year}\terror: {reason}"),
            }?;
        }
        write!(f, "calendar, {} years\n{}", self.years.len(), self.ending)
    }
}

/// The years of a calendar file, `{"years": {"2027": {"days_off": …, "working_weekends": …}}}`; `None` for another file.
pub(crate) fn read(text: &str) -> Option<Map<String, Value>> {
    // Only a file that is whole can be told from one of stations.
    let Ok(Value::Object(mut file)) = serde_json::from_str(text) else { return None };
    match file.remove("years")? {
        Value::Object(years) if !file.contains_key("type") => Some(years),
        _ => None,
    }
}

/// Years understood and compared with those that are known.
#[derive(Debug)]
pub(crate) struct Announced {
    report: Vec<(String, Outcome)>,
    to_keep: Vec<Year>,
}

impl Announced {
    /// # Errors
    /// If there is none.
    pub(crate) fn new(years: Map<String, Value>, known: &Calendar) -> Result<Self, FileError> {
        if years.is_empty() {
            return Err(FileError::Empty);
        }
        let mut announced = Self { report: Vec::new(), to_keep: Vec::new() };
        for (name, days) in years {
            let outcome = match read_year(&name, &days) {
                Err(reason) => Outcome::Refused(reason),
                Ok(year) => match known.year(year.year()) {
                    Some(before) if before == year => Outcome::Unchanged,
                    before => {
                        announced.to_keep.push(year);
                        before.map_or(Outcome::New, |_| Outcome::Changed)
                    }
                },
            };
            announced.report.push((name, outcome));
        }
        Ok(announced)
    }

    /// The end without writing, where there is nothing that may be or needs to be written.
    pub(crate) fn rehearsed(&self, options: Options) -> Option<CalendarReport> {
        let report = |ending| CalendarReport { years: self.report.clone(), ending };
        match report(Ending::DryRun).refused() {
            0 if self.to_keep.is_empty() => Some(report(Ending::NothingToDo)),
            0 => options.dry_run.then(|| report(Ending::DryRun)),
            rows => Some(report(Ending::Refused { rows })),
        }
    }

    /// Keeps what is new. Call it inside [`crate::store::Store::write`].
    pub(crate) async fn carry_out(self, conn: &mut Connection) -> Result<CalendarReport, StoreError> {
        let mut change = Change::begin(conn).await?;
        for year in &self.to_keep {
            calendar::put_year(&mut change, year).await?;
        }
        Ok(CalendarReport { years: self.report, ending: Ending::Written { rev: change.rev() } })
    }
}

fn read_year(name: &str, days: &Value) -> Result<Year, String> {
    let year = name.parse().map_err(|_| "not a year".to_owned())?;
    Year::parse(year, &days.to_string()).map_err(|error| error.to_string())
}
