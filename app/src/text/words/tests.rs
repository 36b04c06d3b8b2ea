use super::*;
use crate::domain::time::CHINA;

/// Tuesday, 24 November 2026.
const TODAY: Day = Day(20_781);

fn at(days: i64, hours: i64, minutes: i64) -> Minute {
    CHINA.midnight(TODAY.plus(days)).plus(hours * 60 + minutes)
}

#[test]
fn distances_are_as_exact_as_they_are_useful() {
    for (metres, zh, en) in [
        (0.0, "0 米", "0 m"),
        (318.0, "320 米", "320 m"),
        (994.0, "990 米", "990 m"),
        (996.0, "1 公里", "1 km"),
        (1_240.0, "1.2 公里", "1.2 km"),
        (9_949.0, "9.9 公里", "9.9 km"),
        (9_960.0, "10 公里", "10 km"),
        (12_400.0, "12 公里", "12 km"),
    ] {
        assert_eq!(distance(Lang::Zh, metres), zh);
        assert_eq!(distance(Lang::En, metres), en);
    }
}

#[test]
fn durations_and_ages_are_said_in_the_largest_unit_that_matters() {
    for (minutes, zh, en) in [
        (20, "20 分钟", "20 min"),
        (60, "1 小时", "1 h"),
        (200, "3 小时 20 分", "3 h 20 min"),
        (47 * 60, "47 小时", "47 h"),
        (3 * DAY + 5, "3 天", "3 days"),
    ] {
        assert_eq!(duration(Lang::Zh, minutes), zh);
        assert_eq!(duration(Lang::En, minutes), en);
    }
    for (minutes, zh, en) in [
        (-5, "刚刚", "just now"),
        (0, "刚刚", "just now"),
        (3, "3 分钟前", "3 min ago"),
        (59, "59 分钟前", "59 min ago"),
        (60, "1 小时前", "1 h ago"),
        (DAY - 1, "23 小时前", "23 h ago"),
        (DAY, "1 天前", "1 day ago"),
        (3 * DAY, "3 天前", "3 days ago"),
    ] {
        assert_eq!(ago(Lang::Zh, minutes), zh);
        assert_eq!(ago(Lang::En, minutes), en);
    }
}

#[test]
fn a_confirmation_is_said_with_less_and_less_trust_as_it_ages() {
    let now = at(0, 12, 0);
    for (days, zh, en) in [
        (0, "刚刚核实", "Verified just now"),
        (3, "3 天前核实", "Verified 3 days ago"),
        (30, "30 天前核实", "Verified 30 days ago"),
        (31, "核实于 1 个月前，可能有变", "Verified 1 month ago; it may have changed"),
        (75, "核实于 2 个月前，可能有变", "Verified 2 months ago; it may have changed"),
        (90, "核实于 3 个月前，可能有变", "Verified 3 months ago; it may have changed"),
        (
            91,
            "未核实：已经超过 90 天没人到现场确认。",
            "Not verified: nobody has confirmed this on the spot for over 90 days.",
        ),
    ] {
        let freshness = Freshness::of(Some(now.plus(-days * DAY)), now);
        assert_eq!(verified(Lang::Zh, freshness), zh);
        assert_eq!(verified(Lang::En, freshness), en);
    }
    assert_eq!(verified(Lang::Zh, Freshness::Never), "未核实：还没有人到现场确认过。");
}

#[test]
fn days_are_said_as_people_say_them() {
    for (days, zh, en, zh_in, en_in) in [
        (-1, "昨天", "yesterday", "昨天", "yesterday"),
        (0, "今天", "today", "今天", "today"),
        (1, "明天", "tomorrow", "明天", "tomorrow"),
        (2, "后天", "Thu", "后天", "in 2 days"),
        (4, "周六", "Sat", "4 天后", "in 4 days"),
        (7, "12月1日", "1 Dec", "7 天后", "in 7 days"),
        (18, "12月12日", "12 Dec", "18 天后", "in 18 days"),
    ] {
        assert_eq!(day(Lang::Zh, TODAY.plus(days), TODAY), zh);
        assert_eq!(day(Lang::En, TODAY.plus(days), TODAY), en);
        assert_eq!(in_days(Lang::Zh, TODAY.plus(days), TODAY), zh_in);
        assert_eq!(in_days(Lang::En, TODAY.plus(days), TODAY), en_in);
    }
    assert_eq!(date_and_weekday(Lang::Zh, TODAY.plus(18)), "12月12日 周六");
    assert_eq!(date_and_weekday(Lang::En, TODAY.plus(18)), "Sat 12 Dec");
}

