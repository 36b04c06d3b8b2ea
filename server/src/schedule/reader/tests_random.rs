//! Hours made at random, written as people write them, and read back.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use waypost_app::domain::schedule::Horizon;
use waypost_app::domain::time::{CHINA, Day};

use super::{Reading, read};
use crate::schedule::calendar::Calendar;
use crate::schedule::rule::{Interval, Rule};

/// Days somebody could mean.
#[derive(Clone, Debug)]
enum WhichDays {
    Every,
    /// First and last weekday, 0 for Monday.
    Range(usize, usize),
    /// In order, at least two.
    List(Vec<usize>),
    Weekend,
    Workdays,
    Nth(usize, i8),
}

#[derive(Clone, Copy, Debug)]
enum Holidays {
    NotSaid,
    Closed,
    AsUsual,
}

/// Hours somebody could mean: minutes of the day, in order.
#[derive(Clone, Debug)]
struct Meant {
    days: WhichDays,
    spans: Vec<(u32, u32)>,
    holidays: Holidays,
}

const OSM_DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

impl Meant {
    /// The OSM rule, made without the reader.
    fn rule(&self) -> String {
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let times = self.spans.iter().map(|(from, to)| format!("{}-{}", clock(*from), clock(*to)));
        let times = times.collect::<Vec<_>>().join(",");
        let mut rule = match &self.days {
            WhichDays::Every => times,
            WhichDays::Range(first, last) => format!("{}-{} {times}", OSM_DAYS[*first], OSM_DAYS[*last]),
            WhichDays::List(days) => {
                let names: Vec<&str> = days.iter().map(|day| OSM_DAYS[*day]).collect();
                format!("{} {times}", names.join(","))
            }
            WhichDays::Weekend => format!("Sa-Su {times}"),
            WhichDays::Workdays => return format!("Mo-Fr {times}; PH off; SH {times}"),
            WhichDays::Nth(day, nth) => format!("{}[{nth}] {times}", OSM_DAYS[*day]),
        };
        if matches!(self.holidays, Holidays::Closed) {
            rule.push_str("; PH off");
        }
        rule
    }
}

fn meant() -> impl Strategy<Value = Meant> {
    let days = prop_oneof![
        Just(WhichDays::Every),
        (0_usize..7, 1_usize..7).prop_map(|(first, length)| WhichDays::Range(first, (first + length) % 7)),
        subsequence((0..7).collect::<Vec<usize>>(), 2..7).prop_map(WhichDays::List),
        Just(WhichDays::Weekend),
        Just(WhichDays::Workdays),
        (0_usize..7, prop_oneof![1_i8..=5, Just(-1_i8)]).prop_map(|(day, nth)| WhichDays::Nth(day, nth)),
    ];
    // Quarters of an hour from 5:00 to 24:00.
    let quarters: Vec<u32> = (20..=96).collect();
    let spans =
        prop_oneof![subsequence(quarters.clone(), 2), subsequence(quarters, 4)].prop_map(|quarters: Vec<u32>| {
            quarters.as_slice().chunks(2).map(|pair| (pair[0] * 15, pair[1] * 15)).collect()
        });
    let holidays = select(vec![Holidays::NotSaid, Holidays::Closed, Holidays::AsUsual]);
    (days, spans, holidays).prop_map(|(days, spans, holidays)| {
        // 工作日 already says what happens on days off.
        let holidays = match (&days, holidays) {
            (WhichDays::Workdays | WhichDays::Nth(..), Holidays::AsUsual) => Holidays::NotSaid,
            _ => holidays,
        };
        Meant { days, spans, holidays }
    })
}

/// One choice of words for each place where people differ.
#[derive(Clone, Debug)]
struct Style {
    week: &'static str,
    dash: &'static str,
    list: &'static str,
    clause: &'static str,
    /// How times are written: see [`Style::time`].
    times: u8,
    label: &'static str,
    each: bool,
    full_width: bool,
    /// Weekdays without 周 before each: 周一、三.
    short: bool,
    holidays: usize,
}

