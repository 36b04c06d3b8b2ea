//! Reports as their reporter, staff and strangers see them.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::{ReportId, UnitId};
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::wire::report::{MergedInto, ReportView, TimelineEntry};

use super::event;
use crate::clock::rfc3339_ms;
use crate::store::devices::DeviceId;
use crate::store::{Connection, DbRow, Store, StoreError};

/// Length of a degree of latitude, in metres.
const DEGREE_M: f64 = 111_195.0;

/// Whoever asks for a report; a stranger by default.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    pub device: Option<DeviceId>,
    pub staff: Option<Sight>,
}

/// What somebody of the staff sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    District,
    /// Only what this unit has.
    Unit(UnitId),
}

/// How a report is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    Reporter,
    Staff,
    Stranger,
}

impl Viewer {
    /// `None`: not at all.
    fn sees(&self, row: &DbRow) -> Result<Option<As>, StoreError> {
        let device: &str = row.try_get("device")?;
        if self.device.as_ref().is_some_and(|own| own.as_str() == device) {
            return Ok(Some(As::Reporter));
        }
        let given_to = event::unit_of(row.try_get("unit")?)?;
        match self.staff {
            Some(Sight::District) => return Ok(Some(As::Staff)),
            Some(Sight::Unit(own)) if given_to == Some(own) => return Ok(Some(As::Staff)),
            Some(Sight::Unit(_)) | None => {}
        }
        Ok((row.try_get::<i64, _>("is_public")? != 0).then_some(As::Stranger))
    }
}

/// A report as `viewer` may see it: whole for its reporter, and for staff with what is shown instead where it was redacted;
/// without what could give the reporter away for anybody else, and only while its state is public.
///
/// # Errors
/// Those of the database.
pub async fn find(store: &Store, id: ReportId, viewer: &Viewer) -> Result<Option<ReportView>, StoreError> {
    // So that the state and the timeline are of the same moment.
    let mut conn = store.moment().await?;
    let row =
        sqlx::query("SELECT * FROM reports WHERE id = $1").bind(id.to_string()).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let Some(seen_as) = viewer.sees(&row)? else { return Ok(None) };
    Ok(Some(view(&mut conn, &row, seen_as).await?))
}

/// Every report of a device, newest first.
///
/// # Errors
/// Those of the database.
pub async fn of_device(conn: &mut Connection, device: &DeviceId) -> Result<Vec<ReportView>, StoreError> {
    let rows = sqlx::query("SELECT * FROM reports WHERE device = $1 ORDER BY received_at_ms DESC, id DESC")
        .bind(device.as_str())
        .fetch_all(&mut *conn)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(view(conn, row, As::Reporter).await?);
    }
    Ok(found)
}

/// Public reports within a radius, nearest first, at most `limit`. Works on rounded positions only: with exact ones,
/// asking with many small circles would find out where somebody stood.
///
/// # Errors
/// Those of the database.
pub async fn near(store: &Store, centre: Wgs84, radius_m: f64, limit: u32) -> Result<Vec<ReportView>, StoreError> {
    let d_lat = radius_m / DEGREE_M;
    // A degree of longitude is shortest at the edge nearest the pole.
    let shrink = (centre.lat.abs() + d_lat).min(90.0).to_radians().cos();
    let d_lng = d_lat / shrink.max(1e-6);
    let wraps = centre.lng.abs() + d_lng > 180.0;
    let d_lng = if wraps { 360.0 } else { d_lng };

    let mut conn = store.moment().await?;
    let rows = sqlx::query(
        "SELECT * FROM reports
         WHERE is_public = 1 AND public_lat BETWEEN $1 - $3 AND $1 + $3 AND public_lng BETWEEN $2 - $4 AND $2 + $4
         ORDER BY (public_lat - $1) * (public_lat - $1) + (public_lng - $2) * (public_lng - $2) * $5
         LIMIT $6",
    )
    .bind(centre.lat)
    .bind(centre.lng)
    .bind(d_lat)
    .bind(d_lng)
    .bind(centre.lat.to_radians().cos().powi(2))
    .bind(i64::from(limit))
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let place = Wgs84 { lat: row.try_get("public_lat")?, lng: row.try_get("public_lng")? };
        let distance = centre.distance_m(place);
        if distance <= radius_m {
            found.push((distance, view(&mut conn, row, As::Stranger).await?));
        }
    }
    found.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    Ok(found.into_iter().map(|(_, report)| report).collect())
}

