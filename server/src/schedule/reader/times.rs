//! Times of day: `8:30-17:30`, `下午2点到5点`, `晚上10点至次日凌晨2点`.
//!
//! The clock is written with 12 or with 24 hours, often in one text. A time is taken only if the other clock would not
//! make sense of it, or the writer said which: `18:00-2:00` ends at night, `14:00-5:00` may end at 17:00 and is not read.

use super::cursor::Cursor;
use super::spans::{MIDNIGHT, NOON, Span};

/// A part of the day, by which the 12-hour clock says which half it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Night,
    Morning,
    Forenoon,
    Noon,
    Afternoon,
    Dusk,
    Evening,
}

const PERIODS: [(&str, Period); 16] = [
    ("凌晨", Period::Night),
    ("清晨", Period::Morning),
    ("早上", Period::Morning),
    ("早晨", Period::Morning),
    ("早间", Period::Morning),
    ("早", Period::Morning),
    ("上午", Period::Forenoon),
    ("中午", Period::Noon),
    ("下午", Period::Afternoon),
    ("午后", Period::Afternoon),
    ("傍晚", Period::Dusk),
    ("晚上", Period::Evening),
    ("晚间", Period::Evening),
    ("夜间", Period::Evening),
    ("夜晚", Period::Evening),
    ("晚", Period::Evening),
];

impl Period {
    /// The hour of the day, 0 to 24, that this hour means in this part of the day; none if it does not belong there.
    const fn hour(self, hour: u32) -> Option<u32> {
        Some(match (self, hour) {
            (Self::Night, 12) => 0,
            (Self::Night, 0..=6)
            | (Self::Morning, 4..=11)
            | (Self::Forenoon, 5..=12)
            | (Self::Noon, 11..=14)
            | (Self::Afternoon, 12..=19)
            | (Self::Dusk, 16..=20)
            | (Self::Evening, 17..=24) => hour,
            (Self::Noon, 1..=2) | (Self::Afternoon, 1..=7) | (Self::Dusk, 4..=8) | (Self::Evening, 5..=11) => hour + 12,
            (Self::Evening, 0 | 12) => 24,
            _ => return None,
        })
    }

    /// The part of the day that a span from this one ends in if nothing else is said: 早上8点到12点 ends at noon.
    const fn to_its_end(self) -> Self {
        match self {
            Self::Morning => Self::Forenoon,
            other => other,
        }
    }
}

/// How an hour was written, which says how surely it is of the 24-hour clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `08:30`, `08时30分`, as only the 24-hour clock is written
    Padded,
    /// `8:30`
    Plain,
    /// `8点半`
    Spoken,
    /// `8`, which is a time only beside one that says so: `8-11点`
    Bare,
}

/// A time as written.
#[derive(Clone, Copy, Debug)]
struct Moment {
    /// 次日: of the day after the one it began.
    next_day: bool,
    period: Option<Period>,
    hour: u32,
    minute: u32,
    style: Style,
}

impl Moment {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        cursor.attempt(|ahead| {
            let next_day = ahead.eat_any(&["次日", "第二天", "第二日", "翌日", "隔天"]);
            ahead.eat("的");
            ahead.spaces();
            let period = ahead.eat_named(&PERIODS);
            ahead.eat("的");
            ahead.spaces();
            let (hour, width) = ahead.digits().or_else(|| Some((ahead.chinese_number()?, 0)))?;
            let (minute, style) = match minute_on_the_clock(ahead)? {
                Some(_) if width == 0 => return None,
                Some(minute) if width == 2 && hour < 10 => (minute, Style::Padded),
                Some(minute) => (minute, Style::Plain),
                None => match spoken_minute(ahead)? {
                    Some(minute) if width == 2 && hour < 10 => (minute, Style::Padded),
                    Some(minute) => (minute, Style::Spoken),
                    None => (0, Style::Bare),
                },
            };
            let sensible = width <= 2 && minute < 60 && (hour < 24 || (hour == 24 && minute == 0));
            sensible.then_some(Self { next_day, period, hour, minute, style })
        })
    }

    /// The minute of the day if the hour is of the 24-hour clock.
    const fn as_written(self) -> u32 {
        self.hour * 60 + self.minute
    }

    fn within(self, period: Period) -> Option<u32> {
        let minute = period.hour(self.hour)? * 60 + self.minute;
        (minute <= MIDNIGHT).then_some(minute)
    }

    /// Whether the 12-hour clock, too, has such an hour, and nothing says which clock is meant.
    fn may_be_of_12(self) -> bool {
        self.period.is_none() && (1..=12).contains(&self.hour) && self.style != Style::Padded
    }

    /// The later minute that the 12-hour clock could mean.
    fn twelve_later(self) -> u32 {
        (self.hour % 12 + 12) * 60 + self.minute
    }
}

