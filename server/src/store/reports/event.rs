//! What happens to a report: each event is added to its history, and the report's own row says where the last one left it.

use std::collections::HashMap;

use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::ids::{PhotoHash, ReportId, UnitId};
use waypost_app::domain::report::{Category, ReportState};

use super::open;
use crate::store::{Connection, StoreError};

/// Within so many milliseconds somebody looks at a new report, or at one that is not repaired after all. By the clock and
/// not in working days: whether a report is stored must not hang on a calendar that can be read.
pub(in crate::store) const LOOK_MS: i64 = 24 * 60 * 60 * 1000;

/// When somebody should have looked at what came in at a moment.
pub(in crate::store) fn look_by(at_ms: i64) -> i64 {
    at_ms.saturating_add(LOOK_MS)
}

/// Where a report stands.
#[derive(Clone, Debug)]
pub(in crate::store) struct Current {
    pub(in crate::store) id: ReportId,
    pub(in crate::store) state: ReportState,
    /// The number of its last event.
    pub(in crate::store) version: i64,
    pub(in crate::store) category: Category,
    /// The report that it is followed through: it moves with that one only.
    pub(in crate::store) merged_into: Option<ReportId>,
    pub(in crate::store) unit: Option<UnitId>,
    pub(in crate::store) due_at_ms: Option<i64>,
    /// Strangers see nothing of it, whatever its state.
    pub(in crate::store) taken_down: bool,
    /// Phones have been told of it as open.
    told: bool,
}

impl Current {
    /// `None` if there is no such report.
    ///
    /// # Errors
    /// Those of the database.
    pub(in crate::store) async fn of(conn: &mut Connection, id: ReportId) -> Result<Option<Self>, StoreError> {
        let row = sqlx::query(
            "SELECT state, category, merged_into, unit, due_at_ms, taken_down, open_rev,
               (SELECT MAX(seq) FROM report_events WHERE report = id) AS last
             FROM reports WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let merged_into = row.try_get::<Option<&str>, _>("merged_into")?.map(Uuid::try_parse).transpose();
        Ok(Some(Self {
            id,
            state: ReportState::from_code(row.try_get("state")?).ok_or(StoreError::Unreadable("state of a report"))?,
            version: row.try_get("last")?,
            category: Category::from_code(row.try_get("category")?)
                .ok_or(StoreError::Unreadable("category of a report"))?,
            merged_into: merged_into.map_err(|_| StoreError::Unreadable("id of a report"))?.map(ReportId),
            unit: unit_of(row.try_get("unit")?)?,
            due_at_ms: row.try_get("due_at_ms")?,
            taken_down: row.try_get::<i64, _>("taken_down")? != 0,
            told: row.try_get::<Option<i64>, _>("open_rev")?.is_some(),
        }))
    }
}

pub(in crate::store) fn unit_of(id: Option<&str>) -> Result<Option<UnitId>, StoreError> {
    let read = |id| Uuid::try_parse(id).map(UnitId).map_err(|_| StoreError::Unreadable("id of a unit"));
    id.map(read).transpose()
}

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Event<'a> {
    pub(in crate::store) state: ReportState,
    pub(in crate::store) at_ms: i64,
    /// What is said to the public with it; may be empty.
    pub(in crate::store) note: &'a str,
    /// What is shown with it to whoever sees it.
    pub(in crate::store) photos: &'a [PhotoHash],
    /// What staff say among themselves.
    pub(in crate::store) internal_note: &'a str,
    /// A code, or empty.
    pub(in crate::store) step: &'a str,
    /// `reporter`, `staff` or `link`; empty: not known.
    pub(in crate::store) actor: &'a str,
    pub(in crate::store) staff: Option<&'a str>,
    /// A code, or empty.
    pub(in crate::store) reason: &'a str,
    /// Who becomes responsible by it; or, through a link, whose it is. Nobody is in a state without a unit.
    pub(in crate::store) unit: Option<UnitId>,
    /// Whether strangers see nothing of it from here on; `None`: as before.
    pub(in crate::store) taken_down: Option<bool>,
    /// Made by whoever sent it.
    pub(in crate::store) id: Option<Uuid>,
    /// Whose report it is about, where that may be another than the one it stands with: of what a reporter says their own,
    /// of a separation the one that stands alone again. What is said in it goes with that report.
    pub(in crate::store) said_of: Option<ReportId>,
    /// When the next step is due from here on.
    pub(in crate::store) due_at_ms: Option<i64>,
}