#[test]
fn an_exception_says_on_which_days_and_why() {
    let mut closed =
        Exception { start: at(1, 0, 0), end: at(2, 0, 0), reason: "检修".to_owned(), ..Exception::default() };
    assert_eq!(exception(Lang::Zh, CHINA, &closed), "11月25日 检修");
    assert_eq!(exception(Lang::En, CHINA, &closed), "25 Nov: 检修", "better in the other language than not at all");
    (closed.end, closed.reason_en) = (at(4, 0, 0), "repair".to_owned());
    assert_eq!(exception(Lang::Zh, CHINA, &closed), "11月25日–11月27日 检修");
    assert_eq!(exception(Lang::En, CHINA, &closed), "25 Nov–27 Nov: repair");
    (closed.reason, closed.reason_en) = (String::new(), String::new());
    assert_eq!(exception(Lang::Zh, CHINA, &closed), "11月25日–11月27日 时间有变");
}

#[test]
fn a_state_says_what_happens_next() {
    let now = at(0, 19, 40);
    for (status, zh, en) in [
        (Status::Open { until: Some(at(0, 22, 0)) }, "22:00 关", "until 22:00"),
        (Status::Open { until: Some(at(1, 0, 0)) }, "24:00 关", "until 24:00"),
        (Status::Open { until: Some(at(1, 2, 0)) }, "明天 2:00 关", "until tomorrow 2:00"),
        (Status::Open { until: None }, "昼夜开放", "day and night"),
        (Status::ClosingSoon { until: at(0, 20, 0) }, "还有 20 分钟关门", "closes in 20 min"),
        (Status::Closed { opens: Some(at(0, 21, 0)) }, "21:00 开", "opens 21:00"),
        (Status::Closed { opens: Some(at(1, 7, 30)) }, "明天 7:30 开", "opens tomorrow 7:30"),
        (Status::Closed { opens: Some(at(4, 9, 0)) }, "周六 9:00 开", "opens Sat 9:00"),
        (Status::Closed { opens: Some(at(18, 9, 0)) }, "12月12日 9:00 开", "opens 12 Dec 9:00"),
        (Status::Closed { opens: None }, "近期不开", "not opening soon"),
        (Status::Unknown { reason: None }, "", ""),
        (Status::Unknown { reason: Some("春节安排未定".to_owned()) }, "春节安排未定", "春节安排未定"),
    ] {
        assert_eq!(next_change(Lang::Zh, &status, CHINA, now), zh);
        assert_eq!(next_change(Lang::En, &status, CHINA, now), en);
    }
}

#[test]
fn spans_that_pass_midnight_say_so() {
    for (start, end, zh, en) in [
        (at(0, 14, 0), at(0, 17, 0), "14:00–17:00", "14:00–17:00"),
        (at(0, 8, 0), at(1, 0, 0), "08:00–24:00", "08:00–24:00"),
        (at(0, 22, 0), at(1, 6, 0), "22:00–次日 06:00", "22:00–06:00 next day"),
    ] {
        assert_eq!(span(Lang::Zh, CHINA, start, end), zh);
        assert_eq!(span(Lang::En, CHINA, start, end), en);
    }
    assert_eq!(as_of(Lang::Zh, CHINA, at(0, 8, 10), at(0, 9, 0)), "08:10");
    assert_eq!(as_of(Lang::Zh, CHINA, at(-1, 8, 10), at(0, 9, 0)), "昨天 08:10");
}

#[test]
fn prices_are_said_once() {
    for (fen, zh, en) in [
        (None, "", ""),
        (Some(0), "免费", "free"),
        (Some(990), "9.9 元", "¥9.9"),
        (Some(1_205), "12.05 元", "¥12.05"),
        (Some(50_000), "500 元", "¥500"),
    ] {
        assert_eq!(price(Lang::Zh, fen), zh);
        assert_eq!(price(Lang::En, fen), en);
    }
    let mut haircut = Service {
        id: "a".into(),
        station: "b".into(),
        kind: Facility::Haircut,
        name: "理发".to_owned(),
        name_en: "Haircut".to_owned(),
        provider: String::new(),
        provider_en: String::new(),
        price_fen: Some(0),
        note: String::new(),
        note_en: String::new(),
        schedule: None,
        sample: false,
    };
    assert_eq!(service(Lang::Zh, &haircut), "免费理发");
    assert_eq!(service(Lang::En, &haircut), "Haircut (free)");
    haircut.name = "免费理发".to_owned();
    haircut.name_en = "Free haircut".to_owned();
    assert_eq!(service(Lang::Zh, &haircut), "免费理发");
    assert_eq!(service(Lang::En, &haircut), "Free haircut");
    haircut.price_fen = Some(990);
    assert_eq!(service(Lang::Zh, &haircut), "免费理发 9.9 元");
    haircut.name_en = "9.9-yuan meal".to_owned();
    assert_eq!(service(Lang::En, &haircut), "9.9-yuan meal");
}
