//! What the reports of a period come to.

use std::collections::HashMap;

use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::ids::{ReportId, UnitId};
use waypost_app::domain::time::CHINA;
use waypost_app::domain::verification::VerificationKind;

use super::reports::event;
use super::{Connection, StoreError};
use crate::clock::DAY_MS;

const WEEK_MS: i64 = 7 * DAY_MS;
/// From a moment to the same since a Monday's midnight in the district: 1970-01-01 was a Thursday.
const SHIFT_MS: i64 = CHINA.0 as i64 * 60_000 + 3 * DAY_MS;

/// From and to in milliseconds since 1970, `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from_ms: i64,
    pub to_ms: i64,
}

/// Which week a moment is in, counted from the one of 1970-01-01.
#[must_use]
pub const fn week_of(at_ms: i64) -> i64 {
    at_ms.saturating_add(SHIFT_MS).div_euclid(WEEK_MS)
}

/// How many reports came in, by the week.
///
/// # Errors
/// Those of the database.
pub async fn received(conn: &mut Connection, period: Period) -> Result<HashMap<i64, u32>, StoreError> {
    let rows = sqlx::query(
        "SELECT (received_at_ms + $3) / $4 AS week, COUNT(*) AS many FROM reports
         WHERE received_at_ms >= $1 AND received_at_ms < $2 GROUP BY 1",
    )
    .bind(period.from_ms)
    .bind(period.to_ms)
    .bind(SHIFT_MS)
    .bind(WEEK_MS)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("week")?, count(row.try_get("many")?)))).collect()
}

/// What people on the spot have said of stations, by the week: confirmed, and found locked.
///
/// # Errors
/// Those of the database.
pub async fn verifications(
    conn: &mut Connection,
    period: Period,
) -> Result<HashMap<(i64, VerificationKind), u32>, StoreError> {
    let rows = sqlx::query(
        "SELECT (at_ms + $3) / $4 AS week, kind, COUNT(*) AS many FROM verifications
         WHERE at_ms >= $1 AND at_ms < $2 AND counts > 0 GROUP BY 1, kind",
    )
    .bind(period.from_ms)
    .bind(period.to_ms)
    .bind(SHIFT_MS)
    .bind(WEEK_MS)
    .fetch_all(conn)
    .await?;
    let mut found = HashMap::new();
    for row in rows {
        let kind = VerificationKind::from_code(row.try_get("kind")?);
        let kind = kind.ok_or(StoreError::Unreadable("kind of a verification"))?;
        found.insert((row.try_get("week")?, kind), count(row.try_get("many")?));
    }
    Ok(found)
}

/// One repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair {
    pub unit: Option<UnitId>,
    /// When whoever repaired it was given it, or got it back; else when it came in.
    pub given_at_ms: i64,
    pub fixed_at_ms: i64,
}

/// Every repair of a period. A report that came back and was repaired again is two.
///
/// # Errors
/// Those of the database.
pub async fn repairs(conn: &mut Connection, period: Period) -> Result<Vec<Repair>, StoreError> {
    // Before names were kept, a repair was an event without a step; notes and merges say the state, too, but change none.
    let rows = sqlx::query(
        "SELECT done.at_ms AS fixed_at_ms, reports.received_at_ms AS received_at_ms,
           (SELECT MAX(given.at_ms) FROM report_events AS given
            WHERE given.report = done.report AND given.seq < done.seq
              AND (given.step IN ('assign', 'hand_over', 'reopen') OR (given.step = '' AND given.state = 'reopened'))
           ) AS given_at_ms,
           (SELECT given.unit FROM report_events AS given
            WHERE given.report = done.report AND given.seq < done.seq AND given.unit IS NOT NULL
            ORDER BY given.seq DESC LIMIT 1) AS unit
         FROM report_events AS done JOIN reports ON reports.id = done.report
         WHERE done.state = 'fixed' AND done.step IN ('fix', '') AND done.at_ms >= $1 AND done.at_ms < $2",
    )
    .bind(period.from_ms)
    .bind(period.to_ms)
    .fetch_all(conn)
    .await?;
    let mut repairs = Vec::with_capacity(rows.len());
    for row in rows {
        let given: Option<i64> = row.try_get("given_at_ms")?;
        let received: i64 = row.try_get("received_at_ms")?;
        repairs.push(Repair {
            unit: event::unit_of(row.try_get("unit")?)?,
            given_at_ms: given.unwrap_or(received),
            fixed_at_ms: row.try_get("fixed_at_ms")?,
        });
    }
    Ok(repairs)
}

/// What waits now, by unit: how much, and how much of it is late.
///
/// # Errors
/// Those of the database.
pub async fn waiting(conn: &mut Connection, now_ms: i64) -> Result<HashMap<Option<UnitId>, (u32, u32)>, StoreError> {
    let rows = sqlx::query(
        "SELECT unit, COUNT(*) AS many, COUNT(CASE WHEN due_at_ms < $1 THEN 1 END) AS late FROM reports
         WHERE merged_into IS NULL AND due_at_ms IS NOT NULL GROUP BY unit",
    )
    .bind(now_ms)
    .fetch_all(conn)
    .await?;
    let mut found = HashMap::new();
    for row in rows {
        let unit = event::unit_of(row.try_get("unit")?)?;
        found.insert(unit, (count(row.try_get("many")?), count(row.try_get("late")?)));
    }
    Ok(found)
}

/// The reports that came in during a period, oldest first, and no more than so many.
///
/// # Errors
/// Those of the database.
pub async fn ids(conn: &mut Connection, period: Period, most: u32) -> Result<Vec<ReportId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM reports WHERE received_at_ms >= $1 AND received_at_ms < $2
         ORDER BY received_at_ms, id LIMIT $3",
    )
    .bind(period.from_ms)
    .bind(period.to_ms)
    .bind(i64::from(most))
    .fetch_all(conn)
    .await?;
    let read = |id: String| Uuid::try_parse(&id).map(ReportId).map_err(|_| StoreError::Unreadable("id of a report"));
    ids.into_iter().map(read).collect()
}

fn count(many: i64) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        chrono::DateTime::parse_from_rfc3339(text).expect("a moment").timestamp_millis()
    }

    #[test]
    fn a_week_begins_on_monday_at_midnight_in_the_district() {
        let week = |text| week_of(ms(text));
        let sunday = week("2026-11-22T23:59:59+08:00");
        assert_eq!(week("2026-11-23T00:00:00+08:00"), sunday + 1);
        assert_eq!(week("2026-11-29T23:59:59+08:00"), sunday + 1);
        // Still Sunday by UTC.
        assert_eq!(week("2026-11-22T16:00:00Z"), sunday + 1);
        assert_eq!(week("1970-01-01T00:00:00+08:00"), 0);
        assert_eq!(week("1970-01-05T00:00:00+08:00"), 1);
    }
}
