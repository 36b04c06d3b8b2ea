//! Numbers, distances, times and states said in a language. Pure: what is said depends on the arguments alone.

use super::{pick, text};
use crate::domain::decimal::decimal;
use crate::domain::geo::Compass;
use crate::domain::schedule::{Exception, Status};
use crate::domain::service::Service;
use crate::domain::station::Facility;
use crate::domain::time::{DAY, Day, Minute, Offset};
use crate::domain::verification::Freshness;
use crate::local::prefs::Lang;

const WEEKDAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A distance in metres, as exact as it is useful: "320 米", "1.2 公里", "12 公里".
#[must_use]
pub fn distance(lang: Lang, metres: f64) -> String {
    let (m, km) = match lang {
        Lang::Zh => ("米", "公里"),
        Lang::En => ("m", "km"),
    };
    // Rounded first, so that 996 m is not said as "1000 m".
    let tens = (metres / 10.0).round() * 10.0;
    if tens < 1000.0 {
        format!("{} {m}", decimal(tens, 0))
    } else if metres < 9_950.0 {
        let tenths = decimal(metres / 1000.0, 1);
        format!("{} {km}", tenths.trim_end_matches(".0"))
    } else {
        format!("{} {km}", decimal(metres / 1000.0, 0))
    }
}

/// One of the eight directions.
#[must_use]
pub const fn compass(lang: Lang, direction: Compass) -> &'static str {
    match (lang, direction) {
        (Lang::Zh, Compass::North) => "北",
        (Lang::Zh, Compass::NorthEast) => "东北",
        (Lang::Zh, Compass::East) => "东",
        (Lang::Zh, Compass::SouthEast) => "东南",
        (Lang::Zh, Compass::South) => "南",
        (Lang::Zh, Compass::SouthWest) => "西南",
        (Lang::Zh, Compass::West) => "西",
        (Lang::Zh, Compass::NorthWest) => "西北",
        (Lang::En, Compass::North) => "north",
        (Lang::En, Compass::NorthEast) => "north-east",
        (Lang::En, Compass::East) => "east",
        (Lang::En, Compass::SouthEast) => "south-east",
        (Lang::En, Compass::South) => "south",
        (Lang::En, Compass::SouthWest) => "south-west",
        (Lang::En, Compass::West) => "west",
        (Lang::En, Compass::NorthWest) => "north-west",
    }
}

/// How long something takes or lasts, in minutes: "20 分钟", "3 小时 20 分", "2 天".
#[must_use]
pub fn duration(lang: Lang, minutes: i64) -> String {
    let (days, hours, rest) = (minutes / DAY, minutes / 60, minutes % 60);
    match lang {
        Lang::Zh if hours == 0 => format!("{rest} 分钟"),
        Lang::Zh if hours >= 48 => format!("{days} 天"),
        Lang::Zh if rest == 0 => format!("{hours} 小时"),
        Lang::Zh => format!("{hours} 小时 {rest} 分"),
        Lang::En if hours == 0 => format!("{rest} min"),
        Lang::En if hours >= 48 => format!("{days} days"),
        Lang::En if rest == 0 => format!("{hours} h"),
        Lang::En => format!("{hours} h {rest} min"),
    }
}

/// How long ago, in minutes: "刚刚", "3 分钟前". A clock that is behind says "just now", never the future.
#[must_use]
pub fn ago(lang: Lang, minutes: i64) -> String {
    match (lang, minutes) {
        (Lang::Zh, ..=0) => "刚刚".to_owned(),
        (Lang::En, ..=0) => "just now".to_owned(),
        (Lang::Zh, 1..=59) => format!("{minutes} 分钟前"),
        (Lang::En, 1..=59) => format!("{minutes} min ago"),
        (Lang::Zh, 60..DAY) => format!("{} 小时前", minutes / 60),
        (Lang::En, 60..DAY) => format!("{} h ago", minutes / 60),
        (Lang::Zh, _) => format!("{} 天前", minutes / DAY),
        (Lang::En, _) if minutes < 2 * DAY => "1 day ago".to_owned(),
        (Lang::En, _) => format!("{} days ago", minutes / DAY),
    }
}

/// What the last confirmation on the spot is worth: "3 天前核实", "核实于 2 个月前，可能有变".
#[must_use]
pub fn verified(lang: Lang, freshness: Freshness) -> String {
    let t = &text(lang).station;
    match freshness {
        Freshness::Fresh(minutes) => (t.verified)(&ago(lang, minutes)),
        Freshness::Older(days) => (t.verified_older)(days / 30),
        Freshness::Stale => t.verified_stale.to_owned(),
        Freshness::Never => t.unverified.to_owned(),
    }
}

