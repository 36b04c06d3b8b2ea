use proptest::prelude::*;

use super::super::time::{CHINA, DAY};
use super::*;

/// The minutes the random schedules play in: a little over two days.
const SPACE: i64 = 3000;

fn at(minute: i64) -> Minute {
    Minute(minute)
}

fn spans(pairs: &[(i64, i64)]) -> Vec<(Minute, Minute)> {
    pairs.iter().map(|(start, end)| (at(*start), at(*end))).collect()
}

fn schedule(open: &[(i64, i64)], unknown: &[(i64, i64)]) -> Schedule {
    let unknown = spans(unknown).into_iter().map(|(start, end)| (start, end, String::new())).collect();
    Schedule { open: spans(open), unknown, ..Schedule::default() }
}

const fn window(start: i64, end: i64) -> Horizon {
    Horizon { start: Minute(start), end: Minute(end) }
}

/// Sorted spans that never overlap but may touch, from a random list of gaps and lengths.
fn random_spans(most: usize) -> impl Strategy<Value = Vec<(Minute, Minute)>> {
    proptest::collection::vec((prop_oneof![Just(0_i64), 0..400_i64], 1..400_i64), 0..most).prop_map(|steps| {
        let mut now = 0;
        let span = |(gap, length): (i64, i64)| {
            let start = now + gap;
            now = start + length;
            (at(start), at(now))
        };
        steps.into_iter().map(span).collect()
    })
}

fn random_schedule() -> impl Strategy<Value = Schedule> {
    (random_spans(9), random_spans(4)).prop_map(|(open, unknown)| {
        let words =
            |index: usize| if index.is_multiple_of(2) { "2027 not announced".to_owned() } else { String::new() };
        let unknown = unknown.into_iter().enumerate().map(|(index, (start, end))| (start, end, words(index))).collect();
        Schedule { open, unknown, ..Schedule::default() }
    })
}

fn random_window() -> impl Strategy<Value = Horizon> {
    (-50..SPACE / 2, 1..SPACE).prop_map(|(start, length)| window(start, start + length))
}

/// The rule in its plainest words, one span after the other.
fn naive_state(schedule: &Schedule, minute: Minute, horizon: Horizon) -> State {
    let within = |start: Minute, end: Minute| start <= minute && minute < end;
    if !within(horizon.start, horizon.end) || schedule.unknown.iter().any(|(start, end, _)| within(*start, *end)) {
        State::Unknown
    } else if schedule.open.iter().any(|(start, end)| within(*start, *end)) {
        State::Open
    } else {
        State::Closed
    }
}

/// The status found by walking on minute by minute.
fn naive_status(schedule: &Schedule, now: Minute, horizon: Horizon) -> Status {
    let mut later = (now.0 + 1..=horizon.end.0).map(|minute| (at(minute), naive_state(schedule, at(minute), horizon)));
    match naive_state(schedule, now, horizon) {
        State::Open => match later.find(|(_, state)| *state != State::Open) {
            Some((until, State::Closed)) if until.0 - now.0 <= CLOSING_SOON => Status::ClosingSoon { until },
            Some((until, State::Closed)) => Status::Open { until: Some(until) },
            _ => Status::Open { until: None },
        },
        State::Closed => Status::Closed { opens: later.find(|(_, state)| *state == State::Open).map(|(when, _)| when) },
        State::Unknown => {
            let inside = horizon.start <= now && now < horizon.end;
            let span = schedule.unknown.iter().find(|(start, end, _)| inside && *start <= now && now < *end);
            Status::Unknown { reason: span.map(|(.., words)| words.clone()).filter(|words| !words.is_empty()) }
        }
    }
}

#[test]
fn a_span_is_open_from_its_first_minute_to_the_one_before_its_last() {
    let hours = schedule(&[(540, 1020)], &[]);
    let day = window(0, 1440);
    for (minute, state) in
        [(539, State::Closed), (540, State::Open), (1019, State::Open), (1020, State::Closed), (1021, State::Closed)]
    {
        assert_eq!(hours.state(at(minute), day), state, "minute {minute}");
    }
    assert_eq!(hours.status(at(539), day), Status::Closed { opens: Some(at(540)) });
    assert_eq!(hours.status(at(540), day), Status::Open { until: Some(at(1020)) });
    assert_eq!(hours.status(at(1020), day), Status::Closed { opens: None });
}

