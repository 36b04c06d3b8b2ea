//! Parts of the year: `夏季（5月-10月）`, `5月1日至9月30日`.

use super::cursor::{Cursor, LIST};

const MONTHS: [(&str, usize); 12] = [
    ("Jan", 31),
    ("Feb", 29),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];
const YEAR: usize = 366;

/// The months as OSM writes them.
pub(super) fn month_names() -> impl Iterator<Item = &'static str> {
    MONTHS.iter().map(|(name, _)| *name)
}

/// A part of every year.
#[derive(Clone, Debug)]
pub(super) struct Season {
    /// As OSM writes it: `May-Oct`, `May 01-Sep 30`.
    pub(super) selector: String,
    /// The days of a leap year it has.
    days: Vec<bool>,
    /// Nothing says it returns every year: not 夏季, not 每年. Only a text about a whole year says so.
    perhaps_once: bool,
}

/// Whether the parts can stand in one text: no day in two of them, and all of them known to return.
pub(super) fn fit(seasons: &[Season]) -> bool {
    let covered: Vec<usize> = (0..YEAR).map(|day| seasons.iter().filter(|season| season.days[day]).count()).collect();
    covered.iter().all(|count| *count <= 1)
        && (covered.iter().all(|count| *count == 1) || !seasons.iter().any(|season| season.perhaps_once))
}

/// Reads a part of the year whose months are given. 夏季 alone is none: nobody knows when it begins.
pub(super) fn season(cursor: &mut Cursor<'_>) -> Option<Season> {
    cursor.attempt(|ahead| {
        let every_year = ahead.eat("每年");
        let named = name(ahead);
        if named {
            ahead.eat_any(&["开放时间", "营业时间", "服务时间", "作息时间", "时间"]);
            while ahead.one_of(|next| matches!(next, ' ' | ':')).is_some() {}
        }
        let bracket = named && ahead.eat("(");
        ahead.eat("每年");
        let (selector, days) = months(ahead)?;
        if bracket {
            ahead.eat(")").then_some(())?;
        }
        let named =
            named || ahead.attempt(|ahead| (ahead.eat("(") && name(ahead) && ahead.eat(")")).then_some(())).is_some();
        Some(Season { selector, days, perhaps_once: !named && !every_year })
    })
}

fn name(cursor: &mut Cursor<'_>) -> bool {
    cursor.eat_any(&[
        "夏秋季",
        "冬春季",
        "春夏季",
        "秋冬季",
        "春秋季",
        "夏令时",
        "冬令时",
        "夏时制",
        "冬时制",
        "春季",
        "夏季",
        "秋季",
        "冬季",
        "夏天",
        "冬天",
        "夏令",
        "冬令",
        "旺季",
        "淡季",
    ])
}

/// A month, perhaps a day in it, as numbers from 1.
#[derive(Clone, Copy, Debug)]
struct Point {
    month: usize,
    /// `5-10月` says it once.
    says_month: bool,
    day: Option<usize>,
}

fn months(cursor: &mut Cursor<'_>) -> Option<(String, Vec<bool>)> {
    let mut ranges = vec![range(cursor)?];
    while let Some(more) = cursor.attempt(|ahead| {
        ahead.eat_any(&LIST).then_some(())?;
        let (first, last) = range(ahead)?;
        // What follows a comma may be a time.
        (last.says_month || { *ahead }.eat_any(&LIST)).then_some((first, last))
    }) {
        ranges.push(more);
    }
    ranges.last().filter(|(_, last)| last.says_month)?;
    let mut days = vec![false; YEAR];
    let mut selectors = Vec::with_capacity(ranges.len());
    for (first, last) in &ranges {
        let name = |point: &Point| MONTHS[point.month - 1].0;
        let until = last.day.unwrap_or(MONTHS[last.month - 1].1);
        selectors.push(match (first.day, last.day) {
            (None, None) if first.month == last.month => name(first).to_owned(),
            (None, None) => format!("{}-{}", name(first), name(last)),
            // A list of days, or a single one, is a notice and not a season.
            (Some(from), Some(to)) if ranges.len() == 1 && (first.month, from) != (last.month, to) => {
                format!("{} {from:02}-{} {to:02}", name(first), name(last))
            }
            _ => return None,
        });
        let (from, until) = (day_of_year(first.month, first.day.unwrap_or(1)), day_of_year(last.month, until));
        let length = (until + YEAR - from) % YEAR;
        for day in 0..=length {
            let day = &mut days[(from + day) % YEAR];
            if *day {
                return None;
            }
            *day = true;
        }
    }
    Some((selectors.join(","), days))
}

/// The day of a leap year, from 0.
fn day_of_year(month: usize, day: usize) -> usize {
    MONTHS[..month - 1].iter().map(|(_, days)| days).sum::<usize>() + day - 1
}

fn range(cursor: &mut Cursor<'_>) -> Option<(Point, Point)> {
    let first = point(cursor)?;
    let last = cursor.attempt(|ahead| {
        ahead.dash()?;
        ahead.eat_any(&["次年", "翌年", "第二年", "来年"]);
        point(ahead)
    });
    Some((first, last.unwrap_or(first)))
}

fn point(cursor: &mut Cursor<'_>) -> Option<Point> {
    let within = |number: u32, most: usize| usize::try_from(number).ok().filter(|number| (1..=most).contains(number));
    let month = within(cursor.number()?, 12)?;
    let says_month = cursor.eat_any(&["月份", "月"]);
    let day = cursor.attempt(|ahead| {
        says_month.then_some(())?;
        let day = within(ahead.number()?, MONTHS[month - 1].1)?;
        ahead.eat_any(&["日", "号"]).then_some(day)
    });
    Some(Point { month, says_month, day })
}
