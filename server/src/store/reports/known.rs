//! What has to be known before a report is stored, in one question: each by itself would cost as much as the storing.

use sqlx::Row;

use super::{Submission, merge, withdraw};
use crate::store::{Connection, StoreError, devices};

/// What one phone reports of one category from so near …
const SAME_DEVICE_M: f64 = 30.0;
/// … within so many milliseconds is one defect.
const SAME_DEVICE_MS: i64 = 10 * 60 * 1000;
/// Reports that are compared with a new one; whoever sent more within ten minutes is no person.
const MOST_COMPARED: i64 = 100;

#[derive(Debug, Default)]
pub(super) struct Known {
    /// The device has a row, which says that it was seen a short while ago.
    pub(super) device: bool,
    /// The device has taken this report back.
    pub(super) withdrawn: bool,
    /// The earliest report by which the device has told the same, and which still waits for somebody.
    pub(super) same_device: Option<String>,
}

impl Known {
    pub(super) async fn of(conn: &mut Connection, report: &Submission) -> Result<Self, StoreError> {
        let rows = sqlx::query(
            "SELECT 'device' AS what, '' AS id, 0.0 AS lat, 0.0 AS lng, 0 AS at FROM devices
               WHERE token_sha256 = $1 AND last_seen_ms > $2
             UNION ALL SELECT 'withdrawn', '', 0.0, 0.0, 0 FROM withdrawn WHERE id_device_sha256 = $3
             UNION ALL SELECT 'same', id, lat, lng, received_at_ms FROM reports
               WHERE device = $1 AND merged_into IS NULL AND captured_at_ms BETWEEN $4 AND $5 AND category = $6
                 AND id <> $7 AND state NOT IN ('declined', 'fixed', 'confirmed')
             ORDER BY at, id LIMIT $8",
        )
        .bind(report.device.as_str())
        .bind(devices::due_before(report.received_at_ms))
        .bind(withdraw::key(report.id, &report.device))
        .bind(report.captured_at_ms.saturating_sub(SAME_DEVICE_MS))
        .bind(report.captured_at_ms.saturating_add(SAME_DEVICE_MS))
        .bind(report.content.category.code())
        .bind(report.id.to_string())
        .bind(MOST_COMPARED + 2)
        .fetch_all(conn)
        .await?;
        let mut known = Self::default();
        for row in &rows {
            match row.try_get("what")? {
                "device" => known.device = true,
                "withdrawn" => known.withdrawn = true,
                _ if known.same_device.is_none() && merge::is_within(row, report, SAME_DEVICE_M)? => {
                    known.same_device = Some(row.try_get("id")?);
                }
                _ => {}
            }
        }
        Ok(known)
    }
}
