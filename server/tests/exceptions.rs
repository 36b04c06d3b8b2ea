//! Exceptions beat rules: for one schedule, for a station with its services, and for phones that ask for changes.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::days::{day, window};
use proptest::prelude::*;
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::schedule::{Horizon, Schedule, State};
use waypost_app::domain::time::{CHINA, DAY, Day, Minute};
use waypost_server::schedule::calendar::Calendar;
use waypost_server::schedule::effective::{Base, Effective, schedule};
use waypost_server::schedule::exceptions::{Days, Exception, Stretch, Times};
use waypost_server::schedule::rule::Interval;
use waypost_server::schedule::schedule_id;
use waypost_server::schedule::timetable::{Keeper, Timetable};

fn stretch(first: &str, last: &str, times: &str, reason: &str) -> Stretch {
    Stretch {
        days: Days::new(day(first), day(last)).expect("days"),
        times: Times::parse(times).expect("times"),
        reason: reason.to_owned(),
        reason_en: String::new(),
    }
}

fn intervals(rule: &str, stretches: &[Stretch], window: Horizon) -> Vec<Interval> {
    let calendar = Calendar::china().expect("a calendar");
    let found = Base::read(rule, &calendar).expect("a rule").intervals(stretches, window).expect("intervals");
    assert_eq!(found.first().map(|it| it.start), Some(window.start));
    assert_eq!(found.last().map(|it| it.end), Some(window.end));
    assert!(found.windows(2).all(|pair| pair[0].end == pair[1].start), "no gaps: {found:?}");
    found
}

fn effective(rule: Option<&str>, stretches: &[Stretch], window: Horizon) -> Schedule {
    let calendar = Calendar::china().expect("a calendar");
    schedule(ScheduleId::default(), rule, stretches, &calendar, window)
}

/// `24T09:00-24T17:00`: spans with their days of the month.
fn written(spans: &[(Minute, Minute)]) -> Vec<String> {
    let moment = |at: Minute| format!("{:02}T{}", CHINA.day(at).date().day, CHINA.clock(at));
    spans.iter().map(|(start, end)| format!("{}-{}", moment(*start), moment(*end))).collect()
}

fn open(rule: &str, stretches: &[Stretch], window: Horizon) -> Vec<String> {
    let open = intervals(rule, stretches, window).into_iter().filter(|it| it.state == State::Open);
    written(&open.map(|it| (it.start, it.end)).collect::<Vec<_>>())
}

#[test]
fn a_closure_empties_its_days_and_says_why() {
    let week = window("2026-11-23", "2026-11-28");
    let repair = [stretch("2026-11-24", "2026-11-25", "", "电路检修")];
    let rule = "Mo-Fr 09:00-12:00,13:00-17:00";
    assert_eq!(
        open(rule, &repair, week),
        [
            "23T09:00-23T12:00",
            "23T13:00-23T17:00",
            "26T09:00-26T12:00",
            "26T13:00-26T17:00",
            "27T09:00-27T12:00",
            "27T13:00-27T17:00"
        ]
    );
    let closed = intervals(rule, &repair, week).into_iter().find(|it| it.comment == "电路检修").expect("a closure");
    assert_eq!(written(&[(closed.start, closed.end)]), ["24T00:00-26T00:00"]);
    assert_eq!(closed.state, State::Closed);

    let schedule = effective(Some(rule), &repair, week);
    assert_eq!(schedule.rule, rule);
    assert_eq!(schedule.exceptions.len(), 1);
    let told = &schedule.exceptions[0];
    assert_eq!(written(&[(told.start, told.end)]), ["24T00:00-26T00:00"]);
    assert_eq!((told.reason.as_str(), told.reason_en.as_str()), ("电路检修", ""));
    assert_eq!(
        written(&told.usual),
        ["24T09:00-24T12:00", "24T13:00-24T17:00", "25T09:00-25T12:00", "25T13:00-25T17:00"]
    );
}

#[test]
fn other_hours_replace_the_rules() {
    let days = window("2026-11-23", "2026-11-26");
    let late = [stretch("2026-11-24", "2026-11-24", "10:00-12:00,18:00-23:00", "元宵灯会")];
    assert_eq!(
        open("Mo-Fr 09:00-17:00", &late, days),
        ["23T09:00-23T17:00", "24T10:00-24T12:00", "24T18:00-24T23:00", "25T09:00-25T17:00"]
    );
    assert_eq!(written(&effective(Some("Mo-Fr 09:00-17:00"), &late, days).exceptions[0].usual), ["24T09:00-24T17:00"]);
    // Also where the rule has nothing, and in a year nobody has announced.
    let sunday = [stretch("2026-11-29", "2026-11-29", "10:00-12:00", "")];
    assert_eq!(open("Mo-Fr 09:00-17:00", &sunday, window("2026-11-28", "2026-11-30")), ["29T10:00-29T12:00"]);
    let new_year = [stretch("2027-01-02", "2027-01-02", "10:00-12:00", "")];
    let found = intervals("Mo-Su 09:00-17:00; PH off", &new_year, window("2027-01-01", "2027-01-04"));
    let states: Vec<_> = found.iter().map(|it| it.state).collect();
    assert_eq!(states, [State::Unknown, State::Closed, State::Open, State::Closed, State::Unknown]);
}

