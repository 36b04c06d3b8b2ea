//! What has to be known before reports are stored, in few questions: each by itself would cost as much as the storing.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, Row};
use waypost_app::domain::ids::PhotoHash;

use super::{Submission, merge, withdraw};
use crate::store::rows::{is_common, keys, padded, padded_len};
use crate::store::{Connection, StoreError, devices, photos};

/// What one phone reports of one category from so near …
const SAME_DEVICE_M: f64 = 30.0;
/// The same in degrees of latitude, and a little more: what the database leaves out, so that one who reports all day is not
/// compared with everything they said.
const SAME_DEVICE_LAT: f64 = SAME_DEVICE_M / 110_000.0;
/// … within so many milliseconds is one defect.
const SAME_DEVICE_MS: i64 = 10 * 60 * 1000;
/// Reports that are compared with a new one; whoever sent more within ten minutes is no person.
const MOST_COMPARED: i64 = 100;

/// Values that [`question`] has for each report.
const VALUES: usize = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The device has a row, which says that it was seen a short while ago.
    pub(super) device: bool,
    /// The device has taken this report back.
    pub(super) withdrawn: bool,
    /// Photos of the report that the device has not sent.
    pub(super) unsent: Vec<PhotoHash>,
    /// The report through which this one is followed.
    pub(super) primary: Option<String>,
}

impl Known {
    /// Of each of these reports, in their order.
    pub(super) async fn of(conn: &mut Connection, reports: &[&Submission]) -> Result<Vec<Self>, StoreError> {
        let (mut known, same_device) = Self::of_devices(conn, reports).await?;
        let mut named = Vec::new();
        for report in reports {
            named.extend(report.content.photos.iter().map(|photo| (photo, &report.device)));
        }
        let unsent = photos::unsent(conn, named).await?;
        for (one, report) in known.iter_mut().zip(reports) {
            let missing = report.content.photos.iter().filter(|photo| unsent.contains(&(*photo, &report.device)));
            one.unsent = missing.cloned().collect();
        }
        // Nobody else writes meanwhile, so two that say the same of each other cannot both come first.
        let primaries = merge::primaries(conn, reports, same_device).await?;
        for (one, primary) in known.iter_mut().zip(primaries) {
            one.primary = primary;
        }
        Ok(known)
    }

    /// What is known of their devices; and for each the earliest report by which its device has told the same, and which
    /// still waits for somebody.
    async fn of_devices(
        conn: &mut Connection,
        reports: &[&Submission],
    ) -> Result<(Vec<Self>, Vec<Option<String>>), StoreError> {
        let rows = padded_len(reports.len());
        let mut select = sqlx::query(AssertSqlSafe(question(rows))).persistent(is_common(rows));
        for report in padded(reports) {
            select = select
                .bind(report.id.to_string())
                .bind(report.device.as_str())
                .bind(withdraw::key(report.id, &report.device))
                .bind(report.content.category.code())
                .bind(report.captured_at_ms.saturating_sub(SAME_DEVICE_MS))
                .bind(report.captured_at_ms.saturating_add(SAME_DEVICE_MS))
                .bind(report.content.position.lat - SAME_DEVICE_LAT)
                .bind(report.content.position.lat + SAME_DEVICE_LAT);
        }
        let mut known = vec![Self::default(); reports.len()];
        let mut same_device = vec![None; reports.len()];
        for row in &select.fetch_all(conn).await? {
            let id: &str = row.try_get("id")?;
            match row.try_get("what")? {
                "device" => {
                    let seen_ms: i64 = row.try_get("at")?;
                    for (report, one) in reports.iter().zip(&mut known) {
                        one.device |=
                            report.device.as_str() == id && seen_ms > devices::due_before(report.received_at_ms);
                    }
                }
                "withdrawn" => {
                    for (report, one) in reports.iter().zip(&mut known) {
                        one.withdrawn |= withdraw::key(report.id, &report.device) == id;
                    }
                }
                _ => {
                    let nth = (row.try_get::<i64, _>("nth")? as usize).min(reports.len() - 1);
                    if merge::is_within(row, reports[nth], SAME_DEVICE_M)? {
                        let told = Some((row.try_get::<i64, _>("at")?, id.to_owned()));
                        if same_device[nth].is_none() || told < same_device[nth] {
                            same_device[nth] = told;
                        }
                    }
                }
            }
        }
        Ok((known, same_device.into_iter().map(|told| told.map(|(_, id)| id)).collect()))
    }
}

/// The question about so many reports, with eight values for each. Every part of it names the keys that it looks up: where it
/// joined a list of them, PostgreSQL would read a table that it has no statistics of yet as a whole.
fn question(rows: usize) -> String {
    let keys = |value| keys(rows, VALUES, value);
    let mut sql = format!(
        "SELECT 'device' AS what, 0 AS nth, token_sha256 AS id, 0.0 AS lat, 0.0 AS lng, last_seen_ms AS at
           FROM devices WHERE token_sha256 IN ({})
         UNION ALL SELECT 'withdrawn', 0, id_device_sha256, 0.0, 0.0, at_ms
           FROM withdrawn WHERE id_device_sha256 IN ({})",
        keys(2),
        keys(3)
    );
    for nth in 0..rows {
        let value = |value| nth * VALUES + value;
        let _ = write!(
            sql,
            " UNION ALL SELECT * FROM (
                SELECT 'same' AS what, {nth} AS nth, id, lat, lng, received_at_ms FROM reports
                WHERE device = ${} AND merged_into IS NULL AND captured_at_ms BETWEEN ${} AND ${} AND category = ${}
                  AND lat BETWEEN ${} AND ${} AND id <> ${} AND state NOT IN ('declined', 'fixed', 'confirmed')
                ORDER BY received_at_ms, id LIMIT {MOST_COMPARED}) AS told_{nth}",
            value(2),
            value(5),
            value(6),
            value(4),
            value(7),
            value(8),
            value(1)
        );
    }
    sql
}
