//! Days unlike what a rule says: closed for repair, open late at a festival, a market moved.

use std::fmt;

use opening_hours_syntax::RuleKind;
use waypost_app::domain::schedule::Horizon;
use waypost_app::domain::time::{DAY, Day, Offset};

use super::{rule, words};

/// Longest exception, in days: three years. What lasts longer is a new rule.
pub const MAX_DAYS: i64 = 1096;
/// Most spans of one day.
pub const MAX_SPANS: usize = 12;
/// The last day an exception may touch: the end of 2199.
const LAST_DAY: i64 = 84_005;

/// Why an exception is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionError {
    #[error("hours of an exception are times of day such as 10:00-12:00,14:00-16:00, or empty where it is closed")]
    NotTimes,
    #[error("an exception has {MAX_SPANS} spans of hours at most")]
    TooManySpans,
    #[error("the hours {0} overlap others of that day, or are longer than a day")]
    Overlap(String),
    #[error("the last day comes before the first, or the days are no days from 1970 to 2199")]
    NoDays,
    #[error("an exception lasts {MAX_DAYS} days at most")]
    TooLong,
}

/// One exception as staff write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub id: String,
    /// The id of a station, a service or a market.
    pub target: String,
    pub days: Days,
    pub times: Times,
    /// Why, in Chinese and English; each may be empty.
    pub reason: String,
    pub reason_en: String,
}

/// Local days in a row, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days {
    first: Day,
    last: Day,
}

impl Days {
    /// The days of an exception, both included.
    ///
    /// # Errors
    /// If there are none, more than [`MAX_DAYS`], or some that nobody alive will see.
    pub fn new(first: Day, last: Day) -> Result<Self, ExceptionError> {
        if first > last || first < Day(0) || last > Day(LAST_DAY) {
            return Err(ExceptionError::NoDays);
        }
        if last.0 - first.0 >= MAX_DAYS {
            return Err(ExceptionError::TooLong);
        }
        Ok(Self { first, last })
    }

    /// The days that matter to a window: also the one before it, whose night may reach into it.
    pub(crate) fn around(window: Horizon, offset: Offset) -> Self {
        let first = offset.day(window.start).plus(-1);
        Self { first, last: offset.day(window.end.plus(-1)).max(first) }
    }

    #[must_use]
    pub const fn first(self) -> Day {
        self.first
    }

    /// Included.
    #[must_use]
    pub const fn last(self) -> Day {
        self.last
    }

    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        (self.first..=self.last).contains(&day)
    }

    pub(super) fn meet(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// What is open on each day of an exception, in minutes after its midnight: sorted, without overlap. Nothing is a
/// closure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Times(Vec<(u16, u16)>);

impl Times {
    /// Reads OSM time spans, `10:00-12:00,14:00-16:00`; an end that is not later than its start is on the next day. An
    /// empty text is a closure.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn parse(text: &str) -> Result<Self, ExceptionError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        // Letters would make it more than times: days, holidays, sunrise.
        if !text.chars().all(|letter| letter.is_ascii_digit() || ":-, ".contains(letter)) {
            return Err(ExceptionError::NotTimes);
        }
        // "10:00-12:00, " and eleven more.
        if text.len() > 13 * MAX_SPANS {
            return Err(ExceptionError::TooManySpans);
        }
        let hours = rule::read(text).map_err(|_| ExceptionError::NotTimes)?;
        let expression = hours.get_expression();
        let [only] = expression.rules.as_slice() else { return Err(ExceptionError::NotTimes) };
        if !only.day_selector.is_empty() || only.kind != RuleKind::Open {
            return Err(ExceptionError::NotTimes);
        }
        let spans = only.time_selector.spans.iter().map(words::fixed).collect::<Option<Vec<_>>>();
        let mut spans = spans.ok_or(ExceptionError::NotTimes)?;
        if spans.len() > MAX_SPANS {
            return Err(ExceptionError::TooManySpans);
        }
        spans.sort_unstable();
        let mut free = 0;
        for &span in &spans {
            if span.0 < free || i64::from(span.1 - span.0) > DAY {
                return Err(ExceptionError::Overlap(Self(vec![span]).to_string()));
            }
            free = span.1;
        }
        Ok(Self(spans))
    }

    #[must_use]
    pub fn is_closure(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn spans(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.0.iter().map(|(start, end)| (i64::from(*start), i64::from(*end)))
    }
}

/// As [`Times::parse`] reads it.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (start, end)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let end = if *end > 1440 { end - 1440 } else { *end };
            write!(f, "{comma}{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)?;
        }
        Ok(())
    }
}

/// Days on which one exception counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stretch {
    pub days: Days,
    pub times: Times,
    pub reason: String,
    pub reason_en: String,
}

impl Stretch {
    pub(super) fn words(&self) -> String {
        words::both(&self.reason, &self.reason_en)
    }
}

impl From<Exception> for Stretch {
    fn from(exception: Exception) -> Self {
        let Exception { days, times, reason, reason_en, .. } = exception;
        Self { days, times, reason, reason_en }
    }
}