#[test]
fn a_market_moves_by_a_closure_and_an_opening() {
    let moved = [
        stretch("2026-12-12", "2026-12-12", "", "改到周日"),
        stretch("2026-12-13", "2026-12-13", "09:00-11:00", "从周六改来"),
    ];
    assert_eq!(open("Sa[2] 09:00-11:00", &moved, window("2026-12-01", "2026-12-31")), ["13T09:00-13T11:00"]);
    let told = effective(Some("Sa[2] 09:00-11:00"), &moved, window("2026-12-01", "2026-12-31")).exceptions;
    assert_eq!(told.iter().map(|it| written(&it.usual)).collect::<Vec<_>>(), [vec!["12T09:00-12T11:00"], vec![]]);
}

#[test]
fn a_closure_ends_the_night_before_it_at_midnight_and_its_own_night_does_not_run_on() {
    let days = window("2026-11-23", "2026-11-28");
    let rule = "Mo-Su 16:00-02:00";
    let closed = [stretch("2026-11-25", "2026-11-25", "", "检修")];
    assert_eq!(
        open(rule, &closed, days),
        ["23T00:00-23T02:00", "23T16:00-24T02:00", "24T16:00-25T00:00", "26T16:00-27T02:00", "27T16:00-28T00:00"]
    );
    assert_eq!(written(&effective(Some(rule), &closed, days).exceptions[0].usual), ["25T16:00-26T02:00"]);
}

#[test]
fn other_hours_let_the_night_before_them_run_out_and_may_have_a_night_of_their_own() {
    let days = window("2026-11-24", "2026-11-28");
    let rule = "Mo-Su 16:00-02:00";
    let short = [stretch("2026-11-25", "2026-11-25", "10:00-12:00", "")];
    assert_eq!(
        open(rule, &short, days),
        ["24T00:00-24T02:00", "24T16:00-25T02:00", "25T10:00-25T12:00", "26T16:00-27T02:00", "27T16:00-28T00:00"]
    );
    let late =
        [stretch("2026-11-25", "2026-11-25", "16:00-04:00", ""), stretch("2026-11-26", "2026-11-26", "", "歇一天")];
    assert_eq!(
        open(rule, &late, days),
        ["24T00:00-24T02:00", "24T16:00-25T02:00", "25T16:00-26T04:00", "27T16:00-28T00:00"],
        "what somebody wrote down counts also on the closed day after it"
    );
}

#[test]
fn a_window_that_begins_the_day_after_an_exception_still_feels_it() {
    let closed = [stretch("2026-11-24", "2026-11-24", "", "")];
    assert_eq!(open("16:00-02:00", &closed, window("2026-11-25", "2026-11-26")), ["25T16:00-26T00:00"]);
    let late = [stretch("2026-11-24", "2026-11-24", "16:00-04:00", "")];
    assert_eq!(
        open("16:00-02:00", &late, window("2026-11-25", "2026-11-26")),
        ["25T00:00-25T04:00", "25T16:00-26T00:00"]
    );
    let told = effective(Some("16:00-02:00"), &late, window("2026-11-25", "2026-11-26"));
    assert!(told.exceptions.is_empty(), "but no day of it is one of the exception's");
}

#[test]
fn a_day_that_opens_at_midnight_by_its_own_rule_is_no_night_of_the_day_before() {
    let closed = [stretch("2026-11-25", "2026-11-25", "", "")];
    let days = window("2026-11-25", "2026-11-27");
    assert_eq!(open("00:00-02:00,16:00-24:00", &closed, days), ["26T00:00-26T02:00", "26T16:00-27T00:00"]);
    assert_eq!(open("24/7", &closed, days), ["26T00:00-27T00:00"]);
    // A rule with both: only what began on the closed day goes.
    assert_eq!(
        open("Tu-We 20:00-03:00, Mo-Su 00:00-01:00", &closed, days),
        ["26T00:00-26T01:00"],
        "Wednesday's night goes, Thursday's first hour stays"
    );
}

