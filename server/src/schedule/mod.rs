//! Rules to intervals: the opening-hours crate with China's calendar.
//!
//! Everything that happens at certain times (opening hours, a weekly haircut, a monthly market) is a rule in OSM
//! `opening_hours` syntax. Phones get the intervals of [`HORIZON_DAYS`] and only compare integers.

pub mod calendar;
pub mod reader;
pub mod rule;

use sha2::{Digest, Sha256};
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::schedule::{Horizon, Schedule, State};
use waypost_app::domain::time::{CHINA, Minute};

use calendar::{Calendar, hex};
use rule::{Rule, RuleError};

/// Days from today (included) that phones are told about.
pub const HORIZON_DAYS: i64 = 35;

/// Counts up when the same rule and calendar are evaluated differently than before, so that phones hear of it.
const EVALUATION: u32 = 1;

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
    let mut schedule = Schedule { id: schedule_id(rule), rule: rule.to_owned(), ..Schedule::default() };
    for interval in Rule::parse(rule, calendar)?.intervals(window, CHINA)? {
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
    Ok(schedule)
}

/// As [`evaluate`]; what cannot be evaluated is unknown for the whole window, with the reason.
#[must_use]
pub fn evaluate_or_unknown(rule: &str, calendar: &Calendar, window: Horizon) -> Schedule {
    evaluate(rule, calendar, window).unwrap_or_else(|error| {
        tracing::warn!(rule, %error, "a stored rule cannot be evaluated");
        Schedule {
            id: schedule_id(rule),
            rule: rule.to_owned(),
            open: Vec::new(),
            unknown: vec![(window.start, window.end, rule.to_owned())],
        }
    })
}
