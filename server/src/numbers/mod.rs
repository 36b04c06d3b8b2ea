//! The district in numbers: what its reports came to week by week, how long units take, and when no station is open.

mod coverage;
mod sheet;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::schedule::Horizon;
use waypost_app::domain::time::{CHINA, Day, Minute};
use waypost_app::domain::verification::VerificationKind;
use waypost_app::wire::staff::numbers::{Numbers, UnitNumbers, WeekNumbers};

pub use coverage::coverage;
pub use sheet::{Sheet, sheet};

use crate::schedule::calendar::Calendar;
use crate::schedule::working_days;
use crate::store::numbers::{self, Period, Repair, week_of};
use crate::store::{Connection, StoreError, units};

/// Days in a row, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: Day,
    pub last: Day,
}

impl Span {
    /// The week that a day is in.
    #[must_use]
    pub const fn week(day: Day) -> Self {
        let first = day.plus(-(day.weekday() as i64));
        Self { first, last: first.plus(6) }
    }

    #[must_use]
    pub const fn days(self) -> i64 {
        self.last.0.saturating_sub(self.first.0).saturating_add(1)
    }

    #[must_use]
    pub const fn horizon(self) -> Horizon {
        Horizon { start: CHINA.midnight(self.first), end: CHINA.midnight(self.last.plus(1)) }
    }

    #[must_use]
    pub const fn period(self) -> Period {
        let Horizon { start, end } = self.horizon();
        Period { from_ms: start.0.saturating_mul(60_000), to_ms: end.0.saturating_mul(60_000) }
    }
}

/// A day as it is written.
#[must_use]
pub fn written(day: Day) -> String {
    NaiveDate::default()
        .checked_add_signed(chrono::TimeDelta::try_days(day.0).unwrap_or_default())
        .unwrap_or_default()
        .to_string()
}

/// What the reports of some days came to; the coverage is not part of it.
///
/// # Errors
/// Those of the database.
pub async fn of_reports(
    conn: &mut Connection,
    span: Span,
    calendar: &Calendar,
    now_ms: i64,
) -> Result<Numbers, StoreError> {
    let period = span.period();
    let received = numbers::received(conn, period).await?;
    let said = numbers::verifications(conn, period).await?;
    let repairs = numbers::repairs(conn, period).await?;
    let waiting = numbers::waiting(conn, now_ms).await?;
    let named: HashMap<UnitId, String> = units::all(conn).await?.into_iter().map(|unit| (unit.id, unit.name)).collect();
    let mut fixed: HashMap<i64, u32> = HashMap::new();
    for repair in &repairs {
        *fixed.entry(week_of(repair.fixed_at_ms)).or_default() += 1;
    }
    let weeks = (0..).map(|ahead| Span::week(span.first).first.plus(7 * ahead)).take_while(|day| *day <= span.last);
    let weeks = weeks.map(|monday| {
        let week = week_of(CHINA.midnight(monday).0.saturating_mul(60_000));
        let of = |kind| said.get(&(week, kind)).copied().unwrap_or_default();
        WeekNumbers {
            monday: written(monday),
            received: received.get(&week).copied().unwrap_or_default(),
            fixed: fixed.get(&week).copied().unwrap_or_default(),
            confirmed: of(VerificationKind::Confirmed),
            locked: of(VerificationKind::Locked),
        }
    });
    Ok(Numbers {
        from: written(span.first),
        to: written(span.last),
        weeks: weeks.collect(),
        units: by_unit(&repairs, &waiting, &named, calendar),
        ..Numbers::default()
    })
}

fn by_unit(
    repairs: &[Repair],
    waiting: &HashMap<Option<UnitId>, (u32, u32)>,
    named: &HashMap<UnitId, String>,
    calendar: &Calendar,
) -> Vec<UnitNumbers> {
    let mut took: HashMap<Option<UnitId>, Vec<u32>> = waiting.keys().map(|unit| (*unit, Vec::new())).collect();
    for repair in repairs {
        let days = working_days::passed(calendar, repair.given_at_ms, repair.fixed_at_ms);
        took.entry(repair.unit).or_default().push(days);
    }
    // By name, what is nobody's last.
    let sorted: BTreeMap<_, _> = took
        .into_iter()
        .map(|(unit, days)| {
            let name = unit.and_then(|unit| named.get(&unit)).cloned().unwrap_or_default();
            ((unit.is_none(), name, unit), days)
        })
        .collect();
    sorted
        .into_iter()
        .map(|((_, name, unit), mut days)| {
            let (open, overdue) = waiting.get(&unit).copied().unwrap_or_default();
            let fixed = u32::try_from(days.len()).unwrap_or(u32::MAX);
            UnitNumbers { unit, name, fixed, median_working_days: median(&mut days), open, overdue }
        })
        .collect()
}

/// The middle one; of an even number, half way between the two in the middle.
fn median(days: &mut [u32]) -> Option<f64> {
    days.sort_unstable();
    let middle = days.len() / 2;
    let upper = f64::from(*days.get(middle)?);
    if days.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = f64::from(*days.get(middle.checked_sub(1)?)?);
    Some(f64::midpoint(lower, upper))
}

/// The day that a moment falls on.
#[must_use]
pub const fn day_of(now: Minute) -> Day {
    CHINA.day(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_half_way_between_two() {
        for (days, expected) in [
            (vec![], None),
            (vec![3], Some(3.0)),
            (vec![9, 1], Some(5.0)),
            (vec![2, 1], Some(1.5)),
            (vec![100, 1, 2], Some(2.0)),
            (vec![4, 0, 1, 2], Some(1.5)),
        ] {
            assert_eq!(median(&mut days.clone()), expected, "{days:?}");
        }
    }

    #[test]
    fn any_day_names_its_week_from_monday_to_sunday() {
        // 2026-11-24 is a Tuesday.
        for day in 20_780..=20_786 {
            assert_eq!(Span::week(Day(day)), Span { first: Day(20_780), last: Day(20_786) }, "{day}");
        }
        let week = Span::week(Day(20_781));
        assert_eq!(
            (week.days(), written(week.first), written(week.last)),
            (7, "2026-11-23".into(), "2026-11-29".into())
        );
        assert_eq!(week.period().to_ms - week.period().from_ms, 7 * 86_400_000);
    }
}