/// Puts one exception over others. They stay sorted and without overlap: on days of both, the new one counts.
pub(super) fn lay_over(stretches: &mut Vec<Stretch>, new: Stretch) {
    let mut left = Vec::with_capacity(stretches.len() + 2);
    for old in stretches.drain(..) {
        if !old.days.meet(new.days) {
            left.push(old);
            continue;
        }
        for days in [
            Days { first: old.days.first, last: new.days.first.plus(-1) },
            Days { first: new.days.last.plus(1), last: old.days.last },
        ] {
            if days.first <= days.last {
                left.push(Stretch { days, ..old.clone() });
            }
        }
    }
    left.push(new);
    left.sort_unstable_by_key(|stretch| stretch.days.first);
    *stretches = left;
}

/// The stretch that counts on a day.
pub(super) fn on(stretches: &[Stretch], day: Day) -> Option<&Stretch> {
    let after = stretches.partition_point(|stretch| stretch.days.first <= day);
    stretches.get(after.checked_sub(1)?).filter(|stretch| stretch.days.contains(day))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn days(first: i64, last: i64) -> Days {
        Days::new(Day(first), Day(last)).expect("days")
    }

    fn stretch(days: Days, reason: &str) -> Stretch {
        Stretch { days, times: Times::default(), reason: reason.to_owned(), reason_en: String::new() }
    }

    #[test]
    fn times_of_day_are_read_and_written_as_osm_has_them() {
        for (text, written) in [
            ("", ""),
            ("  ", ""),
            ("10:00-12:00,14:00-16:00", "10:00-12:00,14:00-16:00"),
            ("14:00-16:00, 10:00-12:00", "10:00-12:00,14:00-16:00"),
            ("10:00-12:00,12:00-14:00", "10:00-12:00,12:00-14:00"),
            ("18:00-02:00", "18:00-02:00"),
            ("18:00-26:00", "18:00-02:00"),
            ("00:00-24:00", "00:00-24:00"),
            ("00:00-00:00", "00:00-24:00"),
            ("9:00 - 17:00", "09:00-17:00"),
        ] {
            let times = Times::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(times.to_string(), written, "{text}");
            assert_eq!(times.is_closure(), written.is_empty(), "{text}");
        }
    }

    #[test]
    fn anything_but_times_of_day_is_refused() {
        for text in [
            "Mo 10:00-12:00",
            "24/7",
            "off",
            "PH off",
            "sunrise-sunset",
            "10:00",
            "10:00+",
            "10:00-12:00/00:30",
            "10:00-12:00 \"ring\"",
            "10:00-12:00; 14:00-16:00",
            "2026",
            "25:00-26:00",
            "-",
            "十点到十二点",
            "10：00-12：00",
        ] {
            assert_eq!(Times::parse(text), Err(ExceptionError::NotTimes), "{text}");
        }
        for text in ["10:00-14:00,12:00-16:00", "00:00-48:00", "10:00-12:00,10:00-12:00", "22:00-04:00,23:00-24:00"] {
            assert!(matches!(Times::parse(text), Err(ExceptionError::Overlap(_))), "{text}");
        }
        let many = (0..13).map(|hour| format!("{hour}:00-{hour}:30")).collect::<Vec<_>>().join(",");
        assert_eq!(Times::parse(&many), Err(ExceptionError::TooManySpans));
        assert_eq!(Times::parse(&"1".repeat(10_000)), Err(ExceptionError::TooManySpans));
    }

    #[test]
    fn days_that_nobody_means_are_refused() {
        assert_eq!(days(20_781, 20_781).first(), Day(20_781));
        assert_eq!(Days::new(Day(20_781), Day(20_780)), Err(ExceptionError::NoDays));
        assert_eq!(Days::new(Day(-1), Day(5)), Err(ExceptionError::NoDays));
        assert_eq!(Days::new(Day(20_000), Day(i64::MAX)), Err(ExceptionError::NoDays));
        assert_eq!(Days::new(Day(20_000), Day(20_000 + MAX_DAYS)), Err(ExceptionError::TooLong));
        assert!(Days::new(Day(20_000), Day(20_000 + MAX_DAYS - 1)).is_ok());
        assert_eq!(Day(LAST_DAY).plus(1).date().year, 2200);
        assert_eq!(Day(LAST_DAY).date().year, 2199);
    }

    proptest! {
        #[test]
        fn on_each_day_the_exception_written_last_counts(written in proptest::collection::vec((0..40_i64, 0..12_i64), 0..8)) {
            let mut stretches = Vec::new();
            for (at, (first, more)) in written.iter().enumerate() {
                lay_over(&mut stretches, stretch(days(*first, first + more), &at.to_string()));
            }
            for pair in stretches.windows(2) {
                prop_assert!(pair[0].days.last() < pair[1].days.first());
            }
            for day in 0..60 {
                let last = written.iter().rposition(|(first, more)| (*first..=first + more).contains(&day));
                let found = on(&stretches, Day(day)).map(|stretch| stretch.reason.clone());
                prop_assert_eq!(found, last.map(|at| at.to_string()));
            }
        }

        #[test]
        fn any_text_is_times_or_refused_and_times_read_their_own_words(text in "[0-9:, -]{0,40}") {
            if let Ok(times) = Times::parse(&text) {
                prop_assert_eq!(Times::parse(&times.to_string()), Ok(times));
            }
        }
    }
}
