//! When something is open, answered by comparing integers.
//!
//! The server evaluates opening rules in China's calendar and sends the resulting spans for a window of days; the
//! phone only looks them up. Outside the window the answer is *unknown*, never a guess.

use serde::{Deserialize, Serialize};

use super::ids::ScheduleId;
use super::time::{Day, Minute, Offset};
use crate::json::FromJson;

/// Minutes before closing from which "closing soon" is said instead of "open".
pub const CLOSING_SOON: i64 = 30;

/// One rule evaluated: the spans it is open and the spans it is unknown, each half-open `[start, end)`, sorted,
/// non-overlapping. Everything else between [`Horizon::start`] and [`Horizon::end`] is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct Schedule {
    pub id: ScheduleId,
    /// The rule as staff keep it, in OSM `opening_hours` syntax.
    pub rule: String,
    /// Open spans in epoch minutes: `[start, end)`.
    #[serde(default)]
    pub open: Vec<(Minute, Minute)>,
    /// Spans for which nobody can say, in epoch minutes, with the reason in words (may be empty).
    #[serde(default)]
    pub unknown: Vec<(Minute, Minute, String)>,
    /// Days on which the rule does not count, sorted, without overlap. [`Schedule::open`] has what counts instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

/// Some days in a row that are unlike what the rule says: closed for repair, open late, a market moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct Exception {
    /// Whole local days in epoch minutes: `[start, end)`. They may reach beyond the window, as the rest of a long
    /// closure does.
    pub start: Minute,
    pub end: Minute,
    /// Why, in Chinese; may be empty.
    pub reason: String,
    /// Why, in English; empty where nobody has said it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason_en: String,
    /// What the rule would have had open, in epoch minutes `[start, end)`, sorted: to be struck through. Each span
    /// begins on one of these days; only days of the window have any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usual: Vec<(Minute, Minute)>,
}

/// The window schedules were evaluated for: `[start, end)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Horizon {
    pub start: Minute,
    pub end: Minute,
}

/// What a schedule says of one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    Closed,
    Unknown,
}

/// What to tell somebody about one moment, with the next change where it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Open; `until` is `None` when nobody can say when it closes: it is open up to a span that is unknown, or to the
    /// end of the window.
    Open { until: Option<Minute> },
    /// Open for [`CLOSING_SOON`] minutes or less.
    ClosingSoon { until: Minute },
    /// Closed; `opens` is the next moment at which it is known to be open, `None` when there is none in the window.
    Closed { opens: Option<Minute> },
    /// Nobody knows, with the reason in words where one was given.
    Unknown { reason: Option<String> },
}

impl Status {
    /// Open at that moment, whether or not closing soon.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::ClosingSoon { .. })
    }
}

impl Schedule {
    /// What the schedule says of `at`.
    #[must_use]
    pub fn state(&self, at: Minute, horizon: Horizon) -> State {
        if at < horizon.start || at >= horizon.end || self.unknown_at(at).is_some() {
            State::Unknown
        } else if self.open_at(at).is_some() {
            State::Open
        } else {
            State::Closed
        }
    }

    /// The state at `at` and the next change after it.
    #[must_use]
    pub fn status(&self, at: Minute, horizon: Horizon) -> Status {
        if at < horizon.start || at >= horizon.end {
            return Status::Unknown { reason: None };
        }
        if let Some((_, _, words)) = self.unknown_at(at) {
            return Status::Unknown { reason: (!words.is_empty()).then(|| words.clone()) };
        }
        let Some((_, end)) = self.open_at(at) else {
            return Status::Closed { opens: self.next_known_open(at).filter(|opens| *opens < horizon.end) };
        };
        match self.closes(at, end) {
            Some(until) if until >= horizon.end => Status::Open { until: None },
            Some(until) if until.since(at) <= CLOSING_SOON => Status::ClosingSoon { until },
            until => Status::Open { until },
        }
    }

