//! Days: `周一至周五`, `周一、三、五`, `工作日`, `法定节假日`, `每月第二个周六`.

use std::ops::RangeInclusive;

use super::cursor::{Cursor, LIST};

/// Kinds of days, as a set. A weekday is up to three: an ordinary one, a statutory day off, and on weekends one worked
/// in exchange (调休). `周六` means all three Saturdays, `工作日` the ordinary Mondays to Fridays and the worked weekends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cells(u32);

const ORDINARY: u32 = 0b111_1111;
const OFF: u32 = ORDINARY << 7;
const WORKED: u32 = 0b11 << 14;
const WEEKEND: u32 = 0b110_0000;

impl Cells {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(ORDINARY | OFF | WORKED);
    pub(super) const HOLIDAYS: Self = Self(OFF);
    pub(super) const WORKED_WEEKENDS: Self = Self(WORKED);
    pub(super) const ORDINARY_DAYS: Self = Self(ORDINARY);
    pub(super) const ORDINARY_WEEKENDS: Self = Self(WEEKEND);
    const WORKDAYS: Self = Self((ORDINARY & !WEEKEND) | WORKED);

    /// The ordinary one of a weekday, 0 for Monday.
    pub(super) const fn ordinary(weekday: usize) -> Self {
        Self(1 << weekday)
    }

    /// The one of a weekday that is a statutory day off.
    pub(super) const fn holiday(weekday: usize) -> Self {
        Self(1 << (weekday + 7))
    }

    /// The one of a weekday that is a worked weekend; none for Monday to Friday.
    pub(super) const fn worked(weekday: usize) -> Self {
        Self((1 << (weekday + 9)) & WORKED)
    }

    /// A weekday whatever else it is.
    const fn weekday(weekday: usize) -> Self {
        Self::ordinary(weekday).or(Self::holiday(weekday)).or(Self::worked(weekday))
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Days a week cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OfMonth {
    /// `每月第一、三个周六`; a negative number counts from the month's end. Weekday 0 is Monday.
    Nth { weekday: usize, nth: Vec<i8> },
    /// `每月1日、15日`; up to 28, which every month has.
    Dates(Vec<u32>),
}

/// What a word for days means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Days {
    pub(super) cells: Cells,
    /// Cells the word speaks of by their kind (`工作日`, `法定节假日`), before which words for mere weekdays give way.
    pub(super) named: Cells,
    pub(super) of_month: Option<OfMonth>,
    /// 节假日: the days off, and for many writers the weekends too.
    pub(super) perhaps_weekends: bool,
    /// 其余时间: every day that is not spoken of elsewhere.
    pub(super) rest: bool,
}

impl Days {
    pub(super) fn every_day() -> Self {
        Self { cells: Cells::ALL, ..Self::default() }
    }

    fn of(cells: Cells) -> Self {
        Self { cells, ..Self::default() }
    }

    fn named(cells: Cells, named: Cells) -> Self {
        Self { cells, named, ..Self::default() }
    }

    pub(super) fn is_holidays(&self) -> bool {
        self.cells == Cells::HOLIDAYS && self.named == Cells::HOLIDAYS
    }

    /// More than two weekdays, which are seldom a part of a list.
    pub(super) const fn is_most_of_the_week(&self) -> bool {
        self.cells.and(Cells::ORDINARY_DAYS).0.count_ones() > 2
    }

    /// Both, if saying both makes sense: `工作日（周一至周五）` says one thing twice, with two meanings.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        if self == other && self.cells == Cells::ALL {
            return Some(self);
        }
        let overlap = !self.cells.and(other.cells).and(Cells::ORDINARY_DAYS).is_empty();
        if overlap || self.of_month.is_some() || other.of_month.is_some() || self.rest || other.rest {
            return None;
        }
        let cells = self.cells.or(other.cells);
        Some(Self {
            cells,
            named: self.named.or(other.named),
            of_month: None,
            // 周末及节假日 means the same whether or not the latter has the weekends.
            perhaps_weekends: (self.perhaps_weekends || other.perhaps_weekends) && !cells.has(Cells::ORDINARY_WEEKENDS),
            rest: false,
        })
    }
}

