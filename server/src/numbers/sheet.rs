//! The reports of a period as a sheet: one row each, with everything that staff know of it.

use std::collections::HashMap;

use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::ids::{ReportId, UnitId};
use waypost_app::domain::report::ReportState;
use waypost_app::wire::staff::cases::{By, CaseEvent, CaseView};

use super::Span;
use crate::spreadsheet::harmless;
use crate::store::numbers::ids;
use crate::store::{Connection, StoreError, cases, units};

/// Most reports of one sheet: what a spreadsheet still opens, and what is read within the time of a request.
const MOST: u32 = 10_000;

/// A sheet, or too much for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sheet {
    Csv(String),
    /// More than this many reports.
    TooMany(u32),
}

const HEAD: [&str; 25] = [
    "code",
    "id",
    "state",
    "category",
    "description",
    "landmark",
    "lat",
    "lng",
    "accuracy_m",
    "captured_at",
    "received_at",
    "photos",
    "unit",
    "due_at",
    "overdue",
    "accepted_at",
    "assigned_at",
    "fixed_at",
    "confirmed_at",
    "declined_at",
    "declined_reason",
    "merged_into",
    "last_public_note",
    "internal_notes",
    "events",
];

/// The reports that came in on these days, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn sheet(conn: &mut Connection, span: Span, now_ms: i64) -> Result<Sheet, StoreError> {
    let found = ids(conn, span.period(), MOST.saturating_add(1)).await?;
    if found.len() > MOST as usize {
        return Ok(Sheet::TooMany(MOST));
    }
    let named: HashMap<UnitId, String> = units::all(conn).await?.into_iter().map(|unit| (unit.id, unit.name)).collect();
    // Spreadsheets take a file without this mark for one in their country's old letters.
    let mut text = String::from("\u{feff}");
    text.push_str(&HEAD.join(","));
    text.push_str("\r\n");
    for id in found {
        // One that its reporter has taken back meanwhile is gone.
        if let Some(case) = cases::find(conn, id, now_ms).await? {
            line(&row(&case, &named), &mut text);
        }
    }
    Ok(Sheet::Csv(text))
}

fn row(case: &CaseView, named: &HashMap<UnitId, String>) -> [Cell; 25] {
    let CaseView { row, accuracy_m, captured_at, photos, merged_into, events, .. } = case;
    let first = |state: ReportState| events.iter().find(|event| event.state == state && event.step != Some(Step::Note));
    let at = |event: Option<&CaseEvent>| Cell::text(event.map(|event| event.at.as_str()).unwrap_or_default());
    // The last repair: the one that counts. What was confirmed before it was another one.
    let repaired = events
        .iter()
        .rposition(|event| event.state == ReportState::Fixed && matches!(event.step, Some(Step::Fix) | None));
    let since = repaired.and_then(|nth| events.get(nth..)).unwrap_or_default();
    let confirmed = since.iter().find(|event| event.state == ReportState::Confirmed && event.step != Some(Step::Note));
    // What was taken on after all is not declined.
    let declined = events.iter().rev().find(|event| event.reason.is_some());
    let declined = declined.filter(|_| row.state == ReportState::Declined);
    let public = events.iter().rev().find(|event| !event.note_public.is_empty());
    let internal = events.iter().filter(|event| !event.note_internal.is_empty()).map(|event| {
        let who = match &event.by {
            By::Staff { name, .. } => name.as_str(),
            By::Link { unit } => named.get(unit).map_or("", String::as_str),
            By::Reporter | By::Unknown => "",
        };
        format!("{} {who}: {}", event.at, event.note_internal)
    });
    let id: &ReportId = &row.id;
    [
        Cell::text(&row.code),
        Cell::text(&id.to_string()),
        Cell::text(row.state.code()),
        Cell::text(row.category.code()),
        Cell::text(&row.description),
        Cell::text(&row.landmark),
        Cell::number(Some(row.lat)),
        Cell::number(Some(row.lng)),
        Cell::number(*accuracy_m),
        Cell::text(captured_at),
        Cell::text(&row.received_at),
        Cell::whole(photos.len()),
        Cell::text(row.unit.and_then(|unit| named.get(&unit)).map_or("", String::as_str)),
        Cell::text(row.due_at.as_deref().unwrap_or_default()),
        Cell::text(if row.overdue { "true" } else { "false" }),
        at(first(ReportState::Accepted)),
        at(first(ReportState::Assigned)),
        at(since.first()),
        at(confirmed),
        at(declined),
        Cell::text(declined.and_then(|event| event.reason).map_or("", DeclineReason::code)),
        Cell::text(merged_into.as_ref().map_or("", |into| into.code.as_str())),
        Cell::text(public.map_or("", |event| event.note_public.as_str())),
        Cell::text(&internal.collect::<Vec<_>>().join("\n")),
        Cell::whole(events.len()),
    ]
}

/// What stands in one cell, as it is written.
struct Cell(String);

impl Cell {
    /// A text that a spreadsheet takes for one.
    fn text(text: &str) -> Self {
        Self(harmless(text).into_owned())
    }

    /// A number, also a negative one.
    fn number(number: Option<f64>) -> Self {
        Self(number.map(|number| number.to_string()).unwrap_or_default())
    }

    fn whole(number: usize) -> Self {
        Self(number.to_string())
    }
}

/// Adds a line (RFC 4180).
fn line(cells: &[Cell], text: &mut String) {
    for (at, Cell(cell)) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        if cell.contains([',', '"', '\r', '\n', '\'']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_a_text_and_a_number_stays_one() {
        assert_eq!(Cell::text("-30.25").0, "'-30.25");
        assert_eq!(Cell::number(Some(-30.25)).0, "-30.25");
    }

    proptest! {
        #[test]
        fn every_text_is_one_cell_and_read_back_by_another_reader(texts in prop::collection::vec(any::<String>(), 1..6)) {
            let mut text = String::new();
            let cells: Vec<Cell> = texts.iter().map(|text| Cell::text(text)).collect();
            line(&cells, &mut text);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
            // A lone empty cell is an empty line, which the reader skips.
            if texts != [""] {
                prop_assert_eq!(rows.len(), 1);
                let found: Vec<&str> = rows[0].iter().collect();
                let expected: Vec<&str> = cells.iter().map(|cell| cell.0.as_str()).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
