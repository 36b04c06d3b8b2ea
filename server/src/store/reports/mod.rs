//! Reports with their photos and their timeline.

mod answer;
mod code;
mod content;
pub(super) mod event;
mod known;
mod merge;
mod open;
mod view;
mod withdraw;

use sqlx::Row;
use waypost_app::domain::ids::{PhotoHash, ReportId};
use waypost_app::domain::report::{ReportContent, ReportState};
use waypost_app::wire::report::Receipt;

use super::database::MaybeNumber;
use super::devices::{self, DeviceId};
use super::{Connection, StoreError, photos};
use crate::clock;
pub use answer::{Answer, Answered, answer};
pub use content::ContentHash;
pub use event::advance;
use known::Known;
pub use open::open;
pub use view::{find, near, of_device};
pub use withdraw::{Withdrawn, forget_withdrawn, withdraw};

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
    /// The id belongs to a report with other content or from another device. Nothing was changed.
    Conflict,
    /// The device has taken this report back. Nothing was stored.
    Withdrawn,
    /// The device has not sent these photos. Nothing was stored.
    UnknownPhotos(Vec<PhotoHash>),
}

/// Stores a report once, however often and however concurrently it is sent. If it says the same as another, it is followed
/// through that one from here on.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut Connection, report: &Submission) -> Result<Inserted, StoreError> {
    let known = Known::of(conn, report).await?;
    if known.withdrawn {
        return Ok(Inserted::Withdrawn);
    }
    let mut unknown = Vec::new();
    for photo in &report.content.photos {
        if !photos::sent_by(conn, photo, &report.device).await? {
            unknown.push(photo.clone());
        }
    }
    if !unknown.is_empty() {
        return Ok(Inserted::UnknownPhotos(unknown));
    }
    if !known.device {
        devices::ensure(conn, &report.device, report.received_at_ms).await?;
    }
    // Nobody else writes meanwhile, so two that say the same of each other cannot both come first.
    let primary = merge::primary(conn, report, known.same_device).await?;
    let mut collisions = 0;
    let code = loop {
        let code = code::random(collisions);
        if insert_row(conn, report, &code, primary.as_deref()).await? {
            break code;
        }
        // Either the id was taken or the code was.
        if let Some(settled) = settled(conn, report).await? {
            return Ok(settled);
        }
        collisions += 1;
    };
    for (position, photo) in report.content.photos.iter().enumerate() {
        sqlx::query("INSERT INTO report_photos (report, position, photo) VALUES ($1, $2, $3)")
            .bind(report.id.to_string())
            .bind(position as i64)
            .bind(photo.as_str())
            .execute(&mut *conn)
            .await?;
    }
    event::first(conn, report.id, report.received_at_ms).await?;
    let receipt = receipt(report.id, code, report.received_at_ms);
    Ok(if primary.is_some() { Inserted::Merged(receipt) } else { Inserted::New(receipt) })
}

/// False if a constraint (the id's or the code's) was in the way.
async fn insert_row(
    conn: &mut Connection,
    report: &Submission,
    code: &str,
    primary: Option<&str>,
) -> Result<bool, StoreError> {
    let content = &report.content;
    let public = content.position.rounded();
    let state = ReportState::Received;
    let done = sqlx::query(
        "INSERT INTO reports (id, code, device, content_sha256, state, is_public, category, description, lat, lng,
           public_lat, public_lng, accuracy_m, captured_at, captured_at_ms, landmark, received_at_ms,
           same_as, merged_into, due_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         ON CONFLICT DO NOTHING",
    )
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
    .bind(primary)
    // What is followed through another waits for nobody.
    .bind(primary.is_none().then(|| event::look_by(report.received_at_ms)))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
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
    let same = row.try_get::<&str, _>("device")? == report.device.as_str()
        && row.try_get::<&str, _>("content_sha256")? == report.content_hash.as_str();
    if same {
        let receipt = receipt(report.id, row.try_get("code")?, row.try_get("received_at_ms")?);
        Ok(Some(Inserted::Again(receipt)))
    } else {
        Ok(Some(Inserted::Conflict))
    }
}

/// Made from what is stored and never changes, so that the same report always gets the same bytes.
fn receipt(id: ReportId, code: String, received_at_ms: i64) -> Receipt {
    Receipt { id, code, state: ReportState::Received, received_at: clock::rfc3339_ms(received_at_ms) }
}
