//! Files to records: CSV as spreadsheets save it, GeoJSON, JSON. Nothing is understood yet.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::FileError;
use super::columns::Column;
use super::reason::Reason;
use super::report::{Fault, Spot};

/// Most rows of a file; a phone keeps a district of a few thousand stations.
pub(crate) const MAX_ROWS: usize = 20_000;

/// What a file holds, row by row.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// What kind of file it is, for the report.
    pub(crate) format: &'static str,
    pub(crate) records: Vec<Record>,
    /// Columns that say nothing we know.
    pub(crate) ignored: BTreeSet<String>,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Record {
    /// As a spreadsheet counts: the header is row 1. In JSON and GeoJSON the first is 1.
    pub(crate) row: usize,
    /// The cells the row has; a column that is not there is not said to be empty.
    pub(crate) cells: BTreeMap<Column, String>,
    /// Why the row cannot be read at all.
    pub(crate) fault: Option<Fault>,
}

/// Reads a file by what it looks like.
///
/// # Errors
/// If it looks like nothing that holds stations.
pub(crate) fn read(text: &str) -> Result<Table, FileError> {
    let table = match text.trim_start().as_bytes().first() {
        None => return Err(FileError::Empty),
        Some(b'{' | b'[') => json(serde_json::from_str(text)?)?,
        Some(_) => csv(text)?,
    };
    match table.records.len() {
        0 => Err(FileError::Empty),
        1..=MAX_ROWS => Ok(table),
        _ => Err(FileError::TooManyRows),
    }
}

fn csv(text: &str) -> Result<Table, FileError> {
    // Excel's own way to name the separator; it does not show the line, and so does not count it.
    let first = text.lines().next().unwrap_or_default();
    let (separator, text) = match first.trim_matches('"').strip_prefix("sep=").map(str::as_bytes) {
        Some(&[separator]) => (Some(separator), text.split_once('\n').map_or("", |(_, rest)| rest)),
        _ => (None, text),
    };
    let separator = separator.map_or_else(|| best_separator(text), Ok)?;
    let mut reader = reader(text, separator);
    let mut table = Table { format: "CSV", ..Table::default() };
    let mut columns: Option<Vec<Option<Column>>> = None;
    let mut cells = csv::StringRecord::new();
    let (mut row, mut next_line) = (0, 1);
    let mut last = (0, false);
    while reader.read_record(&mut cells)? {
        // The reader passes over empty lines, a spreadsheet shows them.
        let line = reader.position().line();
        let own = 1 + cells.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        row += 1 + line.saturating_sub(next_line).saturating_sub(own) as usize;
        next_line = line;
        match &columns {
            None => columns = Some(header(&cells, &mut table.ignored)?),
            Some(_) if cells.iter().all(|cell| cell.trim().is_empty()) => {}
            Some(columns) => table.records.push(record(row, &cells, columns)),
        }
        if table.records.len() > MAX_ROWS {
            break;
        }
        last = (row, cells.iter().any(|cell| cell.contains('\n')));
    }
    // A quote that is never closed makes one cell of all the rows after it, without a word from the reader.
    match last {
        (row, true) if !text.matches('"').count().is_multiple_of(2) => Err(FileError::OpenQuote(row)),
        _ => Ok(table),
    }
}

fn reader(text: &str, separator: u8) -> csv::Reader<impl std::io::Read> {
    // A line feed at the end, so that the last line is counted like the others.
    let text = std::io::Read::chain(text.as_bytes(), if text.ends_with('\n') { &b""[..] } else { &b"\n"[..] });
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text)
}

/// The separator that makes the most of the header.
fn best_separator(text: &str) -> Result<u8, FileError> {
    let mut best = (0, b',');
    for separator in [b',', b';', b'\t'] {
        let mut header = csv::StringRecord::new();
        reader(text, separator).read_record(&mut header)?;
        let known = header.iter().filter(|cell| Column::from_header(cell).is_some()).count();
        if known > best.0 {
            best = (known, separator);
        }
    }
    Ok(best.1)
}

fn header(cells: &csv::StringRecord, ignored: &mut BTreeSet<String>) -> Result<Vec<Option<Column>>, FileError> {
    let mut seen = BTreeMap::new();
    let mut columns = Vec::with_capacity(cells.len());
    for cell in cells {
        let column = Column::from_header(cell);
        match column {
            Some(column) => {
                if let Some(before) = seen.insert(column, cell) {
                    return Err(FileError::SameColumn(before.to_owned(), cell.to_owned(), column.name()));
                }
            }
            None if cell.trim().is_empty() => {}
            None => {
                ignored.insert(shown(cell));
            }
        }
        columns.push(column);
    }
    if seen.is_empty() { Err(FileError::NoColumns) } else { Ok(columns) }
}