/// The day of the week.
#[must_use]
pub const fn weekday(lang: Lang, day: Day) -> &'static str {
    match lang {
        Lang::Zh => WEEKDAYS_ZH[day.weekday()],
        Lang::En => WEEKDAYS_EN[day.weekday()],
    }
}

/// A day of the calendar: "12月12日", "12 Dec".
#[must_use]
pub fn date(lang: Lang, day: Day) -> String {
    let date = day.date();
    match lang {
        Lang::Zh => format!("{}月{}日", date.month, date.day),
        Lang::En => {
            let month = MONTHS_EN.get(usize::from(date.month).saturating_sub(1)).copied().unwrap_or_default();
            format!("{} {month}", date.day)
        }
    }
}

/// A day with its weekday: "12月12日 周六", "Sat 12 Dec".
#[must_use]
pub fn date_and_weekday(lang: Lang, day: Day) -> String {
    match lang {
        Lang::Zh => format!("{} {}", date(lang, day), weekday(lang, day)),
        Lang::En => format!("{} {}", weekday(lang, day), date(lang, day)),
    }
}

/// Days that are unlike the rule, and why: "11月25日–11月28日 检修".
#[must_use]
pub fn exception(lang: Lang, offset: Offset, exception: &Exception) -> String {
    let (first, last) = (offset.day(exception.start), offset.day(exception.end.plus(-1)));
    let days = if first == last { date(lang, first) } else { format!("{}–{}", date(lang, first), date(lang, last)) };
    let why = match pick(lang, &exception.reason, &exception.reason_en) {
        "" => pick(lang, "时间有变", "other hours"),
        why => why,
    };
    match lang {
        Lang::Zh => format!("{days} {why}"),
        Lang::En => format!("{days}: {why}"),
    }
}

/// A day as people say it today: "昨天", "今天", "明天", "周六" within a week, else the date.
#[must_use]
pub fn day(lang: Lang, day: Day, today: Day) -> String {
    match (lang, day.0 - today.0) {
        (Lang::Zh, -1) => "昨天".to_owned(),
        (Lang::Zh, 0) => "今天".to_owned(),
        (Lang::Zh, 1) => "明天".to_owned(),
        (Lang::Zh, 2) => "后天".to_owned(),
        (Lang::En, -1) => "yesterday".to_owned(),
        (Lang::En, 0) => "today".to_owned(),
        (Lang::En, 1) => "tomorrow".to_owned(),
        (_, 2..=6) => weekday(lang, day).to_owned(),
        _ => date(lang, day),
    }
}

/// How many days from today: "今天", "明天", "3 天后", "in 3 days".
#[must_use]
pub fn in_days(lang: Lang, day: Day, today: Day) -> String {
    match (lang, day.0 - today.0) {
        (Lang::Zh, days @ 3..) => format!("{days} 天后"),
        (Lang::En, days @ 2..) => format!("in {days} days"),
        _ => self::day(lang, day, today),
    }
}

/// A moment inside a sentence: "20:00" today, "明天 7:30", "周六 9:00". Midnight belongs to the day it ends.
#[must_use]
pub fn moment(lang: Lang, offset: Offset, at: Minute, now: Minute) -> String {
    let today = offset.day(now);
    let minute = offset.minute_of_day(at);
    let (on, minute) = if minute == 0 && at > now { (offset.day(at).plus(-1), DAY) } else { (offset.day(at), minute) };
    let clock = format!("{}:{:02}", minute / 60, minute % 60);
    if on == today { clock } else { format!("{} {clock}", day(lang, on, today)) }
}

/// A span of time on one day: "14:00–17:00", "22:00–次日 06:00". An end at midnight is 24:00.
#[must_use]
pub fn span(lang: Lang, offset: Offset, start: Minute, end: Minute) -> String {
    let end_clock = if offset.minute_of_day(end) == 0 { "24:00".to_owned() } else { offset.clock(end) };
    let last = offset.day(end.plus(-1));
    if last == offset.day(start) {
        format!("{}–{end_clock}", offset.clock(start))
    } else {
        match lang {
            Lang::Zh => format!("{}–次日 {end_clock}", offset.clock(start)),
            Lang::En => format!("{}–{end_clock} next day", offset.clock(start)),
        }
    }
}

/// When the data was made, for "data as of …": the clock, with the day where it is not today.
#[must_use]
pub fn as_of(lang: Lang, offset: Offset, at: Minute, now: Minute) -> String {
    let today = offset.day(now);
    let on = offset.day(at);
    if on == today { offset.clock(at) } else { format!("{} {}", day(lang, on, today), offset.clock(at)) }
}

