//! What words about hours mean, for whoever types them.

use chrono::{Datelike, Days, NaiveDate};
use waypost_app::domain::schedule::Horizon;
use waypost_app::domain::time::{CHINA, Day, Minute};
use waypost_app::pages::station::week::{self, Hours};
use waypost_app::wire::staff::stations::{DayHours, DayKind, HoursPreview, PreviewDay};

use super::{Asker, HoursError};
use crate::clock::rfc3339_minute;
use crate::schedule::calendar::Calendar;

/// Days that are shown, from today on.
const DAYS: i64 = 14;

/// Reads words and says what they mean on the next days. Takes as long as a rule may: not on a thread that answers requests.
pub fn preview(words: &str, calendar: &Calendar, now: Minute) -> HoursPreview {
    let mut asker = Asker::new(calendar.clone());
    match days(&mut asker, words, calendar, CHINA.day(now)) {
        Ok(Some((rule, days))) => {
            HoursPreview { rule: Some(rule), not_understood: Vec::new(), reason: String::new(), days }
        }
        Ok(None) => nothing(not_understood(&mut asker, words), String::new()),
        Err(error) => nothing(not_understood(&mut asker, words), error.to_string()),
    }
}

const fn nothing(not_understood: Vec<String>, reason: String) -> HoursPreview {
    HoursPreview { rule: None, not_understood, reason, days: Vec::new() }
}

/// The rule with its days; `None` where there are only words.
fn days(
    asker: &mut Asker,
    words: &str,
    calendar: &Calendar,
    today: Day,
) -> Result<Option<(String, Vec<PreviewDay>)>, HoursError> {
    let read = asker.read(words)?;
    let Some(rule) = read.rule() else { return Ok(None) };
    // A day more on either side, so that a night is said whole.
    let known = Horizon { start: CHINA.midnight(today.plus(-1)), end: CHINA.midnight(today.plus(DAYS + 1)) };
    let schedule = asker.schedule(words, known)?;
    let days = (0..DAYS).map(|ahead| today.plus(ahead)).filter_map(|day| {
        let date = date(day)?;
        Some(PreviewDay {
            date: date.to_string(),
            weekday: u8::try_from(day.weekday()).unwrap_or_default(),
            kind: kind(date, calendar),
            hours: of_day(week::hours(&schedule, day, CHINA, known)),
        })
    });
    Ok(Some((rule.to_owned(), days.collect())))
}

fn of_day(hours: Hours) -> DayHours {
    match hours {
        Hours::Unknown(reason) => DayHours::Unknown { reason: reason.unwrap_or_default() },
        Hours::Closed => DayHours::Closed,
        Hours::AllDay => DayHours::AllDay,
        Hours::Open(spans) => DayHours::Open {
            spans: spans.into_iter().map(|(from, to)| (rfc3339_minute(from), rfc3339_minute(to))).collect(),
        },
    }
}

/// A day as chrono has it; `None` only for days that no clock shows.
fn date(day: Day) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_days(Days::new(u64::try_from(day.0).ok()?))
}

fn kind(date: NaiveDate, calendar: &Calendar) -> DayKind {
    if !calendar.is_announced(date) {
        DayKind::NotAnnounced
    } else if calendar.is_day_off(date) {
        DayKind::DayOff
    } else if calendar.is_working_weekend(date) {
        DayKind::WorkingWeekend
    } else if date.weekday().num_days_from_monday() >= 5 {
        DayKind::Weekend
    } else {
        DayKind::Workday
    }
}

/// The clauses that are not understood even alone; the whole text where all of them are.
fn not_understood(asker: &mut Asker, words: &str) -> Vec<String> {
    let mut unclear: Vec<String> = Vec::new();
    for clause in words.split([';', '；', '。', '\n', '，']).map(str::trim).filter(|clause| !clause.is_empty()) {
        if !asker.read(clause).is_ok_and(|read| read.rule().is_some()) {
            unclear.push(clause.to_owned());
        }
    }
    if unclear.is_empty() { vec![words.trim().to_owned()] } else { unclear }
}
