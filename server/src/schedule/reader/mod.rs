//! What people write about opening hours, as an OSM rule.
//!
//! Only what is understood wholly becomes a rule. A text of which any part is not understood, or could be meant in
//! two ways, stays unknown with its words kept: no answer is better than a wrong one, and people can read the words.

use super::calendar::Calendar;
use super::rule::Rule;

/// What a text about opening hours says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Understood wholly: the OSM rule that says the same.
    Rule(String),
    /// Not (wholly) understood, or says no times: unknown, with the words kept, trimmed.
    Unknown(String),
}

/// Reads an OSM rule or Chinese. Never invents anything.
#[must_use]
pub fn read(text: &str, calendar: &Calendar) -> Reading {
    let text = text.trim();
    if !text.is_empty() && Rule::parse(text, calendar).is_ok() {
        return Reading::Rule(text.to_owned());
    }
    Reading::Unknown(text.to_owned())
}
