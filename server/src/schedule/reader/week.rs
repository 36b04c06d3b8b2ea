//! Clauses as one OSM rule, if they agree about every kind of day.

use std::fmt::Display;

use super::clauses::{Clause, Hours};
use super::days::{Cells, OfMonth};
use super::seasons;
use super::spans::{self, Span};

const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// What happens on one kind of day; no spans if it is closed.
type Spans = Vec<Span>;

/// A part of the rule.
#[derive(Debug)]
struct Part {
    text: String,
    /// It shares no day with the parts before it.
    apart: bool,
}

/// The rule that says the same as the clauses; none if they contradict each other or say no times.
pub(super) fn rule(hours: &Hours) -> Option<String> {
    let mut parts = Vec::new();
    let seasons: Vec<Option<usize>> =
        if hours.seasons.is_empty() { vec![None] } else { (0..hours.seasons.len()).map(Some).collect() };
    for season in seasons {
        let prefix = season.and_then(|place| hours.seasons.get(place)).map_or("", |season| &season.selector);
        let clauses: Vec<&Clause> =
            hours.clauses.iter().filter(|clause| clause.season.is_none() || clause.season == season).collect();
        Season::new(&clauses, hours)?.write(prefix, &mut parts)?;
    }
    let overnight = hours.clauses.iter().flat_map(|clause| &clause.spans).any(|span| span.is_overnight());
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            // After ";" a rule replaces what ran over from the day before, after "," it is added to it.
            text.push_str(if part.apart && overnight { ", " } else { "; " });
        }
        text.push_str(&part.text);
    }
    if text == "00:00-24:00" {
        return Some("24/7".to_owned());
    }
    Some(text)
}

/// Every kind of day of one part of the year.
#[derive(Debug)]
struct Season<'a> {
    ordinary: [Spans; 7],
    holiday: [Spans; 7],
    /// Saturday and Sunday worked in exchange.
    worked: [Spans; 2],
    /// Clauses about days of the month.
    of_month: Vec<(&'a OfMonth, &'a Spans)>,
    /// Said in so many words, not only by 工作日: days of the month that are days off are closed, too.
    holidays_closed: bool,
}

