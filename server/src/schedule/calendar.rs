//! China's calendar: statutory days off and the weekends worked in exchange (调休), as far as they are announced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use compact_calendar::CompactCalendar;
use opening_hours::ContextHolidays;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Which days are off and which weekends are worked, for the years that are announced.
///
/// In a rule `PH` is a statutory day off and `SH` a working weekend: OSM has no sign of its own for the latter, and
/// China's school holidays are not announced nationally.
#[derive(Clone, Debug)]
pub struct Calendar {
    holidays: ContextHolidays,
    announced: BTreeSet<i32>,
    fingerprint: String,
}

/// Why a calendar file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    #[error("not a calendar file: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("{day} stands under the year {year}")]
    WrongYear { year: i32, day: NaiveDate },
    #[error("{0} is listed both as a day off and as a working weekend")]
    Contradiction(NaiveDate),
}

#[derive(Deserialize)]
struct File {
    years: BTreeMap<i32, Year>,
}

#[derive(Deserialize)]
struct Year {
    /// First and last day, both included.
    days_off: Vec<(NaiveDate, NaiveDate)>,
    working_weekends: Vec<NaiveDate>,
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
        let (mut off, mut worked) = (CompactCalendar::default(), CompactCalendar::default());
        for (&year, days) in &file.years {
            let in_year = |day: NaiveDate| {
                if day.year() == year { Ok(day) } else { Err(CalendarError::WrongYear { year, day }) }
            };
            for &(first, last) in &days.days_off {
                in_year(last)?;
                for day in in_year(first)?.iter_days().take_while(|day| *day <= last) {
                    off.insert(day);
                }
            }
            for &day in &days.working_weekends {
                if off.contains(in_year(day)?) {
                    return Err(CalendarError::Contradiction(day));
                }
                worked.insert(day);
            }
        }
        Ok(Self {
            holidays: ContextHolidays::new(Arc::new(off), Arc::new(worked)),
            announced: file.years.into_keys().collect(),
            fingerprint: hex(&Sha256::digest(json)[..6]),
        })
    }

    /// Days off and working weekends as the evaluator takes them.
    pub(super) fn holidays(&self) -> ContextHolidays {
        self.holidays.clone()
    }

    /// Whether the days off of that day's year are known.
    #[must_use]
    pub fn is_announced(&self, day: NaiveDate) -> bool {
        self.announced.contains(&day.year())
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
