//! Rules in China's calendar, and the hours of a station over any window.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::days::{date, day, window};
use crate::support::{TestServer, problem};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde_json::Value;
use waypost_app::domain::schedule::{Horizon, State};
use waypost_app::domain::time::{CHINA, Day};
use waypost_server::schedule::calendar::Calendar;
use waypost_server::schedule::rule::{Interval, Rule, RuleError};
use waypost_server::schedule::{evaluate, evaluate_or_unknown, schedule_id};

fn intervals(rule: &str, window: Horizon) -> Vec<Interval> {
    let calendar = Calendar::china().expect("a calendar");
    Rule::parse(rule, &calendar).expect("a rule").intervals(window, CHINA).expect("intervals")
}

/// `[("09:00", "17:00")]`: what is in a state on one day.
fn on(rule: &str, text: &str, state: State) -> Vec<(String, String)> {
    let next = date(text).checked_add_days(Days::new(1)).expect("a date").to_string();
    intervals(rule, window(text, &next))
        .into_iter()
        .filter(|interval| interval.state == state)
        .map(|interval| (CHINA.clock(interval.start), CHINA.clock(interval.end)))
        .collect()
}

fn open_on(rule: &str, text: &str) -> Vec<(String, String)> {
    on(rule, text, State::Open)
}

fn spans(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

/// The State Council's notices, written out once more, day by day, independently of the calendar file.
const DAYS_OFF: [(&str, u64); 13] = [
    ("2025-01-01", 1),
    ("2025-01-28", 8),
    ("2025-04-04", 3),
    ("2025-05-01", 5),
    ("2025-05-31", 3),
    ("2025-10-01", 8),
    ("2026-01-01", 3),
    ("2026-02-15", 9),
    ("2026-04-04", 3),
    ("2026-05-01", 5),
    ("2026-06-19", 3),
    ("2026-09-25", 3),
    ("2026-10-01", 7),
];
const WORKING_WEEKENDS: [&str; 11] = [
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
];

#[test]
fn an_office_rule_is_right_on_every_day_of_the_announced_years() {
    let off = |day: NaiveDate| {
        DAYS_OFF.iter().any(|(first, count)| {
            let first = date(first);
            (first..first.checked_add_days(Days::new(*count)).expect("a date")).contains(&day)
        })
    };
    let worked = |day: NaiveDate| WORKING_WEEKENDS.iter().any(|weekend| date(weekend) == day);
    let weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let mut open_days = 0;
    for day in date("2025-01-01").iter_days().take_while(|day| day.year() < 2027) {
        let expected = if !off(day) && (!weekend(day) || worked(day)) {
            open_days += 1;
            spans(&[("09:00", "17:00")])
        } else {
            Vec::new()
        };
        assert_eq!(open_on("Mo-Fr 09:00-17:00; SH 09:00-17:00; PH off", &day.to_string()), expected, "{day}");
    }
    // 522 weekdays in two years, less the days off on weekdays, plus the weekends worked.
    assert_eq!(open_days, 496);
}

#[test]
fn the_whole_window_gives_the_same_as_its_days() {
    let rule = "Mo-Fr 09:00-12:00,13:30-17:30; SH 09:00-17:00; PH off";
    let whole = evaluate(rule, &Calendar::china().expect("a calendar"), window("2026-09-01", "2026-11-01"));
    let mut by_day = Vec::new();
    for day in date("2026-09-01").iter_days().take_while(|day| *day < date("2026-11-01")) {
        let next = day.succ_opt().expect("a date");
        let of_day = intervals(rule, window(&day.to_string(), &next.to_string()));
        by_day.extend(of_day.into_iter().filter(|span| span.state == State::Open).map(|span| (span.start, span.end)));
    }
    assert_eq!(whole.expect("a schedule").open, by_day);
}

#[test]
fn a_year_that_is_not_announced_is_unknown_in_words_where_the_rule_depends_on_it() {
    for rule in [
        "Mo-Fr 09:00-17:00; SH 09:00-17:00; PH off",
        "24/7; PH off",
        "Mo-Su 10:00-20:00; PH 10:00-16:00",
        "SH 09:00-17:00",
    ] {
        let found = intervals(rule, window("2026-12-28", "2027-01-06"));
        let last = found.last().expect("intervals");
        assert_eq!(last.state, State::Unknown, "{rule}");
        assert_eq!(last.start, CHINA.midnight(day("2027-01-01")), "{rule}");
        assert_eq!(last.end, CHINA.midnight(day("2027-01-06")), "{rule}");
        assert!(last.comment.contains("2027 年放假安排未公布，平时"), "{}", last.comment);
        assert!(last.comment.contains("holidays of 2027 not announced; usually "), "{}", last.comment);
        assert!(found[..found.len() - 1].iter().all(|interval| interval.state != State::Unknown), "{rule}");
    }
}

#[test]
fn an_unannounced_year_says_what_is_usual() {
    let words = |rule: &str, from: &str, to: &str| intervals(rule, window(from, to))[0].comment.clone();
    assert_eq!(
        words("Mo-Fr 09:00-17:00; SH 09:00-17:00; PH off", "2027-01-01", "2027-02-01"),
        "2027 年放假安排未公布，平时周一至周五 9:00–17:00 / holidays of 2027 not announced; usually Mon–Fri 9:00–17:00"
    );
    let seasonal = words("Nov-Mar 08:00-18:00; PH off", "2027-01-01", "2027-02-01");
    assert!(seasonal.contains("平时按规则 Nov-Mar 08:00-18:00; PH off / "), "{seasonal}");
    let forgotten = words("Mo-Fr 09:00-17:00; PH off", "2024-10-01", "2024-10-02");
    assert!(forgotten.starts_with("2024 年放假安排没有记录"), "nobody will announce it any more: {forgotten}");
}

#[test]
fn a_rule_without_holidays_does_not_care_about_announcements() {
    assert_eq!(open_on("Mo-Fr 09:00-17:00", "2027-01-04"), spans(&[("09:00", "17:00")]));
    let all = intervals("24/7", window("2026-12-30", "2027-03-01"));
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].state, State::Open);
}