#[test]
fn without_a_rule_only_the_exceptions_are_known() {
    let once = [stretch("2026-11-25", "2026-11-25", "10:00-12:00", "试营业")];
    let days = window("2026-11-24", "2026-11-27");
    let told = effective(None, &once, days);
    assert_eq!(written(&told.open), ["25T10:00-25T12:00"]);
    let unknown: Vec<_> = told.unknown.iter().map(|(start, end, _)| (*start, *end)).collect();
    assert_eq!(written(&unknown), ["24T00:00-25T00:00", "26T00:00-27T00:00"]);
    assert!(told.rule.is_empty() && told.unknown.iter().all(|(.., words)| words.is_empty()));
}

#[test]
fn a_rule_nobody_understands_is_unknown_but_for_its_exceptions() {
    let closed = [stretch("2026-11-25", "2026-11-25", "", "检修")];
    let told = effective(Some("随缘"), &closed, window("2026-11-24", "2026-11-27"));
    assert_eq!(told.unknown.len(), 2);
    assert!(told.unknown.iter().all(|(.., words)| words == "随缘"));
    assert_eq!(
        told.state(CHINA.midnight(day("2026-11-25")).plus(600), window("2026-11-24", "2026-11-27")),
        State::Closed
    );
}

#[test]
fn a_reason_in_two_languages_is_a_comment_in_both_and_travels_in_two_fields() {
    let mut closed = stretch("2026-11-25", "2026-11-25", "", "检修");
    closed.reason_en = "Repairs".to_owned();
    let days = window("2026-11-25", "2026-11-26");
    assert_eq!(intervals("24/7", std::slice::from_ref(&closed), days)[0].comment, "检修 / Repairs");
    let told = effective(Some("24/7"), &[closed], days);
    assert_eq!((told.exceptions[0].reason.as_str(), told.exceptions[0].reason_en.as_str()), ("检修", "Repairs"));
    assert_eq!(written(&told.exceptions[0].usual), ["25T00:00-26T00:00"]);
}

fn exception(id: &str, target: &str, of: &Stretch) -> Exception {
    let Stretch { days, times, reason, reason_en } = of.clone();
    Exception { id: id.to_owned(), target: target.to_owned(), days, times, reason, reason_en }
}

fn keeper(id: &str, station: Option<&str>) -> Keeper {
    Keeper { id: id.to_owned(), schedule: Some(schedule_id("24/7")), station: station.map(str::to_owned) }
}

fn of(timetable: &Timetable, id: &str) -> Effective {
    let days = Days::new(day("2026-11-01"), day("2026-12-31")).expect("days");
    timetable.effective(id, days).expect("a keeper")
}

#[test]
fn services_are_closed_with_their_station_and_keep_their_own_exceptions_otherwise() {
    let (repair, short) =
        (stretch("2026-11-25", "2026-11-26", "", "检修"), stretch("2026-11-28", "2026-11-28", "10:00-12:00", "年会"));
    let own = stretch("2026-11-24", "2026-11-25", "14:00-15:00", "培训");
    let timetable = Timetable::new(
        [keeper("st", None), keeper("sv", Some("st")), keeper("other", None)],
        [exception("a", "st", &repair), exception("b", "st", &short), exception("c", "sv", &own)],
    );
    let reasons = |id: &str| {
        let found = of(&timetable, id).stretches;
        found.iter().map(|it| (it.reason.clone(), it.days.first(), it.days.last())).collect::<Vec<_>>()
    };
    let on = |reason: &str, first: &str, last: &str| (reason.to_owned(), day(first), day(last));
    assert_eq!(reasons("st"), [on("检修", "2026-11-25", "2026-11-26"), on("年会", "2026-11-28", "2026-11-28")]);
    assert_eq!(
        reasons("sv"),
        [on("培训", "2026-11-24", "2026-11-24"), on("检修", "2026-11-25", "2026-11-26")],
        "a station's other hours are not its services'"
    );
    assert_eq!(of(&timetable, "other").id(), Some(schedule_id("24/7")));
    assert_eq!(timetable.effective("nobody", Days::new(Day(1), Day(2)).expect("days")), None);
}

#[test]
fn a_station_that_opens_on_a_day_of_its_closure_opens_its_services_too() {
    let timetable = Timetable::new(
        [keeper("st", None), keeper("sv", Some("st"))],
        [
            exception("a", "st", &stretch("2026-11-24", "2026-11-28", "", "检修")),
            exception("b", "st", &stretch("2026-11-26", "2026-11-26", "10:00-12:00", "开放日")),
        ],
    );
    let days: Vec<_> = of(&timetable, "sv").stretches.iter().map(|it| (it.days.first(), it.days.last())).collect();
    assert_eq!(days, [(day("2026-11-24"), day("2026-11-25")), (day("2026-11-27"), day("2026-11-28"))]);
}

