//! The phone's clock, and times as text. The clock itself may be wrong, so it is compared with the server's at each sync;
//! nothing trusts it for identity or order on the server.

use std::cell::Cell;

use super::storage;
use crate::domain::time::{Day, Minute, Offset};

/// Milliseconds since 1970-01-01T00:00Z, as this phone believes.
#[must_use]
pub fn now_millis() -> i64 {
    js_sys::Date::now() as i64
}

const KEY: &str = "waypost.clock.v1";
/// A clock that is off by no more than this, in milliseconds, is right enough to be believed.
const TOLERANCE_MS: i64 = 300_000;
/// An answer that took longer, in milliseconds, says too little about when it was given.
const SLOWEST_MS: i64 = 60_000;

thread_local! {
    static AHEAD_MS: Cell<Option<i64>> = const { Cell::new(None) };
}

/// How far this phone's clock is ahead of the server's, in milliseconds; 0 while it is right to within five minutes.
/// Kept, so that it also counts where the phone is started without a network.
#[must_use]
pub fn ahead_ms() -> i64 {
    AHEAD_MS.get().unwrap_or_else(|| {
        let kept = storage::get(KEY).and_then(|text| text.parse().ok()).unwrap_or_default();
        AHEAD_MS.set(Some(kept));
        kept
    })
}

/// Believes this phone's clock again, where the corrected one is well before the data it holds: somebody has set it
/// right.
pub(super) fn recheck(made: Minute) {
    if now_minute().plus(TOLERANCE_MS / 60_000) < made {
        AHEAD_MS.set(Some(0));
        storage::remove(KEY);
    }
}

/// Compares with the server's clock, as told by an answer that was asked for at `asked` and here at `heard`.
pub(super) fn compare(server: i64, asked: i64, heard: i64) {
    let Some(ahead) = ahead(server, asked, heard) else { return };
    if ahead != ahead_ms() {
        AHEAD_MS.set(Some(ahead));
        // Where nothing is kept, the next sync tells it again.
        let _ = storage::set(KEY, &ahead.to_string());
    }
}

/// All in milliseconds. The answer was given somewhere between asking and hearing; its time is cut to the second.
fn ahead(server: i64, asked: i64, heard: i64) -> Option<i64> {
    if !(0..=SLOWEST_MS).contains(&(heard - asked)) {
        return None;
    }
    let ahead = i64::midpoint(asked, heard) - (server + 500);
    Some(if ahead.abs() > TOLERANCE_MS { ahead } else { 0 })
}

/// Milliseconds since 1970-01-01T00:00Z, by the server's clock where this phone's is wrong.
#[must_use]
pub fn true_millis() -> i64 {
    now_millis() - ahead_ms()
}

/// The current minute, by the same clock.
#[must_use]
pub fn now_minute() -> Minute {
    Minute::from_millis(true_millis())
}

/// Minutes the phone's time zone is ahead of UTC.
#[must_use]
pub fn zone_offset() -> Offset {
    // JavaScript counts the other way round: −480 in China.
    Offset(-(js_sys::Date::new_0().get_timezone_offset() as i32))
}

/// A moment as RFC 3339 with an offset, to the second: `2026-11-24T08:10:00+08:00`.
#[must_use]
pub fn rfc3339(millis: i64, offset: Offset) -> String {
    let minute = Minute::from_millis(millis);
    let date = offset.day(minute).date();
    let of_day = offset.minute_of_day(minute);
    let second = millis.div_euclid(1000).rem_euclid(60);
    let sign = if offset.0 < 0 { '-' } else { '+' };
    let ahead = offset.0.unsigned_abs();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{second:02}{sign}{:02}:{:02}",
        date.year,
        date.month,
        date.day,
        of_day / 60,
        of_day % 60,
        ahead / 60,
        ahead % 60
    )
}

/// The minute an RFC 3339 time names; `None` for anything else.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Minute> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
        return None;
    }
    let tail = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let ahead = match tail.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
            let minutes = (digit(h1)? * 10 + digit(h2)?) * 60 + digit(m1)? * 10 + digit(m2)?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let days = day_number(year, month, day);
    Some(Minute(days.0 * 1440 + hour * 60 + minute - ahead))
}

/// The inverse of [`Day::date`] (algorithm: Howard Hinnant, "chrono-compatible low-level date algorithms").
fn day_number(year: i64, month: i64, day: i64) -> Day {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Day(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::CHINA;
    use proptest::prelude::*;

    #[test]
    fn a_moment_is_written_with_the_phones_own_offset() {
        let millis = 1_764_029_405_999;
        assert_eq!(rfc3339(millis, CHINA), "2025-11-25T08:10:05+08:00");
        assert_eq!(rfc3339(millis, Offset(0)), "2025-11-25T00:10:05+00:00");
        assert_eq!(rfc3339(millis, Offset(-210)), "2025-11-24T20:40:05-03:30");
    }

    #[test]
    fn only_a_clock_that_is_off_by_more_than_five_minutes_is_corrected() {
        for (server, asked, heard, expected) in [
            (1_000_000, 1_000_000, 1_001_000, Some(0)),
            (1_000_000, 1_300_000, 1_301_000, Some(0)),
            (1_000_000, 1_301_000, 1_302_000, Some(301_000)),
            (10_000_000, 9_000_000, 9_002_000, Some(-999_500)),
            // Too slow to tell, or set while the answer was on its way.
            (1_000_000, 5_000_000, 5_070_000, None),
            (1_000_000, 5_000_000, 4_000_000, None),
        ] {
            assert_eq!(ahead(server, asked, heard), expected, "{server} {asked} {heard}");
        }
    }

    #[test]
    fn what_is_not_a_time_is_none() {
        for text in ["", "yesterday", "2025-13-01T00:00:00Z", "2025-11-25 08:10", "2025-11-25T08:10:05", "二〇二五年"]
        {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
        assert_eq!(parse_rfc3339("1970-01-01T08:01:59.123+08:00"), Some(Minute(1)));
    }

    proptest! {
        #[test]
        fn writing_and_reading_a_moment_agree(millis in 0_i64..4_102_444_800_000, offset in -840_i32..=840) {
            let text = rfc3339(millis, Offset(offset));
            prop_assert_eq!(parse_rfc3339(&text), Some(Minute::from_millis(millis)));
        }
    }
}
