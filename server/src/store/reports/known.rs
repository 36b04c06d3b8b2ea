//! What has to be known before reports are stored, in few questions: each by itself would cost as much as the storing.

use std::collections::HashMap;
use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, Row};
use waypost_app::domain::ids::PhotoHash;
use waypost_app::domain::report::ReportContent;

use super::{Submission, merge, withdraw};
use crate::store::rows::{is_common, keys, padded, padded_len};
use crate::store::{Connection, StoreError, devices, photos};

/// What one phone reports of one category from so near, and says again (see [`says_again`]) …
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
        let mut near = vec![Vec::new(); reports.len()];
        for row in &select.fetch_all(&mut *conn).await? {
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
                        let words = row.try_get("words")?;
                        near[nth].push(Told { at_ms: row.try_get("at")?, id: id.to_owned(), words });
                    }
                }
            }
        }
        Ok((known, told_again(conn, reports, near).await?))
    }
}

/// A report that a phone has told near another of its own, at about the same time.
#[derive(Clone, Debug)]
struct Told {
    at_ms: i64,
    id: String,
    /// As its reporter wrote them.
    words: String,
}

/// For each report the earliest of those told near it that it says again.
async fn told_again(
    conn: &mut Connection,
    reports: &[&Submission],
    near: Vec<Vec<Told>>,
) -> Result<Vec<Option<String>>, StoreError> {
    let photos = photos_of(conn, near.iter().flatten().map(|told| told.id.as_str()).collect()).await?;
    let earliest = |(report, told): (&&Submission, Vec<Told>)| {
        let shown = |told: &Told| photos.get(&told.id).map(Vec::as_slice).unwrap_or_default();
        let again = told.into_iter().filter(|told| says_again(&report.content, &told.words, shown(told)));
        again.min_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id))).map(|told| told.id)
    };
    Ok(reports.iter().zip(near).map(earliest).collect())
}

/// The photos of some reports, those that were sent as well as those that are shown instead.
async fn photos_of(conn: &mut Connection, ids: Vec<&str>) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let mut photos: HashMap<String, Vec<String>> = HashMap::new();
    if ids.is_empty() {
        return Ok(photos);
    }
    let rows = padded_len(ids.len());
    let ids_at = keys(rows, 1, 1);
    let sql = format!(
        "SELECT report, photo FROM report_photos WHERE report IN ({ids_at})
         UNION SELECT report, photo FROM original_photos WHERE report IN ({ids_at})"
    );
    let mut select = sqlx::query_as(AssertSqlSafe(sql)).persistent(is_common(rows));
    for id in padded(&ids) {
        select = select.bind(*id);
    }
    let found: Vec<(String, String)> = select.fetch_all(conn).await?;
    for (report, photo) in found {
        photos.entry(report).or_default().push(photo);
    }
    Ok(photos)
}

/// Whether a report says again what its phone has told in these words and with these photos: in the same words, with a same
/// photo, or where neither says anything and one of them shows nothing. Only near it would not do: two kerbs of one corner are
/// two defects, and each is somebody's to mend.
fn says_again(report: &ReportContent, words: &str, photos: &[String]) -> bool {
    let (own, told) = (folded(&report.description), folded(words));
    let says_the_same = own == told && (!own.is_empty() || report.photos.is_empty() || photos.is_empty());
    says_the_same || report.photos.iter().any(|photo| photos.iter().any(|told| told == photo.as_str()))
}

/// Words without what two ways of typing them differ in.
fn folded(words: &str) -> String {
    words.trim().to_lowercase()
}

/// The question about so many reports, with eight values for each. Every part of it names the keys that it looks up: where it
/// joined a list of them, PostgreSQL would read a table that it has no statistics of yet as a whole.
fn question(rows: usize) -> String {
    let keys = |value| keys(rows, VALUES, value);
    let mut sql = format!(
        "SELECT 'device' AS what, 0 AS nth, token_sha256 AS id, 0.0 AS lat, 0.0 AS lng, last_seen_ms AS at, '' AS words
           FROM devices WHERE token_sha256 IN ({})
         UNION ALL SELECT 'withdrawn', 0, id_device_sha256, 0.0, 0.0, at_ms, ''
           FROM withdrawn WHERE id_device_sha256 IN ({})",
        keys(2),
        keys(3)
    );
    for nth in 0..rows {
        let value = |value| nth * VALUES + value;
        let _ = write!(
            sql,
            " UNION ALL SELECT * FROM (
                SELECT 'same' AS what, {nth} AS nth, id, lat, lng, received_at_ms,
                  COALESCE(original_description, description) AS words FROM reports
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

#[cfg(test)]
mod tests {
    use waypost_app::domain::geo::Wgs84;
    use waypost_app::domain::report::Category;

    use super::*;

    fn photo(number: u8) -> PhotoHash {
        PhotoHash::from_digest(&[number; 32])
    }

    #[test]
    fn only_the_same_words_or_a_same_photo_make_two_reports_one_defect() {
        /// Words, and the numbers of photos.
        type Said = (&'static str, &'static [u8]);
        let cases: [(Said, Said, bool); 12] = [
            (("路缘石断了", &[1]), ("路缘石断了", &[2]), true),
            ((" The Kerb\n", &[]), ("the kerb", &[1]), true),
            (("路缘石断了", &[1]), ("井盖松了", &[2]), false),
            (("路缘石断了", &[]), ("井盖松了", &[]), false),
            (("路缘石断了", &[1, 2]), ("井盖松了", &[2, 3]), true),
            (("路缘石断了", &[1]), ("", &[2]), false),
            (("路缘石断了", &[1]), ("", &[1]), true),
            (("路缘石断了", &[]), ("", &[1]), false),
            (("", &[1]), ("", &[2]), false),
            (("", &[1]), ("", &[]), true),
            ((" ", &[]), ("", &[2]), true),
            (("", &[]), ("", &[]), true),
        ];
        for ((words, photos), (told, shown), again) in cases {
            let report = ReportContent {
                category: Category::Road,
                description: words.to_owned(),
                position: Wgs84 { lat: 30.0, lng: 120.0 },
                accuracy_m: None,
                captured_at: "2026-11-24T08:10:00+08:00".to_owned(),
                landmark: String::new(),
                photos: photos.iter().map(|number| photo(*number)).collect(),
                same_as: None,
            };
            let shown: Vec<_> = shown.iter().map(|number| photo(*number).to_string()).collect();
            assert_eq!(says_again(&report, told, &shown), again, "{words:?} {photos:?} after {told:?} {shown:?}");
        }
    }
}