async fn view(conn: &mut Connection, row: &DbRow, seen_as: As) -> Result<ReportView, StoreError> {
    let id: &str = row.try_get("id")?;
    let (own, whole) = (seen_as == As::Reporter, seen_as != As::Stranger);
    // Where something else is shown instead, its reporter still sees what they sent.
    let redacted = row.try_get::<Option<i64>, _>("redacted_at_ms")?.is_some();
    let photos = if own && redacted {
        "SELECT photo FROM original_photos WHERE report = $1 ORDER BY position"
    } else {
        "SELECT photo FROM report_photos WHERE report = $1 ORDER BY position"
    };
    let photos = sqlx::query_scalar(photos).bind(id).fetch_all(&mut *conn).await?;
    let written: Option<String> = if own { row.try_get("original_description")? } else { None };
    // What is merged does not move by itself: its reporter sees what becomes of the one that everybody sees.
    let primary = match row.try_get::<Option<&str>, _>("merged_into")? {
        Some(primary) => Some(
            sqlx::query("SELECT id, code, state FROM reports WHERE id = $1")
                .bind(primary)
                .fetch_one(&mut *conn)
                .await?,
        ),
        None => None,
    };
    let shown = primary.as_ref().unwrap_or(row);
    let merged_into = primary
        .as_ref()
        .map(|primary| Ok::<_, StoreError>(MergedInto { id: report_id(primary)?, code: primary.try_get("code")? }));
    let shown_id: &str = shown.try_get("id")?;
    let mut told = timeline(conn, shown_id, whole).await?;
    if whole && primary.is_some() {
        add_said(&mut told, timeline(conn, id, true).await?);
    }
    let (lat, lng) = if whole { ("lat", "lng") } else { ("public_lat", "public_lng") };
    Ok(ReportView {
        id: report_id(row)?,
        code: row.try_get("code")?,
        state: state(shown)?,
        category: Category::from_code(row.try_get("category")?)
            .ok_or(StoreError::Unreadable("category of a report"))?,
        description: match written {
            Some(written) => written,
            None => row.try_get("description")?,
        },
        lat: row.try_get(lat)?,
        lng: row.try_get(lng)?,
        accuracy_m: if whole { row.try_get("accuracy_m")? } else { None },
        captured_at: Some(row.try_get("captured_at")?),
        landmark: if whole { row.try_get("landmark")? } else { String::new() },
        photos,
        received_at: rfc3339_ms(row.try_get("received_at_ms")?),
        timeline: told.into_iter().map(|(_, entry)| entry).collect(),
        merged_into: merged_into.transpose()?,
    })
}

fn report_id(row: &DbRow) -> Result<ReportId, StoreError> {
    Uuid::try_parse(row.try_get("id")?).map(ReportId).map_err(|_| StoreError::Unreadable("id of a report"))
}

/// What happened to a report, each with when: all that its reporter sees, or what strangers may know.
async fn timeline(conn: &mut Connection, id: &str, whole: bool) -> Result<Vec<(i64, TimelineEntry)>, StoreError> {
    let which = if whole { "is_public = 1".to_owned() } else { event::for_strangers() };
    let sql = format!("SELECT seq, state, at_ms, note FROM report_events WHERE report = $1 AND {which} ORDER BY seq");
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_all(&mut *conn).await?;
    let mut photos = event::photos(conn, id).await?;
    rows.iter().map(|row| Ok((row.try_get("at_ms")?, entry(row, &mut photos)?))).collect()
}

fn entry(row: &DbRow, photos: &mut HashMap<i64, Vec<String>>) -> Result<TimelineEntry, StoreError> {
    Ok(TimelineEntry {
        state: state(row)?,
        at: rfc3339_ms(row.try_get("at_ms")?),
        note: row.try_get("note")?,
        photos: photos.remove(&row.try_get("seq")?).unwrap_or_default(),
    })
}

/// Adds what was said of a merged report itself to what happened to the one that it is followed through, in order of time. It
/// moves nothing: the state is that of the moment.
fn add_said(told: &mut Vec<(i64, TimelineEntry)>, own: Vec<(i64, TimelineEntry)>) {
    let said = own.into_iter().filter(|(_, entry)| !entry.note.is_empty() || !entry.photos.is_empty());
    for (at_ms, mut entry) in said {
        let before = told.iter().rposition(|(at, _)| *at <= at_ms);
        if let Some((_, before)) = before.and_then(|before| told.get(before)) {
            entry.state = before.state;
        }
        told.insert(before.map_or(0, |before| before + 1), (at_ms, entry));
    }
}

fn state(row: &DbRow) -> Result<ReportState, StoreError> {
    ReportState::from_code(row.try_get("state")?).ok_or(StoreError::Unreadable("state of a report"))
}
