//! What the reporter says of a repair.

use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::case::{Says, Step};
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::ReportState;

use super::event::{self, Current, Event};
use crate::store::devices::DeviceId;
use crate::store::{Connection, StoreError};

/// An answer on its way in.
#[derive(Clone, Debug)]
pub struct Answer {
    pub report: ReportId,
    pub device: DeviceId,
    /// Made by the phone.
    pub id: Uuid,
    pub says: Says,
    /// For staff only: nobody has looked at it yet.
    pub note: String,
    pub at_ms: i64,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It is written down, now or when it was sent before.
    Done,
    /// There is no such report, or it is another phone's.
    NotYours,
    /// The report is not one that can be answered so (any more).
    NotNow,
    /// The id is that of something else.
    Conflict,
}

/// Writes down an answer once. For a report that is followed through another it is about that one: there is one repair.
///
/// # Errors
/// Those of the database.
pub async fn answer(conn: &mut Connection, answer: &Answer) -> Result<Answered, StoreError> {
    let row = sqlx::query("SELECT device, COALESCE(merged_into, id) AS shown FROM reports WHERE id = $1")
        .bind(answer.report.to_string())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(Answered::NotYours) };
    if row.try_get::<&str, _>("device")? != answer.device.as_str() {
        return Ok(Answered::NotYours);
    }
    let shown = Uuid::try_parse(row.try_get("shown")?).map_err(|_| StoreError::Unreadable("id of a report"))?;
    let shown = ReportId(shown);
    let before =
        sqlx::query("SELECT actor, step FROM report_events WHERE event_id = $2 AND (report = $1 OR said_of = $3)")
            // Said while it was followed through another report, it stands there.
            .bind(shown.to_string())
            .bind(answer.id.to_string())
            .bind(answer.report.to_string())
            .fetch_optional(&mut *conn)
            .await?;
    if let Some(before) = before {
        let same = before.try_get::<&str, _>("actor")? == "reporter"
            && before.try_get::<&str, _>("step")? == answer.says.code();
        return Ok(if same { Answered::Done } else { Answered::Conflict });
    }
    let Some(from) = Current::of(conn, shown).await? else { return Ok(Answered::NotYours) };
    // What is noted, redacted or taken down afterwards has the state of the repair, and does not make it later.
    let fixed_at_ms: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(at_ms) FROM report_events WHERE report = $1 AND state = $2 AND step IN ($3, '')",
    )
    .bind(shown.to_string())
    .bind(ReportState::Fixed.code())
    .bind(Step::Fix.code())
    .fetch_one(&mut *conn)
    .await?;
    let next = fixed_at_ms.and_then(|fixed_at_ms| answer.says.from(from.state, fixed_at_ms, answer.at_ms));
    let Some(next) = next else { return Ok(Answered::NotNow) };
    let due_at_ms = next.is_open().then(|| event::look_by(answer.at_ms));
    let event = Event {
        internal_note: &answer.note,
        step: answer.says.code(),
        actor: "reporter",
        id: Some(answer.id),
        said_of: Some(answer.report),
        ..Event::plain(next, answer.at_ms, due_at_ms)
    };
    event::record(conn, &from, &event).await?;
    Ok(Answered::Done)
}
