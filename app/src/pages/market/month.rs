//! The weeks ahead as a calendar leaf, with the market's days marked.

use crate::domain::schedule::{Horizon, Schedule};
use crate::domain::time::{Day, Minute, Offset};

/// Weeks shown, from the Monday of this one.
const WEEKS: i64 = 5;

/// One square of the leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Square {
    pub day: Day,
    pub kind: Kind,
}

/// What a square says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Past,
    Plain,
    Today,
    /// A session begins on this day.
    Session,
    /// A session that would have been on this day is moved or cancelled.
    Struck,
    /// Beyond what is known.
    Unknown,
}

/// The weeks, each from Monday to Sunday.
pub fn weeks(schedule: Option<&Schedule>, offset: Offset, horizon: Horizon, now: Minute) -> Vec<[Square; 7]> {
    let today = offset.day(now);
    let monday = today.plus(-(today.weekday() as i64));
    let square = |day: Day| {
        let session = schedule.is_some_and(|schedule| schedule.open_on(day, offset).next().is_some());
        let kind = if day < today {
            Kind::Past
        } else if session {
            Kind::Session
        } else if schedule.is_some_and(|schedule| schedule.struck_on(day, offset).next().is_some()) {
            Kind::Struck
        } else if offset.midnight(day.plus(1)) > horizon.end {
            Kind::Unknown
        } else if day == today {
            Kind::Today
        } else {
            Kind::Plain
        };
        Square { day, kind }
    };
    (0..WEEKS).map(|week| std::array::from_fn(|weekday| square(monday.plus(week * 7 + weekday as i64)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::Exception;
    use crate::domain::time::CHINA;

    #[test]
    fn a_moved_market_is_struck_out_where_it_was_and_marked_where_it_is() {
        let today = Day(20_781);
        let at = |day: i64, hour: i64| CHINA.midnight(today.plus(day)).plus(hour * 60);
        let moved = Exception {
            start: at(18, 0),
            end: at(19, 0),
            usual: vec![(at(18, 9), at(18, 11))],
            ..Exception::default()
        };
        let schedule = Schedule { exceptions: vec![moved], open: vec![(at(19, 9), at(19, 11))], ..Schedule::default() };
        let horizon = Horizon { start: at(-1, 0), end: at(30, 0) };
        let weeks = weeks(Some(&schedule), CHINA, horizon, at(0, 10));
        assert_eq!((weeks[2][5].kind, weeks[2][6].kind), (Kind::Struck, Kind::Session));
    }

    #[test]
    fn the_leaf_begins_on_monday_and_marks_what_is_known() {
        // Tuesday, 24 November 2026; the market is on Saturday, 12 December.
        let today = Day(20_781);
        let market = CHINA.midnight(today.plus(18));
        let schedule = Schedule { open: vec![(market.plus(540), market.plus(660))], ..Schedule::default() };
        let horizon = Horizon { start: CHINA.midnight(today.plus(-1)), end: CHINA.midnight(today.plus(30)) };
        let weeks = weeks(Some(&schedule), CHINA, horizon, CHINA.midnight(today).plus(600));
        let kind = |week: usize, weekday: usize| weeks[week][weekday].kind;
        assert_eq!(weeks.len(), 5);
        assert_eq!(weeks[0][0].day, Day(20_780));
        assert_eq!((kind(0, 0), kind(0, 1), kind(0, 2)), (Kind::Past, Kind::Today, Kind::Plain));
        assert_eq!((kind(2, 4), kind(2, 5), kind(2, 6)), (Kind::Plain, Kind::Session, Kind::Plain));
        assert_eq!((kind(4, 2), kind(4, 3)), (Kind::Plain, Kind::Unknown));
    }
}
