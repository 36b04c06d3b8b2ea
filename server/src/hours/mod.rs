//! Questions to a rule: its state at a moment, its intervals over some days.

pub mod batch;
pub mod preview;
pub mod words;

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use waypost_app::domain::schedule::{Horizon, Schedule, State};
use waypost_app::domain::time::{CHINA, Minute};

use crate::clock::rfc3339_minute;
use crate::schedule;
use crate::schedule::calendar::{Calendar, CalendarError};
use crate::schedule::reader::{self, Reading};
use crate::schedule::rule::{Interval, MAX_RULE, Rule, RuleError};
use crate::store::{self, Database, StoreError, open_to_read};

/// Why there is no calendar to ask a rule in.
#[derive(Debug, thiserror::Error)]
pub enum NoCalendar {
    #[error("the built-in calendar is wrong: {0}")]
    BuiltIn(#[from] CalendarError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The calendar that is built in, with the years that are kept in a database, where there is one.
///
/// # Errors
/// If the database cannot be read.
pub async fn calendar(database: Option<&Database>) -> Result<Calendar, NoCalendar> {
    let built_in = Calendar::china()?;
    let Some(database) = database else { return Ok(built_in) };
    match open_to_read(database).await? {
        Some(mut conn) => {
            let years = store::calendar::years(&mut conn).await?;
            Ok(built_in.with_years(years.into_iter().map(|row| row.item))?)
        }
        None => Ok(built_in),
    }
}

/// Rules that are kept understood; most questions are about few rules.
const KEPT_RULES: usize = 256;

/// Answers questions about rules in one calendar.
#[derive(Clone, Debug)]
pub struct Asker {
    calendar: Calendar,
    understood: HashMap<String, Result<Arc<Understood>, HoursError>>,
}

/// What a text says about hours.
#[derive(Debug)]
pub enum Understood {
    /// A rule, in OSM syntax and ready to be asked.
    Rule(String, Box<Rule>),
    /// Chinese from which no rule can be made: every moment is unknown, with these words.
    Words(String),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    #[error("the rule is empty")]
    Empty,
    #[error(transparent)]
    Rule(#[from] RuleError),
}

/// The state at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    pub state: State,
    /// The rule's own words, or why nobody can say.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// One stretch of one state, as it is written.
#[derive(Clone, Debug, Serialize)]
pub struct Stretch {
    start: String,
    end: String,
    state: State,
    comment: String,
}

impl From<Interval> for Stretch {
    fn from(interval: Interval) -> Self {
        Self {
            start: rfc3339_minute(interval.start),
            end: rfc3339_minute(interval.end),
            state: interval.state,
            comment: interval.comment,
        }
    }
}

impl Asker {
    pub fn new(calendar: Calendar) -> Self {
        Self { calendar, understood: HashMap::new() }
    }

    /// Reads a rule in OSM syntax or in the Chinese people write.
    ///
    /// # Errors
    /// If it is neither.
    pub fn read(&mut self, text: &str) -> Result<Arc<Understood>, HoursError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(HoursError::Empty);
        }
        // Before anything is kept: what is refused for its length must not fill the memory.
        if text.len() > MAX_RULE {
            return Err(RuleError::TooLong.into());
        }
        if let Some(known) = self.understood.get(text) {
            return known.clone();
        }
        if self.understood.len() >= KEPT_RULES {
            self.understood.clear();
        }
        let read = understand(text, &self.calendar).map(Arc::new);
        self.understood.insert(text.to_owned(), read.clone());
        read
    }

    /// The state at a moment.
    ///
    /// # Errors
    /// If the rule is not understood or too expensive.
    pub fn at(&mut self, text: &str, at: Minute) -> Result<Answer, HoursError> {
        let only = Horizon { start: at, end: at.plus(1) };
        let found = self.read(text)?.over(only)?.into_iter().next();
        // A minute always has a state; an evaluator that gives none has failed.
        let Interval { state, comment, .. } = found.ok_or(RuleError::Unevaluable)?;
        Ok(Answer { state, comment })
    }

    /// The schedule of a window, as phones take it.
    ///
    /// # Errors
    /// If the rule is not understood or too expensive.
    pub fn schedule(&mut self, text: &str, window: Horizon) -> Result<Schedule, HoursError> {
        match &*self.read(text)? {
            Understood::Rule(rule, _) => Ok(schedule::evaluate(rule, &self.calendar, window)?),
            Understood::Words(words) => {
                Ok(Schedule { unknown: vec![(window.start, window.end, words.clone())], ..Schedule::default() })
            }
        }
    }
}

impl Understood {
    /// The rule in OSM syntax; `None` where it is only words.
    pub fn rule(&self) -> Option<&str> {
        match self {
            Self::Rule(text, _) => Some(text),
            Self::Words(_) => None,
        }
    }

    /// Every state in a window, without gaps.
    ///
    /// # Errors
    /// If the rule is too expensive.
    pub fn over(&self, window: Horizon) -> Result<Vec<Interval>, RuleError> {
        match self {
            Self::Rule(_, rule) => rule.intervals(window, CHINA),
            Self::Words(words) => Ok(vec![Interval {
                start: window.start,
                end: window.end,
                state: State::Unknown,
                comment: words.clone(),
            }]),
        }
    }
}

fn understand(text: &str, calendar: &Calendar) -> Result<Understood, HoursError> {
    match reader::read(text, calendar) {
        Reading::Rule(rule) => {
            let ready = Rule::parse(&rule, calendar)?;
            Ok(Understood::Rule(rule, Box::new(ready)))
        }
        // Somebody's words about hours are worth keeping; a slip in the syntax is worth pointing out.
        Reading::Unknown(words) => match Rule::parse(text, calendar) {
            Err(error) if !text.chars().any(is_han) => Err(error.into()),
            _ => Ok(Understood::Words(words)),
        },
    }
}

/// A Chinese character (CJK Unified Ideographs and their first extension).
fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_thousand_texts_with_ten_rules_ten_are_read() {
        let mut asker = Asker::new(Calendar::china().unwrap());
        let text = |at: usize| format!("Mo-Fr {:02}:00-20:00", 6 + at % 10);
        let read: Vec<_> = (0..10).map(|at| asker.read(&text(at)).unwrap()).collect();
        for at in 0..2000 {
            assert!(Arc::ptr_eq(&asker.read(&text(at)).unwrap(), &read[at % 10]), "{at}");
        }
    }
}
