//! A record understood: what one row says of one station.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::StationId;
use waypost_app::domain::schedule::Horizon;
use waypost_app::domain::station::{EntranceStep, Facility};
use waypost_app::domain::time::Minute;

use super::columns::Column;
use super::reason::{Note, Reason};
use super::report::{Fault, Spot};
use super::table::Record;
use super::{cells, slug};
use crate::clock::parse_moment;
use crate::hours::{Asker, HoursError};
use crate::schedule::rule::RuleError;

/// Hours as a station has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hours {
    #[default]
    NotSaid,
    /// In OSM syntax.
    Rule(String),
    /// Not understood; the words are kept.
    Words(String),
}

/// Something that a file names, or says to be none: an empty cell is a word, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrNone<T> {
    #[default]
    None,
    This(T),
}

impl<T> From<Option<T>> for OrNone<T> {
    fn from(said: Option<T>) -> Self {
        said.map_or(Self::None, Self::This)
    }
}

impl<T> From<OrNone<T>> for Option<T> {
    fn from(said: OrNone<T>) -> Self {
        match said {
            OrNone::None => None,
            OrNone::This(said) => Some(said),
        }
    }
}

/// What a file says of a station; what it does not say is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    pub(crate) slug: String,
    pub(crate) texts: BTreeMap<Column, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Wgs84>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hours: Option<Hours>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) facilities: Option<Vec<Facility>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entrance: Option<Vec<EntranceStep>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verified_at: Option<OrNone<Minute>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<OrNone<StationId>>,
}

impl Said {
    /// This, with what a newer file says in its place.
    #[must_use]
    pub(crate) fn with(&self, newer: &Self) -> Self {
        let mut texts = self.texts.clone();
        texts.extend(newer.texts.iter().map(|(column, text)| (*column, text.clone())));
        Self {
            slug: newer.slug.clone(),
            texts,
            place: newer.place.or(self.place),
            hours: newer.hours.clone().or_else(|| self.hours.clone()),
            facilities: newer.facilities.clone().or_else(|| self.facilities.clone()),
            entrance: newer.entrance.clone().or_else(|| self.entrance.clone()),
            verified_at: newer.verified_at.or(self.verified_at),
            parent: newer.parent.clone().or_else(|| self.parent.clone()),
        }
    }
}

/// A row that was understood as far as it can be without the others.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) row: usize,
    pub(crate) said: Said,
    /// The slug was not given but made, so that another name may have the same.
    pub(crate) slug_made: bool,
    /// The parent as it is written: a slug or a name; empty for none.
    pub(crate) parent: Option<String>,
    pub(crate) notes: Vec<Note>,
}

/// A row that was not understood.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) row: usize,
    /// As far as it is known.
    pub(crate) slug: String,
    pub(crate) faults: Vec<Fault>,
}

/// Understands records, one after the other.
#[derive(Debug)]
pub(crate) struct Reader {
    asker: Asker,
    /// Rules are tried for the days that phones are told about.
    window: Horizon,
}

impl Reader {
    pub(crate) fn new(asker: Asker, window: Horizon) -> Self {
        Self { asker, window }
    }