/// Reads one word for days with what belongs to it.
pub(super) fn days(cursor: &mut Cursor<'_>) -> Option<Days> {
    cursor.attempt(|ahead| {
        if ahead.eat_any(&["每天", "每日", "天天", "每周七天", "每周7天", "一周七天", "一周7天"]) {
            return Some(Days::every_day());
        }
        if ahead.eat_any(&["其余时间", "其他时间", "其它时间", "其余日期", "其他日期", "其余日子", "其他日子"])
        {
            return Some(Days { rest: true, ..Days::default() });
        }
        if let Some(of_month) = ahead.attempt(of_month) {
            return Some(Days { of_month: Some(of_month), ..Days::default() });
        }
        ahead.eat_any(&["每逢", "每个", "每", "逢", "遇"]);
        by_kind(ahead).or_else(|| ahead.attempt(weekdays).map(Days::of))
    })
}

fn by_kind(cursor: &mut Cursor<'_>) -> Option<Days> {
    cursor.attempt(|ahead| {
        if ahead.eat("非工作日") {
            return Some(Days::named(Cells::ALL.without(Cells::WORKDAYS), Cells::HOLIDAYS));
        }
        if ahead.eat_any(&["双休日", "周末"]) {
            return Some(Days::of(Cells::weekday(5).or(Cells::weekday(6))));
        }
        let statutory = ahead.eat_any(&["国家法定", "法定", "国定"]);
        if ahead.eat("工作日") {
            return Some(Days::named(Cells::WORKDAYS, Cells::WORKED_WEEKENDS));
        }
        let holidays = Days::named(Cells::HOLIDAYS, Cells::HOLIDAYS);
        if ahead.eat("节假日") {
            return Some(Days { perhaps_weekends: !statutory, ..holidays });
        }
        (statutory && ahead.eat_any(&["假日", "节日", "假期"])).then_some(holidays)
    })
}

const WEEK: [&str; 3] = ["周", "星期", "礼拜"];

/// `周一`, `周一三五`, `周一、三、五`, `周一至周五`, `周一至五`, `周1-5`
fn weekdays(cursor: &mut Cursor<'_>) -> Option<Cells> {
    cursor.eat_any(&WEEK).then_some(())?;
    let first = weekday_or_hour(cursor)?;
    let mut cells = one_or_range(cursor, first)?;
    // 周六日: in order only, or it is something else.
    let is_range = cells != Cells::weekday(first);
    let mut last = first;
    while !is_range && cursor.peek().is_some_and(is_weekday) {
        let next = weekday_or_hour(cursor)?;
        (next > last).then_some(())?;
        cells = cells.or(Cells::weekday(next));
        last = next;
    }
    // 周一、三、五; with 周 before each, each is its own word.
    while let Some(more) = cursor.attempt(|ahead| {
        ahead.spaces();
        ahead.eat_any(&LIST).then_some(())?;
        ahead.spaces();
        let next = weekday_or_hour(ahead)?;
        one_or_range(ahead, next)
    }) {
        if !cells.and(more).is_empty() {
            return None;
        }
        cells = cells.or(more);
    }
    Some(cells)
}

fn one_or_range(cursor: &mut Cursor<'_>, first: usize) -> Option<Cells> {
    let last = cursor.attempt(|ahead| {
        ahead.dash()?;
        ahead.eat_any(&WEEK);
        weekday_or_hour(ahead)
    });
    let Some(last) = last else { return Some(Cells::weekday(first)) };
    if first == last {
        return None;
    }
    // 周五至周一 goes round.
    let length = (last + 7 - first) % 7;
    Some((0..=length).fold(Cells::NONE, |cells, step| cells.or(Cells::weekday((first + step) % 7))))
}

fn is_weekday(character: char) -> bool {
    "一二三四五六日天".contains(character)
}

/// The name of a weekday, 0 for Monday; none if it goes on as a number does, in `三点`, `二十`, `5:00`.
fn weekday_or_hour(cursor: &mut Cursor<'_>) -> Option<usize> {
    cursor.attempt(|ahead| {
        let name = ahead.one_of(|next| is_weekday(next) || ('1'..='7').contains(&next))?;
        let goes_on = ahead.peek().is_some_and(|next| {
            "点时十半个月号年".contains(next)
                || (name.is_ascii_digit() && (next.is_ascii_digit() || ":.".contains(next)))
        });
        if goes_on {
            return None;
        }
        match name {
            '日' | '天' => Some(6),
            digit if digit.is_ascii_digit() => Some(digit as usize - '1' as usize),
            chinese => "一二三四五六".chars().position(|other| other == chinese),
        }
    })
}