#[test]
fn the_day_before_an_unannounced_holiday_is_unknown_where_the_rule_looks_ahead() {
    let rule = "Mo-Su 09:00-17:00; PH -1 day off";
    assert_eq!(open_on(rule, "2026-12-30"), spans(&[("09:00", "17:00")]));
    assert!(open_on(rule, "2026-12-31").is_empty());
    assert_eq!(on(rule, "2026-12-31", State::Unknown).len(), 1);
}

#[test]
fn an_overnight_span_into_an_unannounced_year_stops_being_known_at_midnight() {
    let rule = "Mo-Su 18:00-02:00; PH off";
    assert_eq!(open_on(rule, "2026-12-31"), spans(&[("00:00", "02:00"), ("18:00", "00:00")]));
    assert!(open_on(rule, "2027-01-01").is_empty());
    // The night before the first announced day could have begun on a holiday.
    assert_eq!(on(rule, "2025-01-01", State::Unknown).len(), 1);
    assert_eq!(on("Mo-Su 09:00-17:00; PH off", "2025-01-01", State::Unknown).len(), 0);
}

#[test]
fn an_overnight_rule_is_right_at_both_ends_of_the_window() {
    // Friday and Saturday night; the window begins inside one night and ends inside another.
    let rule = "Fr-Sa 22:00-06:00";
    let minute = |text: &str, hour: i64| CHINA.midnight(day(text)).plus(hour * 60);
    let inside = Horizon { start: minute("2026-11-28", 3), end: minute("2026-12-06", 1) };
    let states: Vec<_> =
        intervals(rule, inside).into_iter().map(|interval| (interval.start, interval.end, interval.state)).collect();
    assert_eq!(
        states,
        [
            (inside.start, minute("2026-11-28", 6), State::Open),
            (minute("2026-11-28", 6), minute("2026-11-28", 22), State::Closed),
            (minute("2026-11-28", 22), minute("2026-11-29", 6), State::Open),
            (minute("2026-11-29", 6), minute("2026-12-04", 22), State::Closed),
            (minute("2026-12-04", 22), minute("2026-12-05", 6), State::Open),
            (minute("2026-12-05", 6), minute("2026-12-05", 22), State::Closed),
            (minute("2026-12-05", 22), inside.end, State::Open),
        ]
    );
    for (from, to, state) in [
        ("2026-11-28", "2026-11-29", State::Open),
        ("2026-11-27", "2026-11-28", State::Closed),
        ("2026-11-30", "2026-12-01", State::Closed),
    ] {
        let first = &intervals(rule, window(from, to))[0];
        assert_eq!((first.start, first.state), (minute(from, 0), state), "{from}");
    }
}

