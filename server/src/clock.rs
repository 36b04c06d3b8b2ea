//! What time it is: injected, so that tests can live on any day.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};
use tokio::sync::watch;
use waypost_app::domain::time::{CHINA, Day, Minute};

/// In milliseconds.
pub(crate) const HOUR_MS: i64 = 60 * 60 * 1000;
/// A day of 24 hours, in milliseconds.
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// The server's clock; clones tell the same time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Stands still, in milliseconds since 1970-01-01T00:00Z, until it is set again.
    Fixed(Arc<watch::Sender<i64>>),
}

impl Clock {
    /// A clock that stands still at a moment.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(watch::Sender::new(at.timestamp_millis())))
    }

    /// Moves a fixed clock. The machine's clock cannot be set: nothing happens.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Self::Fixed(millis) = self {
            millis.send_replace(at.timestamp_millis());
        }
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::System => Utc::now().timestamp_millis(),
            Self::Fixed(millis) => *millis.borrow(),
        }
    }

    /// Waits until this clock shows a moment (or a later one), in milliseconds since 1970-01-01T00:00Z. A fixed clock
    /// shows it when somebody sets it so.
    pub async fn until(&self, at_ms: i64) {
        match self {
            Self::System => {
                while let Ok(left @ 1..) = u64::try_from(at_ms - self.now_ms()) {
                    // In short steps: the machine's clock may be set.
                    tokio::time::sleep(Duration::from_millis(left.min(60_000))).await;
                }
            }
            // The sender is this clock itself, so it cannot go away meanwhile.
            Self::Fixed(millis) => drop(millis.subscribe().wait_for(|now| *now >= at_ms).await),
        }
    }

    /// The current minute.
    pub fn minute(&self) -> Minute {
        Minute::from_millis(self.now_ms())
    }

    /// The current moment.
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.now_ms()).unwrap_or_default()
    }
}

/// A moment as the API writes it: RFC 3339 in the district's time.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    match FixedOffset::east_opt(CHINA.0 * 60) {
        Some(offset) => at.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::Secs, false),
        None => at.to_rfc3339_opts(SecondsFormat::Secs, false),
    }
}

/// Milliseconds since 1970-01-01T00:00Z as the API writes a moment: RFC 3339 in the district's time.
pub fn rfc3339_ms(ms: i64) -> String {
    rfc3339(DateTime::from_timestamp_millis(ms).unwrap_or_default())
}

/// A minute as the API writes it: RFC 3339 in the district's time.
pub fn rfc3339_minute(at: Minute) -> String {
    rfc3339(DateTime::from_timestamp(at.0.saturating_mul(60), 0).unwrap_or_default())
}

/// Years that questions about time may be about.
const YEARS: std::ops::RangeInclusive<i64> = 1970..=2200;

/// The text is not a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give a date (2026-11-24) or a moment with its offset (2026-11-24T08:30:00+08:00), from 1970 to 2200")]
pub struct NotAMoment;

/// Reads a moment (RFC 3339; seconds are dropped) or a date, which is its first minute in the district.
///
/// # Errors
/// If it is neither, or too far from today to be meant.
pub fn parse_moment(text: &str) -> Result<Minute, NotAMoment> {
    let minute = if let Ok(date) = text.parse::<NaiveDate>() {
        CHINA.midnight(Day(date.signed_duration_since(NaiveDate::default()).num_days()))
    } else {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| NotAMoment)?;
        Minute::from_millis(at.timestamp_millis())
    };
    if YEARS.contains(&CHINA.day(minute).date().year) { Ok(minute) } else { Err(NotAMoment) }
}
