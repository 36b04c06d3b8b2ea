//! Rules to intervals: the opening-hours crate with China's calendar.
//!
//! Everything that happens at certain times (opening hours, a weekly haircut, a monthly market) is a rule in OSM
//! `opening_hours` syntax, and single days on which it does not count are exceptions. Phones get the intervals of
//! [`HORIZON_DAYS`] and only compare integers.
//!
//! [`rule`] evaluates one rule, [`exceptions`] are days unlike it, [`effective`] puts both together, and [`timetable`]
//! knows who in the district keeps what.

pub mod calendar;
pub mod effective;
pub mod exceptions;
pub mod reader;
pub mod rule;
pub mod timetable;
mod words;
pub mod working_days;

use sha2::{Digest, Sha256};
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::schedule::{Horizon, Schedule};
use waypost_app::domain::time::{CHINA, Minute};

use calendar::{Calendar, hex};
use rule::{Rule, RuleError};
pub use words::Usual;

/// Days from today (included) that phones are told about.
pub const HORIZON_DAYS: i64 = 35;

/// Counts up when the same rule and calendar are evaluated differently than before, so that phones hear of it.
const EVALUATION: u32 = 2;

/// What snapshots are evaluated for: from the start of yesterday (somebody may still be inside an overnight span) to
/// [`HORIZON_DAYS`] from the start of today.
#[must_use]
pub const fn horizon(now: Minute) -> Horizon {
    let today = CHINA.day(now);
    Horizon { start: CHINA.midnight(today.plus(-1)), end: CHINA.midnight(today.plus(HORIZON_DAYS)) }
}

/// The name of a rule's schedule: the same for everything that keeps the same hours.
#[must_use]
pub fn schedule_id(rule: &str) -> ScheduleId {
    ScheduleId(format!("sc-{}", hex(&Sha256::digest(rule.trim())[..8])))
}

/// What a rule says of ordinary weeks, for a list: as what is usual, where days off may differ. `None` where it is not
/// understood, or takes more than a few words.
#[must_use]
pub fn ordinary_week(rule: &str) -> Option<Usual> {
    let expression = rule::read(rule).ok()?.get_expression();
    words::in_passing(&expression, !rule::holiday_offsets(&expression).is_empty())
}

/// Names the calendar and the evaluation; spans made under another name may differ.
#[must_use]
pub fn fingerprint(calendar: &Calendar) -> String {
    format!("{EVALUATION}-{}", calendar.fingerprint())
}

/// Evaluates a rule for a window as phones take it: merged open spans, and unknown ones with their words.
///
/// # Errors
/// If the rule is not understood or too expensive.
pub fn evaluate(rule: &str, calendar: &Calendar, window: Horizon) -> Result<Schedule, RuleError> {
    let intervals = Rule::parse(rule, calendar)?.intervals(window, CHINA)?;
    Ok(effective::of_intervals(schedule_id(rule), rule, intervals))
}

/// As [`evaluate`]; what cannot be evaluated is unknown for the whole window, with the rule itself for words.
#[must_use]
pub fn evaluate_or_unknown(rule: &str, calendar: &Calendar, window: Horizon) -> Schedule {
    effective::schedule(schedule_id(rule), Some(rule), &[], calendar, window)
}

/// Warns, in words for the operator, of each year that a window reaches and whose days off are not known, if rules depend
/// on them.
pub fn unannounced<'a>(rules: impl Iterator<Item = &'a str>, calendar: &Calendar, window: Horizon) -> Vec<String> {
    let days = [CHINA.day(window.start), CHINA.day(window.end.plus(-1))].map(|day| day.date().year);
    let unknown: Vec<_> = (days[0]..=days[1]).filter(|year| !calendar.has(*year)).collect();
    if unknown.is_empty() {
        return Vec::new();
    }
    let depends = |rule: &&str| Rule::parse(rule, calendar).is_ok_and(|rule| rule.depends_on_calendar());
    match rules.filter(depends).count() {
        0 => Vec::new(),
        count => unknown
            .into_iter()
            .map(|year| {
                format!(
                    "the days off of {year} are not known: {count} opening rules that depend on them are unknown in that year"
                )
            })
            .collect(),
    }
}
