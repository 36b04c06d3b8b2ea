//! What time it is: injected, so that tests can live on any day.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use waypost_app::domain::time::{CHINA, Minute};

/// The server's clock; clones tell the same time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Stands still, in milliseconds since 1970-01-01T00:00Z, until it is set again.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at a moment.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.timestamp_millis())))
    }

    /// Moves a fixed clock. The machine's clock cannot be set: nothing happens.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Self::Fixed(millis) = self {
            millis.store(at.timestamp_millis(), Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::System => Utc::now().timestamp_millis(),
            Self::Fixed(millis) => millis.load(Ordering::SeqCst),
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

/// A minute as the API writes it: RFC 3339 in the district's time.
pub fn rfc3339_minute(at: Minute) -> String {
    rfc3339(DateTime::from_timestamp(at.0.saturating_mul(60), 0).unwrap_or_default())
}