#[test]
fn closing_soon_is_said_in_the_last_half_hour() {
    let hours = schedule(&[(540, 1020)], &[]);
    let day = window(0, 1440);
    assert_eq!(hours.status(at(989), day), Status::Open { until: Some(at(1020)) });
    assert_eq!(hours.status(at(990), day), Status::ClosingSoon { until: at(1020) });
    assert_eq!(hours.status(at(1019), day), Status::ClosingSoon { until: at(1020) });
    assert!(hours.status(at(1019), day).is_open());
    assert!(!hours.status(at(1020), day).is_open());
}

#[test]
fn morning_and_afternoon_that_touch_are_one_opening() {
    let hours = schedule(&[(540, 720), (720, 1020)], &[]);
    assert_eq!(hours.status(at(700), window(0, 1440)), Status::Open { until: Some(at(1020)) });
    assert_eq!(hours.open_at(at(720)), Some((at(720), at(1020))), "each stays a session of its own");
}

#[test]
fn unknown_beats_open() {
    let hours = schedule(&[(540, 1020)], &[(600, 660)]);
    let day = window(0, 1440);
    assert_eq!(hours.state(at(599), day), State::Open);
    assert_eq!(hours.state(at(600), day), State::Unknown);
    assert_eq!(hours.state(at(660), day), State::Open);
    assert!(!hours.status(at(630), day).is_open());
}

#[test]
fn nobody_is_promised_a_closing_time_beyond_what_is_known() {
    let day = window(0, 1440);
    assert_eq!(schedule(&[(540, 1020)], &[(600, 660)]).status(at(550), day), Status::Open { until: None });
    assert_eq!(schedule(&[(540, 1020)], &[(1020, 1100)]).status(at(1000), day), Status::Open { until: None });
    assert_eq!(schedule(&[(540, 1440)], &[]).status(at(1430), day), Status::Open { until: None });
    assert_eq!(schedule(&[(540, 1020)], &[(500, 560)]).status(at(400), day), Status::Closed { opens: Some(at(560)) });
    assert_eq!(schedule(&[(540, 1020)], &[(500, 1020)]).status(at(400), day), Status::Closed { opens: None });
    assert_eq!(schedule(&[(1500, 1600)], &[]).status(at(400), day), Status::Closed { opens: None });
}

#[test]
fn a_reason_is_given_in_words_where_there_is_one() {
    let mut hours = schedule(&[], &[(0, 10), (20, 30)]);
    hours.unknown[0].2 = "ask the guard".to_owned();
    let day = window(0, 1440);
    assert_eq!(hours.status(at(5), day), Status::Unknown { reason: Some("ask the guard".to_owned()) });
    assert_eq!(hours.status(at(25), day), Status::Unknown { reason: None });
}

#[test]
fn a_night_is_open_across_midnight_and_belongs_to_the_day_it_began() {
    let monday = Day(20_780);
    let (opens, closes) = (CHINA.midnight(monday).plus(22 * 60), CHINA.midnight(monday).plus(30 * 60));
    let hours = Schedule { open: vec![(opens, closes)], ..Schedule::default() };
    let week = Horizon { start: CHINA.midnight(monday), end: CHINA.midnight(monday.plus(7)) };

    let midnight = CHINA.midnight(monday.plus(1));
    assert_eq!(hours.status(midnight, week), Status::Open { until: Some(closes) });
    assert_eq!(hours.status(midnight.plus(-1), week), Status::Open { until: Some(closes) });
    assert_eq!(hours.open_on(monday, CHINA).collect::<Vec<_>>(), [(opens, closes)]);
    assert_eq!(hours.open_on(monday.plus(1), CHINA).count(), 0);
    assert_eq!(hours.open_on(monday.plus(-1), CHINA).count(), 0);
}

