use proptest::prelude::*;

use super::*;

/// Tuesday, 24 November 2026.
const TODAY: Day = Day(20_781);
const PLACE: Wgs84 = Wgs84 { lat: 30.317_2, lng: 120.138_6 };

fn at(days: i64, hours: i64, minutes: i64) -> Minute {
    CHINA.midnight(TODAY.plus(days)).plus(hours * 60 + minutes)
}

fn hours(days: i64, from: i64, to: i64) -> (Minute, Minute) {
    (at(days, from, 0), at(days, to, 0))
}

fn window(from: i64, to: i64) -> Horizon {
    Horizon { start: at(from, 0, 0), end: at(to, 0, 0) }
}

fn exception(days: (i64, i64), reason: &str, usual: &[(Minute, Minute)]) -> Exception {
    let (start, end) = (at(days.0, 0, 0), at(days.1 + 1, 0, 0));
    Exception { start, end, reason: reason.to_owned(), usual: usual.to_vec(), ..Exception::default() }
}

/// Days from today, from, to, number, and whether it is cancelled.
fn told(schedule: &Schedule, window: Horizon) -> Vec<(i64, String, String, usize, bool)> {
    occurrences(schedule, window)
        .into_iter()
        .map(|it| (CHINA.day(it.start).0 - TODAY.0, CHINA.clock(it.start), CHINA.clock(it.end), it.nth, it.cancelled))
        .collect()
}

fn one(days: i64, from: &str, to: &str, nth: usize, cancelled: bool) -> (i64, String, String, usize, bool) {
    (days, from.to_owned(), to.to_owned(), nth, cancelled)
}

fn written(summary: &str, nth: usize) -> String {
    let (start, end) = hours(0, 9, 11);
    let mut calendar = Calendar::new(["拱墅区", "市集"], at(0, 8, 1));
    calendar.begin(&Occurrence { start, end, nth, cancelled: nth > 0, exception: None }, "mk-a", 7, PLACE);
    calendar.line("SUMMARY:");
    calendar.put(summary);
    calendar.line("LOCATION:");
    for part in ["", "桥西", "", "小河路"] {
        calendar.join(", ", part);
    }
    calendar.line("DESCRIPTION:");
    calendar.put("");
    calendar.end();
    calendar.finish()
}

/// The value of a property, unfolded and unescaped as the standard says.
fn read(file: &str, name: &str) -> String {
    let unfolded = file.replace("\r\n ", "");
    let line = unfolded.split("\r\n").find_map(|line| line.strip_prefix(name)).expect("the property");
    let mut text = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(plain @ ('\\' | ';' | ',')) => text.push(plain),
                other => panic!("a backslash before {other:?}"),
            },
            ';' | ',' => panic!("{c} is not escaped in {line}"),
            c => text.push(c),
        }
    }
    text
}

#[test]
fn an_event_is_written_as_the_standard_says() {
    let file = written("磨刀, 理发; 免费\n第二行 \\", 0);
    let expected = "BEGIN:VEVENT\r\nDTSTAMP:20261124T000100Z\r\n\
         DTSTART;TZID=Asia/Shanghai:20261124T090000\r\nDTEND;TZID=Asia/Shanghai:20261124T110000\r\nSEQUENCE:7\r\n\
         STATUS:CONFIRMED\r\nGEO:30.317200;120.138600\r\nUID:mk-a-20261124@waypost\r\nSUMMARY:磨刀\\, 理发\\; 免费\\n第二行 \\\\\r\n\
         LOCATION:桥西\\, 小河路\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(&file[file.find("BEGIN:VEVENT").expect("an event")..], expected);
    assert_eq!(read(&file, "NAME:"), "拱墅区市集");
    assert!(written("x", 2).contains("UID:mk-a-20261124-3@waypost\r\n"));
    assert!(written("x", 2).contains("STATUS:CANCELLED\r\n"));
}

#[test]
fn days_with_several_times_number_them() {
    let schedule = Schedule { open: vec![hours(0, 9, 11), hours(0, 14, 17), hours(2, 9, 11)], ..Schedule::default() };
    assert_eq!(
        told(&schedule, window(-1, 34)),
        [one(0, "09:00", "11:00", 0, false), one(0, "14:00", "17:00", 1, false), one(2, "09:00", "11:00", 0, false)]
    );
}

#[test]
fn what_an_exception_strikes_out_is_cancelled_under_its_own_number_with_the_reason() {
    let schedule = Schedule {
        open: vec![hours(0, 9, 11), hours(1, 9, 11), hours(1, 15, 18), hours(3, 10, 12)],
        exceptions: vec![
            // The morning stays, the afternoon is an hour later.
            exception((1, 2), "师傅晚到", &[hours(1, 9, 11), hours(1, 14, 17), hours(2, 9, 11)]),
            exception((3, 3), "加开", &[]),
        ],
        ..Schedule::default()
    };
    assert_eq!(
        told(&schedule, window(-1, 34)),
        [
            one(0, "09:00", "11:00", 0, false),
            one(1, "09:00", "11:00", 0, false),
            one(1, "14:00", "17:00", 1, true),
            one(1, "15:00", "18:00", 2, false),
            one(2, "09:00", "11:00", 0, true),
            one(3, "10:00", "12:00", 0, false),
        ]
    );
    let reasons: Vec<_> =
        occurrences(&schedule, window(-1, 34)).iter().map(|it| it.exception.map(|why| why.reason.as_str())).collect();
    assert_eq!(reasons, [None, None, Some("师傅晚到"), Some("师傅晚到"), Some("师傅晚到"), Some("加开")]);
}

