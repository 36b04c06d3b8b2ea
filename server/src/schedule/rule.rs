//! One opening rule: read once, asked about any window.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{Days, NaiveDate};
use opening_hours::{Context, OpeningHours, RuleKind};
use opening_hours_syntax::rules::OpeningHoursExpression;
use opening_hours_syntax::rules::day::WeekDayRange;
use opening_hours_syntax::rules::time::Time;
use waypost_app::domain::schedule::{Horizon, State};
use waypost_app::domain::time::{Day, Minute, Offset};

use super::calendar::Calendar;

/// Longest rule that is read, in bytes. The longest in OpenStreetMap is a quarter of this.
pub const MAX_RULE: usize = 1000;
/// Most changes of state one window may hold; more is a rule made to be expensive.
pub const MAX_INTERVALS: usize = 3000;

/// Why a rule has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("the rule is longer than {MAX_RULE} bytes")]
    TooLong,
    #[error("not an opening_hours rule: {0}")]
    Unreadable(String),
    #[error("the rule changes more than {MAX_INTERVALS} times in the window")]
    TooManyChanges,
    #[error("the rule cannot be evaluated")]
    Unevaluable,
}

/// A stretch of one state, `[start, end)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    pub start: Minute,
    pub end: Minute,
    pub state: State,
    /// The rule's own words, or why nobody can say; mostly empty.
    pub comment: String,
}

/// A rule that was understood, bound to a calendar.
#[derive(Clone, Debug)]
pub struct Rule {
    hours: OpeningHours,
    calendar: Calendar,
    /// For each mention of PH or SH: how many days after the holiday it means.
    holiday_offsets: Vec<i64>,
    /// A day's state may come from a span that began the day before.
    overnight: bool,
    /// Parts of the syntax whose meaning is not a fixed minute; they make every answer unknown.
    vague: Option<&'static str>,
}

impl Rule {
    /// Reads a rule in OSM `opening_hours` syntax.
    ///
    /// # Errors
    /// If it is too long or not understood.
    pub fn parse(text: &str, calendar: &Calendar) -> Result<Self, RuleError> {
        if text.len() > MAX_RULE {
            return Err(RuleError::TooLong);
        }
        let hours = guarded(|| text.parse::<OpeningHours>())?.map_err(|error| {
            // The parser draws the place with an arrow over several lines; its first words say enough.
            RuleError::Unreadable(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
        })?;
        let hours = hours.with_context(Context::default().with_holidays(calendar.holidays()));
        let expression = hours.get_expression();
        Ok(Self {
            holiday_offsets: holiday_offsets(&expression),
            overnight: runs_past_midnight(&expression),
            vague: vague_part(&expression),
            hours,
            calendar: calendar.clone(),
        })
    }

    /// Every state in a window, without gaps: the intervals follow each other from its start to its end.
    ///
    /// # Errors
    /// If the rule changes too often to be meant seriously, or breaks the evaluator.
    pub fn intervals(&self, window: Horizon, offset: Offset) -> Result<Vec<Interval>, RuleError> {
        let mut found: Vec<Interval> = Vec::new();
        if window.start >= window.end {
            return Ok(found);
        }
        let last = offset.day(window.end.plus(-1));
        let mut day = offset.day(window.start);
        while day <= last {
            for interval in self.on(day, offset)? {
                let interval =
                    Interval { start: interval.start.max(window.start), end: interval.end.min(window.end), ..interval };
                if interval.start >= interval.end {
                    continue;
                }
                match found.last_mut() {
                    Some(before) if before.state == interval.state && before.comment == interval.comment => {
                        before.end = interval.end;
                    }
                    _ => found.push(interval),
                }
                if found.len() > MAX_INTERVALS {
                    return Err(RuleError::TooManyChanges);
                }
            }
            day = day.plus(1);
        }
        Ok(found)
    }

    /// One local day, whole.
    fn on(&self, day: Day, offset: Offset) -> Result<Vec<Interval>, RuleError> {
        let midnight = offset.midnight(day);
        let whole =
            |comment: String| Interval { start: midnight, end: midnight.plus(1440), state: State::Unknown, comment };
        if let Some(words) = self.vague {
            return Ok(vec![whole(words.to_owned())]);
        }
        let date = day.date();
        let date = i32::try_from(date.year)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, date.month.into(), date.day.into()))
            .ok_or(RuleError::Unevaluable)?;
        if let Some(year) = self.unannounced_year(date) {
            return Ok(vec![whole(not_announced(year))]);
        }
        let ranges = guarded(|| self.hours.schedule_at(date).into_iter().collect::<Vec<_>>())?;
        Ok(ranges
            .into_iter()
            .map(|range| {
                let minutes = |time: opening_hours_syntax::ExtendedTime| {
                    midnight.plus(i64::from(time.hour()) * 60 + i64::from(time.minute()))
                };
                Interval {
                    start: minutes(range.range.start),
                    end: minutes(range.range.end),
                    state: match range.kind {
                        RuleKind::Open => State::Open,
                        RuleKind::Closed => State::Closed,
                        RuleKind::Unknown => State::Unknown,
                    },
                    comment: range.comment.to_string(),
                }
            })
            .collect())
    }

    /// The year whose days off would have to be known for this day, and are not.
    fn unannounced_year(&self, date: NaiveDate) -> Option<i32> {
        use chrono::Datelike;
        let days_back = if self.overnight { 0..=1 } else { 0..=0 };
        self.holiday_offsets
            .iter()
            .flat_map(|offset| days_back.clone().map(move |back| offset + back))
            .filter_map(|back| {
                let days = Days::new(back.unsigned_abs());
                if back < 0 { date.checked_add_days(days) } else { date.checked_sub_days(days) }
            })
            .find(|holiday| !self.calendar.is_announced(*holiday))
            .map(|holiday| holiday.year())
    }
}

