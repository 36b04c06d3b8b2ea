//! Minutes and days as integers. The district has one fixed offset from UTC (China keeps no summer time), so no
//! time-zone database is needed on the phone.

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

/// Minutes in a day.
pub const DAY: i64 = 1440;

/// A moment, in minutes since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, FromJson)]
#[serde(transparent)]
pub struct Minute(pub i64);

impl Minute {
    /// From milliseconds since 1970-01-01T00:00Z, rounded down.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.div_euclid(60_000))
    }

    /// This moment plus (or minus) so many minutes.
    #[must_use]
    pub const fn plus(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes))
    }

    /// Minutes from `earlier` to this moment; negative if this comes first.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The district's fixed distance from UTC, in minutes (+480 for China).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[serde(transparent)]
pub struct Offset(pub i32);

/// China Standard Time.
pub const CHINA: Offset = Offset(480);

impl Default for Offset {
    fn default() -> Self {
        CHINA
    }
}

impl Offset {
    /// The local calendar day a moment falls on.
    #[must_use]
    pub const fn day(self, at: Minute) -> Day {
        Day(at.0.saturating_add(self.0 as i64).div_euclid(DAY))
    }

    /// The local time of day, in minutes after midnight (0–1439).
    #[must_use]
    pub const fn minute_of_day(self, at: Minute) -> i64 {
        at.0.saturating_add(self.0 as i64).rem_euclid(DAY)
    }

    /// The moment a local day begins.
    #[must_use]
    pub const fn midnight(self, day: Day) -> Minute {
        Minute(day.0.saturating_mul(DAY).saturating_sub(self.0 as i64))
    }

    /// The local time of day as `HH:MM`.
    #[must_use]
    pub fn clock(self, at: Minute) -> String {
        let minute = self.minute_of_day(at);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }
}

/// A day of the local calendar, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, FromJson)]
#[serde(transparent)]
pub struct Day(pub i64);

/// A day written out: year, month 1–12, day of the month 1–31.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    pub year: i64,
    pub month: u8,
    pub day: u8,
}

impl Day {
    /// So many days later (or earlier).
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// 0 for Monday to 6 for Sunday.
    #[must_use]
    pub const fn weekday(self) -> usize {
        // 1970-01-01 was a Thursday.
        (self.0.rem_euclid(7) + 3).rem_euclid(7) as usize
    }

    /// The day in the Gregorian calendar (algorithm: Howard Hinnant, "chrono-compatible low-level date algorithms").
    #[must_use]
    pub const fn date(self) -> Date {
        let days = self.0.saturating_add(719_468);
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + (month <= 2) as i64;
        Date { year, month: month as u8, day: day as u8 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn length(year: i64, month: u8) -> u8 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// The day number of a date by counting years and months: slow, and nothing like the algorithm under test.
    fn counted(date: Date) -> i64 {
        let before = date.year - 1;
        let leaps = |years: i64| years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
        let years = 365 * (before - 1969) + leaps(before) - leaps(1969);
        let months: i64 = (1..date.month).map(|month| i64::from(length(date.year, month))).sum();
        years + months + i64::from(date.day) - 1
    }

    #[test]
    fn days_have_their_dates_and_weekdays() {
        for (day, year, month, dom, weekday) in [
            (0, 1970, 1, 1, 3),
            (20_088, 2024, 12, 31, 1),
            (19_782, 2024, 2, 29, 3),
            (20_781, 2026, 11, 24, 1),
            (-1, 1969, 12, 31, 2),
        ] {
            assert_eq!(Day(day).date(), Date { year, month, day: dom }, "day {day}");
            assert_eq!(Day(day).weekday(), weekday, "day {day}");
        }
    }

    #[test]
    fn walking_eight_centuries_day_by_day_never_skips_or_repeats_a_date() {
        let mut expected = Date { year: 1600, month: 1, day: 1 };
        let first = counted(expected);
        // 1600-01-01 was a Saturday.
        let mut weekday = 5;
        for day in first..counted(Date { year: 2400, month: 3, day: 1 }) {
            assert_eq!(Day(day).date(), expected, "day {day}");
            assert_eq!(Day(day).weekday(), weekday, "day {day}");
            weekday = (weekday + 1) % 7;
            expected = match expected {
                Date { year, month: 12, day: 31 } => Date { year: year + 1, month: 1, day: 1 },
                Date { year, month, day } if day == length(year, month) => Date { year, month: month + 1, day: 1 },
                Date { year, month, day } => Date { year, month, day: day + 1 },
            };
        }
    }

    #[test]
    fn a_moment_before_local_midnight_belongs_to_the_day_before() {
        let midnight = CHINA.midnight(Day(20_781));
        assert_eq!(CHINA.day(midnight), Day(20_781));
        assert_eq!(CHINA.day(midnight.plus(-1)), Day(20_780));
        assert_eq!(CHINA.clock(midnight.plus(-1)), "23:59");
        assert_eq!(CHINA.clock(midnight), "00:00");
        assert_eq!(CHINA.clock(midnight.plus(9 * 60 + 5)), "09:05");
    }

    #[test]
    fn china_is_eight_hours_ahead() {
        assert_eq!(CHINA.clock(Minute(0)), "08:00");
        assert_eq!(CHINA.midnight(Day(0)), Minute(-480));
    }

    proptest! {
        #[test]
        fn a_day_has_the_date_that_counting_gives_it(day in -4_000_000..4_000_000_i64) {
            let date = Day(day).date();
            prop_assert!((1..=12).contains(&date.month) && (1..=length(date.year, date.month)).contains(&date.day));
            prop_assert_eq!(counted(date), day);
            prop_assert_eq!(Day(day).weekday(), (Day(day - 1).weekday() + 1) % 7);
        }

        #[test]
        fn a_moment_is_its_days_midnight_plus_its_minute_of_the_day(at in -5_000_000_000..5_000_000_000_i64, offset in -720..=840_i32) {
            let (at, offset) = (Minute(at), Offset(offset));
            let minute = offset.minute_of_day(at);
            prop_assert!((0..DAY).contains(&minute));
            prop_assert_eq!(offset.midnight(offset.day(at)).plus(minute), at);
            prop_assert_eq!(offset.day(offset.midnight(offset.day(at))), offset.day(at));
            prop_assert_eq!(offset.clock(at), format!("{:02}:{:02}", minute / 60, minute % 60));
        }

        #[test]
        fn milliseconds_are_rounded_down_also_before_1970(millis in any::<i64>()) {
            let Minute(minute) = Minute::from_millis(millis);
            let left = i128::from(millis) - i128::from(minute) * 60_000;
            prop_assert!((0..60_000).contains(&left));
        }

        #[test]
        fn plus_and_since_undo_each_other(at in -1_000_000_000..1_000_000_000_i64, by in -1_000_000..1_000_000_i64) {
            prop_assert_eq!(Minute(at).plus(by).since(Minute(at)), by);
        }

        #[test]
        fn numbers_no_clock_ever_shows_do_not_panic(at in any::<i64>(), offset in any::<i32>()) {
            let offset = Offset(offset);
            let day = offset.day(Minute(at));
            prop_assert!(day.weekday() < 7 && Day(at).weekday() < 7);
            prop_assert!((1..=12).contains(&day.date().month) && (1..=12).contains(&Day(at).date().month));
            prop_assert!(offset.midnight(Day(at)) <= Minute(i64::MAX));
            prop_assert_eq!(offset.clock(Minute(at)).len(), 5);
        }
    }
}
