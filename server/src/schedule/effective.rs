//! What something really keeps: a rule, and the exceptions that beat it.
//!
//! A closure empties its days from midnight to midnight, and what would have begun on them does not run on into the next
//! morning. Other hours replace what begins on their days; a night that began the day before runs out as the rule says.

use std::time::Duration;

use sha2::{Digest, Sha256};
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::schedule::{Exception, Horizon, Schedule, State};
use waypost_app::domain::time::{CHINA, Day, Minute};

use super::calendar::{Calendar, hex};
use super::exceptions::{Days, Stretch, on};
use super::rule::{Interval, MAX_TIME, Rule, RuleError, day_by_day, whole_day};

/// The hours of one station, service or market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// The schedule of its rule; `None` where nobody has said.
    pub schedule: Option<ScheduleId>,
    /// Sorted, without overlap.
    pub stretches: Vec<Stretch>,
}

impl Effective {
    /// The name of these hours: the same for everything that keeps the same, and that of the rule where no exception
    /// beats it. `None` where nobody has said anything.
    #[must_use]
    pub fn id(&self) -> Option<ScheduleId> {
        if self.stretches.is_empty() {
            return self.schedule.clone();
        }
        let mut hash = Sha256::new();
        // Each part with its length, so that no two lists of parts run together into the same bytes.
        let mut add = |part: &str| {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        };
        add(self.schedule.as_ref().map_or("", ScheduleId::as_str));
        for Stretch { days, times, reason, reason_en } in &self.stretches {
            add(&format!("{}-{}", days.first().0, days.last().0));
            add(&times.to_string());
            add(reason);
            add(reason_en);
        }
        Some(ScheduleId(format!("sc-{}", hex(&hash.finalize()[..8]))))
    }
}

/// What counts where no exception does.
#[derive(Clone, Debug)]
pub enum Base {
    Rule(Box<Rule>),
    /// Nobody can say, for this reason.
    Unknown(String),
}

impl Base {
    /// Reads a rule.
    ///
    /// # Errors
    /// If it is not understood.
    pub fn read(rule: &str, calendar: &Calendar) -> Result<Self, RuleError> {
        Ok(Self::Rule(Box::new(Rule::parse(rule, calendar)?)))
    }

    /// Every state in a window, without gaps, with the reasons of exceptions as comments.
    ///
    /// # Errors
    /// Those of [`Rule::intervals`].
    pub fn intervals(&self, stretches: &[Stretch], window: Horizon) -> Result<Vec<Interval>, RuleError> {
        self.intervals_within(stretches, window, MAX_TIME)
    }

    fn intervals_within(
        &self,
        stretches: &[Stretch],
        window: Horizon,
        limit: Duration,
    ) -> Result<Vec<Interval>, RuleError> {
        day_by_day(window, CHINA, limit, |day| {
            let (yesterdays, todays) = (on(stretches, day.plus(-1)), on(stretches, day));
            let mut states = match todays {
                None => self.on(day, yesterdays.is_some())?,
                Some(stretch) => {
                    let mut states = vec![whole_day(day, CHINA, State::Closed, stretch.words())];
                    if !stretch.times.is_closure() && yesterdays.is_none() {
                        self.last_night(day)?.into_iter().for_each(|rest| paint(&mut states, rest));
                    }
                    states
                }
            };
            for (stretch, of) in [(yesterdays, day.plus(-1)), (todays, day)] {
                let Some(stretch) = stretch else { continue };
                for (start, end) in stretch.times.spans() {
                    let midnight = CHINA.midnight(of);
                    let (start, end) = within(midnight.plus(start), midnight.plus(end), day);
                    paint(&mut states, Interval { start, end, state: State::Open, comment: stretch.words() });
                }
            }
            Ok(states)
        })
    }

    /// As [`Base::intervals`]; where that is impossible, unknown for these words except where an exception says.
    pub fn intervals_or_unknown(
        &self,
        stretches: &[Stretch],
        window: Horizon,
        words: impl FnOnce(&RuleError) -> String,
    ) -> Vec<Interval> {
        self.intervals(stretches, window).unwrap_or_else(|error| {
            let unknown = Self::Unknown(words(&error));
            // Only days and their few spans are left to count, so there is nothing to wait for.
            unknown.intervals_within(stretches, window, Duration::MAX).unwrap_or_else(|error| {
                let Horizon { start, end } = window;
                vec![Interval { start, end, state: State::Unknown, comment: error.to_string() }]
            })
        })
    }