fn style() -> impl Strategy<Value = Style> {
    (
        select(vec!["周", "星期", "礼拜"]),
        select(vec!["-", "至", "到", "—", "——", "～", "~", " - ", "–", "－"]),
        select(vec!["、", "，", "和", ",", "及", "/"]),
        select(vec!["，", "；", "。", "\n", ", ", "; "]),
        0_u8..5,
        select(vec!["", "开放时间：", "营业时间:", "服务时间 "]),
        any::<(bool, bool, bool)>(),
        0_usize..4,
    )
        .prop_map(|(week, dash, list, clause, times, label, (each, full_width, short), holidays)| Style {
            week,
            dash,
            list,
            clause,
            times,
            label,
            each,
            full_width,
            short,
            holidays,
        })
}

fn chinese(number: u32) -> String {
    let digits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (number as usize / 10, digits[number as usize % 10]);
    match (tens, number) {
        (_, 0) => "零".to_owned(),
        (_, 2) => "两".to_owned(),
        (0, _) => ones.to_owned(),
        (1, _) => format!("十{ones}"),
        _ => format!("{}十{ones}", digits[tens]),
    }
}

impl Style {
    fn days(&self, days: &WhichDays) -> String {
        let name = |day: usize| ["一", "二", "三", "四", "五", "六", "日"][day];
        let each = if self.each { "每" } else { "" };
        match days {
            WhichDays::Every => ["", "每天", "每日"][usize::from(self.times) % 3].to_owned(),
            WhichDays::Range(first, last) => {
                let week = if self.short { "" } else { self.week };
                format!("{each}{}{}{}{week}{}", self.week, name(*first), self.dash, name(*last))
            }
            WhichDays::List(days) => {
                let names: Vec<String> = days
                    .iter()
                    .enumerate()
                    .map(|(place, day)| {
                        let week = if self.short && place > 0 { "" } else { self.week };
                        format!("{week}{}", name(*day))
                    })
                    .collect();
                format!("{each}{}", names.join(self.list))
            }
            WhichDays::Weekend if self.short => "双休日".to_owned(),
            WhichDays::Weekend => format!("{each}周末"),
            WhichDays::Workdays => format!("{each}工作日"),
            WhichDays::Nth(day, -1) => format!("每月最后一个{}{}", self.week, name(*day)),
            WhichDays::Nth(day, nth) => {
                let nth = u32::try_from(*nth).expect("a number from 1");
                let nth = if self.short { nth.to_string() } else { chinese(nth).replace('两', "二") };
                format!("每个月的第{nth}个{}{}", self.week, name(*day))
            }
        }
    }

    /// A time in one of five ways. Two of them name the part of the day, as the 12-hour clock needs it.
    fn time(&self, minute: u32) -> String {
        let (hour, rest) = (minute / 60, minute % 60);
        let (period, of_12) = match hour {
            0..=8 => ("早上", hour),
            9..=11 => ("上午", hour),
            12 => ("中午", 12),
            13..=17 => ("下午", hour - 12),
            _ => ("晚上", hour - 12),
        };
        let spoken = |hour: String, rest_in_words: bool| match rest {
            0 => format!("{hour}点"),
            30 => format!("{hour}点半"),
            _ if rest_in_words => format!("{hour}点{}分", chinese(rest)),
            _ => format!("{hour}点{rest}分"),
        };
        match self.times {
            0 => format!("{hour:02}:{rest:02}"),
            1 => format!("{hour:02}：{rest:02}"),
            2 => format!("{hour:02}时{rest:02}分"),
            3 => format!("{period}{}", spoken(of_12.to_string(), false)),
            _ => format!("{period}{}", spoken(chinese(of_12), true)),
        }
    }

    fn write(&self, meant: &Meant) -> String {
        let spans: Vec<String> = meant
            .spans
            .iter()
            .map(|(from, to)| format!("{}{}{}", self.time(*from), self.dash, self.time(*to)))
            .collect();
        let mut text = format!("{}{} {}", self.label, self.days(&meant.days), spans.join(self.list));
        let words = match meant.holidays {
            Holidays::NotSaid => None,
            Holidays::Closed => Some(["法定节假日休息", "节假日除外", "法定假日不开放", "法定节假日闭馆"]),
            Holidays::AsUsual => Some(["节假日照常", "法定节假日照常开放", "节假日也正常营业", "法定节假日照常"]),
        };
        if let Some(words) = words {
            text.push_str(self.clause);
            text.push_str(words[self.holidays]);
        }
        if self.full_width {
            let wide = |character: char| match character {
                '0'..='9' | ':' | ',' | ';' => char::from_u32(character as u32 + 0xfee0).unwrap_or(character),
                ' ' => '\u{3000}',
                other => other,
            };
            text = text.chars().map(wide).collect();
        }
        text
    }
}

