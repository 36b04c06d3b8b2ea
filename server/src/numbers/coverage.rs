//! How many stations are open at each hour of a week, and where none is.

use std::collections::{BTreeMap, HashMap};

use waypost_app::domain::schedule::{Horizon, State};
use waypost_app::domain::station::Station;
use waypost_app::domain::time::{DAY, Minute};
use waypost_app::wire::staff::numbers::{Coverage, HOURS, PlaceCoverage};

use super::{Span, written};
use crate::schedule::calendar::Calendar;
use crate::schedule::effective::Base;
use crate::snapshots::View;

/// Minutes of a week.
const MINUTES: usize = 7 * DAY as usize;

/// When stations are open during a week. Takes as long as their rules may: not on a thread that answers requests.
#[must_use]
pub fn coverage(view: &View, week: Span) -> Coverage {
    let window = week.horizon();
    let mut known: HashMap<String, Option<Vec<(Minute, Minute)>>> = HashMap::new();
    let mut all = Place::default();
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    for station in &view.snapshot().stations {
        let (rule, stretches) = view.hours(station.id.as_str(), window);
        let read = || {
            open_spans(rule, |base| base.intervals_or_unknown(&stretches, window, ToString::to_string), view.calendar())
        };
        // Most stations share a few rules; those with days of their own are read one by one.
        let spans = match rule {
            Some(rule) if stretches.is_empty() => known.entry(rule.to_owned()).or_insert_with(read).clone(),
            _ => read(),
        };
        let spans = spans.map(|spans| until_locked(spans, station));
        for place in [&mut all, places.entry(&station.district).or_default()] {
            place.add(spans.as_deref(), window);
        }
    }
    let of = places.into_iter().map(|(name, place)| place.counted(Some(name.to_owned())));
    let places = std::iter::once(all.counted(None)).chain(of).collect();
    Coverage { monday: written(week.first), places }
}

/// When something is open; `None` where nobody knows of any of it.
fn open_spans(
    rule: Option<&str>,
    evaluate: impl FnOnce(Base) -> Vec<crate::schedule::rule::Interval>,
    calendar: &Calendar,
) -> Option<Vec<(Minute, Minute)>> {
    let base = match rule {
        Some(rule) => Base::read(rule, calendar).unwrap_or_else(|error| Base::Unknown(error.to_string())),
        None => Base::Unknown(String::new()),
    };
    let intervals = evaluate(base);
    if intervals.iter().all(|interval| interval.state == State::Unknown) {
        return None;
    }
    let open = intervals.into_iter().filter(|interval| interval.state == State::Open);
    Some(open.map(|interval| (interval.start, interval.end)).collect())
}

/// From when a door is reported locked, nobody knows.
fn until_locked(mut spans: Vec<(Minute, Minute)>, station: &Station) -> Vec<(Minute, Minute)> {
    if let Some(locked) = station.locked_at_min {
        spans.retain(|(start, _)| *start < locked);
        for (_, end) in &mut spans {
            *end = (*end).min(locked);
        }
    }
    spans
}

/// How many open and close at each minute of the week.
struct Place {
    stations: u32,
    unknown: u32,
    steps: Vec<i32>,
}

impl Default for Place {
    fn default() -> Self {
        Self { stations: 0, unknown: 0, steps: vec![0; MINUTES + 1] }
    }
}

impl Place {
    fn add(&mut self, spans: Option<&[(Minute, Minute)]>, window: Horizon) {
        self.stations = self.stations.saturating_add(1);
        let Some(spans) = spans else {
            self.unknown = self.unknown.saturating_add(1);
            return;
        };
        let at = |minute: Minute| usize::try_from(minute.since(window.start)).unwrap_or_default().min(MINUTES);
        for (start, end) in merged(spans) {
            if let Some(step) = self.steps.get_mut(at(start)) {
                *step += 1;
            }
            if let Some(step) = self.steps.get_mut(at(end)) {
                *step -= 1;
            }
        }
    }

    /// The fewest that are open at any minute of each hour.
    fn counted(self, name: Option<String>) -> PlaceCoverage {
        let mut open = Vec::with_capacity(HOURS);
        let mut now = 0;
        for hour in self.steps.chunks_exact(60).take(HOURS) {
            let mut fewest = i32::MAX;
            for step in hour {
                now += step;
                fewest = fewest.min(now);
            }
            open.push(u32::try_from(fewest).unwrap_or_default());
        }
        PlaceCoverage { name, stations: self.stations, unknown: self.unknown, open }
    }
}

/// Spans that overlap are one: a station that is open twice at once is one open station.
fn merged(spans: &[(Minute, Minute)]) -> Vec<(Minute, Minute)> {
    let mut merged: Vec<(Minute, Minute)> = Vec::with_capacity(spans.len());
    for (start, end) in spans.iter().copied().filter(|(start, end)| start < end) {
        match merged.last_mut() {
            Some((_, last)) if start <= *last => *last = (*last).max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Horizon = Horizon { start: Minute(1_000_000), end: Minute(1_000_000 + MINUTES as i64) };

    fn span(from: i64, to: i64) -> (Minute, Minute) {
        (WINDOW.start.plus(from), WINDOW.start.plus(to))
    }

    #[test]
    fn an_hour_counts_the_fewest_that_are_open_at_any_of_its_minutes() {
        let mut place = Place::default();
        // From 09:00 to 17:30, and from 10:00 to 24:00 on the last day.
        place.add(Some(&[span(9 * 60, 17 * 60 + 30)]), WINDOW);
        place.add(Some(&[span(10 * 60, 11 * 60), span(6 * DAY + 600, 7 * DAY)]), WINDOW);
        place.add(None, WINDOW);
        let counted = place.counted(None);
        assert_eq!((counted.stations, counted.unknown, counted.open.len()), (3, 1, HOURS));
        let at = |hour: usize| counted.open[hour];
        assert_eq!([at(8), at(9), at(10), at(11), at(16), at(17), at(18)], [0, 1, 2, 1, 1, 0, 0]);
        assert_eq!([at(6 * 24 + 9), at(6 * 24 + 10), at(HOURS - 1)], [0, 1, 1]);
    }

    #[test]
    fn one_station_is_never_counted_twice_and_touching_spans_leave_no_gap() {
        let mut place = Place::default();
        place.add(Some(&[span(0, 120), span(60, 180), span(180, 240)]), WINDOW);
        assert_eq!(place.counted(None).open[..5], [1, 1, 1, 1, 0]);
    }
}
