//! Showing other words than a reporter's, and other pictures than theirs or those of the repair. What is shown takes the place of what was sent, so that whoever
//! reads a report reads that; what was sent is kept apart for a time, so that a mistake can be mended, and is never shown to
//! strangers again.

use sqlx::Row;
use waypost_app::domain::ids::{PhotoHash, ReportId};

use super::step::{self, Actor, Change, Taken};
use crate::store::devices::DeviceId;
use crate::store::photos::{self, Files, Sent};
use crate::store::{Connection, StoreError};

/// Most reports of which the originals are forgotten in one change, so that nobody else waits for long.
const AT_ONCE: i64 = 200;

/// What is shown from here on.
#[derive(Clone, Debug)]
pub struct Redaction {
    /// The step as part of the case's history.
    pub change: Change,
    /// In place of the reporter's words; `None`: as before.
    pub description: Option<String>,
    pub photos: Vec<PhotoInstead>,
}

/// What is shown instead of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoInstead {
    /// One that the case or an event of it shows, or one that its reporter sent.
    pub photo: PhotoHash,
    /// `None`: nothing.
    pub instead: Option<PhotoHash>,
}

/// Where a photo of a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place<'a> {
    /// In its place among those of the report.
    Report(i64),
    /// Only with events, wherever they show it.
    Events(&'a PhotoHash),
}

/// Redacts, if nobody else was faster.
///
/// # Errors
/// Those of the database.
pub async fn redact(conn: &mut Connection, redaction: &Redaction) -> Result<Taken, StoreError> {
    let Redaction { change, description, photos } = redaction;
    let ready = match step::ready(conn, change).await? {
        Ok(ready) => ready,
        Err(taken) => return Ok(taken),
    };
    let mut places = Vec::with_capacity(photos.len());
    for (nth, one) in photos.iter().enumerate() {
        if one.instead.is_some() && photos.iter().take(nth).any(|other| other.instead == one.instead) {
            return Ok(Taken::Field("photos", "would show a photo twice"));
        }
        match place_of(conn, change, one).await? {
            Ok(place) if !places.contains(&place) => places.push(place),
            Ok(_) => return Ok(Taken::Field("photos", "names a photo twice")),
            Err(message) => return Ok(Taken::Field("photos", message)),
        }
    }
    let case = change.case.to_string();
    if description.is_some() || places.iter().any(|place| matches!(place, Place::Report(_))) {
        keep_original(conn, &case, change.at_ms).await?;
    }
    // All of them first, and what staff have sent goes like any other picture of theirs once nothing names it any more.
    for (place, one) in places.iter().zip(photos) {
        let shown = match place {
            Place::Report(position) => {
                let gone = "DELETE FROM report_photos WHERE report = $1 AND position = $2 RETURNING photo";
                let gone: Option<String> =
                    sqlx::query_scalar(gone).bind(&case).bind(position).fetch_optional(&mut *conn).await?;
                gone.map(|gone| PhotoHash::parse(&gone))
                    .transpose()
                    .map_err(|_| StoreError::Unreadable("photo hash"))?
            }
            Place::Events(photo) => Some((*photo).clone()),
        };
        replace_in_events(conn, &case, one).await?;
        let Some(shown) = shown else { continue };
        let original = sqlx::query("SELECT 1 FROM original_photos WHERE photo = $1 LIMIT 1")
            .bind(shown.as_str())
            .fetch_optional(&mut *conn)
            .await?;
        if let (None, Actor::Staff(by)) = (original, change.by) {
            let sent = Sent { at_ms: change.at_ms, bytes: 0 };
            photos::link(conn, &shown, &DeviceId::of_staff(by), sent).await?;
        }
    }
    for (place, one) in places.iter().zip(photos) {
        let (Place::Report(position), Some(instead)) = (place, &one.instead) else { continue };
        sqlx::query("INSERT INTO report_photos (report, position, photo) VALUES ($1, $2, $3)")
            .bind(&case)
            .bind(position)
            .bind(instead.as_str())
            .execute(&mut *conn)
            .await?;
    }
    mark_replaced(conn, &case).await?;
    if let Some(description) = description {
        sqlx::query(
            "UPDATE reports SET original_description = COALESCE(original_description, description), description = $1
             WHERE id = $2",
        )
        .bind(description)
        .bind(&case)
        .execute(&mut *conn)
        .await?;
    }
    step::finish(conn, change, ready).await?;
    Ok(Taken::Done)
}

/// What the reporter sent is kept once, whole.
async fn keep_original(conn: &mut Connection, case: &str, at_ms: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO original_photos (report, position, photo)
         SELECT report, position, photo FROM report_photos
         WHERE report = $1 AND EXISTS (SELECT 1 FROM reports WHERE id = $1 AND redacted_at_ms IS NULL)",
    )
    .bind(case)
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE reports SET redacted_at_ms = $1 WHERE id = $2").bind(at_ms).bind(case).execute(conn).await?;
    Ok(())
}

