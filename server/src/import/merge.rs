//! One station between three parties: what the last file said, what people here made of it, what this file says.

use std::collections::{BTreeSet, HashMap};

use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::station::{EntranceStep, Station};

use super::columns::Column;
use super::draft::{Hours, Said};
use crate::schedule::schedule_id;

/// A station with what a file says of it.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) station: Station,
    /// The rule of its schedule, where it has one.
    pub(crate) rule: Option<String>,
    /// Columns taken from the file.
    pub(crate) updated: BTreeSet<Column>,
    /// Columns left as people here have made them.
    pub(crate) kept: BTreeSet<Column>,
}

/// Gives a station what a file says of it. What people here have changed since `earlier` (or, where no import has said
/// anything, filled in) stays theirs, unless `overwrite`.
pub(crate) fn merge(
    station: &Station,
    rules: &HashMap<ScheduleId, String>,
    earlier: &Said,
    said: &Said,
    overwrite: bool,
) -> Merged {
    let mut station = station.clone();
    let mut to = Parties { overwrite, updated: BTreeSet::new(), kept: BTreeSet::new() };
    to.settle(Column::Slug, &mut station.slug, Some(&earlier.slug), Some(&said.slug));
    for (column, text) in &said.texts {
        if let Some(current) = text_of(&mut station, *column) {
            to.settle(*column, current, earlier.texts.get(column), Some(text));
        }
    }
    // A place is never empty: without an earlier import it is somebody's word.
    let mut place = Some(station.position());
    to.settle(Column::Lat, &mut place, Some(&earlier.place), said.place.map(Some).as_ref());
    if let Some(Wgs84 { lat, lng }) = place {
        (station.lat, station.lng) = (lat, lng);
    }
    to.settle(Column::Facilities, &mut station.facilities, earlier.facilities.as_ref(), said.facilities.as_ref());
    let entrance = said.entrance.as_ref().map(|steps| with_photos(steps, &station.entrance));
    to.settle(Column::Entrance, &mut station.entrance, earlier.entrance.as_ref(), entrance.as_ref());
    let of = |said: &Said| (said.verified_at.map(Into::into), said.parent.clone().map(Into::into));
    let ((verified_before, parent_before), (verified, parent)) = (of(earlier), of(said));
    to.settle(Column::VerifiedAt, &mut station.verified_at_min, verified_before.as_ref(), verified.as_ref());
    to.settle(Column::Parent, &mut station.linked, parent_before.as_ref(), parent.as_ref());
    let mut hours = hours_of(&station, rules);
    to.settle(Column::Hours, &mut hours, earlier.hours.as_ref(), said.hours.as_ref());
    let rule = match hours {
        _ if !to.updated.contains(&Column::Hours) => station.schedule.as_ref().and_then(|id| rules.get(id)).cloned(),
        Hours::NotSaid => {
            (station.schedule, station.hours_words) = (None, String::new());
            None
        }
        Hours::Words(words) => {
            (station.schedule, station.hours_words) = (None, words);
            None
        }
        Hours::Rule(rule) => {
            (station.schedule, station.hours_words) = (Some(schedule_id(&rule)), String::new());
            Some(rule)
        }
    };
    Merged { station, rule, updated: to.updated, kept: to.kept }
}

/// Steps as a file says them: one that is there in the same words keeps its photo.
fn with_photos(steps: &[EntranceStep], there: &[EntranceStep]) -> Vec<EntranceStep> {
    let photo = |step: &EntranceStep| {
        let same = there.iter().find(|other| other.text == step.text && other.text_en == step.text_en);
        same.and_then(|same| same.photo.clone())
    };
    steps.iter().map(|step| EntranceStep { photo: photo(step), ..step.clone() }).collect()
}

/// A station's hours as a file would say them.
pub(crate) fn hours_of(station: &Station, rules: &HashMap<ScheduleId, String>) -> Hours {
    match station.schedule.as_ref().and_then(|id| rules.get(id)) {
        Some(rule) => Hours::Rule(rule.clone()),
        None if station.hours_words.is_empty() => Hours::NotSaid,
        None => Hours::Words(station.hours_words.clone()),
    }
}

struct Parties {
    overwrite: bool,
    updated: BTreeSet<Column>,
    kept: BTreeSet<Column>,
}

impl Parties {
    fn settle<T: Clone + PartialEq + Default>(
        &mut self,
        column: Column,
        current: &mut T,
        earlier: Option<&T>,
        said: Option<&T>,
    ) {
        let Some(said) = said.filter(|said| *said != current) else { return };
        let untouched = earlier.map_or_else(|| *current == T::default(), |earlier| earlier == current);
        if untouched || self.overwrite {
            *current = said.clone();
            self.updated.insert(column);
        } else {
            self.kept.insert(column);
        }
    }
}

/// The words of a column; `None` for one that holds no plain words.
pub(crate) fn text_of(station: &mut Station, column: Column) -> Option<&mut String> {
    Some(match column {
        Column::Name => &mut station.name,
        Column::NameEn => &mut station.name_en,
        Column::Address => &mut station.address,
        Column::AddressEn => &mut station.address_en,
        Column::Landmark => &mut station.landmark,
        Column::LandmarkEn => &mut station.landmark_en,
        Column::District => &mut station.district,
        Column::DistrictEn => &mut station.district_en,
        Column::Phone => &mut station.phone,
        Column::Access => &mut station.access,
        Column::AccessEn => &mut station.access_en,
        Column::Operator => &mut station.operator,
        Column::OperatorEn => &mut station.operator_en,
        Column::About => &mut station.about,
        Column::AboutEn => &mut station.about_en,
        Column::Source => &mut station.source,
        Column::SourceEn => &mut station.source_en,
        Column::Slug
        | Column::Lat
        | Column::Lng
        | Column::Crs
        | Column::Hours
        | Column::Facilities
        | Column::Entrance
        | Column::VerifiedAt
        | Column::Parent => return None,
    })
}