#[test]
fn a_night_that_a_day_off_has_kept_from_beginning_does_not_run_on() {
    // National Day of 2026 is a Thursday, off to the Wednesday after.
    for (rule, last_off, night) in [
        ("Mo-Su 18:00-02:00; PH off", "2026-10-07", ("18:00", "00:00")),
        ("Mo-Su 18:00-02:00; PH 10:00-12:00", "2026-10-07", ("18:00", "00:00")),
        ("Mo-Su 18:00-02:00; We off", "2026-12-02", ("18:00", "00:00")),
    ] {
        let after = date(last_off).succ_opt().expect("a date");
        let later = after.succ_opt().expect("a date").to_string();
        assert!(!open_on(rule, last_off).contains(&(night.0.to_owned(), night.1.to_owned())), "{rule}");
        assert_eq!(open_on(rule, &after.to_string()), spans(&[night]), "{rule}: nobody is there in the morning");
        assert_eq!(open_on(rule, &later), spans(&[("00:00", "02:00"), night]), "{rule}: but in the next one");
    }
}

#[test]
fn the_last_night_of_a_month_ends_in_the_next() {
    let rule = "2026 Nov 18:00-02:00 \"not 2:00-1:00\"";
    assert_eq!(open_on(rule, "2026-11-01"), spans(&[("18:00", "00:00")]));
    assert_eq!(open_on(rule, "2026-12-01"), spans(&[("00:00", "02:00")]));
    assert!(open_on(rule, "2026-12-02").is_empty() && open_on(rule, "2025-11-20").is_empty());
}

#[test]
fn an_overnight_span_stays_whole() {
    let schedule =
        evaluate("Mo-Su 16:00-02:00", &Calendar::china().expect("a calendar"), window("2026-11-24", "2026-11-27"));
    let open = schedule.expect("a schedule").open;
    let written: Vec<_> = open.iter().map(|(from, to)| (CHINA.clock(*from), to.since(*from))).collect();
    let expect = |from: &str, minutes: i64| (from.to_owned(), minutes);
    assert_eq!(
        written,
        [expect("00:00", 120), expect("16:00", 600), expect("16:00", 600), expect("16:00", 480)],
        "clipped only at the ends of the window"
    );
}

#[test]
fn adjacent_open_spans_are_one() {
    let calendar = Calendar::china().expect("a calendar");
    let day = window("2026-11-24", "2026-11-25");
    for rule in ["09:00-12:00,12:00-17:00", "09:00-12:00 open \"ring\", 12:00-17:00 open \"knock\""] {
        let open = evaluate(rule, &calendar, day).expect("a schedule").open;
        assert_eq!(open.len(), 1, "{rule}");
        assert_eq!(open[0].1.since(open[0].0), 480, "{rule}");
    }
}