/// Marks what a case does not show any more of what was sent: for good, because the same picture may be that of another report,
/// and what was sent is forgotten after a time.
async fn mark_replaced(conn: &mut Connection, case: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE photos SET replaced = 1 WHERE sha256 IN (SELECT photo FROM original_photos WHERE report = $1)
           AND sha256 NOT IN (SELECT photo FROM report_photos WHERE report = $1)",
    )
    .bind(case)
    .execute(conn)
    .await?;
    Ok(())
}

/// The events of a case show something else than a photo, or one photo less.
async fn replace_in_events(conn: &mut Connection, case: &str, one: &PhotoInstead) -> Result<(), StoreError> {
    match &one.instead {
        Some(instead) => {
            sqlx::query("UPDATE event_photos SET photo = $3 WHERE report = $1 AND photo = $2")
                .bind(case)
                .bind(one.photo.as_str())
                .bind(instead.as_str())
                .execute(conn)
                .await?
        }
        None => {
            sqlx::query("DELETE FROM event_photos WHERE report = $1 AND photo = $2")
                .bind(case)
                .bind(one.photo.as_str())
                .execute(conn)
                .await?
        }
    };
    Ok(())
}

/// Where the photo stands that is replaced, or why it is not.
async fn place_of<'a>(
    conn: &mut Connection,
    change: &Change,
    one: &'a PhotoInstead,
) -> Result<Result<Place<'a>, &'static str>, StoreError> {
    let case = change.case.to_string();
    let place: Option<i64> = sqlx::query_scalar(
        "SELECT position FROM report_photos WHERE report = $1 AND photo = $2
         UNION ALL SELECT position FROM original_photos WHERE report = $1 AND photo = $2 LIMIT 1",
    )
    .bind(&case)
    .bind(one.photo.as_str())
    .fetch_optional(&mut *conn)
    .await?;
    let place = match place {
        Some(position) => Place::Report(position),
        None if is_in_events(conn, &case, &one.photo).await? => Place::Events(&one.photo),
        None => return Ok(Err("names a photo that the case does not have")),
    };
    let Some(instead) = &one.instead else { return Ok(Ok(place)) };
    let there = sqlx::query(
        "SELECT 1 FROM report_photos WHERE report = $1 AND photo = $2
         UNION ALL SELECT 1 FROM original_photos WHERE report = $1 AND photo = $2 LIMIT 1",
    )
    .bind(&case)
    .bind(instead.as_str())
    .fetch_optional(&mut *conn)
    .await?;
    if there.is_some() || is_in_events(conn, &case, instead).await? {
        return Ok(Err("would show a photo that the case has already"));
    }
    let sent = match change.by {
        Actor::Staff(id) => photos::sent_by(conn, instead, &DeviceId::of_staff(id)).await?,
        Actor::Link(_) => false,
    };
    Ok(if sent { Ok(place) } else { Err("would show a photo that you have not sent yet") })
}

async fn is_in_events(conn: &mut Connection, case: &str, photo: &PhotoHash) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM event_photos WHERE report = $1 AND photo = $2 LIMIT 1")
        .bind(case)
        .bind(photo.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// What the reporter of a case sent, where something else is shown instead: the words, the photos, and since when.
///
/// # Errors
/// Those of the database.
pub async fn original(conn: &mut Connection, case: ReportId) -> Result<Option<(String, Vec<String>, i64)>, StoreError> {
    let row = sqlx::query(
        "SELECT COALESCE(original_description, description) AS description, redacted_at_ms FROM reports
         WHERE id = $1 AND redacted_at_ms IS NOT NULL",
    )
    .bind(case.to_string())
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let photos = sqlx::query_scalar("SELECT photo FROM original_photos WHERE report = $1 ORDER BY position")
        .bind(case.to_string())
        .fetch_all(conn)
        .await?;
    Ok(Some((row.try_get("description")?, photos, row.try_get("redacted_at_ms")?)))
}

/// Forgets what some reporters sent that was replaced before a moment: what is shown stands in its place from here on. How
/// many, and the files that may go.
///
/// # Errors
/// Those of the database.
pub async fn forget_originals(
    conn: &mut Connection,
    before_ms: i64,
    now_ms: i64,
) -> Result<(usize, Files), StoreError> {
    let due: Vec<(String, String)> =
        sqlx::query_as("SELECT id, device FROM reports WHERE redacted_at_ms < $1 ORDER BY redacted_at_ms LIMIT $2")
            .bind(before_ms)
            .bind(AT_ONCE)
            .fetch_all(&mut *conn)
            .await?;
    let mut files = Files::default();
    for (report, device) in &due {
        let sent: Vec<String> = sqlx::query_scalar("SELECT photo FROM original_photos WHERE report = $1")
            .bind(report)
            .fetch_all(&mut *conn)
            .await?;
        for change in [
            // The hash of what was sent stays, so that the same report sent once more is still known as the same.
            "UPDATE reports SET original_description = NULL, redacted_at_ms = NULL WHERE id = $1",
            "DELETE FROM original_photos WHERE report = $1",
        ] {
            sqlx::query(change).bind(report).execute(&mut *conn).await?;
        }
        for photo in sent {
            files.extend(photos::unsend(conn, &photo, device, now_ms).await?);
        }
    }
    Ok((due.len(), files))
}
