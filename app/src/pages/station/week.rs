//! One week of a schedule, day by day.

use crate::domain::schedule::{Horizon, Schedule};
use crate::domain::time::{DAY, Day, Minute, Offset};

/// Days shown: today and the six after it.
pub const DAYS: i64 = 7;
/// A span that goes on this far into the next morning, in minutes, still belongs to the evening it began.
const MORNING: i64 = 12 * 60;

/// What a schedule says of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Nobody can say, with the reason in words where one was given.
    Unknown(Option<String>),
    Closed,
    AllDay,
    /// Open from and to. The last one may run into the next morning.
    Open(Vec<(Minute, Minute)>),
}

/// The hours of a local day.
pub fn hours(schedule: &Schedule, day: Day, offset: Offset, horizon: Horizon) -> Hours {
    let (start, end) = (offset.midnight(day), offset.midnight(day.plus(1)));
    if start < horizon.start || end > horizon.end {
        return Hours::Unknown(None);
    }
    let unknown = schedule.unknown.iter().find(|(from, to, _)| *from < end && *to > start);
    let mut spans = Vec::new();
    for (from, to) in schedule.open.iter().copied().filter(|(from, to)| *from < end && *to > start) {
        if from <= start && to >= end {
            return Hours::AllDay;
        }
        if from < start {
            // The tail of yesterday evening is said there; of anything longer, this is its last day.
            if to.since(start) > MORNING || start.since(from) >= DAY {
                spans.push((start, to));
            }
        } else if to.since(end) > MORNING {
            spans.push((from, end));
        } else {
            spans.push((from, to));
        }
    }
    match (unknown, spans.is_empty()) {
        (Some((.., words)), true) => Hours::Unknown((!words.is_empty()).then(|| words.clone())),
        (None, true) => Hours::Closed,
        (_, false) => Hours::Open(spans),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::CHINA;

    const MONDAY: Day = Day(20_780);

    fn at(day: i64, hour: i64) -> Minute {
        CHINA.midnight(MONDAY.plus(day)).plus(hour * 60)
    }

    fn horizon() -> Horizon {
        Horizon { start: at(-1, 0), end: at(8, 0) }
    }

    fn week(open: Vec<(Minute, Minute)>) -> Vec<Hours> {
        let schedule = Schedule { open, ..Schedule::default() };
        (0..3).map(|day| hours(&schedule, MONDAY.plus(day), CHINA, horizon())).collect()
    }

    #[test]
    fn a_day_shows_its_spans() {
        let spans = vec![(at(0, 9), at(0, 12)), (at(0, 14), at(0, 17)), (at(2, 9), at(2, 24))];
        assert_eq!(
            week(spans.clone()),
            [Hours::Open(spans[..2].to_vec()), Hours::Closed, Hours::Open(spans[2..].to_vec())]
        );
    }

    #[test]
    fn a_night_belongs_to_the_evening_it_began() {
        let night = (at(0, 16), at(1, 2));
        assert_eq!(week(vec![(at(-1, 16), at(0, 2)), night]), [Hours::Open(vec![night]), Hours::Closed, Hours::Closed]);
    }

    #[test]
    fn what_never_closes_is_open_all_day_on_every_day() {
        assert_eq!(week(vec![(at(-1, 0), at(8, 0))]), [Hours::AllDay, Hours::AllDay, Hours::AllDay]);
    }

    #[test]
    fn a_span_of_several_days_is_cut_at_midnight() {
        assert_eq!(
            week(vec![(at(0, 10), at(2, 15))]),
            [Hours::Open(vec![(at(0, 10), at(1, 0))]), Hours::AllDay, Hours::Open(vec![(at(2, 0), at(2, 15))])]
        );
    }

    #[test]
    fn what_nobody_knows_is_said_to_be_unknown() {
        let unknown = vec![(at(1, 0), at(2, 0), "春节安排未定".to_owned())];
        let schedule = Schedule { open: vec![(at(0, 9), at(0, 17))], unknown, ..Schedule::default() };
        let of = |day| hours(&schedule, MONDAY.plus(day), CHINA, horizon());
        assert_eq!(of(1), Hours::Unknown(Some("春节安排未定".to_owned())));
        assert_eq!(of(2), Hours::Closed);
        assert_eq!(of(8), Hours::Unknown(None));
    }
}
