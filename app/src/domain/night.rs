//! The hours of a night shift.

use serde::{Deserialize, Serialize};

use super::time::{DAY, Minute, Offset};
use crate::json::FromJson;

/// From so many minutes after midnight to so many; an end that is not later is on the next morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct NightShift {
    pub from: i64,
    pub to: i64,
}

impl Default for NightShift {
    fn default() -> Self {
        Self { from: 22 * 60, to: 6 * 60 }
    }
}

impl NightShift {
    /// How long it lasts, in minutes: at least one, at most a day.
    const fn length(self) -> i64 {
        let length = self.to.saturating_sub(self.from).rem_euclid(DAY);
        if length == 0 { DAY } else { length }
    }

    /// The shift that is under way or coming: `[start, end)`.
    #[must_use]
    pub fn coming(self, offset: Offset, now: Minute) -> (Minute, Minute) {
        let today = offset.midnight(offset.day(now)).plus(self.from.rem_euclid(DAY));
        let ends = |start: Minute| start.plus(self.length());
        let start = [today.plus(-DAY), today].into_iter().find(|start| now < ends(*start)).unwrap_or(today.plus(DAY));
        (start, ends(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{CHINA, Day};

    fn at(day: i64, hour: i64) -> Minute {
        CHINA.midnight(Day(20_781 + day)).plus(hour * 60)
    }

    #[test]
    fn the_shift_under_way_counts_until_it_ends_and_then_the_coming_one() {
        let night = NightShift::default();
        for (now, start, end) in [
            (at(0, 3), at(-1, 22), at(0, 6)),
            (at(0, 5), at(-1, 22), at(0, 6)),
            (at(0, 6), at(0, 22), at(1, 6)),
            (at(0, 12), at(0, 22), at(1, 6)),
            (at(0, 23), at(0, 22), at(1, 6)),
        ] {
            assert_eq!(night.coming(CHINA, now), (start, end), "at {now:?}");
        }
    }

    #[test]
    fn a_shift_may_lie_within_one_day_or_fill_it() {
        let early = NightShift { from: 0, to: 8 * 60 };
        assert_eq!(early.coming(CHINA, at(0, 7)), (at(0, 0), at(0, 8)));
        assert_eq!(early.coming(CHINA, at(0, 8)), (at(1, 0), at(1, 8)));
        let day = NightShift { from: 6 * 60, to: 6 * 60 };
        assert_eq!(day.coming(CHINA, at(0, 5)), (at(-1, 6), at(0, 6)));
    }

    #[test]
    fn what_is_no_time_of_day_still_names_a_shift() {
        let (start, end) = NightShift { from: i64::MAX, to: i64::MIN }.coming(CHINA, at(0, 12));
        assert!(start < end && end.since(start) <= DAY);
    }
}
