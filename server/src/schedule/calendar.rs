//! China's calendar: statutory days off and the weekends worked in exchange (调休), as far as they are announced.
//!
//! The State Council announces a year in the autumn before it. So years are data: some are built in, and the database
//! adds or corrects others (`store::calendar`).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Weekday};
use compact_calendar::CompactCalendar;
use opening_hours::ContextHolidays;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Years a calendar may speak of; any other is a slip of the pen.
const YEARS: RangeInclusive<i32> = 1970..=2200;

/// Which days are off and which weekends are worked, for the years that are announced. Cheap to clone.
///
/// In a rule `PH` is a statutory day off and `SH` a working weekend: OSM has no sign of its own for the latter, and
/// China's school holidays are not announced nationally.
#[derive(Clone, Debug)]
pub struct Calendar {
    years: Arc<BTreeMap<i32, Days>>,
    holidays: ContextHolidays,
    fingerprint: Arc<str>,
}

/// One announced year, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    year: i32,
    days: Days,
}

/// Why a calendar cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    #[error("not a calendar: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("{0} is not a year from {first} to {last}", first = YEARS.start(), last = YEARS.end())]
    FarYear(i32),
    #[error("{day} stands under the year {year}")]
    WrongYear { year: i32, day: NaiveDate },
    #[error("the days off from {first} to {last} end before they begin")]
    Backwards { first: NaiveDate, last: NaiveDate },
    #[error("{0} is listed as a working weekend and is neither a Saturday nor a Sunday")]
    NotAWeekend(NaiveDate),
    #[error("{0} is listed both as a day off and as a working weekend")]
    Contradiction(NaiveDate),
}

#[derive(Deserialize)]
struct File {
    years: BTreeMap<i32, Days>,
}

/// A year as it is written. A misspelt list must not pass for an empty one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    /// First and last day, both included.
    days_off: Vec<(NaiveDate, NaiveDate)>,
    working_weekends: Vec<NaiveDate>,
}

impl Year {
    /// Reads the body of a year, `{"days_off": [[first, last], …], "working_weekends": [day, …]}`, dates as
    /// `2027-01-01` and the last day included.
    ///
    /// # Errors
    /// If it is not one, or cannot be right.
    pub fn parse(year: i32, body: &str) -> Result<Self, CalendarError> {
        Self::checked(year, serde_json::from_str(body)?)
    }

    fn checked(year: i32, days: Days) -> Result<Self, CalendarError> {
        if !YEARS.contains(&year) {
            return Err(CalendarError::FarYear(year));
        }
        let listed = days.days_off.iter().flat_map(|(first, last)| [first, last]).chain(&days.working_weekends);
        if let Some(&day) = listed.into_iter().find(|day| day.year() != year) {
            return Err(CalendarError::WrongYear { year, day });
        }
        if let Some(&(first, last)) = days.days_off.iter().find(|(first, last)| first > last) {
            return Err(CalendarError::Backwards { first, last });
        }
        for &day in &days.working_weekends {
            if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
                return Err(CalendarError::NotAWeekend(day));
            }
            if days.days_off.iter().any(|(first, last)| (*first..=*last).contains(&day)) {
                return Err(CalendarError::Contradiction(day));
            }
        }
        Ok(Self { year, days })
    }

    #[must_use]
    pub const fn year(&self) -> i32 {
        self.year
    }

    /// The body that [`Year::parse`] reads.
    ///
    /// # Errors
    /// None that is known: dates have no form JSON could not hold.
    pub fn body(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.days)
    }
}

impl Calendar {
    /// The calendar that is built in.
    ///
    /// # Errors
    /// If the file it was built from is wrong.
    pub fn china() -> Result<Self, CalendarError> {
        Self::parse(include_str!("../../calendar/cn.json"))
    }

    /// Reads a calendar file.
    ///
    /// # Errors
    /// If it is not one, or contradicts itself.
    pub fn parse(json: &str) -> Result<Self, CalendarError> {
        let file: File = serde_json::from_str(json)?;
        let years = file.years.into_iter().map(|(year, days)| Year::checked(year, days));
        Self::of(years.collect::<Result<Vec<_>, _>>()?.into_iter().map(|year| (year.year, year.days)).collect())
    }

    /// This calendar with years added or, where it has them already, replaced.
    ///
    /// # Errors
    /// None that is known, as [`Year::body`].
    pub fn with_years(&self, years: impl IntoIterator<Item = Year>) -> Result<Self, CalendarError> {
        let mut all = BTreeMap::clone(&self.years);
        all.extend(years.into_iter().map(|year| (year.year, year.days)));
        Self::of(all)
    }

    fn of(years: BTreeMap<i32, Days>) -> Result<Self, CalendarError> {
        let (mut off, mut worked) = (CompactCalendar::default(), CompactCalendar::default());
        for days in years.values() {
            for &(first, last) in &days.days_off {
                for day in first.iter_days().take_while(|day| *day <= last) {
                    off.insert(day);
                }
            }
            for &day in &days.working_weekends {
                worked.insert(day);
            }
        }
        let fingerprint = hex(&Sha256::digest(serde_json::to_vec(&years)?)[..6]).into();
        Ok(Self {
            years: Arc::new(years),
            holidays: ContextHolidays::new(Arc::new(off), Arc::new(worked)),
            fingerprint,
        })
    }

    /// Days off and working weekends as the evaluator takes them.
    pub(super) fn holidays(&self) -> ContextHolidays {
        self.holidays.clone()
    }

    /// Whether the days off of that day's year are known.
    #[must_use]
    pub fn is_announced(&self, day: NaiveDate) -> bool {
        self.years.contains_key(&day.year())
    }

    /// A year that is known.
    #[must_use]
    pub fn year(&self, year: i32) -> Option<Year> {
        self.years.get(&year).map(|days| Year { year, days: days.clone() })
    }

    /// Whether the days off of a year are known.
    pub(super) fn has(&self, year: i64) -> bool {
        i32::try_from(year).is_ok_and(|year| self.years.contains_key(&year))
    }

    /// Whether a year lies before all that are known: nobody is waiting for its announcement any more.
    pub(super) fn is_before_records(&self, year: i32) -> bool {
        self.years.first_key_value().is_some_and(|(first, _)| year < *first)
    }

    /// A statutory day off.
    #[must_use]
    pub fn is_day_off(&self, day: NaiveDate) -> bool {
        self.holidays.get_public().contains(day)
    }

    /// A weekend day worked in exchange for a day off.
    #[must_use]
    pub fn is_working_weekend(&self, day: NaiveDate) -> bool {
        self.holidays.get_school().contains(day)
    }

    /// Changes whenever the calendar's data does.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
