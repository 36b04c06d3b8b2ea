//! Working days: those on which offices in China are open.

use chrono::{Datelike, NaiveDate, Weekday};
use waypost_app::domain::report::Category;
use waypost_app::domain::time::{CHINA, Day, Minute};

use super::calendar::Calendar;

/// The hour at which a working day ends, in the district's time.
const EVENING: i64 = 18;
/// A rest longer than this is a mistake in the calendar; deadlines are then as if it were not there.
const LONGEST_REST: usize = 40;
/// Most days that are counted between two moments.
const MOST_DAYS: i64 = 10 * 366;

/// Whether offices are open on a day. Of a year that is not announced yet nobody knows more than its weekdays.
#[must_use]
pub fn is_working_day(calendar: &Calendar, day: NaiveDate) -> bool {
    let weekday = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    calendar.is_working_weekend(day) || (weekday && !calendar.is_day_off(day))
}

/// The evening of the so many-th working day after the day of a moment, both in milliseconds since 1970.
#[must_use]
pub fn due_ms(calendar: &Calendar, from_ms: i64, working_days: u32) -> i64 {
    let mut day = CHINA.day(Minute::from_millis(from_ms));
    for _ in 0..working_days {
        let mut next = day.0 + 1;
        for rest in 0..=LONGEST_REST {
            if rest == LONGEST_REST {
                next = day.0 + 1;
            } else if date(Day(next)).is_some_and(|date| is_working_day(calendar, date)) {
                break;
            } else {
                next += 1;
            }
        }
        day = Day(next);
    }
    (CHINA.midnight(day).0 + EVENING * 60).saturating_mul(60_000)
}

/// How many working days after the day of one moment it took until that of another, both in milliseconds since 1970: 0 on the
/// same day.
#[must_use]
pub fn working_days_between(calendar: &Calendar, from_ms: i64, to_ms: i64) -> u32 {
    let [from, to] = [from_ms, to_ms].map(|ms| CHINA.day(Minute::from_millis(ms)));
    // Nothing is repaired after more than that, and a clock that was wrong must not make us count for ever.
    let days = (1..=to.0.saturating_sub(from.0).min(MOST_DAYS)).map(|ahead| from.plus(ahead));
    let worked = days.filter_map(date).filter(|day| is_working_day(calendar, *day)).count();
    u32::try_from(worked).unwrap_or(u32::MAX)
}

fn date(day: Day) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::try_days(day.0)?)
}

/// In how many working days after it was accepted a defect is repaired: what people fall over or into comes first.
#[must_use]
pub const fn to_repair(category: Category) -> u32 {
    match category {
        Category::Manhole => 1,
        Category::Flooding | Category::Obstruction | Category::Rubbish => 2,
        Category::Lighting | Category::Charging | Category::Tree => 3,
        Category::Road | Category::Sign | Category::Other => 5,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(text: &str) -> i64 {
        chrono::DateTime::parse_from_rfc3339(text).expect("a moment").timestamp_millis()
    }

    #[test]
    fn deadlines_leave_out_weekends_and_holidays_and_count_working_weekends() {
        let calendar = Calendar::china().expect("a calendar");
        for (from, days, due) in [
            ("2026-11-25T09:00:00+08:00", 1, "2026-11-26T18:00:00+08:00"),
            // Over a weekend.
            ("2026-11-27T09:00:00+08:00", 1, "2026-11-30T18:00:00+08:00"),
            ("2026-11-28T09:00:00+08:00", 2, "2026-12-01T18:00:00+08:00"),
            // Late in the evening by UTC it is the next day in China.
            ("2026-11-25T17:00:00Z", 1, "2026-11-27T18:00:00+08:00"),
            // A year that nobody has announced: Monday to Friday.
            ("2150-01-01T09:00:00+08:00", 1, "2150-01-02T18:00:00+08:00"),
        ] {
            assert_eq!(due_ms(&calendar, ms(from), days), ms(due), "{from} and {days}");
        }
        let year = 2026;
        let mut day = NaiveDate::from_ymd_opt(year, 1, 1).expect("a day");
        let (mut off, mut worked) = (0, 0);
        while day.year() == year {
            let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            let working = is_working_day(&calendar, day);
            off += usize::from(!weekend && !working);
            worked += usize::from(weekend && working);
            day = day.succ_opt().expect("a day");
        }
        assert!(off > 5 && worked > 0, "{off} days off and {worked} working weekends");
    }

    #[test]
    fn what_is_done_on_the_day_it_was_given_took_no_working_day() {
        let calendar = Calendar::china().expect("a calendar");
        for (from, to, days) in [
            ("2026-11-25T09:00:00+08:00", "2026-11-25T20:00:00+08:00", 0),
            ("2026-11-25T23:00:00+08:00", "2026-11-26T01:00:00+08:00", 1),
            // Over a weekend, and within one.
            ("2026-11-27T09:00:00+08:00", "2026-11-30T09:00:00+08:00", 1),
            ("2026-11-28T09:00:00+08:00", "2026-11-29T09:00:00+08:00", 0),
            // Backwards there is nothing to count.
            ("2026-11-25T09:00:00+08:00", "2026-11-20T09:00:00+08:00", 0),
        ] {
            assert_eq!(working_days_between(&calendar, ms(from), ms(to)), days, "{from} to {to}");
        }
    }

    proptest! {
        #[test]
        fn a_deadline_is_as_many_working_days_away_as_it_was_set(from in 0_i64..4_000_000_000_000, days in 1_u32..8) {
            let calendar = Calendar::china().expect("a calendar");
            prop_assert_eq!(working_days_between(&calendar, from, due_ms(&calendar, from, days)), days);
        }

        #[test]
        fn any_two_moments_are_counted_between(from in any::<i64>(), to in any::<i64>()) {
            let calendar = Calendar::china().expect("a calendar");
            prop_assert!(working_days_between(&calendar, from, to) <= 3660);
        }

        #[test]
        fn more_days_are_never_due_earlier_and_any_moment_has_a_deadline(from in any::<i64>(), days in 0_u32..8) {
            let calendar = Calendar::china().expect("a calendar");
            let (due, later) = (due_ms(&calendar, from, days), due_ms(&calendar, from, days + 1));
            prop_assert!(due <= later);
        }
    }
}