#[test]
fn the_second_saturday_is_found_in_every_month() {
    let rule = "Sa[2] 09:00-11:00";
    let found = intervals(rule, window("2026-10-01", "2026-12-31"));
    let days: Vec<_> = found
        .iter()
        .filter(|span| span.state == State::Open)
        .map(|span| {
            let date = CHINA.day(span.start).date();
            (date.month, date.day)
        })
        .collect();
    assert_eq!(days, [(10, 10), (11, 14), (12, 12)]);
}

#[test]
fn what_a_rule_leaves_open_is_unknown_and_never_a_guess() {
    for (rule, words) in [
        ("sunrise-sunset", "sunset"),
        ("Mo-Fr 09:00+", "closing time"),
        ("Mo-Fr 10:00-16:00/01:30", "certain times"),
        ("Mo-Fr 09:00-17:00 unknown \"看情况\"", "看情况"),
    ] {
        let found = intervals(rule, window("2026-11-24", "2026-11-25"));
        assert!(found.iter().all(|span| span.state != State::Open), "{rule}: {found:?}");
        let unknown = found.iter().find(|span| span.state == State::Unknown).unwrap_or_else(|| panic!("{rule}"));
        assert!(unknown.comment.contains(words), "{rule}: {}", unknown.comment);
    }
}

#[test]
fn intervals_cover_their_window_without_gaps() {
    for rule in ["24/7", "Mo-Fr 09:00-17:00; PH off", "off", "22:00-06:00", "Mo 10:00-12:00 unknown"] {
        let window = Horizon { start: CHINA.midnight(Day(20_781)).plus(615), end: CHINA.midnight(Day(20_830)).plus(7) };
        let found = intervals(rule, window);
        assert_eq!(found.first().map(|span| span.start), Some(window.start), "{rule}");
        assert_eq!(found.last().map(|span| span.end), Some(window.end), "{rule}");
        for pair in found.windows(2) {
            assert_eq!(pair[0].end, pair[1].start, "{rule}");
            assert_ne!((pair[0].state, &pair[0].comment), (pair[1].state, &pair[1].comment), "{rule}: not merged");
        }
    }
}

#[test]
fn a_rule_nobody_understands_is_refused_and_never_brings_the_server_down() {
    let calendar = Calendar::china().expect("a calendar");
    let window = window("2026-11-24", "2026-12-29");
    for rule in ["周一到周五", "Mo-Fr 25:61-99:00", "((((", "Mo-Fr 09:00-17:00; \u{0}", ""] {
        assert!(matches!(evaluate(rule, &calendar, window), Err(RuleError::Unreadable(_))), "{rule:?}");
    }
    let long = "Mo 09:00-10:00; ".repeat(100);
    assert_eq!(evaluate(&long, &calendar, window), Err(RuleError::TooLong));
    // Allowed by the grammar, beyond what the evaluator can add up.
    for rule in ["30:00-26:00", "47:00-48:00", "26:00-25:00"] {
        let _answered_somehow = evaluate(rule, &calendar, window);
    }
    let kept = evaluate_or_unknown("周一到周五", &calendar, window);
    assert_eq!(kept.unknown, [(window.start, window.end, "周一到周五".to_owned())], "the words are kept");
}

#[test]
fn a_rule_that_changes_all_the_time_is_refused() {
    let minutes: Vec<_> =
        (0..45).map(|at| format!("{:02}:{:02}-{:02}:{:02}", at / 2, at % 2 * 30, at / 2, at % 2 * 30 + 9)).collect();
    let rule = minutes.join(",");
    assert!(rule.len() <= 1000);
    let year = window("2026-01-01", "2026-12-31");
    let calendar = Calendar::china().expect("a calendar");
    assert_eq!(Rule::parse(&rule, &calendar).expect("a rule").intervals(year, CHINA), Err(RuleError::TooManyChanges));
}

