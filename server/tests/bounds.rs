//! Rules made to be expensive, and rules of the wild: each is answered or refused, within its bounds.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use waypost_app::domain::schedule::{Horizon, State};
use waypost_app::domain::time::{CHINA, Day};
use waypost_server::schedule::calendar::Calendar;
use waypost_server::schedule::effective::Base;
use waypost_server::schedule::exceptions::{Days, Stretch, Times};
use waypost_server::schedule::rule::{Interval, MAX_INTERVALS, MAX_RULE, MAX_TIME, Rule, RuleError, worked};

/// 2026-11-24.
const TODAY: Day = Day(20_781);
/// What a rule may cost in all: reading has a bound of its own.
const BOUND: Duration = MAX_TIME.saturating_mul(2);

fn days(count: i64) -> Horizon {
    Horizon { start: CHINA.midnight(TODAY), end: CHINA.midnight(TODAY.plus(count)) }
}

/// Reads and evaluates a rule, and sees to it that both together stay within the bound.
fn ask(rule: &str, window: Horizon) -> Result<Vec<Interval>, RuleError> {
    let calendar = Calendar::china().expect("a calendar");
    let began = worked();
    let answer = Rule::parse(rule, &calendar).and_then(|rule| rule.intervals(window, CHINA));
    let took = worked().saturating_sub(began);
    assert!(took < BOUND, "{took:?} for {rule}");
    if let Ok(found) = &answer {
        assert!(found.len() <= MAX_INTERVALS, "{rule}");
    }
    answer
}

/// As long a list as can be read.
fn many(item: &str, separator: &str) -> String {
    let mut list = item.to_owned();
    while list.len() + separator.len() + item.len() <= MAX_RULE {
        list.push_str(separator);
        list.push_str(item);
    }
    list
}

#[test]
fn hostile_rules_are_answered_or_refused_in_time() {
    let easter = r#"2012 easter -2 days-2012 easter +2 days: open "Around easter"; PH off"#;
    for window in [days(35), days(366)] {
        assert!(ask(easter, window).is_ok(), "the rule that hangs opening_hours.js");
        for rule in [
            "1900-9999/2",
            "1900-9999 week 1-53/2 Mo-Su 00:00-24:00",
            "9999 Dec 31 00:00-48:00",
            "Feb 29-Feb 29 00:00-24:00",
            "1900 Jan 1 +9999 days-9999 Dec 31 -9999 days: 10:00-12:00",
            "PH +9999 days; SH off; PH -9999 days off",
            "easter -9999 days-easter +9999 days",
            "Mo[5] -9999 days,Tu[-5] +9999 days 23:59-23:58",
            "week 1-53/2",
            "week 1-53/255; week 53",
            "00:00-48:00",
            "10:00-16:00/00:01",
            "(sunrise-23:59)-(sunset+23:59)",
            "30:00-26:00",
            "47:00-48:00",
        ] {
            let _either = ask(rule, window);
        }
        for (item, separator) in [
            ("Mo", ";"),
            ("Mo 09:00-10:00", "; "),
            ("Mo-Su 00:00-00:01", ", "),
            ("09:00-10:00", ","),
            ("22:00-21:59", ","),
            ("00:00-48:00", ","),
            ("PH", ","),
            ("PH +9 days", ","),
            ("Jan", ","),
            ("Jan 1-Feb 2", ","),
            ("Jan Mo[1]", ","),
            ("Jan Mo[1]-Feb Tu[-1]", ","),
            ("easter -2 days-easter +2 days", ","),
            ("1900-9999/2", ","),
            ("week 1-53/2", ";"),
            ("1-53/2", ","),
            ("Mo[1,2,3]", ","),
            ("open \"x\"", " || "),
            ("\"", "\""),
            ("(", "("),
            ("((sunrise", "+"),
            ("24/7", ","),
            (" ", " "),
            ("周", "一"),
        ] {
            let _either = ask(&many(item, separator), window);
        }
    }
}

#[test]
fn a_point_in_time_is_no_opening() {
    assert!(matches!(ask("Mo 10:00", days(35)), Err(RuleError::Unreadable(_))));
    assert!(matches!(ask("10:00,12:00,14:00", days(35)), Err(RuleError::Unreadable(_))));
}

#[test]
fn a_list_that_the_parser_would_try_in_every_combination_is_refused() {
    assert!(ask("Jan Mo[1],Apr Mo[1],Jul Mo[1],Oct Mo[1] 09:00-11:00", days(366)).is_ok(), "four are no harm");
    assert_eq!(ask(&many("Jan Mo[1]", ","), days(35)), Err(RuleError::TooSlow));
}

#[test]
fn the_most_clauses_that_can_be_read_are_read() {
    for (item, separator) in [("Mo", ";"), ("Mo 09:00-10:00", "; "), ("09:00-10:00", ","), ("Jan 1-Feb 2", ",")] {
        let rule = many(item, separator);
        assert!(rule.len() > MAX_RULE - 20 && ask(&rule, days(35)).is_ok(), "{rule}");
        assert_eq!(ask(&format!("{rule}{separator}{rule}"), days(35)), Err(RuleError::TooLong));
    }
}