    /// Understands a record, or says everything that is wrong with it.
    ///
    /// # Errors
    /// If a cell of it cannot be understood.
    pub(crate) fn read(&mut self, record: Record) -> Result<Draft, Refused> {
        let mut row = Row { cells: record.cells, faults: Vec::new() };
        if let Some(fault) = record.fault {
            let slug = row.cells.get(&Column::Slug).map(|cell| cell.trim().to_owned()).unwrap_or_default();
            return Err(Refused { row: record.row, slug, faults: vec![fault] });
        }
        let mut notes = Vec::new();
        let mut texts = BTreeMap::new();
        for column in Column::TEXTS {
            let read = match column {
                Column::Name => cells::name,
                Column::Phone => cells::phone,
                _ => cells::text,
            };
            if let Some(text) = row.cell(column, read) {
                texts.insert(column, text);
            }
        }
        let (slug, slug_made) = row.slug(texts.get(&Column::Name));
        let place = row.place();
        if place.is_some_and(|place| !cells::in_china(place.lat, place.lng)) {
            notes.push(Note::OutsideChina);
        }
        let hours = row.cell(Column::Hours, |cell| self.hours(cell, &mut notes));
        let said = Said {
            slug,
            texts,
            place,
            hours,
            facilities: row.cell(Column::Facilities, cells::facilities),
            entrance: row.cell(Column::Entrance, cells::entrance),
            verified_at: row.cell(Column::VerifiedAt, |cell| match cell.trim() {
                "" => Ok(OrNone::None),
                moment => Ok(OrNone::This(parse_moment(moment)?)),
            }),
            parent: None,
        };
        let parent = row.cell(Column::Parent, cells::text);
        if row.faults.is_empty() {
            Ok(Draft { row: record.row, said, slug_made, parent, notes })
        } else {
            Err(Refused { row: record.row, slug: said.slug, faults: row.faults })
        }
    }

    /// Hours that are not understood are no fault: they are kept, and the report says so.
    fn hours(&mut self, cell: &str, notes: &mut Vec<Note>) -> Result<Hours, Reason> {
        let cell = cells::text(cell)?;
        if cell.is_empty() {
            return Ok(Hours::NotSaid);
        }
        let mut keep = |why: Option<HoursError>| {
            notes.push(Note::HoursAreWords { hours: cell.clone(), why });
            Ok(Hours::Words(cell.clone()))
        };
        match self.asker.read(&cell) {
            Ok(read) => match (read.rule(), read.over(self.window)) {
                (Some(rule), Ok(_)) => Ok(Hours::Rule(rule.to_owned())),
                (Some(_), Err(error)) => keep(Some(error.into())),
                (None, _) => keep(None),
            },
            Err(error @ HoursError::Rule(RuleError::TooLong)) => Err(error.into()),
            Err(error) => keep(Some(error)),
        }
    }
}

struct Row {
    cells: BTreeMap<Column, String>,
    faults: Vec<Fault>,
}

impl Row {
    /// A cell understood; `None` if it is missing, or wrong, which is kept as a fault.
    fn cell<T>(&mut self, column: Column, read: impl FnOnce(&str) -> Result<T, Reason>) -> Option<T> {
        let cell = self.cells.get(&column)?;
        read(cell).map_err(|reason| self.faults.push(Fault::new(column, reason))).ok()
    }

    fn slug(&mut self, name: Option<&String>) -> (String, bool) {
        let given = self.cells.get(&Column::Slug).is_some_and(|cell| !cell.trim().is_empty());
        match name {
            _ if given => (self.cell(Column::Slug, cells::slug).unwrap_or_default(), false),
            Some(name) => (slug::made_from(name), true),
            None => {
                // A name that is wrong has its own fault.
                if !self.cells.contains_key(&Column::Name) {
                    self.faults.push(Fault::new(Column::Slug, Reason::Nameless));
                }
                (String::new(), false)
            }
        }
    }

    fn place(&mut self) -> Option<Wgs84> {
        let datum = self.cell(Column::Crs, cells::datum);
        let said = |column| self.cells.get(&column).is_some_and(|cell: &String| !cell.trim().is_empty());
        match (said(Column::Lat), said(Column::Lng)) {
            (false, false) => return None,
            (true, false) => self.faults.push(Fault::new(Column::Lng, Reason::Missing)),
            (false, true) => self.faults.push(Fault::new(Column::Lat, Reason::Missing)),
            (true, true) => {}
        }
        let lat = self.cell(Column::Lat, cells::degrees)?;
        let lng = self.cell(Column::Lng, cells::degrees)?;
        // A datum that is not known is a fault already, and no coordinates may be taken for another's.
        let datum = if self.cells.contains_key(&Column::Crs) { datum? } else { cells::Datum::default() };
        cells::place(lat, lng, datum).map_err(|reason| self.faults.push(Fault::new(Spot::Place, reason))).ok()
    }
}