/// Words for a day that depends on days off nobody has announced. They travel as data, so in both languages.
fn not_announced(year: i32) -> String {
    format!("{year} 年放假安排尚未公布 / holidays of {year} not announced yet")
}

fn holiday_offsets(expression: &OpeningHoursExpression) -> Vec<i64> {
    expression
        .rules
        .iter()
        .flat_map(|rule| &rule.day_selector.weekday)
        .filter_map(|range| match range {
            WeekDayRange::Holiday { offset, .. } => Some(i64::from(*offset)),
            WeekDayRange::Fixed { .. } => None,
        })
        .collect()
}

fn runs_past_midnight(expression: &OpeningHoursExpression) -> bool {
    expression.rules.iter().flat_map(|rule| &rule.time_selector.spans).any(|span| {
        match (span.range.start, span.range.end) {
            (Time::Fixed(start), Time::Fixed(end)) => {
                end <= start || end > opening_hours_syntax::ExtendedTime::MIDNIGHT_24
            }
            (Time::Variable(_), _) | (_, Time::Variable(_)) => true,
        }
    })
}

fn vague_part(expression: &OpeningHoursExpression) -> Option<&'static str> {
    expression.rules.iter().flat_map(|rule| &rule.time_selector.spans).find_map(|span| {
        if matches!(span.range.start, Time::Variable(_)) || matches!(span.range.end, Time::Variable(_)) {
            Some("随日出日落变化 / depends on sunrise or sunset")
        } else if span.open_end {
            Some("未说明结束时间 / closing time not given")
        } else if span.repeats.is_some() {
            Some("只在其间某些时刻 / only at certain times within the span")
        } else {
            None
        }
    })
}

/// The evaluator asserts its own invariants, and times past 48:00 break them; a rule must not take the server with it.
fn guarded<T>(evaluate: impl FnOnce() -> T) -> Result<T, RuleError> {
    catch_unwind(AssertUnwindSafe(evaluate)).map_err(|_| RuleError::Unevaluable)
}
