//! Storing reports that come in: once each, and many at a time.
//!
//! Each call of the database costs as much as storing a row, so whatever came together is looked up together and stored
//! together.

use std::collections::HashSet;
use std::slice;

use sqlx::{AssertSqlSafe, Row};
use waypost_app::domain::ids::{PhotoHash, ReportId};
use waypost_app::domain::report::{ReportContent, ReportState};
use waypost_app::wire::report::Receipt;

use super::content::ContentHash;
use super::known::Known;
use super::{code, event};
use crate::clock;
use crate::store::database::MaybeNumber;
use crate::store::devices::{self, DeviceId};
use crate::store::rows::{is_common, padded, padded_len, places};
use crate::store::{Connection, StoreError};

/// A checked report on its way in.
#[derive(Clone, Debug)]
pub struct Submission {
    pub id: ReportId,
    pub device: DeviceId,
    pub content: ReportContent,
    /// The content's own `captured_at`, read.
    pub captured_at_ms: i64,
    /// Decides whether a second submission under this id is the same report.
    pub content_hash: ContentHash,
    pub received_at_ms: i64,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Stored now.
    New(Receipt),
    /// The same, and it is followed through another report that says the same.
    Merged(Receipt),
    /// This report from this device was there already; the receipt is the one it got then.
    Again(Receipt),
    /// The id belongs to a report with other content. Nothing was changed.
    Conflict,
    /// This report has come from another device, to which it had been carried over. Nothing was changed.
    FromAnother,
    /// The device has taken this report back. Nothing was stored.
    Withdrawn,
    /// The device has not sent these photos. Nothing was stored.
    UnknownPhotos(Vec<PhotoHash>),
}

/// Divides reports that came together, in their order, into those that may be stored at a time by [`insert_all`]: no two of
/// which could be the same report, or one defect told twice. At most `most` at a time.
pub(in crate::store) fn together<'a>(reports: impl IntoIterator<Item = &'a Submission>, most: usize) -> Vec<usize> {
    let mut runs = Vec::new();
    let (mut run, mut names) = (0, HashSet::new());
    for report in reports {
        let own: HashSet<_> = Name::all_of(report).collect();
        if !names.is_disjoint(&own) {
            runs.push(run);
            run = 0;
            names.clear();
        }
        run += 1;
        names.extend(own);
    }
    runs.push(run);
    runs.into_iter().flat_map(|run| sizes(run, most)).collect()
}

/// Sizes that come to `count`, each a power of two or filled up to one: so the statements that store them are few.
fn sizes(mut count: usize, most: usize) -> Vec<usize> {
    let mut sizes = Vec::new();
    while count > 0 {
        let next = count.min(most.max(1));
        let size = if padded_len(next).is_power_of_two() { next } else { 1 << next.ilog2() };
        sizes.push(size);
        count -= size;
    }
    sizes
}

/// What two reports have in common where one may bear on what becomes of the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Name<'a> {
    Report(ReportId),
    Device(&'a DeviceId),
    Photo(&'a PhotoHash),
}

impl<'a> Name<'a> {
    fn all_of(report: &'a Submission) -> impl Iterator<Item = Self> {
        let named = report.content.same_as.map(Self::Report);
        let photos = report.content.photos.iter().map(Self::Photo);
        [Self::Report(report.id), Self::Device(&report.device)].into_iter().chain(named).chain(photos)
    }
}

/// Stores a report once, however often and however concurrently it is sent. If it says the same as another, it is followed
/// through that one from here on.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut Connection, report: &Submission) -> Result<Inserted, StoreError> {
    let answers = insert_all(conn, slice::from_ref(&report)).await?;
    answers.into_iter().next().ok_or(StoreError::Unreadable("answer to a report"))
}

