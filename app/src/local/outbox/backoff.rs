//! How long to wait before the next try. Pure: the clock and the dice are handed in.

use super::item::{Reason, Wait};

/// The first pause, in milliseconds.
const FIRST_MS: i64 = 2_000;
/// No pause of our own is longer: five minutes.
const CAP_MS: i64 = 300_000;
/// Nor one that the server asks for: a day.
const SERVER_CAP_MS: i64 = 86_400_000;

/// The pause after the `tries`th failure (1, 2, …), in milliseconds: doubling up to [`CAP_MS`], each shortened by up to
/// half, so that phones which lost the same network do not all come back in the same second. `dice` is in `[0, 1)`.
#[must_use]
pub fn pause_ms(tries: u32, dice: f64) -> i64 {
    let doublings = tries.saturating_sub(1).min(16);
    let full = (FIRST_MS << doublings).min(CAP_MS);
    full - (full as f64 / 2.0 * dice.clamp(0.0, 1.0)) as i64
}

/// The wait after one more failure at `now`. What the server asks for is honoured, never shortened.
#[must_use]
pub fn after_failure(wait: &Wait, reason: Reason, retry_after_s: Option<u32>, now: i64, dice: f64) -> Wait {
    // How often there was no network says nothing of how often it could not be read.
    let goes_on = reason != Reason::PhoneTrouble || wait.reason == Some(reason);
    let tries = if goes_on { wait.tries.saturating_add(1) } else { 1 };
    let asked = retry_after_s.map_or(0, |seconds| i64::from(seconds) * 1000).min(SERVER_CAP_MS);
    Wait { tries, not_before: now.saturating_add(pause_ms(tries, dice).max(asked)), reason: Some(reason) }
}

/// Whether it is time to try. `eager`: something happened that may have mended the connection, which ends every wait but
/// one that the server asked for.
///
/// A moment further off than any wait can be means that the clock was put back: then it is time as well.
#[must_use]
pub fn is_due(wait: &Wait, now: i64, eager: bool) -> bool {
    wait.not_before <= now
        || wait.not_before.saturating_sub(now) > SERVER_CAP_MS
        || (eager && wait.reason != Some(Reason::Busy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pauses: Vec<i64> = (1..=10).map(|tries| pause_ms(tries, 0.0) / 1000).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    #[test]
    fn tries_without_a_network_do_not_count_as_tries_to_read() {
        let offline = Wait { tries: 9, not_before: 0, reason: Some(Reason::NoAnswer) };
        let unread = after_failure(&offline, Reason::PhoneTrouble, None, 0, 0.0);
        assert_eq!(unread.tries, 1);
        assert_eq!(after_failure(&unread, Reason::PhoneTrouble, None, 0, 0.0).tries, 2);
    }

    #[test]
    fn the_servers_wish_outlasts_eagerness() {
        let wait = after_failure(&Wait::default(), Reason::Busy, Some(3600), 1_000, 0.5);
        assert_eq!(wait.not_before, 3_601_000);
        assert!(!is_due(&wait, 2_000, true));
        assert!(is_due(&wait, 3_601_000, false));
    }

    #[test]
    fn a_returning_network_ends_an_ordinary_wait() {
        let wait = after_failure(&Wait { tries: 8, ..Wait::default() }, Reason::NoAnswer, None, 1_000, 0.0);
        assert!(!is_due(&wait, 2_000, false));
        assert!(is_due(&wait, 2_000, true));
    }

    #[test]
    fn a_clock_put_back_by_years_does_not_keep_a_report_for_years() {
        let wait = after_failure(&Wait::default(), Reason::NoAnswer, None, 1_900_000_000_000, 0.0);
        assert!(is_due(&wait, 1_700_000_000_000, false));
    }

    proptest! {
        #[test]
        fn a_pause_is_never_longer_than_the_cap_nor_shorter_than_a_second(tries: u32, dice in 0.0..1.0) {
            let pause = pause_ms(tries, dice);
            prop_assert!((FIRST_MS / 2..=CAP_MS).contains(&pause));
        }

        #[test]
        fn a_report_comes_due_exactly_when_it_was_told(
            tries in 0_u32..100, asked in proptest::option::of(0_u32..80_000), now in 0_i64..4_000_000_000_000, dice in 0.0..1.0,
        ) {
            let before = Wait { tries, ..Wait::default() };
            let wait = after_failure(&before, Reason::ServerTrouble, asked, now, dice);
            prop_assert!(wait.tries == tries + 1 && wait.not_before > now);
            prop_assert!(wait.not_before - now >= i64::from(asked.unwrap_or(0)) * 1000);
            prop_assert!(!is_due(&wait, wait.not_before - 1, false));
            prop_assert!(is_due(&wait, wait.not_before, false));
        }
    }
}
