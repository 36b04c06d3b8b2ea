//! Days and windows written as dates.

use chrono::NaiveDate;
use waypost_app::domain::schedule::Horizon;
use waypost_app::domain::time::{CHINA, Day};

pub fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A day such as `2026-11-24`.
pub fn day(text: &str) -> Day {
    Day(date(text).signed_duration_since(NaiveDate::default()).num_days())
}

/// From the first minute of a day to that of another.
pub fn window(from: &str, to: &str) -> Horizon {
    Horizon { start: CHINA.midnight(day(from)), end: CHINA.midnight(day(to)) }
}
