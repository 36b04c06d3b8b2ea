//! What has to be known before reports are stored, in few questions: each by itself would cost as much as the storing.

use sqlx::{AssertSqlSafe, Row};
use waypost_app::domain::ids::PhotoHash;

use super::{Submission, merge, withdraw};
use crate::store::rows::{is_common, padded, padded_len, places};
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
        // The joins say which table comes first: SQLite may otherwise begin with every device there is.
        let rows = padded_len(reports.len());
        let places = places(rows, 10);
        let sql = format!(
            "WITH sent (nth, id, device, due_ms, taken_back, category, since_ms, until_ms, south, north) AS (VALUES {places})
             SELECT 'device' AS what, sent.nth AS nth, '' AS id, 0.0 AS lat, 0.0 AS lng, 0 AS place
               FROM sent CROSS JOIN devices WHERE token_sha256 = sent.device AND last_seen_ms > sent.due_ms
             UNION ALL SELECT 'withdrawn', sent.nth, '', 0.0, 0.0, 0
               FROM sent CROSS JOIN withdrawn WHERE id_device_sha256 = sent.taken_back
             UNION ALL SELECT 'same', told.nth, told.id, told.lat, told.lng, told.place FROM (
               SELECT sent.nth, other.id, other.lat, other.lng,
                      ROW_NUMBER() OVER (PARTITION BY sent.nth ORDER BY other.received_at_ms, other.id) AS place
               FROM sent CROSS JOIN reports AS other
               WHERE other.device = sent.device AND other.merged_into IS NULL
                 AND other.captured_at_ms BETWEEN sent.since_ms AND sent.until_ms AND other.category = sent.category
                 AND other.lat BETWEEN sent.south AND sent.north
                 AND other.id <> sent.id AND other.state NOT IN ('declined', 'fixed', 'confirmed')
             ) AS told WHERE told.place <= {MOST_COMPARED}
             ORDER BY place"
        );
        let mut select = sqlx::query(AssertSqlSafe(sql)).persistent(is_common(rows));
        for (nth, report) in padded(reports).enumerate() {
            select = select
                .bind(nth.min(reports.len() - 1) as i64)
                .bind(report.id.to_string())
                .bind(report.device.as_str())
                .bind(devices::due_before(report.received_at_ms))
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
            let nth = row.try_get::<i64, _>("nth")? as usize;
            match row.try_get("what")? {
                "device" => known[nth].device = true,
                "withdrawn" => known[nth].withdrawn = true,
                _ if same_device[nth].is_none() && merge::is_within(row, reports[nth], SAME_DEVICE_M)? => {
                    same_device[nth] = Some(row.try_get("id")?);
                }
                _ => {}
            }
        }
        Ok((known, same_device))
    }
}