impl<'a> Season<'a> {
    fn new(clauses: &[&'a Clause], hours: &Hours) -> Option<Self> {
        let weekly = merge(clauses)?;
        let of_month: Vec<_> =
            clauses.iter().filter_map(|clause| Some((clause.days.of_month.as_ref()?, &clause.spans))).collect();
        if of_month
            .iter()
            .enumerate()
            .any(|(place, one)| of_month[..place].iter().any(|other| may_meet(one.0, other.0)))
        {
            return None;
        }
        let mut season = Self {
            ordinary: Default::default(),
            holiday: Default::default(),
            worked: Default::default(),
            of_month,
            holidays_closed: weekly.iter().any(|clause| clause.spans.is_empty() && clause.named.has(Cells::HOLIDAYS)),
        };
        for weekday in 0..7 {
            season.ordinary[weekday] = spans_on(&weekly, Cells::ordinary(weekday))?;
            season.holiday[weekday] = spans_on(&weekly, Cells::holiday(weekday))?;
            if season.holiday[weekday].is_empty() && hours.said.reopened.has(Cells::holiday(weekday)) {
                season.holiday[weekday].clone_from(the_only_times(&weekly)?);
            }
        }
        for (place, spans) in season.worked.iter_mut().enumerate() {
            *spans = spans_on(&weekly, Cells::worked(place + 5))?;
        }
        if hours.said.never_rests && season.ordinary.iter().chain(&season.holiday).any(Vec::is_empty) {
            return None;
        }
        // 节假日照常 of a place that is open on 工作日, or closed on some weekday, leaves open what the usual is.
        let unusual = season.holiday != season.ordinary || clauses.iter().any(|clause| clause.spans.is_empty());
        if hours.said.holidays_as_usual && unusual {
            return None;
        }
        let open = |spans: &Spans| !spans.is_empty();
        let says_times = season.ordinary.iter().any(open) || season.of_month.iter().any(|(_, spans)| !spans.is_empty());
        (says_times && season.agrees_with_months()).then_some(season)
    }

    /// Whether what is said of days of the month can stand beside what is said of the week.
    fn agrees_with_months(&self) -> bool {
        self.of_month.iter().all(|(days, spans)| {
            let weekdays = match days {
                OfMonth::Nth { weekday, .. } => *weekday..*weekday + 1,
                OfMonth::Dates(_) => 0..7,
            };
            weekdays.clone().all(|weekday| {
                let related = |week: &Spans| {
                    week.is_empty() || spans.is_empty() || spans::contain(week, spans) || spans::contain(spans, week)
                };
                // A worked weekend, which the rule puts last, must include it.
                let worked = weekday.checked_sub(5).and_then(|place| self.worked.get(place));
                let worked = worked.is_none_or(|worked| {
                    *worked == self.ordinary[weekday] || (!spans.is_empty() && spans::contain(worked, spans))
                });
                let holiday = self.holiday[weekday] == self.ordinary[weekday] || self.holiday[weekday].is_empty();
                related(&self.ordinary[weekday]) && worked && holiday
            })
        })
    }

    fn write(&self, prefix: &str, parts: &mut Vec<Part>) -> Option<()> {
        let mut write = |days: &str, spans: &Spans, apart: bool| {
            let what = if spans.is_empty() { "off".to_owned() } else { join(spans, ",") };
            let text = [prefix, days, &what].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            parts.push(Part { text, apart });
        };
        let week: Vec<usize> = (0..7).collect();
        // Days off come after the weekdays they change and before those they leave alone.
        let changed: Vec<usize> =
            week.iter().copied().filter(|day| self.holiday[*day] != self.ordinary[*day]).collect();
        let all_alike = self.holiday.iter().all(|spans| *spans == self.holiday[0]);
        let first = if changed.is_empty() || all_alike { &week } else { &changed };
        let by_weekday = |days: &[usize]| {
            let mut groups: Vec<(Vec<usize>, &Spans)> = Vec::new();
            for day in days {
                let spans = &self.ordinary[*day];
                match groups.iter_mut().find(|(_, other)| *other == spans) {
                    _ if spans.is_empty() => {}
                    Some((days, _)) => days.push(*day),
                    None => groups.push((vec![*day], spans)),
                }
            }
            groups
        };
        for (days, spans) in by_weekday(first) {
            write(&weekdays(&days), spans, true);
        }
        let worked = &self.worked[0];
        let worked_changes = self.worked[..] != self.ordinary[5..];
        if worked_changes && self.worked[1] != *worked {
            return None;
        }
        let rest: Vec<usize> = week.iter().copied().filter(|day| !first.contains(day)).collect();
        if self.holidays_closed {
            self.write_months(prefix, &mut write)?;
        }
        // Worked weekends are no days off, so that they only have to come after the weekdays they are.
        let worked_early = rest.is_empty() && (self.holidays_closed || self.of_month.is_empty());
        if worked_changes && worked_early {
            write("SH", worked, false);
        }
        if let Some(day) = changed.first() {
            let spans = &self.holiday[*day];
            // What the days off are on some weekdays only, they must be on all of those.
            changed.iter().all(|day| self.holiday[*day] == *spans).then_some(())?;
            (rest.is_empty() || spans.is_empty()).then_some(())?;
            write("PH", spans, false);
        } else if self.holidays_closed && !self.of_month.is_empty() {
            write("PH", &Spans::new(), false);
        }
        for (days, spans) in by_weekday(&rest) {
            write(&weekdays(&days), spans, false);
        }
        if !self.holidays_closed {
            self.write_months(prefix, &mut write)?;
        }
        if worked_changes && !worked_early {
            write("SH", worked, false);
        }
        Some(())
    }

    fn write_months(&self, prefix: &str, write: &mut impl FnMut(&str, &Spans, bool)) -> Option<()> {
        for (days, spans) in &self.of_month {
            match days {
                OfMonth::Nth { weekday, nth } => {
                    write(&format!("{}[{}]", WEEKDAYS[*weekday], join(nth, ",")), spans, false);
                }
                // OSM has no "every month", only the months.
                OfMonth::Dates(dates) if prefix.is_empty() => {
                    let days: Vec<String> = seasons::month_names()
                        .flat_map(|month| dates.iter().map(move |date| format!("{month} {date:02}")))
                        .collect();
                    write(&days.join(","), spans, false);
                }
                OfMonth::Dates(_) => return None,
            }
        }
        Some(())
    }
}

fn join<T: Display>(items: &[T], between: &str) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// `Mo-Fr`, `Mo,We,Fr`; nothing for the whole week.
fn weekdays(days: &[usize]) -> String {
    if days.len() == 7 {
        return String::new();
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *day => *last = *day,
            _ => runs.push((*day, *day)),
        }
    }
    let names = runs.into_iter().map(|(first, last)| {
        if first == last { WEEKDAYS[first].to_owned() } else { format!("{}-{}", WEEKDAYS[first], WEEKDAYS[last]) }
    });
    names.collect::<Vec<_>>().join(",")
}

/// A clause about days of the week, whose days are decided.
#[derive(Clone, Debug)]
struct Weekly {
    cells: Cells,
    named: Cells,
    spans: Spans,
}