/// Seven weeks with days off and worked weekends among them.
fn weeks(rule: &str, calendar: &Calendar) -> Vec<Interval> {
    let start = CHINA.midnight(Day(20_483));
    let window = Horizon { start, end: start.plus(49 * 1440) };
    Rule::parse(rule, calendar).expect("a rule").intervals(window, CHINA).expect("intervals")
}

#[test]
fn the_weeks_compared_hold_days_off_and_worked_weekends() {
    let calendar = Calendar::china().expect("a calendar");
    let open = |rule: &str| weeks(rule, &calendar).iter().filter(|interval| interval.comment.is_empty()).count();
    assert!(open("PH 09:00-10:00") > 10 && open("SH 09:00-10:00") > 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn hours_written_in_any_wording_are_read_back(meant in meant(), style in style()) {
        let calendar = Calendar::china().expect("a calendar");
        let text = style.write(&meant);
        let Reading::Rule(rule) = read(&text, &calendar) else {
            return Err(TestCaseError::fail(format!("{text} is not understood")));
        };
        prop_assert_eq!(weeks(&rule, &calendar), weeks(&meant.rule(), &calendar), "{} is read as {}", text, rule);
    }

    #[test]
    fn a_word_more_than_is_understood_leaves_the_text_unknown(
        meant in meant(), style in style(), before in any::<bool>(),
        word in "[\u{4e00}-\u{9fa5}]{1,6}",
    ) {
        let calendar = Calendar::china().expect("a calendar");
        // Words the reader knows may well change what is said, or change nothing.
        let known = "一二三四五六七八九十零两个半整刻点时分秒钟日天周星期礼拜末每月年季春夏秋冬早晚上中下午凌晨傍夜间次翌隔第最后首倒数\
            开放营业门馆服务办公班接待时间段受理活动运作息照常正闭关打烊停歇店休假不对外均都也仅限只为是的国家法定节工双其余他它至到从自直除了以\
            及和与例全无中止公布免费提供";
        prop_assume!(!word.chars().any(|character| known.contains(character)));
        let text = style.write(&meant);
        let text = if before { format!("{word}{text}") } else { format!("{text}{word}") };
        prop_assert_eq!(read(&text, &calendar), Reading::Unknown(text.trim().to_owned()));
    }

    #[test]
    fn any_text_is_a_rule_or_keeps_its_words(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn pieces_of_hours_in_any_order_are_a_rule_or_keep_their_words(pieces in proptest::collection::vec(select(PIECES.to_vec()), 0..14)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn hours_cut_anywhere_are_a_rule_or_keep_their_words(meant in meant(), style in style(), cut in any::<proptest::sample::Index>()) {
        let text: Vec<char> = style.write(&meant).chars().collect();
        check(&text[..cut.index(text.len())].iter().collect::<String>())?;
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let calendar = Calendar::china().expect("a calendar");
    match read(text, &calendar) {
        Reading::Rule(rule) => prop_assert!(Rule::parse(&rule, &calendar).is_ok(), "{text}: {rule}"),
        Reading::Unknown(words) => prop_assert_eq!(words, text.trim()),
    }
    Ok(())
}

const PIECES: [&str; 72] = [
    "周",
    "星期",
    "一",
    "二",
    "三",
    "五",
    "六",
    "日",
    "末",
    "每天",
    "每",
    "每月",
    "第",
    "个",
    "最后一个",
    "工作日",
    "非工作日",
    "节假日",
    "法定节假日",
    "双休日",
    "其余时间",
    "休息",
    "闭馆",
    "除外",
    "除",
    "外",
    "照常",
    "不休",
    "全年无休",
    "午休",
    "中午不休息",
    "夏季",
    "冬季",
    "5月",
    "10月",
    "1日",
    "次年",
    "次日",
    "上午",
    "下午",
    "晚上",
    "凌晨",
    "中午",
    "9",
    "17",
    "2",
    "24",
    "0",
    "点",
    "时",
    "半",
    "分",
    "一刻",
    "小时",
    "全天",
    ":",
    ":00",
    ":30",
    "9:00-17:00",
    "14:00-18:00",
    "22:00-2:00",
    "-",
    "至",
    "、",
    "，",
    "；",
    "（",
    "）",
    " ",
    "开放",
    "开放时间",
    "早",
];