/// The same for several that have nothing to do with each other (see [`together`]); the answers are in their order.
///
/// # Errors
/// Those of the database; then none is stored.
pub(in crate::store) async fn insert_all(
    conn: &mut Connection,
    reports: &[&Submission],
) -> Result<Vec<Inserted>, StoreError> {
    let mut answers = Vec::with_capacity(reports.len());
    let (mut fresh, mut unseen) = (Vec::new(), Vec::new());
    for (at, (report, known)) in reports.iter().copied().zip(Known::of(conn, reports).await?).enumerate() {
        if known.withdrawn {
            answers.push(Some(Inserted::Withdrawn));
        } else if !known.unsent.is_empty() {
            // What was received is received, also where what it showed is forgotten since.
            let before = settled(conn, report).await?;
            answers.push(Some(before.unwrap_or(Inserted::UnknownPhotos(known.unsent))));
        } else {
            answers.push(None);
            if !known.device {
                unseen.push((&report.device, report.received_at_ms));
            }
            fresh.push(Fresh { at, report, code: String::new(), primary: known.primary });
        }
    }
    devices::ensure_all(conn, &unseen).await?;
    let stored = insert_rows(conn, fresh, &mut answers).await?;
    insert_photos(conn, &stored).await?;
    insert_events(conn, &stored).await?;
    for Fresh { at, report, code, primary } in stored {
        let receipt = receipt(report.id, code, report.received_at_ms);
        let answer = if primary.is_some() { Inserted::Merged(receipt) } else { Inserted::New(receipt) };
        if let Some(place) = answers.get_mut(at) {
            *place = Some(answer);
        }
    }
    answers.into_iter().map(|answer| answer.ok_or(StoreError::Unreadable("answer to a report"))).collect()
}

/// A report that nothing stands against.
struct Fresh<'a> {
    /// Which of those that came together.
    at: usize,
    report: &'a Submission,
    code: String,
    /// The one it is followed through.
    primary: Option<String>,
}

/// Gives those that are stored now. To those that were there already it writes the answer.
async fn insert_rows<'a>(
    conn: &mut Connection,
    mut fresh: Vec<Fresh<'a>>,
    answers: &mut [Option<Inserted>],
) -> Result<Vec<Fresh<'a>>, StoreError> {
    let mut stored = Vec::with_capacity(fresh.len());
    let mut collisions = 0;
    while !fresh.is_empty() {
        for one in &mut fresh {
            one.code = code::random(collisions);
        }
        let taken = try_rows(conn, &fresh).await?;
        let (done, refused): (Vec<_>, Vec<_>) =
            fresh.into_iter().partition(|one| taken.contains(&one.report.id.to_string()));
        stored.extend(done);
        fresh = Vec::new();
        for one in refused {
            // Either the id was taken or the code was.
            match settled(conn, one.report).await? {
                Some(answer) => answers[one.at] = Some(answer),
                None => fresh.push(one),
            }
        }
        collisions += 1;
    }
    Ok(stored)
}

/// The ids of those for which no constraint (the id's or the code's) was in the way.
async fn try_rows(conn: &mut Connection, fresh: &[Fresh<'_>]) -> Result<HashSet<String>, StoreError> {
    let state = ReportState::Received;
    let rows = padded_len(fresh.len());
    let sql = format!(
        "INSERT INTO reports (id, code, device, content_sha256, state, is_public, category, description, lat, lng,
           public_lat, public_lng, accuracy_m, captured_at, captured_at_ms, landmark, received_at_ms,
           same_as, merged_into, due_at_ms)
         VALUES {} ON CONFLICT DO NOTHING RETURNING id",
        places(rows, 20)
    );
    let mut insert = sqlx::query_scalar(AssertSqlSafe(sql)).persistent(is_common(rows));
    for Fresh { report, code, primary, .. } in padded(fresh) {
        let content = &report.content;
        let public = content.position.rounded();
        insert = insert
            .bind(report.id.to_string())
            .bind(code)
            .bind(report.device.as_str())
            .bind(report.content_hash.as_str())
            .bind(state.code())
            .bind(i64::from(state.is_public()))
            .bind(content.category.code())
            .bind(&content.description)
            .bind(content.position.lat)
            .bind(content.position.lng)
            .bind(public.lat)
            .bind(public.lng)
            .bind(MaybeNumber(content.accuracy_m))
            .bind(&content.captured_at)
            .bind(report.captured_at_ms)
            .bind(&content.landmark)
            .bind(report.received_at_ms)
            .bind(content.same_as.map(|id| id.to_string()))
            .bind(primary.as_deref())
            // What is followed through another waits for nobody.
            .bind(primary.is_none().then(|| event::look_by(report.received_at_ms)));
    }
    Ok(insert.fetch_all(conn).await?.into_iter().collect())
}