/// `:30`, `.30` or, from a spreadsheet, `:30:00`. Outer none: it begins like a time and is none.
#[expect(clippy::option_option, reason = "not there and not readable are two answers")]
fn minute_on_the_clock(cursor: &mut Cursor<'_>) -> Option<Option<u32>> {
    let colon = cursor.attempt(|ahead| {
        ahead.spaces();
        ahead.eat(":").then_some(())?;
        ahead.spaces();
        ahead.peek().filter(char::is_ascii_digit)?;
        Some(())
    });
    if colon.is_none() && !cursor.eat(".") {
        return Some(None);
    }
    let (minute, 2) = cursor.digits()? else { return None };
    if colon.is_some() && cursor.eat(":") && cursor.digits()? != (0, 2) {
        return None;
    }
    // Half past eight is also written 8:30分.
    cursor.eat("分");
    Some(Some(minute))
}

/// `点`, `点半`, `时三十分`, `点一刻`. Outer none: it begins like a time and is none.
#[expect(clippy::option_option, reason = "not there and not readable are two answers")]
fn spoken_minute(cursor: &mut Cursor<'_>) -> Option<Option<u32>> {
    let mut ahead = *cursor;
    ahead.spaces();
    if !ahead.eat_any(&["点", "时"]) {
        return Some(None);
    }
    *cursor = ahead;
    if cursor.eat("半") {
        cursor.eat("钟");
        return Some(Some(30));
    }
    if cursor.eat_any(&["整", "钟"]) {
        return Some(Some(0));
    }
    // The dash that looks like a one is left for the range.
    if cursor.peek() == Some('一') && { *cursor }.dash().is_some() {
        return Some(Some(0));
    }
    let mut ahead = *cursor;
    let Some((number, width)) = read_minutes(&mut ahead) else { return Some(Some(0)) };
    if ahead.peek().is_some_and(|next| matches!(next, '点' | '时' | ':')) {
        // Not minutes but the next hour: `9点到11点14点到17点`.
        return Some(Some(0));
    }
    let quarter = ahead.eat("刻");
    let minutes = ahead.eat_any(&["分钟", "分"]);
    let minute = match number {
        1 | 3 if quarter => number * 15,
        _ if quarter => return None,
        // `9点5` is not how anybody says 9:05; with 分 it is.
        _ if minutes || width != 1 => number,
        _ => return None,
    };
    *cursor = ahead;
    Some(Some(minute))
}

fn read_minutes(cursor: &mut Cursor<'_>) -> Option<(u32, usize)> {
    cursor.digits().or_else(|| {
        let number = cursor.chinese_number()?;
        // 十, 二十五 and 零五 are minutes by themselves; 九点五 is not.
        Some((number, if number < 10 { 1 } else { 2 }))
    })
}

/// Reads the next span, if there is one: two times, or a word for the whole day.
pub(super) fn span(cursor: &mut Cursor<'_>) -> Option<Span> {
    cursor
        .attempt(whole_day)
        .or_else(|| cursor.attempt(nine_to_five))
        .or_else(|| cursor.attempt(from_to))
        .or_else(|| cursor.attempt(opens_closes))
}

fn whole_day(cursor: &mut Cursor<'_>) -> Option<Span> {
    const WORDS: [&str; 8] = ["全天候", "全天", "全日", "7x24小时", "7x24", "7X24小时", "7X24", "24/7"];
    let mut found = 0;
    // 全天24小时 says it twice.
    while cursor
        .attempt(|ahead| {
            ahead.spaces();
            (ahead.eat_any(&WORDS) || hours_24(ahead).is_some()).then_some(())
        })
        .is_some()
    {
        found += 1;
    }
    (found > 0).then_some(Span::WHOLE_DAY)
}

fn hours_24(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.attempt(|ahead| {
        (ahead.number()? == 24).then_some(())?;
        ahead.spaces();
        ahead.eat_any(&["个小时", "小时", "H", "h"]).then_some(())
    })
}

/// `朝九晚五`, `早8晚8`
fn nine_to_five(cursor: &mut Cursor<'_>) -> Option<Span> {
    let mut hour = |words: &[&str]| {
        cursor.eat_any(words).then_some(())?;
        let hour = cursor.number().filter(|hour| (5..=11).contains(hour))?;
        cursor.eat("点");
        Some(hour)
    };
    let (from, to) = (hour(&["早", "朝"])?, hour(&["晚"])?);
    // `早9晚5:30` goes on.
    cursor.peek().is_none_or(|next| !matches!(next, ':' | '.' | '半' | '十' | '0'..='9')).then_some(())?;
    Span::new(from * 60, (to + 12) * 60)
}

