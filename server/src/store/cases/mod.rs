//! Reports as staff work on them.

mod counts;
pub mod links;
mod list;
mod redact;
mod similar;
mod step;
mod view;

pub use counts::counts;
pub use list::{Filter, list};
pub use redact::{PhotoInstead, Redaction, forget_originals, original, redact};
pub use similar::similar;
pub use step::{Actor, Change, Ready, Taken, finish, ready, take};
pub use view::{find, photo_is_of, shows};

use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::wire::staff::cases::CaseRow;

use super::reports::event;
use super::{DbRow, StoreError};
use crate::clock::rfc3339_ms;

/// What a [`CaseRow`] is read from.
const COLUMNS: &str = "id, code, state, category, description, landmark, lat, lng, unit, received_at_ms, due_at_ms,
  (SELECT photo FROM report_photos WHERE report = reports.id ORDER BY position LIMIT 1) AS photo,
  (SELECT MAX(seq) FROM report_events WHERE report = reports.id) AS version";

fn row(row: &DbRow, now_ms: i64) -> Result<CaseRow, StoreError> {
    let due_at_ms: Option<i64> = row.try_get("due_at_ms")?;
    Ok(CaseRow {
        id: report_id(row.try_get("id")?)?,
        code: row.try_get("code")?,
        state: state(row.try_get("state")?)?,
        category: Category::from_code(row.try_get("category")?)
            .ok_or(StoreError::Unreadable("category of a report"))?,
        description: row.try_get("description")?,
        landmark: row.try_get("landmark")?,
        lat: row.try_get("lat")?,
        lng: row.try_get("lng")?,
        photo: row.try_get("photo")?,
        unit: event::unit_of(row.try_get("unit")?)?,
        received_at: rfc3339_ms(row.try_get("received_at_ms")?),
        due_at: due_at_ms.map(rfc3339_ms),
        overdue: due_at_ms.is_some_and(|due| due < now_ms),
        version: row.try_get("version")?,
    })
}

fn report_id(text: &str) -> Result<ReportId, StoreError> {
    Uuid::try_parse(text).map(ReportId).map_err(|_| StoreError::Unreadable("id of a report"))
}

fn state(code: &str) -> Result<ReportState, StoreError> {
    ReportState::from_code(code).ok_or(StoreError::Unreadable("state of a report"))
}