/// The clauses about the week, with those of the same days made one.
fn merge(clauses: &[&Clause]) -> Option<Vec<Weekly>> {
    let spoken_of = clauses
        .iter()
        .filter(|clause| !clause.days.rest)
        .fold(Cells::NONE, |cells, clause| cells.or(clause.days.cells));
    let mut weekly: Vec<Weekly> = Vec::new();
    for clause in clauses.iter().filter(|clause| clause.days.of_month.is_none()) {
        let cells = if clause.days.rest { Cells::ALL.without(spoken_of) } else { clause.days.cells };
        let open = !clause.spans.is_empty();
        if open && clause.days.rest && (cells.is_empty() || clauses.len() == 1) {
            return None;
        }
        if open && clause.days.perhaps_weekends && !weekends_are_said(clauses) {
            return None;
        }
        match weekly.iter_mut().find(|other| other.cells == cells && !other.spans.is_empty()) {
            Some(other) if open => {
                other.spans.extend_from_slice(&clause.spans);
                other.spans = spans::in_order(std::mem::take(&mut other.spans))?;
            }
            _ => weekly.push(Weekly { cells, named: clause.days.named, spans: clause.spans.clone() }),
        }
    }
    Some(weekly)
}

/// Whether weekends are spoken of by themselves, so that 节假日 can only mean the days off.
fn weekends_are_said(clauses: &[&Clause]) -> bool {
    clauses
        .iter()
        .filter(|clause| clause.days.cells != Cells::ALL)
        .fold(Cells::NONE, |cells, clause| cells.or(clause.days.cells))
        .has(Cells::ORDINARY_WEEKENDS)
}

/// What the clauses say of one kind of day; none if they contradict each other.
fn spans_on(weekly: &[Weekly], cell: Cells) -> Option<Spans> {
    let about: Vec<&Weekly> = weekly.iter().filter(|clause| clause.cells.has(cell)).collect();
    let (by_kind, by_weekday): (Vec<&Weekly>, Vec<&Weekly>) = about.iter().partition(|clause| clause.named.has(cell));
    let closed = |clauses: &[&Weekly]| clauses.iter().any(|clause| clause.spans.is_empty());
    let open = |clauses: &[&Weekly]| clauses.iter().any(|clause| !clause.spans.is_empty());
    if by_kind.is_empty() {
        return if closed(&by_weekday) { closed_within(&by_weekday) } else { narrowest(&by_weekday) };
    }
    if closed(&by_kind) {
        return (!open(&by_kind)).then(Spans::new);
    }
    // 周日休息，法定节假日10:00-16:00: nobody knows of a Sunday that is a day off.
    if closed(&by_weekday) && !Cells::WORKED_WEEKENDS.has(cell) {
        return None;
    }
    narrowest(&by_kind)
}

/// 每天9:00-17:00，周一闭馆 closes some of the days; 周六9:00-12:00，周末休息 contradicts itself.
fn closed_within(about: &[&Weekly]) -> Option<Spans> {
    let ordinary = |clause: &Weekly| clause.cells.and(Cells::ORDINARY_DAYS);
    let (open, closed): (Vec<&Weekly>, Vec<&Weekly>) = about.iter().partition(|clause| !clause.spans.is_empty());
    let some_of = |part: Cells, whole: Cells| whole.has(part) && part != whole;
    let fits = open.iter().all(|open| closed.iter().all(|closed| some_of(ordinary(closed), ordinary(open))));
    fits.then(Spans::new)
}

/// The times of all that is open, if they are the same.
fn the_only_times(weekly: &[Weekly]) -> Option<&Spans> {
    let mut open = weekly.iter().map(|clause| &clause.spans).filter(|spans| !spans.is_empty());
    let first = open.next()?;
    open.all(|other| other == first).then_some(first)
}

/// 每天8:00-20:00，周六9:00-18:00: the clause of fewer days counts, if that is the only sense the two make.
fn narrowest(open: &[&Weekly]) -> Option<Spans> {
    let Some((first, rest)) = open.split_first() else { return Some(Spans::new()) };
    let narrowest = rest.iter().fold(first, |least, other| if least.cells.has(other.cells) { other } else { least });
    let fits = open.iter().filter(|other| other.cells != narrowest.cells).all(|other| {
        other.cells.has(narrowest.cells)
            // If neither has the other's times, both may be meant.
            && (spans::contain(&other.spans, &narrowest.spans) || spans::contain(&narrowest.spans, &other.spans))
    });
    fits.then(|| narrowest.spans.clone())
}

/// Whether one day can be both.
fn may_meet(one: &OfMonth, other: &OfMonth) -> bool {
    match (one, other) {
        (OfMonth::Nth { weekday, nth }, OfMonth::Nth { weekday: other_weekday, nth: other_nth }) => {
            let counted_alike = nth.iter().chain(other_nth).all(|nth| *nth > 0);
            weekday == other_weekday && !(counted_alike && nth.iter().all(|nth| !other_nth.contains(nth)))
        }
        _ => true,
    }
}
