//! What the evaluator says in words. They travel as data, so each is in Chinese and English: `中文 / English`.

use opening_hours_syntax::RuleKind;
use opening_hours_syntax::rules::day::{DaySelector, WeekDayRange, Weekday};
use opening_hours_syntax::rules::time::{Time, TimeSpan};
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleOperator, RuleSequence};

const WEEKDAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Weeks with more different days than this are not said in one breath.
const MOST_GROUPS: usize = 3;

/// A rule's ordinary week in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usual {
    pub zh: String,
    pub en: String,
}

/// Words for a day that depends on days off nobody has announced (or, `before_records`, nobody has kept).
pub(super) fn not_announced(year: i32, before_records: bool, usual: Option<&Usual>) -> String {
    let (zh, en) = if before_records { ("没有记录", "not on record") } else { ("未公布", "not announced") };
    match usual {
        Some(usual) => {
            format!("{year} 年放假安排{zh}，平时{} / holidays of {year} {en}; usually {}", usual.zh, usual.en)
        }
        None => format!("{year} 年放假安排{zh} / holidays of {year} {en}"),
    }
}

/// One text of what is kept in two languages.
pub(super) fn both(zh: &str, en: &str) -> String {
    match (zh, en) {
        (one, "") | ("", one) => one.to_owned(),
        _ => format!("{zh} / {en}"),
    }
}

/// What a rule says of ordinary weeks, for a list: as what is usual, where days off may differ. `None` where it takes more
/// than a few words.
pub(super) fn in_passing(expression: &OpeningHoursExpression, has_holidays: bool) -> Option<Usual> {
    let week = week(expression)?;
    if !has_holidays {
        return say(&week);
    }
    // What is open on days off only has no ordinary week.
    let usual = say(&week).filter(|_| week.iter().any(|day| !day.is_empty()))?;
    Some(Usual { zh: format!("平时{}", usual.zh), en: format!("usually {}", usual.en) })
}

/// What a rule says of ordinary weeks, with days off and working weekends left out; the rule itself where that takes
/// more than a few words.
pub(super) fn usual(expression: &OpeningHoursExpression, rule: &str) -> Usual {
    week(expression).and_then(|week| say(&week)).unwrap_or_else(|| {
        let rule = rule.split_whitespace().collect::<Vec<_>>().join(" ");
        Usual { zh: format!("按规则 {rule}"), en: format!("by the rule {rule}") }
    })
}

/// Open spans of one day, in minutes after its midnight; an end past 1440 is on the next day.
type Spans = Vec<(u16, u16)>;

/// The ordinary week, Monday first; `None` if weeks differ or the rule says more than times.
fn week(expression: &OpeningHoursExpression) -> Option<[Spans; 7]> {
    let mut week: [Spans; 7] = Default::default();
    for rule in &expression.rules {
        if speaks_of_holidays_only(&rule.day_selector) {
            continue;
        }
        let days = weekdays(&rule.day_selector)?;
        let spans = spans(rule)?;
        for (_, day) in week.iter_mut().enumerate().filter(|(at, _)| days[*at]) {
            match (rule.operator, rule.kind) {
                (RuleOperator::Normal, RuleKind::Open) => day.clone_from(&spans),
                (RuleOperator::Additional, RuleKind::Open) => day.extend(&spans),
                (_, RuleKind::Closed) if spans == [(0, 1440)] => day.clear(),
                _ => return None,
            }
        }
    }
    for day in &mut week {
        *day = merged(std::mem::take(day));
    }
    Some(week)
}

fn speaks_of_holidays_only(days: &DaySelector) -> bool {
    !days.weekday.is_empty() && days.weekday.iter().all(|day| matches!(day, WeekDayRange::Holiday { .. }))
}

/// Which days of any week a selector means.
fn weekdays(selector: &DaySelector) -> Option<[bool; 7]> {
    if !(selector.year.is_empty() && selector.monthday.is_empty() && selector.week.is_empty()) {
        return None;
    }
    if selector.weekday.is_empty() {
        return Some([true; 7]);
    }
    let mut days = [false; 7];
    for range in &selector.weekday {
        match range {
            WeekDayRange::Holiday { .. } => {}
            WeekDayRange::Fixed { range, offset: 0, nth_from_start: [true, true, true, true, true], .. } => {
                let mut day: Weekday = *range.start();
                loop {
                    days[day.num_days_from_monday() as usize] = true;
                    if day == *range.end() {
                        break;
                    }
                    day = day.succ();
                }
            }
            WeekDayRange::Fixed { .. } => return None,
        }
    }
    Some(days)
}