#[test]
fn a_schedule_that_never_opens_says_so_only_within_its_window() {
    let never = Schedule::default();
    let day = window(100, 200);
    for (minute, state) in [(99, State::Unknown), (100, State::Closed), (199, State::Closed), (200, State::Unknown)] {
        assert_eq!(never.state(at(minute), day), state, "minute {minute}");
    }
    assert_eq!(never.current_or_next(at(150)), None);
}

/// Exceptions of so many local days each, from random gaps and lengths in days.
fn random_exceptions() -> impl Strategy<Value = Vec<Exception>> {
    proptest::collection::vec((0..4_i64, 1..5_i64), 0..6).prop_map(|steps| {
        let mut next = 0;
        let exception = |(gap, days): (i64, i64)| {
            let first = next + gap;
            next = first + days;
            let reason = format!("{first}-{next}");
            let (start, end) = (CHINA.midnight(Day(first)), CHINA.midnight(Day(next)));
            Exception { start, end, reason, ..Exception::default() }
        };
        steps.into_iter().map(exception).collect()
    })
}

#[test]
fn an_exception_holds_from_the_first_minute_of_its_first_day_to_the_last_of_its_last() {
    let (first, after) = (CHINA.midnight(Day(20_790)), CHINA.midnight(Day(20_792)));
    let repair = Exception { start: first, end: after, reason: "检修".to_owned(), ..Exception::default() };
    let hours = Schedule { exceptions: vec![repair.clone()], ..Schedule::default() };
    assert_eq!(hours.exception_at(first.plus(-1)), None);
    assert_eq!(hours.exception_at(first), Some(&repair));
    assert_eq!(hours.exception_at(after.plus(-1)), Some(&repair));
    assert_eq!(hours.exception_at(after), None);
    let on = |day| hours.exception_on(Day(day), CHINA).is_some();
    assert_eq!([20_789, 20_790, 20_791, 20_792].map(on), [false, true, true, false]);
}

#[test]
fn what_an_exception_leaves_as_it_is_is_not_struck_out() {
    let day = Day(20_790);
    let at = |hour: i64| CHINA.midnight(day).plus(hour * 60);
    let repair = Exception {
        start: CHINA.midnight(day),
        end: CHINA.midnight(day.plus(1)),
        usual: vec![(at(9), at(12)), (at(13), at(17))],
        ..Exception::default()
    };
    let hours = Schedule { exceptions: vec![repair], open: vec![(at(9), at(12))], ..Schedule::default() };
    assert_eq!(hours.struck_on(day, CHINA).collect::<Vec<_>>(), [(at(13), at(17))]);
    assert_eq!(hours.struck_on(day.plus(1), CHINA).count(), 0);
}

#[test]
fn open_through_a_night_also_where_one_span_follows_another() {
    let touching = schedule(&[(1200, 1440), (1440, 1800)], &[]);
    assert!(touching.open_through(at(1320), at(1800)));
    assert!(!touching.open_through(at(1320), at(1801)) && !touching.open_through(at(1100), at(1300)));
    let unknown = schedule(&[(1200, 1440), (1500, 1800)], &[(1440, 1500)]);
    assert!(unknown.open_through(at(1320), at(1440)) && !unknown.open_through(at(1320), at(1600)));
}