async fn insert_photos(conn: &mut Connection, stored: &[Fresh<'_>]) -> Result<(), StoreError> {
    let rows = stored.iter().map(|one| one.report.content.photos.len()).sum();
    if rows == 0 {
        return Ok(());
    }
    let sql = format!("INSERT INTO report_photos (report, position, photo) VALUES {}", places(rows, 3));
    let mut insert = sqlx::query(AssertSqlSafe(sql)).persistent(is_common(rows));
    for Fresh { report, .. } in stored {
        for (position, photo) in report.content.photos.iter().enumerate() {
            insert = insert.bind(report.id.to_string()).bind(position as i64).bind(photo.as_str());
        }
    }
    insert.execute(conn).await?;
    Ok(())
}

/// The first event of each.
async fn insert_events(conn: &mut Connection, stored: &[Fresh<'_>]) -> Result<(), StoreError> {
    if stored.is_empty() {
        return Ok(());
    }
    let rows = padded_len(stored.len());
    let places = places(rows, 6);
    let sql = format!(
        "INSERT INTO report_events (report, seq, state, at_ms, note, actor) VALUES {places} ON CONFLICT DO NOTHING"
    );
    let mut insert = sqlx::query(AssertSqlSafe(sql)).persistent(is_common(rows));
    for Fresh { report, .. } in padded(stored) {
        let state = ReportState::Received.code();
        insert = insert
            .bind(report.id.to_string())
            .bind(0_i64)
            .bind(state)
            .bind(report.received_at_ms)
            .bind("")
            .bind("reporter");
    }
    insert.execute(conn).await?;
    Ok(())
}

/// What the report already stored under this id means for the submission; `None` if there is none.
///
/// # Errors
/// Those of the database.
pub async fn settled(conn: &mut Connection, report: &Submission) -> Result<Option<Inserted>, StoreError> {
    let row = sqlx::query("SELECT code, device, content_sha256, received_at_ms FROM reports WHERE id = $1")
        .bind(report.id.to_string())
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    if row.try_get::<&str, _>("content_sha256")? != report.content_hash.as_str() {
        return Ok(Some(Inserted::Conflict));
    }
    if row.try_get::<&str, _>("device")? != report.device.as_str() {
        return Ok(Some(Inserted::FromAnother));
    }
    Ok(Some(Inserted::Again(receipt(report.id, row.try_get("code")?, row.try_get("received_at_ms")?))))
}

/// Made from what is stored and never changes, so that the same report always gets the same bytes.
fn receipt(id: ReportId, code: String, received_at_ms: i64) -> Receipt {
    Receipt { id, code, state: ReportState::Received, received_at: clock::rfc3339_ms(received_at_ms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_together_is_stored_in_few_sizes() {
        assert_eq!(sizes(0, 16), Vec::<usize>::new());
        assert_eq!(sizes(1, 16), [1]);
        assert_eq!(sizes(26, 16), [16, 8, 2]);
        assert_eq!(sizes(31, 16), [16, 15]);
        assert_eq!(sizes(40, 16), [16, 16, 8]);
        assert_eq!(sizes(40, 32), [32, 8]);
    }
}
