//! Whether a place is still open when somebody gets there.

use super::schedule::Status;
use super::time::Minute;

/// Metres walked in a minute.
const WALK_M_PER_MIN: i64 = 80;
/// Metres ridden in a minute: 15 km/h, with the lights.
const RIDE_M_PER_MIN: i64 = 250;

/// How somebody finds a place that is open now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Open, also for whoever walks; or nobody knows until when.
    InTime,
    /// Too far on foot, near enough for whoever rides.
    OnlyRiding,
    TooLate,
}

/// Minutes for so many metres as the crow flies. Streets are longer by 1.3.
const fn minutes(metres: u32, per_minute: i64) -> i64 {
    (metres as i64 * 13 + per_minute * 10 - 1) / (per_minute * 10)
}

/// How somebody who is so many metres away, as the crow flies, finds a place.
#[must_use]
pub fn arrival(metres: u32, status: &Status, now: Minute) -> Arrival {
    let closes = match status {
        Status::Open { until } => *until,
        Status::ClosingSoon { until } => Some(*until),
        Status::Closed { .. } | Status::Unknown { .. } => None,
    };
    let in_time = |per_minute| closes.is_none_or(|closes| now.plus(minutes(metres, per_minute)) < closes);
    if in_time(WALK_M_PER_MIN) {
        Arrival::InTime
    } else if in_time(RIDE_M_PER_MIN) {
        Arrival::OnlyRiding
    } else {
        Arrival::TooLate
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_way_takes_as_long_as_the_streets_are() {
        // 80 m of street are 61.5 m as the crow flies.
        for (metres, walk, ride) in [(0, 0, 0), (61, 1, 1), (62, 2, 1), (500, 9, 3), (1000, 17, 6), (1923, 32, 10)] {
            assert_eq!((minutes(metres, WALK_M_PER_MIN), minutes(metres, RIDE_M_PER_MIN)), (walk, ride), "{metres} m");
        }
    }

    #[test]
    fn whoever_rides_may_come_in_time_where_whoever_walks_does_not() {
        let closing = |minutes: i64| Status::ClosingSoon { until: Minute(1000 + minutes) };
        for (left, expected) in
            [(10, Arrival::InTime), (9, Arrival::OnlyRiding), (4, Arrival::OnlyRiding), (3, Arrival::TooLate)]
        {
            assert_eq!(arrival(500, &closing(left), Minute(1000)), expected, "{left} minutes left");
        }
        for status in [Status::Open { until: None }, Status::Closed { opens: None }, Status::Unknown { reason: None }] {
            assert_eq!(arrival(50_000, &status, Minute(1000)), Arrival::InTime, "{status:?}");
        }
    }

    proptest! {
        #[test]
        fn nobody_is_too_late_who_is_nearer_or_has_longer(metres in 0_u32..20_000, left in 0_i64..400, nearer in 0_u32..1000, longer in 0_i64..100) {
            let of = |metres, left| arrival(metres, &Status::Open { until: Some(Minute(left)) }, Minute(0)) as u8;
            prop_assert!(of(metres.saturating_sub(nearer), left + longer) <= of(metres, left));
        }
    }
}