#[test]
fn a_schedule_without_exceptions_looks_on_the_wire_as_it_did_before_there_were_any() {
    let text = serde_json::to_string(&schedule(&[(540, 1020)], &[])).expect("json");
    assert_eq!(text, r#"{"id":"","rule":"","open":[[540,1020]],"unknown":[]}"#);
    assert_eq!(serde_json::from_str::<Schedule>(&text).expect("read").exceptions, []);
    let least = r#"{"id":"a","rule":"24/7","exceptions":[{"start":0,"end":1440,"reason":""}]}"#;
    let read: Schedule = serde_json::from_str(least).expect("read");
    assert_eq!(read.exceptions, [Exception { end: at(1440), ..Exception::default() }]);
}

proptest! {
    #[test]
    fn state_and_status_agree_with_walking_minute_by_minute(
        hours in random_schedule(), horizon in random_window(), now in -100..SPACE,
    ) {
        prop_assert_eq!(hours.state(at(now), horizon), naive_state(&hours, at(now), horizon));
        prop_assert_eq!(hours.status(at(now), horizon), naive_status(&hours, at(now), horizon));
    }

    #[test]
    fn at_each_edge_of_each_span_state_and_status_agree_with_walking(hours in random_schedule(), horizon in random_window()) {
        let open = hours.open.iter().flat_map(|(start, end)| [*start, *end]);
        let unknown = hours.unknown.iter().flat_map(|(start, end, _)| [*start, *end]);
        for edge in open.chain(unknown).chain([horizon.start, horizon.end]) {
            for minute in [edge.plus(-1), edge, edge.plus(1)] {
                prop_assert_eq!(hours.state(minute, horizon), naive_state(&hours, minute, horizon));
                prop_assert_eq!(hours.status(minute, horizon), naive_status(&hours, minute, horizon));
            }
        }
    }

    #[test]
    fn status_tells_the_same_as_state(hours in random_schedule(), horizon in random_window(), now in -100..SPACE) {
        let told = match hours.status(at(now), horizon) {
            Status::Open { .. } | Status::ClosingSoon { .. } => State::Open,
            Status::Closed { .. } => State::Closed,
            Status::Unknown { .. } => State::Unknown,
        };
        prop_assert_eq!(told, hours.state(at(now), horizon));
    }

    #[test]
    fn outside_the_window_nothing_is_known(hours in random_schedule(), horizon in random_window(), past in 0..5000_i64) {
        for minute in [horizon.start.plus(-1 - past), horizon.end.plus(past)] {
            prop_assert_eq!(hours.state(minute, horizon), State::Unknown);
            prop_assert_eq!(hours.status(minute, horizon), Status::Unknown { reason: None });
        }
    }

    #[test]
    fn the_span_now_and_the_next_one_are_those_a_linear_search_finds(hours in random_schedule(), now in -100..SPACE) {
        let now = at(now);
        let current = hours.open.iter().copied().find(|(start, end)| *start <= now && now < *end);
        let next = hours.open.iter().copied().find(|(start, _)| *start > now);
        prop_assert_eq!(hours.open_at(now), current);
        prop_assert_eq!(hours.next_open(now), next);
        prop_assert_eq!(hours.current_or_next(now), current.or(next));
    }

    #[test]
    fn each_span_is_on_exactly_the_local_day_it_begins(hours in random_schedule(), offset in -720..=840_i32, shift in -5..5_i64) {
        let offset = Offset(offset);
        let moved = |(start, end): &(Minute, Minute)| (start.plus(shift * DAY), end.plus(shift * DAY));
        let hours = Schedule { open: hours.open.iter().map(moved).collect(), ..Schedule::default() };
        let mut seen = 0;
        for day in -8..10 {
            let listed: Vec<_> = hours.open_on(Day(day), offset).collect();
            let begun: Vec<_> = hours.open.iter().copied().filter(|(start, _)| offset.day(*start) == Day(day)).collect();
            seen += listed.len();
            prop_assert_eq!(listed, begun);
        }
        prop_assert_eq!(seen, hours.open.len());
    }

    #[test]
    fn the_exception_of_a_moment_or_a_day_is_the_one_a_linear_search_finds(exceptions in random_exceptions(), day in -2..40_i64, minute in 0..DAY) {
        let hours = Schedule { exceptions, ..Schedule::default() };
        let now = CHINA.midnight(Day(day)).plus(minute);
        let found = hours.exceptions.iter().find(|exception| exception.start <= now && now < exception.end);
        prop_assert_eq!(hours.exception_at(now), found);
        prop_assert_eq!(hours.exception_on(Day(day), CHINA), found);
    }

    #[test]
    fn spans_in_no_order_at_all_do_not_break_anything(
        open in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..6),
        unknown in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..4),
        now in any::<i64>(),
        horizon in (any::<i64>(), any::<i64>()),
    ) {
        let hours = schedule(&open, &unknown);
        let horizon = window(horizon.0, horizon.1);
        let told = hours.status(at(now), horizon);
        prop_assert_eq!(told.is_open(), hours.state(at(now), horizon) == State::Open);
    }
}
