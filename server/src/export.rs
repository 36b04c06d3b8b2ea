//! The district's stations as a file that import reads back unchanged.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use waypost_app::domain::ids::{ScheduleId, StationId};
use waypost_app::domain::station::Station;

use crate::clock::rfc3339_minute;
use crate::import::cells::{entrance_cell, facilities_cell};
use crate::import::columns::Column;
use crate::import::draft::Hours;
use crate::import::merge::{hours_of, text_of};
use crate::store::district::{self, Content, Row};
use crate::store::{Database, StoreError, open_to_read};

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For spreadsheets.
    Csv,
    /// For maps: a `FeatureCollection` of points.
    Geojson,
    /// A list of objects.
    Json,
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("there is no district in {0}; name another directory with --data-dir")]
    NoDistrict(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Write(#[from] std::io::Error),
}

/// The stations in a database, as the text of a file; another program may be serving them.
///
/// # Errors
/// If there is no district, or the database cannot be read.
pub async fn export(database: &Database, format: Format) -> Result<String, ExportError> {
    let content = match open_to_read(database).await? {
        Some(mut conn) => district::load(&mut conn).await?,
        None => None,
    };
    let content = content.ok_or_else(|| ExportError::NoDistrict(database.to_string()))?;
    write(content, format)
}

fn write(content: Content, format: Format) -> Result<String, ExportError> {
    let rules: HashMap<ScheduleId, String> = content.rules.into_iter().map(|row| row.item).collect();
    let slugs: HashMap<StationId, String> =
        content.stations.iter().map(|row| (row.item.id.clone(), row.item.slug.clone())).collect();
    let stations = content.stations.into_iter().map(|Row { item, .. }| Exported {
        hours: match hours_of(&item, &rules) {
            Hours::NotSaid => String::new(),
            Hours::Rule(text) | Hours::Words(text) => text,
        },
        parent: item.linked.as_ref().and_then(|id| slugs.get(id)).cloned().unwrap_or_default(),
        station: item,
    });
    match format {
        Format::Csv => csv(stations),
        Format::Json => {
            let rows = stations.map(|mut station| station.object(&Column::ALL)).collect::<Result<Vec<_>, _>>()?;
            Ok(lines("[\n", &rows, "\n]\n")?)
        }
        Format::Geojson => {
            let features = stations.map(|mut station| station.feature()).collect::<Result<Vec<_>, _>>()?;
            Ok(lines("{\"type\":\"FeatureCollection\",\"features\":[\n", &features, "\n]}\n")?)
        }
    }
}

/// One entry a line: a change of one station is a change of one line.
fn lines(head: &str, entries: &[Value], tail: &str) -> serde_json::Result<String> {
    let lines = entries.iter().map(serde_json::to_string).collect::<serde_json::Result<Vec<_>>>()?;
    Ok(format!("{head}{}{tail}", lines.join(",\n")))
}

fn csv(stations: impl Iterator<Item = Exported>) -> Result<String, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(Column::ALL.map(Column::name))?;
    for mut station in stations {
        for column in Column::ALL {
            let cell = match station.value(column)? {
                Value::String(text) => text,
                number => number.to_string(),
            };
            writer.write_field(cell)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(|error| std::io::Error::other(error).into())
}

/// A station with what stands elsewhere.
struct Exported {
    station: Station,
    hours: String,
    parent: String,
}

impl Exported {
    /// Text, or the number of a coordinate.
    fn value(&mut self, column: Column) -> serde_json::Result<Value> {
        let station = &mut self.station;
        if let Some(text) = text_of(station, column) {
            return Ok(Value::from(text.as_str()));
        }
        Ok(match column {
            Column::Lat => json!(station.lat),
            Column::Lng => json!(station.lng),
            Column::Crs => json!("wgs84"),
            Column::Hours => json!(self.hours),
            Column::Facilities => json!(facilities_cell(&station.facilities)),
            Column::Entrance => json!(entrance_cell(&station.entrance)?),
            Column::VerifiedAt => json!(station.verified_at_min.map(rfc3339_minute).unwrap_or_default()),
            Column::Parent => json!(self.parent),
            // Slug; all others are words.
            _ => json!(station.slug),
        })
    }

    fn object(&mut self, columns: &[Column]) -> serde_json::Result<Value> {
        let cells = columns.iter().map(|column| Ok((column.name().to_owned(), self.value(*column)?)));
        cells.collect::<serde_json::Result<Map<_, _>>>().map(Value::Object)
    }

    fn feature(&mut self) -> serde_json::Result<Value> {
        let said: Vec<Column> = Column::ALL
            .into_iter()
            // The point says it, and GeoJSON is always WGS-84.
            .filter(|column| !matches!(column, Column::Lat | Column::Lng | Column::Crs))
            .collect();
        Ok(json!({
            "type": "Feature",
            "geometry": { "type": "Point", "coordinates": [self.station.lng, self.station.lat] },
            "properties": self.object(&said)?,
        }))
    }
}