/// `每月第二个周六`, `每月最后一个周日`, `每月1日、15日`
fn of_month(cursor: &mut Cursor<'_>) -> Option<OfMonth> {
    cursor.eat_any(&["每个月", "每月"]).then_some(())?;
    cursor.eat("的");
    cursor.spaces();
    cursor.attempt(nth_weekday).or_else(|| cursor.attempt(dates))
}

fn nth_weekday(cursor: &mut Cursor<'_>) -> Option<OfMonth> {
    let mut nth = vec![counted(cursor)?];
    while let Some(next) = cursor.attempt(|ahead| {
        ahead.eat_any(&LIST).then_some(())?;
        counted(ahead)
    }) {
        nth.push(next);
    }
    // 第二周六 may be the Saturday of the second week.
    let (nth, with_measure): (Vec<i8>, Vec<bool>) = nth.into_iter().unzip();
    with_measure.last().filter(|with_measure| **with_measure)?;
    cursor.eat("的");
    cursor.eat_any(&WEEK).then_some(())?;
    let weekday = weekday_or_hour(cursor)?;
    // The second Saturday and Sunday may be a weekend, or not.
    if cursor.peek().is_some_and(is_weekday) || { *cursor }.dash().is_some() {
        return None;
    }
    let listed = { *cursor }.attempt(|ahead| {
        ahead.eat_any(&LIST).then_some(())?;
        weekday_or_hour(ahead)
    });
    if listed.is_some() || nth.iter().enumerate().any(|(place, one)| nth[..place].contains(one)) {
        return None;
    }
    Some(OfMonth::Nth { weekday, nth })
}

/// `第二个`, and whether it has its 个, which lists leave to the last: `第一、三个`.
fn counted(cursor: &mut Cursor<'_>) -> Option<(i8, bool)> {
    if cursor.eat("首个") {
        return Some((1, true));
    }
    if cursor.eat_any(&["最后一个", "最后1个"]) {
        return Some((-1, true));
    }
    let from_end = cursor.eat("倒数第");
    if !from_end {
        cursor.eat("第");
    }
    let number = cursor.number().filter(|number| (1..=5).contains(number))?;
    let number = i8::try_from(number).ok()?;
    Some((if from_end { -number } else { number }, cursor.eat("个")))
}

fn dates(cursor: &mut Cursor<'_>) -> Option<OfMonth> {
    let (mut ranges, mut unit) = dates_range(cursor).map(|(dates, unit)| (vec![dates], unit))?;
    while let Some((dates, with_unit)) = cursor.attempt(|ahead| {
        ahead.eat_any(&LIST).then_some(())?;
        let (dates, unit) = dates_range(ahead)?;
        // What follows a comma may be a time.
        (unit || { *ahead }.eat_any(&LIST)).then_some((dates, unit))
    }) {
        ranges.push(dates);
        unit = with_unit;
    }
    let dates: Vec<u32> = ranges.into_iter().flatten().collect();
    let twice = dates.iter().enumerate().any(|(place, date)| dates[..place].contains(date));
    (unit && !twice).then_some(OfMonth::Dates(dates))
}

/// `15日`, `1-5日`, and whether it ends in 日.
fn dates_range(cursor: &mut Cursor<'_>) -> Option<(RangeInclusive<u32>, bool)> {
    let (first, unit) = date(cursor)?;
    let last = cursor.attempt(|ahead| {
        ahead.dash()?;
        date(ahead)
    });
    let (last, unit) = last.unwrap_or((first, unit));
    (first <= last).then_some((first..=last, unit))
}

/// A day of the month, and whether it says so: `1、15日` says it once.
fn date(cursor: &mut Cursor<'_>) -> Option<(u32, bool)> {
    let date = cursor.number().filter(|date| (1..=28).contains(date))?;
    Some((date, cursor.eat_any(&["日", "号"])))
}