impl Event<'_> {
    /// Of nobody that is known, with nothing said.
    pub(in crate::store) const fn plain(state: ReportState, at_ms: i64, due_at_ms: Option<i64>) -> Self {
        Self {
            state,
            at_ms,
            note: "",
            photos: &[],
            internal_note: "",
            step: "",
            actor: "",
            staff: None,
            reason: "",
            unit: None,
            taken_down: None,
            id: None,
            said_of: None,
            due_at_ms,
        }
    }
}

/// Adds to a report's history, and lets phones hear of it where it is public. Whether the report may move so is for the caller
/// to know.
///
/// # Errors
/// Those of the database.
pub(in crate::store) async fn record(
    conn: &mut Connection,
    from: &Current,
    event: &Event<'_>,
) -> Result<(), StoreError> {
    let moved = event.state != from.state;
    let says = !event.note.is_empty() || !event.photos.is_empty();
    append(conn, from.id, from.version + 1, moved || says, event).await?;
    let unit = if event.state.has_unit() { event.unit.or(from.unit) } else { None };
    let taken_down = event.taken_down.unwrap_or(from.taken_down);
    sqlx::query(
        "UPDATE reports SET state = $1, is_public = $2, unit = $3, due_at_ms = $4, taken_down = $5 WHERE id = $6",
    )
    .bind(event.state.code())
    .bind(i64::from(event.state.is_public() && !taken_down))
    .bind(unit.map(|unit| unit.to_string()))
    .bind(event.due_at_ms)
    .bind(i64::from(taken_down))
    .bind(from.id.to_string())
    .execute(&mut *conn)
    .await?;
    if moved || taken_down != from.taken_down {
        open::tell(conn, from.id, from.told, event.state.is_open() && !taken_down).await?;
    }
    Ok(())
}

async fn append(
    conn: &mut Connection,
    id: ReportId,
    seq: i64,
    is_public: bool,
    event: &Event<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO report_events (report, seq, state, at_ms, note, step, actor, staff, internal_note, reason, unit,
           event_id, is_public, said_of)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(id.to_string())
    .bind(seq)
    .bind(event.state.code())
    .bind(event.at_ms)
    .bind(event.note)
    .bind(event.step)
    .bind(event.actor)
    .bind(event.staff)
    .bind(event.internal_note)
    .bind(event.reason)
    .bind(event.unit.map(|unit| unit.to_string()))
    .bind(event.id.map(|id| id.to_string()))
    .bind(i64::from(is_public))
    .bind(event.said_of.map(|id| id.to_string()))
    .execute(&mut *conn)
    .await?;
    for (position, photo) in (0_i64..).zip(event.photos) {
        sqlx::query("INSERT INTO event_photos (report, seq, position, photo) VALUES ($1, $2, $3, $4)")
            .bind(id.to_string())
            .bind(seq)
            .bind(position)
            .bind(photo.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Which of a report's events strangers may know of, as a condition of SQL on `report_events`: that it came in, and what was
/// done while its state was public. What was said while it was not is between staff and the reporter.
pub(in crate::store) fn for_strangers() -> String {
    let hidden = ReportState::ALL.into_iter().filter(|state| !state.is_public());
    let hidden: Vec<_> = hidden.map(|state| format!("'{}'", state.code())).collect();
    format!(
        "(report_events.is_public = 1 AND (report_events.seq = 0 OR report_events.state NOT IN ({})))",
        hidden.join(", ")
    )
}

/// What the events of a report show, by their number.
///
/// # Errors
/// Those of the database.
pub(in crate::store) async fn photos(
    conn: &mut Connection,
    report: &str,
) -> Result<HashMap<i64, Vec<String>>, StoreError> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT seq, photo FROM event_photos WHERE report = $1 ORDER BY seq, position")
            .bind(report)
            .fetch_all(conn)
            .await?;
    let mut photos: HashMap<i64, Vec<String>> = HashMap::new();
    for (seq, photo) in rows {
        photos.entry(seq).or_default().push(photo);
    }
    Ok(photos)
}

/// Moves a report on, adds to its timeline, and lets phones hear of it where it is public. False, and nothing is changed,
/// if there is no such report, its state may not become `next`, or it is merged into another, which moves for both.
///
/// # Errors
/// Those of the database.
pub async fn advance(
    conn: &mut Connection,
    id: ReportId,
    next: ReportState,
    at_ms: i64,
    note: &str,
) -> Result<bool, StoreError> {
    let Some(from) = Current::of(conn, id).await? else { return Ok(false) };
    if !from.state.may_become(next) || from.merged_into.is_some() {
        return Ok(false);
    }
    let due_at_ms = next.is_open().then(|| from.due_at_ms.unwrap_or(look_by(at_ms)));
    record(conn, &from, &Event { note, ..Event::plain(next, at_ms, due_at_ms) }).await?;
    Ok(true)
}