fn record(row: usize, cells: &csv::StringRecord, columns: &[Option<Column>]) -> Record {
    let beyond = cells.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty());
    let fault = beyond.then(|| Fault::new(Spot::Row, Reason::MoreCells(cells.len() - columns.len())));
    // A spreadsheet leaves out what is empty at the end of a row.
    let cell = |at: usize| cells.get(at).unwrap_or_default().to_owned();
    let named = columns.iter().enumerate().filter_map(|(at, column)| Some(((*column)?, cell(at))));
    Record { row, cells: named.collect(), fault }
}

fn json(value: Value) -> Result<Table, FileError> {
    match value {
        Value::Array(rows) => {
            let mut table = Table { format: "JSON", ..Table::default() };
            for (at, row) in rows.into_iter().enumerate() {
                let Value::Object(properties) = row else {
                    table.records.push(unreadable(at + 1));
                    continue;
                };
                let record = properties_of(at + 1, properties, &mut table.ignored);
                table.records.push(record);
            }
            Ok(table)
        }
        Value::Object(mut collection) if collection.get("type").is_some_and(|kind| kind == "FeatureCollection") => {
            check_crs(collection.get("crs"))?;
            match collection.remove("features") {
                Some(Value::Array(features)) => Ok(geojson(features)),
                _ => Err(FileError::NoFeatures),
            }
        }
        _ => Err(FileError::OtherJson),
    }
}

/// GeoJSON is always WGS-84 (RFC 7946, 4); some programs still write the member that an older draft had.
fn check_crs(crs: Option<&Value>) -> Result<(), FileError> {
    let Some(name) = crs.and_then(|crs| crs.pointer("/properties/name")).and_then(Value::as_str) else { return Ok(()) };
    let code = name.rsplit(':').next().unwrap_or(name);
    // CGCS2000, China's own system, differs by less than a metre.
    if matches!(code, "CRS84" | "4326" | "4490") { Ok(()) } else { Err(FileError::OtherCrs(name.to_owned())) }
}

fn geojson(features: Vec<Value>) -> Table {
    let mut table = Table { format: "GeoJSON", ..Table::default() };
    for (at, mut feature) in features.into_iter().enumerate() {
        let row = at + 1;
        let point = point(feature.get("geometry").unwrap_or(&Value::Null));
        let properties = match feature.get_mut("properties").map(Value::take) {
            Some(Value::Object(properties)) => properties,
            _ => Map::new(),
        };
        let mut record = properties_of(row, properties, &mut table.ignored);
        // The point is where the place is; what properties say besides may be of another datum.
        for column in [Column::Lat, Column::Lng] {
            if record.cells.remove(&column).is_some() {
                table.ignored.insert(format!("{} in properties", column.name()));
            }
        }
        match point {
            Ok((lat, lng)) => record.cells.extend([(Column::Lat, lat), (Column::Lng, lng)]),
            Err(reason) => record.fault = record.fault.or(Some(Fault::new(Spot::Geometry, reason))),
        }
        table.records.push(record);
    }
    table
}

/// Latitude and longitude of a point.
fn point(geometry: &Value) -> Result<(String, String), Reason> {
    let kind = geometry.get("type").and_then(Value::as_str).unwrap_or("nothing");
    if kind != "Point" {
        return Err(Reason::NotAPoint(kind.to_owned()));
    }
    match (geometry.pointer("/coordinates/0"), geometry.pointer("/coordinates/1")) {
        (Some(Value::Number(lng)), Some(Value::Number(lat))) => Ok((lat.to_string(), lng.to_string())),
        _ => Err(Reason::NotTwoNumbers),
    }
}

fn properties_of(row: usize, properties: Map<String, Value>, ignored: &mut BTreeSet<String>) -> Record {
    let mut record = Record { row, cells: BTreeMap::new(), fault: None };
    for (name, value) in properties {
        let Some(column) = Column::from_header(&name) else {
            ignored.insert(shown(&name));
            continue;
        };
        match cell(column, &value) {
            Some(cell) => {
                if record.cells.insert(column, cell).is_some() {
                    record.fault = Some(Fault::new(column, Reason::SaidTwice));
                }
            }
            None => record.fault = Some(Fault::new(column, Reason::NotACell)),
        }
    }
    record
}

/// A value as the cell of a table. Lists are what facilities and steps may be.
fn cell(column: Column, value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(steps) if column == Column::Entrance && steps.iter().any(Value::is_object) => {
            serde_json::to_string(steps).ok()
        }
        Value::Array(items) if matches!(column, Column::Entrance | Column::Facilities) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(texts?.join("\n"))
        }
        Value::Array(_) | Value::Bool(_) | Value::Object(_) => None,
    }
}

fn unreadable(row: usize) -> Record {
    Record { row, cells: BTreeMap::new(), fault: Some(Fault::new(Spot::Row, Reason::NotAnObject)) }
}

/// A header as the report shows it.
fn shown(header: &str) -> String {
    let line = header.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 40 { line.chars().take(40).chain(['…']).collect() } else { line }
}

#[cfg(test)]
mod tests;
