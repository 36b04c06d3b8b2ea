//! Answers in words, for a person at a terminal.

use waypost_app::domain::schedule::{Horizon, Schedule, Status};
use waypost_app::domain::time::{CHINA, Date, Day, Minute};
use waypost_app::local::prefs::Lang;
use waypost_app::pages::station::week::{Hours, hours};
use waypost_app::text::{text, words};

/// The state now and what happens next, in one line.
pub fn now(lang: Lang, schedule: &Schedule, at: Minute, known: Horizon) -> String {
    let status = schedule.status(at, known);
    let state = match &status {
        // "Unverified" is said of stations; a rule is simply not known.
        Status::Unknown { .. } => text(lang).station.unknown,
        _ => words::state(lang, &status),
    };
    let now = match lang {
        Lang::Zh => "现在",
        Lang::En => "Now",
    };
    let next = words::next_change(lang, &status, CHINA, at);
    let parts = [now, state, &next];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// A line for each of some days. The schedule must be evaluated for a day more on either side, so that a night is said
/// whole.
pub fn days(lang: Lang, schedule: &Schedule, first: Day, count: i64, known: Horizon) -> String {
    let line = |day: Day| {
        let Date { year, month, day: of_month } = day.date();
        let weekday = words::weekday(lang, day);
        let hours = on(lang, hours(schedule, day, CHINA, known));
        format!("{year:04}-{month:02}-{of_month:02} {weekday}  {hours}\n")
    };
    (0..count).map(|ahead| line(first.plus(ahead))).collect()
}

fn on(lang: Lang, hours: Hours) -> String {
    let station = &text(lang).station;
    match hours {
        Hours::Unknown(None) => station.unknown.to_owned(),
        Hours::Unknown(Some(reason)) => format!("{}: {reason}", station.unknown),
        Hours::Closed => station.closed.to_owned(),
        Hours::AllDay => station.all_day.to_owned(),
        Hours::Open(spans) => {
            let spans = spans.into_iter().map(|(from, to)| words::span(lang, CHINA, from, to));
            spans.collect::<Vec<_>>().join(", ")
        }
    }
}