/// `9:00-17:00`, `从上午9点到下午5点`
fn from_to(cursor: &mut Cursor<'_>) -> Option<Span> {
    if cursor.eat_any(&["从", "自"]) {
        cursor.spaces();
    }
    let mut from = Moment::read(cursor)?;
    if cursor.dash().is_none() {
        // 早8:00晚8:00
        (from.period == Some(Period::Morning) && cursor.peek() == Some('晚')).then_some(())?;
    }
    let to = Moment::read(cursor)?;
    match (from.style, to.style) {
        (Style::Bare, Style::Spoken) => from.style = Style::Spoken,
        (_, Style::Bare) if from.period.is_none() || to.period.is_none() => return None,
        (Style::Bare, Style::Padded | Style::Plain) => return None,
        _ => {}
    }
    between(from, to)
}

/// `早上9点开门，晚上9点关门`
fn opens_closes(cursor: &mut Cursor<'_>) -> Option<Span> {
    let from = Moment::read(cursor)?;
    cursor.eat_any(&["开门营业", "开始营业", "开门", "开馆", "开放", "开始"]).then_some(())?;
    while cursor.one_of(|next| matches!(next, ',' | ' ' | ';' | '、')).is_some() {}
    cursor.eat_any(&["至", "到"]);
    let to = Moment::read(cursor)?;
    cursor.eat_any(&["关门", "闭馆", "打烊", "结束营业", "结束", "关闭", "闭店"]).then_some(())?;
    (from.style != Style::Bare && to.style != Style::Bare).then_some(())?;
    between(from, to)
}

/// The span two times mean, if they can mean only one.
fn between(from: Moment, to: Moment) -> Option<Span> {
    if from.next_day {
        return None;
    }
    let start = match from.period {
        Some(period) => from.within(period)?,
        None => from.as_written(),
    };
    let end = match (to.period, from.period) {
        (Some(period), _) => to.within(period)?,
        // 下午2点到5点: the second time goes on from the first, unless only the 24-hour clock has it.
        (None, Some(period)) if !to.next_day && (1..=12).contains(&to.hour) => match to.within(period.to_its_end()) {
            // 晚上20:00-9:00 mixes the clocks.
            Some(end) if end > start && (from.hour <= 12 || end == to.as_written()) => end,
            // 晚上10点到2点: past midnight, where no other 2 o'clock is near.
            _ if period == Period::Evening && to.as_written() + NOON <= start => to.as_written(),
            _ => return None,
        },
        _ => to.as_written(),
    };
    if to.next_day {
        // 8点到次日2点 may begin in the evening.
        let doubtful = from.may_be_of_12() && from.style == Style::Spoken;
        return if doubtful { None } else { Span::new(start, end + MIDNIGHT) };
    }
    if is_doubtful(from, to, end) {
        return None;
    }
    if end > start {
        return Span::new(start, end);
    }
    let says_next_day = match to.period {
        // `10:00-凌晨2:00` begins as written; 8点到凌晨2点 more likely in the evening.
        Some(Period::Night) if from.period.is_none() => start >= NOON || from.style != Style::Spoken,
        Some(Period::Night) => start >= NOON || end == 0,
        Some(Period::Morning | Period::Forenoon) => start >= NOON,
        Some(_) => false,
        // Only an end whose hour cannot be one of the afternoon.
        None if from.hour > 12 => end == 0 || end + NOON <= start || to.style == Style::Padded,
        // The end of 晚上10点到2点 was weighed above.
        None => end == 0 || from.period == Some(Period::Evening),
    };
    if says_next_day && start != end { Span::new(start, end + MIDNIGHT) } else { None }
}

/// Whether the first time may as well be twelve hours later.
fn is_doubtful(from: Moment, to: Moment, end: u32) -> bool {
    if !from.may_be_of_12() {
        return false;
    }
    match to.period {
        // 8点到晚上10点: eight in the morning or in the evening.
        Some(Period::Afternoon | Period::Dusk | Period::Evening) => from.twelve_later() < end,
        Some(_) => false,
        // 2点到5点 is said of the afternoon; with 点 and up to noon, of both.
        None => {
            let to_of_12 = to.may_be_of_12();
            let last = if from.style == Style::Spoken { 12 } else { 6 };
            to_of_12 && from.hour <= 6 && to.hour <= last
        }
    }
}
