//! One opening rule: read once, asked about any window.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use chrono::{Datelike, Days, NaiveDate};
use opening_hours::{Context, OpeningHours, RuleKind};
use opening_hours_syntax::rules::OpeningHoursExpression;
use opening_hours_syntax::rules::day::WeekDayRange;
use opening_hours_syntax::rules::time::{Time, TimeSpan};
use opening_hours_syntax::{Error as SyntaxError, ExtendedTime};
use rustix::time::{ClockId, clock_gettime};
use waypost_app::domain::schedule::{Horizon, State};
use waypost_app::domain::time::{DAY, Day, Minute, Offset};

use super::calendar::Calendar;
use super::words;

/// Longest rule that is read, in bytes. The longest in OpenStreetMap is a quarter of this.
pub const MAX_RULE: usize = 1000;
/// Most changes of state one window may hold; more is a rule made to be expensive.
pub const MAX_INTERVALS: usize = 3000;
/// Longest one window may be worked at. A year of an ordinary rule takes a thousandth of it. Work is counted, not the time
/// that passes: a machine that stands still for a moment must make no station unknown until the next day.
pub const MAX_TIME: Duration = Duration::from_secs(2);
/// Most steps the parser may take. An ordinary rule takes some hundreds, and the most clauses that fit into [`MAX_RULE`]
/// fewer than this; but each `Jan Mo[1]` in a list multiplies what comes after it, and twenty of them would never end.
const MAX_PARSE_STEPS: NonZeroUsize = NonZeroUsize::new(500_000).unwrap();