/// The one word of a state.
#[must_use]
pub const fn state(lang: Lang, status: &Status) -> &'static str {
    match (lang, status) {
        (Lang::Zh, Status::Open { .. }) => "营业中",
        (Lang::Zh, Status::ClosingSoon { .. }) => "即将关门",
        (Lang::Zh, Status::Closed { .. }) => "已关门",
        (Lang::Zh, Status::Unknown { .. }) => "时间未核实",
        (Lang::En, Status::Open { .. }) => "Open",
        (Lang::En, Status::ClosingSoon { .. }) => "Closing soon",
        (Lang::En, Status::Closed { .. }) => "Closed",
        (Lang::En, Status::Unknown { .. }) => "Hours unverified",
    }
}

/// What happens next, to stand after the word of a state: "20:00 关", "还有 20 分钟关门", "明天 7:30 开". Empty where
/// nothing is known.
#[must_use]
pub fn next_change(lang: Lang, status: &Status, offset: Offset, now: Minute) -> String {
    match (lang, status) {
        (Lang::Zh, Status::Open { until: None }) => "昼夜开放".to_owned(),
        (Lang::En, Status::Open { until: None }) => "day and night".to_owned(),
        (Lang::Zh, Status::Open { until: Some(end) }) => format!("{} 关", moment(lang, offset, *end, now)),
        (Lang::En, Status::Open { until: Some(end) }) => format!("until {}", moment(lang, offset, *end, now)),
        (Lang::Zh, Status::ClosingSoon { until }) => format!("还有 {}关门", duration(lang, until.since(now))),
        (Lang::En, Status::ClosingSoon { until }) => format!("closes in {}", duration(lang, until.since(now))),
        (Lang::Zh, Status::Closed { opens: Some(start) }) => format!("{} 开", moment(lang, offset, *start, now)),
        (Lang::En, Status::Closed { opens: Some(start) }) => format!("opens {}", moment(lang, offset, *start, now)),
        (Lang::Zh, Status::Closed { opens: None }) => "近期不开".to_owned(),
        (Lang::En, Status::Closed { opens: None }) => "not opening soon".to_owned(),
        (_, Status::Unknown { reason }) => reason.clone().unwrap_or_default(),
    }
}

/// What something costs; empty where nobody has said.
#[must_use]
pub fn price(lang: Lang, fen: Option<u32>) -> String {
    let Some(fen) = fen else { return String::new() };
    let yuan = match (fen / 100, fen % 100) {
        (yuan, 0) => yuan.to_string(),
        (yuan, rest) if rest % 10 == 0 => format!("{yuan}.{}", rest / 10),
        (yuan, rest) => format!("{yuan}.{rest:02}"),
    };
    match lang {
        _ if fen == 0 => pick(lang, "免费", "free").to_owned(),
        Lang::Zh => format!("{yuan} 元"),
        Lang::En => format!("¥{yuan}"),
    }
}

/// A service with its price, where the name does not say it already: "免费理发", "爱新餐 9.9 元".
#[must_use]
pub fn service(lang: Lang, service: &Service) -> String {
    let name = pick(lang, &service.name, &service.name_en);
    let price = price(lang, service.price_fen);
    // "9.9-yuan meal" says it as well as "9.9 元爱新餐".
    let said = price.trim_start_matches('¥').trim_end_matches(" 元");
    if said.is_empty() || name.to_ascii_lowercase().contains(said) {
        return name.to_owned();
    }
    match (lang, service.price_fen) {
        (Lang::Zh, Some(0)) => format!("{price}{name}"),
        (Lang::En, Some(0)) => format!("{name} ({price})"),
        _ => format!("{name} {price}"),
    }
}

/// What a facility is called.
#[must_use]
pub const fn facility(lang: Lang, facility: Facility) -> &'static str {
    match lang {
        Lang::Zh => match facility {
            Facility::Charging => "充电",
            Facility::Water => "饮水",
            Facility::Meals => "用餐",
            Facility::Haircut => "理发",
            Facility::Toilet => "卫生间",
            Facility::OrderHolding => "存单",
            Facility::LegalAid => "法律援助",
            Facility::Rest => "休息",
            Facility::Microwave => "热饭",
            Facility::Tea => "茶水",
            Facility::Classes => "课堂",
            Facility::Jobs => "零工",
            Facility::Lodging => "住宿",
            Facility::Other => "其他",
        },
        Lang::En => match facility {
            Facility::Charging => "Charging",
            Facility::Water => "Water",
            Facility::Meals => "Meals",
            Facility::Haircut => "Haircut",
            Facility::Toilet => "Toilet",
            Facility::OrderHolding => "Order holding",
            Facility::LegalAid => "Legal aid",
            Facility::Rest => "Rest",
            Facility::Microwave => "Microwave",
            Facility::Tea => "Tea",
            Facility::Classes => "Classes",
            Facility::Jobs => "Jobs",
            Facility::Lodging => "Lodging",
            Facility::Other => "Other",
        },
    }
}

#[cfg(test)]
mod tests;