    /// When what is open at `at`, in a span up to `end`, is closed; `None` where that runs into an unknown span.
    fn closes(&self, at: Minute, mut end: Minute) -> Option<Minute> {
        let later = self.open.partition_point(|(start, _)| *start <= at);
        for (start, next_end) in self.open.iter().skip(later) {
            // Spans may touch: a rule that gives the morning and the afternoon different comments makes two of them.
            if *start > end {
                break;
            }
            end = end.max(*next_end);
        }
        let unknown = self.unknown.get(self.unknown.partition_point(|(start, ..)| *start <= at));
        unknown.is_none_or(|(start, ..)| *start > end).then_some(end)
    }

    /// The first moment after `at` that is in an open span and in no unknown one. `at` itself is not in an open span.
    fn next_known_open(&self, at: Minute) -> Option<Minute> {
        let later = self.open.partition_point(|(start, _)| *start <= at);
        self.open.iter().skip(later).find_map(|(start, end)| {
            let mut opens = *start;
            while let Some((_, unknown_end, _)) = self.unknown_at(opens) {
                opens = *unknown_end;
            }
            (opens < *end).then_some(opens)
        })
    }

    /// The open span that contains `at`.
    #[must_use]
    pub fn open_at(&self, at: Minute) -> Option<(Minute, Minute)> {
        let after = self.open.partition_point(|(start, _)| *start <= at);
        let span = *self.open.get(after.checked_sub(1)?)?;
        (at < span.1).then_some(span)
    }

    /// Open without a break from one moment to another.
    #[must_use]
    pub fn open_through(&self, from: Minute, to: Minute) -> bool {
        self.open_at(from).is_some_and(|(_, end)| end >= to || self.closes(from, end).is_some_and(|end| end >= to))
    }

    /// The first open span that starts after `at`.
    #[must_use]
    pub fn next_open(&self, at: Minute) -> Option<(Minute, Minute)> {
        self.open.get(self.open.partition_point(|(start, _)| *start <= at)).copied()
    }

    /// The open span that contains `at`, or else the next one: "the coming session".
    #[must_use]
    pub fn current_or_next(&self, at: Minute) -> Option<(Minute, Minute)> {
        self.open_at(at).or_else(|| self.next_open(at))
    }

    /// The open spans that begin on a local day. A span that runs past midnight belongs to the day it began.
    pub fn open_on(&self, day: Day, offset: Offset) -> impl Iterator<Item = (Minute, Minute)> + '_ {
        let start = offset.midnight(day);
        let end = offset.midnight(day.plus(1));
        let first = self.open.partition_point(|(s, _)| *s < start);
        self.open.iter().skip(first).take_while(move |(s, _)| *s < end).copied()
    }

    /// The exception that a moment falls under.
    #[must_use]
    pub fn exception_at(&self, at: Minute) -> Option<&Exception> {
        let after = self.exceptions.partition_point(|exception| exception.start <= at);
        self.exceptions.get(after.checked_sub(1)?).filter(|exception| at < exception.end)
    }

    /// The exceptions that are not over before a local day.
    pub fn exceptions_from(&self, day: Day, offset: Offset) -> impl Iterator<Item = &Exception> {
        let start = offset.midnight(day);
        self.exceptions.iter().filter(move |exception| exception.end > start)
    }

    /// What the rule would have had open on a local day, where an exception says otherwise: to be struck through.
    pub fn struck_on(&self, day: Day, offset: Offset) -> impl Iterator<Item = (Minute, Minute)> + '_ {
        let exception = self.exception_on(day, offset);
        let usual = exception.map(|exception| exception.usual.as_slice()).unwrap_or_default();
        usual.iter().copied().filter(move |(start, end)| {
            offset.day(*start) == day && !self.open.iter().any(|(from, to)| (from, to) == (start, end))
        })
    }

    /// The exception that a local day falls under.
    #[must_use]
    pub fn exception_on(&self, day: Day, offset: Offset) -> Option<&Exception> {
        self.exception_at(offset.midnight(day))
    }

    fn unknown_at(&self, at: Minute) -> Option<&(Minute, Minute, String)> {
        let after = self.unknown.partition_point(|(start, ..)| *start <= at);
        let span = self.unknown.get(after.checked_sub(1)?)?;
        (at < span.1).then_some(span)
    }
}

#[cfg(test)]
mod tests;
