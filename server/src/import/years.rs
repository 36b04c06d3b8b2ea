//! Years of the calendar from a file, into the database that adds to the one that is built in.

use std::sync::Arc;

use serde_json::{Map, Value};
use waypost_app::local::prefs::Lang;

use super::report::Ending;
use super::{FileError, Options};
use crate::schedule::calendar::{Calendar, CalendarError, Year};
use crate::store::district::Change;
use crate::store::{Connection, StoreError, calendar};

/// What becomes of a year.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nobody knew its days off before.
    New,
    /// It is announced anew.
    Changed,
    Unchanged,
    /// It cannot be right, for this reason.
    Refused(NotAYear),
}

/// Why a year cannot be taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotAYear {
    #[error("not a year")]
    Name,
    #[error(transparent)]
    Days(#[from] Arc<CalendarError>),
}

impl NotAYear {
    fn in_chinese(&self) -> String {
        let Self::Days(error) = self else { return "不是年份".to_owned() };
        match error.as_ref() {
            CalendarError::Unreadable(error) => format!("读不懂：{error}"),
            CalendarError::FarYear(year) => format!("{year} 年太远了"),
            CalendarError::WrongYear { year, day } => format!("{day} 写在了 {year} 年里"),
            CalendarError::Backwards { first, last } => format!("放假从 {first} 到 {last}，还没开始就结束了"),
            CalendarError::NotAWeekend(day) => format!("{day} 不是周末，不能列为调休上班"),
            CalendarError::Contradiction(day) => format!("{day} 又放假又调休上班"),
        }
    }
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

impl Outcome {
    fn in_words(&self, lang: Lang) -> String {
        let (english, chinese) = match self {
            Self::New => ("new", "新增"),
            Self::Changed => ("updated", "更新"),
            Self::Unchanged => ("unchanged", "没有变化"),
            Self::Refused(reason) => {
                return match lang {
                    Lang::En => format!("error: {reason}"),
                    Lang::Zh => format!("有错：{}", reason.in_chinese()),
                };
            }
        };
        match lang {
            Lang::En => english.to_owned(),
            Lang::Zh => chinese.to_owned(),
        }
    }
}

impl CalendarReport {
    /// Year by year.
    pub fn in_words(&self, lang: Lang) -> String {
        let of_year = |(year, outcome): &(String, Outcome)| match lang {
            Lang::En => format!("year {year}\t{}\n", outcome.in_words(lang)),
            Lang::Zh => format!("{year} 年\t{}\n", outcome.in_words(lang)),
        };
        let mut lines: Vec<String> = self.years.iter().map(of_year).collect();
        lines.push(match lang {
            Lang::En => format!("calendar, {} years\n", self.years.len()),
            Lang::Zh => format!("日历，{} 年\n", self.years.len()),
        });
        lines.push(self.ending.in_words(lang));
        lines.concat()
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

fn read_year(name: &str, days: &Value) -> Result<Year, NotAYear> {
    let year = name.parse().map_err(|_| NotAYear::Name)?;
    Ok(Year::parse(year, &days.to_string()).map_err(Arc::new)?)
}