#[test]
fn time_that_is_up_is_an_error() {
    let rule = Rule::parse("Mo-Fr 09:00-17:00", &Calendar::china().expect("a calendar")).expect("a rule");
    assert_eq!(rule.intervals_within(days(35), CHINA, Duration::ZERO), Err(RuleError::TooSlow));
    // As many years as there are; the clock is looked at every day.
    let ages = Horizon { start: CHINA.midnight(TODAY), end: CHINA.midnight(TODAY.plus(80_000_000)) };
    let calm = Rule::parse("24/7", &Calendar::china().expect("a calendar")).expect("a rule");
    let began = worked();
    let limit = Duration::from_millis(50);
    assert_eq!(calm.intervals_within(ages, CHINA, limit), Err(RuleError::TooSlow));
    assert!(worked().saturating_sub(began) < BOUND);
}

/// The kind of this machine, as the compiler names it.
fn host() -> String {
    let told = Command::new("rustc").arg("-vV").output().expect("rustc can be started").stdout;
    let told = String::from_utf8(told).expect("text");
    told.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

/// The expressions the opening-hours crate tests itself with. They are not ours to copy, so they are read where cargo
/// keeps the crate.
fn sample() -> Vec<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked = Command::new(cargo)
        // Only what this machine needs is there.
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &host()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started to ask where the opening-hours crate is");
    assert!(asked.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&asked.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&asked.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == "opening-hours").expect("opening-hours is used");
    let manifest = PathBuf::from(package["manifest_path"].as_str().expect("a path"));
    let file = manifest.with_file_name("opening-hours").join("src/tests/data/sample.txt");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!(
            "the sample expressions of opening-hours {} are not at {} ({error}): has the crate moved them?",
            package["version"],
            file.display()
        )
    });
    // Lines that the crate does not take itself are commented out; they are questions like the others.
    let lines = text.lines().map(|line| line.trim().trim_start_matches("# "));
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn the_rules_of_the_wild_are_understood_and_take_exceptions() {
    let sample = sample();
    let calendar = Calendar::china().expect("a calendar");
    let closed = Stretch {
        days: Days::new(TODAY.plus(7), TODAY.plus(9)).expect("days"),
        times: Times::default(),
        reason: String::new(),
        reason_en: String::new(),
    };
    let window = days(366);
    let mut refused = Vec::new();
    for rule in &sample {
        if let Err(error) = ask(rule, window) {
            refused.push(format!("{rule}: {error}"));
            continue;
        }
        let began = worked();
        let base = Base::read(rule, &calendar).unwrap_or_else(|error| panic!("{rule} cannot be cut: {error}"));
        let found = base.intervals(std::slice::from_ref(&closed), days(35));
        let found = found.unwrap_or_else(|error| panic!("{rule} with an exception: {error}"));
        assert!(worked().saturating_sub(began) < BOUND, "{rule}");
        let (start, end) = (CHINA.midnight(TODAY.plus(7)), CHINA.midnight(TODAY.plus(10)));
        let during = found.iter().filter(|it| it.start < end && it.end > start);
        assert!(during.clone().all(|it| it.state == State::Closed), "{rule}: {:?}", during.collect::<Vec<_>>());
    }
    assert!(sample.len() >= 202, "only {} expressions found", sample.len());
    assert!(sample.len() - refused.len() >= 195, "{refused:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pieces of the grammar in any order.
    #[test]
    fn whatever_is_put_together_is_answered_or_refused(
        pieces in proptest::collection::vec(select(&[
            "Mo", "-", "Su", ",", ";", " ", "PH", "SH", "off", "open", "unknown", "24/7", "09:00-17:00", "22:00-06:00",
            "+", "/", "2026", "9999", "Jan", "Feb 29", "Mo[1]", "Sa[-1]", " +3 days", " -3 days", "week ", "1-53", "/2",
            "easter", "sunrise", "sunset", "(", ")", "\"x\"", ":", " || ", "00:00", "48:00", ", ", "; ",
        ]), 0..40),
    ) {
        let _either = ask(&pieces.concat(), days(35));
    }

    /// Rules that say when they end past midnight are evaluated a second time, cut off there.
    #[test]
    fn no_night_is_too_hard_to_cut_off_at_midnight(
        year in select(&["", "2026 ", "2026-2030/2 ", "2026+ "]),
        date in select(&[
            "", "Jan ", "Nov-Mar ", "Dec 24-Jan 3 ", "Jan Mo[1] ", "Jan Mo[1]-30 ", "easter ", "Jan 1+ ", "Jan 5 +Mo +2 days ",
            "2026 Dec 24-2027 Jan 3 ", "Jan,Mar ", "easter -2 days-easter +2 days ",
        ]),
        week in select(&["", "week 1 ", "week 2-52/2 "]),
        weekday in select(&["", "Mo-Fr ", "Mo[1,3] ", "Mo[1] +1 day ", "PH ", "PH -2 days ", "Sa,PH ", "Sa-Mo "]),
        times in select(&["18:00-02:00", "10:00 - 12:00, 22:00 - 26:00", "8:00-8:00", "9:00-12:00,18:00-3:00"]),
        tail in select(&["", " off", " unknown \"9:00-8:00\"", " \"ring\"", "; PH off", ", Mo 10:00-09:00", " || 12:00-03:00"]),
    ) {
        let rule = format!("{year}{date}{week}{weekday}{times}{tail}");
        let answer = ask(&rule, days(8));
        prop_assert!(matches!(answer, Ok(_) | Err(RuleError::Unreadable(_))), "{rule}: {answer:?}");
    }

    #[test]
    fn whatever_is_typed_is_answered_or_refused(text in any::<String>()) {
        let _either = ask(&text, days(35));
    }
}