fn spans(rule: &RuleSequence) -> Option<Spans> {
    if !rule.comment.is_empty() {
        return None;
    }
    rule.time_selector.spans.iter().map(fixed).collect()
}

/// The fixed minutes of a span, in minutes after midnight; an end past 1440 is on the next day.
pub(super) fn fixed(span: &TimeSpan) -> Option<(u16, u16)> {
    let (Time::Fixed(start), Time::Fixed(end)) = (span.range.start, span.range.end) else { return None };
    if span.open_end || span.repeats.is_some() {
        return None;
    }
    let end = if end <= start { end.add_hours(24)? } else { end };
    Some((start.mins_from_midnight(), end.mins_from_midnight()))
}

/// In order, what touches or overlaps made one.
fn merged(mut spans: Spans) -> Spans {
    spans.sort_unstable();
    let mut merged = Spans::new();
    for (start, end) in spans {
        match merged.last_mut() {
            Some(before) if start <= before.1 => before.1 = before.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

fn say(week: &[Spans; 7]) -> Option<Usual> {
    // Days alike, in the order in which the first of each comes.
    let mut groups: Vec<(&Spans, Vec<usize>)> = Vec::new();
    for (at, day) in week.iter().enumerate().filter(|(_, day)| !day.is_empty()) {
        match groups.iter_mut().find(|(spans, _)| *spans == day) {
            Some((_, days)) => days.push(at),
            None => groups.push((day, vec![at])),
        }
    }
    if groups.is_empty() {
        return Some(Usual { zh: "不开放".to_owned(), en: "closed".to_owned() });
    }
    if groups.len() > MOST_GROUPS {
        return None;
    }
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for (spans, days) in groups {
        let (zh_days, en_days) = days_in_words(&days);
        let (zh_times, en_times) = spans.iter().map(|span| times_in_words(*span)).collect::<(Vec<_>, Vec<_>)>();
        zh.push(format!("{zh_days}{}", spaced(&zh_times.join("、"))));
        en.push(format!("{en_days} {}", en_times.join(", ")));
    }
    Some(Usual { zh: zh.join("，"), en: en.join("; ") })
}

/// Chinese sets digits off by a space, and runs words together.
fn spaced(words: &str) -> String {
    if words.starts_with(|first: char| first.is_ascii_digit()) { format!(" {words}") } else { words.to_owned() }
}

fn days_in_words(days: &[usize]) -> (String, String) {
    if days.len() == 7 {
        return ("每天".to_owned(), "daily".to_owned());
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &day in days {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => runs.push((day, day)),
        }
    }
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for (first, last) in runs {
        if last > first + 1 {
            zh.push(format!("{}至{}", WEEKDAYS_ZH[first], WEEKDAYS_ZH[last]));
            en.push(format!("{}–{}", WEEKDAYS_EN[first], WEEKDAYS_EN[last]));
        } else {
            zh.extend(WEEKDAYS_ZH[first..=last].iter().map(|&day| day.to_owned()));
            en.extend(WEEKDAYS_EN[first..=last].iter().map(|&day| day.to_owned()));
        }
    }
    (zh.join("、"), en.join(", "))
}

fn times_in_words((start, end): (u16, u16)) -> (String, String) {
    const MIDNIGHT: u16 = 1440;
    if end - start == MIDNIGHT && start == 0 {
        return ("全天".to_owned(), "all day".to_owned());
    }
    let clock = |minute: u16| format!("{}:{:02}", minute / 60, minute % 60);
    let from = clock(start);
    if end > MIDNIGHT {
        let to = clock(end - MIDNIGHT);
        (format!("{from}–次日 {to}"), format!("{from}–{to} the next day"))
    } else {
        let both = format!("{from}–{}", clock(end));
        (both.clone(), both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(rule: &str) -> Usual {
        usual(&opening_hours_syntax::parse(rule).expect("a rule"), rule)
    }

    #[test]
    fn an_ordinary_week_is_said_as_people_say_it() {
        for (rule, zh, en) in [
            ("Mo-Fr 09:00-17:00; SH 09:00-17:00; PH off", "周一至周五 9:00–17:00", "Mon–Fri 9:00–17:00"),
            (
                "Mo-Fr 08:30-12:00,13:00-17:30; PH off",
                "周一至周五 8:30–12:00、13:00–17:30",
                "Mon–Fri 8:30–12:00, 13:00–17:30",
            ),
            ("24/7; PH off", "每天全天", "daily all day"),
            ("Mo-Su 10:00-20:00; PH 10:00-16:00", "每天 10:00–20:00", "daily 10:00–20:00"),
            ("10:00-20:00; PH off", "每天 10:00–20:00", "daily 10:00–20:00"),
            ("Mo-Su 18:00-02:00; PH off", "每天 18:00–次日 2:00", "daily 18:00–2:00 the next day"),
            ("Sa,PH 12:00-17:00", "周六 12:00–17:00", "Sat 12:00–17:00"),
            ("Sa-Su 09:00-12:00; PH off", "周六、周日 9:00–12:00", "Sat, Sun 9:00–12:00"),
            ("Mo-We,Fr 09:00-12:00; PH off", "周一至周三、周五 9:00–12:00", "Mon–Wed, Fri 9:00–12:00"),
            (
                "Mo-Fr 09:00-17:00; Sa 10:00-12:00; PH off",
                "周一至周五 9:00–17:00，周六 10:00–12:00",
                "Mon–Fri 9:00–17:00; Sat 10:00–12:00",
            ),
            ("Mo-Su 09:00-17:00; We off; PH off", "周一、周二、周四至周日 9:00–17:00", "Mon, Tue, Thu–Sun 9:00–17:00"),
            (
                "Mo-Su 09:00-17:00; Sa 10:00-12:00; Sa off; PH off",
                "周一至周五、周日 9:00–17:00",
                "Mon–Fri, Sun 9:00–17:00",
            ),
            ("Mo 09:00-12:00, Mo 11:00-15:00; PH off", "周一 9:00–15:00", "Mon 9:00–15:00"),
            ("Sa-Mo 09:00-24:00; PH off", "周一、周六、周日 9:00–24:00", "Mon, Sat, Sun 9:00–24:00"),
            ("SH 09:00-17:00", "不开放", "closed"),
        ] {
            assert_eq!(said(rule), Usual { zh: zh.to_owned(), en: en.to_owned() }, "{rule}");
        }
    }

    #[test]
    fn where_days_off_may_differ_a_list_says_what_is_usual() {
        let said = |rule: &str, has_holidays| {
            in_passing(&opening_hours_syntax::parse(rule).expect("a rule"), has_holidays).map(|said| (said.zh, said.en))
        };
        let both = |zh: &str, en: &str| Some((zh.to_owned(), en.to_owned()));
        assert_eq!(said("24/7", false), both("每天全天", "daily all day"));
        assert_eq!(said("24/7; PH off", true), both("平时每天全天", "usually daily all day"));
        assert_eq!(said("PH 10:00-16:00", true), None);
        assert_eq!(said("off", false), both("不开放", "closed"));
        assert_eq!(said("sunrise-sunset", false), None);
    }

    #[test]
    fn what_takes_many_words_is_the_rule_itself() {
        for rule in [
            "Nov-Mar 08:00-18:00; PH off",
            "Sa[2] 09:00-11:00; PH off",
            "Mo-Fr 09:00-17:00 \"ring\"; PH off",
            "Mo-Fr 09:00-17:00 || unknown; PH off",
            "Mo-Fr 09:00-17:00; We 12:00-13:00 off; PH off",
            "Mo 09:00-10:00; Tu 09:00-11:00; We 09:00-12:00; Th 09:00-13:00; PH off",
            "sunrise-sunset; PH off",
            "09:00+; PH off",
        ] {
            let Usual { zh, en } = said(rule);
            assert_eq!((zh, en), (format!("按规则 {rule}"), format!("by the rule {rule}")));
        }
    }

    #[test]
    fn a_year_nobody_has_announced_and_one_nobody_remembers_are_not_the_same() {
        let usual = said("Mo-Fr 09:00-17:00; SH 09:00-17:00; PH off");
        assert_eq!(
            not_announced(2027, false, Some(&usual)),
            "2027 年放假安排未公布，平时周一至周五 9:00–17:00 / holidays of 2027 not announced; usually Mon–Fri 9:00–17:00"
        );
        assert_eq!(not_announced(2019, true, None), "2019 年放假安排没有记录 / holidays of 2019 not on record");
    }
}