#[test]
fn the_same_hours_share_one_schedule() {
    assert_eq!(schedule_id("Mo-Fr 09:00-17:00"), schedule_id(" Mo-Fr 09:00-17:00 "));
    assert_ne!(schedule_id("Mo-Fr 09:00-17:00"), schedule_id("Mo-Fr 09:00-17:01"));
}

#[tokio::test]
async fn the_hours_of_a_station_cover_the_window_asked_for() {
    let server = TestServer::start_at("2026-11-24T12:00:00+08:00").await;
    let hours = server.json("/api/v1/stations/hexie-labour/hours?from=2026-11-27&to=2026-11-30").await;
    assert_eq!(hours["from"], "2026-11-27T00:00:00+08:00");
    assert_eq!(hours["to"], "2026-11-30T00:00:00+08:00");
    let written: Vec<_> = hours["intervals"]
        .as_array()
        .expect("intervals")
        .iter()
        .map(|interval| (text(&interval["start"]), text(&interval["end"]), text(&interval["state"])))
        .collect();
    let at = |time: &str| format!("2026-11-{time}:00+08:00");
    assert_eq!(
        written,
        [
            (at("27T00:00"), at("27T09:00"), "closed".to_owned()),
            (at("27T09:00"), at("27T12:00"), "open".to_owned()),
            (at("27T12:00"), at("27T13:30"), "closed".to_owned()),
            (at("27T13:30"), at("27T17:30"), "open".to_owned()),
            (at("27T17:30"), at("30T00:00"), "closed".to_owned()),
        ]
    );
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

#[tokio::test]
async fn hours_may_be_asked_by_the_minute_and_with_an_unescaped_plus() {
    let server = TestServer::start_at("2026-11-24T12:00:00+08:00").await;
    let path = "/api/v1/stations/leshi-container/hours?from=2026-11-24T08:15:00%2B08:00&to=2026-11-24T01:00:00Z";
    let hours = server.json(path).await;
    assert_eq!(hours["intervals"][0]["start"], "2026-11-24T08:15:00+08:00");
    assert_eq!(hours["intervals"][0]["end"], "2026-11-24T09:00:00+08:00");
    assert_eq!(hours["intervals"][0]["state"], "open");
    let hours = server.json("/api/v1/stations/leshi-container/hours?from=2026-11-24T08:15:00+08:00").await;
    assert_eq!(hours["to"], "2026-12-01T08:15:00+08:00", "seven days where no end is given");
    assert_eq!(server.json("/api/v1/stations/leshi-container/hours").await["from"], "2026-11-24T00:00:00+08:00");
}

#[tokio::test]
async fn hours_past_the_announced_years_say_so() {
    let server = TestServer::start_at("2026-11-24T12:00:00+08:00").await;
    let hours = server.json("/api/v1/stations/hexie-labour/hours?from=2026-12-31&to=2027-01-03").await;
    let last = hours["intervals"].as_array().expect("intervals").last().expect("one").clone();
    assert_eq!(last["state"], "unknown");
    assert_eq!(last["start"], "2027-01-01T00:00:00+08:00");
    assert!(text(&last["comment"]).contains("2027"));
}

#[tokio::test]
async fn a_window_that_makes_no_sense_is_refused() {
    let server = TestServer::start_at("2026-11-24T12:00:00+08:00").await;
    for query in [
        "from=yesterday",
        "from=2026-11-24&to=2026-11-24",
        "from=2026-11-24&to=2026-11-23",
        "from=2026-11-24&to=2027-02-25",
        "from=2026-13-01",
        "from=0001-01-01",
        "from=2026-11-24T08:00:00",
        "to=262142-01-01",
    ] {
        problem(server.get(&format!("/api/v1/stations/leshi-container/hours?{query}")).await, 400).await;
    }
    let widest = server.json("/api/v1/stations/leshi-container/hours?from=2026-11-24&to=2027-02-24").await;
    assert_eq!(widest["intervals"].as_array().map(Vec::len), Some(1));
    problem(server.get("/api/v1/stations/nowhere/hours").await, 404).await;
}