/// Why a rule has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("the rule is longer than {MAX_RULE} bytes")]
    TooLong,
    #[error("not an opening_hours rule: {0}")]
    Unreadable(String),
    #[error("the rule changes more than {MAX_INTERVALS} times in the window")]
    TooManyChanges,
    #[error("the rule takes too long to read or to evaluate")]
    TooSlow,
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
    /// The same with every span cut off at midnight, where one runs past it. What the whole rule has open in a morning and
    /// the cut one has not is the rest of a night.
    cut: Option<Arc<Self>>,
    /// What it says of ordinary weeks, where holidays matter.
    usual: Option<Arc<words::Usual>>,
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
        let rule = Self::of(read(text)?, text, calendar);
        Ok(Self { cut: rule.cut_at_midnight(text)?.map(Arc::new), ..rule })
    }

    fn of(hours: OpeningHours, text: &str, calendar: &Calendar) -> Self {
        let hours = hours.with_context(Context::default().with_holidays(calendar.holidays()));
        let expression = hours.get_expression();
        let holiday_offsets = holiday_offsets(&expression);
        Self {
            usual: (!holiday_offsets.is_empty()).then(|| Arc::new(words::usual(&expression, text))),
            holiday_offsets,
            overnight: runs_past_midnight(&expression),
            vague: vague_part(&expression),
            cut: None,
            hours,
            calendar: calendar.clone(),
        }
    }

    /// Whether the rule speaks of days off or working weekends, so that a year must be announced to know it.
    #[must_use]
    pub fn depends_on_calendar(&self) -> bool {
        !self.holiday_offsets.is_empty()
    }

    /// Every state in a window, without gaps: the intervals follow each other from its start to its end.
    ///
    /// # Errors
    /// If the rule changes too often to be meant seriously, takes longer than [`MAX_TIME`], or breaks the evaluator.
    pub fn intervals(&self, window: Horizon, offset: Offset) -> Result<Vec<Interval>, RuleError> {
        self.intervals_within(window, offset, MAX_TIME)
    }

    /// As [`Rule::intervals`], with another limit of time.
    ///
    /// # Errors
    /// As there.
    pub fn intervals_within(
        &self,
        window: Horizon,
        offset: Offset,
        limit: Duration,
    ) -> Result<Vec<Interval>, RuleError> {
        day_by_day(window, offset, limit, |day| self.on(day, offset))
    }

    /// One local day, whole.
    ///
    /// The evaluator lets every night run on into the morning, also one that did not begin because its evening was a day
    /// off. Those are taken out: nobody is there.
    pub(super) fn on(&self, day: Day, offset: Offset) -> Result<Vec<Interval>, RuleError> {
        let states = self.evaluated(day, offset)?;
        let Some(cut) = &self.cut else { return Ok(states) };
        if cut.evaluated(day.plus(-1), offset)?.last().is_some_and(|evening| evening.state == State::Closed) {
            return self.without_last_night(day, offset);
        }
        Ok(states)
    }

    /// One local day without what is left in it of the night before.
    pub(super) fn without_last_night(&self, day: Day, offset: Offset) -> Result<Vec<Interval>, RuleError> {
        self.cut.as_deref().unwrap_or(self).evaluated(day, offset)
    }

    /// What is left on a local day of the night before.
    pub(super) fn last_night(&self, day: Day, offset: Offset) -> Result<Vec<Interval>, RuleError> {
        let mut rest = Vec::new();
        if self.cut.is_none() {
            return Ok(rest);
        }
        let own = self.without_last_night(day, offset)?;
        for late in self.on(day, offset)? {
            // A whole day is a year that is not announced, not a long night.
            if late.state == State::Closed || late.end.since(late.start) >= DAY {
                continue;
            }
            for free in own.iter().filter(|interval| interval.state == State::Closed) {
                let (start, end) = (late.start.max(free.start), late.end.min(free.end));
                if start < end {
                    rest.push(Interval { start, end, ..late.clone() });
                }
            }
        }
        Ok(rest)
    }

    /// One local day as the evaluator has it.
    fn evaluated(&self, day: Day, offset: Offset) -> Result<Vec<Interval>, RuleError> {
        let midnight = offset.midnight(day);
        if let Some(words) = self.vague {
            return Ok(vec![whole_day(day, offset, State::Unknown, words.to_owned())]);
        }
        let date = day.date();
        let date = i32::try_from(date.year)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, date.month.into(), date.day.into()))
            .ok_or(RuleError::Unevaluable)?;
        if let Some(year) = self.unannounced_year(date) {
            let known_no_more = self.calendar.is_before_records(year);
            let words = words::not_announced(year, known_no_more, self.usual.as_deref());
            return Ok(vec![whole_day(day, offset, State::Unknown, words)]);
        }
        let ranges = guarded(|| self.hours.schedule_at(date).into_iter().collect::<Vec<_>>())?;
        Ok(ranges
            .into_iter()
            .map(|range| Interval {
                start: midnight.plus(range.range.start.mins_from_midnight().into()),
                end: midnight.plus(range.range.end.mins_from_midnight().into()),
                state: match range.kind {
                    RuleKind::Open => State::Open,
                    RuleKind::Closed => State::Closed,
                    RuleKind::Unknown => State::Unknown,
                },
                comment: range.comment.to_string(),
            })
            .collect())
    }

    /// The rule with every span cut off at midnight; `None` where none runs past it.
    fn cut_at_midnight(&self, text: &str) -> Result<Option<Self>, RuleError> {
        if !self.overnight || self.vague.is_some() {
            return Ok(None);
        }
        let mut cut = OpeningHoursExpression::clone(&self.hours.get_expression());
        for span in cut.rules.iter_mut().flat_map(|rule| &mut rule.time_selector.spans) {
            if past_midnight(span) {
                span.range.end = Time::Fixed(ExtendedTime::MIDNIGHT_24);
            }
        }
        // The evaluator takes rules as text only, and what it writes it does not always read as the same.
        let text = cut_text(text);
        let hours = read(&text)?;
        if *hours.get_expression() != cut {
            return Err(RuleError::Unevaluable);
        }
        Ok(Some(Self::of(hours, &text, &self.calendar)))
    }

    /// The year whose days off would have to be known for this day, and are not.
    fn unannounced_year(&self, date: NaiveDate) -> Option<i32> {
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

/// A whole local day in one state.
pub(super) fn whole_day(day: Day, offset: Offset, state: State, comment: String) -> Interval {
    let midnight = offset.midnight(day);
    Interval { start: midnight, end: midnight.plus(DAY), state, comment }
}

/// How long this thread has worked by now, however long it waited meanwhile.
pub fn worked() -> Duration {
    // Only a moment before zero has no duration, and a thread has none.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// Puts the days of a window together: clipped to it, neighbours alike made one, within the bounds of number and time.
pub(super) fn day_by_day(
    window: Horizon,
    offset: Offset,
    limit: Duration,
    mut on: impl FnMut(Day) -> Result<Vec<Interval>, RuleError>,
) -> Result<Vec<Interval>, RuleError> {
    let began = worked();
    let mut found: Vec<Interval> = Vec::new();
    if window.start >= window.end {
        return Ok(found);
    }
    let last = offset.day(window.end.plus(-1));
    let mut day = offset.day(window.start);
    while day <= last {
        for interval in on(day)? {
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
        if worked().saturating_sub(began) >= limit {
            return Err(RuleError::TooSlow);
        }
        day = day.plus(1);
    }
    Ok(found)
}

pub(super) fn read(text: &str) -> Result<OpeningHours, RuleError> {
    // For the whole process, but nothing else in it uses this parser.
    pest::set_call_limit(Some(MAX_PARSE_STEPS));
    guarded(|| text.parse::<OpeningHours>())?.map_err(|error| match error {
        // The only error that is not the grammar's own is that of the limit.
        SyntaxError::Syntax(error) if matches!(error.variant, pest::error::ErrorVariant::CustomError { .. }) => {
            RuleError::TooSlow
        }
        // The parser draws the place with an arrow over several lines; its first words say enough.
        error => RuleError::Unreadable(error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")),
    })
}

/// For each mention of days off or working weekends: how many days after them it means.
pub(super) fn holiday_offsets(expression: &OpeningHoursExpression) -> Vec<i64> {
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
    expression.rules.iter().flat_map(|rule| &rule.time_selector.spans).any(past_midnight)
}

fn past_midnight(span: &TimeSpan) -> bool {
    match (span.range.start, span.range.end) {
        (Time::Fixed(start), Time::Fixed(end)) => end <= start || end > ExtendedTime::MIDNIGHT_24,
        (Time::Variable(_), _) | (_, Time::Variable(_)) => true,
    }
}

/// A rule with each of its times that end past midnight ending there instead.
fn cut_text(rule: &str) -> String {
    let cut = |words: &str| {
        let mut parts = words.split('-');
        let mut cut = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match (clock_at_end(&cut), clock_at_start(part)) {
                (Some(start), Some((end, rest))) if end <= start || end > DAY => {
                    cut.push_str("-24:00");
                    cut.push_str(rest);
                }
                _ => {
                    cut.push('-');
                    cut.push_str(part);
                }
            }
        }
        cut
    };
    // Every other part is a comment.
    let parts = rule.split('"').enumerate();
    let parts = parts.map(|(at, part)| if at.is_multiple_of(2) { cut(part) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("\"")
}

/// The time of day that a text ends with, in minutes.
fn clock_at_end(text: &str) -> Option<i64> {
    let (before, minutes) = text.trim_end().rsplit_once(':')?;
    let other_than_digits = before.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    clock(before.get(other_than_digits..)?, minutes)
}

/// The time of day that a text begins with, in minutes, and what comes after it.
fn clock_at_start(text: &str) -> Option<(i64, &str)> {
    let (hours, after) = text.trim_start().split_once(':')?;
    let (minutes, rest) = after.split_at_checked(2)?;
    Some((clock(hours, minutes)?, rest))
}

fn clock(hours: &str, minutes: &str) -> Option<i64> {
    Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)
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
