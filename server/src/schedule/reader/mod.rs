//! What people write about opening hours, as an OSM rule.
//!
//! Only what is understood wholly becomes a rule. A text of which any part is not understood, or could be meant in
//! two ways, stays unknown with its words kept: no answer is better than a wrong one, and people can read the words.
//!
//! A text becomes one spelling (`normalise`), then phrases (`phrases`, from `days`, `times` and `seasons`),
//! then clauses of days and times (`clauses`, `whole`), then one rule about every kind of day (`week`).

mod clauses;
mod cursor;
mod days;
mod normalise;
mod phrases;
mod seasons;
mod spans;
mod times;
mod week;
mod whole;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_random;

use super::calendar::Calendar;
use super::rule::Rule;

/// Longest text that is read as Chinese, in bytes; a whole notice is not a text about hours.
const MAX_TEXT: usize = 1000;

/// What a text about opening hours says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Understood wholly: the OSM rule that says the same.
    Rule(String),
    /// Not (wholly) understood, or says no times: unknown, with the words kept, trimmed.
    Unknown(String),
}

/// Reads an OSM rule or Chinese. Never invents anything: a rule means what the text says on every day, with the same
/// words for days off (`PH`) and worked weekends (`SH`) as [`Calendar`].
#[must_use]
pub fn read(text: &str, calendar: &Calendar) -> Reading {
    let text = text.trim();
    if !text.is_empty() && Rule::parse(text, calendar).is_ok() {
        return Reading::Rule(text.to_owned());
    }
    // Whatever the reading made must itself be a rule, or it is no reading.
    match read_chinese(text).filter(|rule| Rule::parse(rule, calendar).is_ok()) {
        Some(rule) => Reading::Rule(rule),
        None => Reading::Unknown(text.to_owned()),
    }
}

fn read_chinese(text: &str) -> Option<String> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let normal = normalise::normalise(text);
    week::rule(&clauses::clauses(phrases::phrases(&normal)?)?)
}