#[test]
fn the_same_hours_have_one_name_and_any_difference_another() {
    let closed = stretch("2026-11-25", "2026-11-25", "", "检修");
    let name = |schedule: &str, stretches: &[Stretch]| {
        Effective { schedule: Some(schedule_id(schedule)), stretches: stretches.to_vec() }.id().expect("a name")
    };
    assert_eq!(name("24/7", &[]), schedule_id("24/7"), "without exceptions it is the rule's");
    let names = [
        name("24/7", &[]),
        name("24/7", std::slice::from_ref(&closed)),
        name("Mo-Fr 09:00-17:00", std::slice::from_ref(&closed)),
        name("24/7", &[stretch("2026-11-25", "2026-11-26", "", "检修")]),
        name("24/7", &[stretch("2026-11-25", "2026-11-25", "10:00-12:00", "检修")]),
        name("24/7", &[stretch("2026-11-25", "2026-11-25", "", "停电")]),
        name("24/7", &[Stretch { reason: String::new(), reason_en: "检修".to_owned(), ..closed.clone() }]),
    ];
    assert_eq!(names.iter().collect::<std::collections::HashSet<_>>().len(), names.len());
    assert_eq!(name("24/7", std::slice::from_ref(&closed)), name(" 24/7 ", &[closed]));
    assert_eq!(Effective::default().id(), None);
}

/// Rules with and without nights, and their spans as a plain reader has them: minutes after midnight of each day.
const PLAIN: [(&str, &[(i64, i64)]); 4] = [
    ("Mo-Su 09:00-17:00", &[(540, 1020)]),
    ("Mo-Su 16:00-02:00", &[(960, 1560)]),
    ("Mo-Su 08:00-12:00,20:00-04:00", &[(480, 720), (1200, 1680)]),
    ("24/7", &[(0, 1440)]),
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_exceptions_over_any_rule_are_open_exactly_when_a_plain_reading_says(
        rule in 0..PLAIN.len(),
        // For each of twelve days: the rule, closed, short hours, or a late night.
        kinds in proptest::collection::vec(0..4_usize, 12),
    ) {
        let (rule, spans) = PLAIN[rule];
        let first = Day(20_781);
        let times: [(&str, &[(i64, i64)]); 4] =
            [("", &[]), ("", &[]), ("10:00-12:00", &[(600, 720)]), ("18:00-03:00", &[(1080, 1620)])];
        let stretches: Vec<_> = kinds.iter().enumerate().filter(|(_, kind)| **kind > 0).map(|(at, kind)| {
            let on = first.plus(at as i64);
            let times = Times::parse(times[*kind].0).expect("times");
            Stretch { days: Days::new(on, on).expect("days"), times, reason: String::new(), reason_en: String::new() }
        }).collect();
        let window = Horizon { start: CHINA.midnight(first.plus(-1)), end: CHINA.midnight(first.plus(13)) };
        let schedule = effective(Some(rule), &stretches, window);

        let kind = |day: i64| usize::try_from(day).ok().and_then(|at| kinds.get(at)).copied().unwrap_or(0);
        for day in -1..13 {
            for minute in (0..DAY).step_by(30) {
                let within = |spans: &[(i64, i64)], at: i64| spans.iter().any(|(start, end)| (*start..*end).contains(&at));
                let written_today = kind(day) > 0 && within(times[kind(day)].1, minute);
                let written_yesterday = kind(day - 1) > 0 && within(times[kind(day - 1)].1, minute + DAY);
                let ruled_today = kind(day) == 0 && within(spans, minute);
                let ruled_yesterday = kind(day - 1) == 0 && kind(day) != 1 && within(spans, minute + DAY);
                let expected = written_today || written_yesterday || ruled_today || ruled_yesterday;
                let at = CHINA.midnight(first.plus(day)).plus(minute);
                prop_assert_eq!(schedule.state(at, window) == State::Open, expected, "day {} minute {}", day, minute);
                prop_assert_eq!(schedule.exception_at(at).is_some(), kind(day) > 0);
            }
        }
        // What is struck through is what the rule begins on these days.
        for (at, kind) in kinds.iter().enumerate().filter(|(_, kind)| **kind > 0) {
            let midnight = CHINA.midnight(first.plus(at as i64));
            let expected: Vec<_> = spans.iter().map(|(start, end)| (midnight.plus(*start), midnight.plus(*end))).collect();
            let told = schedule.exception_at(midnight).expect("an exception");
            prop_assert_eq!(&told.usual, &expected, "{}", kind);
        }
    }
}