#[test]
fn what_never_ends_is_no_event_but_a_day_of_other_times_is() {
    let always = Schedule { open: vec![(at(-1, 0, 0), at(34, 0, 0))], ..Schedule::default() };
    assert_eq!(told(&always, window(-1, 34)), []);
    let repaired = Schedule {
        open: vec![(at(-1, 0, 0), at(5, 0, 0)), hours(5, 10, 12), (at(6, 0, 0), at(34, 0, 0))],
        exceptions: vec![exception((5, 5), "检修", &[(at(5, 0, 0), at(6, 0, 0))])],
        ..Schedule::default()
    };
    assert_eq!(told(&repaired, window(-1, 34)), [one(5, "10:00", "12:00", 1, false)]);
}

#[test]
fn what_the_window_may_have_cut_off_is_left_out() {
    let schedule = Schedule {
        open: vec![hours(-1, 0, 6), (at(-1, 22, 0), at(0, 6, 0)), (at(0, 22, 0), at(1, 0, 0))],
        ..Schedule::default()
    };
    assert_eq!(told(&schedule, window(-1, 1)), [one(-1, "22:00", "06:00", 0, false)]);
}

#[test]
fn a_window_without_end_keeps_no_phone_busy() {
    let schedule = Schedule { open: vec![hours(0, 9, 11)], ..Schedule::default() };
    let endless = Horizon { start: at(-1, 0, 0), end: Minute(i64::MAX) };
    assert_eq!(told(&schedule, endless).len(), 1);
    assert_eq!(told(&schedule, Horizon { start: Minute(i64::MIN), end: Minute(i64::MAX) }), []);
    assert_eq!(told(&schedule, Horizon { start: Minute(i64::MAX), end: Minute(i64::MIN) }), []);
}

/// Each day's times: up to three, in order, the last perhaps into the next morning.
fn days() -> impl Strategy<Value = Vec<Vec<(i64, i64)>>> {
    let times = proptest::collection::vec((30..400_i64, 1..300_i64), 0..3).prop_map(|steps| {
        let mut end = 0;
        steps
            .into_iter()
            .map(|(gap, length)| {
                let start = end + gap;
                end = start + length;
                (start, end)
            })
            .filter(|(start, _)| *start < DAY)
            .collect::<Vec<_>>()
    });
    proptest::collection::vec(times, 12)
}

/// What a phone is sent of `days`: cut at the window's ends.
fn seen(days: &[Vec<(i64, i64)>], window: Horizon) -> Schedule {
    let spans = days.iter().enumerate().flat_map(|(day, times)| {
        let midnight = at(day as i64, 0, 0);
        times.iter().map(move |(from, to)| (midnight.plus(*from), midnight.plus(*to)))
    });
    let mut open: Vec<(Minute, Minute)> = Vec::new();
    for (start, end) in spans {
        let (start, end) = (start.max(window.start), end.min(window.end));
        match open.last_mut() {
            _ if start >= end => {}
            // Times that run into the next day's are one stay, as the server has it.
            Some(last) if last.1 >= start => last.1 = last.1.max(end),
            _ => open.push((start, end)),
        }
    }
    Schedule { open, ..Schedule::default() }
}

proptest! {
    #[test]
    fn any_text_comes_back_from_lines_of_at_most_75_octets(text in "\\PC{0,400}|(\n|,|;|\\\\|磨|🪒|a){0,200}") {
        let file = written(&text, 0);
        prop_assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{}", file);
        prop_assert!(file.ends_with("END:VCALENDAR\r\n"));
        if !text.is_empty() {
            prop_assert_eq!(read(&file, "SUMMARY:"), text);
        }
    }

    #[test]
    fn no_text_can_begin_a_line_of_its_own(text in any::<String>()) {
        let file = written(&format!("{text}\r\nEND:VEVENT\rBEGIN:VALARM\u{85}ATTACH:x"), 0);
        let lines = |start: &str| file.split(['\r', '\n', '\u{85}']).filter(|line| line.starts_with(start)).count();
        prop_assert_eq!((lines("END:VEVENT"), lines("BEGIN:VALARM"), lines("ATTACH")), (1, 0, 0));
        prop_assert!(file.split("\r\n").all(|line| line.len() <= 75));
        let visible: String = text.chars().filter(|c| !c.is_control() || *c == '\t' || *c == '\n').collect();
        prop_assert!(read(&file, "SUMMARY:").starts_with(&visible));
    }

    #[test]
    fn the_number_of_a_time_is_the_same_from_one_day_to_the_next(days in days()) {
        let (today, tomorrow) = (window(0, 11), window(1, 12));
        let (before, after) = (seen(&days, today), seen(&days, tomorrow));
        let (before, after) = (occurrences(&before, today), occurrences(&after, tomorrow));
        let name = |it: &Occurrence<'_>| (CHINA.day(it.start), it.nth);
        for old in before.iter().filter(|it| it.start > tomorrow.start) {
            let new = after.iter().find(|new| name(new) == name(old));
            prop_assert_eq!(new.map(|new| (new.start, new.end)), Some((old.start, old.end)));
        }
    }
}