    /// One day by the rule, perhaps without what is left of the night before.
    fn on(&self, day: Day, without_last_night: bool) -> Result<Vec<Interval>, RuleError> {
        match self {
            Self::Rule(rule) if without_last_night => rule.without_last_night(day, CHINA),
            Self::Rule(rule) => rule.on(day, CHINA),
            Self::Unknown(words) => Ok(vec![whole_day(day, CHINA, State::Unknown, words.clone())]),
        }
    }

    fn last_night(&self, day: Day) -> Result<Vec<Interval>, RuleError> {
        match self {
            Self::Rule(rule) => rule.last_night(day, CHINA),
            Self::Unknown(_) => Ok(Vec::new()),
        }
    }

    /// What the rule would have open from a day on, each span whole.
    fn usual(&self, day: Day) -> Result<Vec<(Minute, Minute)>, RuleError> {
        let Self::Rule(rule) = self else { return Ok(Vec::new()) };
        let night = rule.last_night(day.plus(1), CHINA)?;
        let mut spans: Vec<(Minute, Minute)> = Vec::new();
        for interval in rule.without_last_night(day, CHINA)?.into_iter().chain(night) {
            match spans.last_mut() {
                _ if interval.state != State::Open => {}
                Some(before) if before.1 == interval.start => before.1 = interval.end,
                _ => spans.push((interval.start, interval.end)),
            }
        }
        Ok(spans)
    }
}

/// Evaluates hours for a window as phones take them: merged open spans, unknown ones with their words, exceptions with
/// what they replace. What cannot be evaluated is unknown, with the rule itself for words.
#[must_use]
pub fn schedule(
    id: ScheduleId,
    rule: Option<&str>,
    stretches: &[Stretch],
    calendar: &Calendar,
    window: Horizon,
) -> Schedule {
    let text = rule.unwrap_or_default();
    let unknown = |error: &RuleError| {
        tracing::warn!(rule, %error, "a stored rule cannot be evaluated");
        text.to_owned()
    };
    let base = match rule.map(|rule| Base::read(rule, calendar)) {
        Some(Ok(base)) => base,
        Some(Err(error)) => Base::Unknown(unknown(&error)),
        None => Base::Unknown(String::new()),
    };
    let intervals = base.intervals_or_unknown(stretches, window, unknown);
    let exceptions = exceptions(&base, stretches, window);
    Schedule { exceptions, ..of_intervals(id, text, intervals) }
}

/// A schedule without exceptions from the states of its window.
pub(super) fn of_intervals(id: ScheduleId, rule: &str, intervals: Vec<Interval>) -> Schedule {
    let mut schedule = Schedule { id, rule: rule.to_owned(), ..Schedule::default() };
    for interval in intervals {
        match interval.state {
            State::Closed => {}
            State::Unknown => schedule.unknown.push((interval.start, interval.end, interval.comment)),
            State::Open => match schedule.open.last_mut() {
                // Two open spans with different remarks are one stay.
                Some(before) if before.1 == interval.start => before.1 = interval.end,
                _ => schedule.open.push((interval.start, interval.end)),
            },
        }
    }
    schedule
}

fn exceptions(base: &Base, stretches: &[Stretch], window: Horizon) -> Vec<Exception> {
    let seen = Days::around(window, CHINA);
    let shown = |stretch: &&Stretch| CHINA.midnight(stretch.days.last().plus(1)) > window.start;
    stretches
        .iter()
        .filter(shown)
        .map(|stretch| {
            let (first, last) = (stretch.days.first(), stretch.days.last());
            let mut usual = Vec::new();
            let mut day = first.max(CHINA.day(window.start));
            while day <= last.min(seen.last()) {
                // A rule that cannot be evaluated has nothing to strike through.
                usual.extend(base.usual(day).unwrap_or_default());
                day = day.plus(1);
            }
            Exception {
                start: CHINA.midnight(first),
                end: CHINA.midnight(last.plus(1)),
                reason: stretch.reason.clone(),
                reason_en: stretch.reason_en.clone(),
                usual,
            }
        })
        .collect()
}

/// The part of a span that lies on a local day; nothing of it is a span without length.
fn within(start: Minute, end: Minute, day: Day) -> (Minute, Minute) {
    (start.max(CHINA.midnight(day)), end.min(CHINA.midnight(day.plus(1))))
}

/// Puts a state over others; they stay in order and without gaps.
fn paint(states: &mut Vec<Interval>, new: Interval) {
    if new.start >= new.end {
        return;
    }
    let mut painted = Vec::with_capacity(states.len() + 2);
    for old in states.drain(..) {
        let before = Interval { end: old.end.min(new.start), ..old.clone() };
        let after = Interval { start: old.start.max(new.end), ..old };
        painted.extend([before, after].into_iter().filter(|left| left.start < left.end));
    }
    let at = painted.partition_point(|interval| interval.start < new.start);
    painted.insert(at, new);
    *states = painted;
}
